"""Makers of plans, tasks, assignments and what follows from them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import factory
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from chuan.core.documents.enums import DocumentType
from chuan.core.documents.models import OfficialDocument
from chuan.core.files.testing import UploadFactory
from chuan.core.orgs.models import Group
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.plans.enums import (
    Achievement,
    DifficultyState,
    DueKind,
    EvidenceKind,
    FateKind,
    FateState,
    ImportState,
    LeadMode,
    LockKind,
    PartyKind,
    PartyRole,
)
from chuan.modules.plans.models import (
    Assignment,
    BodyPoint,
    ContributionRequest,
    DeadlineExtension,
    Deliverable,
    Difficulty,
    Evidence,
    Fate,
    FateDecision,
    LockException,
    Party,
    Plan,
    PlanImport,
    PlanVersion,
    ProgressUpdate,
    Section,
    Subtask,
    Task,
    Urging,
)
from chuan.modules.plans.operations.any_of import settle_any_of
from chuan.modules.plans.operations.requests import answer_request

FIRST_DAY = date(2025, 3, 25)
LAST_DAY = date(2030, 12, 31)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class DecisionFactory(factory.django.DjangoModelFactory):
    """The decision a plan comes from, as a document that came in."""

    class Meta:
        model = OfficialDocument

    kind = DocumentType.DECISION
    number = factory.Sequence(lambda n: 1029 + n)
    notation = "QĐ-UBND"
    issued_on = FIRST_DAY
    issuer_name = "Ủy ban nhân dân tỉnh Thử"
    subject = factory.Sequence(lambda n: f"Ban hành Kế hoạch thử nghiệm {n}")
    held_by = factory.SubFactory(OrganisationFactory)
    registered_at = factory.LazyFunction(timezone.now)


class PlanFactory(factory.django.DjangoModelFactory):
    """A plan in force from 25/3/2025 to 31/12/2030, without tasks unless asked for.

    PlanFactory(tasks=3)   # I.1, I.2, I.3, all yearly
    PlanFactory(managed_by=department)
    PlanFactory(ended=date(2026, 6, 30))   # before its time

    `coordinator_of(plan)` and `leader_of(plan)` make the department's people.
    """

    class Meta:
        model = Plan
        skip_postgeneration_save = True
        exclude = ("first_day", "last_day", "ended")

    first_day = FIRST_DAY
    ended = None
    last_day = factory.LazyAttribute(lambda plan: plan.ended or LAST_DAY)
    ended_by = factory.Maybe("ended", factory.SelfAttribute("approved_by"), None)
    ended_at = factory.Maybe("ended", factory.SelfAttribute("approved_at"), None)
    end_basis = factory.Maybe("ended", "Quyết định số 12/QĐ-UBND", "")

    managed_by = factory.SubFactory(OrganisationFactory)
    document = factory.SubFactory(DecisionFactory, held_by=factory.SelfAttribute("..managed_by"))
    title = factory.Sequence(lambda n: f"Kế hoạch triển khai Chỉ thị số 38-CT/TW, bản thử {n}")
    short_title = factory.LazyAttribute(lambda plan: f"Kế hoạch {plan.document.symbol}")
    valid = factory.LazyAttribute(
        lambda plan: DateRange(plan.first_day, plan.last_day + timedelta(days=1))
    )
    report_due_day = 20
    report_due_month = 11
    approved_by = factory.SubFactory(
        PersonFactory,
        role=Role.DEPARTMENT_COORDINATOR,
        organisation=factory.SelfAttribute("..managed_by"),
    )
    approved_at = datetime(2025, 3, 25, 9, tzinfo=VIETNAM)

    @factory.post_generation
    def versions(plan, create, given, **fields):
        PlanVersion.objects.create(
            plan=plan,
            number=1,
            document=plan.document,
            from_day=plan.valid.lower,
            approved_by=plan.approved_by,
            approved_at=plan.approved_at,
        )

    @factory.post_generation
    def tasks(plan, create, how_many, **fields):
        for _position in range(how_many or 0):
            TaskFactory(plan=plan, **fields)


def coordinator_of(plan, **fields):
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=plan.managed_by, **fields)


def leader_of(plan, **fields):
    return PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=plan.managed_by, **fields)


def clerk_of(organisation, **fields):
    return PersonFactory(role=Role.UNIT_CLERK, organisation=organisation, **fields)


def head_of(organisation, **fields):
    return PersonFactory(role=Role.UNIT_HEAD, organisation=organisation, **fields)


class SectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Section
        django_get_or_create = ("plan", "code")

    plan = factory.SubFactory(PlanFactory)
    code = "I"
    title = "Tuyên truyền, nâng cao nhận thức"
    position = 1


class BodyPointFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BodyPoint

    plan = factory.SubFactory(PlanFactory)
    code = factory.Sequence(lambda n: f"1.{n}")
    text = "Tổ chức tuyên truyền nhằm nâng cao nhận thức, trách nhiệm."
    position = factory.Sequence(lambda n: n + 1)


class TaskFactory(factory.django.DjangoModelFactory):
    """A yearly task, with one deliverable that any evidence proves.

    TaskFactory(lead=[body, group], coordinating=[other])   # organisations and groups
    TaskFactory(deliverables=[("Diễn đàn", 60, ["photo"]), ("Lớp bồi dưỡng", 40, ["list"])])
    Traits: `once=True` (by 30/6/2025), `until=True` (by 31/12/2030), `by_law=True`,
    `heading_only=True` (no content and no deliverables).
    """

    class Meta:
        model = Task
        skip_postgeneration_save = True

    class Params:
        once = factory.Trait(
            due_kind=DueKind.ONCE, due_on=date(2025, 6, 30), time_text="Quý II năm 2025"
        )
        until = factory.Trait(due_kind=DueKind.UNTIL, due_on=LAST_DAY, time_text="Đến 2030")
        by_law = factory.Trait(due_kind=DueKind.BY_LAW, time_text="Theo quy định pháp luật")

    plan = factory.SubFactory(PlanFactory)
    section = factory.SubFactory(SectionFactory, plan=factory.SelfAttribute("..plan"))
    position = factory.LazyAttribute(lambda task: task.plan.tasks.count() + 1)
    code = factory.LazyAttribute(lambda task: f"{task.section.code}.{task.position}")
    text = factory.LazyAttribute(lambda task: f"Tổ chức thực hiện nội dung số {task.position}")
    short_text = factory.LazyAttribute(lambda task: task.text[:160])
    due_kind = DueKind.YEARLY
    due_on = None
    time_text = "Hàng năm"

    @factory.post_generation
    def lead(task, create, bodies, **fields):
        _add_parties(task, PartyRole.LEAD, bodies or ())

    @factory.post_generation
    def coordinating(task, create, bodies, **fields):
        _add_parties(task, PartyRole.COORDINATING, bodies or ())

    @factory.post_generation
    def deliverables(task, create, wanted, **fields):
        if wanted is None:
            wanted = [] if task.heading_only else [(task.short_text, 100, [])]
        for position, (title, weight, kinds) in enumerate(wanted, start=1):
            Deliverable.objects.create(
                task=task, title=title, weight=weight, evidence_kinds=kinds, position=position
            )


def _add_parties(task, role, bodies):
    for position, body in enumerate(bodies, start=1):
        if isinstance(body, Group):
            where, name = {"kind": PartyKind.GROUP, "group": body}, body.name
        else:
            name = body.versions.order_by("-valid").first().short_name
            where = {"kind": PartyKind.NAMED, "organisation": body}
        Party.objects.create(task=task, role=role, name=name, text=name, position=position, **where)


class AssignmentFactory(factory.django.DjangoModelFactory):
    """What one body owes for one yearly task in 2026, nothing done yet.

    AssignmentFactory(year=2027, organisation=body, task=task, role=PartyRole.COORDINATING)
    Traits: `complete=True` (on 1/10 of its year), `late=True` (complete the year after).
    """

    class Meta:
        model = Assignment

    class Params:
        complete = factory.Trait(
            achievement=Achievement.COMPLETE,
            done_on=factory.LazyAttribute(lambda row: date(row.year, 10, 1)),
        )
        late = factory.Trait(
            achievement=Achievement.COMPLETE,
            done_on=factory.LazyAttribute(lambda row: date(row.year + 1, 1, 20)),
        )

    task = factory.SubFactory(TaskFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = PartyRole.LEAD
    year = 2026
    period_start = factory.LazyAttribute(lambda row: max(date(row.year, 1, 1), FIRST_DAY))
    period_end = factory.LazyAttribute(lambda row: date(row.year + 1, 1, 1))
    resolved_on = factory.SelfAttribute("period_start")
    due_on = factory.LazyAttribute(lambda row: date(row.year, 12, 31))
    due_why = [
        {"text": "Hạn ghi theo năm: ngày cuối của năm.", "rule": "", "source": "", "day": ""}
    ]
    created_at = datetime(2025, 3, 25, 9, tzinfo=VIETNAM)
    updated_at = factory.SelfAttribute("created_at")


class ProgressUpdateFactory(factory.django.DjangoModelFactory):
    """One telling of progress on 1 September of the assignment's year, by its clerk."""

    class Meta:
        model = ProgressUpdate

    assignment = factory.SubFactory(AssignmentFactory)
    narrative = factory.Sequence(lambda n: f"Đã tổ chức hội nghị phổ biến, đợt {n}.")
    achievement = Achievement.LIMITED
    made_by = factory.SubFactory(
        PersonFactory, organisation=factory.SelfAttribute("..assignment.organisation")
    )
    made_at = factory.LazyAttribute(
        lambda row: datetime(row.assignment.year, 9, 1, 9, tzinfo=VIETNAM)
    )


