"""A chain as a drawing that stays readable: goods of the same kind, at the same place, are one box.

Boxes stand in columns from what a thing came from to what became of it. A column holds so many boxes
and one for the rest, so a chain of five thousand things is drawn with as few strokes as one of fifty.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from chuan.modules.traceability.engine.keys import read

# Boxes of a column, before the rest are one; lots that each have a box; things of an opened box.
MOST_IN_COLUMN: Final = 10
MOST_LOTS: Final = 12
MOST_OPENED: Final = 24


class Kind(StrEnum):
    """What a box stands for."""

    LOT = "lot"
    ITEM = "item"
    CASE = "case"
    OTHER = "other"
    REST = "rest"


class How(StrEnum):
    """What leads from one box to the next."""

    MADE = "made"
    ITEM = "item"
    PACKED = "packed"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of a chain: where it was seen last, and what it is packed in now ("" where unknown)."""

    uri: str
    place: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """Things drawn as one. `key` names the box in an address; `column` counts from the left."""

    key: str
    kind: Kind
    uris: tuple[str, ...]
    product: str = ""
    place: str = ""
    is_focus: bool = False
    column: int = 0

    @property
    def count(self) -> int:
        return len(self.uris)


@dataclass(frozen=True, slots=True)
class Line:
    """How many things of one box led to the other."""

    source: str
    target: str
    how: How
    count: int


@dataclass(frozen=True, slots=True)
class Picture:
    """`columns` from left to right, each from top to bottom; `boxes` are all of them, also those that
    a full column shows as one."""

    columns: tuple[tuple[Box, ...], ...]
    lines: tuple[Line, ...]
    boxes: tuple[Box, ...]


# How links of a walk run in time: which end comes first, and what they mean.
_RUNS: Final[Mapping[str, tuple[bool, How]]] = {
    "made into": (True, How.MADE),
    "made from": (False, How.MADE),
    "has item": (True, How.ITEM),
    "of lot": (False, How.ITEM),
    "inside": (True, How.PACKED),
    "contains": (False, How.PACKED),
}


def kind_of(uri: str) -> Kind:
    key = read(uri)
    if key is None:
        return Kind.OTHER
    if key.is_class:
        return Kind.LOT
    if key.ai == "00":
        return Kind.CASE
    return Kind.ITEM if key.ai == "01" else Kind.OTHER


def product_of(uri: str) -> str:
    """The canonical link of its kind of goods; "" for what is no trade item."""
    return uri.partition("/10/")[0].partition("/21/")[0] if "/01/" in uri else ""


def picture_of(
    things: Iterable[Thing],
    links: Iterable[tuple[str, str, str]],
    *,
    focus: str,
    opened: Collection[str] = (),
) -> Picture:
    """Boxes and lines of a chain.

    :param things: in the order they came into being; columns rest on it where things lead in rounds.
    :param links: source, target, and how, as `engine.walk` notes them.
    :param opened: keys of boxes to be drawn thing by thing.
    """
    known = {thing.uri: thing for thing in things}
    steps = {
        (source, target, how)
        for one, other, word in links
        if one in known and other in known
        for forward, how in [_RUNS[word]]
        for source, target in [(one, other) if forward else (other, one)]
    }
    boxes = _boxes(known, _lots(steps), focus, set(opened))
    box_of = {uri: box.key for box in boxes for uri in box.uris}
    lines = _lines(steps, box_of)
    at = _columns([box.key for box in boxes], lines)
    placed = [replace(box, column=at[box.key]) for box in boxes]
    columns, merged = _fitted(placed, lines)
    return Picture(columns, merged, tuple(placed))


def _lots(steps: Collection[tuple[str, str, How]]) -> dict[str, str]:
    return {target: source for source, target, how in steps if how is How.ITEM}


