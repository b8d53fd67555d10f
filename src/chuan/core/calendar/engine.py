"""Days that count: which are worked, and when something is due.

Pure: it is given the days that break the week and the rules in force, and asks nobody. Every date
it works out comes with the steps that led to it, in the words an official would use. The steps are
kept with the record, so they are Vietnamese whatever language the page has.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chuan.lib.vietnamese import format_date, format_weekday_date, weekday_name

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
ONE_DAY = timedelta(days=1)
END_OF_DAY = time(23, 59, 59)

# How far a search for a working day goes before the table must be wrong.
_LONGEST_BREAK = 60


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that breaks the week: a weekday off, or a weekend day worked."""

    day: date
    is_working: bool
    title: str
    source: str = ""
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a rule stands."""

    citation: str
    is_verified: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence of an explanation: what was done, by which rule, and the day it led to."""

    text: str
    rule: str
    source: str
    day: date

    def as_json(self) -> dict[str, str]:
        return {
            "text": self.text,
            "rule": self.rule,
            "source": self.source,
            "day": self.day.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day that still counts, and why.

    `is_provisional`: it rests on a day off that is not decided yet, or on a year whose days off
    nobody has entered.
    """

    due_on: date
    steps: tuple[Step, ...] = ()
    is_provisional: bool = False

    @property
    def due_at(self) -> datetime:
        """The last second that still counts, in Vietnam."""
        return datetime.combine(self.due_on, END_OF_DAY, VIETNAM)

    def as_json(self) -> list[dict[str, str]]:
        """The steps, to be kept in a `due_why` column."""
        return [step.as_json() for step in self.steps]


def is_on_time(instant: datetime, due_on: date) -> bool:
    """Whether something that happened at an instant was in time: 23:59:59 of the day still is.

    :raises ValueError: the instant has no time zone, so nobody can tell which day it was.
    """
    if instant.tzinfo is None:
        raise ValueError(f"An instant without a time zone: {instant}")
    return instant.astimezone(VIETNAM).date() <= due_on


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, last_day_of_month(year, month).day))


def last_day_of_month(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def last_day_of_quarter(year: int, quarter: int) -> date:
    """:raises ValueError: the quarter is not 1, 2, 3 or 4."""
    if quarter not in {1, 2, 3, 4}:
        raise ValueError(f"No such quarter: {quarter}")
    return last_day_of_month(year, quarter * 3)


def last_day_of_year(year: int) -> date:
    return date(year, 12, 31)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working week, the days that break it, and the rules for counting.

    :param special_days: days that break the week.
    :param known_years: years whose days off have been entered; others follow the week alone.
    :param weekend: ISO numbers of the weekly days off, Monday is 1.
    :param bases: where each rule stands, by its code.
    """

    special_days: Mapping[date, SpecialDay] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()
    weekend: frozenset[int] = frozenset({6, 7})
    before_day_is_exclusive: bool = True
    bases: Mapping[str, Basis] = field(default_factory=dict)

    @classmethod
    def of(cls, days: Iterable[SpecialDay], **given: Any) -> WorkingCalendar:
        special = {one.day: one for one in days}
        given.setdefault("known_years", frozenset(day.year for day in special))
        return cls(special_days=special, **given)

    # ------------------------------------------------------------ days

    def is_working_day(self, day: date) -> bool:
        special = self.special_days.get(day)
        return special.is_working if special else day.isoweekday() not in self.weekend

    def why_off(self, day: date) -> str:
        """Why nobody works on a day: “Quốc khánh”, “Chủ nhật”; "" for a working day."""
        if self.is_working_day(day):
            return ""
        special = self.special_days.get(day)
        return special.title if special else weekday_name(day)

    def next_working_day(self, day: date) -> date:
        """The day itself when it is worked, otherwise the first one after it that is."""
        return self._search(day, ONE_DAY)

    def previous_working_day(self, day: date) -> date:
        """The day itself when it is worked, otherwise the last one before it that is."""
        return self._search(day, -ONE_DAY)

    def add_working_days(self, day: date, count: int) -> date:
        """The day on which so many working days have passed, the day itself not counted.

        Backwards when the count is negative. 0 is the day itself, worked or not.
        """
        step = ONE_DAY if count > 0 else -ONE_DAY
        for _number in range(abs(count)):
            day = self._search(day + step, step)
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many days are worked from the day after the first up to and including the last."""
        if last < first:
            return -self.working_days_between(last, first)
        return sum(
            self.is_working_day(first + timedelta(days=number))
            for number in range(1, (last - first).days + 1)
        )

    def last_due_day_late_by(self, on: date, count: int) -> date:
        """The last due day of what is so many working days late on a day, or more."""
        return self.add_working_days(on + ONE_DAY, -count) - ONE_DAY

    def is_settled(self, first: date, last: date) -> bool:
        """Whether every day off in the stretch is decided, so that a count over it will stand."""
        first, last = min(first, last), max(first, last)
        if any(year not in self.known_years for year in range(first.year, last.year + 1)):
            return False
        return all(
            special.is_confirmed
            for special in self.special_days.values()
            if first <= special.day <= last
        )

    def _search(self, day: date, step: timedelta) -> date:
        for _number in range(_LONGEST_BREAK):
            if self.is_working_day(day):
                return day
            day += step
        raise ValueError(f"No working day within {_LONGEST_BREAK} days of {day}")

    # ------------------------------------------------------------ deadlines

    def on_day(self, day: date, text: str = "", *, rule: str = "", source: str = "") -> Deadline:
        """Due on a day that somebody named; `text` says who."""
        text = text or f"Hạn cuối là hết {format_weekday_date(day)}."
        return Deadline(day, (Step(text, rule, source or self._cite(rule), day),))

    def before_day(self, day: date, *, inclusive: bool | None = None) -> Deadline:
        """Due “trước ngày D”: until the end of the day before, unless D itself is let in.

        :param inclusive: None takes the rule in force.
        """
        inclusive = not self.before_day_is_exclusive if inclusive is None else inclusive
        rule = "calendar.before_day_is_exclusive"
        if inclusive:
            text = (
                f"“Trước ngày {format_date(day)}” được hiểu là tính cả ngày đó: "
                f"hạn cuối là hết {format_weekday_date(day)}."
            )
            return Deadline(day, (self._step(text, rule, day),))
        due = day - ONE_DAY
        text = (
            f"“Trước ngày {format_date(day)}” được hiểu là không tính ngày đó: "
            f"hạn cuối là hết {format_weekday_date(due)}."
        )
        return Deadline(due, (self._step(text, rule, due),))

    def working_days_after(self, day: date, count: int) -> Deadline:
        """Due when so many working days have passed, counted from the next day.

        :raises ValueError: fewer than one day.
        """
        _require_some(count)
        due = self.add_working_days(day, count)
        steps = [
            self._counting_starts(day),
            self._step(
                f"Đếm {count} ngày làm việc: ngày cuối là {format_weekday_date(due)}.",
                "calendar.weekend",
                due,
            ),
            *self._skipped(day, due),
        ]
        return Deadline(due, tuple(steps), not self.is_settled(day + ONE_DAY, due))

    def days_after(self, day: date, count: int, *, roll: bool = True) -> Deadline:
        """Due when so many calendar days have passed, counted from the next day.

        :param roll: a last day that is off gives way to the next working day.
        :raises ValueError: fewer than one day.
        """
        _require_some(count)
        due = day + timedelta(days=count)
        text = f"Đếm {count} ngày liên tục: ngày cuối là {format_weekday_date(due)}."
        steps = (
            self._counting_starts(day),
            self._step(text, "calendar.count_from_next_day", due),
        )
        counted = Deadline(due, steps)
        return self.roll_to_working_day(counted) if roll else counted

    def months_after(self, day: date, count: int, *, roll: bool = True) -> Deadline:
        """Due on the same day so many months later, or on the last day of a shorter month.

        :raises ValueError: fewer than one month.
        """
        _require_some(count)
        due = add_months(day, count)
        text = f"Đếm {count} tháng: ngày tương ứng là {format_weekday_date(due)}."
        rule = "calendar.count_from_next_day"
        if due.day != day.day:
            rule = "calendar.month_without_the_day"
            text = (
                f"Đếm {count} tháng: tháng {due.month}/{due.year} không có ngày {day.day}, "
                f"lấy ngày cuối tháng là {format_weekday_date(due)}."
            )
        counted = Deadline(due, (self._counting_starts(day), self._step(text, rule, due)))
        return self.roll_to_working_day(counted) if roll else counted

    def end_of_quarter(self, year: int, quarter: int) -> Deadline:
        """Due “quý II năm 2025”: on the quarter's last day."""
        due = last_day_of_quarter(year, quarter)
        text = (
            f"Hạn ghi theo quý {_QUARTERS[quarter]} năm {year}: "
            f"ngày cuối của quý là {format_weekday_date(due)}."
        )
        return Deadline(due, (self._step(text, "calendar.quarter_and_year_end", due),))

    def end_of_year(self, year: int) -> Deadline:
        """Due “năm 2026”, or yearly: on the year's last day."""
        due = last_day_of_year(year)
        text = f"Hạn ghi theo năm {year}: ngày cuối của năm là {format_weekday_date(due)}."
        return Deadline(due, (self._step(text, "calendar.quarter_and_year_end", due),))

    def roll_to_working_day(self, deadline: Deadline) -> Deadline:
        """Move a deadline that falls on a day off to the next working day, and say so."""
        due = self.next_working_day(deadline.due_on)
        is_provisional = deadline.is_provisional or not self.is_settled(deadline.due_on, due)
        if due == deadline.due_on:
            return Deadline(due, deadline.steps, is_provisional)
        text = (
            f"{format_weekday_date(deadline.due_on)} là ngày nghỉ ({self.why_off(deadline.due_on)}): "
            f"chuyển sang ngày làm việc tiếp theo, {format_weekday_date(due)}."
        )
        step = self._step(_sentence(text), "calendar.roll_to_working_day", due)
        return Deadline(due, (*deadline.steps, step), is_provisional)

    # ------------------------------------------------------------ sentences

    def _cite(self, rule: str) -> str:
        basis = self.bases.get(rule)
        return basis.citation if basis else ""

    def _step(self, text: str, rule: str, day: date) -> Step:
        return Step(text, rule, self._cite(rule), day)

    def _counting_starts(self, day: date) -> Step:
        first = day + ONE_DAY
        text = (
            f"Mốc là {format_weekday_date(day)}; không tính ngày mốc, "
            f"bắt đầu đếm từ {format_weekday_date(first)}."
        )
        return self._step(text, "calendar.count_from_next_day", first)

    def _skipped(self, day: date, due: date) -> list[Step]:
        """The days between that broke the week, so that a person can count along."""
        steps = []
        for number in range(1, (due - day).days + 1):
            special = self.special_days.get(day + timedelta(days=number))
            if special is None:
                continue
            if special.is_working:
                text = f"{format_weekday_date(special.day)} được tính: {special.title}."
            else:
                text = f"{format_weekday_date(special.day)} không tính: {special.title}."
            if not special.is_confirmed:
                text = text.removesuffix(".") + " (chưa có quyết định chính thức)."
            steps.append(
                Step(_sentence(text), "calendar.day_exception", special.source, special.day)
            )
        return steps


_QUARTERS = {1: "I", 2: "II", 3: "III", 4: "IV"}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _require_some(count: int) -> None:
    if count < 1:
        raise ValueError(f"A period has at least one day or month, got {count}")
