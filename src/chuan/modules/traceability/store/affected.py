"""Where things are now, and which things were at a place: one statement for many."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chuan.modules.traceability.engine.facts import Role
from chuan.modules.traceability.engine.patterns import Pattern
from chuan.modules.traceability.store import reading
from chuan.modules.traceability.store.rows import OF_IDENTS, THEIR_EVENTS, fetched, numbers
from chuan.modules.traceability.store.tracing import STANDS

_DEEPEST_PACKING = 10


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The latest of a thing, by itself or by what it is packed in now."""

    event_id: int
    at: datetime
    place: int | None
    step: int | None
    disposition: int | None
    captured_by: int | None
    # The outermost thing it is packed in; None when it is in nothing, or in several.
    inside: int | None
    # That event is in an archive, and its words with it.
    is_away: bool


@dataclass(frozen=True, slots=True)
class Amount:
    """What came into being of a lot and what went into other things; None where units differ."""

    made: float | None
    used: float | None
    uom: str | None


@dataclass(frozen=True, slots=True)
class Packed:
    """Some of a lot, told by quantity, inside something now; None where it was not said how much."""

    lot: int
    parent: int
    quantity: float | None
    uom: str | None


def matching(patterns: Iterable[Pattern]) -> list[int]:
    """Identifiers that match one of the patterns."""
    return sorted({ident for pattern in patterns for ident in reading.matched(pattern)})


def seen_between(
    idents: Collection[int], since: datetime | None, until: datetime | None
) -> dict[int, datetime]:
    """When each of these was first seen in a stretch of time; those that were not are left out."""
    rows = fetched(
        f"{OF_IDENTS} SELECT r.ident, min(r.event_time) FROM {THEIR_EVENTS}"  # noqa: S608
        " WHERE r.event_time >= coalesce(%s, '-infinity'::timestamptz)"
        f" AND r.event_time < coalesce(%s, 'infinity'::timestamptz) AND {STANDS} GROUP BY r.ident",
        [numbers(idents), since, until],
    )
    return dict(rows)


def seen_at(
    places: Collection[int], since: datetime | None, until: datetime | None, *, most: int
) -> dict[int, datetime]:
    """What was seen at one of the places in a stretch of time, and when first."""
    rows = fetched(
        "SELECT ident, min(event_time) FROM ("  # noqa: S608
        "  SELECT e.event_time, unnest(e.things || e.children || e.inputs || e.outputs"
        "    || CASE WHEN e.parent IS NULL THEN '{}'::bigint[] ELSE ARRAY[e.parent] END) AS ident"
        "  FROM traceability_event e"
        "  WHERE (e.biz_location = ANY(%s) OR e.read_point = ANY(%s))"
        "  AND e.event_time >= coalesce(%s, '-infinity'::timestamptz)"
        f" AND e.event_time < coalesce(%s, 'infinity'::timestamptz) AND {STANDS}"
        ") s GROUP BY ident LIMIT %s",
        [list(places), list(places), since, until, most + 1],
    )
    return dict(rows)


def last_seen(idents: Collection[int], *, apart: Collection[int] = ()) -> dict[int, LastSeen]:
    """The latest of each thing that was seen at all.

    :param apart: lots of which only some is packed; the rest is where the lot itself was seen.
    """
    above = _carriers(idents)
    for lot in apart:
        above.pop(lot, None)
    tops = {ident: _chain_up(ident, above) for ident in idents}
    everybody = {*idents, *(one for chain in tops.values() for one in chain)}
    states = {
        row[0]: row[1:]
        for row in fetched(
            "SELECT ident, last_event, last_time, location, disposition"
            " FROM traceability_ident_state WHERE ident = ANY(%s)",
            [numbers(everybody)],
        )
    }
    latest: dict[int, tuple[int, datetime, int | None, int | None]] = {}
    for ident in idents:
        known = [states[one] for one in (ident, *tops[ident]) if one in states]
        if known:
            known.sort(key=lambda state: (state[1], state[0]), reverse=True)
            place = next((state[2] for state in known if state[2] is not None), None)
            latest[ident] = (known[0][0], known[0][1], place, known[0][3])
    events = _words_of({state[0] for state in latest.values()})
    return {
        ident: LastSeen(
            event_id=event_id,
            at=at,
            place=place,
            step=events.get(event_id, (None, None, None))[0],
            disposition=_said(events.get(event_id), disposition),
            captured_by=events.get(event_id, (None, None, None))[2],
            inside=tops[ident][-1] if tops[ident] else None,
            is_away=event_id not in events,
        )
        for ident, (event_id, at, place, disposition) in latest.items()
    }


