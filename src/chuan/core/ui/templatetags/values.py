"""Numbers, dates and texts as people read them (a builtin library: nothing to load)."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import dateformat, timezone
from django.utils.translation import get_language, gettext

from chuan.lib.language import format_percent, shown_number
from chuan.lib.vietnamese import format_date, to_roman, weekday_name

register = template.Library()

NOTHING = "–"
# Less than this says nothing by itself.
SHORTEST_CLAUSE = 20


@register.filter
def vn_number(value: Any) -> str:
    """1234567 → 1.234.567; None → –."""
    return _number(value, None)


@register.filter
def vn_decimal(value: Any, places: int = 1) -> str:
    """1234.56 → 1.234,6 (`|vn_decimal:2` for two places)."""
    return _number(value, int(places))


@register.filter
def vn_percent(value: Any, places: int = 1) -> str:
    """86.84 → 86,8%; on an English page 86.8%. The value is in percent already."""
    if value is None or value == "":
        return NOTHING
    try:
        return format_percent(Decimal(str(value)), int(places))
    except InvalidOperation:
        raise template.TemplateSyntaxError(f"Not a number: {value!r}") from None


@register.filter
def vn_roman(value: int) -> str:
    return to_roman(int(value))


@register.filter
def vn_size(value: Any) -> str:
    """Bytes as people read them: 84 KB, 1,2 MB."""
    if value in (None, ""):
        return NOTHING
    size = Decimal(int(value))
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            break
        size /= 1024
    places = 1 if unit in {"MB", "GB"} and size < 100 else 0
    return f"{shown_number(size, places).removesuffix(',0').removesuffix('.0')} {unit}"


@register.filter
def first_clause(value: str, longest: int = 70) -> str:
    """The beginning of a long text, for a heading: its first clause, or as many whole words as fit.

    The page shows the text itself below.
    """
    text = " ".join(str(value).split())
    if len(text) <= int(longest):
        return text
    clause = re.split(r"[,;:]\s|\.\s", text, maxsplit=1)[0]
    if SHORTEST_CLAUSE <= len(clause) <= int(longest):
        return clause
    return f"{text[: int(longest)].rsplit(' ', 1)[0].rstrip(',;:.')}…"


@register.filter
def vn_date(value: Any) -> str:
    """20/11/2026, in the province's time."""
    day = _day(value)
    return format_date(day) if day else NOTHING


@register.filter
def clear_date(value: Any) -> str:
    """20/11/2026; on an English page 20 Nov 2026, which nobody abroad takes for another day."""
    day = _day(value)
    if day is None or not (get_language() or "").startswith("en"):
        return vn_date(value)
    return dateformat.format(day, "j M Y")


@register.filter
def clear_datetime(value: Any) -> str:
    """As `vn_datetime`, with the day as `clear_date` writes it."""
    return f"{vn_time(value)}, {clear_date(value)}"


@register.filter
def vn_weekday_date(value: Any) -> str:
    """thứ Năm, 19/11/2026; on an English page Thursday, 19/11/2026."""
    day = _day(value)
    return f"{gettext(weekday_name(day))}, {format_date(day)}" if day else NOTHING


@register.filter
def vn_weekday(value: Any) -> str:
    day = _day(value)
    return gettext(weekday_name(day)) if day else NOTHING


@register.filter
def vn_time(value: Any) -> str:
    """09:41."""
    if isinstance(value, dt.datetime):
        return f"{_local(value):%H:%M}"
    return f"{value:%H:%M}" if isinstance(value, dt.time) else NOTHING


@register.filter
def vn_datetime(value: Any) -> str:
    """09:41, 20/11/2026; a day without a time stays a day."""
    if not isinstance(value, dt.datetime):
        return vn_date(value)
    return f"{vn_time(value)}, {vn_date(value)}"


def _number(value: Any, places: int | None) -> str:
    if value is None or value == "":
        return NOTHING
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise template.TemplateSyntaxError(f"Not a number: {value!r}") from None
    return shown_number(number, places)


def _local(value: dt.datetime) -> dt.datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return _local(value).date()
    return value if isinstance(value, dt.date) else None
