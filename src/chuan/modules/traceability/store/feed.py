"""What came in, in the order it was committed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from chuan.modules.traceability.store import locks

# More than any document has.
ALL = 2**31 - 1


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place in the feed: within a document, behind so many of its events."""

    position: int
    taken: int = ALL


@dataclass(frozen=True, slots=True)
class Entry:
    """One event that came in; `spot` is the place behind it."""

    spot: Spot
    event_id: int
    record_time: datetime


@transaction.atomic
def number() -> int:
    """Give positions to what was committed since; returns the last position there is.

    A document that commits later gets a later one, however early it began.
    """
    with connection.cursor() as cursor:
        # Readers number one after the other: positions are never given twice, and whoever sees one
        # sees all before it.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.FEED])
        # A statement of its own: it must see what others numbered before the lock was free.
        cursor.execute(
            "WITH last AS (SELECT coalesce(max(position), 0) AS position FROM traceability_feed),"
            " fresh AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM traceability_feed"
            " WHERE position IS NULL)"
            " UPDATE traceability_feed f SET position = last.position + fresh.n"
            " FROM last, fresh WHERE f.id = fresh.id"
        )
        cursor.execute("SELECT coalesce(max(position), 0) FROM traceability_feed")
        return int(cursor.fetchone()[0])


def before(moment: datetime) -> Spot | None:
    """The place before everything recorded since; None when nothing was, of what has a position."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(position) FROM traceability_feed WHERE recorded_at >= %s", [moment]
        )
        first = cursor.fetchone()[0]
    return Spot(first, 0) if first is not None else None


def following(spot: Spot, *, count: int) -> list[Entry]:
    """Events behind a place, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.position, e.n, e.event_id, f.recorded_at FROM traceability_feed f,"
            " unnest(f.event_ids) WITH ORDINALITY e(event_id, n)"
            " WHERE f.position >= %s AND (f.position, e.n) > (%s, %s)"
            " ORDER BY f.position, e.n LIMIT %s",
            [spot.position, spot.position, spot.taken, count],
        )
        return [
            Entry(Spot(position, taken), event_id, record_time)
            for position, taken, event_id, record_time in cursor.fetchall()
        ]
