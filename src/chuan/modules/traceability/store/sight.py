"""Which events somebody sees: `rules/sight.py` says why, here it is asked of the tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from chuan.modules.traceability.engine.facts import Facts
from chuan.modules.traceability.engine.handing import Side, seen_across
from chuan.modules.traceability.engine.keys import ROOT
from chuan.modules.traceability.store import archive, declared_wrong, locks
from chuan.modules.traceability.store.distribution import is_distributed
from chuan.modules.traceability.store.lines import NOTHING, Message, copy_lines, line, listed
from chuan.modules.traceability.store.rows import (
    OF_EIDS,
    fetched,
    fetched_in_order,
    numbers,
    read_instants_fast,
)

PIECE = 2_000
# GLNs as parties and as places.
_NUMBERED = ("414", "417")
_PLACE = {"event_time": "timestamptz", "event_id": "bigint", "record_time": "timestamptz"}
_SIGHT = {"who": "bigint", **_PLACE}
_HANDOVER = {
    **{"ident": "bigint", **_PLACE, "eid": "uuid", "leaves": "boolean"},
    **{"is_addressed": "boolean", "told": "bigint", "actors": "bigint[]"},
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees who does not see everything: the events that one of these names sees."""

    who: tuple[int, ...]

    def of(self, alias: str) -> str:
        """A condition on an event, or whatever has its number and its `event_time`.

        A question for one value is never joined: each event costs a look into an index, however
        many there are and whatever the planner believes of them.
        """
        names = numbers(self.who)
        return (
            "(SELECT true FROM traceability_sight g"  # noqa: S608 - numbers
            f" WHERE g.who = ANY('{names}'::bigint[]) AND g.event_time = {alias}.event_time"
            f" AND g.event_id = {alias}.event_id LIMIT 1)"
        )


def clause(sight: Sight | None, alias: str) -> str:
    """What to add to a statement about events, so that it finds only what is seen."""
    return f" AND {sight.of(alias)}" if sight is not None else ""


def seen_among(sight: Sight, events: Mapping[int, datetime]) -> set[int]:
    """Which of these events somebody sees.

    :param events: when each happened, by number.
    """
    rows = fetched(
        "SELECT g.event_id FROM unnest(%s::bigint[], %s::timestamptz[]) w(event_id, event_time)"
        " JOIN traceability_sight g ON g.event_time = w.event_time AND g.event_id = w.event_id"
        " WHERE g.who = ANY(%s::bigint[])",
        [list(events), list(events.values()), numbers(sight.who)],
    )
    return {event_id for (event_id,) in rows}


