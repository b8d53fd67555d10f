from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.orgs.models import Organisation
from chuan.core.people import rules
from chuan.core.people.enums import Role, SigningForm
from chuan.core.people.models import Delegation, Membership, Person
from chuan.lib.periods import Period
from chuan.lib.vietnamese import clean, person_sort_key


class ChangedMeanwhile(Exception):
    """Somebody saved the account after this person opened it; `person` is as it stands now."""

    def __init__(self, person: Person) -> None:
        super().__init__(str(person))
        self.person = person


@transaction.atomic
def add_person(
    *,
    actor: Person | None,
    username: str,
    full_name: str,
    email: str = "",
    title: str = "",
    password: str | None = None,
    is_demo: bool = False,
    by: str = "",
) -> Person:
    """Open an account. Without a password nobody can sign in to it until a link is handed out.

    :param actor: None for the command line; `by` then names it.
    :raises Denied: the actor does not administer accounts.
    :raises ValidationError: the user name or the address is taken or malformed.
    """
    if actor is not None:
        rules.administer_accounts.require(actor)
    full_name = clean(full_name)
    person = Person(
        username=username.strip(),
        full_name=full_name,
        email=email.strip().lower(),
        title=clean(title),
        is_demo=is_demo,
        sort_key=person_sort_key(full_name),
    )
    person.set_password(password)
    person.full_clean(exclude=["search_key"])
    person.save()
    record(
        action="people.account_added",
        actor=actor,
        subject=person,
        by=by,
        username=person.username,
        is_demo=is_demo,
    )
    return person


@transaction.atomic
def change_person(
    *,
    actor: Person,
    person: Person,
    version: int,
    username: str,
    full_name: str,
    email: str,
    title: str,
) -> Person:
    """Correct what an account says about its holder.

    :param version: of the row as the actor saw it.
    :raises ChangedMeanwhile: somebody else saved first; nothing is written.
    :raises Denied: the actor does not administer accounts.
    :raises ValidationError: the user name or the address is taken or malformed.
    """
    person = _locked(person)
    rules.administer_accounts.require(actor)
    if person.version != version:
        raise ChangedMeanwhile(person)
    full_name = clean(full_name)
    fields: dict[str, str] = {
        "username": username.strip(),
        "full_name": full_name,
        "email": email.strip().lower(),
        "title": clean(title),
    }
    changed = _apply(person, fields)
    if changed:
        person.sort_key = person_sort_key(full_name)
        person.version += 1
        person.full_clean(exclude=["search_key"])
        person.save(update_fields=[*changed, "sort_key", "version"])
        record(action="people.account_changed", actor=actor, subject=person, changed=changed)
    return person


def _apply(person: Person, fields: dict[str, str]) -> dict[str, list[str]]:
    """Set the fields that differ; what they were and what they became."""
    changed: dict[str, list[str]] = {}
    for name, value in fields.items():
        old = getattr(person, name)
        if old != value:
            setattr(person, name, value)
            changed[name] = [old, value]
    return changed


@transaction.atomic
def choose_preferences(*, actor: Person, language: str, theme: str) -> Person:
    """Set the language and the theme somebody's own pages have."""
    person = _locked(actor)
    changed = _apply(person, {"language": language, "theme": theme})
    if changed:
        person.full_clean(exclude=["search_key"])
        person.save(update_fields=list(changed))
        record(action="people.preferences_chosen", actor=person, subject=person, changed=changed)
    return person