class EvidenceFactory(factory.django.DjangoModelFactory):
    """A document as evidence. Traits: `link=…` a link instead of a file, `withdrawn=True`."""

    class Meta:
        model = Evidence

    class Params:
        withdrawn = factory.Trait(
            withdrawn_by=factory.SelfAttribute("added_by"),
            withdrawn_at=factory.LazyFunction(timezone.now),
            withdrawn_reason="Nhầm tệp",
        )

    assignment = factory.SubFactory(AssignmentFactory)
    kind = EvidenceKind.DOCUMENT
    title = factory.Sequence(lambda n: f"Báo cáo kết quả đợt {n}")
    link = ""
    added_by = factory.SubFactory(
        PersonFactory, organisation=factory.SelfAttribute("..assignment.organisation")
    )
    upload = factory.Maybe(
        "link",
        None,
        factory.SubFactory(UploadFactory, uploaded_by=factory.SelfAttribute("..added_by")),
    )
    added_at = factory.LazyAttribute(
        lambda row: datetime(row.assignment.year, 9, 1, 10, tzinfo=VIETNAM)
    )
    first_added_at = factory.SelfAttribute("added_at")


class ContributionRequestFactory(factory.django.DjangoModelFactory):
    """What the lead of a task asks of a coordinator by 15/10/2026, waiting."""

    class Meta:
        model = ContributionRequest

    lead = factory.SubFactory(AssignmentFactory)
    assignment = factory.SubFactory(
        AssignmentFactory,
        task=factory.SelfAttribute("..lead.task"),
        role=PartyRole.COORDINATING,
    )
    text = factory.Sequence(lambda n: f"Gửi số liệu cơ sở, đợt {n}.")
    due_on = date(2026, 10, 15)
    asked_by = factory.SubFactory(
        PersonFactory, organisation=factory.SelfAttribute("..lead.organisation")
    )
    asked_at = datetime(2026, 9, 20, 9, tzinfo=VIETNAM)


