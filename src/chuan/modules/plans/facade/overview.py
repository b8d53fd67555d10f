"""What dashboards show: counts by task, year, achievement, age and body, on any day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse

from chuan.core.people.models import Person
from chuan.modules.plans.enums import Achievement, Change
from chuan.modules.plans.models import Plan, Task
from chuan.modules.plans.queries import overview as queries
from chuan.modules.plans.queries import past as past_queries
from chuan.modules.plans.queries.assignments import TimelinessCounts
from chuan.modules.plans.queries.changes import Between
from chuan.modules.plans.queries.groups import first_day


@dataclass(frozen=True, slots=True)
class TaskCounts:
    id: int
    code: str
    short_text: str
    counts: TimelinessCounts


@dataclass(frozen=True, slots=True)
class Overview:
    """Leading assignments of one year, and of the years before it, as they stood on a day.

    `achievement` and `ages` count those of the year by the values of `Achievement` and the codes of
    `engine.ages`; whatever is not in them is none.
    """

    counts: TimelinessCounts
    achievement: dict[str, int]
    ages: dict[str, int]
    by_task: tuple[TaskCounts, ...]
    by_year: dict[int, TimelinessCounts]
    _scope: queries.Scope = field(repr=False, compare=False)

    @property
    def first_day(self) -> date:
        """The day on which the year's bodies were resolved: what they were called then is their name."""
        return first_day(self._scope.plan, self._scope.year)

    def by_body(self) -> Mapping[int, TimelinessCounts]:
        """The year's counts for each organisation by id. One query more."""
        return queries.counts_by_body(self._scope)


def overview(
    plan_id: int,
    year: int,
    *,
    on: date,
    past: date | None = None,
    organisation_ids: Collection[int] | None = None,
    group: str = "",
    told_by: Person | None = None,
) -> Overview:
    """Four queries, however many bodies and tasks.

    :param past: as it was at the end of this day, which is over; then it is `on` as well.
    :param group: a value of `BodyGroup`.
    :param told_by: only what this person told progress of.
    """
    ids = None if organisation_ids is None else frozenset(organisation_ids)
    plan = Plan.objects.get(pk=plan_id)
    scope = queries.Scope(plan, year, on, past, ids, group, told_by)
    cells = queries.cells(scope)
    now = queries.of_year(cells, year)
    achievement: Counter[str] = Counter()
    late: Counter[str] = Counter()
    by_task: dict[int, list[queries.Cell]] = defaultdict(list)
    for cell in now:
        achievement[cell.achievement] += cell.count
        if cell.age:
            late[cell.age] += cell.count
        by_task[cell.task_id].append(cell)
    tasks = Task.objects.filter(pk__in=by_task).order_by("position", "pk")
    first = plan.valid.lower.year
    return Overview(
        counts=queries.counted(now),
        achievement=dict(achievement),
        ages=dict(late),
        by_task=tuple(
            TaskCounts(task.pk, task.code, task.short_text, queries.counted(by_task[task.pk]))
            for task in tasks
        ),
        by_year={
            one: queries.counted(queries.of_year(cells, one)) for one in range(first, year + 1)
        },
        _scope=scope,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """One side of a comparison."""

    due_on: date | None
    done_on: date | None
    achievement: Achievement


@dataclass(frozen=True, slots=True)
class Changed:
    """One assignment that changed. What is new has no `before`, what is gone no `after`."""

    id: int
    body_name: str
    code: str
    short_text: str
    before: Standing | None
    after: Standing | None
    url: str


class Changes:
    """What became of a year's leading assignments between the ends of two days.

    :param among: the only organisations that count.
    """

    def __init__(
        self,
        plan_id: int,
        year: int,
        start: date,
        end: date,
        *,
        among: Collection[int] | None = None,
    ) -> None:
        self._between = Between(Plan.objects.get(pk=plan_id), year, start, end, among=among)

    @property
    def counts(self) -> dict[Change, int]:
        """How many each change befell; one may be of several. Three queries."""
        return self._between.counts

    def of(self, kind: Change, *, first: int = 0, most: int | None = None) -> list[Changed]:
        """So many of them, by body and task. One query more."""
        return [
            Changed(
                id=row["assignment_id"],
                body_name=row["body_name"],
                code=row["code"],
                short_text=row["short_text"],
                before=None if kind == Change.NEW else _side(row, "was_"),
                after=None if kind == Change.CLOSED else _side(row, ""),
                url=reverse("plans:assignment", args=[row["assignment_id"]]),
            )
            for row in self._between.changed(kind, first, most)
        ]


def _side(row: dict[str, Any], side: str) -> Standing:
    return Standing(
        row[f"{side}due_on"], row[f"{side}done_on"], Achievement(row[f"{side}achievement"])
    )


def history_begins(plan_id: int) -> date | None:
    """The first day on which it is known how a plan's assignments stood."""
    return past_queries.known_since(plan_id)
