"""Which of several bodies a task is counted with when any one of them doing it is enough. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Shared:
    """One of the assignments; `is_extra`: the last reconciliation found that its body owes it no more."""

    pk: int
    done_on: date | None
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """With which other assignment it is counted (none: it is counted itself), and the day that one
    was done, when that means nobody else has to."""

    counted_with: int | None = None
    relieved_on: date | None = None


def settled(rows: Iterable[Shared]) -> dict[int, Place]:
    """Exactly one row is counted: the one that was done first, until then the one written first.

    Whoever did it as well, later, is relieved of nothing and counted no second time.
    """
    order = sorted(
        rows, key=lambda row: (row.done_on is None, row.done_on or date.max, row.is_extra, row.pk)
    )
    if not order:
        return {}
    first = order[0]
    places = {first.pk: Place()}
    for row in order[1:]:
        places[row.pk] = Place(first.pk, first.done_on if row.done_on is None else None)
    return places
