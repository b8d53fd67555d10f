"""Recalls in force, as whoever scans a label must see them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.modules.traceability.enums import RecallState
from chuan.modules.traceability.models import Recall, RecallItem
from chuan.modules.traceability.queries.warnings import SafetyWarning


def warnings_of(levels: Sequence[str]) -> list[SafetyWarning]:
    """Recalls that found one of these, or that begin with it or with all of its kind.

    :param levels: canonical links, an item, its lot, its product.
    """
    wanted = [*levels, *(f"{level}/*" for level in levels)]
    found = RecallItem.objects.filter(recall=OuterRef("pk"), uri__in=list(levels))
    rows = Recall.objects.filter(state=RecallState.ISSUED).filter(
        Exists(found) | Q(identifiers__overlap=wanted)
    )
    return [
        SafetyWarning(
            title=recall.title,
            told_on=timezone.localdate(recall.issued_at),
            is_recall=True,
            text=recall.reason,
            todo=(
                _("Ngừng sử dụng, giữ nguyên hàng."),
                _("Mang trả nơi bán hoặc báo cơ quan chức năng."),
            ),
            decision=recall.basis,
        )
        for recall in rows.order_by("-issued_at", "pk")
    ]
