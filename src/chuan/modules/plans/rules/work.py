"""Who tells how far an assignment is, and shows it."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.models import (
    Assignment,
    Evidence,
)
from chuan.modules.plans.rules.locks import require_evidence_unlocked, require_unlocked
from chuan.modules.plans.rules.standing import (
    UNIT,
    readable_organisation_ids,
    require_duty,
    see_whole_plan,
)


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
    require_duty(assignment.task.plan, on)
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
    require_unlocked(assignment)


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
    require_evidence_unlocked(evidence)


@rule
def withdraw_evidence(actor: Person, evidence: Evidence, on: date) -> None:
    """A body withdraws its own evidence, once, as long as it may tell progress."""
    if not actor.holds(*UNIT, organisation_id=evidence.assignment.organisation_id):
        raise Denied(_("Chỉ cơ quan đã thêm minh chứng rút được."))
    require_duty(evidence.assignment.task.plan, on)
    if evidence.withdrawn_at is not None:
        raise Denied(_("Minh chứng này đã được rút."))
    require_evidence_unlocked(evidence)
