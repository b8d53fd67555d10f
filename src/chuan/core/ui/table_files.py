"""What a list is as a file: cells of a workbook, values between commas, the name it is saved under."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast
from urllib.parse import quote

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment

from chuan.lib.language import shown_number
from chuan.lib.vietnamese import clean, format_date

NOTHING = "–"

# Bytes of a workbook that are kept in memory.
SMALL_WORKBOOK = 4 * 1024 * 1024

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What a spreadsheet takes for a formula when a CSV file is opened.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def show(value: Any, places: int | None = None) -> Any:
    """A value as people read it: 1.234,5 · 20/11/2026 · Có · –."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, Decimal | int | float):
        return shown_number(value, places)
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{local:%H:%M}, {format_date(local.date())}"
    if isinstance(value, dt.date):
        return format_date(value)
    return value


NOT_IN_A_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def xlsx_cell(sheet: Any, value: Any) -> Any:
    """A value as a workbook written row by row shows it: text stays text, whatever it looks like."""
    if isinstance(value, bool):
        value = show(value)
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        cell = WriteOnlyCell(sheet, local.replace(tzinfo=None))
        cell.number_format = "dd/mm/yyyy hh:mm"
    elif isinstance(value, dt.date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "dd/mm/yyyy"
    elif isinstance(value, Decimal | int | float):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "#,##0" if value == int(value) else "#,##0.##"
    else:
        cell = WriteOnlyCell(sheet, "" if value is None else clean(str(value)))
        cell.data_type = "s"  # "=…" typed by somebody stays text
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(show(value))
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat(
            timespec="seconds"
        )
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal | int | float):
        return f"{Decimal(str(value)):f}"
    text = clean(str(value))
    return "'" + text if text.startswith(_FORMULA) else text


def attached(response: HttpResponseBase, name: str) -> HttpResponse:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    # Views promise an HttpResponse; one that streams is its sibling and serves the same.
    return cast(HttpResponse, response)


def in_language(pieces: Iterator[bytes], language: str | None) -> Iterator[bytes]:
    """Make each piece in the reader's language: the request that knew it is over by then."""
    while True:
        with override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
