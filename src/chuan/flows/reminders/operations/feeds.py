"""The personal calendar: its address is made, made anew, and withdrawn by the person it is about."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.flows.reminders.models import CalendarFeed
from chuan.flows.reminders.queries.feeds import hash_of


@transaction.atomic
def make_feed(*, actor: Person) -> str:
    """Give the actor an address for their calendar; the one before stops working.

    Returns its key, which is kept nowhere: it cannot be shown again.
    """
    key = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        person=actor, defaults={"key_hash": hash_of(key), "made_at": timezone.now()}
    )
    record(action="reminders.calendar_made", actor=actor, subject=actor)
    return key


@transaction.atomic
def withdraw_feed(*, actor: Person) -> None:
    """Whoever has the actor's address reads nothing any more."""
    deleted, _by_model = CalendarFeed.objects.filter(person=actor).delete()
    if deleted:
        record(action="reminders.calendar_withdrawn", actor=actor, subject=actor)


@transaction.atomic
def shut_feed(person: Person) -> None:
    """The address ends with the password, as sessions do."""
    deleted, _by_model = CalendarFeed.objects.filter(person=person).delete()
    if deleted:
        record(
            action="reminders.calendar_withdrawn",
            actor=None,
            by="access.credentials_changed",
            subject=person,
        )
