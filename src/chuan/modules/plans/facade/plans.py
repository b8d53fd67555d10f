"""Plans and their tasks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.facade.values import PlanRef, TaskRef, plan_ref, task_ref
from chuan.modules.plans.models import (
    Plan,
    Task,
)
from chuan.modules.plans.queries import plans as plan_queries


def plan(plan_id: int) -> PlanRef:
    """:raises Plan.DoesNotExist: there is no such plan."""
    return plan_ref(Plan.objects.select_related("document").get(pk=plan_id))


def plans(plan_ids: Collection[int]) -> dict[int, PlanRef]:
    rows = Plan.objects.select_related("document").filter(pk__in=plan_ids)
    return {row.pk: plan_ref(row) for row in rows}


def plans_in_force(on: date) -> list[PlanRef]:
    return [plan_ref(row) for row in plan_queries.plans_in_force(on)]


def plans_managed_by(organisation_ids: Collection[int]) -> list[PlanRef]:
    """Plans these departments watch over, newest first, whatever their state."""
    rows = (
        Plan.objects.filter(managed_by__in=organisation_ids)
        .select_related("document")
        .order_by("-document__issued_on", "-pk")
    )
    return [plan_ref(row) for row in rows]


def tasks_of(plan_id: int) -> list[TaskRef]:
    """In the order of the annex."""
    rows = Task.objects.filter(plan=plan_id).select_related("section").order_by("position", "pk")
    return [task_ref(row) for row in rows]


def is_demo(plan_id: int) -> bool:
    """Whether a plan was made to show how the system works."""
    return Plan.objects.filter(pk=plan_id, is_demo=True).exists()


def may_see_plans(person: Person) -> bool:
    return rules.see_plans.allows(person)


def sees_whole_plan(person: Person, managed_by_id: int) -> bool:
    """Whether the person reads every body's work in the plans that this department watches over."""
    return rules.sees_every_body.allows(person) or managed_by_id in (
        rules.managed_organisation_ids(person)
    )
