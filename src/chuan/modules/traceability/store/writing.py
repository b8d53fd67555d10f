"""Putting events into the tables: the same few statements for one event and for thousands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from chuan.modules.traceability.engine.facts import Facts, Role
from chuan.modules.traceability.store import sight

_CHILDREN = (Role.CHILD, Role.CHILD_CLASS)
_THINGS = (Role.THING, Role.THING_CLASS)
_INPUTS = (Role.INPUT, Role.INPUT_CLASS)
_OUTPUTS = (Role.OUTPUT, Role.OUTPUT_CLASS)
_ADD = 2


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one event: `fresh` is False when its id was known; `same` tells whether what
    was known said the same, `taken_back` whether an error declaration was here before it."""

    event_id: int
    record_time: datetime
    fresh: bool
    same: bool
    taken_back: bool

    def again(self) -> Stored:
        """The same, for somebody who came second."""
        return replace(self, fresh=False)


def store(
    events: Sequence[Facts], *, captured_by: int | None, told_by: str | None = None
) -> list[Stored]:
    """Store what is new, in the caller's transaction; the first of several events under one id
    counts.

    :param captured_by: the key.
    :param told_by: the name of the party whose key it is: it sees what it told, also where somebody
        had told the same before.

    Packing follows from all events told so far, whatever order they come in; an error declaration
    takes back what its event did to packing and to states.
    """
    first: dict[bytes, Facts] = {}
    for one in events:
        first.setdefault(one.eid, one)
    with connection.cursor() as cursor:
        known = _claim(cursor, list(first.values()))
        fresh = [one for one in first.values() if known[one.eid].fresh]
        if fresh:
            ids = _intern(cursor, fresh, told_by)
            _Rows(fresh, known, ids, captured_by, told_by).write(cursor)
        again = [one for one in first.values() if not known[one.eid].fresh and known[one.eid].same]
        if again and told_by:
            sight.told_again([known[one.eid].event_id for one in again], told_by)
    return [known[one.eid] for one in events]


def _claim(cursor: Any, events: list[Facts]) -> dict[bytes, Stored]:
    """Take the ids that nobody has; two captures of one event wait for each other here."""
    cursor.execute(
        "SELECT * FROM traceability_claim(%s::uuid[], %s::uuid[])",
        [[UUID(bytes=one.eid) for one in events], [UUID(bytes=one.content) for one in events]],
    )
    content = {one.eid: one.content for one in events}
    return {
        eid.bytes: Stored(event_id, record_time, fresh, told.bytes == content[eid.bytes], back)
        for eid, event_id, record_time, told, fresh, back in cursor.fetchall()
    }


def _intern(cursor: Any, events: Iterable[Facts], told_by: str | None) -> dict[str, int]:
    uris = sorted({uri for one in events for uri in one.uris()} | ({told_by} if told_by else set()))
    cursor.execute("SELECT uri, id FROM traceability_intern(%s::text[])", [uris])
    return dict(cursor.fetchall())


