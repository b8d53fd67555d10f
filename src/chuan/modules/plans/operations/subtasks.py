"""Sharing out an assignment inside the body that owes it."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.core.people.queries import colleagues
from chuan.modules.plans import rules
from chuan.modules.plans.models import Assignment, Subtask
from chuan.modules.plans.operations import telling


@transaction.atomic
def add_subtask(
    *,
    actor: Person,
    assignment: Assignment,
    title: str,
    person: Person | None = None,
    division: str = "",
    due_on: date | None = None,
    at: datetime,
) -> Subtask:
    """Give a part of what the body owes to one of its people or divisions; the person is told.

    :raises Denied: not of the body, or nothing can be shared out any more.
    :raises ValidationError: by field: no title, nobody to do it, a person of another body.
    """
    assignment = Assignment.objects.select_related("task__plan").get(pk=assignment.pk)
    rules.share_out.require(actor, assignment, timezone.localdate(at))
    _check(assignment, title, person, division)
    subtask = Subtask.objects.create(
        assignment=assignment,
        title=title,
        person=person,
        division=division,
        due_on=due_on,
        made_by=actor,
        made_at=at,
    )
    _note("plans.subtask_added", actor, subtask)
    telling.subtask_given(subtask, by=actor)
    return subtask


@transaction.atomic
def change_subtask(
    *,
    actor: Person,
    subtask: Subtask,
    version: int,
    title: str,
    person: Person | None = None,
    division: str = "",
    due_on: date | None = None,
    at: datetime,
) -> Subtask:
    """Word it anew, give it to somebody else, or move its day.

    :raises Denied: as for `add_subtask`, or it is done or dropped.
    :raises Conflict: a colleague changed it since that version.
    :raises ValidationError: as for `add_subtask`.
    """
    subtask = _locked(subtask, version)
    rules.change_subtask.require(actor, subtask, timezone.localdate(at))
    _check(subtask.assignment, title, person, division)
    before = subtask.person_id
    subtask.title, subtask.person, subtask.division = title, person, division
    subtask.due_on = due_on
    _save(subtask)
    _note("plans.subtask_changed", actor, subtask)
    if subtask.person_id != before:
        telling.subtask_given(subtask, by=actor)
    return subtask


@transaction.atomic
def finish_subtask(*, actor: Person, subtask: Subtask, at: datetime) -> Subtask:
    """Say that a part is done. The assignment stands as before: the body tells of it itself.

    :raises Denied: not of the body, or the part is done or dropped.
    """
    subtask = _locked(subtask)
    rules.finish_subtask.require(actor, subtask, timezone.localdate(at))
    subtask.done_on, subtask.done_by = timezone.localdate(at), actor
    _save(subtask)
    _note("plans.subtask_done", actor, subtask)
    return subtask


@transaction.atomic
def reopen_subtask(*, actor: Person, subtask: Subtask, at: datetime) -> Subtask:
    """Say that a part is not done after all.

    :raises Denied: not of the body, or the part is open or dropped.
    """
    subtask = _locked(subtask)
    rules.reopen_subtask.require(actor, subtask, timezone.localdate(at))
    subtask.done_on = subtask.done_by = None
    _save(subtask)
    _note("plans.subtask_reopened", actor, subtask)
    return subtask


@transaction.atomic
def drop_subtask(*, actor: Person, subtask: Subtask, at: datetime) -> Subtask:
    """Take a part off the list; it can be taken up again.

    :raises Denied: not of the body, or the part is done or dropped already.
    """
    subtask = _locked(subtask)
    rules.change_subtask.require(actor, subtask, timezone.localdate(at))
    subtask.dropped_by, subtask.dropped_at = actor, at
    _save(subtask)
    _note("plans.subtask_dropped", actor, subtask)
    return subtask


@transaction.atomic
def restore_subtask(*, actor: Person, subtask: Subtask, at: datetime) -> Subtask:
    """Take up again what was dropped.

    :raises Denied: not of the body, or it was not dropped.
    """
    subtask = _locked(subtask)
    rules.restore_subtask.require(actor, subtask, timezone.localdate(at))
    subtask.dropped_by = subtask.dropped_at = None
    _save(subtask)
    _note("plans.subtask_restored", actor, subtask)
    return subtask


def _check(assignment: Assignment, title: str, person: Person | None, division: str) -> None:
    if not title:
        raise ValidationError({"title": _("Nhập tên phần việc.")})
    if person is None and not division:
        message = _("Chọn người hoặc nhập phòng, bộ phận làm phần việc này.")
        raise ValidationError({"person": message})
    if person and not colleagues(assignment.organisation_id).filter(pk=person.pk).exists():
        raise ValidationError({"person": _("Chọn người đang làm việc trong cơ quan bạn.")})


def _locked(subtask: Subtask, version: int | None = None) -> Subtask:
    # Two people of one body can have the same part open.
    found = (
        Subtask.objects.select_for_update(of=("self",))
        .select_related("assignment__task__plan")
        .get(pk=subtask.pk)
    )
    if version is not None and found.version != version:
        raise rules.Conflict(found)
    return found


def _save(subtask: Subtask) -> None:
    subtask.version += 1
    subtask.save(
        update_fields=[
            "title",
            "person",
            "division",
            "due_on",
            "done_on",
            "done_by",
            "dropped_by",
            "dropped_at",
            "version",
        ]
    )


def _note(action: str, actor: Person, subtask: Subtask) -> None:
    record(
        action=action,
        actor=actor,
        subject=subtask,
        assignment=subtask.assignment_id,
        person=subtask.person_id,
        due_on=subtask.due_on.isoformat() if subtask.due_on else None,
    )
