"""A chart over time as lines: each series' share of its row's total, from nought at the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chuan.flows.overview.engine.charts import Chart, Series

# Lines are told apart without colours too; in the order of a chart's series.
DASHES = ("", "7 3", "2 3", "9 3 2 3")


@dataclass(frozen=True, slots=True)
class Box:
    """Where the lines are drawn, in pixels of the picture."""

    left: float
    top: float
    width: float
    height: float

    def down(self, share: float) -> float:
        return self.top + self.height * (1 - share)


@dataclass(frozen=True, slots=True)
class Line:
    series: Series
    dash: str
    points: Sequence[tuple[float, float]]

    @property
    def path(self) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


def lines(chart: Chart, box: Box) -> list[Line]:
    """One for each series with a point for each row; a row that counts nothing has none."""
    across = columns(chart, box)
    return [
        Line(
            series,
            DASHES[at % len(DASHES)],
            [
                (x, box.down(row.numbers[at].value / row.total.value))
                for x, row in zip(across, chart.rows, strict=True)
                if row.total.value
            ],
        )
        for at, series in enumerate(chart.series)
    ]


def columns(chart: Chart, box: Box) -> list[float]:
    """Where each row stands; a single one in the middle."""
    count = len(chart.rows)
    if count == 1:
        return [box.left + box.width / 2]
    return [box.left + box.width * at / (count - 1) for at in range(count)]
