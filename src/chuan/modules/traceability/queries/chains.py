"""A chain as inspectors read it: what happened, where, and what does not fit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chuan.modules.traceability.engine.checks import Finding, History, Seen, findings_of
from chuan.modules.traceability.engine.facts import parts_of
from chuan.modules.traceability.engine.keys import canonical, read
from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary, written
from chuan.modules.traceability.engine.walk import Caps, Direction, Mode
from chuan.modules.traceability.enums import MasterKind
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.trace import trace
from chuan.modules.traceability.store.reading import Row

CAPS = Caps(depth=30, things=5_000, events=2_000, links=0)


@dataclass(frozen=True, slots=True)
class Chain:
    """Events in order with the names of their places; `stops` are places in the order goods came
    to them, each with its first moment and how many events it saw."""

    uri: str
    events: list[Seen]
    names: dict[str, str]
    stops: list[tuple[str, datetime, int]]
    findings: list[Finding]
    things: int
    truncated: bool


def chain_of(uri: str, *, until: datetime) -> Chain | None:
    """The chain of one thing, upstream and downstream; None when no event knows it."""
    found = [
        trace(uri, direction=direction, mode=Mode.STRICT, since=None, caps=CAPS)
        for direction in Direction
    ]
    rows: dict[int, Row] = {row.event_id: row for one in found if one for row in one.events}
    if not rows:
        return None
    ordered = sorted(rows.values(), key=lambda row: (row.event_time, row.event_id))
    events = [_seen(row) for row in ordered if "errorDeclaration" not in row.body]
    places = {seen.place for seen in events if seen.place}
    told = master.known(places, MasterKind.PLACE)
    where = {place: known.coordinates for place, known in told.items() if known.coordinates}
    things = {part.uri for seen in events for part in seen.parts}
    single = frozenset(thing for thing in things if (key := read(thing)) and not key.is_class)
    history = History(tuple(events), until, where, single)
    names = {place: told[place].name if place in told else "" for place in places}
    return Chain(
        uri=canonical(uri),
        events=events,
        names={place: name or master.shown(place) for place, name in names.items()},
        stops=_stops(events),
        findings=findings_of(history),
        things=len(things),
        truncated=any(one.truncated for one in found if one),
    )


def _seen(row: Row) -> Seen:
    event: dict[str, Any] = json.loads(row.body)
    spot = event.get("bizLocation") or event.get("readPoint")
    step = event.get("bizStep") or ""
    return Seen(
        event_id=row.event_id,
        at=row.event_time,
        step=written(step, Vocabulary.BIZ_STEP, Form.BARE) if step else "",
        place=canonical(spot["id"]) if spot else "",
        parts=tuple(parts_of(event)),
        fields=frozenset(event),
    )


def _stops(events: list[Seen]) -> list[tuple[str, datetime, int]]:
    stops: dict[str, tuple[datetime, int]] = {}
    for seen in events:
        if seen.place:
            first, count = stops.get(seen.place, (seen.at, 0))
            stops[seen.place] = (first, count + 1)
    return [(place, first, count) for place, (first, count) in stops.items()]
