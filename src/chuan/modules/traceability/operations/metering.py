"""Counting what keys ask and tell, and stopping those that take too much.

Each process counts for itself and hands its counts in every few seconds, after a request has been
answered, when it also hears those of the others: no request waits for that, and looking writes
nothing. Between two hand-ins the processes of one server may together let through what each of them
alone may.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TypeAlias

from django.db import DatabaseError, connection
from django.utils import timezone

from chuan.modules.traceability.engine.quotas import Quota, quota_of
from chuan.modules.traceability.models import AccessKey, KeyUse

logger = logging.getLogger(__name__)
HAND_IN = timedelta(seconds=3)
KEEP = timedelta(days=31)
_SPANS = {"minute": timedelta(minutes=1), "day": timedelta(days=1)}


class QuotaUsedUp(Exception):
    """A key took more than it may; `retry_after` seconds later it may again."""

    def __init__(self, what: str, limit: int, span: str, retry_after: int) -> None:
        super().__init__(f"at most {limit} {what} a {span}")
        self.retry_after = retry_after


@dataclass(slots=True)
class _Count:
    """Of one key in one minute or day: what everybody handed in, what is being handed in, and what
    came since."""

    since: datetime
    known: list[int] = field(default_factory=lambda: [0, 0])
    on_its_way: list[int] = field(default_factory=lambda: [0, 0])
    fresh: list[int] = field(default_factory=lambda: [0, 0])

    def total(self, what: int) -> int:
        return self.known[what] + self.on_its_way[what] + self.fresh[what]

    def send_off(self) -> None:
        self.on_its_way, self.fresh = self.fresh, [0, 0]

    def arrived(self, known: list[int]) -> None:
        self.known, self.on_its_way = known, [0, 0]

    def came_back(self) -> None:
        self.fresh = [sum(both) for both in zip(self.fresh, self.on_its_way, strict=True)]
        self.on_its_way = [0, 0]


_Counted: TypeAlias = tuple[int, str, _Count]


class _Meter:
    def __init__(self) -> None:
        # Held for a moment only; what is being handed in has a lock of its own.
        self.lock, self.handing_in = threading.Lock(), threading.Lock()
        self.counts: dict[tuple[int, str], _Count] = {}
        self.old: list[_Counted] = []
        self.handed_in_at: datetime | None = None

    def take(self, key: AccessKey, *, requests: int, events: int, at: datetime) -> None:
        """Count, or refuse.

        :raises QuotaUsedUp: nothing was counted.
        """
        quota = quota_of(key.quota, on=at.date())
        if quota == Quota():
            return
        with self.lock:
            counts = {span: self._count(key.pk, span, at) for span in _SPANS}
            for what, (name, more) in enumerate((("requests", requests), ("events", events))):
                for span, count in counts.items():
                    limit = getattr(quota, f"{name}_per_{span}")
                    if more and limit is not None and count.total(what) + more > limit:
                        rest = count.since + _SPANS[span] - at
                        raise QuotaUsedUp(name, limit, span, max(ceil(rest.total_seconds()), 1))
            for count in counts.values():
                count.fresh[0] += requests
                count.fresh[1] += events

    def hand_in(self, *, at: datetime) -> None:
        """Where it is time for it, tell the others what was counted here, and hear from them."""
        if not self.handing_in.acquire(blocking=False):
            return
        try:
            left = self._send_off(at)
            try:
                while left:
                    key, span, count = left[0]
                    self._arrived(left[0], _added(key, span, count))
                    del left[0]
            finally:
                if left:
                    self._came_back(left)
        finally:
            self.handing_in.release()

    def _count(self, key: int, span: str, at: datetime) -> _Count:
        since = at.replace(second=0, microsecond=0)
        if span == "day":
            since = since.replace(hour=0, minute=0)
        count = self.counts.get((key, span))
        if count is None or count.since != since:
            if count is not None:
                self.old.append((key, span, count))
            count = self.counts[key, span] = _Count(since)
            # Another process, or this one before it was started anew, may have counted already.
            self.handed_in_at = None
        return count

    def _send_off(self, at: datetime) -> list[_Counted]:
        with self.lock:
            due = self.handed_in_at is None or at - self.handed_in_at >= HAND_IN
            if not due or not (self.counts or self.old):
                return []
            # A key that is not used hears of the others when it is used again.
            now = [(key, span, one) for (key, span), one in self.counts.items() if any(one.fresh)]
            # In one order, so that two processes wait for each other and not crosswise.
            off = sorted([*self.old, *now], key=_order)
            for _key, _span, count in off:
                count.send_off()
            self.old, self.handed_in_at = [], at
            return off

    def _arrived(self, counted: _Counted, known: list[int] | None) -> None:
        key, span, count = counted
        with self.lock:
            if known is not None:
                count.arrived(known)
            elif self.counts.get((key, span)) is count:  # there is no such key any more
                del self.counts[key, span]

    def _came_back(self, left: list[_Counted]) -> None:
        with self.lock:
            for key, span, count in left:
                count.came_back()
                if self.counts.get((key, span)) is not count and not any(
                    one is count for _key, _span, one in self.old
                ):
                    self.old.append((key, span, count))
            self.handed_in_at = None


def _order(one: _Counted) -> tuple[int, str, datetime]:
    return one[0], one[1], one[2].since


def _added(key: int, span: str, count: _Count) -> list[int] | None:
    """What all together counted, with this; None for a key there is no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO traceability_keyuse AS u (key_id, span, since, requests, events)"
            " SELECT id, %s, %s, %s, %s FROM traceability_accesskey WHERE id = %s"
            " ON CONFLICT (key_id, span, since) DO UPDATE"
            " SET requests = u.requests + excluded.requests,"
            " events = u.events + excluded.events RETURNING requests, events",
            [span, count.since, *count.on_its_way, key],
        )
        told = cursor.fetchone()
    return None if told is None else list(told)


_meter = _Meter()


def take(key: AccessKey, *, requests: int = 0, events: int = 0) -> None:
    """Count what a key asks or tells.

    :raises QuotaUsedUp: it may not; nothing was counted.
    """
    _meter.take(key, requests=requests, events=events, at=timezone.now().astimezone(UTC))


def hand_in(**_signal: object) -> None:
    """After a request; what cannot be handed in now is handed in after another."""
    try:
        _meter.hand_in(at=timezone.now().astimezone(UTC))
    except DatabaseError:
        logger.warning("counts of keys were not handed in", exc_info=True)


def forget_use(*, before: datetime) -> int:
    """Forget counts of days gone by; returns how many rows that were."""
    deleted, _by_model = KeyUse.objects.filter(since__lt=before).delete()
    return deleted
