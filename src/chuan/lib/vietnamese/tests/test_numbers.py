"""Numbers as Vietnamese documents write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.lib.vietnamese import (
    LIST_LETTERS,
    BadNumber,
    NumberFault,
    format_number,
    from_roman,
    list_letter,
    pad_number,
    parse_number,
    to_roman,
)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1.234", "1234"),
        ("1.234,5", "1234.5"),
        ("1234,5", "1234.5"),
        ("1 234 567", "1234567"),
        ("1\u00a0234", "1234"),
        ("-1.000", "-1000"),
        ("−3,5", "-3.5"),
        ("+7", "7"),
        ("0,05", "0.05"),
        ("1.234.567,89", "1234567.89"),
        ("007", "7"),
    ],
)
def test_a_number_is_read_as_it_is_written_in_vietnam(typed, number):
    assert parse_number(typed) == Decimal(number)


@pytest.mark.parametrize(
    ("typed", "fault", "suggestion"),
    [
        ("1.5", NumberFault.POINT_FOR_DECIMALS, "1,5"),
        ("12.34", NumberFault.POINT_FOR_DECIMALS, "12,34"),
        ("1.2345", NumberFault.POINT_FOR_DECIMALS, "1,2345"),
        ("1.23.456", NumberFault.POINT_FOR_DECIMALS, ""),
        ("1,234.5", NumberFault.COMMA_FOR_THOUSANDS, "1.234,5"),
        ("1,234,567", NumberFault.COMMA_FOR_THOUSANDS, "1.234.567"),
        ("1.234,", NumberFault.NOT_A_NUMBER, ""),
        (",5", NumberFault.NOT_A_NUMBER, ""),
        ("mười hai", NumberFault.NOT_A_NUMBER, ""),
        ("", NumberFault.NOT_A_NUMBER, ""),
        ("12-3", NumberFault.NOT_A_NUMBER, ""),
        ("1e5", NumberFault.NOT_A_NUMBER, ""),
        ("٣", NumberFault.NOT_A_NUMBER, ""),
    ],
)
def test_what_two_readers_would_read_differently_is_refused(typed, fault, suggestion):
    with pytest.raises(BadNumber) as caught:
        parse_number(typed)
    assert (caught.value.fault, caught.value.suggestion) == (fault, suggestion)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12))  # fmt: skip
def test_a_number_printed_is_the_number_read_back(number):
    assert parse_number(format_number(number)) == number


@pytest.mark.parametrize(
    ("value", "places", "printed"),
    [
        (1234567, None, "1.234.567"),
        (Decimal("1234.5"), None, "1.234,5"),
        (Decimal("1250.0"), None, "1.250,0"),
        (0.1, None, "0,1"),
        (Decimal("0.125"), 2, "0,13"),
        (Decimal("2.5"), 0, "3"),
        (Decimal("-0.001"), 2, "0,00"),
        (999, None, "999"),
    ],
)
def test_numbers_are_printed_with_points_and_a_comma(value, places, printed):
    assert format_number(value, places) == printed


def test_document_numbers_below_ten_get_a_zero():
    assert [pad_number(n) for n in (5, 10, 118)] == ["05", "10", "118"]


@given(st.integers(1, 3999))
def test_roman_numerals_go_both_ways(number):
    assert from_roman(to_roman(number)) == number
    assert from_roman(to_roman(number).lower()) == number


@pytest.mark.parametrize("wrong", ["", "IIII", "VX", "A", "IC", "MMMM"])
def test_what_only_looks_roman_is_refused(wrong):
    with pytest.raises(ValueError, match="Roman"):
        from_roman(wrong)


@pytest.mark.parametrize("number", [0, 4000, -1])
def test_numbers_without_a_roman_form_are_refused(number):
    with pytest.raises(ValueError, match="Roman"):
        to_roman(number)


def test_points_follow_the_vietnamese_alphabet():
    assert [list_letter(i) for i in range(12)] == [
        "a",
        "b",
        "c",
        "d",
        "đ",
        "e",
        "g",
        "h",
        "i",
        "k",
        "l",
        "m",
    ]


def test_there_is_no_letter_after_the_last():
    with pytest.raises(ValueError, match="letter"):
        list_letter(len(LIST_LETTERS))
