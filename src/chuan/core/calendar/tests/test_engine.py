"""The engine by example: the dates an official would work out on paper."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from chuan.core.calendar.engine import (
    VIETNAM,
    Basis,
    SpecialDay,
    WorkingCalendar,
    add_months,
    is_on_time,
    last_day_of_quarter,
)

OFF = [
    SpecialDay(date(2026, 8, 22), True, "Làm bù cho ngày 31/08", "9441/TB-BNV"),
    SpecialDay(date(2026, 8, 31), False, "Nghỉ hoán đổi", "9441/TB-BNV"),
    SpecialDay(date(2026, 9, 1), False, "Quốc khánh (ngày liền kề)", "9441/TB-BNV"),
    SpecialDay(date(2026, 9, 2), False, "Quốc khánh", "45/2019/QH14"),
]
YEAR = WorkingCalendar.of(
    OFF, bases={"calendar.before_day_is_exclusive": Basis("Cách hiểu, Quy ước vận hành")}
)


def texts(deadline):
    return [step.text for step in deadline.steps]


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2026, 8, 21), True),
        (date(2026, 8, 22), True),  # a Saturday worked instead
        (date(2026, 8, 23), False),
        (date(2026, 8, 31), False),  # a Monday off instead
        (date(2026, 9, 2), False),
        (date(2026, 9, 3), True),
        (date(2026, 9, 5), False),
    ],
)
def test_a_day_is_worked_by_the_week_unless_it_is_an_exception(day, is_working):
    assert YEAR.is_working_day(day) is is_working
    assert bool(YEAR.why_off(day)) is not is_working


def test_why_a_day_is_off():
    assert YEAR.why_off(date(2026, 9, 2)) == "Quốc khánh"
    assert YEAR.why_off(date(2026, 9, 5)) == "thứ Bảy"
    assert YEAR.why_off(date(2026, 9, 3)) == ""


def test_working_days_are_counted_from_the_next_day_over_holidays_and_swaps():
    friday = date(2026, 8, 28)
    assert YEAR.add_working_days(friday, 1) == date(2026, 9, 3)
    assert YEAR.add_working_days(date(2026, 8, 20), 2) == date(2026, 8, 22)
    assert YEAR.add_working_days(date(2026, 9, 3), -1) == friday
    assert YEAR.add_working_days(date(2026, 9, 5), 0) == date(2026, 9, 5)
    assert YEAR.next_working_day(date(2026, 8, 29)) == date(2026, 9, 3)
    assert YEAR.previous_working_day(date(2026, 9, 2)) == friday
    assert YEAR.working_days_between(friday, date(2026, 9, 4)) == 2
    assert YEAR.working_days_between(date(2026, 9, 4), friday) == -2


def test_before_a_day_ends_with_the_day_before():
    deadline = YEAR.before_day(date(2026, 11, 20))
    assert deadline.due_on == date(2026, 11, 19)
    assert deadline.due_at == datetime(2026, 11, 19, 23, 59, 59, tzinfo=VIETNAM)
    assert deadline.as_json() == [
        {
            "text": "“Trước ngày 20/11/2026” được hiểu là không tính ngày đó: "
            "hạn cuối là hết thứ Năm, 19/11/2026.",
            "rule": "calendar.before_day_is_exclusive",
            "source": "Cách hiểu, Quy ước vận hành",
            "day": "2026-11-19",
        }
    ]


def test_before_a_day_may_let_the_day_itself_in():
    assert YEAR.before_day(date(2026, 11, 20), inclusive=True).due_on == date(2026, 11, 20)
    lenient = WorkingCalendar(before_day_is_exclusive=False)
    assert lenient.before_day(date(2026, 11, 20)).due_on == date(2026, 11, 20)
    assert lenient.before_day(date(2026, 11, 20), inclusive=False).due_on == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("instant", "on_time"),
    [
        (datetime(2026, 11, 19, 23, 59, 59, tzinfo=VIETNAM), True),
        (datetime(2026, 11, 20, 0, 0, 0, tzinfo=VIETNAM), False),
        (datetime(2026, 11, 19, 16, 59, 59, 999_999, tzinfo=UTC), True),
        (datetime(2026, 11, 19, 17, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 19, 12, 0, tzinfo=ZoneInfo("America/New_York")), False),
        (datetime(2026, 11, 20, 1, 0, tzinfo=timezone(timedelta(hours=9))), True),
    ],
)
def test_the_last_second_of_the_day_in_vietnam_is_the_last_on_time(instant, on_time):
    assert is_on_time(instant, date(2026, 11, 19)) is on_time


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="without a time zone"):
        is_on_time(datetime(2026, 11, 19, 12, 0), date(2026, 11, 19))  # noqa: DTZ001


def test_working_days_explain_the_start_the_count_and_every_exception():
    deadline = YEAR.working_days_after(date(2026, 8, 28), 3)
    assert deadline.due_on == date(2026, 9, 7)
    assert texts(deadline) == [
        "Mốc là thứ Sáu, 28/08/2026; không tính ngày mốc, bắt đầu đếm từ thứ Bảy, 29/08/2026.",
        "Đếm 3 ngày làm việc: ngày cuối là thứ Hai, 07/09/2026.",
        "Thứ Hai, 31/08/2026 không tính: Nghỉ hoán đổi.",
        "Thứ Ba, 01/09/2026 không tính: Quốc khánh (ngày liền kề).",
        "Thứ Tư, 02/09/2026 không tính: Quốc khánh.",
    ]
    assert [step.source for step in deadline.steps][-1] == "45/2019/QH14"
    assert not deadline.is_provisional


def test_calendar_days_roll_from_a_day_off_to_the_next_working_day():
    deadline = YEAR.days_after(date(2026, 8, 25), 5)
    assert deadline.due_on == date(2026, 9, 3)
    assert texts(deadline)[-1] == (
        "Chủ nhật, 30/08/2026 là ngày nghỉ (Chủ nhật): "
        "chuyển sang ngày làm việc tiếp theo, thứ Năm, 03/09/2026."
    )
    assert YEAR.days_after(date(2026, 8, 25), 5, roll=False).due_on == date(2026, 8, 30)


def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    deadline = YEAR.months_after(date(2026, 1, 31), 1, roll=False)
    assert deadline.due_on == date(2026, 2, 28)
    assert deadline.steps[-1].rule == "calendar.month_without_the_day"


def test_quarters_and_years_end_on_their_last_day_even_when_it_is_off():
    assert YEAR.end_of_quarter(2025, 2).due_on == date(2025, 6, 30)
    assert YEAR.end_of_year(2030).due_on == date(2030, 12, 31)
    assert texts(YEAR.end_of_quarter(2025, 2)) == [
        "Hạn ghi theo quý II năm 2025: ngày cuối của quý là thứ Hai, 30/06/2025."
    ]
    with pytest.raises(ValueError, match="No such quarter"):
        last_day_of_quarter(2025, 5)


def test_a_deadline_over_a_day_that_is_not_decided_is_provisional_and_says_so():
    undecided = SpecialDay(date(2027, 9, 3), False, "Quốc khánh", is_confirmed=False)
    deadline = WorkingCalendar.of([undecided]).working_days_after(date(2027, 9, 2), 1)
    assert deadline.due_on == date(2027, 9, 6)
    assert deadline.is_provisional
    assert texts(deadline)[-1] == (
        "Thứ Sáu, 03/09/2027 không tính: Quốc khánh (chưa có quyết định chính thức)."
    )


def test_a_deadline_in_a_year_nobody_has_entered_is_provisional():
    assert YEAR.working_days_after(date(2029, 3, 1), 5).is_provisional
    assert not YEAR.working_days_after(date(2026, 3, 2), 5).is_provisional


def test_a_calendar_in_which_nobody_ever_works_does_not_search_for_ever():
    with pytest.raises(ValueError, match="No working day"):
        WorkingCalendar(weekend=frozenset(range(1, 8))).next_working_day(date(2026, 1, 1))


@pytest.mark.parametrize("count", [0, -3])
def test_a_period_has_at_least_one_day(count):
    for make in (YEAR.working_days_after, YEAR.days_after, YEAR.months_after):
        with pytest.raises(ValueError, match="at least one"):
            make(date(2026, 1, 1), count)