@transaction.atomic
def close_account(*, actor: Person, person: Person, reason: str) -> Person:
    """Lock an account: its holder is out at once, and what they delegated stops counting.

    :raises Denied: not an administrator, the actor's own account, or closed already.
    """
    person = _locked(person)
    rules.close_account.require(actor, person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    record(action="people.account_closed", actor=actor, subject=person, reason=clean(reason))
    return person


@transaction.atomic
def open_account(*, actor: Person, person: Person) -> Person:
    """:raises Denied: not an administrator, or the account is open."""
    person = _locked(person)
    rules.open_account.require(actor, person)
    person.is_active = True
    person.save(update_fields=["is_active"])
    record(action="people.account_opened", actor=actor, subject=person)
    return person


@transaction.atomic
def grant_role(
    *,
    actor: Person | None,
    person: Person,
    organisation: Organisation,
    role: Role,
    start: date,
    end: date | None = None,
    by: str = "",
) -> Membership:
    """Give a role in an organisation from a day on.

    :param end: first day without it; None: until further notice.
    :param actor: None for the command line; `by` then names it.
    :raises Denied: not an administrator, the actor's own role, or the account is closed.
    :raises ValidationError: the same role on some of these days already, or it ends before it starts.
    """
    person = _locked(person)
    if actor is not None:
        rules.grant_role.require(actor, person)
    if end is not None and end <= start:
        raise ValidationError(_("Ngày kết thúc phải sau ngày bắt đầu."))
    membership = Membership(
        person=person,
        organisation=organisation,
        role=role,
        valid=(start, end),
        granted_by=actor,
    )
    membership.full_clean()
    membership.save()
    record(
        action="people.role_granted",
        actor=actor,
        subject=membership,
        by=by,
        role=role.value,
        organisation=organisation.key,
        start=start.isoformat(),
        end=end.isoformat() if end else None,
    )
    person.forget_grants()
    return membership


@transaction.atomic
def end_role(*, actor: Person, membership: Membership, end: date) -> Membership:
    """Let a role end: `end` is the first day without it. What was delegated from it ends as well.

    :raises Denied: not an administrator, or the actor's own role.
    :raises ValidationError: the day is before the role began, or the role has ended by then.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    rules.end_role.require(actor, membership)
    start, last = membership.valid.lower, membership.valid.upper
    if start and end <= start:
        raise ValidationError(_("Ngày kết thúc phải sau ngày bắt đầu giữ vai trò."))
    if last and last <= end:
        raise ValidationError(_("Vai trò này đã kết thúc trước ngày đó."))
    membership.valid = (start, end)
    membership.save(update_fields=["valid"])
    record(action="people.role_ended", actor=actor, subject=membership, end=end.isoformat())
    return membership


@transaction.atomic
def give_delegation(
    *,
    actor: Person,
    membership: Membership,
    delegate: Person,
    form: SigningForm,
    start: date,
    end: date,
    basis: str,
) -> Delegation:
    """Let somebody of the same organisation stand in for the holder of a role.

    :param end: first day that no longer counts.
    :param basis: the paper it rests on: “Thông báo phân công số 12/TB-SKHCN”.
    :raises Denied: see `rules.give_delegation` and `rules.be_delegate`.
    :raises ValidationError: no basis, it ends before it starts or has ended already, or the same
        person stands in on some of these days already.
    """
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("person")
        .get(pk=membership.pk)
    )
    rules.give_delegation.require(actor, membership)
    if end <= start:
        raise ValidationError(_("Ngày kết thúc phải sau ngày bắt đầu."))
    if end <= timezone.localdate():
        raise ValidationError(_("Thời gian ủy quyền đã qua."))
    rules.be_delegate.require(delegate, membership, form=form, period=Period(start, end))
    delegation = Delegation(
        membership=membership,
        delegate=delegate,
        form=form,
        basis=clean(basis),
        valid=(start, end),
        given_by=actor,
        given_at=timezone.now(),
    )
    delegation.full_clean()
    delegation.save()
    record(
        action="people.delegation_given",
        actor=actor,
        subject=delegation,
        form=form.value,
        basis=delegation.basis,
        start=start.isoformat(),
        end=end.isoformat(),
        holder=membership.person_id,
        delegate=delegate.pk,
    )
    delegate.forget_grants()
    return delegation


@transaction.atomic
def revoke_delegation(*, actor: Person, delegation: Delegation) -> Delegation:
    """Take a delegation back at once.

    :raises Denied: neither the holder nor an administrator, or revoked already.
    """
    delegation = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("membership__person", "delegate")
        .get(pk=delegation.pk)
    )
    rules.revoke_delegation.require(actor, delegation)
    delegation.revoked_at, delegation.revoked_by = timezone.now(), actor
    delegation.save(update_fields=["revoked_at", "revoked_by"])
    record(action="people.delegation_revoked", actor=actor, subject=delegation)
    return delegation


def _locked(person: Person) -> Person:
    locked: Person = Person.objects.select_for_update().get(pk=person.pk)
    return locked
