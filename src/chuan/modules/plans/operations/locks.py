"""Closing a year of a plan, and opening a lock for one body until a time."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.enums import LockKind
from chuan.modules.plans.models import LockException, Plan, YearLock
from chuan.modules.plans.operations import telling


@transaction.atomic
def lock_year(*, actor: Person, plan: Plan, year: int, reason: str, at: datetime) -> YearLock:
    """What was done in a year by now stays as it was told. Closed once more, the first time counts.

    Whoever closes the consolidated report of the year calls this, by the rule for that.
    """
    lock, is_new = YearLock.objects.get_or_create(
        plan=plan,
        year=year,
        defaults={"reason": reason, "locked_by": actor, "locked_at": at},
    )
    if is_new:
        record(action="plans.year_locked", actor=actor, subject=plan, year=year, reason=reason)
    return lock


@transaction.atomic
def ask_for_exception(
    *,
    actor: Person,
    plan: Plan,
    organisation_id: int,
    kind: LockKind,
    number: int,
    title: str,
    reason: str,
    expires_at: datetime,
    at: datetime,
) -> LockException:
    """Ask to open a lock for one body until a time; nothing opens before somebody else approves.

    :param number: the year, or the id of the reporting period that `title` names.
    :raises Denied: neither of the body nor a coordinator of the department.
    :raises ValidationError: by field: no reason, a time that is past.
    """
    rules.ask_for_exception.require(actor, plan, organisation_id)
    if not reason:
        raise ValidationError({"reason": _("Nhập lý do xin mở khóa.")})
    _check_end(expires_at, at)
    exception = LockException.objects.create(
        plan=plan,
        organisation_id=organisation_id,
        kind=kind,
        number=number,
        title=title,
        reason=reason,
        expires_at=expires_at,
        requested_by=actor,
        requested_at=at,
    )
    record(
        action="plans.exception_asked",
        actor=actor,
        subject=exception,
        lock=f"{kind} {number}",
        organisation=organisation_id,
        reason=reason,
    )
    telling.exception_asked(exception, by=actor)
    return exception


@transaction.atomic
def approve_exception(
    *, actor: Person, exception: LockException, version: int, expires_at: datetime, at: datetime
) -> LockException:
    """Open the lock until a time; then it is shut again without anybody's doing.

    :raises Denied: not of the department, who asked for it, or it waits no more.
    :raises Conflict: somebody dealt with it since that version.
    :raises ValidationError: a time that is past.
    """
    exception = _locked(exception, version)
    rules.approve_exception.require(actor, exception, at)
    _check_end(expires_at, at)
    exception.expires_at = expires_at
    exception.approved_by, exception.approved_at = actor, at
    exception.version += 1
    exception.save(update_fields=["expires_at", "approved_by", "approved_at", "version"])
    record(
        action="plans.exception_approved",
        actor=actor,
        subject=exception,
        requested_by=exception.requested_by_id,
        expires_at=expires_at.isoformat(),
    )
    telling.exception_decided(exception, by=actor)
    return exception


@transaction.atomic
def close_exception(
    *, actor: Person, exception: LockException, version: int, reason: str, at: datetime
) -> LockException:
    """Refuse it, take it back, or shut the lock again before its time.

    :raises Denied: not of the department nor who asked, or it is over.
    :raises Conflict: somebody dealt with it since that version.
    :raises ValidationError: no reason is given.
    """
    exception = _locked(exception, version)
    rules.close_exception.require(actor, exception, at)
    if not reason:
        raise ValidationError({"reason": _("Nhập lý do.")})
    exception.closed_by, exception.closed_at = actor, at
    exception.closed_reason = reason
    exception.version += 1
    exception.save(update_fields=["closed_by", "closed_at", "closed_reason", "version"])
    record(action="plans.exception_closed", actor=actor, subject=exception, reason=reason)
    telling.exception_decided(exception, by=actor)
    return exception


def _check_end(expires_at: datetime, at: datetime) -> None:
    if expires_at <= at:
        raise ValidationError({"until": _("Chọn ngày từ hôm nay trở đi.")})


def _locked(exception: LockException, version: int) -> LockException:
    found = (
        LockException.objects.select_for_update(of=("self",))
        .select_related("plan")
        .get(pk=exception.pk)
    )
    if found.version != version:
        raise rules.Conflict(found)
    return found
