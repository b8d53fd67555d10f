"""Following a thing through the chain: upstream to what it came from, downstream to what became of it.

The walk goes level by level, asking for many identifiers at once, so that it costs as many questions
as the chain is deep, however wide it is.

Strict, it minds time and role. Upstream of a thing until an instant is:
- every event it took part in until then;
- while it was inside something, the events of that (and of what that was inside of), but nobody else
  who was inside too;
- upstream of whatever it was made from, until the moment it was made;
- upstream of whatever was inside it, until that was taken out.
Downstream is the same from an instant on, towards what was made from it.

Inclusive (GDST), a thing once reached counts with all its life; only time inside others is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from chuan.modules.traceability.engine.facts import Role

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
_INPUTS = (Role.INPUT, Role.INPUT_CLASS)
_OUTPUTS = (Role.OUTPUT, Role.OUTPUT_CLASS)


class Direction(StrEnum):
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


class Mode(StrEnum):
    GDST = "gdst"
    STRICT = "strict"


class Appearance(NamedTuple):
    """One identifier in one event; what went in and came out when it transformed."""

    ident: int
    event: int
    happened: datetime
    role: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


class Stay(NamedTuple):
    """From when to when a thing was inside another."""

    child: int
    parent: int
    start: datetime
    end: datetime


class Chain(Protocol):
    """Where events and stays are kept; each answers for many at once, and leaves out what was
    declared wrong."""

    def appearances(self, idents: Iterable[int]) -> Iterable[Appearance]: ...

    def stays_of(self, children: Iterable[int]) -> Iterable[Stay]: ...

    def stays_in(self, parents: Iterable[int]) -> Iterable[Stay]: ...


class Link(NamedTuple):
    """How the walk came from one thing to the next."""

    source: int
    target: int
    how: str


class _Ride(NamedTuple):
    """A thing that carries something we follow, for as long as it does."""

    ident: int
    start: datetime
    end: datetime


@dataclass(slots=True)
class Trace:
    """What a walk found; `truncated` when it stopped at a cap."""

    things: set[int] = field(default_factory=set)
    events: set[int] = field(default_factory=set)
    links: set[Link] = field(default_factory=set)
    depth: int = 0
    truncated: bool = False


def walk(
    start: Iterable[int],
    chain: Chain,
    *,
    direction: Direction,
    mode: Mode,
    since: datetime | None = None,
    deepest: int = 50,
    most: int = 20_000,
) -> Trace:
    """Follow things from an instant (default: all of time), to a depth and a number of things."""
    upstream = direction is Direction.UPSTREAM
    bound = since or (LATEST if upstream else EARLIEST)
    steps = _Steps(chain, upstream, mode is Mode.STRICT)
    steps.reach((ident, bound) for ident in start)
    while steps.followed or steps.rides:
        if steps.trace.depth >= deepest or len(steps.trace.things) > most:
            steps.trace.truncated = True
            break
        steps.trace.depth += 1
        steps.go()
    return steps.trace


class _Steps:
    """The state of a walk between levels: whom to follow next, until or from when."""

    def __init__(self, chain: Chain, upstream: bool, strict: bool) -> None:
        self.chain, self.upstream, self.strict = chain, upstream, strict
        self.trace = Trace()
        self.bounds: dict[int, datetime] = {}
        self.ridden: set[_Ride] = set()
        self.followed: dict[int, datetime] = {}
        self.rides: set[_Ride] = set()

    def reach(self, reached: Iterable[tuple[int, datetime]]) -> None:
        """Follow what was never reached, or only with less of its life."""
        for ident, bound in reached:
            if not self.strict:
                bound = LATEST if self.upstream else EARLIEST
            before = self.bounds.get(ident)
            wider = before is None or (bound > before if self.upstream else bound < before)
            if wider:
                self.bounds[ident] = self.followed[ident] = bound
                self.trace.things.add(ident)

    def ride(self, ride: _Ride) -> None:
        if ride not in self.ridden:
            self.ridden.add(ride)
            self.rides.add(ride)
            self.trace.things.add(ride.ident)

    def go(self) -> None:
        """One level: everybody who was reached by the last."""
        followed, rides = self.followed, self.rides
        self.followed, self.rides = {}, set()
        riding: dict[int, list[_Ride]] = {}
        for ride in rides:
            riding.setdefault(ride.ident, []).append(ride)
        everybody = followed.keys() | riding.keys()
        for one in self.chain.appearances(everybody):
            self._appear(one, followed.get(one.ident), riding.get(one.ident, []))
        for stay in self.chain.stays_of(everybody):
            self._carried(stay, followed.get(stay.child), riding.get(stay.child, []))
        for stay in self.chain.stays_in(followed):
            self._inside(stay, followed[stay.parent])

    def _appear(self, one: Appearance, bound: datetime | None, rides: list[_Ride]) -> None:
        if any(ride.start <= one.happened <= ride.end for ride in rides):
            self.trace.events.add(one.event)
        if bound is None or not self._within(one.happened, bound):
            return
        self.trace.events.add(one.event)
        if self.upstream and one.role in _OUTPUTS:
            others, how = one.inputs, "made from"
        elif not self.upstream and one.role in _INPUTS:
            others, how = one.outputs, "made into"
        else:
            return
        self.trace.links.update(Link(one.ident, other, how) for other in others)
        self.reach((other, one.happened) for other in others)

    def _within(self, moment: datetime, bound: datetime) -> bool:
        return moment <= bound if self.upstream else moment >= bound

    def _carried(self, stay: Stay, bound: datetime | None, rides: list[_Ride]) -> None:
        windows = [(ride.start, ride.end) for ride in rides]
        if bound is not None:
            windows.append((EARLIEST, bound) if self.upstream else (bound, LATEST))
        for start, end in windows:
            first, last = max(stay.start, start), min(stay.end, end)
            if first <= last:
                self.trace.links.add(Link(stay.child, stay.parent, "inside"))
                self.ride(_Ride(stay.parent, first, last))

    def _inside(self, stay: Stay, bound: datetime) -> None:
        if self.upstream and stay.start <= bound:
            reached = min(stay.end, bound)
        elif not self.upstream and stay.end >= bound:
            reached = max(stay.start, bound)
        else:
            return
        self.trace.links.add(Link(stay.parent, stay.child, "contains"))
        self.reach([(stay.child, reached)])