class SubtaskFactory(factory.django.DjangoModelFactory):
    """A part of an assignment for the office of the body, by 15/10/2026, open.

    Traits: `done=True`, `dropped=True`.
    """

    class Meta:
        model = Subtask

    class Params:
        done = factory.Trait(done_on=date(2026, 9, 25), done_by=factory.SelfAttribute("made_by"))
        dropped = factory.Trait(
            dropped_by=factory.SelfAttribute("made_by"),
            dropped_at=datetime(2026, 9, 26, 9, tzinfo=VIETNAM),
        )

    assignment = factory.SubFactory(AssignmentFactory)
    title = factory.Sequence(lambda n: f"Soạn dự thảo, phần {n}")
    division = "Văn phòng"
    due_on = date(2026, 10, 15)
    made_by = factory.SubFactory(
        PersonFactory, organisation=factory.SelfAttribute("..assignment.organisation")
    )
    made_at = datetime(2026, 9, 20, 9, tzinfo=VIETNAM)


class DeadlineExtensionFactory(factory.django.DjangoModelFactory):
    """Three months more for an assignment, asked for by its head in time, waiting.

    Trait: `late=True` (asked for after the due day, so that the clock runs on).
    """

    class Meta:
        model = DeadlineExtension
        skip_postgeneration_save = True

    class Params:
        late = factory.Trait(
            asked_at=factory.LazyAttribute(
                lambda row: datetime(row.assignment.year + 1, 1, 5, 9, tzinfo=VIETNAM)
            )
        )

    assignment = factory.SubFactory(AssignmentFactory)
    reason = factory.Sequence(lambda n: f"Đang chờ kết quả đấu thầu thiết bị, đợt {n}.")
    due_on_before = factory.SelfAttribute("assignment.due_on")
    proposed_due_on = factory.LazyAttribute(lambda row: row.due_on_before + timedelta(days=90))
    asked_by = factory.SubFactory(
        PersonFactory,
        role=Role.UNIT_HEAD,
        organisation=factory.SelfAttribute("..assignment.organisation"),
    )
    asked_at = factory.LazyAttribute(
        lambda row: datetime(row.assignment.year, 9, 20, 9, tzinfo=VIETNAM)
    )

    @factory.post_generation
    def stop_the_clock(extension, create, extracted, **fields):
        if extension.was_in_time and extension.is_waiting:
            extension.assignment.is_paused = True
            extension.assignment.save(update_fields=["is_paused"])


