"""Figures of several years as the pages show them."""

from __future__ import annotations

from typing import Any

from chuan.core.indicators.registry import Unit
from chuan.flows.annual_report.queries.years import Years
from chuan.lib.vietnamese import format_number


def years_context(years: Years | None) -> dict[str, Any]:
    """What `_years.html` needs; nothing where a period is no review."""
    if years is None:
        return {}
    rows = [
        (
            figure.title,
            [
                (year, _written(value, figure.unit))
                for year, value in zip(years.years, figure.values, strict=True)
            ],
            _written(figure.change, figure.unit, signed=True),
            figure.trend,
        )
        for figure in years.figures
    ]
    return {"years": years, "year_rows": rows}


def _written(value: Any, unit: str, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    sign = "+" if signed and value > 0 else ""
    return f"{sign}{format_number(value)}{'%' if unit == Unit.PERCENT else ''}"
