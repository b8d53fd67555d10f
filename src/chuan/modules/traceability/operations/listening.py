"""Telling over a line that is kept open (WebSocket): a subscription that lasts as long as its line.

What is told, in which order and to whom is as in `operations/delivery.py`. A line has no receipts: whoever
comes back after it broke says from when on (`initialRecordTime`) and knows events it had by their id.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from chuan.core.audit.operations import record
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.schedule import read_schedule
from chuan.modules.traceability.models import AccessKey, NamedQuery
from chuan.modules.traceability.operations.delivery import CHUNK
from chuan.modules.traceability.operations.subscriptions import (
    MOST_SUBSCRIPTIONS,
    Controls,
    TooManySubscriptions,
    first_time,
    place_from,
    require_endless,
)
from chuan.modules.traceability.queries.messages import Found, cut, message
from chuan.modules.traceability.queries.standing import matching
from chuan.modules.traceability.store import feed
from chuan.modules.traceability.store.feed import Spot
from chuan.modules.traceability.store.reading import Row

# Seconds after which lines hear of something new, and after which a line ends whose key has.
TICK = 1.0
PATROL = 30.0
# Whoever is gone without a word is never found out while there is nothing to tell.
LONGEST = timedelta(days=1)


class Ended(Exception):
    """There is nothing more to tell over this line; the message says why."""


@dataclass(slots=True)
class Listener:
    """One open line: what it asked for and how far it has been told.

    :ivar due_at: when it is told next; None for a stream.
    :ivar has_told: whether it was told anything this time.
    :ivar looked_at: when its key was looked at last, by a clock of this machine.
    """

    query_id: int
    key_id: int
    controls: Controls
    spot: Spot
    due_at: datetime | None
    has_told: bool = False
    subscription_id: UUID = field(default_factory=uuid4)
    looked_at: float = field(default_factory=time.monotonic)
    opened_at: datetime = field(default_factory=timezone.now)


class _Lines:
    """The lines of this process: how many each key has, and what all of them may have heard of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: Counter[int] = Counter()
        self._last = 0
        self._asked_at = 0.0

    def take(self, key_id: int) -> None:
        """:raises TooManySubscriptions: the key has as many lines as one may."""
        with self._lock:
            if self._open[key_id] >= MOST_SUBSCRIPTIONS:
                raise TooManySubscriptions(f"at most {MOST_SUBSCRIPTIONS} open lines of one key")
            self._open[key_id] += 1

    def give_back(self, key_id: int) -> None:
        with self._lock:
            self._open[key_id] -= 1

    def last(self) -> Spot:
        """The end of the feed, asked for once a tick for all of them."""
        with self._lock:
            if time.monotonic() - self._asked_at >= TICK / 2:
                self._last = feed.number()
                self._asked_at = time.monotonic()
            return Spot(self._last)


_lines = _Lines()


@transaction.atomic
def listen(
    *,
    key: AccessKey,
    name: str,
    controls: Controls,
) -> Listener:
    """Tell what satisfies a query over a line, from now on or from an instant on. Whoever listened
    hangs up with `hang_up`.

    :raises Denied: the key is not for querying.
    :raises NamedQuery.DoesNotExist: it keeps no query of this name.
    :raises BadControls: the schedule cannot be followed, or the query has a limit.
    :raises TooManySubscriptions: see `MOST_SUBSCRIPTIONS`; counted in each process.
    """
    rules.keep_queries.require(key)
    query = NamedQuery.objects.get(key=key, name=name)
    due_at = first_time(controls.schedule, timezone.now())
    require_endless(query)
    listener = Listener(
        query_id=query.pk,
        key_id=key.pk,
        controls=controls,
        spot=place_from(controls.initial_record_time),
        due_at=due_at,
    )
    record(action="traceability.listened", actor=None, by=key.name, subject=query, query=query.name)
    _lines.take(key.pk)
    return listener


def hang_up(listener: Listener) -> None:
    _lines.give_back(listener.key_id)


def news(listener: Listener, *, at: datetime) -> list[str]:
    """The next messages, in order; none when all that is due was told.

    :raises Ended: the query was forgotten or is understood no more, its key ended, or all was told of a
        line that has been open for long.
    """
    if listener.due_at is None or at >= listener.due_at:
        last = _lines.last()
        while listener.spot < last:
            if told := _told(listener, last):
                listener.has_told = True
                return told
        if listener.due_at is not None:
            return _turn_over(listener, at)
    if time.monotonic() - listener.looked_at > PATROL:
        _query_of(listener)
        if at - listener.opened_at > LONGEST:
            raise Ended("it has been open for long; whoever is there asks for another")
    return []


def _told(listener: Listener, last: Spot) -> list[str]:
    """What is new in the next piece of the feed; the place moves behind it."""
    query = _query_of(listener)
    entries = feed.following(listener.spot, count=CHUNK)
    try:
        found: Found = matching(query, listener.controls.initial_record_time, entries)
    except ValueError as error:  # a query of another time, or too much to look at
        raise Ended(f"query: {error}") from None
    told = []
    while found:
        piece = cut(found)
        told.append(_message(listener, query, [row for _spot, row in piece]))
        found = found[len(piece) :]
    listener.spot = entries[-1].spot if entries else last
    return told


def _turn_over(listener: Listener, at: datetime) -> list[str]:
    """All of this time was told: wait for the next."""
    is_empty, listener.has_told = not listener.has_told, False
    listener.due_at = read_schedule(listener.controls.schedule).next_after(timezone.localtime(at))
    if is_empty and listener.controls.report_if_empty:
        return [_message(listener, _query_of(listener), [])]
    return []


def _query_of(listener: Listener) -> NamedQuery:
    """:raises Ended: it was forgotten, or its key ended."""
    listener.looked_at = time.monotonic()
    query = NamedQuery.objects.select_related("key").filter(pk=listener.query_id).first()
    if query is None:
        raise Ended("the query was forgotten")
    if not query.key.is_good(at=timezone.now()):
        raise Ended("the key has ended")
    return query


def _message(listener: Listener, query: NamedQuery, rows: list[Row]) -> str:
    return message(
        rows,
        query_name=query.name,
        subscription_id=listener.subscription_id,
        epc_format=listener.controls.epc_format,
    )
