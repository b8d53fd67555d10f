"""Who decides about the duties of bodies that are no more: one proposes, another approves."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.plans.enums import (
    FATE_MOVES,
    FateState,
)
from chuan.modules.plans.models import (
    FateDecision,
    Plan,
)
from chuan.modules.plans.rules.running import run_plan
from chuan.modules.plans.rules.standing import DEPARTMENT


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
