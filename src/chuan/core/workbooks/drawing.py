"""A `Book` as an XLSX file: typed cells, lists to choose from, locked where nothing is to be written."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from chuan.core.workbooks import seal
from chuan.core.workbooks.book import Book, Column, Row, Table
from chuan.core.workbooks.cells import LONGEST_TEXT, Text, escape
from chuan.lib.language import in_vietnamese

FONT = "Times New Roman"
HEAD = "D9E2EC"
OPEN = "FFF8E1"
SHUT = "F2F4F6"
KEYS = "#chuan:rows:"
# Where things stand in a sheet: the hidden line of keys, the title, the lead, the heads, the rows.
KEY_ROW, TITLE_ROW, LEAD_ROW, HEAD_ROW, FIRST_ROW = 1, 2, 3, 4, 5
ID_COLUMN = 1
_A4 = 9
_GUIDE_WIDTHS = (20, 78)
_LONGEST_NAME = 31
_LISTS = "_chuan_lists"
# Lines of a row that waits for words.
ROOM_TO_WRITE = 3
_LINE, _HIGHEST = 15.75, 409.0
# How much of a column's width a line of our font fills, in characters.
_FULL = 1.05
# What data validation can say at most.
_LONGEST_HINT = 255


@in_vietnamese
def draw(book: Book) -> bytes:
    """The file's bytes. Its texts are Vietnamese whoever downloads it: it goes from hand to hand."""
    made = openpyxl.Workbook()
    made.properties.title = book.title
    made.properties.creator = "Chuẩn"
    made.properties.language = "vi-VN"
    _draw_guide(made.worksheets[0], book)
    lists = _Lists()
    for table in book.tables:
        _Drawing(made.create_sheet(table.title[:_LONGEST_NAME]), table, lists).draw()
    lists.draw(made)
    _draw_seal(made.create_sheet("_chuan"), book)
    # People may not add or rename sheets by accident; whoever wants to can take this off.
    made.security.lockStructure = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def put_text(cell: Any, text: str) -> None:
    """A text that begins with "=" is a text: nobody's words may become a formula."""
    cell.value = escape(text)[:LONGEST_TEXT]
    if text:
        cell.data_type = "s"


def draw_list(
    sheet: Any,
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    widths: Sequence[int],
) -> None:
    """A plain table that looks like the others: title, heads, rows."""
    put_text(sheet.cell(TITLE_ROW, 1), title)
    sheet.cell(TITLE_ROW, 1).font = _font(14, bold=True)
    for number, (head, width) in enumerate(zip(heads, widths, strict=True), start=1):
        cell = sheet.cell(HEAD_ROW, number)
        put_text(cell, head)
        cell.font, cell.fill, cell.border = _font(12, bold=True), _fill(HEAD), _frame()
        cell.alignment = _alignment("center", vertical="center")
        sheet.column_dimensions[get_column_letter(number)].width = width
    for place, row in enumerate(rows, start=HEAD_ROW + 1):
        for number, value in enumerate(row, start=1):
            cell = sheet.cell(place, number)
            if isinstance(value, str):
                put_text(cell, value)
            else:
                cell.value = value
            cell.font, cell.border, cell.alignment = _font(12), _frame(), _alignment("left")
        told = [(str(value), width) for value, width in zip(row, widths, strict=True)]
        sheet.row_dimensions[place].height = _height(told)
    _set_up_print(sheet, landscape=True)


