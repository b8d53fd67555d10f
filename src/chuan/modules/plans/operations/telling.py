"""Who is told what: of a difficulty the department and its body, of a request the body asked and
the one that asks, of more time the one that decides and the one that asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.calendar.enums import ExtensionState
from chuan.core.notices.operations import tell
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.core.people.queries import holders
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date, format_number
from chuan.modules.plans import rules
from chuan.modules.plans.enums import DifficultyState, RequestState
from chuan.modules.plans.models import (
    Assignment,
    ContributionRequest,
    DeadlineExtension,
    Difficulty,
    FateDecision,
    LockException,
    Subtask,
)


@in_vietnamese
def difficulty_raised(difficulty: Difficulty, *, by: Person) -> None:
    due = difficulty.answer_due_on
    _tell(
        difficulty,
        holders(Role.DEPARTMENT_COORDINATOR, organisation_ids=[difficulty.plan.managed_by_id]),
        but=by,
        title=_("Vướng mắc mới: %s") % difficulty.title,
        body=_("Hạn trả lời: %s.") % format_date(due) if due else "",
    )


@in_vietnamese
def difficulty_dealt_with(difficulty: Difficulty, *, by: Person) -> None:
    """Its body learns of an answer, of going to the province, and of the province's direction."""
    said = {
        DifficultyState.ANSWERED: (_("Vướng mắc đã được trả lời: %s"), difficulty.answer),
        DifficultyState.ESCALATED: (_("Vướng mắc đã trình UBND tỉnh: %s"), difficulty.escalation),
        DifficultyState.SETTLED: (_("UBND tỉnh đã chỉ đạo về vướng mắc: %s"), difficulty.direction),
    }
    title, body = said[DifficultyState(difficulty.state)]
    people = holders(*rules.UNIT, organisation_ids=[difficulty.organisation_id])
    _tell(difficulty, people, but=by, title=title % difficulty.title, body=body)


def _tell(
    difficulty: Difficulty, people: Iterable[Person], *, but: Person, title: str, body: str
) -> None:
    tell(
        [person for person in people if person != but],
        dedupe_key=f"plans.difficulty:{difficulty.pk}:{difficulty.version}",
        title=title,
        body=body,
        url=reverse("plans:difficulty", args=[difficulty.pk]),
    )


@in_vietnamese
def part_asked(request: ContributionRequest, *, by: Person) -> None:
    task = request.assignment.task
    _tell_bodies(
        request,
        [request.assignment.organisation_id],
        "asked",
        title=_("Đề nghị góp phần cho nhiệm vụ %s") % task.code,
        body=_("Cần có trước hết ngày %(day)s: %(text)s")
        % {"day": format_date(request.due_on), "text": request.text},
        but=by,
    )


@in_vietnamese
def part_dealt_with(request: ContributionRequest, *, by: Person) -> None:
    """The lead learns of a contribution and of a refusal, the body asked that it was taken back."""
    code = request.assignment.task.code
    lead, asked = request.lead.organisation_id, request.assignment.organisation_id
    title, body, whom = {
        RequestState.ANSWERED: (
            _("Cơ quan phối hợp đã góp phần cho nhiệm vụ %s"),
            request.update.narrative if request.update else "",
            lead,
        ),
        RequestState.DECLINED: (
            _("Cơ quan phối hợp từ chối góp phần cho nhiệm vụ %s"),
            request.reason,
            lead,
        ),
        RequestState.WITHDRAWN: (
            _("Đề nghị góp phần cho nhiệm vụ %s đã được rút"),
            request.reason,
            asked,
        ),
    }[RequestState(request.state)]
    _tell_bodies(request, [whom], request.state, title=title % code, body=body, but=by)


@in_vietnamese
def part_outlived(request: ContributionRequest, *, by: Person) -> None:
    """Both sides learn that nobody waits any more, because the plan ends."""
    _tell_bodies(
        request,
        [request.lead.organisation_id, request.assignment.organisation_id],
        "outlived",
        title=_("Đề nghị góp phần cho nhiệm vụ %s đã đóng") % request.assignment.task.code,
        body=request.reason,
        but=by,
    )


def _tell_bodies(
    request: ContributionRequest,
    organisation_ids: list[int],
    event: str,
    *,
    title: str,
    body: str,
    but: Person | None = None,
) -> None:
    for pk in organisation_ids:
        # Each body reads it beside its own assignment.
        mine = request.lead if pk == request.lead.organisation_id else request.assignment
        tell(
            [one for one in holders(*rules.UNIT, organisation_ids=[pk]) if one != but],
            dedupe_key=f"plans.part_{event}:{request.pk}",
            title=title,
            body=body,
            url=reverse("plans:assignment", args=[mine.pk]),
        )


@in_vietnamese
def extension_asked(extension: DeadlineExtension, *, by: Person) -> None:
    """Those who decide learn of it."""
    assignment = extension.assignment
    department = [assignment.task.plan.managed_by_id]
    tell(
        [one for one in holders(*rules.DEPARTMENT, organisation_ids=department) if one != by],
        dedupe_key=f"plans.extension_asked:{extension.pk}",
        title=_("Đề nghị gia hạn nhiệm vụ %s") % assignment.task.code,
        body=_("Từ %(before)s đến %(after)s: %(reason)s")
        % {
            "before": format_date(extension.due_on_before),
            "after": format_date(extension.proposed_due_on),
            "reason": extension.reason,
        },
        url=reverse("plans:extension", args=[extension.pk]),
    )


