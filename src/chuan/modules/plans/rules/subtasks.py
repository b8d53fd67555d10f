"""Who shares out an assignment inside a body."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.plans.models import (
    Assignment,
    Subtask,
)
from chuan.modules.plans.rules.standing import UNIT, readable_organisation_ids, require_duty


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
    require_duty(assignment.task.plan, on)
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
