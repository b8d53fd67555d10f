"""Assignments as they were at the end of a day, from the history that triggers keep."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import cast

from django.db.models import Q, QuerySet
from django.utils import timezone

from chuan.modules.plans.models import Assignment, AssignmentState, Plan


def end_of(day: date) -> datetime:
    """The first instant that is no longer the day."""
    return datetime.combine(day + timedelta(days=1), time.min, timezone.get_default_timezone())


def standing_at(end: datetime) -> Q:
    """Of states: those that held just before an instant."""
    return Q(since__lt=end) & (Q(until__isnull=True) | Q(until__gte=end))


def rows_on(day: date | None) -> QuerySet[Assignment]:
    """Assignments as they are; with a day, their states at its end, which have the same names for
    what lists and counts read (`AssignmentState`), and `assignment_id` for the assignment."""
    if day is None:
        return Assignment.objects.all()
    states = AssignmentState.objects.filter(standing_at(end_of(day)))
    return cast("QuerySet[Assignment]", states)


def known_since(plan_id: int) -> date | None:
    """The day on which the history of a plan's assignments begins: that of its approval, which made
    the first of them. None when there is no such plan."""
    at = Plan.objects.filter(pk=plan_id).values_list("approved_at", flat=True).first()
    return timezone.localdate(at) if at else None
