"""The chain as the tables have it, for walks: one statement for many identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chuan.modules.traceability.engine.facts import ACTION_CODES, KIND_CODES, Role
from chuan.modules.traceability.engine.walk import LATEST, Appearance, Member, Stay
from chuan.modules.traceability.store.distribution import is_distributed
from chuan.modules.traceability.store.reading import Row
from chuan.modules.traceability.store.rows import (
    MANY,
    OF_IDENTS,
    THEIR_EVENTS,
    fetched,
    fetched_as_planned,
    numbers,
)
from chuan.modules.traceability.store.sight import Sight, clause, seen_among

# Neither a declaration nor declared wrong.
STANDS = (
    "e.declared_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = e.eid)"
)
_TRANSFORMATION = KIND_CODES["TransformationEvent"]


class StoredChain:
    """See `engine.walk.Chain`; `sight` is of whom, None sees everything."""

    def __init__(self, sight: Sight | None = None) -> None:
        self.sight = sight
        # From when to when what was walked through was recorded.
        self.recorded: tuple[datetime, datetime] | None = None

    def appearances(
        self, idents: Iterable[int], *, roles: Sequence[Role], most: int, fanout: int
    ) -> Sequence[Appearance]:
        if is_distributed():
            rows = self._apart(idents, roles, most, fanout)
        else:
            named, sight = numbers(idents), self.sight
            rows = fetched_as_planned(
                "SELECT * FROM traceability_appearances("
                "%s::bigint[], %s::smallint[], %s::bigint[], %s, %s)",
                [
                    named,
                    numbers(roles) if roles else None,
                    numbers(sight.who) if sight is not None else None,
                    fanout + 1,
                    most + 1,
                ],
                of_many=len(named) > MANY,
            )
            if rows:
                moments = [row[8] for row in rows] + list(self.recorded or ())
                self.recorded = min(moments), max(moments)
        made = _made({row[5] for row in rows if row[5] is not None}, fanout, self.sight)
        return [
            _transformed(row, made) if row[4] == _TRANSFORMATION else _seen(row) for row in rows
        ]

    def _apart(
        self, idents: Iterable[int], roles: Sequence[Role], most: int, fanout: int
    ) -> list[tuple[Any, ...]]:
        """The same of several machines: references first, then the events on theirs."""
        of_role, which = (" AND role = ANY(%s)", [numbers(roles)]) if roles else ("", [])
        references = fetched(
            "SELECT ident, event_id, event_time, role, record_time FROM traceability_event_ident"  # noqa: S608
            f" WHERE ident = ANY(%s){of_role} LIMIT %s",
            [numbers(idents), *which, most + 1],
        )
        if len(references) <= most:
            events = self._events(references, fanout)
            return [(*one[:4], *events[one[1]]) for one in references if one[1] in events]
        # Which of them stand and are seen decides where to stop.
        return fetched(
            f"{OF_IDENTS} SELECT r.ident, r.event_id, r.event_time, r.role, e.kind,"  # noqa: S608
            f" e.transformation, e.inputs[1:%s], e.outputs[1:%s] FROM {THEIR_EVENTS}"
            f" WHERE {STANDS}{clause(self.sight, 'e')}{of_role} LIMIT %s",
            [numbers(idents), fanout + 1, fanout + 1, *which, most + 1],
        )

    def _events(self, references: list[tuple[Any, ...]], fanout: int) -> dict[int, tuple[Any, ...]]:
        """What is in the events of these that stand and are seen; only the months in which they were
        recorded are read."""
        if not references:
            return {}
        recorded = [one[4] for one in references]
        rows = fetched(
            "SELECT e.event_id, e.kind, e.transformation, e.inputs[1:%s], e.outputs[1:%s]"  # noqa: S608
            " FROM traceability_event e WHERE e.event_id = ANY(%s)"
            f" AND e.record_time BETWEEN %s AND %s AND {STANDS}{clause(self.sight, 'e')}",
            [
                fanout + 1,
                fanout + 1,
                numbers({one[1] for one in references}),
                min(recorded),
                max(recorded),
            ],
        )
        return {row[0]: row[1:] for row in rows}

    def stays_of(self, children: Iterable[int], *, most: int) -> Sequence[Stay]:
        return _stays("child", children, most, self.sight)

    def stays_in(self, parents: Iterable[int], *, most: int) -> Sequence[Stay]:
        return _stays("parent", parents, most, self.sight)

    def lots_of(self, items: Iterable[int], *, most: int) -> Sequence[Member]:
        members = _members("item", items, most, self.sight)
        left = _left({one.item for one in members}, self.sight) if members else {}
        return [one._replace(left=left.get(one.item, LATEST)) for one in members]

    def items_of(self, lots: Iterable[int], *, most: int) -> Sequence[Member]:
        return _members("lot", lots, most, self.sight)


def _seen(row: tuple[Any, ...]) -> Appearance:
    ident, event, happened, role = row[:4]
    return Appearance(ident, event, happened, role, (), (), happened, happened)


def _transformed(row: tuple[Any, ...], made: dict[int, Appearance]) -> Appearance:
    ident, event, happened, role, _kind, transformation, inputs, outputs = row[:8]
    whole = made.get(transformation)
    if whole is None:
        return Appearance(
            ident, event, happened, role, tuple(inputs), tuple(outputs), happened, happened
        )
    return whole._replace(ident=ident, event=event, happened=happened, role=role)


def _made(transformations: set[int], fanout: int, sight: Sight | None) -> dict[int, Appearance]:
    """All that went in and came out under one transformation id, in whatever events that was told."""
    if not transformations:
        return {}
    rows = fetched(
        "SELECT e.transformation, e.event_time, e.inputs[1:%s], e.outputs[1:%s]"  # noqa: S608
        " FROM traceability_event e WHERE e.transformation = ANY(%s)"
        f" AND {STANDS}{clause(sight, 'e')}",
        [fanout + 1, fanout + 1, numbers(transformations)],
    )
    told: dict[int, list[tuple[Any, ...]]] = {}
    for transformation, *row in rows:
        told.setdefault(transformation, []).append(tuple(row))
    return {transformation: _whole(parts, fanout) for transformation, parts in told.items()}


def _whole(parts: list[tuple[Any, ...]], fanout: int) -> Appearance:
    first, last = min(part[0] for part in parts), max(part[0] for part in parts)
    inputs, outputs = (
        tuple(dict.fromkeys(thing for part in parts for thing in part[at]))[: fanout + 1]
        for at in (1, 2)
    )
    return Appearance(0, 0, first, 0, inputs, outputs, first, last)


# Packing by either side; on several machines each is a table that lies by its own.
_PACKING = {"child": "traceability_containment", "parent": "traceability_content"}


def _stays(column: str, idents: Iterable[int], most: int, sight: Sight | None) -> list[Stay]:
    if sight is not None:
        return _stays_seen(column, idents, most, sight)
    rows = fetched(
        "SELECT child, parent, t_from, nullif(t_to, 'infinity')"  # noqa: S608
        f" FROM {_PACKING[column]} WHERE {column} = ANY(%s) LIMIT %s",
        [numbers(idents), most + 1],
    )
    return [Stay(child, parent, start, end or LATEST) for child, parent, start, end in rows]


def _stays_seen(column: str, idents: Iterable[int], most: int, sight: Sight) -> list[Stay]:
    """Stays as they follow from packing events that are seen: where nobody saw it end, it goes on."""
    # Of what others packed, nothing is counted: it would take the room of what is seen.
    named = numbers(idents)
    if is_distributed():
        moves = _moves_apart(column, named, sight)
    else:
        moves = fetched_as_planned(
            "SELECT * FROM traceability_moves_seen(%s::bigint[], %s, %s::bigint[])",
            [named, column == "parent", numbers(sight.who)],
            of_many=len(named) > MANY,
        )
    opened: dict[tuple[int, int], list[datetime]] = {}
    closed: dict[tuple[int, int | None], list[datetime]] = {}
    for parent, child, happened, opens in moves:
        if opens:
            opened.setdefault((child, parent), []).append(happened)
        else:
            closed.setdefault((parent, child), []).append(happened)
    stays: dict[tuple[int, int, datetime], Stay] = {}
    for (child, parent), starts in opened.items():
        ends = sorted(closed.get((parent, child), []) + closed.get((parent, None), []))
        for start in starts:
            end = next((one for one in ends if one > start), LATEST)
            # Told in twice before it came out, it went in the first time.
            stays.setdefault((child, parent, end), Stay(child, parent, start, end))
    return list(stays.values())[: most + 1]


def _moves_apart(column: str, named: str, sight: Sight) -> list[tuple[Any, ...]]:
    """The same of several machines, which join neither packing nor events with who sees them."""
    pairs = fetched(
        f"SELECT DISTINCT child, parent FROM {_PACKING[column]} WHERE {column} = ANY(%s)",  # noqa: S608
        [named],
    )
    moves = fetched(
        "SELECT parent, child, happened, opens, event_id FROM traceability_move m"
        " WHERE parent = ANY(%s) AND (child IS NULL OR child = ANY(%s))"
        " AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = m.eid)"
        " ORDER BY happened",
        [
            numbers({parent for _child, parent in pairs}),
            numbers({child for child, _parent in pairs}),
        ],
    )
    told = seen_among(sight, {event_id: happened for _p, _c, happened, _o, event_id in moves})
    return [move[:4] for move in moves if move[4] in told]


def _members(column: str, idents: Iterable[int], most: int, sight: Sight | None) -> list[Member]:
    if sight is not None:
        return _members_seen(column, idents, most, sight)
    rows = fetched(
        "SELECT DISTINCT lot, item FROM traceability_lot_member m"  # noqa: S608
        f" WHERE {column} = ANY(%s) AND NOT EXISTS (SELECT 1 FROM traceability_erratum x"
        " WHERE x.eid = m.eid) LIMIT %s",
        [numbers(idents), most + 1],
    )
    return [Member(lot, item, LATEST) for lot, item in rows]


def _members_seen(column: str, idents: Iterable[int], most: int, sight: Sight) -> list[Member]:
    rows = fetched(
        "WITH m AS MATERIALIZED (SELECT lot, item, event_id, eid FROM traceability_lot_member"  # noqa: S608
        f" WHERE {column} = ANY(%s)) SELECT DISTINCT m.lot, m.item FROM m"
        " JOIN traceability_event e ON e.event_id = m.event_id"
        " WHERE NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = m.eid)"
        f"{clause(sight, 'e')} LIMIT %s",
        [numbers(idents), most + 1],
    )
    return [Member(lot, item, LATEST) for lot, item in rows]


def _left(items: Iterable[int], sight: Sight | None) -> dict[int, datetime]:
    """When single things were first told of by themselves, where they were not being made."""
    rows = fetched(
        f"{OF_IDENTS} SELECT r.ident, min(r.event_time) FROM {THEIR_EVENTS}"  # noqa: S608
        " WHERE (r.role = ANY(%s) OR (r.role = %s AND e.action IS DISTINCT FROM %s))"
        f" AND {STANDS}{clause(sight, 'e')} GROUP BY r.ident",
        [
            numbers(items),
            [int(Role.CHILD), int(Role.INPUT)],
            int(Role.THING),
            ACTION_CODES["ADD"],
        ],
    )
    return dict(rows)


class Content(NamedTuple):
    """What is inside something now, by which event; how much, where it was told by quantity."""

    child: int
    parent: int
    event: int
    quantity: float | None
    uom: str | None


def contents(parents: Iterable[int], *, most: int) -> list[Content]:
    """At most so many and one more."""
    rows = fetched(
        f"SELECT child, parent, open_event FROM {_PACKING['parent']}"  # noqa: S608
        " WHERE parent = ANY(%s) AND t_to = 'infinity' ORDER BY parent, child LIMIT %s",
        [numbers(parents), most + 1],
    )
    told = {
        (ident, event): amount
        for ident, event, *amount in fetched(
            "SELECT ident, event_id, quantity, uom FROM traceability_event_ident"
            " WHERE ident = ANY(%s) AND event_id = ANY(%s) AND role = %s",
            [
                numbers({row[0] for row in rows}),
                numbers({row[2] for row in rows}),
                int(Role.CHILD_CLASS),
            ],
        )
    }
    return [
        Content(child, parent, event, *told.get((child, event), (None, None)))
        for child, parent, event in rows
    ]


def uris_of(idents: Iterable[int]) -> dict[int, str]:
    return dict(
        fetched("SELECT id, uri FROM traceability_ident WHERE id = ANY(%s)", [numbers(idents)])
    )


def idents_of(uris: Iterable[str]) -> dict[str, int]:
    return dict(
        fetched("SELECT uri, id FROM traceability_ident WHERE uri = ANY(%s)", [sorted(uris)])
    )


def events_of(
    event_ids: Iterable[int], *, recorded: tuple[datetime, datetime] | None = None
) -> list[Row]:
    """Events by number, in the order they happened.

    :param recorded: where it is known, from when to when they were: only those months are read.
    """
    named = numbers(event_ids)
    rows = fetched_as_planned(
        "SELECT * FROM traceability_events_of(%s::bigint[], %s::timestamptz, %s::timestamptz)",
        [named, *(recorded or ("-infinity", "infinity"))],
        of_many=len(named) > MANY or is_distributed(),
    )
    return [Row(*row) for row in rows]
