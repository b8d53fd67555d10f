"""A review of several years: what was reported in each of them, side by side."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext as _

from chuan.flows.annual_report.enums import ConsolidationState, PeriodKind
from chuan.flows.annual_report.models import Consolidation, ReportingPeriod, UnitReport
from chuan.flows.annual_report.queries.days import last_data_day
from chuan.modules.plans import facade as plans

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FigureByYear:
    """One figure in each year; `change` is the last two years that have it, none if there are not."""

    code: str
    title: str
    unit: str
    values: tuple[Decimal | None, ...]

    @property
    def change(self) -> Decimal | None:
        known = [value for value in self.values if value is not None]
        return known[-1] - known[-2] if len(known) > 1 else None

    @property
    def trend(self) -> str:
        """In a word, over all years that have it."""
        known = [value for value in self.values if value is not None]
        if len(known) < 2:
            return ""
        steps = [later - earlier for earlier, later in itertools.pairwise(known)]
        if all(step == 0 for step in steps):
            return _("Không đổi")
        if all(step >= 0 for step in steps):
            return _("Tăng")
        return _("Giảm") if all(step <= 0 for step in steps) else _("Lúc tăng, lúc giảm")


@dataclass(frozen=True, slots=True)
class Years:
    """The years of a review, and its figures in each; `sources` say what each year's come from."""

    years: tuple[int, ...]
    figures: tuple[FigureByYear, ...]
    sources: tuple[str, ...]


def years_reviewed(period: ReportingPeriod) -> range:
    return range(period.data_from.year, last_data_day(period).year + 1)


def yearly_periods(period: ReportingPeriod) -> list[ReportingPeriod]:
    """The periods of the years a review looks back on, as far as they were opened."""
    return list(
        ReportingPeriod.objects.filter(
            plan=period.plan_id, kind=PeriodKind.YEARLY, year__in=years_reviewed(period)
        ).order_by("year")
    )


def years_of_plan(period: ReportingPeriod) -> Years:
    """What the consolidations of the years say: of each the closed one, or the latest. Two queries."""
    closed_first = Case(
        When(state=ConsolidationState.CLOSED, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    made = {
        one.period_id: one
        for one in reversed(
            Consolidation.objects.filter(period__in=yearly_periods(period))
            .select_related("period")
            .order_by("period", closed_first, "-number")
        )
    }
    by_year = {one.period.year: one for one in made.values()}
    return _side_by_side(
        years_reviewed(period),
        {year: one.snapshot["figures"] for year, one in by_year.items()},
        {
            year: _("bản tổng hợp %(number)s, %(state)s")
            % {
                "number": one.number,
                "state": str(ConsolidationState(one.state).label).lower(),
            }
            for year, one in by_year.items()
        },
    )


def years_of_body(report: UnitReport) -> Years:
    """What the department accepted of one body in each year. One query."""
    accepted = _accepted_in_years(report)
    return _side_by_side(
        years_reviewed(report.period),
        {year: content["figures"] for year, content in accepted.items()},
        {year: _("báo cáo năm đã duyệt") for year in accepted},
    )


def texts_of_years(report: UnitReport) -> dict[tuple[int, str], str]:
    """What a body wrote of each task in the accepted reports of the years, by the task's first wording
    and the role."""
    line_of = {task.id: task.line for task in plans.every_wording_of(report.period.plan_id)}
    found: dict[tuple[int, str], list[str]] = {}
    for year, content in sorted(_accepted_in_years(report).items()):
        for item in content["items"]:
            if item["narrative"]:
                said = _("Năm %(year)s: %(text)s") % {"year": year, "text": item["narrative"]}
                found.setdefault((line_of[item["task_id"]], item["role"]), []).append(said)
    return {key: "\n".join(texts) for key, texts in found.items()}


def _accepted_in_years(report: UnitReport) -> dict[int, Content]:
    period = report.period
    rows = UnitReport.objects.filter(
        organisation=report.organisation_id,
        period__plan=period.plan_id,
        period__kind=PeriodKind.YEARLY,
        period__year__in=years_reviewed(period),
        accepted__isnull=False,
    ).select_related("period", "accepted")
    return {row.period.year: row.accepted.content for row in rows if row.accepted}


def _side_by_side(
    years: Iterable[int], figures: Mapping[int, Iterable[Content]], sources: Mapping[int, str]
) -> Years:
    every = tuple(years)
    known: dict[str, Content] = {}
    values: dict[str, dict[int, Decimal | None]] = {}
    for year in every:
        for figure in figures.get(year, ()):
            known[figure["code"]] = figure
            said = figure["reported"]["value"]
            values.setdefault(figure["code"], {})[year] = None if said is None else Decimal(said)
    return Years(
        years=every,
        figures=tuple(
            FigureByYear(
                code=code,
                title=figure["title"],
                unit=figure["unit"],
                values=tuple(values[code].get(year) for year in every),
            )
            for code, figure in sorted(known.items())
        ),
        sources=tuple(
            _("%(year)s: %(source)s") % {"year": year, "source": sources.get(year, _("chưa có"))}
            for year in every
        ),
    )
