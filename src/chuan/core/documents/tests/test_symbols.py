import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.core.documents.parsing.symbols import Symbol, parse_symbol


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("1703/QĐ-TTg", Symbol(1703, "QĐ-TTg")),
        ("Số: 05/BC-SKHCN", Symbol(5, "BC-SKHCN")),
        ("số 12 / KH – UBND", Symbol(12, "KH-UBND")),
        ("30/2020/NĐ-CP", Symbol(30, "2020/NĐ-CP")),
        ("38-CT/TW", Symbol(None, "", "38-CT/TW")),
        ("15a/QĐ-UBND", Symbol(None, "", "15a/QĐ-UBND")),
        ("5/BC-SKHCN", Symbol(None, "", "5/BC-SKHCN")),
        ("005/BC", Symbol(None, "", "005/BC")),
        ("", Symbol(None, "", "")),
    ],
)
def test_a_symbol_is_taken_apart_where_it_is_number_and_notation(text, symbol):
    assert parse_symbol(text) == symbol


@given(st.integers(1, 999_999), st.sampled_from(["QĐ-UBND", "KH-UBND", "SKHCN-TĐC", "2020/NĐ-CP"]))
def test_what_we_print_is_read_back(number, notation):
    assert parse_symbol(f"{number:02d}/{notation}") == Symbol(number, notation)


@given(st.text(max_size=60))
def test_anything_is_read_somehow(text):
    parse_symbol(text)
