"""What waits for somebody: difficulties, imports, requests, bodies to be answered for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.periods import Period
from chuan.modules.plans import rules
from chuan.modules.plans.enums import (
    DifficultyState,
)
from chuan.modules.plans.facade.told import instants
from chuan.modules.plans.facade.values import (
    DifficultyRef,
    DutiesRef,
    DutySum,
    ExtensionRef,
    ImportRef,
    PartAsked,
    QuestionsRef,
    RequestRef,
    SubtaskRef,
    difficulty_ref,
    extension_ref,
    request_ref,
)
from chuan.modules.plans.models import (
    Assignment,
    Difficulty,
    Plan,
    PlanImport,
)
from chuan.modules.plans.queries import difficulties as difficulty_queries
from chuan.modules.plans.queries import extensions as extension_queries
from chuan.modules.plans.queries import fates as fate_queries
from chuan.modules.plans.queries import requests as request_queries
from chuan.modules.plans.queries import subtasks as subtask_queries
from chuan.modules.plans.queries.fates import DutyCount


def difficulties_of(
    plan_id: int, organisation_id: int | None = None, period: Period | None = None
) -> list[DifficultyRef]:
    """Difficulties raised on the days of the period and not withdrawn, oldest first."""
    rows = Difficulty.objects.filter(plan=plan_id).exclude(state=DifficultyState.WITHDRAWN)
    if organisation_id is not None:
        rows = rows.filter(organisation=organisation_id)
    if period is not None:
        start, end = instants(period)
        rows = rows.filter(raised_at__gte=start, raised_at__lt=end)
    return [difficulty_ref(row) for row in rows.select_related("task").order_by("raised_at", "pk")]


def subtasks_of(person: Person, *, on: date) -> list[SubtaskRef]:
    """Parts that a person has to do inside their own bodies, nearest day first."""
    return [
        SubtaskRef(
            id=row.pk,
            plan_id=row.assignment.task.plan_id,
            title=row.title,
            task_code=row.assignment.task.code,
            task_short_text=row.assignment.task.short_text,
            organisation_id=row.assignment.organisation_id,
            due_on=row.due_on,
            url=reverse("plans:assignment", args=[row.assignment_id]) + "#chia-viec",
        )
        for row in subtask_queries.open_subtasks_of(person, on)
    ]


def open_difficulties_of(organisation_ids: Collection[int]) -> list[DifficultyRef]:
    """Difficulties these bodies put in writing that nobody has settled yet, oldest first."""
    rows = Difficulty.objects.filter(
        organisation__in=organisation_ids,
        state__in=[DifficultyState.RAISED, DifficultyState.ESCALATED],
    )
    return [difficulty_ref(row) for row in rows.select_related("task").order_by("raised_at", "pk")]


def difficulties_waiting_for(person: Person, *, limit: int | None = None) -> list[DifficultyRef]:
    """Unanswered difficulties that this person's department should answer, nearest due first."""
    rows = _waiting_for(person).select_related("task").order_by("answer_due_on", "raised_at", "pk")
    return [difficulty_ref(row) for row in (rows if limit is None else rows[:limit])]


def count_difficulties_waiting_for(person: Person) -> int:
    return _waiting_for(person).count()


def _waiting_for(person: Person) -> QuerySet[Difficulty]:
    return Difficulty.objects.filter(
        difficulty_queries.waiting_for_answer(),
        plan__managed_by__in=rules.managed_organisation_ids(person),
    )


def open_imports_of(person: Person) -> list[ImportRef]:
    """Readings of decisions this person's department has begun and not approved."""
    rows = PlanImport.objects.filter(
        state="open", managed_by__in=person.organisation_ids(*rules.DEPARTMENT)
    ).select_related("upload")
    return [
        ImportRef(
            id=row.pk,
            title=row.draft.get("document", {}).get("title") or row.upload.name,
            updated_at=row.updated_at,
            url=reverse("plans:import", args=[row.pk]),
        )
        for row in rows.order_by("-updated_at", "-pk")
    ]


def requests_to(organisation_ids: Collection[int]) -> list[RequestRef]:
    """What lead bodies ask these for and wait for, nearest day first."""
    return [
        request_ref(row, row.assignment, row.lead)
        for row in request_queries.waiting_for(organisation_ids, timezone.localdate())
    ]


def parts_asked_for(lead_assignment_id: int, *, on: date) -> list[PartAsked]:
    """What was asked of coordinators for one leading assignment and not taken back: what is missing
    first, by its day."""
    lead = Assignment.objects.get(pk=lead_assignment_id)
    return [
        PartAsked(
            organisation_id=row.assignment.organisation_id,
            text=row.text,
            due_on=row.due_on,
            status="request_overdue" if row.is_overdue(on) else f"request_{row.state}",
            reason=row.reason,
        )
        for row in request_queries.requests_of(lead)
    ]


def requests_made_by(organisation_ids: Collection[int]) -> list[RequestRef]:
    """What these bodies asked coordinators for and have not got, nearest day first."""
    return [
        request_ref(row, row.lead, row.assignment)
        for row in request_queries.asked_by(organisation_ids, timezone.localdate())
    ]


def extensions_waiting_for(person: Person) -> list[ExtensionRef]:
    """More time this person's department is asked for, what waits longest first."""
    return [extension_ref(row) for row in extension_queries.waiting_for_decision(person)]


def extensions_asked_by(organisation_ids: Collection[int]) -> list[ExtensionRef]:
    """More time these bodies asked for and wait for, what waits longest first."""
    return [extension_ref(row) for row in extension_queries.waiting_of(organisation_ids)]


def questions_waiting_for(person: Person) -> list[QuestionsRef]:
    """Plans this person coordinates that wait for a decision on who stands in, as the last
    reconciliation found them."""
    rows = Plan.objects.filter(
        open_questions__gt=0,
        valid__contains=timezone.localdate(),
        managed_by__in=person.organisation_ids(Role.DEPARTMENT_COORDINATOR),
    ).order_by("pk")
    return [
        QuestionsRef(
            row.pk, row.short_title, row.open_questions, reverse("plans:questions", args=[row.pk])
        )
        for row in rows
    ]


def duties_waiting_for(person: Person) -> list[DutiesRef]:
    """Plans of this person's department in which bodies that are no more left duties: how many have
    no proposal, how many proposals wait for approval."""
    found = fate_queries.plans_with_undecided(
        rules.managed_organisation_ids(person), timezone.localdate()
    )
    return [
        DutiesRef(
            plan.pk, plan.short_title, undecided, waiting, reverse("plans:fates", args=[plan.pk])
        )
        for plan, undecided, waiting in found
    ]


def duties_by_body(ended: Mapping[int, date]) -> dict[int, DutyCount]:
    """What bodies that are no more, each with the first day without it, left over; two queries."""
    return fate_queries.duties_by_body(ended)


def duties_passed_on(to: Collection[int], left_by: Collection[int]) -> Mapping[int, int]:
    """How many duties of each of some bodies go on with any of these; one query."""
    return fate_queries.passed_on_to(to, left_by)


def duties_left() -> DutySum:
    """The sum check over all plans: duties bodies left behind that are no more, and their decisions."""
    found = fate_queries.sum_of(timezone.localdate())
    return DutySum(
        total=found.total,
        undecided=found.undecided,
        proposed=found.proposed,
        approved=found.approved,
        adds_up=found.adds_up,
    )
