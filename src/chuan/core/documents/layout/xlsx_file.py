"""The annexes of a document as a workbook: one sheet each, typed cells, ready to print."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import cache
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from chuan.core.documents.layout.content import Run
from chuan.core.documents.layout.metrics import LINE_HEIGHT
from chuan.core.documents.layout.packaging import reproducible
from chuan.core.documents.layout.profile import LayoutProfile
from chuan.core.documents.layout.sheets import (
    CellSheet,
    Composition,
    Line,
    RowSheet,
    Rule,
    Section,
    TableSheet,
)

# Width of a digit of the workbook's standard font, which is the unit of column widths.
_POINTS_PER_UNIT = 5.25
_LONGEST_NAME = 31
_A4 = 9
_POINTS_PER_INCH = 72


def draw_xlsx(composition: Composition, annexes: Sequence[Section]) -> bytes:
    """The file's bytes; its dates are the document's, so that the same document gives the same file."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    made_at = datetime.combine(composition.dated, time(), tzinfo=UTC).replace(tzinfo=None)
    book.properties.title = composition.title
    book.properties.creator = composition.author
    book.properties.language = "vi-VN"
    book.properties.created = made_at
    for annex in annexes:
        sheet = book.create_sheet(re.sub(r"[\\/?*\[\]:]", " ", annex.name)[:_LONGEST_NAME])
        _Drawing(sheet, composition.profile).annex(annex)
    made = io.BytesIO()
    book.save(made)
    return reproducible(made.getvalue(), dated=composition.dated)


class _Drawing:
    def __init__(self, sheet: Any, profile: LayoutProfile) -> None:
        self.sheet = sheet
        self.profile = profile
        self.at = 1

    def annex(self, annex: Section) -> None:
        tables = [item for item in annex.flow if isinstance(item, TableSheet)]
        columns = max(len(table.widths) for table in tables)
        for number in range(columns):
            width = max(table.widths[number] for table in tables if number < len(table.widths))
            letter = get_column_letter(number + 1)
            self.sheet.column_dimensions[letter].width = round(width / _POINTS_PER_UNIT, 1)
        heads: list[tuple[int, int]] = []
        for item in annex.flow:
            if isinstance(item, Rule):
                self.at += 1
            elif isinstance(item, Line):
                self.line(item, columns)
            else:
                heads.append((self.at, self.at + len(item.head) - 1))
                for row in item.head:
                    self.row(row, is_head=True)
                for row in item.rows:
                    self.row(row)
                self.at += 1
        self.print_setup(heads)

    def line(self, line: Line, columns: int) -> None:
        looks = self.profile.components[line.component]
        cell = self.sheet.cell(self.at, 1)
        _put(cell, line.text)
        cell.font = _font(self.profile.named_font, looks.size, looks.bold, looks.italic)
        cell.alignment = _alignment("left" if looks.align == "justify" else looks.align, "center")
        lines = line.text.count("\n") + 1
        self.sheet.row_dimensions[self.at].height = round(lines * looks.size * LINE_HEIGHT + 4, 1)
        self.merge(1, columns)
        self.at += 1

    def row(self, row: RowSheet, *, is_head: bool = False) -> None:
        for cell in row.cells:
            self.cell(cell, "center" if is_head else "top")
        self.at += 1

    def cell(self, cell: CellSheet, height: str) -> None:
        column = cell.column + 1
        made = self.sheet.cell(self.at, column)
        _put(made, cell.value)
        made.font = _font(
            self.profile.named_font,
            self.profile.components["table_cell"].size,
            _all(cell.runs, "bold"),
            _all(cell.runs, "italic"),
        )
        made.alignment = _alignment(cell.align, height)
        if cell.number_format:
            made.number_format = cell.number_format
        for row in range(self.at, self.at + cell.rows):
            for place in range(column, column + cell.columns):
                self.sheet.cell(row, place).border = _frame()
        self.merge(column, cell.columns, rows=cell.rows)

    def merge(self, column: int, columns: int, *, rows: int = 1) -> None:
        if columns > 1 or rows > 1:
            self.sheet.merge_cells(
                start_row=self.at,
                end_row=self.at + rows - 1,
                start_column=column,
                end_column=column + columns - 1,
            )

    def print_setup(self, heads: Sequence[tuple[int, int]]) -> None:
        sheet, page = self.sheet, self.profile.page
        sheet.page_setup.paperSize = _A4
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.page_setup.firstPageNumber = 1
        sheet.page_setup.useFirstPageNumber = True
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_options.horizontalCentered = True
        for side in ("top", "bottom", "left", "right"):
            setattr(sheet.page_margins, side, getattr(page, side) / _POINTS_PER_INCH)
        sheet.page_margins.header = page.page_number_top / _POINTS_PER_INCH
        sheet.HeaderFooter.differentFirst = True
        size = round(self.profile.components["page_number"].size)
        sheet.oddHeader.center.text = "&P"
        sheet.oddHeader.center.font = self.profile.named_font
        sheet.oddHeader.center.size = size
        if len(heads) == 1:
            first, last = heads[0]
            sheet.print_title_rows = f"{first}:{last}"
            sheet.freeze_panes = sheet.cell(last + 1, 1)


def _put(cell: Any, value: object) -> None:
    cell.value = value
    if isinstance(value, str) and value:
        # A text that begins with "=" is a text: nobody's words may become a formula.
        cell.data_type = "s"


def _all(runs: tuple[Run, ...], face: str) -> bool:
    return bool(runs) and all(getattr(run, face) for run in runs)


@cache
def _font(name: str, size: float, bold: bool, italic: bool) -> Font:
    return Font(name=name, size=size, bold=bold, italic=italic)


@cache
def _alignment(horizontal: str, vertical: str) -> Alignment:
    return Alignment(horizontal=horizontal, vertical=vertical, wrap_text=True)


@cache
def _frame() -> Border:
    thin = Side(style="thin")
    return Border(left=thin, right=thin, top=thin, bottom=thin)
