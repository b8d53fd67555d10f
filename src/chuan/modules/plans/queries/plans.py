"""Plans, their tasks, and the bodies that owe something."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.periods import Period
from chuan.modules.plans import rules
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.models import Assignment, Plan, PlanImport, Task
from chuan.modules.plans.queries.assignments import OWED, during


def plans_visible_to(person: Person) -> QuerySet[Plan]:
    """Every plan, for anyone who has work in one or watches over one."""
    rows = Plan.objects.select_related("document").order_by("-document__issued_on", "-pk")
    return rows if rules.see_plans.allows(person) else rows.none()


def plans_in_force(on: date) -> QuerySet[Plan]:
    return (
        Plan.objects.filter(valid__contains=on)
        .select_related("document")
        .order_by("-document__issued_on", "-pk")
    )


def plans_during(days: Period) -> QuerySet[Plan]:
    """Plans in force on any of the days."""
    return Plan.objects.filter(valid__overlap=DateRange(days.start, days.end))


def are_several(person: Person) -> bool:
    """Whether a list has to say of which plan its rows are."""
    return plans_visible_to(person).count() > 1


def still_asks(on: date, plan: str = "") -> Q:
    """Of plans that ask for work on a day. What is late after a plan has run its course is still
    owed; what one asked for that was ended before its time, nobody owes afterwards.

    :param plan: the way to the plan, as `task__plan__`.
    """
    return Q(**{f"{plan}ended_at__isnull": True}) | Q(**{f"{plan}valid__contains": on})


def imports_visible_to(person: Person) -> QuerySet[PlanImport]:
    """Readings of the person's own department, newest work first; auditors read all."""
    rows = PlanImport.objects.select_related(
        "upload__file", "created_by", "updated_by", "plan"
    ).order_by("-updated_at", "-pk")
    if person.holds(Role.AUDITOR):
        return rows
    return rows.filter(managed_by__in=rules.managed_organisation_ids(person))


def tasks_visible_to(person: Person) -> QuerySet[Task]:
    rows = Task.objects.select_related("plan__document", "section")
    return rows if rules.see_plans.allows(person) else rows.none()


def years_of(plan: Plan) -> range:
    """The years the plan runs through, the last one included."""
    last = plan.valid.upper.toordinal() - 1
    return range(plan.valid.lower.year, date.fromordinal(last).year + 1)


def bodies_owing(
    plan_id: int, days: int | Period, *, roles: Collection[PartyRole] = tuple(PartyRole)
) -> list[int]:
    """Ids of the organisations with an assignment in the year or on the days that is done or still
    owed, each once. Not those whose every duty was closed or passed on: they are no more."""
    return list(
        Assignment.objects.filter(during(days), OWED, task__plan=plan_id, role__in=roles)
        .order_by("organisation")
        .values_list("organisation", flat=True)
        .distinct()
    )
