"""Who raises a difficulty, and who answers, passes on and settles it."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.lib.rules import Denied, rule
from chuan.modules.plans.enums import (
    DIFFICULTY_MOVES,
    DifficultyState,
)
from chuan.modules.plans.models import (
    Difficulty,
    Plan,
    Task,
)
from chuan.modules.plans.rules.standing import (
    DEPARTMENT,
    UNIT,
    readable_organisation_ids,
    require_in_force,
    see_whole_plan,
)


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
    require_in_force(plan, on)


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
