"""Who handed a thing to whom: shippings and receipts of one thing, matched as they were told.

`rules/sight.py` says what holds. Of one thing, leavings and comings follow each other in *runs*; a
handover is between the end of a run of leavings and the beginning of the run of comings after it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a handover of one thing.

    :ivar told: where it stands among what was told: when, and the first event of those told together.
        Events alone do not say it: connections take their numbers a hundred at a time.
    :ivar is_addressed: it says itself whom it was meant for.
    """

    told: tuple[datetime, int]
    event_time: datetime
    event_id: int
    leaves: bool
    is_addressed: bool
    actors: frozenset[int]

    @property
    def place(self) -> tuple[datetime, int]:
        return self.event_time, self.event_id

    def is_strange_to(self, actors: frozenset[int]) -> bool:
        return self.actors.isdisjoint(actors)


_PLACE = attrgetter("place")


@dataclass(slots=True)
class _Run:
    """Sides of one kind with none of the other between; `who` are the actors they have."""

    sides: list[Side]
    who: set[frozenset[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.who = {one.actors for one in self.sides}

    def add(self, side: Side) -> None:
        insort(self.sides, side, key=_PLACE)
        self.who.add(side.actors)

    def towards(self, side: Side) -> Iterator[Side]:
        """Those between one of the run and the run on its other side."""
        at = bisect_left(self.sides, side.place, key=_PLACE)
        return iter(self.sides[at + 1 :] if side.leaves else self.sides[:at])

    def is_first(self, side: Side) -> bool:
        return self.sides[-1 if side.leaves else 0] is side

    def strangers_before(self, side: Side) -> bool:
        if all(not side.actors.isdisjoint(who) for who in self.who):
            return False
        return any(one.is_strange_to(side.actors) for one in self.towards(side))

    def from_the_other(self) -> list[Side]:
        """Nearest first."""
        return self.sides[::-1] if self.sides[0].leaves else self.sides


def seen_across(sides: Iterable[Side]) -> set[tuple[int, Side]]:
    """Of the sides of one thing: who sees which, because the other side is theirs."""
    runs: list[_Run] = []
    matched: dict[int, set[frozenset[int]]] = {}
    seen: set[tuple[int, Side]] = set()
    for one in sorted(sides, key=lambda one: (one.told, one.place)):
        at = _placed(runs, one)
        across = at + 1 if one.leaves else at - 1
        if not 0 <= across < len(runs):
            continue
        for other, sees, is_seen in _handed(runs[at], runs[across], one):
            if any(who.isdisjoint(one.actors) for who in matched.get(other.event_id, ())):
                continue
            if sees and not other.is_addressed:
                seen.update((who, other) for who in one.actors)
            if is_seen and not one.is_addressed:
                seen.update((who, one) for who in other.actors)
            matched.setdefault(other.event_id, set()).add(one.actors)
            matched.setdefault(one.event_id, set()).add(other.actors)
    return seen


def _handed(mine: _Run, across: _Run, one: Side) -> Iterator[tuple[Side, bool, bool]]:
    """What is on the other side of one: whether it sees that, and whether that sees it."""
    sees = not mine.strangers_before(one)
    is_seen = mine.is_first(one)
    passed: set[frozenset[int]] = set()
    for number, other in enumerate(across.from_the_other()):
        near = number == 0 and sees
        heard = is_seen and not any(other.is_strange_to(who) for who in passed)
        if near or heard:
            yield other, near, heard
        if not is_seen:
            return
        passed.add(other.actors)


def _placed(runs: list[_Run], one: Side) -> int:
    """Put it among the others by its time; returns where its run is."""
    at = bisect_right(runs, one.place, key=lambda run: run.sides[0].place) - 1
    if at >= 0 and runs[at].sides[0].leaves == one.leaves:
        runs[at].add(one)
        return at
    if at >= 0 and one.place < runs[at].sides[-1].place:
        sides = runs[at].sides
        cut = bisect_left(sides, one.place, key=_PLACE)
        runs[at : at + 1] = [_Run(sides[:cut]), _Run([one]), _Run(sides[cut:])]
        return at + 1
    if at + 1 < len(runs) and runs[at + 1].sides[0].leaves == one.leaves:
        runs[at + 1].add(one)
        return at + 1
    runs.insert(at + 1, _Run([one]))
    return at + 1
