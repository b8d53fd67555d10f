import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.core.documents.layout.metrics import (
    balanced_lines,
    line_count,
    printable,
    text_width,
)


def test_widths_are_those_of_times_new_roman():
    # Widths of the Adobe metrics of Times: A 722, a 444, space 250 of 1000; bold A 722, a 500.
    assert text_width("Aa ", 1000) == pytest.approx(722 + 444 + 250, abs=1.5)
    assert text_width("Aa", 1000, bold=True) == pytest.approx(722 + 500, abs=1.5)


def test_vietnamese_letters_are_all_in_the_fonts():
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxyfjwzàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"

    assert printable(letters + letters.upper()) == letters + letters.upper()


def test_what_no_font_shows_becomes_a_box():
    assert printable("Tốt 👍 ≥ 95% 中") == "Tốt □ ≥ 95% □"


def test_centred_lines_are_even_and_never_begin_with_a_number():
    lines = balanced_lines("Kế hoạch triển khai Quyết định số 1703/QĐ-TTg ngày 31/12/2024", 250, 14)

    assert lines == ("Kế hoạch triển khai Quyết định", "số 1703/QĐ-TTg ngày 31/12/2024")
    assert max(text_width(line, 14) for line in lines) <= 250


def test_breaks_already_there_stay():
    assert balanced_lines("ỦY BAN NHÂN DÂN\nTỈNH GIA LAI", 500, 13) == (
        "ỦY BAN NHÂN DÂN",
        "TỈNH GIA LAI",
    )


@given(st.text(alphabet="abc ọ1/\n", max_size=80), st.floats(30, 400))
def test_breaking_a_text_loses_no_word(text, width):
    assert " ".join(balanced_lines(text, width, 14)).split() == text.split()
    assert line_count(text, width, 14) >= text.count("\n") + 1