def _boxes(
    known: Mapping[str, Thing], lots: Mapping[str, str], focus: str, opened: set[str]
) -> list[Box]:
    kinds = {uri: kind_of(uri) for uri in known}
    many_lots = sum(kind is Kind.LOT for kind in kinds.values()) > MOST_LOTS
    keys: dict[str, str] = {}

    def key_of(uri: str, depth: int = 0) -> str:
        if uri not in keys:
            thing, kind = known[uri], kinds[uri]
            parent = ""
            if thing.parent in known and depth < MOST_IN_COLUMN:
                parent = key_of(thing.parent, depth + 1)
            if uri == focus or (kind is Kind.LOT and not many_lots):
                told = [uri]
            else:
                told = [kind, lots.get(uri) or product_of(uri), thing.place, parent]
                if kind is Kind.LOT:
                    told[1] = product_of(uri)
            keys[uri] = _short(*told)
        return keys[uri]

    members: dict[str, list[str]] = {}
    for uri in known:
        members.setdefault(key_of(uri), []).append(uri)
    boxes = []
    for key, uris in members.items():
        apart = uris[:MOST_OPENED] if key in opened and len(uris) > 1 else []
        rest = uris[len(apart) :]
        groups = [(_short(uri), [uri]) for uri in apart] + ([(key, rest)] if rest else [])
        for name, some in groups:
            first = known[some[0]]
            boxes.append(
                Box(
                    name,
                    kinds[first.uri],
                    tuple(some),
                    product_of(first.uri),
                    first.place,
                    is_focus=first.uri == focus,
                )
            )
    return boxes


def _short(*told: str) -> str:
    """Names a box in an address; two alike in one chain are as good as impossible."""
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:10]


def _lines(steps: Iterable[tuple[str, str, How]], box_of: Mapping[str, str]) -> list[Line]:
    counts = Counter(
        (box_of[source], box_of[target], how)
        for source, target, how in steps
        if box_of[source] != box_of[target]
    )
    return [Line(*ends, count) for ends, count in sorted(counts.items())]


def _columns(order: Sequence[str], lines: Iterable[Line]) -> dict[str, int]:
    """Each box right of everything that led to it; who leads in a round begins where it came first."""
    place = {key: number for number, key in enumerate(order)}
    after: dict[str, set[str]] = {key: set() for key in order}
    for line in lines:
        after[line.source].add(line.target)
    waiting = Counter(target for targets in after.values() for target in targets)
    columns = dict.fromkeys(order, 0)
    ready = [place[key] for key in order if not waiting[key]]
    heapq.heapify(ready)
    left = dict.fromkeys(order)
    while left:
        key = order[heapq.heappop(ready)] if ready else next(iter(left))
        if key not in left:
            continue
        del left[key]
        for target in after[key] & left.keys():
            columns[target] = max(columns[target], columns[key] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, place[target])
    return columns


def _fitted(
    boxes: Sequence[Box], lines: Sequence[Line]
) -> tuple[tuple[tuple[Box, ...], ...], tuple[Line, ...]]:
    """So many boxes a column, the fullest; the others as one below them."""
    by_column: dict[int, list[Box]] = {}
    for box in boxes:
        by_column.setdefault(box.column, []).append(box)
    stands_for: dict[str, str] = {}
    rows: dict[str, float] = {}
    sources: dict[str, list[str]] = {}
    for line in lines:
        sources.setdefault(line.target, []).append(line.source)
    columns = []
    for number in sorted(by_column):
        column = by_column[number]
        ranked = sorted(column, key=lambda box: (not box.is_focus, -box.count))
        kept, rest = ranked, []
        if len(ranked) > MOST_IN_COLUMN:
            kept, rest = ranked[: MOST_IN_COLUMN - 1], ranked[MOST_IN_COLUMN - 1 :]
        stands_for.update({box.key: box.key for box in kept})
        # Near what they came from: lines cross less.
        came = {
            box.key: [
                rows[stands_for[one]]
                for one in sources.get(box.key, ())
                if stands_for.get(one) in rows
            ]
            for box in kept
        }
        kept = sorted(
            kept,
            key=lambda box: sum(came[box.key]) / len(came[box.key]) if came[box.key] else 0.0,
        )
        if rest:
            more = _rest(rest, number)
            stands_for.update({box.key: more.key for box in rest})
            kept = [*kept, more]
        for row, box in enumerate(kept):
            rows[box.key] = row - len(kept) / 2
        columns.append(tuple(kept))
    counts: Counter[tuple[str, str, How]] = Counter()
    for line in lines:
        ends = stands_for[line.source], stands_for[line.target], line.how
        counts[ends] += line.count
    merged = [Line(*ends, count) for ends, count in sorted(counts.items()) if ends[0] != ends[1]]
    return tuple(columns), tuple(merged)


def _rest(boxes: Sequence[Box], column: int) -> Box:
    uris = tuple(uri for box in boxes for uri in box.uris)
    return Box(f"rest{column}", Kind.REST, uris, column=column)
