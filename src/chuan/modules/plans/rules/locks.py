"""What a closed year holds shut, and who may open it for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.enums import (
    ExceptionState,
    LockKind,
)
from chuan.modules.plans.models import (
    Assignment,
    Evidence,
    LockException,
    Plan,
    YearLock,
)
from chuan.modules.plans.rules.standing import DEPARTMENT, UNIT


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


def require_unlocked(assignment: Assignment) -> None:
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


def require_evidence_unlocked(evidence: Evidence) -> None:
    require_unlocked(evidence.assignment)
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
