"""What people type into cells, what it means, and what is refused with which words."""

import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.core.workbooks.cells import (
    BadCell,
    Choice,
    Day,
    Mark,
    Number,
    Raw,
    Text,
    escape,
    unescape,
)
from chuan.lib.vietnamese import clean


def at(day, when=time()):
    """As a workbook gives a day: with a time, of no zone."""
    return datetime.combine(day, when)


WHOLE = Number(smallest=0)
PERCENT = Number(smallest=0, largest=100)
LEVELS = Choice((("low", "Hạn chế"), ("high", "Hoàn thành"), ("main", "Cơ bản")))


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [
        (WHOLE, 1234, Decimal(1234)),
        (WHOLE, 1234.0, Decimal(1234)),
        (WHOLE, "1.234", Decimal(1234)),
        (WHOLE, " 1.234 ", Decimal(1234)),
        (WHOLE, "1 234", Decimal(1234)),
        (WHOLE, None, None),
        (WHOLE, "", None),
        (Number(places=1), "1.234,5", Decimal("1234.5")),
        (Number(places=2), 0.1 + 0.2, Decimal("0.3")),
        (Number(places=2), 86.55, Decimal("86.55")),
        (PERCENT, "80%", Decimal(80)),
        (Number(places=4), "12345678901234567890,1234", Decimal("12345678901234567890.1234")),
        (Day(), at(date(2026, 11, 20)), date(2026, 11, 20)),
        (Day(), "5/4/2025", date(2025, 4, 5)),
        (Day(), "05-04-2025", date(2025, 4, 5)),
        (Day(), "ngày 5 tháng 4 năm 2025", date(2025, 4, 5)),
        (Day(), "2025-04-05", date(2025, 4, 5)),
        (LEVELS, "Hoàn thành", "high"),
        (LEVELS, "hoan thanh ", "high"),
        (LEVELS, unicodedata.normalize("NFD", "Hoàn thành"), "high"),
        (LEVELS, None, ""),
        (Mark(), "Có", True),
        (Mark(), "x", True),
        (Mark(), True, True),
        (Mark(), 1, True),
        (Mark(), "Không", False),
        (Mark(), None, False),
        (Text(), unicodedata.normalize("NFD", "Đã kiểm tra"), "Đã kiểm tra"),
        (Text(), 12, "12"),
        (Text(), 1234.5, "1.234,5"),
        (Text(), at(date(2026, 11, 20)), "20/11/2026"),
        (Text(), "hai\r\ndòng", "hai\ndòng"),
        (Text(), "hai_x000D_\ndòng", "hai\ndòng"),
        (Text(), "'=1+1", "'=1+1"),
    ],
)  # fmt: skip
def test_what_has_one_meaning_is_read(kind, typed, meant):
    assert kind.read(Raw(typed)) == meant


def test_a_cell_formatted_as_percent_holds_a_hundredth_of_what_it_shows():
    assert PERCENT.read(Raw(0.8, "0%")) == 80
    assert PERCENT.read(Raw(80, '0"%"')) == 80


@pytest.mark.parametrize(
    ("kind", "typed", "advice"),
    [
        (WHOLE, "12a", "Chỉ gõ số"),
        (WHOLE, "1,234.5", "viết 1.234,5"),
        (WHOLE, 1.234, "gõ 1.234"),
        (WHOLE, "1,5", "hàng nghìn"),
        (WHOLE, 2.5, "gõ 2.500, không có"),
        (WHOLE, 1.23456, "Bỏ bớt"),
        (WHOLE, -1, "khoảng này"),
        (WHOLE, True, "gõ một số"),
        (WHOLE, float("inf"), "hữu hạn"),
        (WHOLE, at(date(2026, 2, 1)), "Excel đã đổi"),
        (WHOLE, time(9), "Excel đã đổi"),
        (WHOLE, timedelta(1), "Excel đã đổi"),
        (WHOLE, "#REF!", "Chỉ gõ số"),
        (PERCENT, 0.8, "Nếu là 80%, gõ 80"),
        (PERCENT, 101, "khoảng này"),
        (Day(), "20/11", "đủ ngày, tháng, năm"),
        (Day(), "30/2/2026", "đủ ngày, tháng, năm"),
        (Day(), 46346, "Nếu là ngày 20/11/2026"),
        (Day(), 3, "đủ ngày, tháng, năm"),
        (Day(), at(date(2026, 11, 20), time(9)), "không ghi giờ"),
        (Day(date(2026, 1, 1), date(2026, 12, 31)), "1/1/2027", "khoảng này"),
        (LEVELS, "Tốt", "Chọn một mục trong danh sách"),
        (LEVELS, 3, "Chọn một mục trong danh sách"),
        (Mark(), "có thể", "hoặc để trống"),
        (Text(most=3), "dài quá", "7 ký tự"),
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused_with_what_to_write(kind, typed, advice):
    with pytest.raises(BadCell) as bad:
        kind.read(Raw(typed))

    assert advice in bad.value.advice
    assert bad.value.expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (WHOLE, "Số nguyên từ 0 trở lên."),
        (PERCENT, "Số nguyên từ 0 đến 100."),
        (Number(), "Số nguyên."),
        (Number(largest=5, places=2), "Số có tối đa 2 chữ số thập phân từ 5 trở xuống."),
        (LEVELS, "Một trong: “Hạn chế”, “Hoàn thành”, “Cơ bản”."),
    ],
)
def test_a_cell_says_what_it_expects(kind, expected):
    assert kind.hint == expected


@given(st.text())
def test_a_text_is_the_same_after_a_cell_has_held_it(text):
    kind = Text(most=10_000)

    assert kind.read(Raw(kind.put(clean(text)))) == kind.canonical(text)


@given(st.text(alphabet="_x0123456789ABCDEF"))
def test_what_looks_like_an_escape_stays_itself(text):
    assert unescape(escape(text)) == text


@given(st.decimals(min_value=0, max_value=10**19, places=4))
def test_a_number_is_the_same_after_a_cell_has_held_it(number):
    kind = Number(places=4)

    assert kind.read(Raw(kind.put(number))) == number
