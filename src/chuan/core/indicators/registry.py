"""The shelf every module puts its figures on, and the only thing reports read.

A module says what it can count; a report says what it wants. Neither imports the
other, so a module can be added or retired without touching a report.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from chuan.core.orgs.models import Organisation
from chuan.lib.periods import Period
from chuan.lib.registry import Registry


class Unit(enum.StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    VND = "vnd"


@dataclass(frozen=True, slots=True)
class Row:
    """One record behind a figure: what it is called and where it can be opened."""

    label: str
    url: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it was made from.

    `value` is None when there was nothing to measure: no plans at all is not the
    same statement as no plan finished on time. `rows` are the records counted; for a
    share, those in the whole, with `counts` true for those in the part.
    """

    value: Decimal | None
    numerator: int | None = None
    denominator: int | None = None
    rows: tuple[Row, ...] = field(default=(), repr=False)

    @classmethod
    def count(cls, number: int, rows: tuple[Row, ...] = ()) -> Figure:
        return cls(value=Decimal(number), rows=rows)

    @classmethod
    def share(cls, part: int, whole: int, rows: tuple[Row, ...] = ()) -> Figure:
        value = None if whole == 0 else (Decimal(part) * 100 / whole).quantize(Decimal("0.1"))
        return cls(value=value, numerator=part, denominator=whole, rows=rows)


class Compute(Protocol):
    """Figures of the days in the period: of one organisation, or of everybody when it is None.

    A report on one plan names it; a figure that belongs to no plan takes no notice. Without
    `with_rows` only the numbers are wanted: let the database count, and leave `rows` empty.
    """

    def __call__(
        self,
        period: Period,
        organisation: Organisation | None,
        plan_id: int | None = None,
        /,
        *,
        with_rows: bool = True,
    ) -> Figure: ...


@dataclass(frozen=True, slots=True)
class Indicator:
    code: str
    title: str
    unit: Unit
    definition: str
    compute: Compute


_shelf: Registry[Indicator] = Registry(of="indicator")


def indicator(*, code: str, title: str, unit: Unit) -> Callable[[Compute], Compute]:
    """Offer a function as an indicator. Its docstring is the published definition."""

    def register(compute: Compute) -> Compute:
        definition = " ".join((compute.__doc__ or "").split())
        if not definition:
            raise ValueError(f"Indicator {code!r} has no definition to publish")
        _shelf.add(code, Indicator(code, title, unit, definition, compute))
        return compute

    return register


def every_indicator() -> Iterator[Indicator]:
    return iter(_shelf)


def get_indicator(code: str) -> Indicator:
    return _shelf[code]
