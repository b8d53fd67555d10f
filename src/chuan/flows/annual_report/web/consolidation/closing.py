"""Closing a consolidation, with those who are left out named."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuan.core.people.http import SignedInRequest
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import (
    NOT_SENT,
    ReportState,
)
from chuan.flows.annual_report.models import (
    ReportingPeriod,
)
from chuan.flows.annual_report.operations import consolidation as operations
from chuan.flows.annual_report.queries.parts import newly_accepted, revision_of
from chuan.flows.annual_report.queries.standing import Standing
from chuan.flows.annual_report.web.common import (
    consolidation_or_404,
    refuse,
)
from chuan.flows.annual_report.web.consolidation.common import outside_of, share_of
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    rules.close_consolidation.require(request.user, made)
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            operations.close_consolidation(
                actor=request.user,
                consolidation=made,
                revision=whole_number(revision) or 0,
                at=timezone.now(),
            )
        except rules.Conflict:
            messages.error(
                request,
                _("Số liệu hoặc lời văn vừa thay đổi sau khi bạn mở trang chốt. Hãy xem lại."),
            )
            return redirect("annual_report:consolidation", made.pk)
        except Denied as denied:
            return refuse(request, denied, "annual_report:consolidation", made.pk)
        messages.success(request, _("Đã chốt bản tổng hợp %(number)s.") % {"number": made.number})
        return redirect("annual_report:outputs", made.pk)
    later = newly_accepted(made)
    context = {
        "made": made,
        "period": made.period,
        "coverage": made.snapshot["coverage"],
        "share": share_of(made.snapshot["coverage"]),
        "later_count": len(later),
        "left_out": _left_out(made.period, outside_of(made.period, later)),
        "revision": revision_of(made),
    }
    return render(request, "annual_report/close.html", context)


def _left_out(period: ReportingPeriod, standing: Standing) -> list[tuple[str, int, str]]:
    """Bodies a closed consolidation will be without: in words, how many, and where they are listed."""
    listed = reverse("annual_report:list") + f"?ky={period.pk}&trang_thai="
    rows = [
        (_("chờ duyệt"), standing.of(ReportState.SUBMITTED), ReportState.SUBMITTED.value),
        (
            _("trả lại, đang chỉnh lý"),
            standing.of(ReportState.RETURNED),
            ReportState.RETURNED.value,
        ),
        (_("chưa gửi"), standing.of(*NOT_SENT), "missing"),
        (_("loại trừ có lý do"), standing.of(ReportState.EXCLUDED), ReportState.EXCLUDED.value),
    ]
    return [(words, len(found), listed + state) for words, found, state in rows if found]
