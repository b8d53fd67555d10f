"""What the pages of one report share."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from chuan.core.ui.forms import Form
from chuan.flows.annual_report.enums import (
    ReportState,
)
from chuan.flows.annual_report.models import (
    ReportItem,
    ReturnComment,
    UnitReport,
)
from chuan.flows.annual_report.queries.days import (
    counted_on,
    due_now,
    last_data_day,
    periods_a_year_before,
)
from chuan.flows.annual_report.queries.parts import is_on_time
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    OpenReport,
)
from chuan.modules.plans import facade as plans


def page_status(form: Form, refusal: str) -> int:
    if refusal:
        return 403
    return 422 if form.errors else 200


def frame(opened: OpenReport) -> dict[str, Any]:
    """What every page of one report shows at its top."""
    report = opened.report
    today, due_on = timezone.localdate(), due_now(report)
    is_open = report.state in {ReportState.DRAFT, ReportState.RETURNED}
    return {
        "report": report,
        "period": report.period,
        "body": opened.body,
        "state_key": presenting.state_key(report),
        "due_on": due_on,
        "days_left": presenting.days_left(due_on, today) if is_open else "",
        "is_late": is_open and today > due_on and not report.is_paused,
        "was_on_time": is_on_time(report, report.period),
        "data_until": last_data_day(report.period),
        "counted_until": counted_on(report.period),
    }


def in_order(
    items: list[ReportItem], assignments: dict[int, plans.AssignmentRef]
) -> list[ReportItem]:
    """Leading tasks first, each in the order of the plan; what left the plan comes last."""
    places = {pk: place for place, pk in enumerate(assignments)}
    return sorted(items, key=lambda item: (places.get(item.assignment_id, len(places)), item.pk))


def code_of(item: ReportItem, assignments: dict[int, plans.AssignmentRef]) -> str:
    assignment = assignments.get(item.assignment_id)
    return assignment.task_code if assignment else ""


def open_comments(report: UnitReport) -> list[ReturnComment]:
    return list(
        report.comments.filter(sent_at__isnull=False, resolved_at__isnull=True)
        .select_related("made_by")
        .order_by("pk")
    )


def last_year(report: UnitReport) -> UnitReport | None:
    return (
        UnitReport.objects.filter(
            organisation=report.organisation_id, period__in=periods_a_year_before(report.period)
        )
        .select_related("period")
        .first()
    )
