"""What a chart is: a table of numbers with a definition, each number with the list behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Series:
    """One column of numbers and what it is drawn in: a tone of `components.Part`."""

    label: Text
    tone: str


@dataclass(frozen=True, slots=True)
class Number:
    """`url` lists exactly so many; empty where there is no list."""

    value: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table and a bar of the chart: as many numbers as the chart has series."""

    label: Text
    numbers: Sequence[Number]
    total: Number
    url: str = ""
    note: Text = ""

    @property
    def value(self) -> int:
        return sum(number.value for number in self.numbers)


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of stacked parts. `shares`: every bar is full width, and its parts are shares of it.

    `is_trend`: rows follow each other in time and are drawn as lines of shares.
    """

    key: str
    title: Text
    subject: Text
    series: Sequence[Series]
    rows: Sequence[Row]
    definition: Text
    formula: Text
    shares: bool = False
    is_trend: bool = False

    @property
    def longest(self) -> int:
        return max((row.value for row in self.rows), default=0)

    @property
    def has_total(self) -> bool:
        return len(self.series) > 1

    def whole_of(self, row: Row) -> int:
        """What the full width of a row's bar stands for."""
        return row.value if self.shares else self.longest


def spread(values: Mapping[str, int], keys: Sequence[str]) -> list[int]:
    """The values in the order of the keys, nothing left out."""
    return [values.get(key, 0) for key in keys]
