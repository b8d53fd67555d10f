"""What flows may ask about plans. Every function takes many things at once and costs a fixed number
of queries; what comes back are frozen values, never rows.

Names of bodies are not here: ask `chuan.core.orgs.queries.names_on` for the day that matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.periods import Period
from chuan.modules.plans import rules
from chuan.modules.plans.enums import (
    Achievement,
    DifficultyState,
    DueKind,
    EvidenceKind,
    PartyRole,
    PlanState,
    Timeliness,
)
from chuan.modules.plans.models import (
    Assignment,
    ContributionRequest,
    Difficulty,
    Evidence,
    Plan,
    PlanImport,
    ProgressUpdate,
    Task,
    timeliness_of,
)
from chuan.modules.plans.queries import assignments as assignment_queries
from chuan.modules.plans.queries import difficulties as difficulty_queries
from chuan.modules.plans.queries import plans as plan_queries
from chuan.modules.plans.queries import requests as request_queries
from chuan.modules.plans.queries.assignments import TimelinessCounts
from chuan.modules.plans.queries.onward import tellers

__all__ = [
    "Achievement",
    "AssignmentRef",
    "Contribution",
    "DifficultyRef",
    "DifficultyState",
    "DueKind",
    "EvidenceKind",
    "EvidenceRef",
    "ImportRef",
    "PartyRole",
    "PlanRef",
    "PlanState",
    "QuestionsRef",
    "RequestRef",
    "TaskRef",
    "Timeliness",
    "TimelinessCounts",
    "UpdateRef",
    "assignment_counts",
    "assignments_in",
    "assignments_of",
    "bodies_owing",
    "contributions_to",
    "count_difficulties_waiting_for",
    "difficulties_of",
    "difficulties_waiting_for",
    "evidence_for",
    "is_demo",
    "may_see_plans",
    "open_difficulties_of",
    "open_imports_of",
    "plan",
    "plans",
    "plans_in_force",
    "plans_managed_by",
    "questions_waiting_for",
    "requests_made_by",
    "requests_to",
    "sees_whole_plan",
    "tasks_of",
    "tellers",
    "timeliness_counts",
    "timeliness_counts_by_body",
    "timeliness_counts_by_plan",
    "timeliness_counts_by_task",
    "updates_for",
    "work_of",
]

BOTH_ROLES = tuple(PartyRole)
LEAD_ONLY = (PartyRole.LEAD,)


@dataclass(frozen=True, slots=True)
class PlanRef:
    """A plan and the decision it comes from. `last_day` still belongs to it.

    `report_due_*` are as the decision has them: "before 20 November" is day 20, month 11,
    not inclusive; the deadline itself is the calendar's to compute.
    """

    id: int
    title: str
    short_title: str
    state: PlanState
    document_id: int
    symbol: str
    issued_on: date | None
    issuer_name: str
    managed_by_id: int
    first_day: date
    last_day: date
    report_due_day: int | None
    report_due_month: int | None
    report_due_inclusive: bool
    is_demo: bool
    url: str


@dataclass(frozen=True, slots=True)
class TaskRef:
    """One row of the annex, in its section."""

    id: int
    plan_id: int
    code: str
    position: int
    section_code: str
    section_title: str
    text: str
    short_text: str
    product: str
    time_text: str
    due_kind: DueKind
    due_on: date | None
    heading_only: bool
    url: str


@dataclass(frozen=True, slots=True)
class AssignmentRef:
    """What one body owes for one task, and how it stood on the day asked about.

    `percent` is what the body says, `computed_percent` what its evidence shows; `is_proven` says
    whether that lets it be called complete; `narrative` is the latest update that says something.
    """

    id: int
    plan_id: int
    task_id: int
    task_code: str
    task_short_text: str
    section_code: str
    heading_only: bool
    organisation_id: int
    role: PartyRole
    year: int
    period_start: date
    period_end: date
    due_on: date | None
    due_why: tuple[str, ...]
    achievement: Achievement
    percent: int | None
    percent_reason: str
    computed_percent: int
    done_on: date | None
    timeliness: Timeliness
    evidence_count: int
    is_proven: bool
    narrative: str
    updated_by: str
    updated_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class UpdateRef:
    id: int
    assignment_id: int
    narrative: str
    achievement: Achievement
    percent: int | None
    made_by_id: int
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class EvidenceRef:
    id: int
    assignment_id: int
    kind: EvidenceKind
    title: str
    url: str
    is_link: bool
    size: int | None
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class DifficultyRef:
    id: int
    plan_id: int
    task_id: int | None
    task_code: str
    organisation_id: int
    title: str
    text: str
    proposal: str
    state: DifficultyState
    raised_at: datetime
    answer_due_on: date | None
    answer: str
    answered_at: datetime | None
    escalated_at: datetime | None
    direction: str
    settled_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one coordinator did for a lead's assignment: its own, with its updates in the period."""

    lead_assignment_id: int
    assignment: AssignmentRef
    updates: tuple[UpdateRef, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class QuestionsRef:
    """A plan in which parties could not be turned into bodies, and the page that answers."""

    plan_id: int
    plan: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class RequestRef:
    """A request for a contribution that waits; `organisation_id` is the other side's."""

    id: int
    task_code: str
    organisation_id: int
    text: str
    due_on: date
    asked_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class ImportRef:
    id: int
    title: str
    updated_at: datetime
    url: str


# ---------------------------------------------------------------- plans and tasks


def plan(plan_id: int) -> PlanRef:
    """:raises Plan.DoesNotExist: there is no such plan."""
    return _plan_ref(Plan.objects.select_related("document").get(pk=plan_id))


def plans(plan_ids: Collection[int]) -> dict[int, PlanRef]:
    rows = Plan.objects.select_related("document").filter(pk__in=plan_ids)
    return {row.pk: _plan_ref(row) for row in rows}


def plans_in_force(on: date) -> list[PlanRef]:
    return [_plan_ref(row) for row in plan_queries.plans_in_force(on)]


def plans_managed_by(organisation_ids: Collection[int]) -> list[PlanRef]:
    """Plans these departments watch over, newest first, whatever their state."""
    rows = (
        Plan.objects.filter(managed_by__in=organisation_ids)
        .select_related("document")
        .order_by("-document__issued_on", "-pk")
    )
    return [_plan_ref(row) for row in rows]


def tasks_of(plan_id: int) -> list[TaskRef]:
    """In the order of the annex."""
    rows = Task.objects.filter(plan=plan_id).select_related("section").order_by("position", "pk")
    return [_task_ref(row) for row in rows]


def is_demo(plan_id: int) -> bool:
    """Whether a plan was made to show how the system works."""
    return Plan.objects.filter(pk=plan_id, is_demo=True).exists()


def may_see_plans(person: Person) -> bool:
    return rules.see_plans.allows(person)


def sees_whole_plan(person: Person, managed_by_id: int) -> bool:
    """Whether the person reads every body's work in the plans that this department watches over."""
    return rules.sees_every_body.allows(person) or managed_by_id in (
        rules.managed_organisation_ids(person)
    )


# ---------------------------------------------------------------- assignments


def assignments_of(
    plan_id: int,
    organisation_id: int,
    during: int | Period,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = BOTH_ROLES,
) -> list[AssignmentRef]:
    """One body's assignments whose period touches the year or the days given, leading ones first, in
    annex order."""
    rows = _in_plan_and_year(plan_id, during, roles).filter(organisation=organisation_id)
    return _assignment_refs(rows, on)


def assignments_in(
    plan_id: int,
    year: int,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> list[AssignmentRef]:
    """The same of every body at once."""
    return _assignment_refs(_in_plan_and_year(plan_id, year, roles), on)


def work_of(
    organisation_ids: Collection[int], *, on: date | None = None, year: int | None = None
) -> list[AssignmentRef]:
    """What these bodies have on their desks: the year's assignments, and unfinished ones of years
    before; nearest deadline first."""
    day = on or timezone.localdate()
    now = assignment_queries.in_year(year or day.year)
    left_over = Q(period_end__lte=day, done_on__isnull=True, due_on__isnull=False)
    # What a plan asked for that was ended before its time, nobody owes afterwards.
    asked = Q(task__plan__ended_at__isnull=True) | Q(task__plan__valid__contains=day)
    rows = Assignment.objects.filter(now | left_over, asked, organisation__in=organisation_ids)
    refs = _assignment_refs(rows, day)
    return sorted(
        refs, key=lambda ref: (ref.due_on or date.max, ref.role != PartyRole.LEAD, ref.id)
    )


def assignment_counts(plan_id: int) -> dict[int, int]:
    """How many leading assignments each year has, by the year their period begins."""
    counted: dict[int, int] = defaultdict(int)
    rows = Assignment.objects.filter(task__plan=plan_id, role=PartyRole.LEAD).values_list(
        "year", flat=True
    )
    for year in rows:
        counted[year] += 1
    return dict(sorted(counted.items()))


def bodies_owing(
    plan_id: int, during: int | Period, *, roles: Collection[PartyRole] = BOTH_ROLES
) -> list[int]:
    """Ids of the organisations that lead or coordinate something in the year or on the days given,
    each once.

    `roles=[PartyRole.LEAD]` leaves out those that only coordinate.
    """
    return plan_queries.bodies_owing(plan_id, during, roles=roles)


def timeliness_counts(
    plan_id: int,
    year: int,
    *,
    on: date | None = None,
    organisation_ids: Collection[int] | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> TimelinessCounts:
    """On time, late, in time, overdue on a day (today): always summing to the total."""
    rows = _in_plan_and_year(plan_id, year, roles)
    if organisation_ids is not None:
        rows = rows.filter(organisation__in=organisation_ids)
    return assignment_queries.timeliness_counts(rows, on=on or timezone.localdate())


def timeliness_counts_by_plan(
    plan_ids: Collection[int],
    year: int,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> dict[int, TimelinessCounts]:
    """The same for each plan by id; one query, and nothing for a plan without assignments."""
    rows = Assignment.objects.filter(
        assignment_queries.in_year(year), task__plan__in=plan_ids, role__in=list(roles)
    )
    return assignment_queries.timeliness_counts_by(
        rows, "task__plan_id", on=on or timezone.localdate()
    )


def timeliness_counts_by_body(
    plan_id: int,
    year: int,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> dict[int, TimelinessCounts]:
    """The same for each organisation by id."""
    return assignment_queries.timeliness_counts_by(
        _in_plan_and_year(plan_id, year, roles), "organisation_id", on=on or timezone.localdate()
    )


def timeliness_counts_by_task(
    plan_id: int,
    year: int,
    *,
    on: date | None = None,
    roles: Collection[PartyRole] = LEAD_ONLY,
) -> dict[int, TimelinessCounts]:
    """The same for each task by id."""
    return assignment_queries.timeliness_counts_by(
        _in_plan_and_year(plan_id, year, roles), "task_id", on=on or timezone.localdate()
    )


# ---------------------------------------------------------------- what was told and shown


def updates_for(
    assignment_ids: Collection[int], period: Period | None = None
) -> dict[int, tuple[UpdateRef, ...]]:
    """Updates made on the days of the period, oldest first, by assignment id."""
    rows = assignment_queries.updates_of(assignment_ids)
    if period is not None:
        start, end = _instants(period)
        rows = rows.filter(made_at__gte=start, made_at__lt=end)
    found: dict[int, list[UpdateRef]] = defaultdict(list)
    for row in rows.order_by("made_at", "pk"):
        found[row.assignment_id].append(_update_ref(row))
    return {key: tuple(refs) for key, refs in found.items()}


def evidence_for(assignment_ids: Collection[int]) -> dict[int, tuple[EvidenceRef, ...]]:
    """Evidence that was not withdrawn, newest first, by assignment id."""
    found: dict[int, list[EvidenceRef]] = defaultdict(list)
    for row in assignment_queries.evidence_of(assignment_ids):
        found[row.assignment_id].append(_evidence_ref(row))
    return {key: tuple(refs) for key, refs in found.items()}


def contributions_to(
    lead_assignment_ids: Collection[int], period: Period | None = None, *, on: date | None = None
) -> dict[int, tuple[Contribution, ...]]:
    """What coordinators of the same task and period told, by the lead's assignment id.

    Every coordinator with an assignment is there, also one that told nothing yet.
    """
    leads = list(
        Assignment.objects.filter(pk__in=lead_assignment_ids, role=PartyRole.LEAD).values_list(
            "pk", "task_id", "period_start", "period_end"
        )
    )
    tasks = {task_id for _pk, task_id, _start, _end in leads}
    days = Q()
    for start, end in {(start, end) for _pk, _task_id, start, end in leads}:
        days |= assignment_queries.in_period(Period(start, end))
    refs = _assignment_refs(
        Assignment.objects.filter(days, task__in=tasks, role=PartyRole.COORDINATING), on
    )
    by_task: dict[int, list[AssignmentRef]] = defaultdict(list)
    for ref in refs:
        by_task[ref.task_id].append(ref)
    beside = {
        pk: [ref for ref in by_task[task_id] if ref.period_start < end and ref.period_end > start]
        for pk, task_id, start, end in leads
    }
    told = updates_for({ref.id for found in beside.values() for ref in found}, period)
    return {
        pk: tuple(Contribution(pk, ref, told.get(ref.id, ())) for ref in found)
        for pk, found in beside.items()
    }


def difficulties_of(
    plan_id: int, organisation_id: int | None = None, period: Period | None = None
) -> list[DifficultyRef]:
    """Difficulties raised on the days of the period and not withdrawn, oldest first."""
    rows = Difficulty.objects.filter(plan=plan_id).exclude(state=DifficultyState.WITHDRAWN)
    if organisation_id is not None:
        rows = rows.filter(organisation=organisation_id)
    if period is not None:
        start, end = _instants(period)
        rows = rows.filter(raised_at__gte=start, raised_at__lt=end)
    return [_difficulty_ref(row) for row in rows.select_related("task").order_by("raised_at", "pk")]


def open_difficulties_of(organisation_ids: Collection[int]) -> list[DifficultyRef]:
    """Difficulties these bodies put in writing that nobody has settled yet, oldest first."""
    rows = Difficulty.objects.filter(
        organisation__in=organisation_ids,
        state__in=[DifficultyState.RAISED, DifficultyState.ESCALATED],
    )
    return [_difficulty_ref(row) for row in rows.select_related("task").order_by("raised_at", "pk")]


def difficulties_waiting_for(person: Person, *, limit: int | None = None) -> list[DifficultyRef]:
    """Unanswered difficulties that this person's department should answer, nearest due first."""
    rows = _waiting_for(person).select_related("task").order_by("answer_due_on", "raised_at", "pk")
    return [_difficulty_ref(row) for row in (rows if limit is None else rows[:limit])]


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
        _request_ref(row, row.assignment, row.lead)
        for row in request_queries.waiting_for(organisation_ids)
    ]


def requests_made_by(organisation_ids: Collection[int]) -> list[RequestRef]:
    """What these bodies asked coordinators for and have not got, nearest day first."""
    return [
        _request_ref(row, row.lead, row.assignment)
        for row in request_queries.asked_by(organisation_ids)
    ]


def questions_waiting_for(person: Person) -> list[QuestionsRef]:
    """Plans this person coordinates that wait for a decision on who stands in, as the last
    reconciliation found them."""
    rows = Plan.objects.filter(
        open_questions__gt=0,
        managed_by__in=person.organisation_ids(Role.DEPARTMENT_COORDINATOR),
    ).order_by("pk")
    return [
        QuestionsRef(
            row.pk, row.short_title, row.open_questions, reverse("plans:questions", args=[row.pk])
        )
        for row in rows
    ]


# ---------------------------------------------------------------- rows into values


def _request_ref(row: ContributionRequest, mine: Assignment, other: Assignment) -> RequestRef:
    return RequestRef(
        id=row.pk,
        task_code=mine.task.code,
        organisation_id=other.organisation_id,
        text=row.text,
        due_on=row.due_on,
        asked_at=row.asked_at,
        url=reverse("plans:assignment", args=[mine.pk]),
    )


def _in_plan_and_year(
    plan_id: int, during: int | Period, roles: Collection[PartyRole]
) -> QuerySet[Assignment]:
    return Assignment.objects.filter(
        assignment_queries.during(during), task__plan=plan_id, role__in=list(roles)
    )


def _instants(period: Period) -> tuple[datetime, datetime]:
    """The first instant of the period's days, and the first after them, by the province's clock."""
    zone = timezone.get_default_timezone()
    return (
        datetime.combine(period.start, time.min, zone),
        datetime.combine(period.end, time.min, zone),
    )


def _plan_ref(row: Plan) -> PlanRef:
    return PlanRef(
        id=row.pk,
        title=row.title,
        short_title=row.short_title,
        state=row.state_on(timezone.localdate()),
        document_id=row.document_id,
        symbol=row.document.symbol,
        issued_on=row.document.issued_on,
        issuer_name=row.document.issuer_name,
        managed_by_id=row.managed_by_id,
        first_day=row.valid.lower,
        last_day=row.valid.upper - timedelta(days=1),
        report_due_day=row.report_due_day,
        report_due_month=row.report_due_month,
        report_due_inclusive=row.report_due_inclusive,
        is_demo=row.is_demo,
        url=reverse("plans:show", args=[row.pk]),
    )


def _task_ref(row: Task) -> TaskRef:
    return TaskRef(
        id=row.pk,
        plan_id=row.plan_id,
        code=row.code,
        position=row.position,
        section_code=row.section.code,
        section_title=row.section.title,
        text=row.text,
        short_text=row.short_text,
        product=row.product,
        time_text=row.time_text,
        due_kind=DueKind(row.due_kind),
        due_on=row.due_on,
        heading_only=row.heading_only,
        url=reverse("plans:task", args=[row.plan_id, row.pk]),
    )


def _assignment_refs(rows: QuerySet[Assignment], on: date | None) -> list[AssignmentRef]:
    """Five queries however many assignments: rows, deliverables, evidence kinds and counts,
    latest updates."""
    day = on or timezone.localdate()
    found = list(
        assignment_queries.with_evidence_count(
            rows.select_related("task__section").order_by("-role", "task__position", "pk")
        )
    )
    proofs = assignment_queries.proofs(found)
    latest = _latest_told(found)
    return [_assignment_ref(row, proofs, latest.get(row.pk), day) for row in found]


def _latest_told(rows: Iterable[Assignment]) -> dict[int, ProgressUpdate]:
    return assignment_queries.latest_updates([row.pk for row in rows])


def _assignment_ref(
    row: Assignment,
    proofs: dict[int, assignment_queries.Proof],
    latest: ProgressUpdate | None,
    day: date,
) -> AssignmentRef:
    # Of what was finished later, the day asked about knew nothing.
    done_on = row.done_on if row.done_on is not None and row.done_on <= day else None
    return AssignmentRef(
        id=row.pk,
        plan_id=row.task.plan_id,
        task_id=row.task_id,
        task_code=row.task.code,
        task_short_text=row.task.short_text,
        section_code=row.task.section.code,
        heading_only=row.task.heading_only,
        organisation_id=row.organisation_id,
        role=PartyRole(row.role),
        year=row.year,
        period_start=row.period_start,
        period_end=row.period_end,
        due_on=row.due_on,
        due_why=tuple(step["text"] for step in row.due_why),
        achievement=Achievement(row.achievement),
        percent=row.percent,
        percent_reason=row.percent_reason,
        computed_percent=proofs[row.pk].percent,
        done_on=done_on,
        timeliness=timeliness_of(done_on=done_on, due_on=row.due_on, on=day),
        evidence_count=row.evidence_count,  # type: ignore[attr-defined]
        is_proven=proofs[row.pk].is_whole,
        narrative=latest.narrative if latest else "",
        updated_by=latest.made_by.full_name if latest else "",
        updated_at=latest.made_at if latest else None,
        url=reverse("plans:assignment", args=[row.pk]),
    )


def _update_ref(row: ProgressUpdate) -> UpdateRef:
    return UpdateRef(
        id=row.pk,
        assignment_id=row.assignment_id,
        narrative=row.narrative,
        achievement=Achievement(row.achievement),
        percent=row.percent,
        made_by_id=row.made_by_id,
        made_by=row.made_by.full_name,
        made_at=row.made_at,
    )


def _evidence_ref(row: Evidence) -> EvidenceRef:
    return EvidenceRef(
        id=row.pk,
        assignment_id=row.assignment_id,
        kind=EvidenceKind(row.kind),
        title=row.title,
        url=row.link or reverse("files:download", args=[row.upload_id]),
        is_link=bool(row.link),
        size=row.upload.file.size if row.upload else None,
        added_by=row.added_by.full_name,
        added_at=row.added_at,
    )


def _difficulty_ref(row: Difficulty) -> DifficultyRef:
    return DifficultyRef(
        id=row.pk,
        plan_id=row.plan_id,
        task_id=row.task_id,
        task_code=row.task.code if row.task else "",
        organisation_id=row.organisation_id,
        title=row.title,
        text=row.text,
        proposal=row.proposal,
        state=DifficultyState(row.state),
        raised_at=row.raised_at,
        answer_due_on=row.answer_due_on,
        answer=row.answer,
        answered_at=row.answered_at,
        escalated_at=row.escalated_at,
        direction=row.direction,
        settled_at=row.settled_at,
        url=reverse("plans:difficulty", args=[row.pk]),
    )
