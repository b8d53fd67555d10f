"""As what an assignment is counted whatever the day, in one small number that the database keeps.

A country has half a million assignments. Counted by this number and the deadline, they come out of an
index that holds little else and is in that order already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.db.models import Case, F, Q, Value, When

from chuan.modules.plans.engine.ages import ages
from chuan.modules.plans.enums import Achievement, Timeliness

# The last three bits. What stands here is stored: another order needs another column.
_ACHIEVED = (
    Achievement.NO_EVIDENCE,
    Achievement.NOT_STARTED,
    Achievement.LIMITED,
    Achievement.SUBSTANTIAL,
    Achievement.COMPLETE,
)
_ACHIEVEMENT = 0b111
# There is more time by a decision.
EXTENDED = 0b1000
# Not done, and the clock stands still.
PAUSED = 0b1_0000
# Done too late, by the first day there was, or only by the day that was granted; smaller: not done.
LATE, ON_TIME, BY_EXTENSION = 0b10_0000, 0b100_0000, 0b110_0000


def tally() -> Case:
    """The number in SQL, of an assignment or a state of one; null for what is not counted: closed, or
    counted with that of another body."""
    achieved = Case(
        *(When(achievement=level, then=Value(at)) for at, level in enumerate(_ACHIEVED)),
        default=Value(0),
    )
    extended = Case(When(original_due_on__isnull=True, then=Value(0)), default=Value(EXTENDED))
    done = Case(
        When(done_on__gt=F("due_on"), then=Value(LATE)),
        When(done_on__gt=F("original_due_on"), then=Value(BY_EXTENSION)),
        When(done_on__isnull=False, then=Value(ON_TIME)),
        When(is_paused=True, then=Value(PAUSED)),
        default=Value(0),
    )
    return Case(
        When(
            Q(closed_on__isnull=True, counted_with__isnull=True),
            then=achieved + extended + done,
        )
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """What a number says; `late` and the like as in `queries.assignments.TimelinessCounts`."""

    achievement: Achievement
    extended: bool
    paused: bool
    done: Timeliness | None
    on_time_by_extension: bool

    def standing(self, due_on: date | None, on: date) -> Timeliness:
        if self.done is not None:
            return self.done
        is_over = due_on is not None and due_on < on and not self.paused
        return Timeliness.OVERDUE if is_over else Timeliness.IN_TIME


@cache
def read(number: int) -> Tally:
    done = number & BY_EXTENSION
    return Tally(
        achievement=_ACHIEVED[number & _ACHIEVEMENT],
        extended=bool(number & EXTENDED),
        paused=bool(number & PAUSED),
        done=(Timeliness.LATE if done == LATE else Timeliness.ON_TIME) if done else None,
        on_time_by_extension=done == BY_EXTENSION,
    )


def age_of(due_on: date, on: date) -> str:
    """The code of how long something is overdue."""
    days = (on - due_on) // timedelta(days=1)
    return next(age.code for age in ages() if age.last is None or days <= age.last)
