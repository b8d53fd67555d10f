"""The person's own file with what is wrong in it: comments at the cells, and a sheet that lists them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from chuan.core.workbooks.drawing import (
    HEAD_ROW,
    OPEN,
    draw_list,
    put_text,
)
from chuan.core.workbooks.opening import cannot_be_read
from chuan.core.workbooks.reading import UNREADABLE, Fault

AUTHOR = "Chuẩn"
MARK = "#chuan:faults"
WRONG = "F9D0C9"
_WIDTHS = (18, 7, 22, 26, 34, 40)


def mark(content: bytes, faults: Sequence[Fault], *, name: str = "") -> bytes:
    """The file with these faults shown; what earlier marking left is taken off.

    Only for files that `read` has gone through: it took the values alone. Marking takes the looks as
    well, and those of a file from elsewhere may be broken.

    :raises BookRefused: they are.
    """
    try:
        return _marked(content, faults)
    except UNREADABLE:
        raise cannot_be_read(name) from None


def _marked(content: bytes, faults: Sequence[Fault]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    was_locked, book.security.lockStructure = book.security.lockStructure, False
    for sheet in list(book.worksheets):
        if sheet["A1"].value == MARK:
            book.remove(sheet)
        else:
            _take_off(sheet)
    for (sheet_title, address), told in _by_cell(_tops(book), faults).items():
        cell = book[sheet_title][address]
        text = "\n".join(f"{fault.expected} {fault.advice}".strip() for fault in told)
        cell.comment = Comment(text, AUTHOR, height=110, width=320)
        cell.fill = _fill(WRONG)
    _list(book.create_sheet(_free_title(book), 0), faults)
    book.active = 0
    book.security.lockStructure = was_locked
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _tops(book: Any) -> dict[tuple[str, str], str]:
    """Cells that were merged into another, with the one that is left: it alone takes a comment."""
    return {
        (sheet.title, f"{get_column_letter(column)}{row}"): merged.start_cell.coordinate
        for sheet in book.worksheets
        for merged in sheet.merged_cells.ranges
        for row, column in merged.cells
    }


def _by_cell(
    tops: dict[tuple[str, str], str], faults: Iterable[Fault]
) -> dict[tuple[str, str], list[Fault]]:
    found: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        place = fault.place.sheet, fault.place.cell or f"B{fault.place.row}"
        found.setdefault((fault.place.sheet, tops.get(place, place[1])), []).append(fault)
    return found


def _take_off(sheet: Any) -> None:
    # Asking a sheet for its rows would make every cell of them; these are the ones it has.
    for cell in list(sheet._cells.values()):
        if cell.comment is not None and cell.comment.author == AUTHOR:
            cell.comment = None
            if cell.fill.start_color.rgb.endswith(WRONG):
                cell.fill = _fill(OPEN)


def _free_title(book: Any) -> str:
    title = _("Cần sửa")
    number = 1
    while title in book.sheetnames:
        number += 1
        title = _("Cần sửa") + f" {number}"
    return title


def _list(sheet: Any, faults: Sequence[Fault]) -> None:
    heads = (_("Trang"), _("Dòng"), _("Cột"), _("Đang ghi"), _("Cần là"), _("Cách sửa"))
    rows = [
        (
            fault.place.sheet,
            fault.place.row,
            " ".join(filter(None, (fault.place.column, fault.title))),
            fault.value,
            fault.expected,
            fault.advice,
        )
        for fault in faults
    ]
    put_text(sheet["A1"], MARK)
    sheet.row_dimensions[1].hidden = True
    title = _("%(count)s chỗ cần sửa. Bấm tên trang để tới ô; ô sai có màu và lời ghi chú.")
    draw_list(sheet, title % {"count": len(faults)}, heads, rows, _WIDTHS)
    for number, fault in enumerate(faults, start=HEAD_ROW + 1):
        address = fault.place.cell or f"B{fault.place.row}"
        quoted = fault.place.sheet.replace("'", "''")
        cell = sheet.cell(number, 1)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{address}")
    sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, 1)


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour, end_color=colour)
