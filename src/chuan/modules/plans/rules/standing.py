"""Where somebody stands towards a plan, and who may look."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.enums import (
    PlanState,
)
from chuan.modules.plans.models import (
    Plan,
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


def require_in_force(plan: Plan, on: date) -> None:
    state = plan.state_on(on)
    if state != PlanState.IN_FORCE:
        raise Denied(
            _("Kế hoạch ở trạng thái “%(state)s” từ sau ngày %(day)s, không ghi thêm được.")
            % {"state": state.label, "day": format_date(plan.last_day)}
        )


def require_duty(plan: Plan, on: date) -> None:
    """Work goes on after a plan has run its course: what is late is still told, and counted as
    late. A plan ended before its time leaves nothing to be done."""
    if plan.ended_at is not None:
        require_in_force(plan, on)
