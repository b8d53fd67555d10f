"""What holds for any calendar and any day."""

import json
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chuan.core.calendar.engine import (
    VIETNAM,
    SpecialDay,
    WorkingCalendar,
    add_months,
    is_on_time,
    last_day_of_month,
)

DAYS = st.dates(date(2024, 1, 1), date(2031, 12, 31))


@st.composite
def calendars(draw):
    days = draw(st.dictionaries(DAYS, st.booleans(), max_size=40))
    return WorkingCalendar.of(
        SpecialDay(day, is_working, "ngày riêng") for day, is_working in days.items()
    )


@given(calendars(), DAYS, st.integers(1, 60))
def test_adding_working_days_lands_on_a_working_day_with_that_many_between(year, day, count):
    due = year.add_working_days(day, count)
    assert year.is_working_day(due)
    assert year.working_days_between(day, due) == count


@given(calendars(), DAYS, st.integers(1, 60))
def test_going_forward_and_back_returns_to_a_working_day(year, day, count):
    start = year.next_working_day(day)
    assert year.add_working_days(year.add_working_days(start, count), -count) == start


@given(calendars(), DAYS, st.integers(0, 30), st.integers(0, 30))
def test_adding_working_days_adds_up(year, day, one, other):
    start = year.next_working_day(day)
    together = year.add_working_days(start, one + other)
    assert year.add_working_days(year.add_working_days(start, one), other) == together


@given(calendars(), DAYS)
def test_the_next_working_day_is_the_first_not_before_the_day(year, day):
    found = year.next_working_day(day)
    assert found >= day
    assert year.is_working_day(found)
    between = (day + timedelta(days=n) for n in range((found - day).days))
    assert not any(year.is_working_day(one) for one in between)


@given(calendars(), DAYS)
def test_a_day_off_always_has_a_reason_and_a_working_day_never(year, day):
    assert bool(year.why_off(day)) is not year.is_working_day(day)


@given(DAYS, st.integers(-60, 60))
def test_adding_months_stays_in_the_month_and_never_goes_past_the_day(day, months):
    found = add_months(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == min(day.day, last_day_of_month(found.year, found.month).day)


@given(DAYS, st.integers(0, 86_399))
def test_before_a_day_is_on_time_exactly_until_that_day_begins(day, second):
    due = WorkingCalendar().before_day(day).due_on
    begin = datetime.combine(day, datetime.min.time(), VIETNAM)
    assert is_on_time(begin - timedelta(seconds=second + 1), due)
    assert not is_on_time(begin + timedelta(seconds=second), due)


@given(calendars(), DAYS, st.integers(1, 40), st.sampled_from(["working", "days", "months"]))
def test_every_deadline_explains_itself_and_can_be_stored(year, day, count, unit):
    make = {
        "working": year.working_days_after,
        "days": year.days_after,
        "months": year.months_after,
    }[unit]
    deadline = make(day, count)
    stored = json.loads(json.dumps(deadline.as_json()))
    assert stored == deadline.as_json()
    assert deadline.due_on > day
    assert year.is_working_day(deadline.due_on)
    assert all(step["text"].endswith(".") for step in stored)
    assert deadline.due_on.isoformat() in {step["day"] for step in stored}