def _draw_guide(sheet: Any, book: Book) -> None:
    sheet.title = book.guide_title[:_LONGEST_NAME]
    for number, width in enumerate(_GUIDE_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    put_text(sheet["A1"], book.title)
    sheet["A1"].font = _font(16, bold=True)
    put_text(sheet["A2"], book.subject_name)
    sheet["A2"].font = _font(13)
    at = 4
    for term, text in book.guide:
        place = sheet.cell(at, 2 if term else 1)
        put_text(place, text)
        place.font = _font(12, bold=not term)
        place.alignment = _alignment("left", wrap=bool(term))
        if term:
            sheet.row_dimensions[at].height = _height([(text, _GUIDE_WIDTHS[1])])
            put_text(sheet.cell(at, 1), term)
            sheet.cell(at, 1).font = _font(12)
            sheet.cell(at, 1).alignment = _alignment("left")
        at += 1
    for words, fill in ((_("Ô để ghi"), OPEN), (_("Ô chỉ xem, đã khóa"), SHUT)):
        cell = sheet.cell(at, 1)
        put_text(cell, words)
        cell.fill, cell.border, cell.font = _fill(fill), _frame(), _font(12)
        at += 1
    _protect(sheet)
    _set_up_print(sheet, landscape=False)


def _draw_seal(sheet: Any, book: Book) -> None:
    for number, line in enumerate(seal.lines_of(book), start=1):
        put_text(sheet.cell(number, 1), line)
    sheet.sheet_state = "veryHidden"
    _protect(sheet)


class _Lists:
    """Words to choose from that a rule cannot hold itself: in a rule they are parted by commas and
    have 255 letters at most, so these stand in a column of a sheet nobody sees."""

    def __init__(self) -> None:
        self.columns: dict[tuple[str, ...], int] = {}

    def formula(self, words: Sequence[str]) -> str:
        joined = ",".join(words)
        if len(joined) < _LONGEST_HINT and not any("," in word or '"' in word for word in words):
            return f'"{joined}"'
        number = self.columns.setdefault(tuple(words), len(self.columns) + 1)
        letter = get_column_letter(number)
        return f"{_LISTS}!${letter}$1:${letter}${len(words)}"

    def draw(self, book: Any) -> None:
        if not self.columns:
            return
        sheet = book.create_sheet(_LISTS)
        for words, number in self.columns.items():
            for row, word in enumerate(words, start=1):
                put_text(sheet.cell(row, number), word)
        sheet.sheet_state = "veryHidden"
        _protect(sheet)


class _Drawing:
    """One table on its sheet."""

    def __init__(self, sheet: Any, table: Table, lists: _Lists) -> None:
        self.sheet, self.table, self.lists = sheet, table, lists
        self.last_row = FIRST_ROW + len(table.rows) - 1

    def draw(self) -> None:
        sheet, table = self.sheet, self.table
        put_text(sheet.cell(KEY_ROW, ID_COLUMN), KEYS + table.key)
        sheet.row_dimensions[KEY_ROW].hidden = True
        sheet.column_dimensions[get_column_letter(ID_COLUMN)].hidden = True
        put_text(sheet.cell(TITLE_ROW, ID_COLUMN + 1), table.title)
        sheet.cell(TITLE_ROW, ID_COLUMN + 1).font = _font(15, bold=True)
        self._lead()
        for number, column in enumerate(table.columns, start=ID_COLUMN + 1):
            self._head(number, column)
        for place, row in enumerate(table.rows, start=FIRST_ROW):
            put_text(sheet.cell(place, ID_COLUMN), row.id)
            for number, column in enumerate(table.columns, start=ID_COLUMN + 1):
                self._cell(place, number, row, column)
            sheet.row_dimensions[place].height = self._height_of(row)
        heads = [(column.title, column.width) for column in table.columns]
        sheet.row_dimensions[HEAD_ROW].height = _height(heads)
        for number, column in enumerate(table.columns, start=ID_COLUMN + 1):
            self._validate(number, column)
        sheet.freeze_panes = sheet.cell(FIRST_ROW, ID_COLUMN + 1 + table.frozen)
        sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
        _protect(sheet)
        _set_up_print(sheet, landscape=True)

    def _lead(self) -> None:
        first, last = ID_COLUMN + 1, ID_COLUMN + len(self.table.columns)
        cell = self.sheet.cell(LEAD_ROW, first)
        put_text(cell, self.table.lead)
        cell.font, cell.alignment = _font(12), _alignment("left")
        self.sheet.merge_cells(
            start_row=LEAD_ROW, end_row=LEAD_ROW, start_column=first, end_column=last
        )
        width = sum(column.width for column in self.table.columns)
        self.sheet.row_dimensions[LEAD_ROW].height = _height([(self.table.lead, width)])

    def _head(self, number: int, column: Column) -> None:
        put_text(self.sheet.cell(KEY_ROW, number), column.key)
        cell = self.sheet.cell(HEAD_ROW, number)
        put_text(cell, column.title)
        cell.font, cell.fill, cell.border = _font(12, bold=True), _fill(HEAD), _frame()
        cell.alignment = _alignment("center", vertical="center")
        self.sheet.column_dimensions[get_column_letter(number)].width = column.width

    def _cell(self, place: int, number: int, row: Row, column: Column) -> None:
        cell = self.sheet.cell(place, number)
        value = column.kind.put(row.values.get(column.key))
        if isinstance(value, str):
            put_text(cell, value)
        else:
            cell.value = value
        is_open = self.table.is_open(row, column)
        cell.number_format = column.kind.number_format
        cell.font, cell.border = _font(12), _frame()
        cell.alignment = _alignment(column.kind.horizontal)
        cell.fill = _fill(OPEN if is_open else SHUT)
        if is_open:
            cell.protection = Protection(locked=False)

    def _height_of(self, row: Row) -> float:
        """Room for what stands there, and for a few lines where words are to be written."""
        texts = [
            (column.kind.shown(row.values.get(column.key)), column.width)
            for column in self.table.columns
        ]
        is_for_words = any(
            isinstance(column.kind, Text) and self.table.is_open(row, column)
            for column in self.table.columns
        )
        return _height(texts, least=ROOM_TO_WRITE if is_for_words else 1)

    def _validate(self, number: int, column: Column) -> None:
        """A list to choose from, and what to write; nothing is forbidden before it is sent back."""
        letter = get_column_letter(number)
        places = [
            f"{letter}{place}"
            for place, row in enumerate(self.table.rows, start=FIRST_ROW)
            if self.table.is_open(row, column)
        ]
        if not places:
            return
        words = column.kind.choices
        rule = (
            DataValidation(type="list", formula1=self.lists.formula(words), allow_blank=True)
            if words
            else DataValidation(allow_blank=True)
        )
        rule.errorStyle = "warning"
        rule.showErrorMessage = bool(words)
        rule.errorTitle, rule.error = column.title[:32], column.kind.hint[:_LONGEST_HINT]
        rule.showInputMessage = True
        rule.promptTitle, rule.prompt = column.title[:32], column.kind.hint[:_LONGEST_HINT]
        for place in places:
            rule.add(place)
        self.sheet.add_data_validation(rule)


def _height(texts: Iterable[tuple[str, int]], *, least: int = 1) -> float:
    """Points a row needs: programs find the height of a row by themselves only while it is typed in."""
    lines = max(
        sum(max(1, -(-len(line) // max(1, int(width * _FULL)))) for line in text.split("\n"))
        for text, width in texts
    )
    return min(_HIGHEST, _LINE * max(lines, least) + 3)


def _protect(sheet: Any) -> None:
    """Locked without a password; widths and heights may be changed."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False


def _set_up_print(sheet: Any, *, landscape: bool) -> None:
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    for side in ("left", "right"):
        setattr(sheet.page_margins, side, 0.5)
    for side in ("top", "bottom"):
        setattr(sheet.page_margins, side, 0.75)
    sheet.oddFooter.right.text = "&P/&N"
    sheet.oddFooter.left.text = "&A"


@cache
def _font(size: int, *, bold: bool = False) -> Font:
    return Font(name=FONT, size=size, bold=bold)


@cache
def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour, end_color=colour)


@cache
def _alignment(horizontal: str, *, vertical: str = "top", wrap: bool = True) -> Alignment:
    return Alignment(horizontal=horizontal, vertical=vertical, wrap_text=wrap)


@cache
def _frame() -> Border:
    thin = Side(style="thin", color="9AA5B1")
    return Border(left=thin, right=thin, top=thin, bottom=thin)
