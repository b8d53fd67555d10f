"""Writing down who owes what: everything that is missing, nothing twice, nothing taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.modules.plans.engine.expansion import Owed, Question
from chuan.modules.plans.models import Assignment, Plan
from chuan.modules.plans.queries.expansion import expansion_of

BATCH = 1000
JOB = "plans.reconcile"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a reconciliation found: rows it created, rows nobody owes any more, and what a person
    has to decide."""

    created: int
    extra: tuple[int, ...]
    questions: tuple[Question, ...]


def reconcile_assignments(
    plan: Plan, *, at: datetime, actor: Person | None = None
) -> Reconciliation:
    """Create the assignments a plan still lacks, from its parties and the register of bodies.

    Rows that exist are left alone, also those nobody owes any more: they are reported, and what
    becomes of them is a person's decision. Each batch is a transaction of its own; a run that dies
    midway is finished by the next one, and a run with nothing to do changes nothing.
    """
    expansion = expansion_of(plan)
    stored = {
        (task_id, organisation_id, role, start): pk
        for pk, task_id, organisation_id, role, start in Assignment.objects.filter(
            task__plan=plan
        ).values_list("pk", "task_id", "organisation_id", "role", "period_start")
    }
    missing = [owed for owed in expansion.owed if owed.key not in stored]
    created = 0
    for batch in _batches(missing):
        created += _create(plan, batch, at=at, actor=actor)
    _keep_count(plan, len(expansion.questions))
    wanted = {owed.key for owed in expansion.owed}
    extra = tuple(sorted(pk for key, pk in stored.items() if key not in wanted))
    return Reconciliation(created, extra, expansion.questions)


def _keep_count(plan: Plan, questions: int) -> None:
    """A desk asks for the count at every visit; working the questions out anew costs too much."""
    if plan.open_questions != questions:
        plan.open_questions = questions
        plan.save(update_fields=["open_questions"])


@transaction.atomic
def _create(plan: Plan, batch: list[Owed], *, at: datetime, actor: Person | None) -> int:
    # Two runs at once may both find a row missing; the database lets one of them write it.
    before = Assignment.objects.filter(task__plan=plan).count()
    Assignment.objects.bulk_create([row_of(owed, at) for owed in batch], ignore_conflicts=True)
    created = Assignment.objects.filter(task__plan=plan).count() - before
    if created:
        record(
            action="plans.assignments_created", actor=actor, by=JOB, subject=plan, created=created
        )
    return created


def row_of(owed: Owed, at: datetime) -> Assignment:
    return Assignment(
        task_id=owed.task,
        organisation_id=owed.organisation_id,
        role=owed.role,
        year=owed.year,
        period_start=owed.period_start,
        period_end=owed.period_end,
        resolved_on=owed.resolved_on,
        due_on=owed.due.due_on if owed.due else None,
        due_why=owed.due_why,
        created_at=at,
        updated_at=at,
    )


def _batches(rows: list[Owed]) -> Iterator[list[Owed]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
