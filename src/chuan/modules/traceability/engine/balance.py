"""How much of a lot went where: quantities followed through what was made of what.

Every making mixes what went in: of each output the same share comes from each input, by quantity.
Downstream of a start, the *share* of a thing is what part of it comes from the start; upstream of a
target, what part of it is in the target; the *amount* is that part of its quantity.

- Quantities are compared where their units can be told in each other; single things are one piece.
- Where shares are the same whatever the quantities are (one input alone, or all from the start),
  they are known without them. Otherwise what is missing, or told in units that do not fit, makes
  everything that depends on it unknown. Nothing is guessed, nothing is zero because nobody told it.
- Of a lot that was made in several goes, all of it counts, well mixed. What was made of itself, in
  however many steps, is unknown.
- A single thing has the share of its lot. How much of a lot one piece is, is known where the lot is
  counted in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import fsum

from chuan.modules.traceability.engine.facts import Part, Role
from chuan.modules.traceability.engine.units import in_base
from chuan.modules.traceability.engine.walk import Direction

_IN = (Role.INPUT, Role.INPUT_CLASS)
_OUT = (Role.OUTPUT, Role.OUTPUT_CLASS)
_SINGLE = (Role.INPUT, Role.OUTPUT, Role.THING)
_PIECES = "pieces"


@dataclass(frozen=True, slots=True)
class Quantity:
    """So much, in the base unit of a kind of units."""

    value: float
    kind: str


@dataclass(slots=True)
class Making:
    """What went in and what came out; None where it was not said how much."""

    inputs: dict[str, Quantity | None] = field(default_factory=dict)
    outputs: dict[str, Quantity | None] = field(default_factory=dict)

    def take(self, parts: Iterable[Part]) -> None:
        for part in parts:
            side = self.inputs if part.role in _IN else self.outputs if part.role in _OUT else None
            if side is not None:
                told = quantity_of(part)
                side[part.uri] = _sum((side[part.uri], told)) if part.uri in side else told


@dataclass(frozen=True, slots=True)
class Balance:
    """Of one thing: its whole quantity, the part of it that counts, and that part as a share of 1.

    Quantities are in `uom`, in pieces when that is None; what is not known is None.
    """

    uri: str
    whole: float | None
    amount: float | None
    share: float | None
    uom: str | None


@dataclass(slots=True)
class Told:
    """What events say of things that are followed: makings, what began without being made, of which
    lots single things are, and in which unit each was told first."""

    makings: list[Making] = field(default_factory=list)
    begun: dict[str, Quantity | None] = field(default_factory=dict)
    lots: dict[str, set[str]] = field(default_factory=dict)
    units: dict[str, str | None] = field(default_factory=dict)

    def begin(self, part: Part) -> None:
        told = quantity_of(part)
        known = part.uri in self.begun
        self.begun[part.uri] = _sum((self.begun[part.uri], told)) if known else told


def quantity_of(part: Part) -> Quantity | None:
    if part.role in _SINGLE:
        return Quantity(1.0, _PIECES)
    if part.quantity is None:
        return None
    base = in_base(part.quantity, part.uom)
    return Quantity(*base) if base else Quantity(part.quantity, part.uom or _PIECES)


def balances(
    start: str, followed: Iterable[str], told: Told, *, direction: Direction
) -> list[Balance]:
    """Of everything that is followed, by URI."""
    reader = _Reader(start, frozenset(followed), told, direction is Direction.UPSTREAM)
    return [reader.balance(uri) for uri in sorted(reader.followed)]


class _Reader:
    def __init__(self, start: str, followed: frozenset[str], told: Told, upstream: bool) -> None:
        self.start, self.followed, self.told, self.upstream = start, followed, told, upstream
        self.makers = _by_thing(told.makings, lambda making: making.outputs)
        self.users = _by_thing(told.makings, lambda making: making.inputs)
        self.items: dict[str, set[str]] = {}
        for item, lots in told.lots.items():
            for lot in lots:
                self.items.setdefault(lot, set()).add(item)
        # Makings by number: what was mixed in one is reckoned once, however much came out.
        self.made = {id(making): making for making in told.makings}
        self.mixes: dict[int, float | None] = {}
        self.shares: dict[str, float | None] = {}
        met: set[str | int] = set()
        for uri in sorted(followed):
            self._reckon(uri, met)

    def _reckon(self, first: str, met: set[str | int]) -> None:
        """The shares of a thing and of all it depends on, those it depends on first. A chain may be
        longer than functions call each other."""
        way: list[tuple[str | int, Iterator[str | int]]] = []

        def enter(node: str | int) -> None:
            if node not in met:
                met.add(node)
                way.append((node, iter(self._needed(node))))

        enter(first)
        while way:
            node, needed = way[-1]
            following = next(needed, None)
            if following is not None:
                enter(following)
                continue
            way.pop()
            # What is met again on the way to itself has no share yet: it is unknown.
            if isinstance(node, int):
                self.mixes[node] = _weighed(
                    [(told, self.share(uri)) for uri, told in self._side(node).items()]
                )
            else:
                self.shares[node] = self._into(node) if self.upstream else self._from(node)

    def _needed(self, node: str | int) -> Iterable[str | int]:
        """The makings a thing came from or went into, with its lots or items; the things of those."""
        if isinstance(node, int):
            return [uri for uri in self._side(node) if uri in self.followed and uri != self.start]
        if self.upstream:
            return [*map(id, self.users.get(node, ())), *self._counted(self.items.get(node, ()))]
        return [*map(id, self.makers.get(node, ())), *self._counted(self.told.lots.get(node, ()))]

    def _counted(self, things: Iterable[str]) -> list[str]:
        return [uri for uri in sorted(things) if uri in self.followed and uri != self.start]

    def _side(self, number: int) -> Mapping[str, Quantity | None]:
        making = self.made[number]
        return making.outputs if self.upstream else making.inputs

    def balance(self, uri: str) -> Balance:
        whole, share = self.whole(uri), self.share(uri)
        amount: Quantity | None = None
        if self.upstream and uri != self.start:
            amount = self._used(uri)
        elif whole is not None and share is not None:
            amount = Quantity(whole.value * share, whole.kind)
        uom = self.told.units.get(uri)
        return Balance(uri, _in(whole, uom), _in(amount, uom), _rounded(share), uom)

    def whole(self, uri: str) -> Quantity | None:
        """All of it that ever was."""
        parts = [making.outputs[uri] for making in self.makers.get(uri, ())]
        if uri in self.told.begun:
            parts.append(self.told.begun[uri])
        return _sum(parts)

    def share(self, uri: str) -> float | None:
        if uri == self.start:
            return 1.0
        if uri not in self.followed:
            return 0.0
        return self.shares.get(uri)

    def _from(self, uri: str) -> float | None:
        """Downstream: what part of this comes from the start."""
        makers = self.makers.get(uri, [])
        mixed = [(making.outputs[uri], self.mixes.get(id(making))) for making in makers]
        if not makers and uri in self.told.lots:
            mixed = [(None, self.share(lot)) for lot in sorted(self.told.lots[uri])]
        elif uri in self.told.begun:
            mixed.append((self.told.begun[uri], 0.0))
        return _weighed(mixed)

    def _into(self, uri: str) -> float | None:
        """Upstream: what part of this is in the target."""
        used, whole = self._used(uri), self.whole(uri)
        if used is None or whole is None or used.kind != whole.kind or not whole.value:
            return None
        return used.value / whole.value

    def _used(self, uri: str) -> Quantity | None:
        """Upstream: how much of this is in the target."""
        parts: list[Quantity | None] = []
        for making in self.users.get(uri, ()):
            share = self.mixes.get(id(making))
            told = making.inputs[uri]
            if share == 0:
                continue
            known = told is not None and share is not None
            parts.append(Quantity(told.value * share, told.kind) if known else None)  # type: ignore[union-attr,operator]
        whole = self.whole(uri)
        for item in self.items.get(uri, ()):
            share = self.share(item)
            counted = whole is not None and whole.kind == _PIECES
            if share:
                parts.append(Quantity(share, _PIECES) if counted else None)
            elif share is None:
                parts.append(None)
        return _sum(parts)


def _weighed(mixed: list[tuple[Quantity | None, float | None]]) -> float | None:
    """The mean of shares by quantity; the same where all shares are the same."""
    shares = {share for _told, share in mixed}
    if len(shares) == 1:
        return shares.pop()
    whole = _sum([told for told, _share in mixed])
    if whole is None or not whole.value:
        return None
    parts = []
    for told, share in mixed:
        if told is None or share is None:
            return None
        parts.append(told.value * share)
    return fsum(parts) / whole.value


def _sum(parts: Iterable[Quantity | None]) -> Quantity | None:
    """All together; None for nothing, for something unknown, and for units that do not fit."""
    known = list(parts)
    kinds = {part.kind if part is not None else None for part in known}
    if len(kinds) != 1 or None in kinds:
        return None
    return Quantity(fsum(part.value for part in known if part), kinds.pop() or _PIECES)


def _by_thing(
    makings: list[Making], side: Callable[[Making], Mapping[str, Quantity | None]]
) -> dict[str, list[Making]]:
    found: dict[str, list[Making]] = {}
    for making in makings:
        for uri in side(making):
            found.setdefault(uri, []).append(making)
    return found


def _in(told: Quantity | None, uom: str | None) -> float | None:
    """A quantity in the unit of whoever told of the thing first."""
    if told is None:
        return None
    one = in_base(1.0, uom)
    if (one[1] if one else uom or _PIECES) != told.kind:
        return None
    return _rounded(told.value / one[0] if one else told.value)


def _rounded(value: float | None) -> float | None:
    """Without what comes of adding fractions in base 2."""
    return None if value is None else float(f"{value:.12g}")
