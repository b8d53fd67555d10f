"""What nobody but a person can decide: who stands in for a party that is no more."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.queries import find_by_symbol
from chuan.modules.plans.engine.expansion import (
    Expansion,
    Owed,
    Question,
    StandIn,
    Trouble,
    cycles,
)
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.models import Assignment, Plan
from chuan.modules.plans.queries.assignments import with_body_name
from chuan.modules.plans.queries.expansion import expansion_with

ONE_DAY = timedelta(days=1)
_SYMBOL = re.compile(r"[^\s,;()“”\"]+/[^\s,;()“”\"]+")

# What is unique about an assignment: task, body, role, first day.
Key = tuple[int | str, int, str, date]


@dataclass(frozen=True, slots=True)
class SubstitutionPreview:
    """What a decision would do: rows it lets be created, by the year they begin, and whether it
    answers its question."""

    by_year: tuple[tuple[int, int], ...]
    bodies: int
    is_answer: bool

    @property
    def total(self) -> int:
        return sum(count for _year, count in self.by_year)


def first_day_for(plan: Plan, question: Question) -> date:
    """The earliest day a decision may name: one more and it would take work from bodies that were
    there at the beginning of the cycle before."""
    starts = [cycle.start for cycle in cycles(plan.valid.lower, plan.last_day)]
    before = [start for start in starts if start < question.on]
    first = before[-1] + ONE_DAY if before else question.on
    decided = plan.substitutions.filter(
        group=question.group_id,
        organisation=question.organisation_id,
        from_day__lte=question.on,
    ).order_by("from_day")
    # The latest decision holds; an earlier day would leave it in the way.
    last = decided.last()
    return max(first, last.from_day) if last else first


def stored_keys(plan: Plan) -> dict[Key, int]:
    """Every assignment of a plan by what is unique about it."""
    rows = Assignment.objects.filter(task__plan=plan).values_list(
        "pk", "task_id", "organisation_id", "role", "period_start"
    )
    return {(task, body, role, start): pk for pk, task, body, role, start in rows}


def decided_ids(plan: Plan) -> frozenset[int]:
    """Assignments a person has decided about: closed with their body, or passed on to another."""
    rows = Assignment.objects.filter(
        Q(closed_on__isnull=False) | Q(is_passed_on=True), task__plan=plan
    )
    return frozenset(rows.values_list("pk", flat=True))


def missing_of(plan: Plan, owed: Iterable[Owed], stored: Mapping[Key, int]) -> list[Owed]:
    """What nobody has written down yet. Whoever was passed on a task that runs over the years has it
    already, from the day it was passed on."""
    spans: dict[tuple[int | str, int], list[tuple[str, date, date]]] = defaultdict(list)
    for task, body, role, start, end in Assignment.objects.filter(
        task__plan=plan, is_passed_on=True
    ).values_list("task_id", "organisation_id", "role", "period_start", "period_end"):
        spans[task, body].append((role, start, end))
    return [
        one
        for one in owed
        if one.key not in stored
        and not any(
            role in (one.role, PartyRole.LEAD) and start <= one.period_start < end
            for role, start, end in spans[one.task, one.organisation_id]
        )
    ]


def open_questions_of(plan: Plan) -> tuple[Question, ...]:
    """What the last reconciliation left to decide, the nearest day first."""
    return tuple(
        Question(
            trouble=Trouble(row.trouble),
            name=row.name,
            on=row.from_day,
            group_id=row.group_id,
            organisation_id=row.organisation_id,
            codes=tuple(row.codes),
        )
        for row in plan.questions.order_by("from_day", "pk")
    )


def extra_of(plan: Plan) -> QuerySet[Assignment]:
    """What nobody owed any more at the last reconciliation, by year and in annex order."""
    rows = Assignment.objects.filter(task__plan=plan, is_extra=True).select_related("task")
    return with_body_name(rows).order_by("year", "task__position", "pk")


def preview_of(plan: Plan, question: Question, stand_in: StandIn) -> SubstitutionPreview:
    """What deciding so would create that is not there yet."""
    expansion = expansion_with(plan, stand_in)
    stored = stored_keys(plan)
    missing = missing_of(plan, expansion.owed, stored)
    years = Counter(owed.period_start.year for owed in missing)
    return SubstitutionPreview(
        by_year=tuple(sorted(years.items())),
        bodies=len({owed.organisation_id for owed in missing}),
        is_answer=not asks_still(expansion, question),
    )


def asks_still(expansion: Expansion, question: Question) -> bool:
    """Whether the same party is in trouble on the same day."""
    return any(
        (one.group_id, one.organisation_id, one.on)
        == (question.group_id, question.organisation_id, question.on)
        for one in expansion.questions
    )


def question_about(
    questions: Collection[Question], group_id: int | None, organisation_id: int | None
) -> Question | None:
    return next(
        (
            one
            for one in questions
            if (one.group_id, one.organisation_id) == (group_id, organisation_id)
        ),
        None,
    )


def document_named_in(basis: str) -> OfficialDocument | None:
    """The first document of our registers whose symbol stands in the words."""
    for symbol in _SYMBOL.findall(basis):
        found = find_by_symbol(symbol.rstrip(".:"))
        if found is not None:
            return found
    return None
