"""Dates as Vietnamese people write and read them: 20/11/2026, thứ Sáu, ngày 05 tháng 01 năm 2026."""

from __future__ import annotations

import datetime as dt
import enum
import re

WEEKDAYS = ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"]

_WORDS = re.compile(r"ngày|tháng|năm", re.IGNORECASE)
_NUMERIC = re.compile(r"^\d+([/\-. ]\d*){0,2}$")


class DateFault(enum.StrEnum):
    UNREADABLE = "unreadable"
    MISSING_DAY = "missing_day"
    MISSING_MONTH = "missing_month"
    MISSING_YEAR = "missing_year"
    MISSING_DAY_AND_MONTH = "missing_day_and_month"
    SHORT_YEAR = "short_year"
    NO_SUCH_MONTH = "no_such_month"
    NO_SUCH_DAY = "no_such_day"


class BadDate(ValueError):
    """A text that is no date; `fault` says which part is missing or impossible."""

    def __init__(self, fault: DateFault, text: str) -> None:
        super().__init__(f"{text!r}: {fault.value}")
        self.fault, self.text = fault, text


def parse_date(text: str) -> dt.date:
    """Read 5/4/2025, 05-04-2025, 5.4.2025, "ngày 5 tháng 4 năm 2025" as 5 April; 2025-04-05 too.

    :raises BadDate: with the part that is missing or impossible.
    """
    bare = " ".join(text.replace("\u200b", "").replace("\ufeff", "").split())
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", bare):
        year, month, day = bare.split("-")
        return _date(day, month, year, text)
    if _WORDS.search(bare):
        return _date_in_words(bare.lower(), text)
    bare = re.sub(r"\s*([/\-.])\s*", r"\1", bare)
    if not _NUMERIC.fullmatch(bare):
        raise BadDate(DateFault.UNREADABLE, text)
    parts = re.split(r"[/\-. ]", bare)
    if len(parts) == 3:
        day, month, year = parts
        return _date(day, month, year, text)
    if len(parts) == 2:
        first, second = parts
        if len(second) == 4:
            month_given = first.isdigit() and 1 <= int(first) <= 12
            raise BadDate(DateFault.MISSING_DAY if month_given else DateFault.MISSING_MONTH, text)
        raise BadDate(DateFault.MISSING_YEAR if second else DateFault.MISSING_MONTH, text)
    if len(bare) == 4:
        raise BadDate(DateFault.MISSING_DAY_AND_MONTH, text)
    if len(bare) == 8:
        return _date(bare[:2], bare[2:4], bare[4:], text)
    raise BadDate(DateFault.MISSING_MONTH if len(bare) <= 2 else DateFault.UNREADABLE, text)


def format_date(day: dt.date) -> str:
    """20/11/2026, always two digits: what every screen and table shows."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def format_weekday_date(day: dt.date) -> str:
    """thứ Năm, 19/11/2026."""
    return f"{weekday_name(day)}, {format_date(day)}"


def weekday_name(day: dt.date) -> str:
    return WEEKDAYS[day.weekday()]


def document_date(day: dt.date) -> str:
    """The date line of a document: days below 10 and months 1 and 2 get a zero, other months not.

    Decree 30/2020/NĐ-CP, annex I, part II, 4.
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def _date_in_words(words: str, text: str) -> dt.date:
    numbers = {
        name: re.search(pattern, words)
        for name, pattern in {
            "day": r"(\d{1,2})\s*(?:[/\-.,]?\s*)tháng|ngày\s*(\d{1,2})",
            "month": r"tháng\s*(\d{1,2})",
            "year": r"năm\s*(\d+)|tháng\s*\d{1,2}\s*[,/\-. ]\s*(\d{2,4})\b",
        }.items()
    }
    found = {k: next((g for g in m.groups() if g), "") if m else "" for k, m in numbers.items()}
    return _date(found["day"], found["month"], found["year"], text)


def _date(day: str, month: str, year: str, text: str) -> dt.date:
    if not (day or month or year):
        raise BadDate(DateFault.UNREADABLE, text)
    if not day and not month:
        raise BadDate(DateFault.MISSING_DAY_AND_MONTH, text)
    if not day:
        raise BadDate(DateFault.MISSING_DAY, text)
    if not month:
        raise BadDate(DateFault.MISSING_MONTH, text)
    if not year:
        raise BadDate(DateFault.MISSING_YEAR, text)
    if len(year) != 4 or year.startswith("0"):
        raise BadDate(DateFault.SHORT_YEAR, text)
    if not 1 <= int(month) <= 12:
        raise BadDate(DateFault.NO_SUCH_MONTH, text)
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise BadDate(DateFault.NO_SUCH_DAY, text) from None
