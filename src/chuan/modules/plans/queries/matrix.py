"""Every body by every task of one year, so many bodies at a time, in a fixed number of queries."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    F,
    IntegerField,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from chuan.core.ui.components import MatrixCell
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.enums import BodyGroup, PartyRole, Timeliness
from chuan.modules.plans.models import Assignment, Plan, Task, timeliness_of
from chuan.modules.plans.queries.assignments import (
    TimelinessCounts,
    called,
    in_year,
)
from chuan.modules.plans.queries.groups import first_day, group_case, versions_known
from chuan.modules.plans.queries.overview import Scope, counts_by_body
from chuan.modules.plans.queries.past import rows_on
from chuan.modules.plans.queries.versions import wordings_during

SOON = timedelta(days=7)
# Every body of a province stands on one page; a register ten times as large takes more pages.
BODIES_ON_A_PAGE = 160


@dataclass(frozen=True, slots=True)
class MatrixBody:
    organisation_id: int
    name: str
    group: str


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
        found: dict[str, list[MatrixBody]] = {}
        for body in self.bodies:
            found.setdefault(body.group, []).append(body)
        for group, bodies in found.items():
            yield str(BodyGroup(group).label), bodies


def matrix_of(
    plan: Plan,
    year: int,
    *,
    on: date,
    past: date | None = None,
    page: str | None = None,
    only_overdue: bool = False,
) -> MatrixData:
    """Leading assignments of a year as they stand on a day. Seven queries, of which one looks at every
    assignment.

    :param past: the day they are told as of, when it is over; then it is `on` as well.
    """
    scope = Scope(plan, year, on, past)
    counts = counts_by_body(scope)
    rows = rows_on(past).filter(in_year(year), task__in=scope.task_ids, role=PartyRole.LEAD)
    if only_overdue:
        wanted = {pk for pk in counts if counts[pk].overdue}
    else:
        uncounted = rows.filter(tally__isnull=True).order_by()
        wanted = {*counts, *uncounted.values_list("organisation", flat=True).distinct()}
    named = _bodies_called(wanted, first_day(plan, year))
    asked = Paginator(named, BODIES_ON_A_PAGE).get_page(page)
    bodies = tuple(itertools.starmap(MatrixBody, asked.object_list))
    return MatrixData(
        tasks=tuple(
            Task.objects.filter(pk__in=wordings_during(plan, year)).order_by("position", "pk")
        ),
        page=asked,
        bodies=bodies,
        cells=_cells(rows.filter(organisation__in=[one.organisation_id for one in bodies]), on),
        counts=counts.of_all(),
    )


def _bodies_called(organisation_ids: Collection[int], on: date) -> list[tuple[int, str, str]]:
    """Id, name as it was by the day, and group of these bodies, by group and name."""
    place = Case(
        *(When(group=group, then=Value(at)) for at, group in enumerate(BodyGroup)),
        output_field=IntegerField(),
    )
    # As one array: thousands of parameters take longer to write than to look for.
    wanted = RawSQL("SELECT unnest(%s::bigint[])", (list(organisation_ids),))
    return list(
        versions_known(on)
        .filter(organisation__in=wanted)
        .annotate(group=group_case(), place=place, called=called())
        .order_by("place", "sort_key", "pk")
        .values_list("organisation_id", "called", "group")
    )


def _cells(rows: QuerySet[Assignment], on: date) -> dict[tuple[int, int], MatrixCell]:
    found: dict[tuple[int, int], MatrixCell] = {}
    made: dict[tuple[date | None, date | None, bool, bool, bool], MatrixCell] = {}
    # What was closed comes first: whatever the body still has to do of the task stands for it.
    for (
        organisation_id,
        task_id,
        done_on,
        due_on,
        is_paused,
        closed_on,
        relieved_on,
    ) in rows.order_by(F("closed_on").asc(nulls_last=True), "pk").values_list(
        "organisation_id", "task_id", "done_on", "due_on", "is_paused", "closed_on", "relieved_on"
    ):
        key = (done_on, due_on, is_paused, closed_on is not None, relieved_on is not None)
        if key not in made:
            made[key] = _cell(on, *key)
        found[organisation_id, task_id] = made[key]
    return found


def _cell(
    on: date,
    done_on: date | None,
    due_on: date | None,
    is_paused: bool,
    is_closed: bool,
    is_relieved: bool,
) -> MatrixCell:
    if is_relieved:
        return MatrixCell(label=_("cơ quan khác đã làm"))
    standing = timeliness_of(
        done_on=done_on, due_on=due_on, on=on, is_paused=is_paused, is_closed=is_closed
    )
    if standing is None:
        return MatrixCell(label=_("Đã đóng"))
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
