"""When somebody is reminded of a deadline, and when somebody above them is told.

Pure: it is given the rungs, the calendar and two days, and asks nobody. A reminder is a step from
the day one was last reminded to today; whatever lies between is said once, so a day on which the
machine was off loses nothing and repeats nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from chuan.core.calendar.engine import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs: days before the day it is due, working days between reminders after it, and after
    how many working days the head, the department and the province learn of it."""

    before: tuple[int, ...]
    every: int
    head: int
    department: int
    province: int

    def __post_init__(self) -> None:
        """:raises ValueError: rungs nobody could climb."""
        if self.every < 1 or min(self.before, default=0) < 0:
            raise ValueError("Days of a ladder are counted from 0, repeats from 1")
        if not 1 <= self.head <= self.department <= self.province:
            raise ValueError("Who stands higher is told no sooner than who stands below")

    @property
    def days_before(self) -> tuple[int, ...]:
        """The rungs before the day itself."""
        return tuple(sorted((days for days in self.before if days), reverse=True))

    @property
    def longest(self) -> timedelta:
        """Nothing due later than this from today is on the ladder; a first rung that falls on a day off
        is brought forward by that stretch of days off."""
        return timedelta(days=max(self.before, default=0) + 30)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a deadline stands for somebody on a day: who is due to hear of it, and how late it is.

    `days_late` and `days_left` are working days; one of them is 0.
    """

    days_late: int
    days_left: int
    is_rung: bool
    tells_head: bool
    tells_department: bool

    @property
    def is_overdue(self) -> bool:
        return self.days_late > 0


@dataclass(slots=True)
class Climb:
    """The ladder on one working day."""

    ladder: Ladder
    calendar: WorkingCalendar
    on: date
    _known: dict[tuple[date, date], Standing] = field(default_factory=dict)

    def standing(self, due_on: date, since: date) -> Standing:
        """How something due on a day stands for somebody last reminded on the day `since`."""
        known = self._known.get((due_on, since))
        if known is None:
            known = self._known[due_on, since] = self._stand(due_on, since)
        return known

    def _stand(self, due_on: date, since: date) -> Standing:
        late, was = self._late(due_on, self.on), self._late(due_on, since)
        repeats = late // self.ladder.every > was // self.ladder.every
        reached = any(
            since < self.calendar.previous_working_day(due_on - timedelta(days=days)) <= self.on
            for days in self.ladder.before
        )
        head = self.ladder.head
        return Standing(
            days_late=late,
            days_left=0 if late else self.calendar.working_days_between(self.on, due_on),
            is_rung=reached or repeats,
            tells_head=late >= head and (repeats or was < head),
            tells_department=was < self.ladder.department <= late,
        )

    def _late(self, due_on: date, day: date) -> int:
        return max(0, self.calendar.working_days_between(due_on, day)) if day > due_on else 0
