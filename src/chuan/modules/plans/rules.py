"""Who may do what with plans, and when. One sentence of policy a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.rules import require_extension_move, require_other_person
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.enums import (
    DIFFICULTY_MOVES,
    FATE_MOVES,
    IMPORT_MOVES,
    REQUEST_MOVES,
    DifficultyState,
    ExceptionState,
    FateState,
    ImportState,
    LockKind,
    PartyRole,
    PlanState,
    RequestState,
)
from chuan.modules.plans.models import (
    Assignment,
    ContributionRequest,
    DeadlineExtension,
    Difficulty,
    Evidence,
    FateDecision,
    LockException,
    Plan,
    PlanImport,
    Subtask,
    Task,
    YearLock,
)

UNIT = (Role.UNIT_CLERK, Role.UNIT_HEAD)
DEPARTMENT = (Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER)
OVERSIGHT = (Role.PROVINCIAL_LEADER, Role.AUDITOR)


class Conflict(Exception):
    """Somebody saved after this person opened the page; nothing was overwritten.

    `stored` is the row as it is now.
    """

    def __init__(self, stored: object) -> None:
        super().__init__(_("Nội dung này vừa được người khác sửa."))
        self.stored = stored


# ---------------------------------------------------------------- where somebody stands


def own_organisation_ids(person: Person) -> frozenset[int]:
    """The bodies whose work this person does or signs."""
    return person.organisation_ids(*UNIT)


def readable_organisation_ids(person: Person) -> frozenset[int]:
    """Those, and the bodies they worked in until these were dissolved: their archive stays theirs
    to read."""
    return own_organisation_ids(person) | person.archived_organisation_ids(*UNIT)


def managed_organisation_ids(person: Person) -> frozenset[int]:
    """The departments whose plans this person watches over."""
    return person.organisation_ids(*DEPARTMENT)


# ---------------------------------------------------------------- looking


@rule
def see_plans(actor: Person) -> None:
    """Anyone with a task in the work reads the plans, and whoever had one until their body was
    dissolved; who only manages accounts does not."""
    if not actor.holds(*UNIT, *DEPARTMENT, *OVERSIGHT) and not actor.archived_organisation_ids(
        *UNIT
    ):
        raise Denied(_("Vai trò của bạn không xem nội dung kế hoạch."))


@rule
def sees_every_body(actor: Person) -> None:
    """Leaders of the province and auditors read the work of every body."""
    if not actor.holds(*OVERSIGHT):
        raise Denied(_("Bạn chỉ xem phần việc của cơ quan mình."))


@rule
def see_whole_plan(actor: Person, plan: Plan) -> None:
    """The department that watches over a plan reads all of it, as leaders and auditors do."""
    if not actor.holds(*OVERSIGHT) and plan.managed_by_id not in managed_organisation_ids(actor):
        raise Denied(_("Chỉ cơ quan theo dõi kế hoạch xem được phần việc của mọi cơ quan."))


# ---------------------------------------------------------------- importing a decision


@rule
def start_import(actor: Person, managed_by_id: int) -> None:
    """A coordinator imports decisions for the department they work in."""
    if not actor.holds(Role.DEPARTMENT_COORDINATOR, organisation_id=managed_by_id):
        raise Denied(_("Chỉ chuyên viên theo dõi, tổng hợp được nhập quyết định."))


@rule
def see_import(actor: Person, plan_import: PlanImport) -> None:
    """A reading is seen by the department that makes it and by auditors."""
    in_department = plan_import.managed_by_id in managed_organisation_ids(actor)
    if not in_department and not actor.holds(Role.AUDITOR):
        raise Denied(_("Bản nhập này của cơ quan khác."))


@rule
def edit_import(actor: Person, plan_import: PlanImport) -> None:
    """Coordinators of the department edit a reading while it is open."""
    start_import.require(actor, plan_import.managed_by_id)
    if plan_import.state == ImportState.APPROVED:
        raise Denied(_("Bản nhập đã được phê duyệt; sửa trên kế hoạch đã lập."))
    if plan_import.state == ImportState.ABANDONED:
        raise Denied(_("Bản nhập đã bỏ. Mở lại trước khi sửa."))


@rule
def abandon_import(actor: Person, plan_import: PlanImport) -> None:
    """Coordinators of the department put an open reading aside."""
    start_import.require(actor, plan_import.managed_by_id)
    _require_import_move(plan_import, ImportState.ABANDONED)


@rule
def reopen_import(actor: Person, plan_import: PlanImport) -> None:
    """Coordinators of the department take a reading up again."""
    start_import.require(actor, plan_import.managed_by_id)
    _require_import_move(plan_import, ImportState.OPEN)


@rule
def approve_import(actor: Person, plan_import: PlanImport) -> None:
    """A coordinator of the department makes the plan from an open reading."""
    start_import.require(actor, plan_import.managed_by_id)
    _require_import_move(plan_import, ImportState.APPROVED)
    if plan_import.amends_id is not None:
        raise Denied(_("Bản nhập này sửa đổi một kế hoạch đã có, không lập kế hoạch mới."))


@rule
def amend_plan(actor: Person, plan: Plan, on: date) -> None:
    """What a decision changes in a plan is entered by the coordinators who run it."""
    run_plan.require(actor, plan, on)


@rule
def approve_amendment(actor: Person, plan_import: PlanImport, on: date) -> None:
    """A coordinator who runs the plan makes its next version from an open reading."""
    if plan_import.amends is None:
        raise Denied(_("Bản nhập này lập một kế hoạch mới, không sửa đổi kế hoạch nào."))
    amend_plan.require(actor, plan_import.amends, on)
    _require_import_move(plan_import, ImportState.APPROVED)


def _require_import_move(plan_import: PlanImport, target: ImportState) -> None:
    current = ImportState(plan_import.state)
    if target not in IMPORT_MOVES[current]:
        raise Denied(
            _("Bản nhập đang ở trạng thái “%(now)s”, không chuyển sang “%(next)s” được.")
            % {"now": current.label, "next": target.label}
        )


# ---------------------------------------------------------------- running a plan


@rule
def run_plan(actor: Person, plan: Plan, on: date) -> None:
    """Coordinators of the department that watches over a plan run it while it is in force."""
    if not actor.holds(Role.DEPARTMENT_COORDINATOR, organisation_id=plan.managed_by_id):
        raise Denied(_("Chỉ chuyên viên của cơ quan theo dõi kế hoạch làm được việc này."))
    _require_in_force(plan, on)


@rule
def decide_substitution(actor: Person, plan: Plan, on: date) -> None:
    """Who stands in for a body that is no more is decided by the coordinators who run the plan."""
    run_plan.require(actor, plan, on)


@rule
def link_central_tasks(actor: Person, task: Task, on: date) -> None:
    """What from above a task carries out is said by the coordinators who run the plan."""
    run_plan.require(actor, task.plan, on)


@rule
def end_plan(actor: Person, plan: Plan, on: date) -> None:
    """A plan is ended before its time once, by the coordinators who run it."""
    run_plan.require(actor, plan, on)
    if plan.ended_at is not None:
        raise Denied(
            _("Kế hoạch đã có quyết định kết thúc ngày %(day)s.")
            % {"day": format_date(plan.last_day)}
        )


@rule
def propose_fates(actor: Person, plan: Plan, on: date) -> None:
    """What becomes of the duties of bodies that are no more is proposed by the coordinators who run
    the plan."""
    run_plan.require(actor, plan, on)


@rule
def approve_fates(actor: Person, decision: FateDecision) -> None:
    """The department's leader or another coordinator approves: never the one who proposed."""
    _require_department_of(actor, decision)
    _require_fate_move(decision, FateState.APPROVED)
    if decision.proposed_by_id == actor.pk:
        raise Denied(_("Bạn đã đề xuất quyết định này nên cần một người khác duyệt."))