def names_in(exact: Collection[str], glns: Collection[str], prefixes: Collection[str]) -> Sight:
    """Whoever has one of these names.

    :param glns: numbers of parties and places, with all their extensions.
    :param prefixes: company prefixes; all numbers that begin with them.
    """
    uris = {*exact, *(f"{ROOT}{ai}/{gln}" for gln in glns for ai in _NUMBERED)}
    beginnings = [f"{ROOT}414/{gln}/254/" for gln in sorted(glns)]
    beginnings += [f"{ROOT}{ai}/{prefix}" for prefix in sorted(prefixes) for ai in _NUMBERED]
    rows = fetched(
        "SELECT id FROM traceability_ident WHERE uri = ANY(%s) UNION SELECT i.id"
        " FROM unnest(%s::text[], %s::text[]) g(first, after) CROSS JOIN LATERAL"
        " (SELECT id FROM traceability_ident WHERE uri >= g.first AND uri < g.after) i",
        [
            sorted(uris),
            beginnings,
            [beginning[:-1] + chr(ord(beginning[-1]) + 1) for beginning in beginnings],
        ],
    )
    return Sight(tuple(sorted(row[0] for row in rows)))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some seen events that follow each other: their numbers as one literal, as they go on to the next
    question; from when to when they were recorded, only those months are read; the place of the
    last."""

    event_ids: str
    count: int
    recorded_from: datetime
    recorded_to: datetime
    last: tuple[datetime, int]


def seen(
    sight: Sight,
    *,
    order_by: str,
    descending: bool,
    after: tuple[datetime, int] | None,
    bounds: Iterable[tuple[str, str, datetime]],
    count: int,
    piece: int,
) -> list[Stretch]:
    """The next events somebody sees, in order, in stretches of so many; fewer than `count` when there are
    no more. Each name is followed down its own part of the index, so that it makes no difference how
    many events there are."""
    direction, sign = ("DESC", "<") if descending else ("ASC", ">")
    # Several machines do not take a question for each name, and sort what all names see instead.
    apart = is_distributed()
    where = ["s.who = ANY(%s::bigint[])" if apart else "s.who = w.who"]
    each = "" if apart else "unnest(%s::bigint[]) w(who) CROSS JOIN LATERAL "
    values: list[Any] = []
    for column, compare, moment in bounds:
        where.append(f"s.{column} {'>=' if compare == 'GE' else '<'} %s")
        values.append(moment)
    if after is not None:
        where.append(f"(s.{order_by}, s.event_id) {sign} (%s, %s)")
        values += after
    rows = fetched_in_order(
        # Ten thousand places are added up by PostgreSQL faster than they are told.
        "SELECT array_agg(t.event_id)::text, count(*), min(t.record_time), max(t.record_time),"  # noqa: S608
        " max(t.place) FILTER (WHERE t.is_last), max(t.event_id) FILTER (WHERE t.is_last)"
        " FROM (SELECT o.*, (row_number() OVER w - 1) / %s AS stretch,"
        "  mod(row_number() OVER w, %s) = 0 OR row_number() OVER w = count(*) OVER () AS is_last FROM ("
        f"  SELECT DISTINCT g.record_time, g.event_id, g.{order_by} AS place FROM {each}("
        # An event has a row for each thing that was handed over in it.
        f"   SELECT DISTINCT ON (s.{order_by}, s.event_id) s.event_time, s.record_time, s.event_id"
        "   FROM traceability_sight s"
        f"   WHERE {' AND '.join(where)}"
        f"   ORDER BY s.{order_by} {direction}, s.event_id {direction} LIMIT %s) g"
        f"  ORDER BY place {direction}, g.event_id {direction} LIMIT %s) o"
        f"  WINDOW w AS (ORDER BY o.place {direction}, o.event_id {direction})) t"
        " GROUP BY t.stretch ORDER BY t.stretch",
        [piece, piece, numbers(sight.who), *values, count, count],
    )
    return [
        Stretch(event_ids, counted, first, last, (moment, event_id))
        for event_ids, counted, first, last, moment, event_id in rows
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """A stored event, and the party whose key told it."""

    facts: Facts
    event_id: int
    record_time: datetime
    by: str | None

    @property
    def teller(self) -> frozenset[str]:
        return frozenset((self.by,)) if self.by else frozenset()


def note(cursor: Any, message: Message, events: Collection[Told], ids: Mapping[str, int]) -> None:
    """Whoever told an event or is named in it sees it; whoever shipped or received a thing sees the
    other side of that.

    :param message: goes with what is noted here.
    :param ids: the numbers of all names in the events and of their tellers.
    """
    declared = [one.facts.declares.hex() for one in events if one.facts.declares]
    touched = declared_wrong.things_of(declared)
    # What came together was told at once, whatever order it stands in.
    told: dict[datetime, int] = {}
    for one in events:
        told[one.record_time] = min(told.get(one.record_time, one.event_id), one.event_id)
    rows: list[tuple[Any, ...]] = []
    sides: list[tuple[Any, ...]] = []
    for one in events:
        place = one.facts.happened.isoformat(), one.event_id, one.record_time.isoformat()
        rows += [(ids[name], *place) for name in one.facts.names | one.teller]
        side = one.facts.handover
        if side is None:
            continue
        actors = f'"{listed(sorted(ids[name] for name in side.actors | one.teller))}"'
        rest = one.facts.eid.hex(), side.leaves, side.is_addressed, told[one.record_time], actors
        for thing in side.things:
            touched.add(ids[thing])
            sides.append((ids[thing], *place, *rest))
    message.insert("traceability_sight", _SIGHT, rows)
    message.insert("traceability_handover", _HANDOVER, sides)
    if touched:
        _ask_sides(message, numbers(touched))
        *_others, handovers, there = message.send(cursor)
        _derive(cursor, handovers, there)
    else:
        message.send(cursor)


def _ask_sides(message: Message, idents: str) -> None:
    """The handovers of these things, and who sees their other sides so far."""
    # Two documents may tell of the two sides of one handover; the second must see the first.
    message.add(
        "SELECT pg_advisory_xact_lock(%s, bucket) FROM (SELECT DISTINCT (i %% 1024)::int AS bucket"
        " FROM unnest(%s::bigint[]) i ORDER BY 1) b",
        locks.SIDES,
        idents,
    )
    message.add(
        "SELECT h.ident, h.record_time, h.told, h.event_time, h.event_id, h.leaves, h.is_addressed,"
        " h.actors FROM traceability_handover h WHERE h.ident = ANY(%s::bigint[])"
        " AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = h.eid)",
        idents,
    )
    message.add(
        "SELECT ident, event_time, event_id, record_time, who FROM traceability_sight"
        " WHERE ident = ANY(%s::bigint[])",
        idents,
    )


def _derive(cursor: Any, handovers: Iterable[Any], there_: Iterable[Any]) -> None:
    """Find out anew who sees the other sides of the handovers of some things, and write what is another
    than before.

    :param handovers: all of these things, and
    :param there_: who sees their other sides so far: what `_ask_sides` asks.
    """
    things: dict[int, list[Side]] = {}
    recorded: dict[int, datetime] = {}
    for ident, record_time, told, happened, event_id, leaves, is_addressed, actors in handovers:
        side = Side(
            (record_time, told), happened, event_id, leaves, is_addressed, frozenset(actors)
        )
        things.setdefault(ident, []).append(side)
        recorded[event_id] = record_time
    there = set(there_)
    seen = {
        (ident, side.event_time, side.event_id, recorded[side.event_id], who)
        for ident, sides in things.items()
        if len(sides) > 1
        for who, side in seen_across(sides)
    }
    if there - seen:
        cursor.execute(
            "DELETE FROM traceability_sight s USING"
            " unnest(%s::bigint[], %s::timestamptz[], %s::bigint[], %s::bigint[])"
            " g(ident, event_time, event_id, who) WHERE s.ident = g.ident"
            " AND s.event_time = g.event_time AND s.event_id = g.event_id AND s.who = g.who",
            [[row[at] for row in there - seen] for at in (0, 1, 2, 4)],
        )
    new = seen - there
    if new:
        # What is in an archive is derived when it comes back.
        months = archive.months_away()
        new = {row for row in new if not months or archive.month_in(row[3]) not in months}
    if new:
        copy_lines(
            cursor,
            "traceability_sight",
            (
                line(str(who), happened.isoformat(), str(event), recorded_.isoformat(), str(ident))
                for ident, happened, event, recorded_, who in sorted(new)
            ),
        )


def derive_month(month: date) -> None:
    """Find out anew who sees the handovers recorded in a month: it was away while others were told or
    declared wrong."""
    idents = [
        ident
        # In the order in which whoever captures waits for things.
        for (ident,) in fetched(
            "SELECT ident FROM traceability_handover"
            " WHERE record_time >= (%s::date)::timestamp AT TIME ZONE 'UTC'"
            " AND record_time < (%s::date)::timestamp AT TIME ZONE 'UTC'"
            " GROUP BY ident ORDER BY ident %% 1024, ident",
            [month, archive.after(month)],
        )
    ]
    with connection.cursor() as cursor:
        read_instants_fast(cursor)
        for at in range(0, len(idents), PIECE):
            message = Message()
            _ask_sides(message, numbers(idents[at : at + PIECE]))
            _locked, handovers, there = message.send(cursor)
            _derive(cursor, handovers, there)


def tellers_of(eids: Collection[bytes]) -> dict[bytes, int | None]:
    """The key under which each of these events came; those nobody knows are left out."""
    rows = fetched(
        f"{OF_EIDS} SELECT k.eid, e.captured_by FROM k JOIN traceability_event e"  # noqa: S608
        " ON e.event_id = k.event_id AND e.record_time = k.record_time",
        [[UUID(bytes=eid) for eid in eids]],
    )
    return {eid.bytes: key for eid, key in rows}


def told_again(events: Collection[Told], told_by: str) -> None:
    """Whoever tells what was told before sees it as well; what is in an archive, once it is back."""
    if not events:
        return
    # Said again, an instant may differ by less than counts.
    first = dict(
        fetched(
            "SELECT event_id, event_time FROM traceability_event WHERE event_id = ANY(%s::bigint[])",
            [numbers(one.event_id for one in events)],
        )
    )
    told = sorted(
        (one.event_id, first.get(one.event_id, one.facts.happened), one.record_time)
        for one in events
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM traceability_intern(ARRAY[%s::text])", [told_by])
        (who,) = cursor.fetchone()
        seen = seen_among(Sight((who,)), {event_id: happened for event_id, happened, _at in told})
        copy_lines(
            cursor,
            "traceability_sight",
            (
                line(str(who), happened.isoformat(), str(event_id), at.isoformat(), NOTHING)
                for event_id, happened, at in told
                if event_id not in seen
            ),
        )
