"""What ending a plan on a day would leave, and what it would take away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from chuan.modules.plans.enums import RequestState
from chuan.modules.plans.models import Assignment, ContributionRequest, Plan
from chuan.modules.plans.queries.fates import held_by_a_decision
from chuan.modules.plans.queries.plans import plans_in_force


@dataclass(frozen=True, slots=True)
class Ending:
    """How many assignments go, how many lose their deadline, how many requests are closed."""

    dropped: int
    without_deadline: int
    closed_requests: int


def not_begun_by(plan: Plan, day: date) -> QuerySet[Assignment]:
    """Assignments of periods after a day: nobody may have told or shown anything of them yet. What
    a decision about bodies that are no more closed, or passed on, stays."""
    return Assignment.objects.filter(~held_by_a_decision(), task__plan=plan, period_start__gt=day)


def begun_by(plan: Plan, last_day: date, begun: date) -> QuerySet[Assignment]:
    """Assignments begun by a day, or held by a decision, that would run on after the last one, or
    were given more time than that."""
    return Assignment.objects.filter(
        Q(period_start__lte=begun) | held_by_a_decision(),
        Q(period_end__gt=last_day + timedelta(days=1))
        | Q(due_on__gt=last_day, done_on__isnull=True),
        task__plan=plan,
    )


def outliving(plan: Plan, last_day: date, on: date) -> QuerySet[ContributionRequest]:
    """Requests that wait and could not be answered in time if the plan ended so: all of them, when
    the last day is past."""
    rows = ContributionRequest.objects.filter(
        state=RequestState.ASKED, assignment__task__plan=plan
    ).order_by("pk")
    return rows if last_day < on else rows.filter(due_on__gt=last_day)


def waiting_after(stopped: Iterable[Assignment], day: date) -> QuerySet[ContributionRequest]:
    """Requests between assignments that stop on a day, which could be answered only then or later."""
    ids = [row.pk for row in stopped]
    return ContributionRequest.objects.filter(
        Q(lead__in=ids) | Q(assignment__in=ids), state=RequestState.ASKED, due_on__gte=day
    ).order_by("pk")


def ending_of(plan: Plan, last_day: date, on: date) -> Ending:
    begun = max(last_day, on)
    running = begun_by(plan, last_day, begun)
    return Ending(
        dropped=not_begun_by(plan, begun).count(),
        without_deadline=running.filter(done_on__isnull=True, due_on__gt=last_day).count(),
        closed_requests=outliving(plan, last_day, on).count(),
    )


def plans_to_follow(plan: Plan, on: date) -> QuerySet[Plan]:
    """Other plans of the department, in force on a day: one of them may take the plan's place."""
    return plans_in_force(on).filter(managed_by=plan.managed_by_id).exclude(pk=plan.pk)
