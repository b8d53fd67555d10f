"""Writing down who owes what: everything that is missing, nothing twice, nothing taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.modules.plans.engine.expansion import Owed, Question
from chuan.modules.plans.enums import LeadMode
from chuan.modules.plans.models import Assignment, OpenQuestion, Plan
from chuan.modules.plans.operations.any_of import settle_any_of
from chuan.modules.plans.queries.expansion import expansion_of
from chuan.modules.plans.queries.substitutions import (
    decided_ids,
    missing_of,
    open_questions_of,
    stored_keys,
)

BATCH = 1000
JOB = "plans.reconcile"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a reconciliation found: rows it created, rows nobody owes any more, and what a person
    has to decide."""

    created: int
    extra: tuple[int, ...]
    questions: tuple[Question, ...]


class _PlanCut(Exception):
    """The plan was ended while what it asks for was worked out."""


def reconcile_assignments(
    plan: Plan, *, at: datetime, actor: Person | None = None
) -> Reconciliation:
    """Create the assignments a plan still lacks, from its parties and the register of bodies.

    Rows that exist are left alone, also those nobody owes any more: they are reported, and what
    becomes of them is a person's decision. Where such a decision closed a row or passed it on, it
    holds: nothing is asked again, and nobody gets a second assignment for the same days. What was found is written down with the plan. Each batch
    is a transaction of its own; a run that dies midway is finished by the next one, and a run with
    nothing to do changes nothing.
    """
    # Whoever asks may hold a plan read before somebody ended it.
    plan = Plan.objects.get(pk=plan.pk)
    expansion = expansion_of(plan)
    stored = stored_keys(plan)
    wanted = {owed.key for owed in expansion.owed}
    decided = decided_ids(plan)
    extra = tuple(
        sorted(pk for key, pk in stored.items() if key not in wanted and pk not in decided)
    )
    missing = missing_of(plan, expansion.owed, stored)
    created = 0
    try:
        for batch in _batches(missing):
            created += _create(plan, batch, at=at, actor=actor)
        _write_down(plan, expansion.questions, extra, at)
    except _PlanCut:
        return reconcile_assignments(plan, at=at, actor=actor)
    return Reconciliation(created, extra, expansion.questions)


@transaction.atomic
def _write_down(
    plan: Plan, questions: tuple[Question, ...], extra: tuple[int, ...], at: datetime
) -> None:
    """For whoever looks: working it out anew at every visit costs too much."""
    plan = _uncut(plan)
    if questions != open_questions_of(plan):
        plan.questions.all().delete()
        OpenQuestion.objects.bulk_create(_row_of_question(plan, one) for one in questions)
    rows = Assignment.objects.filter(task__plan=plan)
    rows.filter(is_extra=True).exclude(pk__in=extra).update(is_extra=False)
    rows.filter(pk__in=extra, is_extra=False).update(is_extra=True)
    settle_any_of(_any_led(plan), at=at)
    plan.open_questions, plan.reconciled_at = len(questions), at
    plan.save(update_fields=["open_questions", "reconciled_at"])


def _any_led(plan: Plan) -> list[int]:
    return list(
        plan.tasks.filter(lead_mode=LeadMode.ANY).order_by("pk").values_list("pk", flat=True)
    )


def _row_of_question(plan: Plan, question: Question) -> OpenQuestion:
    return OpenQuestion(
        plan=plan,
        trouble=question.trouble,
        name=question.name,
        from_day=question.on,
        group_id=question.group_id,
        organisation_id=question.organisation_id,
        codes=list(question.codes),
    )


@transaction.atomic
def _create(plan: Plan, batch: list[Owed], *, at: datetime, actor: Person | None) -> int:
    plan = _uncut(plan)
    # Two runs at once may both find a row missing; the database lets one of them write it.
    before = Assignment.objects.filter(task__plan=plan).count()
    Assignment.objects.bulk_create([row_of(owed, at) for owed in batch], ignore_conflicts=True)
    created = Assignment.objects.filter(task__plan=plan).count() - before
    if created:
        record(
            action="plans.assignments_created", actor=actor, by=JOB, subject=plan, created=created
        )
    return created


def _uncut(plan: Plan) -> Plan:
    """The plan, held: nobody ends it before this transaction does, and those who write beside it
    need not wait."""
    held = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if held.valid != plan.valid:
        raise _PlanCut
    return held


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
