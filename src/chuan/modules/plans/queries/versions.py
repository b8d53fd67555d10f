"""Versions of a plan: which wording of a task holds when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from chuan.lib.periods import Period
from chuan.modules.plans.engine.expansion import ONE_DAY, cycles
from chuan.modules.plans.engine.versions import Wording, holds_during
from chuan.modules.plans.enums import DueKind
from chuan.modules.plans.models import Deliverable, Party, Plan, PlanVersion, Task


def versions_of(plan_id: int) -> QuerySet[PlanVersion]:
    """The first one first."""
    return (
        PlanVersion.objects.filter(plan=plan_id)
        .select_related("document", "approved_by")
        .order_by("number")
    )


def first_days(plan_id: int) -> dict[int, date]:
    """From which day each version holds, by its number."""
    rows = PlanVersion.objects.filter(plan=plan_id).order_by("number")
    return dict(rows.values_list("number", "from_day"))


def version_on(plan_id: int, day: date) -> int:
    """The number of the version in force on a day; the first one before that."""
    return max((number for number, first in first_days(plan_id).items() if first <= day), default=1)


def latest_version(plan_id: int) -> int:
    return max(first_days(plan_id), default=1)


def in_version(number: int) -> Q:
    """Of wordings that hold in a version."""
    return Q(since__lte=number) & (Q(until__isnull=True) | Q(until__gt=number))


def every_wording(plan_id: int) -> QuerySet[Task]:
    """All there ever were, in the order of the annex, with parties, deliverables and body points."""
    return (
        Task.objects.filter(plan=plan_id)
        .select_related("section")
        .prefetch_related(
            Prefetch("parties", Party.objects.order_by("position", "pk")),
            Prefetch("deliverables", Deliverable.objects.order_by("position", "pk")),
            "body_points",
        )
        .order_by("position", "pk")
    )


def tasks_in(plan_id: int, number: int) -> QuerySet[Task]:
    """The tasks of one version, as `every_wording` has them."""
    return every_wording(plan_id).filter(in_version(number))


def tasks_during(plan: Plan, days: int | Period) -> QuerySet[Task]:
    """The tasks whose work of that year, or those days, is done under them.

    A year that began under one version stays with it; what has no years changes on the day the
    amendment says, so that both wordings of it belong to that year.
    """
    return every_wording(plan.pk).filter(pk__in=wordings_during(plan, days))


def tasks_on(plan: Plan, day: date) -> QuerySet[Task]:
    """The tasks whose work of that day is done under them."""
    return tasks_during(plan, Period(day, day + ONE_DAY))


def wordings_during(plan: Plan, days: int | Period) -> list[int]:
    """The ids of the same."""
    asked = Period.year(days) if isinstance(days, int) else days
    begins = first_days(plan.pk)
    of_plan = cycles(plan.valid.lower, plan.valid.upper - ONE_DAY)
    rows = Task.objects.filter(plan=plan).values_list(
        "pk", "due_kind", "since", "until", "follows_id"
    )
    return [
        pk
        for pk, kind, since, until, follows in rows
        if holds_during(
            Wording(
                due_kind=DueKind(kind),
                from_day=begins[since] if since > 1 else None,
                to_day=begins[until] if until else None,
                follows=follows is not None,
            ),
            of_plan,
            asked,
        )
    ]


def line_of(task: Task) -> list[int]:
    """Ids of all wordings of one task, the first one first, whichever of them is asked about."""
    follows = dict(Task.objects.filter(plan=task.plan_id).values_list("pk", "follows_id"))
    root = root_of(task.pk, follows)
    return sorted(pk for pk in follows if root_of(pk, follows) == root)


def root_of(pk: int, follows: Mapping[int, int | None]) -> int:
    """The first wording of the task that this is a wording of."""
    before = follows.get(pk)
    while before is not None:
        pk, before = before, follows.get(before)
    return pk
