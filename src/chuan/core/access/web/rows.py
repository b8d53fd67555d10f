"""Memberships and delegations as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from chuan.core.orgs.queries import Name, names_on
from chuan.core.people import rules
from chuan.core.people.enums import Role, SigningForm
from chuan.core.people.models import Delegation, Membership, Person


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """One role: where, from when, until when; `state` is a key of the status words."""

    membership: Membership
    role: str
    organisation: str
    start: date | None
    last: date | None
    state: str


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """One substitution; `may_revoke` is for the person who looks."""

    delegation: Delegation
    holder: str
    delegate: str
    role: str
    organisation: str
    form: str
    start: date
    last: date
    state: str
    may_revoke: bool


def membership_rows(memberships: Iterable[Membership]) -> list[MembershipRow]:
    rows = list(memberships)
    today = timezone.localdate()
    names = names_on({row.organisation_id for row in rows}, today)
    return [
        MembershipRow(
            membership=row,
            role=str(Role(row.role).label),
            organisation=_name(names, row.organisation_id),
            start=row.valid.lower,
            last=row.valid.upper - timedelta(days=1) if row.valid.upper else None,
            state=_state(row.valid.lower, row.valid.upper, today),
        )
        for row in rows
    ]


def delegation_rows(delegations: Iterable[Delegation], *, actor: Person) -> list[DelegationRow]:
    rows = list(delegations)
    today = timezone.localdate()
    names = names_on({row.membership.organisation_id for row in rows}, today)
    return [
        DelegationRow(
            delegation=row,
            holder=row.membership.person.full_name,
            delegate=row.delegate.full_name,
            role=str(Role(row.membership.role).label),
            organisation=_name(names, row.membership.organisation_id),
            form=SigningForm(row.form).value,
            start=row.valid.lower,
            last=row.valid.upper - timedelta(days=1),
            state=_delegation_state(row, today),
            may_revoke=row.valid.upper > today and rules.revoke_delegation.allows(actor, row),
        )
        for row in rows
    ]


def _state(start: date | None, end: date | None, today: date) -> str:
    if end is not None and end <= today:
        return "role_ended"
    if start is not None and start > today:
        return "role_to_come"
    return "role_current"


def _delegation_state(row: Delegation, today: date) -> str:
    if row.revoked_at is not None:
        return "revoked"
    state = _state(row.valid.lower, row.valid.upper, today)
    return "delegation_current" if state == "role_current" else state


def _name(names: dict[int, Name], pk: int) -> str:
    return str(names[pk]) if pk in names else ""
