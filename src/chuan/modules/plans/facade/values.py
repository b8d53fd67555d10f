"""Frozen values that leave the package, and how rows become them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

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
    DeadlineExtension,
    Difficulty,
    Evidence,
    Plan,
    ProgressUpdate,
    Task,
    timeliness_of,
)
from chuan.modules.plans.queries import assignments as assignment_queries
from chuan.modules.plans.queries.any_of import key_of_group, who_did_it


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
    # The id of the task's first wording: the same for all that follow it.
    line: int
    url: str


@dataclass(frozen=True, slots=True)
class PartyRef:
    """One lead or coordinating party of a task, in the words of the decision."""

    role: PartyRole
    name: str


@dataclass(frozen=True, slots=True)
class AssignmentRef:
    """What one body owes for one task, and how it stood on the day asked about.

    `timeliness` is none for what was closed when its body was no more, and for what another body did
    where one was enough.
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
    # The first day, where more time was granted; and whether the clock stands still meanwhile.
    original_due_on: date | None
    is_paused: bool
    achievement: Achievement
    percent: int | None
    percent_reason: str
    computed_percent: int
    done_on: date | None
    timeliness: Timeliness | None
    # Of a task of which one body is enough: what its assignments have in common, and who did it where
    # that was another body.
    any_of: str
    done_by: str
    evidence_count: int
    is_proven: bool
    narrative: str
    updated_by: str
    updated_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class SubtaskRef:
    """A part of an assignment that one person has inside the body."""

    id: int
    plan_id: int
    title: str
    task_code: str
    task_short_text: str
    organisation_id: int
    due_on: date | None
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
    # Of its first version: what counts are made by.
    first_added_at: datetime


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
class DutiesRef:
    """A plan in which duties of bodies that are no more wait for a proposal or an approval."""

    plan_id: int
    plan: str
    undecided: int
    proposals: int
    url: str


@dataclass(frozen=True, slots=True)
class DutySum:
    """How many duties bodies left behind that are no more, and how many of them wait, are proposed or
    decided; `adds_up` says that none is lost and none is decided twice."""

    total: int
    undecided: int
    proposed: int
    approved: int
    adds_up: bool


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
    plan_id: int
    task_code: str
    organisation_id: int
    text: str
    due_on: date
    asked_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class PartAsked:
    """What a lead asked one coordinator for, received or not; `status` is a key of the status shelf."""

    organisation_id: int
    text: str
    due_on: date
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExtensionRef:
    """More time that is asked for and not decided yet."""

    id: int
    plan_id: int
    task_code: str
    organisation_id: int
    due_on: date
    proposed_due_on: date
    asked_at: datetime
    stops_the_clock: bool
    url: str


@dataclass(frozen=True, slots=True)
class ImportRef:
    id: int
    title: str
    updated_at: datetime
    url: str


def request_ref(row: ContributionRequest, mine: Assignment, other: Assignment) -> RequestRef:
    return RequestRef(
        id=row.pk,
        plan_id=mine.task.plan_id,
        task_code=mine.task.code,
        organisation_id=other.organisation_id,
        text=row.text,
        due_on=row.due_on,
        asked_at=row.asked_at,
        url=reverse("plans:assignment", args=[mine.pk]),
    )


def extension_ref(row: DeadlineExtension) -> ExtensionRef:
    return ExtensionRef(
        id=row.pk,
        plan_id=row.assignment.task.plan_id,
        task_code=row.assignment.task.code,
        organisation_id=row.assignment.organisation_id,
        due_on=row.due_on_before,
        proposed_due_on=row.proposed_due_on,
        asked_at=row.asked_at,
        stops_the_clock=row.was_in_time,
        url=reverse("plans:extension", args=[row.pk]),
    )


def plan_ref(row: Plan) -> PlanRef:
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


def task_ref(row: Task, line: int) -> TaskRef:
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
        line=line,
        url=reverse("plans:task", args=[row.plan_id, row.pk]),
    )


def assignment_refs(rows: QuerySet[Assignment], on: date | None) -> list[AssignmentRef]:
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
    doers = who_did_it(found)
    return [_assignment_ref(row, proofs, latest.get(row.pk), day, doers) for row in found]


def _latest_told(rows: Iterable[Assignment]) -> dict[int, ProgressUpdate]:
    return assignment_queries.latest_updates([row.pk for row in rows])


def _assignment_ref(
    row: Assignment,
    proofs: dict[int, assignment_queries.Proof],
    latest: ProgressUpdate | None,
    day: date,
    doers: Mapping[int, str],
) -> AssignmentRef:
    # Of what was finished later, the day asked about knew nothing.
    done_on = row.done_on if row.done_on is not None and row.done_on <= day else None
    relieved = row.relieved_on is not None and row.relieved_on <= day
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
        original_due_on=row.original_due_on,
        is_paused=row.is_paused,
        achievement=Achievement(row.achievement),
        percent=row.percent,
        percent_reason=row.percent_reason,
        computed_percent=proofs[row.pk].percent,
        done_on=done_on,
        timeliness=timeliness_of(
            done_on=done_on,
            due_on=row.due_on,
            on=day,
            is_paused=row.is_paused,
            is_closed=row.closed_on is not None or relieved,
        ),
        any_of=key_of_group(row),
        done_by=doers.get(row.counted_with_id or 0, "") if relieved else "",
        evidence_count=row.evidence_count,  # type: ignore[attr-defined]
        is_proven=proofs[row.pk].is_whole,
        narrative=latest.narrative if latest else "",
        updated_by=latest.made_by.full_name if latest else "",
        updated_at=latest.made_at if latest else None,
        url=reverse("plans:assignment", args=[row.pk]),
    )


def update_ref(row: ProgressUpdate) -> UpdateRef:
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


def evidence_ref(row: Evidence) -> EvidenceRef:
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
        first_added_at=row.first_added_at,
    )


def difficulty_ref(row: Difficulty) -> DifficultyRef:
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
