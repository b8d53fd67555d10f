from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from chuan.core.access.enums import VIEWING_LASTS, VIEWING_WAITS
from chuan.core.access.models import ViewedPage, Viewing
from chuan.core.access.parsing.user_agents import describe
from chuan.core.people.enums import Role
from chuan.core.people.models import Membership, Person, goes_on
from chuan.core.people.queries import people, with_roles_on
from chuan.core.people.rules import administer_accounts
from chuan.core.ui.finding import Found, Hit, found_in
from chuan.lib.vietnamese import clean, fold

UNIT_ROLES = (Role.UNIT_CLERK, Role.UNIT_HEAD)


def has_second_factor(person: Person) -> bool:
    return bool(Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists())


def accounts(*, on: date) -> QuerySet[Person]:
    """Every account, each with `roles_then` and `has_second_factor`, by given name."""
    own = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return with_roles_on(people().annotate(has_second_factor=Exists(own)), on)


def is_excused_from_second_factor(person: Person) -> bool:
    """Only the demonstration's own accounts, and only where the site runs as a demonstration."""
    return bool(settings.CHUAN_DEMO) and person.is_demo


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser in which somebody is signed in."""

    pk: int
    device: str
    ip: str
    since: datetime
    until: datetime
    is_current: bool


def open_sessions(person: Person, *, current_key: str | None) -> list[OpenSession]:
    """Where a person is signed in, the present browser first, then the newest."""
    rows = list(UserSession.objects.filter(user=person).order_by("-created_at", "-pk"))
    live = dict(
        Session.objects.filter(
            session_key__in=[row.session_key for row in rows], expire_date__gt=timezone.now()
        ).values_list("session_key", "expire_date")
    )
    found = [
        OpenSession(
            pk=row.pk,
            device=describe(row.user_agent),
            ip=row.ip,
            since=row.created_at,
            until=live[row.session_key],
            is_current=row.session_key == current_key,
        )
        for row in rows
        if row.session_key in live
    ]
    return sorted(found, key=lambda session: not session.is_current)


def find_people(person: Person, text: str, start: int, limit: int) -> Found:
    """People in the search across everything; who may look for them says the finder.

    Who manages accounts is led to them; who helps bodies finds those who work in one today, and is
    led to the body.
    """
    words = fold(clean(text)).split()
    rows = people() if words else Person.objects.none()
    for word in words:
        rows = rows.filter(search_key__contains=word)
    if not administer_accounts.allows(person):
        return _find_at_work(rows, start, limit)
    return found_in(
        rows,
        start,
        limit,
        lambda row: Hit(
            title=row.full_name, url=reverse("access:person", args=[row.pk]), text=row.title
        ),
    )


def _find_at_work(rows: QuerySet[Person], start: int, limit: int) -> Found:
    """Clerks and heads of today; three queries."""
    today = timezone.localdate()
    at_work = Membership.objects.filter(
        goes_on(today), role__in=UNIT_ROLES, valid__contains=today
    ).values("person")
    return found_in(
        with_roles_on(rows.filter(is_active=True, pk__in=at_work), today), start, limit, _at_work
    )


def _at_work(row: Person) -> Hit:
    roles = [one for one in row.roles_then if one.role in UNIT_ROLES]  # type: ignore[attr-defined]
    return Hit(
        title=row.full_name,
        url=reverse("orgs:show", args=[roles[0].organisation_id]),
        text="; ".join(f"{Role(one.role).label}, {one.organisation_name}" for one in roles),
    )


def viewings_visible_to(person: Person) -> QuerySet[Viewing]:
    """Who looked as whom: auditors and administrators see all of it, others what they asked for, what
    concerned them, and heads what concerns people of their bodies; newest first, with `page_count`."""
    found = Viewing.objects.select_related("person", "asked_by", "answered_by", "ended_by")
    if not person.holds(Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR):
        theirs = Membership.objects.filter(
            organisation__in=person.organisation_ids(Role.UNIT_HEAD),
            valid__contains=timezone.localdate(),
        )
        found = found.filter(
            Q(person=person) | Q(asked_by=person) | Q(person__in=theirs.values("person"))
        )
    return found.annotate(page_count=Count("pages")).order_by("-asked_at", "-pk")


def lately_asked(actor: Person, person: Person, *, at: datetime) -> list[Viewing]:
    """What somebody asked of a person that may still go on, or was declined in the last day."""
    longest = 2 * VIEWING_WAITS + VIEWING_LASTS + VIEWING_WAITS
    return list(Viewing.objects.filter(person=person, asked_by=actor, asked_at__gt=at - longest))


def pages_of(viewing: Viewing) -> QuerySet[ViewedPage]:
    """What was opened, the latest first."""
    return ViewedPage.objects.filter(viewing=viewing).order_by("-at", "-pk")


def viewing_of_session(pk: object) -> Viewing | None:
    """The viewing a browser says it is in the middle of; whether it may go on is not asked here."""
    if not isinstance(pk, int):
        return None
    return Viewing.objects.select_related("person", "asked_by").filter(pk=pk).first()


def account_called(name: str) -> Person | None:
    """By user name or address, as when signing in."""
    name = clean(name)
    by_name = Q(username__iexact=name) | Q(email__iexact=name)
    found: Person | None = Person.objects.filter(by_name).first() if name else None
    return found
