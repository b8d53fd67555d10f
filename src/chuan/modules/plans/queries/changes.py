"""What became of assignments between two days: each side as it stood at the end of its day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Value

from chuan.modules.plans.enums import Change, PartyRole, Timeliness
from chuan.modules.plans.models import AssignmentState, Plan
from chuan.modules.plans.queries.assignments import (
    COUNTED,
    OWED,
    called,
    in_year,
    timeliness_conditions,
)
from chuan.modules.plans.queries.past import end_of, standing_at


def change_counts(
    plan: Plan, year: int, start: date, end: date, *, among: Collection[int] | None = None
) -> dict[Change, int]:
    """How many leading assignments of the year each change befell; one may be of several. Two
    queries.

    :param among: the only organisations that count.
    """
    kinds = {
        kind.value: Count(Value(1), filter=condition)
        for kind, condition in _conditions(start, end).items()
    }
    found: dict[str, int] = _compared(plan, year, start, end, among).aggregate(**kinds)
    return {
        **{Change(kind): count for kind, count in found.items()},
        Change.CLOSED: _gone(plan, year, start, end, among).count(),
    }


def changed(
    plan: Plan,
    year: int,
    start: date,
    end: date,
    kind: Change,
    *,
    among: Collection[int] | None = None,
) -> QuerySet[Any, dict[str, Any]]:
    """The same one by one, by body and task: both sides of each, and what the body was called."""
    if kind == Change.CLOSED:
        rows = _gone(plan, year, start, end, among).annotate(
            was_done_on=F("done_on"), was_due_on=F("due_on"), was_achievement=F("achievement")
        )
    else:
        rows = (
            _compared(plan, year, start, end, among)
            .filter(_conditions(start, end)[kind])
            .annotate(
                was_done_on=F("was__done_on"),
                was_due_on=F("was__due_on"),
                was_achievement=F("was__achievement"),
            )
        )
    then = FilteredRelation(
        "organisation__versions",
        condition=Q(organisation__versions__valid__contains=F("resolved_on")),
    )
    found: QuerySet[Any, dict[str, Any]] = (
        rows.annotate(body_then=then, body_name=called("body_then__"))
        .order_by("body_then__sort_key", "task__position", "pk")
        .values(
            "assignment_id",
            "body_name",
            "task__code",
            "task__short_text",
            "done_on",
            "due_on",
            "achievement",
            "was_done_on",
            "was_due_on",
            "was_achievement",
        )
    )
    return found


def _conditions(start: date, end: date) -> dict[Change, Q]:
    was_there = Q(was__id__isnull=False)
    done = was_there & Q(done_on__isnull=False, was__done_on__isnull=True)
    late = timeliness_conditions(end)[Timeliness.OVERDUE]
    was_late = Q(
        was__done_on__isnull=True,
        was__due_on__isnull=False,
        was__due_on__lt=start,
        was__is_paused=False,
    )
    return {
        Change.NEW: ~was_there,
        Change.DONE: done,
        Change.OVERDUE: was_there & late & ~was_late,
        Change.EXTENDED: was_there & Q(due_on__gt=F("was__due_on")),
        Change.ACHIEVEMENT: was_there
        & ~Q(achievement=F("was__achievement"))
        & ~Q(done_on__isnull=False, was__done_on__isnull=True),
    }


def _compared(
    plan: Plan, year: int, start: date, end: date, among: Collection[int] | None
) -> QuerySet[Any]:
    before = end_of(start)
    was = FilteredRelation(
        "assignment__states",
        condition=Q(assignment__states__since__lt=before, assignment__states__closed_on=None)
        & (Q(assignment__states__until__isnull=True) | Q(assignment__states__until__gte=before)),
    )
    compared: QuerySet[Any] = _standing(plan, year, end, among).annotate(was=was)
    return compared


def _gone(
    plan: Plan, year: int, start: date, end: date, among: Collection[int] | None
) -> QuerySet[Any]:
    left = AssignmentState.objects.filter(
        OWED, standing_at(end_of(end)), in_year(year), assignment=OuterRef("assignment_id")
    )
    return _standing(plan, year, start, among).filter(~Exists(left))


def _standing(plan: Plan, year: int, day: date, among: Collection[int] | None) -> QuerySet[Any]:
    rows = AssignmentState.objects.filter(
        COUNTED, standing_at(end_of(day)), in_year(year), task__plan=plan, role=PartyRole.LEAD
    )
    return rows if among is None else rows.filter(organisation__in=among)
