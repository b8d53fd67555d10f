from __future__ import annotations

import calendar as weeks
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuan.core.calendar import queries
from chuan.core.calendar.engine import WorkingCalendar
from chuan.core.calendar.models import DayException
from chuan.core.calendar.web.forms import DeadlineForm
from chuan.core.ui.components import Choice

_MONDAY_FIRST = weeks.Calendar(firstweekday=0)
# What a page can draw: dates before and after are no working calendar of anybody.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month as it is drawn; `why` says what breaks the week."""

    day: date
    css: str
    why: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """One month: rows of seven days, empty before the first and after the last."""

    number: int
    rows: list[list[Cell | None]]
    working_days: int


@require_safe
def show_year(request: HttpRequest) -> HttpResponse:
    year = _year(request.GET.get("nam", ""))
    calendar = queries.working_calendar()
    exceptions = list(queries.exceptions_of(year))
    asked = "moc" in request.GET
    form = DeadlineForm(request.GET if asked else None)
    deadline = form.deadline(calendar) if asked and form.is_valid() else None
    return render(
        request,
        "calendar/year.html",
        {
            "year": year,
            "years": _years_to_choose(year, calendar),
            "is_known": year in calendar.known_years,
            "months": [_month(year, month, calendar, exceptions) for month in range(1, 13)],
            "exceptions": exceptions,
            "form": form,
            "deadline": deadline,
        },
    )


def _year(asked: str) -> int:
    this_year = timezone.localdate().year
    if not asked.isascii() or not asked.isdigit():
        return this_year
    year = int(asked)
    return year if _FIRST_YEAR <= year <= _LAST_YEAR else this_year


def _years_to_choose(year: int, calendar: WorkingCalendar) -> list[Choice]:
    return [
        Choice(label=str(one), url=f"?nam={one}", is_current=one == year)
        for one in sorted({*calendar.known_years, year})
    ]


def _month(
    year: int, month: int, calendar: WorkingCalendar, exceptions: list[DayException]
) -> Month:
    by_day = {one.day: one for one in exceptions}
    rows = [
        [_cell(day, calendar, by_day.get(day)) if day.month == month else None for day in week]
        for week in _MONDAY_FIRST.monthdatescalendar(year, month)
    ]
    worked = sum(
        cell is not None and calendar.is_working_day(cell.day) for row in rows for cell in row
    )
    return Month(month, rows, worked)


def _cell(day: date, calendar: WorkingCalendar, exception: DayException | None) -> Cell:
    is_today = day == timezone.localdate()
    if exception is None:
        return Cell(day, "" if calendar.is_working_day(day) else "off", "", is_today)
    why = exception.title
    if not exception.is_confirmed:
        why = _("%(title)s, chưa có quyết định chính thức") % {"title": why}
    css = {"holiday": "holiday", "swap_off": "swap-off", "swap_on": "swap-on"}[exception.kind]
    return Cell(day, css if exception.is_confirmed else f"{css} unsure", why, is_today)