class _Rows:
    """The rows of fresh events, table by table."""

    def __init__(
        self,
        events: list[Facts],
        known: dict[bytes, Stored],
        ids: dict[str, int],
        captured_by: int | None,
        told_by: str | None,
    ) -> None:
        self.events = events
        self.known = known
        self.ids = ids
        self.captured_by = captured_by
        self.told_by = told_by

    def write(self, cursor: Any) -> None:
        self._copy(cursor, "traceability_event", map(self._event, self.events))
        self._copy(cursor, "traceability_event_ident", self._idents())
        members = {row[:3]: row for row in self._members()}
        if members:
            self._copy(cursor, "traceability_lot_member", members.values())
        moves = list(self._moves())
        self._copy(cursor, "traceability_move", moves)
        self._settle(cursor, moves)
        told = [
            sight.Told(one, stored.event_id, stored.record_time, self.told_by)
            for one in self.events
            for stored in (self.known[one.eid],)
        ]
        sight.note(cursor, told, self.ids)

    def _copy(self, cursor: Any, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def _id(self, uri: str | None) -> int | None:
        return self.ids[uri] if uri else None

    def _event(self, one: Facts) -> tuple[Any, ...]:
        stored = self.known[one.eid]
        return (
            stored.event_id,
            stored.record_time,
            one.happened,
            # The id that queries and declarations know it by.
            UUID(bytes=one.declares or one.eid),
            one.event_uri,
            one.kind,
            one.action,
            one.declared_at,
            *(self._id(uri) for uri in (*one.words, *one.places)),
            self._id(one.transformation),
            self._id(one.parent),
            *(self._of(one, roles) for roles in (_THINGS, _CHILDREN, _INPUTS, _OUTPUTS)),
            self.captured_by,
            one.namespaces,
            one.body,
        )

    def _of(self, one: Facts, roles: tuple[Role, ...]) -> list[int]:
        return [self.ids[part.uri] for part in one.parts if part.role in roles]

    def _idents(self) -> Iterable[tuple[Any, ...]]:
        for one in self.events:
            stored = self.known[one.eid]
            for part in one.parts:
                yield (
                    self.ids[part.uri],
                    one.happened,
                    stored.event_id,
                    stored.record_time,
                    int(part.role),
                    part.quantity,
                    part.uom,
                )

    def _members(self) -> Iterable[tuple[Any, ...]]:
        for one in self.events:
            for lot, item in one.members:
                yield (
                    self.ids[lot],
                    self.ids[item],
                    self.known[one.eid].event_id,
                    UUID(bytes=one.eid),
                )

    def _moves(self) -> Iterable[tuple[Any, ...]]:
        """What packing events do; one that removes without naming children removes all."""
        for one in self.events:
            if not one.moves or not one.parent:
                continue
            parent, opens = self.ids[one.parent], one.action == _ADD
            children: Sequence[int | None] = self._of(one, _CHILDREN)
            if not children and not opens:
                children = [None]
            event_id, eid = self.known[one.eid].event_id, UUID(bytes=one.eid)
            for child in children:
                yield child, parent, one.happened, opens, event_id, eid

    def _settle(self, cursor: Any, moves: list[tuple[Any, ...]]) -> None:
        declarations = [one for one in self.events if one.declares]
        if moves or declarations:
            pairs = [(child, parent) for child, parent, *_ in moves if child is not None]
            cursor.execute(
                "SELECT traceability_settle(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[]),"
                " traceability_derive(%s::bigint[], %s::bigint[])",
                [
                    [UUID(bytes=one.declares) for one in declarations if one.declares],
                    [self.known[one.eid].event_id for one in declarations],
                    sorted({parent for _, parent, *_ in moves}),
                    sorted({parent for child, parent, *_ in moves if child is None}),
                    [child for child, _ in pairs],
                    [parent for _, parent in pairs],
                ],
            )
        self._note_states(cursor)
        errors = [one for one in self.events if one.declares or self.known[one.eid].taken_back]
        if errors:
            touched = {self.ids[part.uri] for one in errors for part in one.parts}
            cursor.execute("SELECT traceability_restate(%s::bigint[])", [sorted(touched)])

    def _note_states(self, cursor: Any) -> None:
        latest: dict[int, tuple[datetime, int, int | None, int | None]] = {}
        facts = [one for one in self.events if not one.declares]
        for one in sorted(facts, key=lambda one: (one.happened, self.known[one.eid].event_id)):
            event_id = self.known[one.eid].event_id
            place, word = self._id(one.places[1] or one.places[0]), self._id(one.words[1])
            for part in one.parts:
                ident = self.ids[part.uri]
                before = latest.get(ident, (one.happened, 0, None, None))
                latest[ident] = (one.happened, event_id, place or before[2], word or before[3])
        rows = sorted(latest.items())
        cursor.execute(
            "SELECT traceability_note_state(%s::bigint[], %s::bigint[], %s::timestamptz[],"
            " %s::bigint[], %s::bigint[])",
            [
                [ident for ident, _ in rows],
                [row[1] for _, row in rows],
                [row[0] for _, row in rows],
                [row[2] for _, row in rows],
                [row[3] for _, row in rows],
            ],
        )


def make_months(first: datetime, last: datetime) -> int:
    """Have a partition for each month from the first to the last; returns how many are new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months(%s::date, %s::date)", [first, last])
        return int(cursor.fetchone()[0])
