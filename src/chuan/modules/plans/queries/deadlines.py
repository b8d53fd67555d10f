"""Days by which others wait for something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chuan.core.calendar.queries import working_calendar
from chuan.core.legal.queries import NoStatutoryValue, statute

ANSWER_DAYS = "plans.difficulty_answer_days"


@dataclass(frozen=True, slots=True)
class AnswerDeadline:
    """The last day for an answer, and the steps to it; no day where no rule sets one."""

    day: date | None
    why: list[dict[str, str]]


def answer_deadline(raised_on: date) -> AnswerDeadline:
    """By when the department answers a difficulty: so many working days after it was raised."""
    try:
        rule = statute(ANSWER_DAYS, on=raised_on)
    except NoStatutoryValue as missing:
        return AnswerDeadline(
            None, [{"text": str(missing), "rule": ANSWER_DAYS, "source": "", "day": ""}]
        )
    due = working_calendar(on=raised_on).working_days_after(raised_on, int(rule.value))
    said = {
        "text": f"{rule.title}: {rule.value} ngày làm việc.",
        "rule": ANSWER_DAYS,
        "source": rule.citation,
        "day": due.due_on.isoformat(),
    }
    return AnswerDeadline(due.due_on, [said, *due.as_json()])
