"""What every view of reports begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db import models
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.answers import JsonAnswer
from chuan.core.ui.forms import Form, VnLongTextField
from chuan.core.ui.views import Difference, conflict
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import Consolidation, ReportingPeriod, UnitReport
from chuan.flows.annual_report.queries import bodies, reports
from chuan.flows.annual_report.queries.bodies import Body
from chuan.flows.annual_report.queries.slices import with_reports_left_out
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report somebody may read, and the name of its body on the due day."""

    report: UnitReport
    body: Body


def report_or_404(request: SignedInRequest, report_id: int) -> OpenReport:
    """404 for reports of others; 403 with the reason for content that was not sent yet."""
    report = get_object_or_404(
        reports.reports_visible_to(request.user).select_related(
            "submitted_by", "entered_by", "ready_by", "started_by", "accepted_by", "excluded_by"
        ),
        pk=report_id,
    )
    rules.read_report.require(request.user, report)
    return OpenReport(report, bodies.body(report.organisation_id, on=report.period.due_on))


def collected_report_or_404(request: SignedInRequest, report_id: int) -> OpenReport:
    """A report for the department, sent or not."""
    report = get_object_or_404(
        reports.reports_visible_to(request.user).filter(
            period__in=reports.collected_periods(request.user)
        ),
        pk=report_id,
    )
    return OpenReport(report, bodies.body(report.organisation_id, on=report.period.due_on))


def period_or_404(request: SignedInRequest, period_id: int) -> ReportingPeriod:
    return get_object_or_404(reports.collected_periods(request.user), pk=period_id)


def consolidation_or_404(
    request: SignedInRequest, consolidation_id: int, *, whole: bool = False
) -> Consolidation:
    """A consolidation to look at. Its snapshot names only the reports that are not included, unless
    the `whole` is wanted."""
    rows = Consolidation.objects.select_related("period", "made_by", "closed_by").filter(
        period__in=reports.collected_periods(request.user)
    )
    if whole:
        return get_object_or_404(rows, pk=consolidation_id)
    made = get_object_or_404(with_reports_left_out(rows), pk=consolidation_id)
    made.snapshot = made.in_short
    return made  # type: ignore[no-any-return]


def refuse(request: SignedInRequest, denied: Denied, to: str, *args: object) -> HttpResponse:
    """Go back to a page that says why not."""
    messages.error(request, str(denied))
    return redirect(to, *args)


def saved(at: datetime, version: int) -> JsonAnswer:
    """The answer to an autosave: when, and the version the form now stands on."""
    return JsonAnswer(
        {
            "saved_at": f"{timezone.localtime(at):%H:%M}",
            "fields": {"version": str(version)},
        }
    )


def not_saved(reason: str, status: int) -> JsonAnswer:
    return JsonAnswer({"error": reason}, status=status)


def show_conflict(
    request: SignedInRequest,
    stored: models.Model,
    written: Sequence[tuple[str, str, object]],
    back_url: str,
    *,
    by: str = "",
    at: datetime | None = None,
) -> HttpResponse:
    """Both versions, field by field: (name on the row, label, what this person wrote)."""
    differences = [
        Difference(label=label, stored=getattr(stored, name), written=value)
        for name, label, value in written
        if getattr(stored, name) != value
    ]
    return conflict(
        request, back_url=back_url, changed_by=by, changed_at=at, differences=differences
    )


def kept(form: Form) -> list[tuple[str, str]]:
    """What somebody typed into a form that may not be saved any more: label and text."""
    return [
        (str(form.fields[name].label), value)
        for name, value in form.cleaned_data.items()
        if isinstance(value, str) and value and isinstance(form.fields[name], VnLongTextField)
    ]


def read_replies(request: SignedInRequest) -> dict[int, str]:
    """Comments ticked as dealt with, with the answers beside them."""
    return {
        pk: request.POST.get(f"reply-{value}", "")
        for value in request.POST.getlist("resolved")
        if (pk := whole_number(value)) is not None
    }
