"""What dashboards count: leading assignments by task, achievement, deadline and age, on a day.

Every count here is one SELECT whose rows a list can show: `web/plans.AssignmentTable` filters by the
very same conditions, and a test opens each number's list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Value,
    When,
)
from django.db.models.lookups import IsNull

from chuan.core.people.models import Person
from chuan.lib.periods import Period
from chuan.modules.plans.engine.ages import Age, ages
from chuan.modules.plans.enums import PartyRole, Timeliness
from chuan.modules.plans.models import Assignment, Plan, ProgressUpdate
from chuan.modules.plans.queries.assignments import (
    BESIDE,
    COUNTED,
    TimelinessCounts,
    in_year,
    timeliness_conditions,
    timeliness_counts_by,
)
from chuan.modules.plans.queries.groups import in_group
from chuan.modules.plans.queries.past import end_of, rows_on


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the database says of a row in one number."""

    standing: Timeliness
    age: str = ""
    on_time_by_extension: bool = False
    paused: bool = False


def _kinds(on: date) -> list[tuple[Q, _Kind]]:
    """The first condition that holds of a row that is owed tells its kind.

    The same as `timeliness_conditions`, `beside_conditions` and `overdue_for` (a test compares them),
    said so that the database asks each row as little as it can: a country has half a million.
    """
    late = Timeliness.OVERDUE
    ended = [age for age in ages() if age.last is not None]
    open_ended = next(age for age in ages() if age.last is None)
    return [
        (Q(done_on__gt=F("due_on")), _Kind(Timeliness.LATE)),
        (
            Q(done_on__gt=F("original_due_on")),
            _Kind(Timeliness.ON_TIME, on_time_by_extension=True),
        ),
        (Q(done_on__isnull=False), _Kind(Timeliness.ON_TIME)),
        (Q(is_paused=True), _Kind(Timeliness.IN_TIME, paused=True)),
        (Q(due_on__isnull=True) | Q(due_on__gte=on), _Kind(Timeliness.IN_TIME)),
        *(
            (Q(due_on__gte=on - timedelta(days=age.last or 0)), _Kind(late, age.code))
            for age in ended
        ),
        (Q(), _Kind(late, open_ended.code)),
    ]


def cells(scope: Scope) -> list[Cell]:
    """All that is counted of the scope's year and the years before it, in one query.

    An assignment that runs through many years is of each of them.
    """
    *known, (_otherwise, last) = _kinds(scope.on)
    kinds = [*(kind for _condition, kind in known), last]
    number = Case(
        *(When(condition, then=Value(at)) for at, (condition, _kind) in enumerate(known)),
        default=Value(len(known)),
        output_field=SmallIntegerField(),
    )
    fields = ("period_start", "period_end", "task_id", "achievement", "extended", "number")
    rows: QuerySet[Any] = _rows(scope)
    found = (
        rows.filter(period_start__lt=Period.year(scope.year).end)
        .order_by()
        .annotate(extended=IsNull(F("original_due_on"), False), number=number)
        .values(*fields)
        .annotate(n=Count(Value(1)))
        .values_list(*fields, "n")
    )
    return [
        Cell(
            first_year=start.year,
            last_year=min((end - timedelta(days=1)).year, scope.year),
            task_id=task_id,
            achievement=achievement,
            standing=kinds[at].standing,
            age=kinds[at].age,
            extended=extended,
            on_time_by_extension=kinds[at].on_time_by_extension,
            paused=kinds[at].paused,
            count=count,
        )
        for start, end, task_id, achievement, extended, at, count in found
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


def counts_by_body(scope: Scope) -> dict[int, TimelinessCounts]:
    """Of the scope's year, for each organisation by id."""
    rows = _rows(scope).filter(in_year(scope.year))
    return timeliness_counts_by(rows, "organisation_id", on=scope.on)


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
    rows = rows_on(scope.past).filter(COUNTED, task__in=_tasks(scope.plan), role=PartyRole.LEAD)
    if scope.organisation_ids is not None:
        rows = rows.filter(organisation__in=scope.organisation_ids)
    if scope.group:
        rows = in_group(rows, scope.group, plan=scope.plan, year=scope.year)
    if scope.told_by is not None:
        rows = told_by(rows, scope.told_by, past=scope.past)
    return rows


def _tasks(plan: Plan) -> Collection[int]:
    # Named one by one: the index on tasks and days then answers by itself.
    return list(plan.tasks.order_by("pk").values_list("pk", flat=True))
