"""Who may take a decision in, amend a plan, and approve either."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.plans.enums import (
    IMPORT_MOVES,
    ImportState,
)
from chuan.modules.plans.models import (
    Plan,
    PlanImport,
)
from chuan.modules.plans.rules.running import run_plan
from chuan.modules.plans.rules.standing import managed_organisation_ids


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
