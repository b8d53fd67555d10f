"""Questions that are asked again and again: which ones, and what is new to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from chuan.modules.traceability.engine.query import Query, read_question
from chuan.modules.traceability.models import NamedQuery, Subscription
from chuan.modules.traceability.queries.events import page
from chuan.modules.traceability.queries.sight import sight_of
from chuan.modules.traceability.store.feed import Entry, Spot
from chuan.modules.traceability.store.reading import Row


def question_of(named: NamedQuery) -> Query:
    return read_question(named.question, named.namespaces)


def subscriptions_to_wake(*, at: datetime, last: int) -> QuerySet[Subscription]:
    """What is due, and streams that have not heard of everything up to the last place."""
    waiting = Q(due_at__lte=at) | Q(due_at=None, schedule={}, position__lt=last)
    free = Q(busy_until=None) | Q(busy_until__lt=at)
    heard = Subscription.objects.filter(
        Q(query__key__expires_at=None) | Q(query__key__expires_at__gt=at),
        query__key__revoked_at=None,
    )
    return heard.filter(waiting & free).order_by("pk")


def subscriptions_with_their_keys() -> QuerySet[Subscription]:
    return Subscription.objects.select_related("query__key").order_by("pk")


def matching(
    named: NamedQuery, since: datetime | None, entries: list[Entry]
) -> list[tuple[Spot, Row]]:
    """Those of some events that satisfy the query and that its key sees, each with the place behind
    it, in order.

    :param since: events recorded before are left out.
    """
    asked = [one for one in entries if since is None or one.record_time >= since]
    if not asked:
        return []
    query = question_of(named)
    query.event_ids = [one.event_id for one in asked]
    times = [one.record_time for one in asked]
    # Partitions of other months are not opened.
    query.times.append(("record_time", "GE", min(times)))
    query.times.append(("record_time", "LT", max(times) + timedelta(microseconds=1)))
    sight = sight_of(named.key)
    found: dict[int, Row] = {}
    after = None
    while True:
        # Of very large events a page holds fewer than were asked for.
        part = page(query, sight=sight, after=after, size=len(asked))
        found |= {row.event_id: row for row in part.rows}
        after = part.after
        if after is None:
            break
    return [(one.spot, found[one.event_id]) for one in asked if one.event_id in found]
