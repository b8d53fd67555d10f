"""Plans and their tasks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Min
from django.db.models.functions import Coalesce

from chuan.core.people.models import Person
from chuan.lib.periods import Period
from chuan.modules.plans import rules
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.facade.values import PartyRef, PlanRef, TaskRef, plan_ref, task_ref
from chuan.modules.plans.models import (
    Party,
    Plan,
    Task,
)
from chuan.modules.plans.queries import plans as plan_queries
from chuan.modules.plans.queries import versions as version_queries


def plan(plan_id: int) -> PlanRef:
    """:raises Plan.DoesNotExist: there is no such plan."""
    return plan_ref(Plan.objects.select_related("document").get(pk=plan_id))


def plans(plan_ids: Collection[int]) -> dict[int, PlanRef]:
    rows = Plan.objects.select_related("document").filter(pk__in=plan_ids)
    return {row.pk: plan_ref(row) for row in rows}


def plans_in_force(on: date) -> list[PlanRef]:
    return [plan_ref(row) for row in plan_queries.plans_in_force(on)]


def runs_beside_others(plan_id: int, days: Period) -> bool:
    """Whether another plan is in force on any of the days."""
    return plan_queries.plans_during(days).exclude(pk=plan_id).exists()


def names_if_several(plan_ids: Collection[int]) -> dict[int, str]:
    """Short titles by id, for rows that are of several plans; nothing where all are of one, which
    needs no name. One query."""
    rows = Plan.objects.filter(pk__in=set(plan_ids)).values_list("pk", "short_title")
    names = dict(rows)
    return names if len(names) > 1 else {}


def plans_managed_by(organisation_ids: Collection[int]) -> list[PlanRef]:
    """Plans these departments watch over, newest first, whatever their state."""
    rows = (
        Plan.objects.filter(managed_by__in=organisation_ids)
        .select_related("document")
        .order_by("-document__issued_on", "-pk")
    )
    return [plan_ref(row) for row in rows]


def every_plan() -> list[PlanRef]:
    """Newest first, whatever their state and whoever watches over them."""
    rows = Plan.objects.select_related("document").order_by("-document__issued_on", "-pk")
    return [plan_ref(row) for row in rows]


def tasks_of(plan_id: int, during: int | Period) -> list[TaskRef]:
    """In the order of the annex, in the wording under which the work of that year or those days is
    done."""
    found = version_queries.wordings_during(Plan.objects.get(pk=plan_id), during)
    return [one for one in every_wording_of(plan_id) if one.id in set(found)]


def every_wording_of(plan_id: int) -> list[TaskRef]:
    """Every wording of every task there ever was, in the order of the annex."""
    rows = Task.objects.filter(plan=plan_id).select_related("section").order_by("position", "pk")
    found = list(rows)
    follows = {row.pk: row.follows_id for row in found}
    return [task_ref(row, version_queries.root_of(row.pk, follows)) for row in found]


def heading_only_lines(plan_ids: Collection[int] | None = None) -> frozenset[int]:
    """Tasks, of these plans or of whatever plan, of which some wording is followed by its heading
    alone. One query."""
    rows = Task.objects.filter(plan__in=Task.objects.filter(heading_only=True).values("plan"))
    if plan_ids is not None:
        rows = rows.filter(plan__in=plan_ids)
    found = list(rows.values_list("pk", "follows", "heading_only"))
    follows = {pk: before for pk, before, _is_secret in found}
    return frozenset(
        version_queries.root_of(pk, follows) for pk, _before, is_secret in found if is_secret
    )


def wordings_of(task_id: int) -> list[int]:
    """Ids of all wordings of the task that this is one of."""
    return version_queries.line_of(Task.objects.get(pk=task_id))


def parties_of(plan_id: int) -> dict[int, tuple[PartyRef, ...]]:
    """Lead and coordinating parties as the decision calls them, by task id, in its order."""
    rows = Party.objects.filter(task__plan=plan_id).order_by("task", "position", "pk")
    found: dict[int, list[PartyRef]] = {}
    for row in rows:
        found.setdefault(row.task_id, []).append(PartyRef(PartyRole(row.role), row.name))
    return {task_id: tuple(parties) for task_id, parties in found.items()}


def last_reconciled(on: date) -> datetime | None:
    """When the plan in force that was reconciled longest ago was; approving one counts. None with no
    plan in force."""
    found: dict[str, datetime | None] = plan_queries.plans_in_force(on).aggregate(
        last=Min(Coalesce("reconciled_at", "approved_at"))
    )
    return found["last"]


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


def plans_seen_by(person: Person, *, on: date) -> list[PlanRef]:
    """Plans this person may read, those in force on the day first, then the newest."""
    found = [plan_ref(row) for row in plan_queries.plans_visible_to(person)]
    return sorted(found, key=lambda one: not one.first_day <= on <= one.last_day)
