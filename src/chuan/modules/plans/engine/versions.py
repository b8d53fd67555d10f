"""Which wording of a task the work of given days belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chuan.lib.periods import Period
from chuan.modules.plans.engine.expansion import Cycle, TaskToExpand, cycles_of
from chuan.modules.plans.enums import DueKind


@dataclass(frozen=True, slots=True)
class Wording:
    """When a wording holds, as `TaskToExpand` has it."""

    due_kind: DueKind
    from_day: date | None = None
    to_day: date | None = None
    follows: bool = False


def holds_during(wording: Wording, of_plan: Sequence[Cycle], days: Period) -> bool:
    """Whether work of those days is done under this wording."""
    if wording.due_kind == DueKind.YEARLY:
        task = TaskToExpand(
            key=0,
            code="",
            due_kind=wording.due_kind,
            due_on=None,
            time_text="",
            parties=(),
            from_day=wording.from_day,
            to_day=wording.to_day,
            follows=wording.follows,
        )
        return any(
            cycle.start < days.end and cycle.end > days.start for cycle in cycles_of(task, of_plan)
        )
    begins = wording.from_day or date.min
    ends = wording.to_day or date.max
    return begins < days.end and ends > days.start
