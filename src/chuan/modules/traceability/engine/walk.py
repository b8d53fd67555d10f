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

A lot leads to the items that were said to be of it, and an item to its lot, until it was told of by
itself after it was made: from then on what happens to the rest of the lot is not its story.

Inclusive (GDST), a thing once reached counts with all its life; only time inside others is bounded;
lots and items lead to each other by events alone, as trace-back clients do it.

What is too much is left out and told as truncated: levels, things, events, and of one event or one
container more things than the fan-out allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

from chuan.modules.traceability.engine.facts import Role

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
_Row = TypeVar("_Row")
_INPUTS = (Role.INPUT, Role.INPUT_CLASS)
_OUTPUTS = (Role.OUTPUT, Role.OUTPUT_CLASS)


class Direction(StrEnum):
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


class Mode(StrEnum):
    GDST = "gdst"
    STRICT = "strict"


class Appearance(NamedTuple):
    """One identifier in one event; what went in and came out when it transformed.

    A transformation may be told in several events: `first` and `last` are when it began and ended.
    """

    ident: int
    event: int
    happened: datetime
    role: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    first: datetime
    last: datetime


class Stay(NamedTuple):
    """From when to when a thing was inside another."""

    child: int
    parent: int
    start: datetime
    end: datetime


class Member(NamedTuple):
    """An item that was said to be of a lot, and when it was first told of by itself."""

    lot: int
    item: int
    left: datetime


@dataclass(frozen=True, slots=True)
class Caps:
    """How far a walk may go before it stops: levels, things, events, things of one event; and how
    many links it notes."""

    depth: int = 50
    things: int = 20_000
    events: int = 20_000
    fanout: int = 20_000
    links: int = 50_000


class Chain(Protocol):
    """Where events and stays are kept; each answers for many at once, with at most so many rows and
    one more, and leaves out what was declared wrong."""

    def appearances(
        self, idents: Iterable[int], *, roles: Sequence[Role], most: int, fanout: int
    ) -> Sequence[Appearance]:
        """In any role where `roles` is empty."""

    def stays_of(self, children: Iterable[int], *, most: int) -> Sequence[Stay]: ...

    def stays_in(self, parents: Iterable[int], *, most: int) -> Sequence[Stay]: ...

    def lots_of(self, items: Iterable[int], *, most: int) -> Sequence[Member]: ...

    def items_of(self, lots: Iterable[int], *, most: int) -> Sequence[Member]: ...


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
    """What a walk found; `truncated` when it stopped at a cap.

    `followed` are the things themselves, with the instant until or from which they count; the other
    `things` only carried them.
    """

    things: set[int] = field(default_factory=set)
    followed: dict[int, datetime] = field(default_factory=dict)
    events: set[int] = field(default_factory=set)
    links: set[Link] = field(default_factory=set)
    depth: int = 0
    truncated: bool = False
    links_truncated: bool = False


def walk(
    start: Mapping[int, datetime | None],
    chain: Chain,
    *,
    direction: Direction,
    mode: Mode,
    caps: Caps | None = None,
    goods_only: bool = False,
) -> Trace:
    """Follow things, each from its instant (None: all of time), as far as the caps allow.

    :param goods_only: whom to follow is wanted and nothing else: what carried them and the events
        they were only seen in are not looked at.
    """
    upstream = direction is Direction.UPSTREAM
    always = LATEST if upstream else EARLIEST
    caps = caps or Caps()
    steps = _Steps(chain, upstream, mode is Mode.STRICT, caps, goods_only)
    steps.reach((ident, bound or always) for ident, bound in start.items())
    trace = steps.trace
    while steps.followed or steps.rides:
        if trace.depth >= caps.depth or len(trace.things) > caps.things:
            trace.truncated = True
            break
        if len(trace.events) > caps.events:
            trace.truncated = True
            break
        trace.depth += 1
        steps.go()
    trace.followed = dict(steps.bounds)
    return trace


