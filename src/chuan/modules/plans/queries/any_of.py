"""Assignments of which one of several bodies is enough, and who did it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from chuan.core.orgs.queries import names_on
from chuan.modules.plans.enums import DueKind, LeadMode, PartyRole
from chuan.modules.plans.models import Assignment, AssignmentState


def shared_by_any(task_ids: Collection[int] | None = None) -> QuerySet[Assignment]:
    """Leading assignments of tasks of which one body is enough, none that a decision closed."""
    rows = Assignment.objects.filter(
        task__lead_mode=LeadMode.ANY, role=PartyRole.LEAD, closed_on__isnull=True
    )
    return rows if task_ids is None else rows.filter(task__in=task_ids)


def group_of(row: Assignment) -> tuple[int, int]:
    """What those have in common of which one is enough: the task, and of a yearly one the year."""
    return row.task_id, row.year if row.task.due_kind == DueKind.YEARLY else 0


def key_of_group(row: Assignment) -> str:
    """The same as a word that reports keep; empty where each body owes the task for itself."""
    if row.role != PartyRole.LEAD or row.task.lead_mode != LeadMode.ANY:
        return ""
    task_id, year = group_of(row)
    return f"{task_id}-{year}" if year else str(task_id)


@dataclass(frozen=True, slots=True)
class Companion:
    """One of the other bodies of which one is enough."""

    assignment: Assignment
    name: str
    is_counted: bool


def companions_of(row: Assignment) -> list[Companion]:
    """The others, whoever did it or is counted first; none where each owes it. Two queries."""
    if row.role != PartyRole.LEAD or row.task.lead_mode != LeadMode.ANY:
        return []
    others = [
        one
        for one in shared_by_any([row.task_id]).exclude(pk=row.pk).select_related("task")
        if group_of(one) == group_of(row)
    ]
    names = _names(others)
    return [
        Companion(one, names[one.pk], is_counted=one.counted_with_id is None)
        for one in sorted(
            others,
            key=lambda one: (one.done_on or date.max, one.counted_with_id is not None, one.pk),
        )
    ]


def _names(rows: Iterable[Assignment]) -> dict[int, str]:
    by_day: dict[date, list[Assignment]] = defaultdict(list)
    for row in rows:
        by_day[row.resolved_on].append(row)
    return {
        row.pk: found[row.organisation_id].short_name
        for day, those in by_day.items()
        for found in [names_on({one.organisation_id for one in those}, day)]
        for row in those
    }


def who_did_it(rows: Iterable[Assignment | AssignmentState]) -> dict[int, str]:
    """For each row that another body's work relieved, the name of that body, by the id of the
    assignment it is counted with; two queries, none where nobody was relieved."""
    wanted = {row.counted_with_id for row in rows if row.relieved_on is not None}
    if not wanted:
        return {}
    return _names(Assignment.objects.filter(Q(pk__in=wanted)).order_by("pk"))
