"""The ladder as the table of parameters has it on a day."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from chuan.core.calendar.queries import working_calendar
from chuan.core.legal.queries import NoStatutoryValue, statutes
from chuan.flows.reminders.engine.ladder import Climb, Ladder

BEFORE = "reminders.days_before_due"
EVERY = "reminders.working_days_between_overdue"
ESCALATION = "reminders.escalation_working_days"


def ladder(on: date) -> Ladder:
    """:raises NoStatutoryValue: a rung is not set for the day; nobody is reminded by guesswork."""
    found = statutes([BEFORE, EVERY, ESCALATION], on=on)
    for code in (BEFORE, EVERY, ESCALATION):
        if code not in found:
            raise NoStatutoryValue(code)
    levels = found[ESCALATION].value
    return Ladder(
        before=tuple(found[BEFORE].value),
        every=found[EVERY].value,
        head=levels["head"],
        department=levels["department"],
        province=levels["province"],
    )


def climb(on: date) -> Climb:
    """Three queries; keep it for the length of a job or a page."""
    return Climb(ladder(on), working_calendar(on=on), on)


def ladder_or_none(on: date | None = None) -> Ladder | None:
    """For pages that only tell of it."""
    try:
        return ladder(on or timezone.localdate())
    except NoStatutoryValue:
        return None
