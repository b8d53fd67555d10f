"""A plan and the register of bodies, read for `engine.expand`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from chuan.core.calendar.queries import working_calendar
from chuan.core.orgs.models import Group
from chuan.core.orgs.queries import descents_on, members_on
from chuan.modules.plans.engine.expansion import (
    Expansion,
    PartyToResolve,
    PlanToExpand,
    ReadRegister,
    StandIn,
    TaskToExpand,
    cycles,
    expand,
)
from chuan.modules.plans.enums import DueKind, PartyKind, PartyRole
from chuan.modules.plans.models import Plan
from chuan.modules.plans.queries.versions import every_wording, first_days


def expansion_of(plan: Plan) -> Expansion:
    """What everybody owes for a plan, worked out anew from the register of bodies."""
    return expand_plan(plan_to_expand(plan))


def expansion_with(plan: Plan, stand_in: StandIn) -> Expansion:
    """The same, if this decision were taken; nothing is written."""
    known = plan_to_expand(plan)
    kept = (one for one in known.stand_ins if not _gives_way(one, to=stand_in))
    return expand_plan(replace(known, stand_ins=(*kept, stand_in)))


def _gives_way(one: StandIn, *, to: StandIn) -> bool:
    """An earlier decision about the same party from the same day, which named nobody alive."""
    return (one.group_id, one.organisation_id, one.from_day) == (
        to.group_id,
        to.organisation_id,
        to.from_day,
    )


def expand_plan(plan: PlanToExpand) -> Expansion:
    """A fixed number of queries for each year of the plan, however many tasks and bodies."""
    return expand(plan, read_register(plan), working_calendar(on=plan.first_day))


def plan_to_expand(plan: Plan) -> PlanToExpand:
    begins = first_days(plan.pk)
    return PlanToExpand(
        first_day=plan.valid.lower,
        last_day=plan.valid.upper - timedelta(days=1),
        tasks=tuple(
            TaskToExpand(
                key=task.pk,
                code=task.code,
                due_kind=DueKind(task.due_kind),
                due_on=task.due_on,
                time_text=task.time_text,
                parties=tuple(
                    PartyToResolve(
                        role=PartyRole(party.role),
                        kind=PartyKind(party.kind),
                        name=party.name,
                        group_id=party.group_id,
                        organisation_id=party.organisation_id,
                    )
                    for party in task.parties.all()
                ),
                from_day=begins[task.since] if task.since > 1 else None,
                to_day=begins[task.until] if task.until else None,
                follows=task.follows_id is not None,
            )
            for task in every_wording(plan.pk)
        ),
        stand_ins=tuple(
            StandIn(
                from_day=one.from_day,
                group_id=one.group_id,
                organisation_id=one.organisation_id,
                by_group_id=one.by_group_id,
                by_organisation_id=one.by_organisation_id,
            )
            for one in plan.substitutions.all()
        ),
    )


def read_register(plan: PlanToExpand) -> ReadRegister:
    """Everybody the plan names or lets stand in, on the first day of each of its years and versions."""
    begun = {cycle.start for cycle in cycles(plan.first_day, plan.last_day)}
    versions = {task.from_day for task in plan.tasks if task.from_day is not None}
    days = sorted(begun | versions)
    parties = [party for task in plan.tasks for party in task.parties]
    groups = {party.group_id for party in parties} | {one.by_group_id for one in plan.stand_ins}
    bodies = {party.organisation_id for party in parties}
    bodies |= {one.by_organisation_id for one in plan.stand_ins}
    return ReadRegister(
        groups=_members({pk for pk in groups if pk is not None}, days),
        bodies=_bodies({pk for pk in bodies if pk is not None}, days),
    )


def _members(
    group_ids: Collection[int], days: list[date]
) -> dict[tuple[int, date], tuple[int, ...]]:
    found = members_on(Group.objects.filter(pk__in=group_ids), days)
    return {
        key: tuple(version.organisation_id for version in versions)
        for key, versions in found.items()
    }


def _bodies(ids: Collection[int], days: list[date]) -> dict[tuple[int, date], int | None]:
    return {
        (pk, day): descent.organisation_id
        for day in days
        for pk, descent in descents_on(ids, day).items()
    }
