from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.queries import name_on
from chuan.core.orgs.queries.dependents import Affected, Found, Sample
from chuan.core.orgs.queries.heirs import taken_over_by
from chuan.core.people.enums import Role
from chuan.core.people.models import Delegation, Membership, Person, goes_on
from chuan.core.ui.navigation import Identity


def people() -> QuerySet[Person]:
    """Everybody with an account, by given name in Vietnamese order."""
    return Person.objects.order_by("sort_key", "pk")


def with_roles_on(rows: QuerySet[Person], day: date) -> QuerySet[Person]:
    """Each person with `roles_then`: the memberships of that day, each with `organisation_name`."""
    name = OrganisationVersion.objects.filter(
        organisation=OuterRef("organisation"), valid__contains=day
    ).values("short_name")
    current = (
        Membership.objects.filter(valid__contains=day)
        .annotate(organisation_name=Subquery(name[:1]))
        .order_by("role", "pk")
    )
    return rows.prefetch_related(Prefetch("memberships", queryset=current, to_attr="roles_then"))


def holders(
    *roles: Role, organisation_ids: Iterable[int] | None = None, on: date | None = None
) -> QuerySet[Person]:
    """Who has one of the roles on a day, today by default, substitutes included; nobody of a body
    that is no more.

    :param organisation_ids: only in these organisations.
    """
    day = on or timezone.localdate()
    own = Q(role__in=roles, valid__contains=day, person__is_active=True)
    if organisation_ids is not None:
        own &= Q(organisation__in=list(organisation_ids))
    memberships = Membership.objects.filter(own, goes_on(day))
    substitutes = Delegation.objects.filter(
        membership__in=memberships, valid__contains=day, revoked_at__isnull=True
    )
    return people().filter(
        Q(pk__in=memberships.values("person")) | Q(pk__in=substitutes.values("delegate")),
        is_active=True,
    )


def holders_of_each(
    *roles: Role, organisation_ids: Iterable[int], on: date | None = None
) -> dict[int, list[Person]]:
    """As `holders`, by organisation; two queries however many."""
    day = on or timezone.localdate()
    memberships = Membership.objects.filter(
        goes_on(day),
        role__in=roles,
        valid__contains=day,
        organisation__in=list(organisation_ids),
        person__is_active=True,
    )
    substitutes = Delegation.objects.filter(
        membership__in=memberships,
        valid__contains=day,
        revoked_at__isnull=True,
        delegate__is_active=True,
    )
    found: dict[int, dict[int, Person]] = {}
    for member in memberships.select_related("person").order_by("pk"):
        found.setdefault(member.organisation_id, {})[member.person_id] = member.person
    for one in substitutes.select_related("delegate", "membership").order_by("pk"):
        found.setdefault(one.membership.organisation_id, {})[one.delegate_id] = one.delegate
    return {pk: list(people.values()) for pk, people in found.items()}


@dataclass(frozen=True, slots=True)
class Duty:
    """One person who carries out one role in one organisation on a day."""

    person_id: int
    organisation_id: int
    role: Role


def on_duty(*roles: Role, on: date, organisation_ids: Iterable[int] | None = None) -> set[Duty]:
    """Who carries out these roles on a day: their holders, and in place of one who named a
    substitute, the substitute alone. Two queries.

    Unlike `holders`, which tells who may: this tells whom to turn to.
    """
    memberships = Membership.objects.filter(
        role__in=roles, valid__contains=on, person__is_active=True
    )
    if organisation_ids is not None:
        memberships = memberships.filter(organisation__in=list(organisation_ids))
    substituted: dict[int, list[int]] = {}
    for membership_id, delegate_id in (
        Delegation.objects.in_force(on)
        .filter(membership__in=memberships)
        .values_list("membership", "delegate")
    ):
        substituted.setdefault(membership_id, []).append(delegate_id)
    return {
        Duty(person_id, organisation_id, Role(role))
        for pk, holder_id, organisation_id, role in memberships.values_list(
            "pk", "person", "organisation", "role"
        )
        for person_id in substituted.get(pk, [holder_id])
    }


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


# The role the header names when somebody has several: the one whose word reaches furthest.
_FOREMOST = [
    Role.PROVINCIAL_LEADER,
    Role.DEPARTMENT_LEADER,
    Role.DEPARTMENT_COORDINATOR,
    Role.UNIT_HEAD,
    Role.UNIT_CLERK,
    Role.AUDITOR,
    Role.SYSTEM_ADMINISTRATOR,
]


def identity_of(person: Person) -> Identity:
    """How the header names a person: their foremost role today and where they hold it."""
    grants = sorted(
        person.grants(), key=lambda grant: (_FOREMOST.index(grant.role), grant.organisation_id)
    )
    if not grants:
        return Identity(name=str(person))
    foremost = grants[0]
    return Identity(
        name=str(person),
        role=foremost.role.label,
        organisation=str(name_on(foremost.organisation_id, timezone.localdate()) or ""),
    )


# ---------------------------------------------------------------- when bodies are reorganised


def inherited_organisation_ids(person: Person, *roles: Role) -> frozenset[int]:
    """Bodies that are no more and were wholly taken over by those where the person has one of the
    roles today: they read what is left of them. Kept on the person, as grants are."""
    day = timezone.localdate()
    own = person.organisation_ids(*roles)
    kept: dict[tuple[date, frozenset[int]], frozenset[int]] = person.__dict__.setdefault(
        "_inherited", {}
    )
    if (day, own) not in kept:
        kept[day, own] = taken_over_by(own, day, in_part=False) if own else frozenset()
    return kept[day, own]


def roles_hanging_on(affected: Affected, reader: object) -> Found:
    """Roles that people hold, from the day on, in bodies a reorganisation ends or changes.

    Accounts are opened by those who administer them; others read the names alone.
    """
    memberships = Membership.objects.filter(
        organisation__in=affected.existing, valid__overlap=(affected.on, None)
    )
    may_open = isinstance(reader, Person) and reader.holds(Role.SYSTEM_ADMINISTRATOR)
    name = OrganisationVersion.objects.filter(
        organisation=OuterRef("organisation"), valid__startswith__lt=affected.on
    ).order_by("-valid")
    rows = memberships.annotate(body_name=Subquery(name.values("name")[:1]))

    def tell(one: Membership) -> Sample:
        return Sample(
            one.person.full_name,
            _("%(role)s, %(name)s") % {"role": Role(one.role).label, "name": one.body_name or ""},  # type: ignore[attr-defined]
            reverse("access:person", args=[one.person_id]) if may_open else "",
        )

    return Found(
        memberships.count(),
        rows.select_related("person").order_by("person__sort_key", "pk"),
        tell,
    )


def roles_forbid_reversal(affected: Affected) -> str:
    """Somebody has, or had, a role in a body the reorganisation brought in."""
    count = Membership.objects.filter(organisation__in=affected.begun).count()
    if not count:
        return ""
    return _(
        "Đã giao %(count)s vai trò ở cơ quan do sự kiện này lập. Ghi một sự kiện mới để sửa."
    ) % {"count": count}
