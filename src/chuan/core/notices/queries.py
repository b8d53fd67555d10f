from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone

from chuan.core.notices.enums import MailState
from chuan.core.notices.models import MailChoice, Notice, OutgoingMail
from chuan.core.people.models import Person

# A letter goes out within seconds; one that is "being sent" for this long was interrupted.
INTERRUPTED_AFTER = timedelta(minutes=15)


def inbox(person: Person) -> QuerySet[Notice]:
    """A person's notices: unread first, urgent ones before others, then the newest."""
    return Notice.objects.filter(person=person).order_by(
        F("read_at").desc(nulls_first=True), "-is_urgent", "-created_at", "-pk"
    )


def unread_count(person: Person) -> int:
    return Notice.objects.filter(person=person, read_at__isnull=True).count()


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wants to be told by e-mail: not at all, once a day, and what is urgent at once."""

    by_mail: bool = True
    urgent_at_once: bool = True


def wishes_of(person_ids: Collection[int]) -> dict[int, Wishes]:
    """What each of these people chose, in one query; who chose nothing has the ordinary wishes."""
    chosen = {
        row.person_id: Wishes(row.by_mail, row.urgent_at_once)
        for row in MailChoice.objects.filter(person__in=person_ids)
    }
    return {pk: chosen.get(pk, Wishes()) for pk in person_ids}


def awaiting_digest() -> dict[int, list[Notice]]:
    """Unread notices that wait for their reader's daily letter, by person, the newest first."""
    found: dict[int, list[Notice]] = defaultdict(list)
    rows = Notice.objects.filter(
        awaits_digest=True, read_at__isnull=True, person__is_active=True
    ).order_by("-created_at", "-pk")
    for notice in rows:
        found[notice.person_id].append(notice)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Outbox:
    """How the letters by e-mail are doing."""

    waiting: int
    oldest_waiting: datetime | None
    failed: int


def outbox() -> Outbox:
    waiting = Q(state__in=[MailState.WAITING, MailState.SENDING])
    found = OutgoingMail.objects.aggregate(
        waiting=Count("pk", filter=waiting),
        oldest=Min("created_at", filter=waiting),
        failed=Count("pk", filter=Q(state=MailState.FAILED)),
    )
    return Outbox(found["waiting"], found["oldest"], found["failed"])


def mail_due(*, at: datetime | None = None) -> QuerySet[OutgoingMail]:
    """Letters to send now, the oldest first."""
    return OutgoingMail.objects.filter(
        state=MailState.WAITING, due_at__lte=at or timezone.now()
    ).order_by("due_at", "pk")


def mail_interrupted(*, at: datetime | None = None) -> QuerySet[OutgoingMail]:
    """Letters whose sending began and was never heard of again."""
    return OutgoingMail.objects.filter(
        state=MailState.SENDING, due_at__lt=(at or timezone.now()) - INTERRUPTED_AFTER
    ).order_by("pk")
