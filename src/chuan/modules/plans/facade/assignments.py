"""Assignments, and how many are done, late or open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from chuan.lib.periods import Period
from chuan.modules.plans.enums import (
    PartyRole,
)
from chuan.modules.plans.facade.values import AssignmentRef, assignment_refs
from chuan.modules.plans.models import (
    Assignment,
)
from chuan.modules.plans.queries import assignments as assignment_queries
from chuan.modules.plans.queries import plans as plan_queries
from chuan.modules.plans.queries.assignments import TimelinessCounts

BOTH_ROLES = tuple(PartyRole)

LEAD_ONLY = (PartyRole.LEAD,)


def assignments_of(
    plan_id: int,
    organisation_id: int,
    during: int | Period,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = BOTH_ROLES,
) -> list[AssignmentRef]:
    """One body's assignments whose period touches the year or the days given, leading ones first, in
    annex order."""
    rows = _in_plan_and_year(plan_id, during, roles).filter(organisation=organisation_id)
    return assignment_refs(rows, on)


def assignments_in(
    plan_id: int,
    year: int,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> list[AssignmentRef]:
    """The same of every body at once."""
    return assignment_refs(_in_plan_and_year(plan_id, year, roles), on)


def work_of(
    organisation_ids: Collection[int], *, on: date | None = None, year: int | None = None
) -> list[AssignmentRef]:
    """What these bodies have on their desks: the year's assignments, and unfinished ones of years
    before; nearest deadline first."""
    day = on or timezone.localdate()
    now = assignment_queries.in_year(year or day.year)
    left_over = Q(period_end__lte=day, done_on__isnull=True, due_on__isnull=False)
    left_over &= Q(relieved_on__isnull=True)
    asked = plan_queries.still_asks(day, "task__plan__")
    rows = Assignment.objects.filter(now | left_over, asked, organisation__in=organisation_ids)
    refs = assignment_refs(rows, day)
    return sorted(
        refs, key=lambda ref: (ref.due_on or date.max, ref.role != PartyRole.LEAD, ref.id)
    )


def assignment_counts(plan_id: int) -> dict[int, int]:
    """How many leading assignments each year has, by the year their period begins."""
    counted: dict[int, int] = defaultdict(int)
    rows = Assignment.objects.filter(task__plan=plan_id, role=PartyRole.LEAD).values_list(
        "year", flat=True
    )
    for year in rows:
        counted[year] += 1
    return dict(sorted(counted.items()))


def bodies_owing(
    plan_id: int, during: int | Period, *, roles: Collection[PartyRole] = BOTH_ROLES
) -> list[int]:
    """Ids of the organisations that lead or coordinate something in the year or on the days given,
    each once.

    `roles=[PartyRole.LEAD]` leaves out those that only coordinate.
    """
    return plan_queries.bodies_owing(plan_id, during, roles=roles)


def timeliness_counts(
    plan_id: int,
    year: int,
    *,
    on: date | None = None,
    organisation_ids: Collection[int] | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> TimelinessCounts:
    """On time, late, in time, overdue on a day (today): always summing to the total."""
    rows = _in_plan_and_year(plan_id, year, roles)
    if organisation_ids is not None:
        rows = rows.filter(organisation__in=organisation_ids)
    return assignment_queries.timeliness_counts(rows, on=on or timezone.localdate())


def timeliness_counts_by_plan(
    plan_ids: Collection[int],
    year: int,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> dict[int, TimelinessCounts]:
    """The same for each plan by id; one query, and nothing for a plan without assignments."""
    rows = Assignment.objects.filter(
        assignment_queries.in_year(year), task__plan__in=plan_ids, role__in=list(roles)
    )
    return assignment_queries.timeliness_counts_by(
        rows, "task__plan_id", on=on or timezone.localdate()
    )


def timeliness_counts_by_body(
    plan_id: int,
    year: int,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> dict[int, TimelinessCounts]:
    """The same for each organisation by id."""
    return assignment_queries.timeliness_counts_by(
        _in_plan_and_year(plan_id, year, roles), "organisation_id", on=on or timezone.localdate()
    )


def timeliness_counts_by_task(
    plan_id: int,
    year: int,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> dict[int, TimelinessCounts]:
    """The same for each task by id."""
    return assignment_queries.timeliness_counts_by(
        _in_plan_and_year(plan_id, year, roles), "task_id", on=on or timezone.localdate()
    )


def _in_plan_and_year(
    plan_id: int, during: int | Period, roles: Collection[PartyRole]
) -> QuerySet[Assignment]:
    return Assignment.objects.filter(
        assignment_queries.during(during), task__plan=plan_id, role__in=list(roles)
    )
