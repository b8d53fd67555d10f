"""What became of assignments between two days: each side as it stood at the end of its day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Value

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
        self._tasks = list(plan.tasks.order_by("pk").values_list("pk", flat=True))

    @cached_property
    def bodies(self) -> list[BodyChanges]:
        """Bodies with any change, by the names they have on the later day. Four queries, whose cost
        goes with what changed and not with how much there is."""
        found: dict[int, Counter[Change]] = defaultdict(Counter)
        kinds = {
            kind.value: Count(Value(1), filter=condition)
            for kind, condition in self._conditions().items()
        }
        for pk, *counts in _each(self._written(), **kinds):
            found[pk].update(dict(zip(map(Change, kinds), counts, strict=True)))
        for kind, rows in ((Change.OVERDUE, self._grown_late()), (Change.CLOSED, self._gone())):
            for pk, count in _each(rows, n=Count(Value(1))):
                found[pk][kind] += count
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
        rows = sorted(
            self._rows(kind).filter(organisation__in=names).values(*_TOLD),
            key=itemgetter("task__position", "pk"),
        )
        order = {pk: at for at, pk in enumerate(names)}
        rows.sort(key=lambda row: order[row["organisation_id"]])
        shown = rows[first - skipped : None if most is None else first - skipped + most]
        return [{**row, "body_name": names[row["organisation_id"]]} for row in shown]

    def _rows(self, kind: Change) -> QuerySet[Any]:
        if kind == Change.CLOSED:
            found: QuerySet[Any] = self._gone().annotate(
                was_done_on=F("done_on"), was_due_on=F("due_on"), was_achievement=F("achievement")
            )
            return found
        rows = self._written_or_late() if kind == Change.OVERDUE else self._written()
        told: QuerySet[Any] = rows.filter(self._conditions()[kind]).annotate(
            was_done_on=F("was__done_on"),
            was_due_on=F("was__due_on"),
            was_achievement=F("was__achievement"),
        )
        return told

    def _conditions(self) -> dict[Change, Q]:
        was_there = Q(was__id__isnull=False)
        done = was_there & Q(done_on__isnull=False, was__done_on__isnull=True)
        late = timeliness_conditions(self._end)[Timeliness.OVERDUE]
        was_late = Q(
            was__done_on__isnull=True,
            was__due_on__isnull=False,
            was__due_on__lt=self._start,
            was__is_paused=False,
        )
        return {
            Change.NEW: ~was_there,
            Change.DONE: done,
            Change.OVERDUE: was_there & late & ~was_late,
            Change.EXTENDED: was_there & Q(due_on__gt=F("was__due_on")),
            Change.ACHIEVEMENT: was_there
            & ~Q(achievement=F("was__achievement"))
            & ~Q(done_on__isnull=False, was__done_on__isnull=True),
        }

    def _written(self) -> QuerySet[Any]:
        """What was written down between the days, and what it `was` before."""
        rows = self._standing(self._end).filter(since__gte=end_of(self._start))
        told: QuerySet[Any] = rows.annotate(was=self._was())
        return told

    def _grown_late(self) -> QuerySet[Any]:
        """What is overdue without a word having been written: its deadline passed."""
        late = timeliness_conditions(self._end)[Timeliness.OVERDUE] & Q(due_on__gte=self._start)
        return self._standing(self._end).filter(late, since__lt=end_of(self._start))

    def _written_or_late(self) -> QuerySet[Any]:
        told = Q(since__gte=end_of(self._start))
        late = Q(due_on__gte=self._start, due_on__lt=self._end)
        rows = self._standing(self._end).filter(told | late)
        compared: QuerySet[Any] = rows.annotate(was=self._was())
        return compared

    def _gone(self) -> QuerySet[Any]:
        left = AssignmentState.objects.filter(
            OWED,
            standing_at(end_of(self._end)),
            in_year(self._year),
            assignment=OuterRef("assignment_id"),
        )
        ended = self._standing(self._start).filter(until__lt=end_of(self._end))
        return ended.filter(~Exists(left))

    def _was(self) -> FilteredRelation:
        """How the same assignment stood at the end of the first day, if it was owed then."""
        before = end_of(self._start)
        owed = Q(assignment__states__since__lt=before, assignment__states__closed_on=None)
        still = Q(assignment__states__until__isnull=True) | Q(assignment__states__until__gte=before)
        return FilteredRelation("assignment__states", condition=owed & still)

    def _standing(self, day: date) -> QuerySet[Any]:
        rows = AssignmentState.objects.filter(
            COUNTED,
            standing_at(end_of(day)),
            in_year(self._year),
            task__in=self._tasks,
            role=PartyRole.LEAD,
        )
        return rows if self._among is None else rows.filter(organisation__in=self._among)


_TOLD = (
    "pk",
    "assignment_id",
    "organisation_id",
    "task__position",
    "task__code",
    "task__short_text",
    "done_on",
    "due_on",
    "achievement",
    "was_done_on",
    "was_due_on",
    "was_achievement",
)


def _each(rows: QuerySet[Any], **counted: Count) -> Iterable[tuple[int, ...]]:
    """Counts for each organisation, its id first."""
    found = rows.order_by().values("organisation_id").annotate(**counted)
    counts: Iterable[tuple[int, ...]] = found.values_list("organisation_id", *counted)
    return counts
