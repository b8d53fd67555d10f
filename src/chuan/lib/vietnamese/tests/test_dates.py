"""Dates as Vietnamese people write them."""

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.lib.vietnamese import (
    BadDate,
    DateFault,
    document_date,
    format_date,
    format_weekday_date,
    parse_date,
)

APRIL_5 = dt.date(2025, 4, 5)


@pytest.mark.parametrize(
    "typed",
    [
        "05/04/2025",
        "5/4/2025",
        "05-04-2025",
        "5.4.2025",
        "5 4 2025",
        " 5 / 4 / 2025 ",
        "05042025",
        "5 tháng 4 năm 2025",
        "ngày 05 tháng 4 năm 2025",
        "Ngày 5 Tháng 04 Năm 2025",
        "5 tháng 4, 2025",
        "2025-04-05",
    ],
)
def test_every_way_to_write_the_day_is_the_fifth_of_april(typed):
    assert parse_date(typed) == APRIL_5


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("28//2026", DateFault.MISSING_MONTH),
        ("28/2026", DateFault.MISSING_MONTH),
        ("ngày 28 năm 2026", DateFault.MISSING_MONTH),
        ("28", DateFault.MISSING_MONTH),
        ("8/2026", DateFault.MISSING_DAY),
        ("tháng 8 năm 2026", DateFault.MISSING_DAY),
        ("28/8", DateFault.MISSING_YEAR),
        ("28/8/", DateFault.MISSING_YEAR),
        ("28 tháng 8", DateFault.MISSING_YEAR),
        ("2026", DateFault.MISSING_DAY_AND_MONTH),
        ("năm 2026", DateFault.MISSING_DAY_AND_MONTH),
        ("28/8/26", DateFault.SHORT_YEAR),
        ("28/13/2026", DateFault.NO_SUCH_MONTH),
        ("31/11/2026", DateFault.NO_SUCH_DAY),
        ("29/02/2026", DateFault.NO_SUCH_DAY),
        ("hôm qua", DateFault.UNREADABLE),
        ("", DateFault.UNREADABLE),
        ("1/2/3/4", DateFault.UNREADABLE),
        ("31/12/024", DateFault.SHORT_YEAR),
    ],
)
def test_the_missing_or_impossible_part_is_named(typed, fault):
    with pytest.raises(BadDate) as caught:
        parse_date(typed)
    assert caught.value.fault is fault


@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_a_date_printed_is_the_date_read_back(day):
    assert parse_date(format_date(day)) == day
    assert parse_date(document_date(day)) == day


@given(st.text(max_size=20) | st.text("0123456789/-. ngàythángnăm", max_size=20))
def test_any_text_is_a_date_or_a_named_fault(text):
    with suppress(BadDate):
        assert isinstance(parse_date(text), dt.date)


def test_documents_pad_days_below_ten_and_the_first_two_months_only():
    assert document_date(dt.date(2026, 1, 5)) == "ngày 05 tháng 01 năm 2026"
    assert document_date(dt.date(2026, 3, 25)) == "ngày 25 tháng 3 năm 2026"
    assert document_date(dt.date(2026, 12, 1)) == "ngày 01 tháng 12 năm 2026"


def test_the_day_of_the_week_comes_first():
    assert format_weekday_date(dt.date(2026, 11, 19)) == "thứ Năm, 19/11/2026"
    assert format_weekday_date(dt.date(2026, 11, 22)) == "Chủ nhật, 22/11/2026"