class LockExceptionFactory(factory.django.DjangoModelFactory):
    """The results of 2026 of one body, to be opened for a year from now, waiting for approval."""

    class Meta:
        model = LockException

    plan = factory.SubFactory(PlanFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    kind = LockKind.YEAR
    number = 2026
    title = "Kết quả năm 2026"
    reason = "Ghi nhầm ngày hoàn thành."
    expires_at = factory.LazyAttribute(lambda row: row.requested_at + timedelta(days=365))
    requested_by = factory.SubFactory(
        PersonFactory, organisation=factory.SelfAttribute("..organisation")
    )
    requested_at = factory.LazyFunction(timezone.now)


class DifficultyFactory(factory.django.DjangoModelFactory):
    """A difficulty waiting for an answer. Traits: `answered=True`, `escalated=True`."""

    class Meta:
        model = Difficulty

    class Params:
        answered = factory.Trait(
            state=DifficultyState.ANSWERED,
            answer="Cơ quan tự cân đối trong dự toán được giao.",
            answered_by=factory.SubFactory(
                PersonFactory,
                role=Role.DEPARTMENT_COORDINATOR,
                organisation=factory.SelfAttribute("..plan.managed_by"),
            ),
            answered_at=factory.LazyAttribute(lambda row: row.raised_at + timedelta(days=3)),
        )
        escalated = factory.Trait(
            state=DifficultyState.ESCALATED,
            escalation="Đề nghị UBND tỉnh bố trí kinh phí.",
            escalated_by=factory.SubFactory(
                PersonFactory,
                role=Role.DEPARTMENT_COORDINATOR,
                organisation=factory.SelfAttribute("..plan.managed_by"),
            ),
            escalated_at=factory.LazyAttribute(lambda row: row.raised_at + timedelta(days=3)),
        )

    plan = factory.SubFactory(PlanFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"Chưa có kinh phí thử nghiệm mẫu {n}")
    text = "Dự toán đầu năm chưa bố trí kinh phí thử nghiệm mẫu ở cấp xã."
    raised_by = factory.SubFactory(
        PersonFactory, organisation=factory.SelfAttribute("..organisation")
    )
    raised_at = datetime(2026, 9, 1, 9, tzinfo=VIETNAM)
    answer_due_on = date(2026, 9, 10)


class PlanImportFactory(factory.django.DjangoModelFactory):
    """An open reading of a text file. Give `reading` and `draft`, or take the empty ones."""

    class Meta:
        model = PlanImport

    class Params:
        abandoned = factory.Trait(state=ImportState.ABANDONED)

    managed_by = factory.SubFactory(OrganisationFactory)
    created_by = factory.SubFactory(
        PersonFactory,
        role=Role.DEPARTMENT_COORDINATOR,
        organisation=factory.SelfAttribute("..managed_by"),
    )
    updated_by = factory.SelfAttribute("created_by")
    upload = factory.SubFactory(
        UploadFactory, name="quyet-dinh.txt", uploaded_by=factory.SelfAttribute("..created_by")
    )
    reading = factory.LazyFunction(dict)
    draft = factory.LazyFunction(dict)
    created_at = factory.LazyFunction(timezone.now)
    updated_at = factory.SelfAttribute("created_at")


def complete(assignment, *, at):
    """Done at a moment, as the operation would leave it; the history has it from then on."""
    Assignment.objects.filter(pk=assignment.pk).update(
        achievement=Achievement.COMPLETE, done_on=timezone.localdate(at), updated_at=at
    )


def any_is_enough(task, *, at):
    """Any one of the bodies that lead the task is enough, as things stand at a moment."""
    task.lead_mode = LeadMode.ANY
    task.save(update_fields=["lead_mode"])
    settle_any_of([task.pk], at=at)


def answer(request, *, narrative, at):
    """The coordinator gives the part that was asked for."""
    answer_request(
        actor=clerk_of(request.assignment.organisation),
        request=request,
        version=request.version,
        assignment_version=request.assignment.version,
        narrative=narrative,
        achievement=Achievement.LIMITED,
        at=at,
    )


class UrgingFactory(factory.django.DjangoModelFactory):
    """An act of urging without its letters: those are drawn by the operation."""

    class Meta:
        model = Urging

    plan = factory.SubFactory(PlanFactory)
    made_by = factory.SelfAttribute("plan.approved_by")
    made_at = factory.LazyFunction(timezone.now)


class FateDecisionFactory(factory.django.DjangoModelFactory):
    """A proposal that some assignments be closed; what makes it hold is the operation's."""

    class Meta:
        model = FateDecision
        skip_postgeneration_save = True

    plan = factory.SubFactory(PlanFactory)
    kind = FateKind.CLOSE
    basis = "Nghị quyết 1664/NQ-UBTVQH15"
    proposed_by = factory.SelfAttribute("plan.approved_by")
    proposed_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def of(decision, _create, assignments, **_more):
        Fate.objects.bulk_create(
            Fate(
                decision=decision,
                assignment=one,
                body_ended_on=timezone.localdate(),
                from_day=timezone.localdate(),
            )
            for one in assignments or ()
        )


def close(assignment, *, on, at):
    """Closed because its body was no more from a day on, as a decision approved at a moment leaves it."""
    decision = FateDecisionFactory(plan=assignment.task.plan, of=[assignment])
    decision.fates.update(state=FateState.APPROVED)
    Assignment.objects.filter(pk=assignment.pk).update(
        closed_on=on, due_on=None, period_end=on, updated_at=at
    )
    assignment.refresh_from_db()