def _said(event: tuple[Any, ...] | None, disposition: int | None) -> int | None:
    """The disposition of the last event; an older one only where that says nothing at all."""
    if event is None or (event[0] is None and event[1] is None):
        return disposition
    return event[1]  # type: ignore[no-any-return]


def _carriers(idents: Collection[int]) -> dict[int, set[int]]:
    """What each thing is in now, and what that is in."""
    above: dict[int, set[int]] = {}
    frontier = set(idents)
    for _level in range(_DEEPEST_PACKING):
        rows = fetched(
            "SELECT child, parent FROM traceability_containment"
            " WHERE child = ANY(%s) AND t_to = 'infinity'",
            [numbers(frontier)],
        )
        for child, parent in rows:
            above.setdefault(child, set()).add(parent)
        frontier = {parent for _child, parent in rows} - above.keys()
        if not frontier:
            break
    return above


def _chain_up(ident: int, above: Mapping[int, set[int]]) -> list[int]:
    chain: list[int] = []
    while len(above.get(ident, ())) == 1 and len(chain) < _DEEPEST_PACKING:
        (ident,) = above[ident]
        if ident in chain:
            break
        chain.append(ident)
    return chain


def _words_of(event_ids: Collection[int]) -> dict[int, tuple[Any, ...]]:
    return {
        row[0]: row[1:]
        for row in fetched(
            "SELECT event_id, biz_step, disposition, captured_by FROM traceability_event"
            " WHERE event_id = ANY(%s)",
            [numbers(event_ids)],
        )
    }


def used_up(items: Collection[int]) -> set[int]:
    """Single things that went into others."""
    rows = fetched(
        f"{OF_IDENTS} SELECT DISTINCT r.ident FROM {THEIR_EVENTS} WHERE r.role = %s AND {STANDS}",  # noqa: S608
        [numbers(items), int(Role.INPUT)],
    )
    return {ident for (ident,) in rows}


def amounts(lots: Collection[int]) -> dict[int, Amount]:
    """Of each lot, what was made and what was used, where one unit is told throughout."""
    rows = fetched(
        f"{OF_IDENTS} SELECT r.ident,"  # noqa: S608
        " sum(r.quantity) FILTER (WHERE r.role = %s OR (r.role = %s AND e.action = 2)),"
        " sum(r.quantity) FILTER (WHERE r.role = %s),"
        " count(DISTINCT coalesce(r.uom, '')), min(r.uom), bool_or(r.quantity IS NULL)"
        f" FROM {THEIR_EVENTS} WHERE r.role = ANY(%s) AND {STANDS} GROUP BY r.ident",
        [
            numbers(lots),
            int(Role.OUTPUT_CLASS),
            int(Role.THING_CLASS),
            int(Role.INPUT_CLASS),
            [int(Role.OUTPUT_CLASS), int(Role.THING_CLASS), int(Role.INPUT_CLASS)],
        ],
    )
    return {
        ident: Amount(made, used, uom) if units == 1 and not unknown else Amount(None, used, None)
        for ident, made, used, units, uom, unknown in rows
    }


def packed(lots: Collection[int], *, most: int) -> list[Packed]:
    """What each lot is in now, and how much of it: at most so many and one more."""
    rows = fetched(
        "SELECT child, parent, open_event FROM traceability_containment"
        " WHERE child = ANY(%s) AND t_to = 'infinity' ORDER BY child, parent LIMIT %s",
        [numbers(lots), most + 1],
    )
    told = {
        (ident, event_id): (quantity, uom)
        for ident, event_id, quantity, uom in fetched(
            "SELECT ident, event_id, quantity, uom FROM traceability_event_ident"
            " WHERE ident = ANY(%s) AND event_id = ANY(%s)",
            [numbers({row[0] for row in rows}), numbers({row[2] for row in rows})],
        )
    }
    return [
        Packed(lot, parent, *told.get((lot, event_id), (None, None)))
        for lot, parent, event_id in rows
    ]


def bodies_of(event_ids: Collection[int]) -> dict[int, str]:
    return dict(
        fetched(
            "SELECT event_id, body FROM traceability_event WHERE event_id = ANY(%s)",
            [numbers(event_ids)],
        )
    )
