"""Locks: closing a year, asking for an exception, and whether one is open."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from chuan.core.people.models import Person
from chuan.modules.plans.enums import LockKind
from chuan.modules.plans.models import Plan
from chuan.modules.plans.operations import locks as operations
from chuan.modules.plans.rules import exceptions_open, lock_is_open


def lock_year(*, actor: Person, plan_id: int, year: int, reason: str, at: datetime) -> None:
    """What was done in a year by now stays as it was told."""
    operations.lock_year(
        actor=actor, plan=Plan.objects.get(pk=plan_id), year=year, reason=reason, at=at
    )


def reports_are_open(plan_id: int, organisation_id: int, period_id: int) -> bool:
    """Whether an exception lets a body write its report of a locked period at this moment."""
    return lock_is_open(plan_id, organisation_id, LockKind.REPORTS, period_id)


def reports_opened() -> set[tuple[int, int]]:
    """The ids of each locked period and of the body that may write its report at this moment."""
    return set(exceptions_open(LockKind.REPORTS).values_list("number", "organisation"))


def ask_to_open_reports(
    *,
    actor: Person,
    plan_id: int,
    organisation_id: int,
    period_id: int,
    title: str,
    reason: str,
    expires_at: datetime,
    at: datetime,
) -> str:
    """Ask to open a locked period for one body; returns the page on which others read it.

    :raises Denied: neither of the body nor a coordinator of the department.
    :raises ValidationError: by field: no reason, a time that is past.
    """
    exception = operations.ask_for_exception(
        actor=actor,
        plan=Plan.objects.get(pk=plan_id),
        organisation_id=organisation_id,
        kind=LockKind.REPORTS,
        number=period_id,
        title=title,
        reason=reason,
        expires_at=expires_at,
        at=at,
    )
    return reverse("plans:exception", args=[exception.pk])