@in_vietnamese
def extension_decided(extension: DeadlineExtension, *, by: Person) -> None:
    """The body learns what was decided; of what it took back itself its own people only."""
    assignment = extension.assignment
    day = extension.granted_due_on
    title = {
        ExtensionState.GRANTED: _("Đã gia hạn nhiệm vụ %(code)s đến %(day)s"),
        ExtensionState.REFUSED: _("Không đồng ý gia hạn nhiệm vụ %(code)s"),
        ExtensionState.WITHDRAWN: _("Đề nghị gia hạn nhiệm vụ %(code)s đã được rút"),
    }[ExtensionState(extension.state)]
    body = [assignment.organisation_id]
    tell(
        [one for one in holders(*rules.UNIT, organisation_ids=body) if one != by],
        dedupe_key=f"plans.extension_{extension.state}:{extension.pk}",
        title=title % {"code": assignment.task.code, "day": format_date(day) if day else ""},
        body=extension.answer,
        url=reverse("plans:assignment", args=[assignment.pk]),
    )


def done_by_another() -> str:
    return _("Cơ quan khác đã hoàn thành nhiệm vụ chỉ cần một cơ quan làm.")


@in_vietnamese
def shared_task_settled(
    relieved: Iterable[Assignment], owing: Iterable[Assignment], *, at: datetime
) -> None:
    """Of a task of which one body is enough: who need not do it any more, and who has to again."""
    said = [
        (relieved, _("Cơ quan bạn không còn phải làm nhiệm vụ %s"), done_by_another()),
        (
            owing,
            _("Cơ quan bạn lại phải làm nhiệm vụ %s"),
            _("Cơ quan đã ghi hoàn thành nay ghi chưa xong."),
        ),
    ]
    for rows, title, body in said:
        for row in rows:
            tell(
                holders(*rules.UNIT, organisation_ids=[row.organisation_id]),
                dedupe_key=f"plans.any_of:{row.pk}:{at.isoformat()}",
                title=title % row.task.code,
                body=body,
                url=reverse("plans:assignment", args=[row.pk]),
            )


@in_vietnamese
def subtask_given(subtask: Subtask, *, by: Person) -> None:
    """The person who is to do it learns of it; nobody outside the body does."""
    if subtask.person is None or subtask.person == by:
        return
    due = subtask.due_on
    tell(
        [subtask.person],
        dedupe_key=f"plans.subtask:{subtask.pk}:{subtask.version}",
        title=_("Bạn được giao phần việc: %s") % subtask.title,
        body=_("Cần xong trước hết ngày %s.") % format_date(due) if due else "",
        url=reverse("plans:assignment", args=[subtask.assignment_id]),
    )


@in_vietnamese
def exception_asked(exception: LockException, *, by: Person) -> None:
    """Those who may approve it learn of it."""
    department = [exception.plan.managed_by_id]
    tell(
        [one for one in holders(*rules.DEPARTMENT, organisation_ids=department) if one != by],
        dedupe_key=f"plans.exception_asked:{exception.pk}",
        title=_("Xin mở khóa: %s") % exception.title,
        body=exception.reason,
        url=reverse("plans:exception", args=[exception.pk]),
    )


@in_vietnamese
def exception_decided(exception: LockException, *, by: Person) -> None:
    """The body learns that it may write, until when, or that it may not."""
    people = holders(*rules.UNIT, organisation_ids=[exception.organisation_id])
    is_closed = exception.closed_at is not None
    until = timezone.localtime(exception.expires_at)
    tell(
        [one for one in {*people, exception.requested_by} if one != by],
        dedupe_key=f"plans.exception_{'closed' if is_closed else 'approved'}:{exception.pk}",
        title=(_("Đề nghị mở khóa đã đóng: %s") if is_closed else _("Đã mở khóa: %s"))
        % exception.title,
        body=exception.closed_reason
        if is_closed
        else _("Sửa được đến %s, sau đó tự khóa lại.") % f"{until:%H:%M %d/%m/%Y}",
        url=reverse("plans:exception", args=[exception.pk]),
    )


@in_vietnamese
def duties_proposed(decision: FateDecision, count: int, *, by: Person) -> None:
    """Whoever may approve learns that a proposal waits."""
    people = holders(*rules.DEPARTMENT, organisation_ids=[decision.plan.managed_by_id])
    tell(
        [one for one in people if one != by],
        dedupe_key=f"plans.fates_proposed:{decision.pk}",
        title=_("Chờ duyệt: xử lý %(count)s nghĩa vụ của cơ quan đã kết thúc")
        % {"count": format_number(count)},
        body=_("%(kind)s, theo %(basis)s.")
        % {"kind": decision.get_kind_display(), "basis": decision.full_basis},
        url=reverse("plans:fate_decision", args=[decision.pk]),
    )


@in_vietnamese
def duties_handed_back(decision: FateDecision) -> None:
    tell(
        [decision.proposed_by],
        dedupe_key=f"plans.fates_handed_back:{decision.pk}",
        title=_("Đề xuất xử lý nghĩa vụ đã được trả lại"),
        body=decision.end_reason,
        url=reverse("plans:fate_decision", args=[decision.pk]),
    )


@in_vietnamese
def duties_passed_on(decision: FateDecision, organisation_ids: Collection[int]) -> None:
    """Those who have to go on learn of it."""
    tell(
        holders(*rules.UNIT, organisation_ids=organisation_ids) if organisation_ids else [],
        dedupe_key=f"plans.fates_passed_on:{decision.pk}",
        title=_("Cơ quan bạn nhận nhiệm vụ của cơ quan đã kết thúc"),
        body=_("%(plan)s. Căn cứ: %(basis)s.")
        % {"plan": decision.plan, "basis": decision.full_basis},
        url=reverse("plans:assignments", args=[decision.plan_id]),
    )
