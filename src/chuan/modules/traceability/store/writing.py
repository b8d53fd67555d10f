"""Putting events into the tables: the same few statements for one event and for thousands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connection

from chuan.modules.traceability.engine.facts import Facts, Role
from chuan.modules.traceability.store import declared_wrong, sight, states
from chuan.modules.traceability.store.lines import (
    NOTHING,
    Message,
    copy_lines,
    line,
    listed,
    listed_texts,
    plain,
    text,
)
from chuan.modules.traceability.store.rows import read_instants_fast
from chuan.modules.traceability.store.states import State

_CHILDREN = (Role.CHILD, Role.CHILD_CLASS)
# The columns of things, children, inputs and outputs, by the role of who belongs into them.
_COLUMN = {
    **dict.fromkeys((Role.THING, Role.THING_CLASS), 0),
    **dict.fromkeys(_CHILDREN, 1),
    **dict.fromkeys((Role.INPUT, Role.INPUT_CLASS), 2),
    **dict.fromkeys((Role.OUTPUT, Role.OUTPUT_CLASS), 3),
}
_ADD = 2
_MOVE = {
    **{"child": "bigint", "parent": "bigint", "happened": "timestamptz", "opens": "boolean"},
    **{"event_id": "bigint", "eid": "uuid"},
}
_LOT_MEMBER = {"lot": "bigint", "item": "bigint", "event_id": "bigint", "eid": "uuid"}


# Child, parent, when, whether it goes in, and the event.
_Move: TypeAlias = tuple[int | None, int, str, bool, int, str]
_NOWHERE: State = (0, "", None, None, None, None)


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
        read_instants_fast(cursor)
        known, ids = _claim(cursor, list(first.values()), told_by)
        fresh = [one for one in first.values() if known[one.eid].fresh]
        if fresh:
            _Rows(fresh, known, ids, captured_by, told_by).write(cursor)
        if told_by:
            again = [
                sight.Told(one, stored.event_id, stored.record_time, told_by)
                for one in first.values()
                for stored in (known[one.eid],)
                if stored.same and not stored.fresh
            ]
            sight.told_again(again, told_by)
    return [known[one.eid] for one in events]


def _claim(
    cursor: Any, events: list[Facts], told_by: str | None
) -> tuple[dict[bytes, Stored], dict[str, int]]:
    """Take the ids that nobody has; two captures of one event wait for each other here. Returns whose
    they are, and the numbers of all names in the events."""
    uris = {uri for one in events for uri in one.uris()} | ({told_by} if told_by else set())
    message = Message()
    message.add(
        "SELECT * FROM traceability_claim(%s::uuid[], %s::uuid[])",
        listed(one.eid.hex() for one in events),
        listed(one.content.hex() for one in events),
    )
    message.add(
        "SELECT uri, id FROM traceability_intern(%s::text[])",
        listed_texts(sorted(uris)),
    )
    claimed, interned = message.send(cursor)
    content = {one.eid: one.content for one in events}
    known = {
        eid.bytes: Stored(event_id, record_time, fresh, told.bytes == content[eid.bytes], back)
        for eid, event_id, record_time, told, fresh, back in claimed
    }
    return known, dict(interned)


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
        copy_lines(cursor, "traceability_event", map(self._event, self.events))
        copy_lines(cursor, "traceability_event_ident", map(self._idents, self.events))
        message = Message()
        message.add(
            "INSERT INTO traceability_feed (recorded_at, event_ids) VALUES (now(), %s)",
            listed(self.known[one.eid].event_id for one in self.events),
        )
        members = list(dict.fromkeys(self._members()))
        message.insert("traceability_lot_member", _LOT_MEMBER, members)
        moves = list(self._moves())
        message.insert("traceability_move", _MOVE, moves)
        self._settle(message, moves)
        told = [
            sight.Told(one, stored.event_id, stored.record_time, self.told_by)
            for one in self.events
            for stored in (self.known[one.eid],)
        ]
        sight.note(cursor, message, told, self.ids)

    def _id(self, uri: str | None) -> int | None:
        return self.ids[uri] if uri else None

    def _event(self, one: Facts) -> str:
        stored = self.known[one.eid]
        taking_part: tuple[list[int], ...] = ([], [], [], [])
        for part in one.parts:
            column = _COLUMN.get(part.role)
            if column is not None:
                taking_part[column].append(self.ids[part.uri])
        return line(
            str(stored.event_id),
            stored.record_time.isoformat(),
            one.happened.isoformat(),
            # The id that queries and declarations know it by.
            (one.declares or one.eid).hex(),
            str(one.kind),
            plain(one.action),
            NOTHING if one.declared_at is None else one.declared_at.isoformat(),
            *(plain(self._id(uri)) for uri in (*one.words, *one.places)),
            plain(self._id(one.transformation)),
            plain(self._id(one.parent)),
            *map(listed, taking_part),
            plain(self.captured_by),
            text(one.namespaces),
            text(one.body),
        )

    def _idents(self, one: Facts) -> str:
        stored = self.known[one.eid]
        event = f"{one.happened.isoformat()}\t{stored.event_id}\t{stored.record_time.isoformat()}"
        return "".join(
            [
                f"{self.ids[part.uri]}\t{event}\t{int(part.role)}"
                f"\t{plain(part.quantity)}\t{text(part.uom)}\n"
                for part in one.parts
            ]
        )

    def _members(self) -> Iterable[tuple[int, int, int, str]]:
        for one in self.events:
            event = self.known[one.eid].event_id, one.eid.hex()
            for lot, item in one.members:
                yield self.ids[lot], self.ids[item], *event

    def _moves(self) -> Iterable[_Move]:
        """What packing events do; one that removes without naming children removes all."""
        for one in self.events:
            if not one.moves or not one.parent:
                continue
            parent, opens = self.ids[one.parent], one.action == _ADD
            children: list[int | None] = [
                self.ids[part.uri] for part in one.parts if part.role in _CHILDREN
            ]
            if not children and not opens:
                children = [None]
            event = self.known[one.eid].event_id, one.eid.hex()
            happened = one.happened.isoformat()
            for child in children:
                yield child, parent, happened, opens, *event

    def _settle(self, message: Message, moves: list[_Move]) -> None:
        declarations = [one for one in self.events if one.declares]
        if moves or declarations:
            pairs = [(child, parent) for child, parent, *_ in moves if child is not None]
            message.add(
                "SELECT traceability_settle(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[]),"
                " traceability_derive(%s::bigint[], %s::bigint[])",
                listed(one.declares.hex() for one in declarations if one.declares),
                listed(self.known[one.eid].event_id for one in declarations),
                listed(sorted({parent for _, parent, *_ in moves})),
                listed(sorted({parent for child, parent, *_ in moves if child is None})),
                listed(child for child, _ in pairs),
                listed(parent for _, parent in pairs),
            )
        self._note_states(message)
        errors = [one for one in self.events if one.declares or self.known[one.eid].taken_back]
        if errors:
            declared = [one.declares.hex() for one in declarations if one.declares]
            touched = {self.ids[part.uri] for one in errors for part in one.parts}
            states.restate(message, touched | declared_wrong.things_of(declared), declared)

    def _note_states(self, message: Message) -> None:
        latest: dict[int, State] = {}
        facts = [one for one in self.events if not one.declares]
        for one in sorted(facts, key=lambda one: (one.happened, self.known[one.eid].event_id)):
            event_id, happened = self.known[one.eid].event_id, one.happened.isoformat()
            place, word = self._id(one.places[1] or one.places[0]), self._id(one.words[1])
            for part in one.parts:
                ident = self.ids[part.uri]
                before = latest.get(ident, _NOWHERE)
                latest[ident] = (
                    event_id,
                    happened,
                    *((place, happened) if place else before[2:4]),
                    *((word, happened) if word else before[4:]),
                )
        states.note(message, latest)


def make_months(first: datetime, last: datetime) -> int:
    """Have a partition for each month from the first to the last; returns how many are new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months(%s::date, %s::date)", [first, last])
        return int(cursor.fetchone()[0])
