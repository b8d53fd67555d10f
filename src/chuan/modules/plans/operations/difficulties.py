"""Difficulties in writing: raised by a body, answered by the department or put to the province."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.enums import DifficultyState
from chuan.modules.plans.models import Difficulty, Plan, Task
from chuan.modules.plans.operations import telling
from chuan.modules.plans.queries.deadlines import answer_deadline


@transaction.atomic
def raise_difficulty(
    *,
    actor: Person,
    plan: Plan,
    organisation_id: int,
    title: str,
    text: str,
    at: datetime,
    proposal: str = "",
    task: Task | None = None,
) -> Difficulty:
    """Put a body's difficulty to the department, which answers by a day the calendar gives.

    :raises Denied: not a clerk or head of the body, the plan has ended, or the task is followed by
        its heading alone.
    :raises ValidationError: title or text is missing, or the task is of another plan.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    rules.raise_difficulty.require(actor, plan, organisation_id, timezone.localdate(at), task)
    if task is not None and task.plan_id != plan.pk:
        raise ValidationError({"task": _("Chọn nhiệm vụ của kế hoạch này.")})
    _require_text(
        title=(title, _("Nhập tóm tắt vướng mắc.")), text=(text, _("Nhập nội dung vướng mắc."))
    )
    due = answer_deadline(timezone.localdate(at))
    difficulty = Difficulty.objects.create(
        plan=plan,
        task=task,
        organisation_id=organisation_id,
        title=title,
        text=text,
        proposal=proposal,
        raised_by=actor,
        raised_at=at,
        answer_due_on=due.day,
        answer_due_why=list(due.why),
    )
    record(action="plans.difficulty_raised", actor=actor, subject=difficulty)
    telling.difficulty_raised(difficulty, by=actor)
    return difficulty


@transaction.atomic
def withdraw_difficulty(
    *, actor: Person, difficulty: Difficulty, version: int, reason: str, at: datetime
) -> Difficulty:
    """Take a difficulty back before it is answered.

    :raises Denied: not of the actor's body, or no longer waiting.
    """
    difficulty = _locked(difficulty, version)
    rules.withdraw_difficulty.require(actor, difficulty)
    _require_text(reason=(reason, _("Nhập lý do rút vướng mắc.")))
    difficulty.withdrawn_by, difficulty.withdrawn_at = actor, at
    difficulty.withdrawn_reason = reason
    _move(difficulty, DifficultyState.WITHDRAWN)
    record(action="plans.difficulty_withdrawn", actor=actor, subject=difficulty, reason=reason)
    return difficulty


@transaction.atomic
def answer_difficulty(
    *, actor: Person, difficulty: Difficulty, version: int, answer: str, at: datetime
) -> Difficulty:
    """Guide the body how to go on.

    :raises Denied: not of the department that watches over the plan, or no longer waiting.
    :raises Conflict: a colleague dealt with it since that version.
    """
    difficulty = _locked(difficulty, version)
    rules.answer_difficulty.require(actor, difficulty)
    _require_text(answer=(answer, _("Nhập nội dung trả lời.")))
    difficulty.answer, difficulty.answered_by, difficulty.answered_at = answer, actor, at
    _move(difficulty, DifficultyState.ANSWERED)
    record(
        action="plans.difficulty_answered",
        actor=actor,
        subject=difficulty,
        on_time=_is_on_time(difficulty, timezone.localdate(at)),
    )
    telling.difficulty_dealt_with(difficulty, by=actor)
    return difficulty


@transaction.atomic
def escalate_difficulty(
    *, actor: Person, difficulty: Difficulty, version: int, escalation: str, at: datetime
) -> Difficulty:
    """Put a difficulty to the People's Committee of the province, with what is proposed.

    :raises Denied: not of the department that watches over the plan, or already there.
    """
    difficulty = _locked(difficulty, version)
    rules.escalate_difficulty.require(actor, difficulty)
    _require_text(escalation=(escalation, _("Nhập nội dung đề xuất với UBND tỉnh.")))
    difficulty.escalation, difficulty.escalated_by, difficulty.escalated_at = escalation, actor, at
    _move(difficulty, DifficultyState.ESCALATED)
    record(action="plans.difficulty_escalated", actor=actor, subject=difficulty)
    telling.difficulty_dealt_with(difficulty, by=actor)
    return difficulty


@transaction.atomic
def settle_difficulty(
    *, actor: Person, difficulty: Difficulty, version: int, direction: str, at: datetime
) -> Difficulty:
    """Record what the province directed.

    :raises Denied: neither a leader of the province nor of the department, or it was never put to
        the province.
    """
    difficulty = _locked(difficulty, version)
    rules.settle_difficulty.require(actor, difficulty)
    _require_text(direction=(direction, _("Nhập ý kiến chỉ đạo của UBND tỉnh.")))
    difficulty.direction, difficulty.settled_by, difficulty.settled_at = direction, actor, at
    _move(difficulty, DifficultyState.SETTLED)
    record(action="plans.difficulty_settled", actor=actor, subject=difficulty)
    telling.difficulty_dealt_with(difficulty, by=actor)
    return difficulty


def _locked(difficulty: Difficulty, version: int) -> Difficulty:
    """:raises Conflict: whoever came first must be read before anything else is said."""
    difficulty = (
        Difficulty.objects.select_for_update(of=("self",))
        .select_related("plan")
        .get(pk=difficulty.pk)
    )
    if difficulty.version != version:
        raise rules.Conflict(difficulty)
    return difficulty


def _require_text(**wanted: tuple[str, str]) -> None:
    missing = {field: message for field, (text, message) in wanted.items() if not text}
    if missing:
        raise ValidationError(missing)


def _move(difficulty: Difficulty, state: DifficultyState) -> None:
    difficulty.state = state
    difficulty.version += 1
    difficulty.save()


def _is_on_time(difficulty: Difficulty, on: date) -> bool | None:
    return None if difficulty.answer_due_on is None else on <= difficulty.answer_due_on