@rule
def hand_back_fates(actor: Person, decision: FateDecision) -> None:
    """Whoever proposed takes it back; whoever was to approve sends it back."""
    _require_department_of(actor, decision)
    _require_fate_move(decision, FateState.HANDED_BACK)


@rule
def undo_fates(actor: Person, decision: FateDecision) -> None:
    """An approved decision is undone by whoever may approve one."""
    _require_department_of(actor, decision)
    _require_fate_move(decision, FateState.UNDONE)


def _require_department_of(actor: Person, decision: FateDecision) -> None:
    if not actor.holds(*DEPARTMENT, organisation_id=decision.plan.managed_by_id):
        raise Denied(
            _(
                "Chỉ chuyên viên và lãnh đạo cơ quan theo dõi kế hoạch quyết định được nghĩa vụ còn lại."
            )
        )


def _require_fate_move(decision: FateDecision, target: FateState) -> None:
    current = FateState(decision.state)
    if target not in FATE_MOVES[current]:
        raise Denied(
            _("Quyết định đang ở trạng thái “%(now)s”, không chuyển sang “%(next)s” được.")
            % {"now": current.label, "next": target.label}
        )


@rule
def edit_deliverables(actor: Person, task: Task, on: date) -> None:
    """What proves a task is set by the coordinators who run the plan."""
    run_plan.require(actor, task.plan, on)
    if task.heading_only:
        raise Denied(_("Nhiệm vụ này chỉ theo dõi đầu mục, không đặt kết quả đầu ra."))


