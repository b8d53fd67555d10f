"""Which things events have told of lately, and all that was told of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chuan.modules.traceability.store.rows import OF_IDENTS, THEIR_EVENTS, fetched, numbers
from chuan.modules.traceability.store.tracing import STANDS


def told_of(since: datetime, until: datetime, *, after: int, most: int) -> list[int]:
    """Things in events that were recorded in a stretch of time, by number, from one on."""
    rows = fetched(
        "SELECT DISTINCT x FROM traceability_event e CROSS JOIN LATERAL"
        " unnest(e.things || e.children || e.inputs || e.outputs || e.parent) x"
        " WHERE e.record_time >= %s AND e.record_time < %s AND x > %s ORDER BY x LIMIT %s",
        [since, until, after, most],
    )
    return [ident for (ident,) in rows]


def silent_since(start: datetime, end: datetime, *, after: int, most: int) -> list[int]:
    """Things whose last event happened in a stretch of time, by number, from one on."""
    rows = fetched(
        "SELECT ident FROM traceability_ident_state"
        " WHERE last_time >= %s AND last_time < %s AND ident > %s ORDER BY ident LIMIT %s",
        [start, end, after, most],
    )
    return [ident for (ident,) in rows]


def events_with(idents: Collection[int], *, most: int) -> list[int]:
    """Events of these things that stand, by number."""
    rows = fetched(
        f"{OF_IDENTS} SELECT DISTINCT r.event_id FROM {THEIR_EVENTS}"  # noqa: S608
        f" WHERE {STANDS} ORDER BY r.event_id LIMIT %s",
        [numbers(idents), most],
    )
    return [event for (event,) in rows]


def here(event_ids: Collection[int]) -> set[int]:
    """Those of these events that are not in an archive."""
    rows = fetched(
        "SELECT event_id FROM traceability_event WHERE event_id = ANY(%s::bigint[])",
        [numbers(event_ids)],
    )
    return {event for (event,) in rows}
