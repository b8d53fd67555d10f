"""Numbers as Vietnamese documents write them: 1.234,5; 05/BC-SKHCN; Phụ lục IV."""

from __future__ import annotations

import enum
import re
from decimal import Decimal

_SPACES = re.compile(r"[\s\u00a0\u202f\u200b\ufeff]+")
_GROUPED = re.compile(r"\d{1,3}(\.\d{3})+")
_ROMAN = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
          (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]  # fmt: skip


class NumberFault(enum.StrEnum):
    NOT_A_NUMBER = "not_a_number"
    POINT_FOR_DECIMALS = "point_for_decimals"  # 1.5: a point separates thousands here
    COMMA_FOR_THOUSANDS = "comma_for_thousands"  # 1,234.5 or 1,234,567


class BadNumber(ValueError):
    """A text that is no number, or one that a Vietnamese and an English reader read differently.

    `suggestion` is how to write what was probably meant, or "".
    """

    def __init__(self, fault: NumberFault, text: str, suggestion: str = "") -> None:
        super().__init__(f"{text!r}: {fault.value}")
        self.fault, self.text, self.suggestion = fault, text, suggestion


def format_number(value: Decimal | int | float, places: int | None = None) -> str:
    """1234.5 → "1.234,5". With `places`, rounded half up to so many decimals; without, as it is."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")
    if number == 0:
        number = abs(number)  # no "-0"
    whole, _, decimals = f"{number:,f}".partition(".")
    return whole.replace(",", ".") + ("," + decimals if decimals else "")


def parse_number(text: str) -> Decimal:
    """ "1.234,5" → 1234.5; "1.234" → 1234; spaces of every kind are ignored.

    :raises BadNumber: with the reason, and with what to write instead where that can be guessed.
    """
    bare = _SPACES.sub("", text).replace("\u2212", "-").replace("\u2013", "-")
    sign, digits = ("-", bare[1:]) if bare.startswith("-") else ("", bare.removeprefix("+"))
    if not re.fullmatch(r"[0-9.,]*[0-9][0-9.,]*", digits):
        raise BadNumber(NumberFault.NOT_A_NUMBER, text)
    if digits.count(",") > 1 or ("," in digits and digits.rfind(".") > digits.rfind(",")):
        meant = sign + digits.replace(",", "")
        suggestion = format_number(Decimal(meant)) if re.fullmatch(r"-?\d+(\.\d+)?", meant) else ""
        raise BadNumber(NumberFault.COMMA_FOR_THOUSANDS, text, suggestion)
    whole, comma, decimals = digits.partition(",")
    if "." in whole and not _GROUPED.fullmatch(whole):
        meant = sign + digits
        suggestion = meant.replace(".", ",") if re.fullmatch(r"-?\d+\.\d+", meant) else ""
        raise BadNumber(NumberFault.POINT_FOR_DECIMALS, text, suggestion)
    if not whole or (comma and not decimals):
        raise BadNumber(NumberFault.NOT_A_NUMBER, text)
    return Decimal(sign + whole.replace(".", "") + ("." + decimals if decimals else ""))


def pad_number(number: int) -> str:
    """The number of a document: below 10 gets a zero (Decree 30/2020/NĐ-CP, annex I, part II, 3)."""
    return f"{number:02d}"


def to_roman(number: int) -> str:
    """4 → "IV".

    :raises ValueError: not between 1 and 3999.
    """
    if not 1 <= number <= 3999:
        raise ValueError(f"{number} has no Roman numeral")
    out = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        out += letters * times
    return out


def from_roman(text: str) -> int:
    """ "IV" → 4; small letters too.

    :raises ValueError: not a Roman numeral as it is properly written ("IIII", "VX").
    """
    letters = text.strip().upper()
    total, rest = 0, letters
    for value, symbol in _ROMAN:
        while rest.startswith(symbol):
            total, rest = total + value, rest[len(symbol) :]
    if not letters or rest or to_roman(total) != letters:
        raise ValueError(f"{text!r} is not a Roman numeral")
    return total


LIST_LETTERS = [
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
    "n",
    "o",
    "p",
    "q",
    "r",
    "s",
    "t",
    "u",
    "v",
    "x",
    "y",
]
"""Letters of points in Vietnamese documents: đ after d; no f, j, w, z."""


def list_letter(position: int) -> str:
    """The letter of the point at a position from 0: a, b, c, d, đ, e, g …

    :raises ValueError: a list of more points than there are letters.
    """
    if not 0 <= position < len(LIST_LETTERS):
        raise ValueError(f"No letter for point {position + 1}")
    return LIST_LETTERS[position]
