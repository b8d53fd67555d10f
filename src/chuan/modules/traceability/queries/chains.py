"""A chain as inspectors read it: what happened, where, and what does not fit."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chuan.modules.traceability.engine.checks import Finding, History, Seen, findings_of
from chuan.modules.traceability.engine.facts import Role, parts_of
from chuan.modules.traceability.engine.keys import canonical, read
from chuan.modules.traceability.engine.picture import Thing
from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary, written
from chuan.modules.traceability.engine.walk import Caps, Direction, Mode
from chuan.modules.traceability.enums import MasterKind
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.trace import trace
from chuan.modules.traceability.store import tracing
from chuan.modules.traceability.store.reading import Row

CAPS = Caps(depth=30, things=5_000, events=2_000, links=40_000)
_USED = (Role.INPUT, Role.INPUT_CLASS)
_CHILDREN = (Role.CHILD, Role.CHILD_CLASS)


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on the way: from when to when goods were seen there, and in how many events."""

    place: str
    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Events in order with the names of their places; `stops` are places in the order goods came
    to them. `things` are in the order they came into being, with the links between them."""

    uri: str
    events: list[Seen]
    names: dict[str, str]
    stops: list[Stop]
    findings: list[Finding]
    things: list[Thing]
    links: list[tuple[str, str, str]]
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
    events = seen_in(ordered)
    history = history_of(events, until=until)
    return Chain(
        uri=canonical(uri),
        events=events,
        names=names_of_places({seen.place for seen in events if seen.place}),
        stops=_stops(events),
        findings=findings_of(history),
        things=_things(events),
        links=[link for one in found if one for link in one.links],
        truncated=any(one.truncated for one in found if one),
    )


def seen_in(rows: Iterable[Row]) -> list[Seen]:
    """Events as checks read them, without those that declare another wrong."""
    return [seen for row in rows if "errorDeclaration" not in (seen := _seen(row)).fields]


def history_of(events: Sequence[Seen], *, until: datetime) -> History:
    """The same with the coordinates of places, and which things are single."""
    told = master.known({seen.place for seen in events if seen.place}, MasterKind.PLACE)
    where = {place: known.coordinates for place, known in told.items() if known.coordinates}
    things = {part.uri for seen in events for part in seen.parts}
    single = frozenset(thing for thing in things if (key := read(thing)) and not key.is_class)
    return History(tuple(events), until, where, single)


def names_of_places(places: Collection[str]) -> dict[str, str]:
    """What places are called; their number where nobody told."""
    told = master.known(places, MasterKind.PLACE)
    names = {place: told[place].name if place in told else "" for place in places}
    return {place: name or master.shown(place) for place, name in names.items()}


def last_places_of(findings: Sequence[Finding]) -> dict[int, str]:
    """The names of the places of the last events that show these, by number of event."""
    seen = seen_in(tracing.events_of({one.events[-1] for one in findings}))
    names = names_of_places({one.place for one in seen if one.place})
    return {one.event_id: names.get(one.place, "") for one in seen}


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
        action=str(event.get("action") or ""),
    )


def _stops(events: list[Seen]) -> list[Stop]:
    stops: dict[str, Stop] = {}
    for seen in events:
        if seen.place:
            told = stops.get(seen.place, Stop(seen.place, seen.at, seen.at, 0))
            stops[seen.place] = replace(told, last=seen.at, count=told.count + 1)
    return list(stops.values())


def _things(events: list[Seen]) -> list[Thing]:
    """Each thing of the chain: what it is packed in now, and where that was seen last."""
    inside: dict[str, str] = {}
    at: dict[str, str] = {}
    for seen in events:
        parent = next((part.uri for part in seen.parts if part.role is Role.PARENT), "")
        children = [part.uri for part in seen.parts if part.role in _CHILDREN]
        if parent and seen.action == "DELETE":
            # Without children, all that is in it comes out.
            for uri in children or [uri for uri, held in inside.items() if held == parent]:
                if inside.get(uri) == parent:
                    inside[uri] = ""
                    at[uri] = seen.place or at.get(_outermost(parent, inside), at[uri])
        for part in seen.parts:
            if part.role is Role.CHILD and seen.action == "ADD":
                inside[part.uri] = parent
            # What was used up is told of where it was, not of where the new goods are.
            if part.role not in _USED or part.uri not in at:
                at[part.uri] = seen.place or at.get(part.uri, "")
    return [Thing(uri, at[_outermost(uri, inside)], inside.get(uri, "")) for uri in at]


def _outermost(uri: str, inside: Mapping[str, str]) -> str:
    met = {uri}
    while (parent := inside.get(uri)) and parent not in met:
        met.add(parent)
        uri = parent
    return uri
