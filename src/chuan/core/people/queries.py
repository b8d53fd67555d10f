from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import timezone

from chuan.core.people.enums import Role
from chuan.core.people.models import Delegation, Membership, Person
from chuan.lib.vietnamese import fold


def people() -> QuerySet[Person]:
    """Everybody with an account, by given name in Vietnamese order."""
    return Person.objects.order_by("sort_key", "pk")


def search(rows: QuerySet[Person], text: str) -> QuerySet[Person]:
    """Whose name, account, address or title has every word, tones and capitals aside."""
    for word in fold(text).split():
        rows = rows.filter(search_key__contains=word)
    return rows


def with_roles_on(rows: QuerySet[Person], day: date) -> QuerySet[Person]:
    """Each person with `roles_today`: the memberships of that day."""
    current = Membership.objects.filter(valid__contains=day).order_by("role", "pk")
    return rows.prefetch_related(Prefetch("memberships", queryset=current, to_attr="roles_today"))


def holders(
    *roles: Role, organisation_ids: Iterable[int] | None = None, on: date | None = None
) -> QuerySet[Person]:
    """Who has one of the roles on a day, today by default, substitutes included.

    :param organisation_ids: only in these organisations.
    """
    day = on or timezone.localdate()
    own = Q(role__in=roles, valid__contains=day, person__is_active=True)
    if organisation_ids is not None:
        own &= Q(organisation__in=list(organisation_ids))
    memberships = Membership.objects.filter(own)
    substitutes = Delegation.objects.filter(
        membership__in=memberships, valid__contains=day, revoked_at__isnull=True
    )
    return people().filter(
        Q(pk__in=memberships.values("person")) | Q(pk__in=substitutes.values("delegate")),
        is_active=True,
    )


def colleagues(organisation_id: int, *, on: date | None = None) -> QuerySet[Person]:
    """Who works in an organisation on a day: the ones a role there can be delegated to."""
    day = on or timezone.localdate()
    members = Membership.objects.filter(organisation=organisation_id, valid__contains=day)
    return people().filter(pk__in=members.values("person"), is_active=True)


def memberships_of(person: Person) -> QuerySet[Membership]:
    """All roles of a person, now, past and to come, the latest first."""
    return (
        Membership.objects.filter(person=person)
        .select_related("organisation", "granted_by")
        .order_by(F("valid").desc(), "role", "pk")
    )


def memberships_to_delegate(person: Person, *, on: date | None = None) -> QuerySet[Membership]:
    """Roles the person holds in their own right on a day and may name a substitute for."""
    day = on or timezone.localdate()
    return (
        Membership.objects.filter(person=person, valid__contains=day)
        .exclude(role=Role.SYSTEM_ADMINISTRATOR)
        .select_related("organisation", "person")
        .order_by("role", "pk")
    )


def delegations_given(person: Person) -> QuerySet[Delegation]:
    return _delegations().filter(membership__person=person)


def delegations_received(person: Person) -> QuerySet[Delegation]:
    return _delegations().filter(delegate=person)


def _delegations() -> QuerySet[Delegation]:
    return Delegation.objects.select_related(
        "membership__person", "membership__organisation", "delegate", "given_by", "revoked_by"
    ).order_by(F("valid").desc(), "pk")


def is_somebody_administrator() -> bool:
    """Whether anyone could open accounts: otherwise the command line makes the first one."""
    return holders(Role.SYSTEM_ADMINISTRATOR).exists()
