"""A table of resolver links, as a spreadsheet or as text: its rows by column, wherever they stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from openpyxl.utils import get_column_letter

from chuan.core.files.parsing.names import extension_of, safe_name
from chuan.core.workbooks.opening import MOST_BYTES, BookRefused, cannot_be_read, look_into
from chuan.core.workbooks.reading import UNREADABLE
from chuan.lib.vietnamese import clean, fold

# What a column is called: by its key, or by its heading in either language.
TITLES = {
    "number": gettext_lazy("Số liên kết"),
    "anchor": gettext_lazy("Mã"),
    "link_type": gettext_lazy("Loại liên kết"),
    "href": gettext_lazy("Địa chỉ"),
    "title": gettext_lazy("Tên liên kết"),
    "language": gettext_lazy("Ngôn ngữ"),
    "media_type": gettext_lazy("Kiểu nội dung"),
    "context": gettext_lazy("Ngữ cảnh"),
    "is_default": gettext_lazy("Mặc định"),
}
NEEDED = ("anchor", "link_type", "href", "title")
MOST_ROWS = 5000
_HEAD_WITHIN = 20
_LONGEST_CELL = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One row that is not empty: `number` as the person sees it, from 1."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LinkTable:
    """`letters` says where a column stands; `unused` are headings that mean nothing here."""

    sheet: str
    letters: Mapping[str, str]
    lines: Sequence[Line]
    unused: Sequence[str]

    def cell(self, at: int, column: str) -> str:
        """Where a field of a line stands, as spreadsheets name cells; only its row where the column
        is not in the file."""
        number = self.lines[min(at, len(self.lines) - 1)].number
        return f"{self.letters.get(column, '')}{number}"


def read_table(name: str, content: bytes) -> LinkTable:
    """The rows of a CSV or XLSX file under its heading.

    :raises BookRefused: another kind of file, unreadable, too large, or without the columns that
        are needed.
    """
    name = safe_name(name)
    if extension_of(name) == "csv":
        sheet, rows = name, _text_rows(name, content)
    else:
        sheet, rows = _sheet_rows(name, content)
    at, columns = _heading(rows)
    missing = [str(TITLES[key]) for key in NEEDED if key not in columns.values()]
    if missing:
        raise BookRefused(
            _("Tệp thiếu cột %(titles)s. Tải tệp mẫu để xem các cột cần có.")
            % {"titles": ", ".join(f"“{title}”" for title in missing)}
        )
    lines = []
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        cells = {key: row[place] for place, key in columns.items() if place < len(row)}
        if any(cells.values()):
            lines.append(Line(number, {key: cells.get(key, "") for key in TITLES}))
    if not lines:
        raise BookRefused(_("Tệp chưa có dòng nào được điền. Điền ít nhất một dòng rồi gửi lại."))
    if len(lines) > MOST_ROWS:
        raise BookRefused(_("Mỗi tệp tối đa 5.000 dòng. Tách tệp rồi gửi từng phần."))
    return LinkTable(
        sheet=sheet,
        letters={key: get_column_letter(place + 1) for place, key in columns.items()},
        lines=lines,
        unused=[one for place, one in enumerate(rows[at]) if one and place not in columns],
    )


def _text_rows(name: str, content: bytes) -> list[list[str]]:
    if len(content) > MOST_BYTES or b"\0" in content:
        raise cannot_be_read(name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BookRefused(
            _("Tệp “%s” không ở bảng mã UTF-8. Khi lưu, chọn dạng “CSV UTF-8” rồi gửi lại.") % name
        ) from None
    first = text.partition("\n")[0]
    # Excel writes semicolons where commas stand in numbers.
    mark = max((",", ";", "\t"), key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=mark))
    except csv.Error:
        raise cannot_be_read(name) from None
    # What stands before "=", "+", "-" or "@" so that no program computes it.
    return [[_text(one.removeprefix("'")) for one in row] for row in rows]


def _sheet_rows(name: str, content: bytes) -> tuple[str, list[list[str]]]:
    look_into(name, content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [
            [_text(value) for value in row]
            for row in sheet.iter_rows(max_row=MOST_ROWS + 100, max_col=40, values_only=True)
        ]
    except UNREADABLE:
        raise cannot_be_read(name) from None
    return str(sheet.title), rows


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean(str(value))[:_LONGEST_CELL]


def _heading(rows: Sequence[Sequence[str]]) -> tuple[int, dict[int, str]]:
    """Where the heading stands and what its columns mean; the row that means most."""
    known = _names()
    best: tuple[int, dict[int, str]] = (0, {})
    for at, row in enumerate(rows[:_HEAD_WITHIN]):
        found: dict[int, str] = {}
        for place, cell in enumerate(row):
            key = known.get(_plain(cell))
            if key is not None and key not in found.values():
                found[place] = key
        if len(found) > len(best[1]):
            best = (at, found)
    return best


def _names() -> dict[str, str]:
    names = {_plain(key): key for key in TITLES}
    for language in ("vi", "en"):
        with override(language):
            names |= {_plain(str(title)): key for key, title in TITLES.items()}
    return names


def _plain(text: str) -> str:
    return fold(text).replace("_", " ").strip()