# ---------------------------------------------------------------- locks


@rule
def ask_for_exception(actor: Person, plan: Plan, organisation_id: int) -> None:
    """A lock is opened on the word of the body it concerns, or of the department's coordinators."""
    if not actor.holds(*UNIT, organisation_id=organisation_id) and not actor.holds(
        Role.DEPARTMENT_COORDINATOR, organisation_id=plan.managed_by_id
    ):
        raise Denied(_("Chỉ cơ quan bị khóa và chuyên viên theo dõi kế hoạch xin mở khóa được."))


@rule
def approve_exception(actor: Person, exception: LockException, at: datetime) -> None:
    """Somebody else in the department approves it (four eyes) while it waits."""
    _require_keeper(actor, exception)
    state = exception.state_at(at)
    if state != ExceptionState.WAITING:
        raise Denied(_("Đề nghị mở khóa đang ở trạng thái “%s”.") % state.label)
    if actor.pk == exception.requested_by_id:
        raise Denied(_("Người xin mở khóa không tự duyệt: người khác phải duyệt."))


@rule
def close_exception(actor: Person, exception: LockException, at: datetime) -> None:
    """The department refuses or revokes it; who asked takes it back while it waits."""
    state = exception.state_at(at)
    if state not in {ExceptionState.WAITING, ExceptionState.OPEN}:
        raise Denied(_("Đề nghị mở khóa đang ở trạng thái “%s”.") % state.label)
    if actor.pk == exception.requested_by_id and state == ExceptionState.WAITING:
        return
    _require_keeper(actor, exception)


def _require_keeper(actor: Person, exception: LockException) -> None:
    if not actor.holds(*DEPARTMENT, organisation_id=exception.plan.managed_by_id):
        raise Denied(_("Chỉ cơ quan theo dõi kế hoạch duyệt và đóng đề nghị mở khóa."))


def _require_unlocked(assignment: Assignment) -> None:
    if assignment.done_on is None:
        return
    closing = closing_of(assignment)
    if closing is not None and assignment.done_on < closing.on:
        raise Denied(
            _(
                "Nhiệm vụ hoàn thành trước khi báo cáo tổng hợp năm %(year)s được chốt ngày "
                "%(day)s nên kết quả đã khóa. Cần sửa thì xin mở khóa ở trang “Khóa và mở khóa”."
            )
            % {"year": closing.year, "day": format_date(closing.on)}
        )


