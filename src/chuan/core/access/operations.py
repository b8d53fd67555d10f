from __future__ import annotations

from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import reverse

from chuan.core.access import queries, rules
from chuan.core.access.enums import AccountEvent
from chuan.core.audit.operations import record
from chuan.core.people.models import Person


@transaction.atomic
def note_event(*, actor: Person, event: AccountEvent, **details: Any) -> None:
    """Keep in the ledger that a person came in, went out, or changed how they come in."""
    record(action=f"access.{event.value}", actor=actor, subject=actor, **details)


@transaction.atomic
def note_failed_sign_in(*, person: Person, ip: str) -> None:
    """Keep in the ledger that somebody tried a wrong password for this account.

    Tries for accounts that do not exist are not kept: people type passwords into the wrong field.
    """
    record(
        action=f"access.{AccountEvent.SIGN_IN_FAILED.value}",
        actor=None,
        subject=person,
        by="access.sign_in",
        ip=ip,
    )


@transaction.atomic
def end_session(*, actor: Person, session_id: int) -> None:
    """Sign one of the actor's own browsers out.

    :raises UserSession.DoesNotExist: it is somebody else's, or over already.
    """
    session = UserSession.objects.select_for_update().get(pk=session_id, user=actor)
    _end([session])
    record(action="access.session_ended", actor=actor, subject=actor, ip=session.ip)


@transaction.atomic
def end_other_sessions(*, actor: Person, current_key: str | None) -> int:
    """Sign the actor out everywhere but here; returns in how many browsers."""
    sessions = list(
        UserSession.objects.select_for_update().filter(user=actor).exclude(session_key=current_key)
    )
    if sessions:
        _end(sessions)
        record(action="access.sessions_ended", actor=actor, subject=actor, count=len(sessions))
    return len(sessions)


@transaction.atomic
def end_every_session(*, person: Person) -> None:
    """After a change of password or second factor: whoever used the old one is out."""
    _end(list(UserSession.objects.select_for_update().filter(user=person)))


def _end(sessions: list[UserSession]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in sessions]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in sessions]).delete()


@transaction.atomic
def make_password_link(*, actor: Person | None, person: Person, by: str = "") -> str:
    """A path that lets a person choose a password once, for three days.

    The one who makes it hands it over or has it sent; it stops working when the password is set.

    :param actor: None for the command line; `by` then names it.
    :raises Denied: the actor does not administer accounts, or the account is closed.
    """
    if actor is not None:
        rules.hand_out_password_link.require(actor, person)
    key = f"{user_pk_to_url_str(person)}-{PasswordResetTokenGenerator().make_token(person)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    record(action="access.password_link_made", actor=actor, subject=person, by=by)
    return path.replace("UID-KEY", key)


@transaction.atomic
def reset_second_factor(*, actor: Person, person: Person) -> None:
    """Remove a person's authenticator app and codes, for a lost phone; they set up anew.

    Every session of theirs ends.

    :raises Denied: the actor does not administer accounts, it is the actor's own, or there is none.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    rules.reset_second_factor.require(actor, person, has_one=queries.has_second_factor(person))
    Authenticator.objects.filter(user=person).delete()
    end_every_session(person=person)
    record(action="access.second_factor_reset", actor=actor, subject=person)
