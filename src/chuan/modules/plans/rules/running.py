"""Who runs a plan: stand-ins, central tasks, what is to be made, urging, its end."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.models import (
    Plan,
    Task,
)
from chuan.modules.plans.rules.standing import require_in_force


@rule
def run_plan(actor: Person, plan: Plan, on: date) -> None:
    """Coordinators of the department that watches over a plan run it while it is in force."""
    if not actor.holds(Role.DEPARTMENT_COORDINATOR, organisation_id=plan.managed_by_id):
        raise Denied(_("Chỉ chuyên viên của cơ quan theo dõi kế hoạch làm được việc này."))
    require_in_force(plan, on)


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
def edit_deliverables(actor: Person, task: Task, on: date) -> None:
    """What proves a task is set by the coordinators who run the plan."""
    run_plan.require(actor, task.plan, on)
    if task.heading_only:
        raise Denied(_("Nhiệm vụ này chỉ theo dõi đầu mục, không đặt kết quả đầu ra."))


@rule
def urge(actor: Person, plan: Plan) -> None:
    """Coordinators of the department that watches over a plan urge those who are late with it."""
    if not actor.holds(Role.DEPARTMENT_COORDINATOR, organisation_id=plan.managed_by_id):
        raise Denied(
            _("Chỉ chuyên viên theo dõi, tổng hợp của kế hoạch này được lập công văn đôn đốc.")
        )
