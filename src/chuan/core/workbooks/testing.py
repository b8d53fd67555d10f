"""A small form for tests, and a pen to fill it in with."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl

from chuan.core.workbooks.book import Book, Column, Row, Table
from chuan.core.workbooks.cells import Choice, Day, Mark, Number, Text
from chuan.core.workbooks.drawing import FIRST_ROW, ID_COLUMN, KEYS

LEVELS = Choice((("low", "Hạn chế"), ("high", "Hoàn thành")))
COLUMNS = (
    Column("code", "Mã", Text(), 10),
    Column("words", "Nội dung", Text(most=200), 60, is_writable=True),
    Column("level", "Mức", LEVELS, 16, is_writable=True),
    Column("count", "Số lượng", Number(smallest=0), 14, is_writable=True),
    Column("share", "Tỷ lệ", Number(smallest=0, largest=100, places=2), 12, is_writable=True),
    Column("on", "Ngày", Day(date(2020, 1, 1), date(2030, 12, 31)), 14, is_writable=True),
    Column("done", "Xong", Mark(), 8, is_writable=True),
)
EMPTY: dict[str, Any] = {
    "words": "",
    "level": "",
    "count": None,
    "share": None,
    "on": None,
    "done": False,
}


def a_row(number: int = 1, *, locked: frozenset[str] = frozenset(), **values: Any) -> Row:
    return Row(str(number), {"code": f"I.{number}", **EMPTY, **values}, locked)


def a_book(*rows: Row, **fields: Any) -> Book:
    """One table of every kind of cell; two rows unless told otherwise."""
    filled = rows or (
        a_row(1, words="Đã kiểm tra 12 cơ sở.", level="low", count=Decimal(1234)),
        a_row(2, on=date(2026, 11, 20), done=True, share=Decimal("86.5")),
    )
    given = {
        "kind": "trial",
        "number": 1,
        "subject": "7",
        "subject_name": "UBND xã Krong",
        "title": "Mẫu thử",
        "tables": [Table("things", "Việc", COLUMNS, filled, lead="Ghi vào ô vàng.")],
        "guide_title": "Hướng dẫn",
    }
    return Book(**(given | fields))


def where(table: Table, row: int, column: str) -> str:
    """The cell of the row at a position from 0: `where(table, 0, "count")` is "E5"."""
    keys = [one.key for one in table.columns]
    place: str = openpyxl.utils.get_column_letter(ID_COLUMN + 1 + keys.index(column))
    return f"{place}{FIRST_ROW + row}"


def filled_in(content: bytes, fill: Callable[[Any], object]) -> bytes:
    """The file after `fill(workbook)` has worked on it, as a person would."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_of(book: Any, key: str) -> Any:
    """The sheet of a table, whatever it is called by now."""
    return next(sheet for sheet in book.worksheets if sheet["A1"].value == KEYS + key)
