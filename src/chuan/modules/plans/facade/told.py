"""What was told and shown about assignments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time

from django.db.models import Q
from django.utils import timezone

from chuan.lib.periods import Period
from chuan.modules.plans.enums import (
    PartyRole,
)
from chuan.modules.plans.facade.values import (
    AssignmentRef,
    Contribution,
    EvidenceRef,
    UpdateRef,
    assignment_refs,
    evidence_ref,
    update_ref,
)
from chuan.modules.plans.models import (
    Assignment,
)
from chuan.modules.plans.queries import assignments as assignment_queries


def updates_for(
    assignment_ids: Collection[int], period: Period | None = None
) -> dict[int, tuple[UpdateRef, ...]]:
    """Updates made on the days of the period, oldest first, by assignment id."""
    rows = assignment_queries.updates_of(assignment_ids)
    if period is not None:
        start, end = instants(period)
        rows = rows.filter(made_at__gte=start, made_at__lt=end)
    found: dict[int, list[UpdateRef]] = defaultdict(list)
    for row in rows.order_by("made_at", "pk"):
        found[row.assignment_id].append(update_ref(row))
    return {key: tuple(refs) for key, refs in found.items()}


def evidence_for(assignment_ids: Collection[int]) -> dict[int, tuple[EvidenceRef, ...]]:
    """Evidence that was not withdrawn, newest first, by assignment id."""
    found: dict[int, list[EvidenceRef]] = defaultdict(list)
    for row in assignment_queries.evidence_of(assignment_ids):
        found[row.assignment_id].append(evidence_ref(row))
    return {key: tuple(refs) for key, refs in found.items()}


def contributions_to(
    lead_assignment_ids: Collection[int], period: Period | None = None, *, on: date | None = None
) -> dict[int, tuple[Contribution, ...]]:
    """What coordinators of the same task and period told, by the lead's assignment id.

    Every coordinator with an assignment is there, also one that told nothing yet.
    """
    leads = list(
        Assignment.objects.filter(pk__in=lead_assignment_ids, role=PartyRole.LEAD).values_list(
            "pk", "task_id", "period_start", "period_end"
        )
    )
    tasks = {task_id for _pk, task_id, _start, _end in leads}
    days = Q()
    for start, end in {(start, end) for _pk, _task_id, start, end in leads}:
        days |= assignment_queries.in_period(Period(start, end))
    refs = assignment_refs(
        Assignment.objects.filter(days, task__in=tasks, role=PartyRole.COORDINATING), on
    )
    by_task: dict[int, list[AssignmentRef]] = defaultdict(list)
    for ref in refs:
        by_task[ref.task_id].append(ref)
    beside = {
        pk: [ref for ref in by_task[task_id] if ref.period_start < end and ref.period_end > start]
        for pk, task_id, start, end in leads
    }
    told = updates_for({ref.id for found in beside.values() for ref in found}, period)
    return {
        pk: tuple(Contribution(pk, ref, told.get(ref.id, ())) for ref in found)
        for pk, found in beside.items()
    }


def instants(period: Period) -> tuple[datetime, datetime]:
    """The first instant of the period's days, and the first after them, by the province's clock."""
    zone = timezone.get_default_timezone()
    return (
        datetime.combine(period.start, time.min, zone),
        datetime.combine(period.end, time.min, zone),
    )
