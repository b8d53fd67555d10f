"""What may stand in a cell: how it is put there, how it is read back, what is wrong with it.

People type dates as text, numbers as text, and let Excel turn one into the other. Whatever has one
meaning is read; whatever could mean two things is refused with what to write instead.
"""

from __future__ import annotations

import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils.datetime import from_excel

from chuan.lib.vietnamese import (
    BadDate,
    BadNumber,
    clean,
    fold,
    format_date,
    format_number,
    parse_date,
    parse_number,
)

# A cell of a workbook holds 32,767 characters; a little less, because some are written as seven.
LONGEST_TEXT = 32_000
# Excel keeps fifteen digits of a number.
MOST_DIGITS = 15
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r'"[^"]*"|\\.')
# Days as numbers, as Excel counts them: 1950 to 2100.
_SERIAL_DAYS = range(18_264, 73_416)

Value = str | Decimal | dt.date | bool | None


class BadCell(ValueError):
    """What stands in a cell cannot be taken: what is expected there, and what to do."""

    def __init__(self, expected: str, advice: str) -> None:
        super().__init__(f"{expected} {advice}")
        self.expected, self.advice = expected, advice


@dataclass(frozen=True, slots=True)
class Raw:
    """A cell as the file has it. `has_result` is false for a formula that was never computed."""

    value: Any
    number_format: str = ""
    has_result: bool = True

    @property
    def is_percent(self) -> bool:
        return "%" in _QUOTED.sub("", self.number_format)

    @property
    def shown(self) -> str:
        """What the person sees there, nearly."""
        if self.value is None:
            return ""
        if isinstance(self.value, dt.datetime):
            day = format_date(self.value.date())
            return day if self.value.time() == dt.time() else f"{self.value:%H:%M} {day}"
        if isinstance(self.value, dt.date):
            return format_date(self.value)
        if isinstance(self.value, float | int) and not isinstance(self.value, bool):
            number = _decimal(self.value)
            return str(self.value) if number is None else format_number(number)
        return unescape(str(self.value))


def escape(text: str) -> str:
    """A text as a workbook keeps it: what XML cannot hold is left out, `_x0041_` stays itself."""
    return _LOOKS_ESCAPED.sub("_x005F_", _NOT_IN_XML.sub("", text))


def unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _decimal(value: float) -> Decimal | None:
    """The number Excel shows: fifteen digits of it. None for what is no number."""
    number = Decimal(repr(value))
    if not number.is_finite():
        return None
    number = Decimal(f"{number:.{MOST_DIGITS}g}")
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


class Kind(ABC):
    """One kind of cell. `put` and `read` are each other's inverse."""

    number_format = "General"
    horizontal = "left"

    @abstractmethod
    def put(self, value: Any) -> Any:
        """What the cell gets."""

    @abstractmethod
    def read(self, raw: Raw) -> Any:
        """:raises BadCell: with what is expected."""

    def canonical(self, value: Any) -> str:
        """One text for each value, to tell whether two are the same."""
        return "" if value is None else str(value)

    def shown(self, value: Any) -> str:
        return "" if value is None else str(value)

    @property
    def choices(self) -> Sequence[str]:
        """What a list in the cell offers."""
        return ()

    @property
    def hint(self) -> str:
        """What is said when the cell is chosen."""
        return ""


@dataclass(frozen=True)
class Text(Kind):
    """Words, up to `most` characters; NFC and without stray characters, as everywhere here."""

    most: int = 4000

    def put(self, value: str) -> str:
        return escape(value)

    def read(self, raw: Raw) -> str:
        text = self.canonical(raw.shown)
        if len(text) > self.most:
            raise BadCell(
                _("Tối đa %(most)s ký tự.") % {"most": format_number(self.most)},
                _("Ô này có %(count)s ký tự: hãy rút gọn.") % {"count": format_number(len(text))},
            )
        return text

    def canonical(self, value: str) -> str:
        return clean(_NOT_IN_XML.sub("", clean(value)))

    @property
    def hint(self) -> str:
        return _("Tối đa %(most)s ký tự.") % {"most": format_number(self.most)}


