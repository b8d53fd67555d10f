"""Who is told about a difficulty: the department when it comes, its body when something is done."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.notices.operations import tell
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.core.people.queries import holders
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.enums import DifficultyState
from chuan.modules.plans.models import Difficulty


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
