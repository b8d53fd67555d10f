"""More time for an assignment: asked for, granted, refused, taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.operations import check_extension_asked, close_extension
from chuan.core.files.operations import store_upload
from chuan.core.people.models import Person
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.models import Assignment, DeadlineExtension
from chuan.modules.plans.operations import telling


@transaction.atomic
def ask_for_extension(
    *,
    actor: Person,
    assignment: Assignment,
    reason: str,
    proposed_due_on: date,
    at: datetime,
    name: str = "",
    content: File[bytes] | bytes | None = None,
) -> DeadlineExtension:
    """Ask for more time. Asked by the due day, it stops the clock until somebody decides.

    :param name: of the file that shows why, as the person's machine called it.
    :raises Denied: not the head of the body, or nothing is owed by a day any more.
    :raises FileRefused: the file is not taken; the message says why.
    :raises ValidationError: by field: no reason, a day that gives no more time; or one waits already.
    """
    assignment = _locked_assignment(assignment)
    on = timezone.localdate(at)
    rules.ask_for_extension.require(actor, assignment, on)
    due_on = assignment.due_on
    assert due_on is not None  # noqa: S101 - the rule asks for it
    check_extension_asked(reason=reason, proposed_due_on=proposed_due_on, due_on=due_on)
    if assignment.extensions.filter(state=ExtensionState.WAITING).exists():
        raise ValidationError(_("Phân công này đang có đề nghị gia hạn chờ quyết định."))
    extension = DeadlineExtension.objects.create(
        assignment=assignment,
        reason=reason,
        due_on_before=due_on,
        proposed_due_on=proposed_due_on,
        upload=store_upload(actor=actor, name=name, content=content) if content else None,
        asked_by=actor,
        asked_at=at,
    )
    if extension.was_in_time:
        _pause(assignment, is_paused=True, at=at)
    record(
        action="plans.extension_asked",
        actor=actor,
        subject=extension,
        assignment=assignment.pk,
        due_on=due_on.isoformat(),
        proposed_due_on=proposed_due_on.isoformat(),
        stops_the_clock=extension.was_in_time,
    )
    telling.extension_asked(extension, by=actor)
    return extension


@transaction.atomic
def grant_extension(
    *,
    actor: Person,
    extension: DeadlineExtension,
    version: int,
    due_on: date,
    basis: str,
    at: datetime,
) -> DeadlineExtension:
    """Give more time: the due day moves, the first one is kept beside it.

    :raises Denied: not of the department that watches over the plan, who asked, or decided already;
        or it was done in a year that is closed, which counted it by the day there was.
    :raises Conflict: somebody dealt with it since that version.
    :raises ValidationError: by field: no basis, a day that gives no more time.
    """
    extension = _locked(extension, version)
    rules.grant_extension.require(actor, extension)
    close_extension(
        extension, ExtensionState.GRANTED, by=actor, at=at, answer=basis, granted_due_on=due_on
    )
    assignment = extension.assignment
    assignment.original_due_on = assignment.original_due_on or assignment.due_on
    assignment.due_on, assignment.is_paused = due_on, False
    assignment.due_why = [*assignment.due_why, _why(extension)]
    assignment.updated_at = at
    assignment.save(
        update_fields=["original_due_on", "due_on", "is_paused", "due_why", "updated_at"]
    )
    record(
        action="plans.extension_granted",
        actor=actor,
        subject=extension,
        assignment=assignment.pk,
        before=extension.due_on_before.isoformat(),
        after=due_on.isoformat(),
        basis=basis,
    )
    telling.extension_decided(extension, by=actor)
    return extension


@in_vietnamese
def _why(extension: DeadlineExtension) -> dict[str, str]:
    day = extension.granted_due_on
    assert day is not None  # noqa: S101 - granted
    return {
        "text": str(
            _("Hạn gốc %(before)s được gia hạn đến hết ngày %(after)s.")
            % {"before": format_date(extension.due_on_before), "after": format_date(day)}
        ),
        "rule": "",
        "source": extension.answer,
        "day": day.isoformat(),
    }


@transaction.atomic
def refuse_extension(
    *, actor: Person, extension: DeadlineExtension, version: int, reason: str, at: datetime
) -> DeadlineExtension:
    """Refuse more time: the day counts as it stood, and the clock runs on.

    :raises Denied: as for `grant_extension`.
    :raises Conflict: somebody dealt with it since that version.
    :raises ValidationError: no reason is given.
    """
    extension = _locked(extension, version)
    rules.decide_extension.require(actor, extension)
    return _close(extension, ExtensionState.REFUSED, "plans.extension_refused", actor, reason, at)


@transaction.atomic
def withdraw_extension(
    *, actor: Person, extension: DeadlineExtension, version: int, reason: str, at: datetime
) -> DeadlineExtension:
    """Take back what was asked for; the clock runs on.

    :raises Denied: not the head of the body that asked, or decided already.
    :raises Conflict: somebody dealt with it since that version.
    :raises ValidationError: no reason is given.
    """
    extension = _locked(extension, version)
    rules.withdraw_extension.require(actor, extension)
    return _close(
        extension, ExtensionState.WITHDRAWN, "plans.extension_withdrawn", actor, reason, at
    )


@transaction.atomic
def close_outlived(
    *, actor: Person, extensions: Iterable[DeadlineExtension], reason: str, at: datetime
) -> list[DeadlineExtension]:
    """Take back, in the body's stead, what nobody can decide any more: the assignment lost its day
    or its body. Whoever calls has decided that; nobody is asked again."""
    return [
        _close(
            _locked(one), ExtensionState.WITHDRAWN, "plans.extension_withdrawn", actor, reason, at
        )
        for one in extensions
    ]


def _close(
    extension: DeadlineExtension,
    state: ExtensionState,
    action: str,
    actor: Person,
    reason: str,
    at: datetime,
) -> DeadlineExtension:
    close_extension(extension, state, by=actor, at=at, answer=reason)
    _pause(extension.assignment, is_paused=False, at=at)
    record(action=action, actor=actor, subject=extension, reason=reason)
    telling.extension_decided(extension, by=actor)
    return extension


def _pause(assignment: Assignment, *, is_paused: bool, at: datetime) -> None:
    if assignment.is_paused != is_paused:
        assignment.is_paused, assignment.updated_at = is_paused, at
        assignment.save(update_fields=["is_paused", "updated_at"])


def _locked_assignment(assignment: Assignment) -> Assignment:
    return (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("task__plan")
        .get(pk=assignment.pk)
    )


def _locked(extension: DeadlineExtension, version: int | None = None) -> DeadlineExtension:
    # The assignment first, as everywhere: the body may tell that it is done while this is decided.
    assignment = _locked_assignment(extension.assignment)
    found = DeadlineExtension.objects.select_for_update(of=("self",)).get(pk=extension.pk)
    found.assignment = assignment
    if version is not None and found.version != version:
        raise rules.Conflict(found)
    return found