@dataclass(frozen=True)
class Number(Kind):
    """A number with at most `places` decimals; empty is None."""

    smallest: Decimal | int | None = None
    largest: Decimal | int | None = None
    places: int = 0

    horizontal = "right"

    @property
    def number_format(self) -> str:  # type: ignore[override]
        return "#,##0" + ("." + "#" * self.places if self.places else "")

    def put(self, value: Decimal | int | None) -> Any:
        if value is None:
            return None
        number = Decimal(value)
        if len(number.normalize().as_tuple().digits) > MOST_DIGITS or abs(number) >= 10**15:
            return format_number(number)  # as a text, which keeps every digit
        return int(number) if number == number.to_integral_value() else float(number)

    def read(self, raw: Raw) -> Decimal | None:
        number = self._number(raw)
        if number is None:
            return None
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.places:
            raise BadCell(self.hint, self._on_decimals(number))
        is_low = self.smallest is not None and number < self.smallest
        is_high = self.largest is not None and number > self.largest
        if is_low or is_high:
            raise BadCell(self.hint, _("Sửa số cho nằm trong khoảng này."))
        return number

    def _number(self, raw: Raw) -> Decimal | None:
        value = raw.value
        if value is None:
            return None
        if isinstance(value, bool):
            raise BadCell(self.hint, _("Chỉ gõ một số."))
        if isinstance(value, float | int):
            number = _decimal(value)
            if number is None:
                raise BadCell(self.hint, _("Gõ lại số: ô này không chứa số hữu hạn."))
            return number * 100 if raw.is_percent else number
        if isinstance(value, dt.date | dt.time | dt.timedelta):
            advice = _("Excel đã đổi nội dung thành ngày giờ: định dạng ô kiểu Số rồi gõ lại số.")
            raise BadCell(self.hint, advice)
        return self._typed(clean(unescape(str(value))))

    def _typed(self, text: str) -> Decimal | None:
        if not text:
            return None
        try:
            return parse_number(text.removesuffix("%").rstrip())
        except BadNumber as bad:
            advice = (
                _("Có phải bạn muốn viết %(suggestion)s?") % {"suggestion": bad.suggestion}
                if bad.suggestion
                else _("Chỉ gõ số; dấu chấm ngăn hàng nghìn, dấu phẩy ngăn phần thập phân.")
            )
            raise BadCell(self.hint, advice) from None

    def _on_decimals(self, number: Decimal) -> str:
        if self.places == 0 and self.largest == 100 and 0 < number < 1:
            return _("Nếu là %(percent)s%%, gõ %(percent)s.") % {
                "percent": format_number((number * 100).normalize())
            }
        digits = -int(number.normalize().as_tuple().exponent)
        if digits <= 3:
            thousands = format_number(int(number * 1000))
            return _("Nếu là hàng nghìn, gõ %(number)s, không có dấu phẩy thập phân.") % {
                "number": thousands
            }
        return _("Bỏ bớt chữ số sau dấu phẩy.")

    def canonical(self, value: Decimal | int | None) -> str:
        return "" if value is None else f"{Decimal(value).normalize():f}"

    def shown(self, value: Decimal | int | None) -> str:
        return "" if value is None else format_number(value)

    @property
    def hint(self) -> str:
        names = {
            "what": _("Số có tối đa %(places)s chữ số thập phân") % {"places": self.places}
            if self.places
            else _("Số nguyên"),
            "smallest": format_number(self.smallest) if self.smallest is not None else "",
            "largest": format_number(self.largest) if self.largest is not None else "",
        }
        if names["smallest"] and names["largest"]:
            return _("%(what)s từ %(smallest)s đến %(largest)s.") % names
        if names["smallest"]:
            return _("%(what)s từ %(smallest)s trở lên.") % names
        if names["largest"]:
            return _("%(what)s từ %(largest)s trở xuống.") % names
        return names["what"] + "."


