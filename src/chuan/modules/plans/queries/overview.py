"""What dashboards count: leading assignments by task, achievement, deadline and age, on a day.

Every count here is one SELECT whose rows a list can show: `web/plans.AssignmentTable` filters by the
very same conditions, and a test opens each number's list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value

from chuan.core.people.models import Person
from chuan.lib.periods import Period
from chuan.modules.plans.engine import tallies
from chuan.modules.plans.engine.ages import Age
from chuan.modules.plans.enums import PartyRole, Timeliness
from chuan.modules.plans.models import Assignment, Plan, ProgressUpdate
from chuan.modules.plans.queries.assignments import (
    BESIDE,
    TimelinessCounts,
    timeliness_conditions,
)
from chuan.modules.plans.queries.groups import in_group
from chuan.modules.plans.queries.past import end_of, rows_on


@dataclass(frozen=True)
class Scope:
    """Whose assignments, of which plan and year, on which day.

    :param past: the day is over: assignments as they were at its end. None: as they are.
    :param organisation_ids: None for every body.
    :param told_by: only what this person told progress of.
    """

    plan: Plan
    year: int
    on: date
    past: date | None = None
    organisation_ids: frozenset[int] | None = None
    group: str = ""
    told_by: Person | None = None

    @cached_property
    def task_ids(self) -> Collection[int]:
        # Named one by one: the index on tasks and days then answers by itself.
        return list(self.plan.tasks.order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Cell:
    """So many of one year, task, achievement, standing and age; `age` is "" unless overdue.

    `extended`, `on_time_by_extension` and `paused` are as in `TimelinessCounts`.
    """

    first_year: int
    last_year: int
    task_id: int
    achievement: str
    standing: str
    age: str
    extended: bool
    on_time_by_extension: bool
    paused: bool
    count: int


def cells(scope: Scope) -> list[Cell]:
    """All that is counted of the scope's year and the years before it, in one query.

    An assignment that runs through many years is of each of them. The database counts in the order of
    its index; what depends on the day is told of the few numbers that come out.
    """
    fields = ("task_id", "period_end", "period_start", "tally", "due_on")
    rows: QuerySet[Any] = _rows(scope)
    found = (
        rows.filter(period_start__lt=Period.year(scope.year).end)
        .order_by()
        .values(*fields)
        .annotate(n=Count(Value(1)))
        .values_list(*fields, "n")
    )
    counts: Counter[tuple[date, date, int, int, Timeliness, str]] = Counter()
    for task_id, end, start, number, due_on, count in found:
        standing = tallies.read(number).standing(due_on, scope.on)
        age = tallies.age_of(due_on, scope.on) if standing == Timeliness.OVERDUE else ""
        counts[start, end, task_id, number, standing, age] += count
    return [
        Cell(
            first_year=start.year,
            last_year=min((end - timedelta(days=1)).year, scope.year),
            task_id=task_id,
            achievement=tally.achievement,
            standing=standing,
            age=age,
            extended=tally.extended,
            on_time_by_extension=tally.on_time_by_extension,
            paused=tally.paused,
            count=count,
        )
        for (start, end, task_id, number, standing, age), count in counts.items()
        for tally in (tallies.read(number),)
    ]


def of_year(found: Iterable[Cell], year: int) -> list[Cell]:
    return [cell for cell in found if cell.first_year <= year <= cell.last_year]


def counted(found: Iterable[Cell]) -> TimelinessCounts:
    kinds: Counter[str] = Counter()
    for cell in found:
        kinds[cell.standing] += cell.count
        for name in BESIDE:
            kinds[name] += cell.count * getattr(cell, name)
    names = (*(kind.value for kind in Timeliness), *BESIDE)
    return TimelinessCounts(**{name: kinds[name] for name in names})


class CountsByBody(Mapping[int, TimelinessCounts]):
    """By organisation, each put together when it is asked for: a country has thousands of bodies, of
    which a page shows some."""

    def __init__(self, rows: Iterable[tuple[int, ...]]) -> None:
        self._rows = {row[0]: row for row in rows}

    def __getitem__(self, organisation_id: int) -> TimelinessCounts:
        return TimelinessCounts(*self._rows[organisation_id][1:])

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def of_all(self) -> TimelinessCounts:
        """All bodies together."""
        _ids, *kinds = [*zip(*self._rows.values(), strict=True)] or [()]
        return TimelinessCounts(*map(sum, kinds))


# What each of `TimelinessCounts` counts, in their order, of a tally and a deadline. A test compares them
# with `timeliness_conditions` and `beside_conditions`.
_KINDS = (
    f"tally >= {tallies.ON_TIME}",
    f"tally >= {tallies.LATE} AND tally < {tallies.ON_TIME}",
    f"tally < {tallies.LATE} AND (tally >= {tallies.PAUSED} OR (due_on < %s) IS NOT TRUE)",
    f"tally < {tallies.PAUSED} AND due_on < %s",
    f"tally & {tallies.EXTENDED} <> 0",
    f"tally >= {tallies.BY_EXTENSION}",
    f"tally >= {tallies.PAUSED} AND tally < {tallies.LATE}",
)


def counts_by_body(scope: Scope) -> CountsByBody:
    """Of the scope's year, for each organisation by id."""
    year = Period.year(scope.year)
    rows: QuerySet[Any] = _rows(scope).filter(period_end__gt=year.start, period_start__lt=year.end)
    counted = ", ".join(f"count(*) FILTER (WHERE {kind})" for kind in _KINDS)
    try:
        of_year, values = (
            rows.order_by().values("organisation_id", "tally", "due_on").query.sql_with_params()
        )
    except EmptyResultSet:  # no body or no task to look at
        return CountsByBody([])
    with connection.cursor() as cursor:
        # Django takes longer to write seven such columns than the database to count a province.
        cursor.execute(
            f"SELECT organisation_id, {counted} FROM ({of_year}) AS of_year GROUP BY 1",  # noqa: S608 - names and numbers of ours
            (scope.on, scope.on, *values),
        )
        return CountsByBody(cursor.fetchall())


def overdue_for(age: Age, *, on: date) -> Q:
    """Not done, and past the deadline for so many days, the clock not standing still."""
    condition = timeliness_conditions(on)[Timeliness.OVERDUE] & Q(
        due_on__lte=on - timedelta(days=age.first)
    )
    if age.last is not None:
        condition &= Q(due_on__gte=on - timedelta(days=age.last))
    return condition


def told_by(
    rows: QuerySet[Assignment], person: Person, *, past: date | None = None
) -> QuerySet[Assignment]:
    """Those on which a person told progress, by the end of a day when one is given."""
    key = "pk" if past is None else "assignment_id"
    told = ProgressUpdate.objects.filter(assignment=OuterRef(key), made_by=person)
    if past is not None:
        told = told.filter(made_at__lt=end_of(past))
    return rows.filter(Exists(told))


def _rows(scope: Scope) -> QuerySet[Assignment]:
    # What is not counted has no tally.
    rows = rows_on(scope.past).filter(
        tally__isnull=False, task__in=scope.task_ids, role=PartyRole.LEAD
    )
    if scope.organisation_ids is not None:
        rows = rows.filter(organisation__in=scope.organisation_ids)
    if scope.group:
        rows = in_group(rows, scope.group, plan=scope.plan, year=scope.year)
    if scope.told_by is not None:
        rows = told_by(rows, scope.told_by, past=scope.past)
    return rows
