from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuan.core.legal.models import LegalSource
from chuan.core.legal.queries import in_force
from chuan.core.ui.forms import FilterForm
from chuan.core.ui.search import Fold
from chuan.core.ui.status import statuses
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import status, tag


class SourceFilters(FilterForm):
    hieu_luc = forms.ChoiceField(
        label=_("Hiệu lực"),
        required=False,
        choices=[
            ("", _("Tất cả")),
            ("con", _("Còn hiệu lực")),
            ("sap", _("Sắp có hiệu lực")),
            ("het", _("Hết hiệu lực")),
        ],
    )
    doi_chieu = forms.ChoiceField(
        label=_("Đối chiếu"),
        required=False,
        choices=[("", _("Tất cả")), ("roi", _("Đã đối chiếu")), ("chua", _("Chưa đối chiếu"))],
    )


def state_of(source: LegalSource) -> str:
    """The key of the source's state today: in_force, not_yet_in_force or expired."""
    today = timezone.localdate()
    if source.effective_to and source.effective_to <= today:
        return "expired"
    if source.effective_from and source.effective_from > today:
        return "not_yet_in_force"
    return "in_force"


def checked(source: LegalSource) -> Any:
    if source.is_verified:
        return tag("done", _("Đã đối chiếu"), "check")
    return tag("warn", _("Chưa đối chiếu"), "eye")


class SourceTable(Table):
    """Legal sources, newest first."""

    name = "can-cu"
    caption = _("Căn cứ pháp lý")
    noun = _("văn bản")
    search = ("search_key",)
    search_hint = _("số, tên hoặc cơ quan ban hành")
    filter_form = SourceFilters
    default_order = "-issued_on"
    empty_title = _("Chưa có căn cứ pháp lý nào")
    empty_icon = "gavel"
    columns = (
        Column(
            "notation",
            _("Văn bản"),
            is_header=True,
            order="notation",
            css="wide",
            cell=lambda row: link(reverse("legal:show", args=[row.pk]), row.notation, row.title),
        ),
        Column("title", _("Tên"), on_page=False),
        Column("issuer", _("Cơ quan ban hành"), order="issuer"),
        Column("issued_on", _("Ban hành"), order="issued_on", css="ref"),
        Column("effective_from", _("Hiệu lực từ"), order="effective_from", css="ref"),
        Column("effective_to", _("Hết từ ngày"), on_page=False),
        Column(
            "state",
            _("Tình trạng"),
            cell=lambda row: status(state_of(row)),
            export=lambda row: str(statuses[state_of(row)].label),
        ),
        Column("is_verified", _("Đối chiếu"), cell=checked),
        Column("parameter_count", _("Tham số"), is_numeric=True, on_page=False),
    )

    def __init__(self, request: Any, rows: QuerySet[LegalSource], **given: Any) -> None:
        key = Fold(Concat("notation", Value(" "), "title", Value(" "), "issuer"))
        super().__init__(request, rows.annotate(search_key=key), **given)

    def filter(self, rows: Any, chosen: dict[str, Any]) -> Any:
        today = timezone.localdate()
        if chosen.get("hieu_luc"):
            rows = rows.filter(
                {
                    "con": in_force(today),
                    "sap": Q(effective_from__gt=today),
                    "het": Q(effective_to__lte=today),
                }[chosen["hieu_luc"]]
            )
        if chosen.get("doi_chieu"):
            rows = rows.filter(is_verified=chosen["doi_chieu"] == "roi")
        return rows
