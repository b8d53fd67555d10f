"""Every body by every task of one year, so many bodies at a time, in a fixed number of queries."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils.translation import gettext as _

from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.ui.components import MatrixCell
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.engine.expansion import cycles
from chuan.modules.plans.enums import PartyRole, Timeliness
from chuan.modules.plans.models import Assignment, Plan, Task, timeliness_of
from chuan.modules.plans.queries.assignments import (
    TimelinessCounts,
    called,
    in_year,
    timeliness_case,
    timeliness_counts,
)
from chuan.modules.plans.queries.versions import wordings_during

SOON = timedelta(days=7)
# Every body of a province stands on one page; a register ten times as large takes more pages.
BODIES_ON_A_PAGE = 160

_DEPARTMENTS, _DISTRICTS, _WARDS, _COMMUNES, _OTHERS = range(5)


@dataclass(frozen=True, slots=True)
class MatrixBody:
    organisation_id: int
    name: str
    group: int


@dataclass(frozen=True, slots=True)
class MatrixData:
    """One page of bodies with their cells; `counts` are of all bodies on all pages."""

    tasks: tuple[Task, ...]
    page: Page[Any]
    bodies: tuple[MatrixBody, ...]
    cells: dict[tuple[int, int], MatrixCell]
    counts: TimelinessCounts

    def grouped(self) -> Iterator[tuple[str, list[MatrixBody]]]:
        """Bodies of one kind together, the province's own first."""
        found: dict[int, list[MatrixBody]] = {}
        for body in self.bodies:
            found.setdefault(body.group, []).append(body)
        for group, bodies in found.items():
            yield _titles()[group], bodies


def matrix_of(
    plan: Plan, year: int, *, on: date, page: str | None = None, only_overdue: bool = False
) -> MatrixData:
    """Leading assignments of a year as they stand on a day. Seven queries."""
    rows = Assignment.objects.filter(in_year(year), task__plan=plan, role=PartyRole.LEAD)
    shown = rows
    if only_overdue:
        shown = rows.alias(standing=timeliness_case(on)).filter(standing=Timeliness.OVERDUE)
    asked = Paginator(_bodies_with(shown, _first_day(plan, year)), BODIES_ON_A_PAGE).get_page(page)
    bodies = tuple(itertools.starmap(MatrixBody, asked.object_list))
    return MatrixData(
        tasks=tuple(
            Task.objects.filter(pk__in=wordings_during(plan, year)).order_by("position", "pk")
        ),
        page=asked,
        bodies=bodies,
        cells=_cells(rows.filter(organisation__in=[one.organisation_id for one in bodies]), on),
        counts=timeliness_counts(rows, on=on),
    )


def _first_day(plan: Plan, year: int) -> date:
    """The day on which the year's bodies were resolved."""
    last = plan.valid.upper - timedelta(days=1)
    return next(
        (cycle.start for cycle in cycles(plan.valid.lower, last) if cycle.year == year),
        plan.valid.lower,
    )


def _bodies_with(
    rows: QuerySet[Assignment], on: date
) -> QuerySet[OrganisationVersion, tuple[Any, ...]]:
    """Bodies that have any of these, by kind and name, called as they were by the day."""
    known = (
        OrganisationVersion.objects.filter(Q(valid__startswith__lte=on) | Q(valid__lower_inf=True))
        .order_by("organisation", "-valid")
        .distinct("organisation")
    )
    return (
        OrganisationVersion.objects.filter(
            organisation__in=rows.order_by().values("organisation").distinct(),
            pk__in=known.values("pk"),
        )
        .annotate(group=_group(), called=called())
        .order_by("group", "sort_key", "pk")
        .values_list("organisation_id", "called", "group")
    )


def _group() -> Case:
    return Case(
        When(kind__in=[OrgKind.PROVINCIAL, OrgKind.ARMED], then=Value(_DEPARTMENTS)),
        When(kind=OrgKind.DISTRICT, then=Value(_DISTRICTS)),
        When(kind=OrgKind.COMMUNE, subtype="phường", then=Value(_WARDS)),
        When(kind=OrgKind.COMMUNE, then=Value(_COMMUNES)),
        default=Value(_OTHERS),
        output_field=IntegerField(),
    )


def _titles() -> dict[int, str]:
    return {
        _DEPARTMENTS: _("Sở, ban, ngành"),
        _DISTRICTS: _("UBND huyện, thị xã, thành phố"),
        _WARDS: _("UBND phường"),
        _COMMUNES: _("UBND xã"),
        _OTHERS: _("Cơ quan khác"),
    }


def _cells(rows: QuerySet[Assignment], on: date) -> dict[tuple[int, int], MatrixCell]:
    found: dict[tuple[int, int], MatrixCell] = {}
    made: dict[tuple[date | None, date | None, bool], MatrixCell] = {}
    for organisation_id, task_id, done_on, due_on, is_paused in rows.values_list(
        "organisation_id", "task_id", "done_on", "due_on", "is_paused"
    ):
        key = (done_on, due_on, is_paused)
        if key not in made:
            made[key] = _cell(done_on, due_on, on, is_paused=is_paused)
        found[organisation_id, task_id] = made[key]
    return found


def _cell(done_on: date | None, due_on: date | None, on: date, *, is_paused: bool) -> MatrixCell:
    standing = timeliness_of(done_on=done_on, due_on=due_on, on=on, is_paused=is_paused)
    if is_paused and done_on is None and due_on is not None:
        return MatrixCell("open", _("đang xin gia hạn, hạn %s") % format_date(due_on))
    if done_on is not None:
        return MatrixCell(standing.value, _("xong %s") % format_date(done_on))
    if due_on is None:
        return MatrixCell("open", _("không có ngày hạn"))
    shown = standing.value
    if standing == Timeliness.IN_TIME:
        shown = "due_soon" if due_on - on <= SOON else "open"
    return MatrixCell(shown, _("hạn %s") % format_date(due_on))
