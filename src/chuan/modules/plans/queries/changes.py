"""What became of assignments between two days: each side as it stood at the end of its day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    Q,
    QuerySet,
    Value,
)

from chuan.modules.plans.enums import Change, PartyRole, Timeliness
from chuan.modules.plans.models import AssignmentState, Plan
from chuan.modules.plans.queries.assignments import (
    COUNTED,
    OWED,
    called,
    in_year,
    timeliness_conditions,
)
from chuan.modules.plans.queries.groups import versions_known
from chuan.modules.plans.queries.past import end_of, standing_at

# What befell an assignment as it stands `now`, when it `was` otherwise or was not owed at all; what
# is no longer owed has no side of now.
_WAS_THERE = "now.is_counted AND was.assignment_id IS NOT NULL"
_DONE = "(now.done_on IS NOT NULL AND was.done_on IS NULL)"
_BEFELL = {
    Change.NEW: "now.is_counted AND was.assignment_id IS NULL",
    Change.DONE: f"{_WAS_THERE} AND {_DONE}",
    Change.OVERDUE: f"{_WAS_THERE} AND now.is_late AND NOT was.is_late",
    Change.EXTENDED: f"{_WAS_THERE} AND now.due_on > was.due_on",
    Change.ACHIEVEMENT: f"{_WAS_THERE} AND now.achievement <> was.achievement AND NOT {_DONE}",
    Change.CLOSED: "now.assignment_id IS NULL AND was.is_counted",
}
_ORGANISATION = "coalesce(now.organisation_id, was.organisation_id)"


@dataclass(frozen=True, slots=True)
class BodyChanges:
    """How many assignments of one body each change befell."""

    organisation_id: int
    name: str
    counts: Mapping[Change, int]


class Between:
    """Leading assignments of a plan's year, compared between the ends of two days.

    :param among: the only organisations that count.
    """

    def __init__(
        self,
        plan: Plan,
        year: int,
        start: date,
        end: date,
        *,
        among: Collection[int] | None = None,
    ) -> None:
        self._year, self._start, self._end, self._among = year, start, end, among
        # Named one by one: the index on tasks and days then answers by itself.
        tasks = plan.tasks.order_by("position", "pk").values_list("pk", "code", "short_text")
        self._tasks = {pk: _Task(code, text) for pk, code, text in tasks}

    @cached_property
    def bodies(self) -> list[BodyChanges]:
        """Bodies with any change, by the names they have on the later day. Three queries, whose cost
        goes with what changed and not with how much there is."""
        found: dict[int, Counter[Change]] = defaultdict(Counter)
        counted = ", ".join(f"count(*) FILTER (WHERE {befell})" for befell in _BEFELL.values())
        compared = self._compared(
            self._written(), self._ended(), f"{_ORGANISATION}, {counted}", "GROUP BY 1"
        )
        for pk, *counts in compared:
            found[pk].update(dict(zip(_BEFELL, counts, strict=True)))
        late = self._grown_late().order_by().values("organisation_id").annotate(n=Count(Value(1)))
        for pk, count in late.values_list("organisation_id", "n"):
            found[pk][Change.OVERDUE] += count
        known = versions_known(self._end).filter(organisation__in=found)
        names = dict(
            known.annotate(called=called())
            .order_by("sort_key", "pk")
            .values_list("organisation_id", "called")
        )
        return [
            BodyChanges(pk, names.get(pk, ""), found[pk])
            for pk in [*names, *(found.keys() - names)]
        ]

    @property
    def counts(self) -> dict[Change, int]:
        """Of all bodies; one assignment may be counted in several changes."""
        return {kind: sum(body.counts[kind] for body in self.bodies) for kind in Change}

    def changed(
        self, kind: Change, first: int = 0, most: int | None = None
    ) -> list[dict[str, Any]]:
        """The assignments one by one, by body and task: both sides of each. One query more.

        Only bodies that the part asked for tells of are looked at.
        """
        names: dict[int, str] = {}
        skipped = gathered = 0
        for body in self.bodies:
            if not body.counts[kind]:
                continue
            if not names and skipped + body.counts[kind] <= first:
                skipped += body.counts[kind]
                continue
            names[body.organisation_id] = body.name
            gathered += body.counts[kind]
            if most is not None and skipped + gathered >= first + most:
                break
        found = self._befell(kind, names)
        places = {pk: at for at, pk in enumerate(names)}
        tasks = {pk: at for at, pk in enumerate(self._tasks)}
        found.sort(
            key=lambda row: (
                places[row["organisation_id"]],
                tasks[row["task_id"]],
                row["assignment_id"],
            )
        )
        shown = found[first - skipped : None if most is None else first - skipped + most]
        return [
            {
                **row,
                "body_name": names[row["organisation_id"]],
                "code": self._tasks[row["task_id"]].code,
                "short_text": self._tasks[row["task_id"]].short_text,
            }
            for row in shown
        ]

    def _befell(self, kind: Change, bodies: Collection[int]) -> list[dict[str, Any]]:
        now, was = self._written(), self._ended()
        if kind == Change.OVERDUE:
            # A deadline passes without a word.
            late = Q(due_on__gte=self._start, due_on__lt=self._end)
            now, was = now | self._of_year(self._end).filter(OWED, late), self._owed_before()
        told = self._compared(
            now.filter(organisation__in=bodies),
            was.filter(organisation__in=bodies),
            ", ".join(_TOLD.values()),
            f"WHERE {_BEFELL[kind]}",
        )
        return [dict(zip(_TOLD, row, strict=True)) for row in told]

    def _compared(
        self, now: QuerySet[Any], was: QuerySet[Any], columns: str, rest: str
    ) -> list[tuple[Any, ...]]:
        """States of the two days, side by side where they are of the same assignment.

        Django would join the two by way of all assignments there are, and not from both sides.
        """
        late = timeliness_conditions(self._end)[Timeliness.OVERDUE]
        was_late = Q(
            done_on__isnull=True, due_on__isnull=False, due_on__lt=self._start, is_paused=False
        )
        try:
            of_now, values = _side(now, late)
            of_was, more = _side(was, was_late)
        except EmptyResultSet:  # no body or no task to look at
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT {columns}
                FROM ({of_now}) AS now FULL JOIN ({of_was}) AS was USING (assignment_id)
                {rest}
                """,  # noqa: S608 - columns and conditions of this module
                (*values, *more),
            )
            compared: list[tuple[Any, ...]] = cursor.fetchall()
            return compared

    def _written(self) -> QuerySet[Any]:
        """What was written down between the days, as it stood at the end of the last."""
        return self._of_year(self._end).filter(OWED, since__gte=end_of(self._start))

    def _owed_before(self) -> QuerySet[Any]:
        return self._of_year(self._start).filter(OWED)

    def _ended(self) -> QuerySet[Any]:
        """What stood at the end of the first day and was written over, or ended, by the last."""
        # Said again without an open end: the index on ends is then read from the first day on.
        return self._owed_before().filter(
            until__gte=end_of(self._start), until__lt=end_of(self._end)
        )

    def _grown_late(self) -> QuerySet[Any]:
        """What is overdue without a word having been written: its deadline passed."""
        late = timeliness_conditions(self._end)[Timeliness.OVERDUE] & Q(due_on__gte=self._start)
        return self._of_year(self._end).filter(late, since__lt=end_of(self._start))

    def _of_year(self, day: date) -> QuerySet[Any]:
        rows = AssignmentState.objects.filter(
            standing_at(end_of(day)),
            in_year(self._year),
            task__in=list(self._tasks),
            role=PartyRole.LEAD,
        )
        return rows if self._among is None else rows.filter(organisation__in=self._among)


@dataclass(frozen=True, slots=True)
class _Task:
    code: str
    short_text: str


_TOLD = {
    "assignment_id": "assignment_id",
    "organisation_id": _ORGANISATION,
    "task_id": "coalesce(now.task_id, was.task_id)",
    "done_on": "now.done_on",
    "due_on": "now.due_on",
    "achievement": "now.achievement",
    "was_done_on": "was.done_on",
    "was_due_on": "was.due_on",
    "was_achievement": "was.achievement",
}


def _side(rows: QuerySet[Any], late: Q) -> tuple[str, tuple[Any, ...]]:
    """SQL and values of one side of a comparison."""
    told = rows.order_by().values(
        "assignment_id",
        "organisation_id",
        "task_id",
        "done_on",
        "due_on",
        "achievement",
        is_counted=ExpressionWrapper(COUNTED, output_field=BooleanField()),
        is_late=ExpressionWrapper(late, output_field=BooleanField()),
    )
    return told.query.sql_with_params()
