"""The rungs, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuan.core.calendar.engine import WorkingCalendar
from chuan.flows.reminders.engine.ladder import Climb, Ladder

LADDER = Ladder(before=(30, 15, 7, 3, 1, 0), every=3, head=3, department=7, province=15)
CALENDAR = WorkingCalendar()
THURSDAY = date(2026, 11, 19)


def working_days(first, last):
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if CALENDAR.is_working_day(day)]


def reminded_on(due_on, first, last, asked=lambda standing: standing.is_rung, ladder=LADDER):
    """The days on which somebody reminded every working day hears of a deadline."""
    found, since = [], CALENDAR.add_working_days(first, -1)
    for day in working_days(first, last):
        if asked(Climb(ladder, CALENDAR, day).standing(due_on, since)):
            found.append(day)
        since = day
    return found


def test_the_days_of_a_report_due_on_a_thursday():
    assert reminded_on(THURSDAY, date(2026, 10, 1), date(2026, 12, 4)) == [
        date(2026, 10, 20),  # 30 days
        date(2026, 11, 4),  # 15
        date(2026, 11, 12),  # 7
        date(2026, 11, 16),  # 3
        date(2026, 11, 18),  # 1
        date(2026, 11, 19),  # the day
        date(2026, 11, 24),  # 3 working days late
        date(2026, 11, 27),
        date(2026, 12, 2),
    ]


def test_a_rung_on_a_day_off_is_brought_forward_and_said_once():
    sunday = date(2026, 11, 22)  # the day itself, 1 and 3 days before it, all by Friday
    assert reminded_on(sunday, date(2026, 11, 16), sunday) == [
        date(2026, 11, 19),  # 3 days before
        date(2026, 11, 20),  # 1 and 0, from the weekend
    ]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        (lambda standing: standing.tells_head, date(2026, 11, 24)),
        (lambda standing: standing.tells_department, date(2026, 11, 30)),
    ],
    ids=["head", "department"],
)
def test_who_stands_higher_hears_of_it_so_many_working_days_late(asked, first):
    assert reminded_on(THURSDAY, date(2026, 10, 1), date(2027, 1, 29), asked)[0] == first


def test_the_department_hears_of_one_thing_once():
    told = reminded_on(
        THURSDAY, date(2026, 10, 1), date(2027, 3, 31), lambda standing: standing.tells_department
    )
    assert len(told) == 1


def test_another_province_has_other_rungs():
    ladder = Ladder(before=(10,), every=5, head=4, department=4, province=6)
    told = reminded_on(THURSDAY, date(2026, 10, 1), date(2026, 12, 4), ladder=ladder)
    heads = reminded_on(
        THURSDAY, date(2026, 10, 1), date(2026, 12, 4), lambda s: s.tells_head, ladder
    )
    assert told == [date(2026, 11, 9), date(2026, 11, 26), date(2026, 12, 3)]
    assert heads == [date(2026, 11, 25), date(2026, 11, 26), date(2026, 12, 3)]


@pytest.mark.parametrize(
    "given",
    [
        {"every": 0},
        {"before": (-1,)},
        {"head": 0},
        {"head": 8},
        {"department": 16},
    ],
)
def test_rungs_nobody_could_climb_are_refused(given):
    rungs = {"before": (7,), "every": 3, "head": 3, "department": 7, "province": 15} | given
    with pytest.raises(ValueError, match=r"counted from|no sooner"):
        Ladder(**rungs)


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@settings(deadline=None)
@given(due_on=DAYS, on=DAYS.filter(CALENDAR.is_working_day), count=st.integers(1, 40))
def test_what_is_so_late_is_what_the_list_finds(due_on, on, count):
    climb = Climb(LADDER, CALENDAR, on)
    late = climb.standing(due_on, on - timedelta(days=1)).days_late
    assert (late >= count) == (due_on <= CALENDAR.last_due_day_late_by(on, count))


@pytest.mark.slow
@settings(deadline=None)
@given(
    due_on=DAYS,
    days=st.sets(DAYS.filter(CALENDAR.is_working_day), min_size=2, max_size=30),
)
def test_days_on_which_the_machine_was_off_lose_no_rung_and_repeat_none(due_on, days):
    """Whatever days the machine ran on, somebody hears of each rung between the first and the last at
    most once, and of the last one passed for certain."""
    first, *others = sorted(days)
    told, since = 0, first
    for day in others:
        told += Climb(LADDER, CALENDAR, day).standing(due_on, since).is_rung
        since = day
    every_day = reminded_on(due_on, CALENDAR.add_working_days(first, 1), since)
    assert told <= len(every_day)
    assert bool(told) == bool(every_day)
