from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from chuan.core.calendar.engine import Basis, SpecialDay, WorkingCalendar
from chuan.core.calendar.models import DayException
from chuan.core.legal.queries import statutes

RULES = (
    "calendar.weekend",
    "calendar.count_from_next_day",
    "calendar.month_without_the_day",
    "calendar.roll_to_working_day",
    "calendar.before_day_is_exclusive",
    "calendar.quarter_and_year_end",
)


def working_calendar(*, on: date | None = None) -> WorkingCalendar:
    """The calendar with every day off that is known and the rules in force on a day (today).

    Two queries. Keep it for the length of a job; do not keep it between requests.
    """
    rules = statutes(RULES, on=on or timezone.localdate())
    weekend = rules.get("calendar.weekend")
    exclusive = rules.get("calendar.before_day_is_exclusive")
    return WorkingCalendar.of(
        [_special(row) for row in DayException.objects.select_related("source")],
        weekend=frozenset(weekend.value if weekend else {6, 7}),
        before_day_is_exclusive=bool(exclusive.value) if exclusive else True,
        bases={code: Basis(rule.citation, rule.is_verified) for code, rule in rules.items()},
    )


def exceptions_of(year: int) -> QuerySet[DayException]:
    """The days that break the week in a year, in order, with the documents that say so."""
    return (
        DayException.objects.filter(day__year=year).select_related("source").order_by("day", "pk")
    )


def years() -> list[int]:
    """Years whose days off have been entered, in order."""
    return [day.year for day in DayException.objects.dates("day", "year")]


def _special(row: DayException) -> SpecialDay:
    return SpecialDay(
        day=row.day,
        is_working=row.kind == DayException.Kind.SWAP_ON,
        title=row.title,
        source=row.source.notation if row.source else "",
        is_confirmed=row.is_confirmed,
    )
