"""Reports as they were at the end of a day, from the steps each went through."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils import timezone

from chuan.flows.annual_report.enums import ReportState, StepKind
from chuan.flows.annual_report.models import ReportStep
from chuan.flows.annual_report.queries.reports import PeriodCounts

# The state a step leaves a report in. What is not here changes none; a report readmitted is where it
# was before it was excluded.
LEAVES: dict[StepKind, ReportState] = {
    StepKind.OPENED: ReportState.DRAFT,
    StepKind.STARTED: ReportState.DRAFT,
    StepKind.SUBMITTED: ReportState.SUBMITTED,
    StepKind.WITHDRAWN: ReportState.DRAFT,
    StepKind.RETURNED: ReportState.RETURNED,
    StepKind.ACCEPTED: ReportState.ACCEPTED,
    StepKind.EXCLUDED: ReportState.EXCLUDED,
    StepKind.CONSOLIDATED: ReportState.CONSOLIDATED,
    StepKind.LEFT_OUT: ReportState.ACCEPTED,
    StepKind.CLOSED: ReportState.CLOSED,
}


def end_of(day: date) -> datetime:
    """The first instant that is no longer the day."""
    return datetime.combine(day + timedelta(days=1), time.min, timezone.get_default_timezone())


def with_state_then(reports: QuerySet[Any], day: date) -> QuerySet[Any]:
    """Reports that were there at the end of a day, with `state_then`."""
    end = end_of(day)
    readmitted = ReportStep.objects.filter(
        Q(made_at__gt=OuterRef("made_at")) | Q(made_at=OuterRef("made_at"), pk__gt=OuterRef("pk")),
        report=OuterRef("report"),
        kind=StepKind.READMITTED,
        made_at__lt=end,
    )
    steps = (
        ReportStep.objects.filter(report=OuterRef("pk"), made_at__lt=end, kind__in=list(LEAVES))
        .exclude(Q(kind=StepKind.EXCLUDED) & Exists(readmitted))
        .order_by("-made_at", "-pk")
        .annotate(
            leaves=Case(
                *(When(kind=kind, then=Value(state)) for kind, state in LEAVES.items()),
                output_field=CharField(),
            )
        )
    )
    then: QuerySet[Any] = reports.annotate(state_then=Subquery(steps.values("leaves")[:1]))
    return then.filter(state_then__isnull=False)


def as_of(reports: QuerySet[Any], day: date) -> QuerySet[Any]:
    """For lists: the same, with `told_until`, the instant after which nothing counts."""
    until = Value(end_of(day), output_field=DateTimeField())
    told: QuerySet[Any] = with_state_then(reports, day).annotate(told_until=until)
    return told


def counts_then(reports: QuerySet[Any], day: date) -> PeriodCounts:
    """How the reports of one period stood at the end of a day; one query."""
    states = Counter(with_state_then(reports, day).order_by().values_list("state_then", flat=True))
    return PeriodCounts(expected=states.total(), by_state=dict(states))
