"""Figures of the shelf for one body and one period: counting them, and seeing whether they moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chuan.core.indicators.registry import Figure, every_indicator
from chuan.core.orgs.models import Organisation
from chuan.flows.annual_report.models import ReportFigure, ReportingPeriod, UnitReport
from chuan.flows.annual_report.queries.canonical import content_hash
from chuan.flows.annual_report.queries.rollup import written
from chuan.lib.periods import Period


@dataclass(frozen=True, slots=True)
class Counted:
    """What the shelf says now."""

    code: str
    title: str
    unit: str
    definition: str
    figure: Figure

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {"label": row.label, "url": row.url, "counts": row.counts} for row in self.figure.rows
        ]

    def is_same_as(self, stored: ReportFigure) -> bool:
        """Whether the number, its parts and the records behind it are those that were stored."""
        return (
            self.figure.value == stored.value
            and self.figure.numerator == stored.numerator
            and self.figure.denominator == stored.denominator
            and self.rows == stored.rows
        )


def count_figures(
    period: ReportingPeriod, organisation: Organisation | None, *, with_rows: bool = True
) -> list[Counted]:
    """Every indicator of the shelf over the days of the period; a fixed number of queries each."""
    days = Period(period.data_from, period.data_to)
    return [
        Counted(
            code=offered.code,
            title=str(offered.title),
            unit=offered.unit.value,
            definition=offered.definition,
            figure=offered.compute(days, organisation, period.plan_id, with_rows=with_rows),
        )
        for offered in every_indicator()
    ]


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure whose records changed after the report was closed for counting."""

    code: str
    title: str
    unit: str
    was: Decimal | None
    now: Decimal | None


def figures_moved_since(report: UnitReport, stored: Iterable[ReportFigure]) -> list[Moved]:
    """Which of a report's figures the shelf would count differently now.

    The report keeps what it has; people are told. A change of rows with the same number counts too:
    one record gone and another added is not the same statement.
    """
    now = {counted.code: counted for counted in count_figures(report.period, report.organisation)}
    return [
        Moved(
            code=figure.code,
            title=figure.title,
            unit=figure.unit,
            was=figure.value,
            now=now[figure.code].figure.value,
        )
        for figure in stored
        if figure.code in now and not now[figure.code].is_same_as(figure)
    ]


def figure_content(figure: ReportFigure) -> dict[str, Any]:
    """One figure as a snapshot keeps it: system's count, what the unit reports, and why they differ."""
    is_overridden = figure.override is not None
    counted = {
        "value": _text(figure.value),
        "numerator": figure.numerator,
        "denominator": figure.denominator,
    }
    reported = (
        {
            "value": _text(figure.override),
            "numerator": figure.override_numerator,
            "denominator": figure.override_denominator,
        }
        if is_overridden
        else counted
    )
    return {
        "code": figure.code,
        "title": figure.title,
        "unit": figure.unit,
        "definition": figure.definition,
        "counted": counted,
        "reported": reported,
        "is_overridden": is_overridden,
        "override_reason": figure.override_reason,
        "outlook": _text(figure.outlook),
        "counted_at": figure.counted_at.isoformat(),
        "row_count": len(figure.rows),
        "rows_sha256": content_hash(figure.rows),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else written(value)
