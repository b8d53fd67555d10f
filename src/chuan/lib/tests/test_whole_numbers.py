import pytest

from chuan.lib.whole_numbers import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("12", 12), ("9" * 18, 10**18 - 1)],
)
def test_digits_make_their_number(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", "²", "x", "9" * 19, "9" * 5000])
def test_anything_else_or_too_many_digits_make_none(text):
    assert whole_number(text) is None