class _Steps:
    """The state of a walk between levels: whom to follow next, until or from when."""

    def __init__(
        self, chain: Chain, upstream: bool, strict: bool, caps: Caps, goods_only: bool
    ) -> None:
        self.chain, self.upstream, self.strict, self.caps = chain, upstream, strict, caps
        self.goods_only = goods_only
        self.trace = Trace()
        self.bounds: dict[int, datetime] = {}
        self.ridden: set[_Ride] = set()
        self.crossed: set[int] = set()
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
        most = self.caps.events
        appearances = self.chain.appearances(
            everybody, roles=self._roles(), most=most, fanout=self.caps.fanout
        )
        for one in self._capped(appearances, most):
            self._appear(one, followed.get(one.ident), riding.get(one.ident, []))
        most = self.caps.things
        if not self.goods_only:
            for stay in self._capped(self.chain.stays_of(everybody, most=most), most):
                self._carried(stay, followed.get(stay.child), riding.get(stay.child, []))
        if followed:
            for stay in self._capped(self.chain.stays_in(followed, most=most), most):
                self._inside(stay, followed[stay.parent])
        if followed and self.strict:
            self._same_lot(followed, most)

    def _roles(self) -> Sequence[Role]:
        """The roles in which somebody leads to others; none in particular when every event counts."""
        if not self.goods_only:
            return ()
        return _OUTPUTS if self.upstream else _INPUTS

    def _capped(self, rows: Sequence[_Row], most: int) -> Sequence[_Row]:
        if len(rows) > most:
            self.trace.truncated = True
        return rows[:most]

    def _same_lot(self, followed: dict[int, datetime], most: int) -> None:
        if self.upstream:
            members = self._capped(self.chain.lots_of(followed, most=most), most)
            self._link(Link(one.item, one.lot, "of lot") for one in members)
            self.reach((one.lot, min(followed[one.item], one.left)) for one in members)
        else:
            members = self._capped(self.chain.items_of(followed, most=most), most)
            self._link(Link(one.lot, one.item, "has item") for one in members)
            self.reach((one.item, followed[one.lot]) for one in members)

    def _appear(self, one: Appearance, bound: datetime | None, rides: list[_Ride]) -> None:
        if any(ride.start <= one.happened <= ride.end for ride in rides):
            self.trace.events.add(one.event)
        if bound is None or not self._within(one.happened, bound):
            return
        self.trace.events.add(one.event)
        if self.upstream and one.role in _OUTPUTS:
            others, how, moment = one.inputs, "made from", one.last
        elif not self.upstream and one.role in _INPUTS:
            others, how, moment = one.outputs, "made into", one.first
        else:
            return
        if len(others) > self.caps.fanout:
            self.trace.truncated = True
            others = others[: self.caps.fanout]
        self._link(Link(one.ident, other, how) for other in others)
        if one.event not in self.crossed:
            # A hundred inputs with ten thousand outputs each lead to the same ten thousand.
            self.crossed.add(one.event)
            self.reach((other, moment) for other in others)

    def _link(self, links: Iterable[Link]) -> None:
        room = max(self.caps.links - len(self.trace.links), 0)
        kept = list(islice(links, room + 1))
        self.trace.links.update(kept[:room])
        if len(kept) > room:
            self.trace.links_truncated = True

    def _within(self, moment: datetime, bound: datetime) -> bool:
        return moment <= bound if self.upstream else moment >= bound

    def _carried(self, stay: Stay, bound: datetime | None, rides: list[_Ride]) -> None:
        windows = [(ride.start, ride.end) for ride in rides]
        if bound is not None:
            windows.append((EARLIEST, bound) if self.upstream else (bound, LATEST))
        for start, end in windows:
            first, last = max(stay.start, start), min(stay.end, end)
            if first <= last:
                self._link([Link(stay.child, stay.parent, "inside")])
                self.ride(_Ride(stay.parent, first, last))

    def _inside(self, stay: Stay, bound: datetime) -> None:
        if self.upstream and stay.start <= bound:
            reached = min(stay.end, bound)
        elif not self.upstream and stay.end >= bound:
            reached = max(stay.start, bound)
        else:
            return
        self._link([Link(stay.parent, stay.child, "contains")])
        self.reach([(stay.child, reached)])