@dataclass(frozen=True)
class Day(Kind):
    """A day, between two bounds that count as well; empty is None."""

    first: dt.date | None = None
    last: dt.date | None = None

    number_format = "dd/mm/yyyy"
    horizontal = "center"

    def put(self, value: dt.date | None) -> dt.date | None:
        return value

    def read(self, raw: Raw) -> dt.date | None:
        day = self._day(raw.value)
        if day is None:
            return None
        if (self.first and day < self.first) or (self.last and day > self.last):
            raise BadCell(self.hint, _("Sửa ngày cho nằm trong khoảng này."))
        return day

    def _day(self, value: Any) -> dt.date | None:
        if value is None:
            return None
        if isinstance(value, dt.datetime):
            if value.time() != dt.time():
                raise BadCell(self.hint, _("Chỉ ghi ngày, không ghi giờ."))
            return value.date()
        if isinstance(value, dt.date):
            return value
        if isinstance(value, float | int) and not isinstance(value, bool):
            raise BadCell(self.hint, self._on_number(value))
        text = clean(unescape(str(value)))
        if not text:
            return None
        try:
            return parse_date(text)
        except BadDate:
            raise BadCell(self.hint, _("Gõ đủ ngày, tháng, năm.")) from None

    def _on_number(self, value: float) -> str:
        if value in _SERIAL_DAYS:
            meant = from_excel(value)
            return _("Ô này đang là một con số. Nếu là ngày %(day)s, gõ lại đúng như vậy.") % {
                "day": format_date(meant.date() if isinstance(meant, dt.datetime) else meant)
            }
        return _("Gõ đủ ngày, tháng, năm.")

    def canonical(self, value: dt.date | None) -> str:
        return "" if value is None else value.isoformat()

    def shown(self, value: dt.date | None) -> str:
        return "" if value is None else format_date(value)

    @property
    def hint(self) -> str:
        if self.first and self.last:
            return _("Ngày từ %(first)s đến %(last)s.") % {
                "first": format_date(self.first),
                "last": format_date(self.last),
            }
        if self.last:
            return _("Ngày dạng ngày/tháng/năm, không sau %(last)s.") % {
                "last": format_date(self.last)
            }
        if self.first:
            return _("Ngày dạng ngày/tháng/năm, không trước %(first)s.") % {
                "first": format_date(self.first)
            }
        return _("Ngày dạng ngày/tháng/năm, ví dụ 20/11/2026.")


@dataclass(frozen=True)
class Choice(Kind):
    """One of some words, kept by its code; empty is "". Case and tone marks do not matter."""

    options: tuple[tuple[str, str], ...]  # (code, word)

    def put(self, value: str) -> str:
        return dict(self.options).get(value, "")

    def read(self, raw: Raw) -> str:
        typed = clean(raw.shown)
        if not typed:
            return ""
        exact = [code for code, word in self.options if clean(word) == typed]
        alike = [code for code, word in self.options if fold(word) == fold(typed)]
        if len(exact or alike) != 1:
            raise BadCell(self.hint, _("Chọn một mục trong danh sách của ô."))
        return (exact or alike)[0]

    def shown(self, value: str) -> str:
        return dict(self.options).get(value, value)

    @property
    def choices(self) -> Sequence[str]:
        return [word for _code, word in self.options]

    @property
    def hint(self) -> str:
        words = ", ".join(f"“{word}”" for word in self.choices)
        return _("Một trong: %(words)s.") % {"words": words}


@dataclass(frozen=True)
class Mark(Kind):
    """Yes, or empty for no."""

    horizontal = "center"
    yes = "Có"
    _YES = frozenset({"co", "x", "1", "true", "yes", "dung", "v"})
    _NO = frozenset({"", "khong", "0", "false", "no", "chua"})

    def put(self, value: bool) -> str:
        return self.yes if value else ""

    def read(self, raw: Raw) -> bool:
        typed = str(int(raw.value)) if isinstance(raw.value, bool) else fold(clean(raw.shown))
        if typed in self._YES:
            return True
        if typed in self._NO:
            return False
        raise BadCell(self.hint, _("Gõ “Có” hoặc để trống."))

    def canonical(self, value: bool) -> str:
        return "1" if value else ""

    def shown(self, value: bool) -> str:
        return self.yes if value else ""

    @property
    def choices(self) -> Sequence[str]:
        return [self.yes]

    @property
    def hint(self) -> str:
        return _("“Có”, hoặc để trống.")
