"""What is kept or sent is Vietnamese, whatever language its writer reads the screens in; what is only
shown is in the reader's."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import ParamSpec, TypeVar

from django.utils import translation

from chuan.lib.vietnamese import format_number

P = ParamSpec("P")
R = TypeVar("R")


def in_vietnamese(make: Callable[P, R]) -> Callable[P, R]:
    """Make a letter, a notice or a stored text in the language of the administration.

    Whatever the function returns must be finished text: something lazy would be put into words
    later, in another language.
    """

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> R:
        with translation.override("vi"):
            return make(*args, **kwargs)

    return made


def format_percent(value: Decimal | int, places: int = 1) -> str:
    """86.84 → "86,8%"; read in English, "86.8%". The value is in percent already."""
    number = Decimal(str(value))
    if (translation.get_language() or "vi").startswith("vi"):
        return format_number(number, places) + "%"
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")
    return f"{abs(rounded) if rounded == 0 else rounded:,f}%"


def shown_number(value: Decimal | float, places: int | None = None) -> str:
    """1234.5 → "1.234,5"; read in English, "1,234.5"."""
    text = format_number(value, places)
    if (translation.get_language() or "vi").startswith("vi"):
        return text
    return text.translate(str.maketrans(".,", ",."))