def _require_evidence_unlocked(evidence: Evidence) -> None:
    _require_unlocked(evidence.assignment)
    closing = closing_of(evidence.assignment)
    if closing is not None and timezone.localdate(evidence.added_at) < closing.on:
        raise Denied(
            _(
                "Minh chứng này đã được tính trong báo cáo tổng hợp năm %(year)s, chốt ngày "
                "%(day)s. Cần sửa thì xin mở khóa ở trang “Khóa và mở khóa”."
            )
            % {"year": closing.year, "day": format_date(closing.on)}
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """A year whose results are closed, and the day on which they were."""

    year: int
    on: date


def closing_of(assignment: Assignment) -> Closing | None:
    """The last closing of a year that the assignment's period touches; none while all are open, or
    opened for the body. `engine/locks.py` says the same in SQL."""
    plan = assignment.task.plan_id
    last = assignment.period_end - timedelta(days=1)
    opened = exceptions_open(LockKind.YEAR).filter(
        plan=plan, organisation=assignment.organisation_id
    )
    lock = (
        YearLock.objects.filter(plan=plan, year__range=(assignment.period_start.year, last.year))
        .exclude(year__in=opened.values("number"))
        .order_by("-locked_at")
        .first()
    )
    return Closing(lock.year, timezone.localdate(lock.locked_at)) if lock else None


def lock_is_open(plan_id: int, organisation_id: int, kind: LockKind, number: int) -> bool:
    """Whether an approved exception opens a lock for a body at this moment."""
    rows = exceptions_open(kind).filter(plan=plan_id, organisation=organisation_id, number=number)
    return rows.exists()


def exceptions_open(kind: LockKind) -> QuerySet[LockException]:
    """Approved exceptions that open a lock of this kind at this moment."""
    return LockException.objects.filter(
        kind=kind,
        approved_at__isnull=False,
        closed_at__isnull=True,
        expires_at__gt=timezone.now(),
    )


def _require_in_force(plan: Plan, on: date) -> None:
    state = plan.state_on(on)
    if state != PlanState.IN_FORCE:
        raise Denied(
            _("Kế hoạch ở trạng thái “%(state)s” từ sau ngày %(day)s, không ghi thêm được.")
            % {"state": state.label, "day": format_date(plan.last_day)}
        )


def _require_duty(plan: Plan, on: date) -> None:
    """Work goes on after a plan has run its course: what is late is still told, and counted as
    late. A plan ended before its time leaves nothing to be done."""
    if plan.ended_at is not None:
        _require_in_force(plan, on)


# ---------------------------------------------------------------- doing the work


@rule
def see_assignment(actor: Person, assignment: Assignment) -> None:
    """The body itself, the department that watches over the plan, leaders and auditors."""
    if assignment.organisation_id in readable_organisation_ids(actor):
        return
    see_whole_plan.require(actor, assignment.task.plan)


@rule
def post_update(actor: Person, assignment: Assignment, on: date) -> None:
    """Clerk and head tell the progress of their own body, from the day its period begins."""
    if not actor.holds(*UNIT, organisation_id=assignment.organisation_id):
        raise Denied(_("Chỉ cán bộ đầu mối và thủ trưởng của cơ quan được giao ghi tiến độ."))
    _require_duty(assignment.task.plan, on)
    if assignment.closed_on is not None:
        raise Denied(
            _(
                "Phân công đã đóng từ ngày %(day)s theo quyết định xử lý nghĩa vụ, không ghi thêm được."
            )
            % {"day": format_date(assignment.closed_on)}
        )
    if on < assignment.period_start:
        raise Denied(
            _("Kỳ thực hiện bắt đầu từ %(day)s, chưa ghi tiến độ được.")
            % {"day": f"{assignment.period_start:%d/%m/%Y}"}
        )
    _require_unlocked(assignment)


@rule
def add_evidence(actor: Person, assignment: Assignment, on: date) -> None:
    """Evidence is added by those who tell the progress; a heading-only task takes none."""
    if assignment.task.heading_only:
        raise Denied(_("Nhiệm vụ này chỉ theo dõi đầu mục: không nhận nội dung và tệp."))
    post_update.require(actor, assignment, on)


@rule
def replace_evidence(actor: Person, evidence: Evidence, on: date) -> None:
    """A body puts a corrected version in the place of evidence of its own that counts."""
    add_evidence.require(actor, evidence.assignment, on)
    if evidence.withdrawn_at is not None:
        raise Denied(_("Minh chứng này đã được rút hoặc thay bằng bản mới."))
    _require_evidence_unlocked(evidence)


@rule
def withdraw_evidence(actor: Person, evidence: Evidence, on: date) -> None:
    """A body withdraws its own evidence, once, as long as it may tell progress."""
    if not actor.holds(*UNIT, organisation_id=evidence.assignment.organisation_id):
        raise Denied(_("Chỉ cơ quan đã thêm minh chứng rút được."))
    _require_duty(evidence.assignment.task.plan, on)
    if evidence.withdrawn_at is not None:
        raise Denied(_("Minh chứng này đã được rút."))
    _require_evidence_unlocked(evidence)


# ---------------------------------------------------------------- inside a body


@rule
def see_subtasks(actor: Person, assignment: Assignment) -> None:
    """How a body shares out its work is read inside the body alone: not by the department that
    watches over the plan, nor by leaders and auditors."""
    if assignment.organisation_id not in readable_organisation_ids(actor):
        raise Denied(_("Việc chia trong nội bộ chỉ cơ quan đó xem."))


@rule
def share_out(actor: Person, assignment: Assignment, on: date) -> None:
    """Head and clerk share out what their body owes; nothing of a task followed by its heading."""
    if not actor.holds(*UNIT, organisation_id=assignment.organisation_id):
        raise Denied(_("Chỉ cán bộ đầu mối và thủ trưởng chia việc của cơ quan mình."))
    if assignment.task.heading_only:
        raise Denied(_("Nhiệm vụ này chỉ theo dõi đầu mục: không nhận nội dung và tệp."))
    _require_duty(assignment.task.plan, on)
    if assignment.closed_on is not None:
        raise Denied(_("Phân công đã đóng, không chia việc được nữa."))


@rule
def change_subtask(actor: Person, subtask: Subtask, on: date) -> None:
    """Whoever shares out changes or drops a part that is not done."""
    share_out.require(actor, subtask.assignment, on)
    _require_not_dropped(subtask)
    if subtask.done_on is not None:
        raise Denied(_("Phần việc đã xong. Ghi lại là chưa xong trước khi sửa."))


@rule
def restore_subtask(actor: Person, subtask: Subtask, on: date) -> None:
    """Whoever shares out takes up again what was dropped."""
    share_out.require(actor, subtask.assignment, on)
    if subtask.dropped_at is None:
        raise Denied(_("Phần việc này không bị bỏ."))


@rule
def finish_subtask(actor: Person, subtask: Subtask, on: date) -> None:
    """The body's head and clerk, and thereby the person it is for, tell that a part is done."""
    share_out.require(actor, subtask.assignment, on)
    _require_not_dropped(subtask)
    if subtask.done_on is not None:
        raise Denied(_("Phần việc này đã ghi xong."))


@rule
def reopen_subtask(actor: Person, subtask: Subtask, on: date) -> None:
    """The same people say that it is not done after all."""
    share_out.require(actor, subtask.assignment, on)
    _require_not_dropped(subtask)
    if subtask.done_on is None:
        raise Denied(_("Phần việc này chưa ghi xong."))


def _require_not_dropped(subtask: Subtask) -> None:
    if subtask.dropped_at is not None:
        raise Denied(_("Phần việc này đã bỏ."))


# ---------------------------------------------------------------- asking coordinators


@rule
def ask_for_part(actor: Person, lead: Assignment, on: date) -> None:
    """A body that leads a task asks those that coordinate in it; what is followed by its heading
    alone is asked about on paper."""
    if lead.role != PartyRole.LEAD or not actor.holds(*UNIT, organisation_id=lead.organisation_id):
        raise Denied(_("Chỉ cơ quan chủ trì nhiệm vụ đề nghị cơ quan phối hợp góp phần."))
    if lead.task.heading_only:
        raise Denied(_("Nhiệm vụ này chỉ theo dõi đầu mục: không nhận nội dung và tệp."))
    post_update.require(actor, lead, on)


@rule
def answer_request(actor: Person, request: ContributionRequest, on: date) -> None:
    """The body that was asked answers, as it tells progress, while the request waits."""
    _require_asked_body(actor, request)
    post_update.require(actor, request.assignment, on)
    _require_request_move(request, RequestState.ANSWERED)


@rule
def decline_request(actor: Person, request: ContributionRequest) -> None:
    """The body that was asked declines while the request waits."""
    _require_asked_body(actor, request)
    _require_request_move(request, RequestState.DECLINED)


@rule
def withdraw_request(actor: Person, request: ContributionRequest) -> None:
    """The body that asked takes its request back while it waits."""
    if not actor.holds(*UNIT, organisation_id=request.lead.organisation_id):
        raise Denied(_("Chỉ cơ quan đã đề nghị rút được đề nghị."))
    _require_request_move(request, RequestState.WITHDRAWN)


def _require_asked_body(actor: Person, request: ContributionRequest) -> None:
    if not actor.holds(*UNIT, organisation_id=request.assignment.organisation_id):
        raise Denied(_("Chỉ cơ quan được đề nghị trả lời hoặc từ chối."))


def _require_request_move(request: ContributionRequest, target: RequestState) -> None:
    current = RequestState(request.state)
    if target not in REQUEST_MOVES[current]:
        raise Denied(
            _("Đề nghị đang ở trạng thái “%(now)s”, không chuyển sang “%(next)s” được.")
            % {"now": current.label, "next": target.label}
        )


# ---------------------------------------------------------------- more time


@rule
def ask_for_extension(actor: Person, assignment: Assignment, on: date) -> None:
    """The head of a body asks for more time, before or after the due day, as long as something is
    still owed; of what is followed by its heading alone on paper."""
    if not actor.holds(Role.UNIT_HEAD, organisation_id=assignment.organisation_id):
        raise Denied(_("Chỉ thủ trưởng cơ quan được giao xin gia hạn."))
    _require_duty(assignment.task.plan, on)
    if assignment.task.heading_only:
        raise Denied(_("Nhiệm vụ này chỉ theo dõi đầu mục: xin gia hạn theo đường văn bản mật."))
    if assignment.done_on is not None:
        raise Denied(_("Nhiệm vụ đã hoàn thành, không cần gia hạn."))
    if assignment.relieved_on is not None:
        raise Denied(_("Cơ quan khác đã hoàn thành nhiệm vụ này, không cần gia hạn."))
    if assignment.due_on is None:
        raise Denied(_("Nhiệm vụ này không có ngày hạn nên không có gì để gia hạn."))


@rule
def decide_extension(actor: Person, extension: DeadlineExtension) -> None:
    """The department that watches over the plan decides while it waits, never who asked."""
    plan = extension.assignment.task.plan
    if not actor.holds(*DEPARTMENT, organisation_id=plan.managed_by_id):
        raise Denied(_("Chỉ cơ quan theo dõi kế hoạch quyết định gia hạn."))
    require_extension_move(extension, ExtensionState.GRANTED)
    require_other_person(actor, extension)


@rule
def grant_extension(actor: Person, extension: DeadlineExtension) -> None:
    """Whoever decides grants it, unless that would judge anew what a closed year has counted."""
    decide_extension.require(actor, extension)
    _require_unlocked(extension.assignment)


@rule
def withdraw_extension(actor: Person, extension: DeadlineExtension) -> None:
    """The head of the body that asked takes it back while it waits."""
    if not actor.holds(Role.UNIT_HEAD, organisation_id=extension.assignment.organisation_id):
        raise Denied(_("Chỉ thủ trưởng cơ quan đã xin rút được đề nghị gia hạn."))
    require_extension_move(extension, ExtensionState.WITHDRAWN)


# ---------------------------------------------------------------- difficulties


@rule
def see_difficulty(actor: Person, difficulty: Difficulty) -> None:
    """The body that raised it, the department that answers, leaders and auditors."""
    if difficulty.organisation_id in readable_organisation_ids(actor):
        return
    see_whole_plan.require(actor, difficulty.plan)


@rule
def raise_difficulty(
    actor: Person, plan: Plan, organisation_id: int, on: date, task: Task | None = None
) -> None:
    """Clerk and head put their body's difficulties in writing while the plan is in force; none
    about a heading-only task, of which no content is kept."""
    if not actor.holds(*UNIT, organisation_id=organisation_id):
        raise Denied(_("Chỉ cán bộ đầu mối và thủ trưởng nêu vướng mắc của cơ quan mình."))
    if task is not None and task.heading_only:
        raise Denied(
            _(
                "Nhiệm vụ này chỉ theo dõi đầu mục: không nhận nội dung vướng mắc. "
                "Gửi vướng mắc theo đường văn bản mật."
            )
        )
    _require_in_force(plan, on)


@rule
def withdraw_difficulty(actor: Person, difficulty: Difficulty) -> None:
    """A body withdraws its difficulty before it is answered."""
    if not actor.holds(*UNIT, organisation_id=difficulty.organisation_id):
        raise Denied(_("Chỉ cơ quan đã nêu vướng mắc rút được."))
    _require_difficulty_move(difficulty, DifficultyState.WITHDRAWN)


@rule
def answer_difficulty(actor: Person, difficulty: Difficulty) -> None:
    """The department that watches over the plan guides how to go on."""
    _require_department(actor, difficulty)
    _require_difficulty_move(difficulty, DifficultyState.ANSWERED)


@rule
def escalate_difficulty(actor: Person, difficulty: Difficulty) -> None:
    """The department puts to the province what it cannot settle itself, answered or not."""
    _require_department(actor, difficulty)
    _require_difficulty_move(difficulty, DifficultyState.ESCALATED)


@rule
def settle_difficulty(actor: Person, difficulty: Difficulty) -> None:
    """The province's direction is given by its leader, or recorded by the department."""
    if not actor.holds(Role.PROVINCIAL_LEADER):
        _require_department(actor, difficulty)
    _require_difficulty_move(difficulty, DifficultyState.SETTLED)


def _require_department(actor: Person, difficulty: Difficulty) -> None:
    if not actor.holds(*DEPARTMENT, organisation_id=difficulty.plan.managed_by_id):
        raise Denied(_("Chỉ cơ quan theo dõi kế hoạch xử lý được vướng mắc."))


def _require_difficulty_move(difficulty: Difficulty, target: DifficultyState) -> None:
    current = DifficultyState(difficulty.state)
    if target not in DIFFICULTY_MOVES[current]:
        raise Denied(
            _("Vướng mắc đang ở trạng thái “%(now)s”, không chuyển sang “%(next)s” được.")
            % {"now": current.label, "next": target.label}
        )


# ---------------------------------------------------------------- urging


@rule
def urge(actor: Person, plan: Plan) -> None:
    """Coordinators of the department that watches over a plan urge those who are late with it."""
    if not actor.holds(Role.DEPARTMENT_COORDINATOR, organisation_id=plan.managed_by_id):
        raise Denied(
            _("Chỉ chuyên viên theo dõi, tổng hợp của kế hoạch này được lập công văn đôn đốc.")
        )
