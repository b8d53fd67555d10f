"""Reading a filled workbook back: everything that is wrong at once, by place."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from chuan.core.workbooks import seal
from chuan.core.workbooks.book import Book, Column, Row, Table
from chuan.core.workbooks.cells import BadCell, Raw, Text
from chuan.core.workbooks.drawing import KEYS
from chuan.core.workbooks.opening import BookRefused, cannot_be_read, look_into

# Rows and columns of a sheet that are looked at.
MOST_ROWS = 3000
MOST_COLUMNS = 80
# The line of keys stands at the top; people may have pushed it down a little.
_KEYS_WITHIN = 30
# What openpyxl raises over files that are damaged, or were never written by a program for tables.
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A cell as the person finds it: the sheet's name in their file, the row, the column's letter."""

    sheet: str
    row: int
    column: str = ""

    @property
    def cell(self) -> str:
        return f"{self.column}{self.row}" if self.column else ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend in the file."""

    place: Place
    title: str  # of the column
    value: str
    expected: str
    advice: str


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in a cell of the file that may be written in."""

    table: Table
    row: Row
    column: Column
    value: Any
    place: Place
    # Digest of what stood there when the file was made.
    stood: str

    @property
    def is_changed(self) -> bool:
        return self._digest(self.value) != self.stood

    @property
    def is_stored_since(self) -> bool:
        """Whether somebody stored another value since the file was made."""
        return self._digest(self.row.values.get(self.column.key)) != self.stood

    def _digest(self, value: Any) -> str:
        return seal.digest(self.column.kind.canonical(value))


@dataclass(slots=True)
class Reading:
    """A filled workbook. With faults nothing of it may be taken over."""

    cells: list[Written] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that would get another value. `is_conflict`: here it changed as well since."""

    written: Written
    is_conflict: bool

    @property
    def key(self) -> str:
        """The same for the same cell at every reading."""
        where = self.written
        return f"{where.table.key}.{where.row.id}.{where.column.key}"

    @property
    def stored(self) -> Any:
        return self.written.row.values.get(self.written.column.key)


@dataclass(frozen=True, slots=True)
class _Sheet:
    title: str
    cells: dict[tuple[int, int], Raw]

    def rows(self) -> list[int]:
        return sorted({row for row, _column in self.cells})


def read(name: str, content: bytes, book: Book) -> Reading:
    """Compare a file with the form as it would be made now.

    Sheets and columns may stand in another order, be renamed, or have others beside them: hidden keys
    tell them apart.

    :raises BookRefused: the file as a whole cannot be used.
    """
    look_into(name, content)
    sheets = _sheets(name, content)
    sealed = _seal_of(sheets)
    _require_same_form(sealed, book)
    found = {_table_key(sheet): sheet for sheet in reversed(sheets) if _table_key(sheet)}
    missing = [table.title for table in book.tables if table.key not in found]
    if missing:
        raise BookRefused(
            _(
                "Không tìm thấy phần %(titles)s: trang tính hoặc cột mã ẩn của trang đã bị xóa. "
                "Tải mẫu mới rồi chép nội dung sang."
            )
            % {"titles": ", ".join(f"“{title}”" for title in missing)}
        )
    reading = Reading()
    for table in book.tables:
        _TableReading(found[table.key], table, sealed, reading).read()
    return reading


def changes_of(reading: Reading) -> list[Change]:
    """What taking the file over would change. Cells nobody touched keep what is stored now."""
    return [
        Change(written, is_conflict=written.is_stored_since)
        for written in reading.cells
        if written.is_changed and not _is_stored(written)
    ]


def _is_stored(written: Written) -> bool:
    canonical = written.column.kind.canonical
    return canonical(written.value) == canonical(written.row.values.get(written.column.key))


class _TableReading:
    """One table, from its sheet."""

    def __init__(self, sheet: _Sheet, table: Table, sealed: seal.Seal, reading: Reading) -> None:
        self.sheet, self.table, self.sealed, self.reading = sheet, table, sealed, reading
        self.key_row, self.id_column = _keys_of(sheet) or (0, 0)
        self.columns = self._columns()
        self.rows = {row.id: row for row in table.rows}

    def _columns(self) -> dict[int, Column]:
        known = {column.key: column for column in self.table.columns}
        return {
            number: known[str(raw.value)]
            for (row, number), raw in self.sheet.cells.items()
            if row == self.key_row and number != self.id_column and str(raw.value) in known
        }

    def read(self) -> None:
        present = {column.key for column in self.columns.values()}
        for column in self.table.columns:
            if column.is_writable and column.key not in present:
                self._fault(
                    Place(self.sheet.title, self.key_row),
                    column.title,
                    "",
                    _("Cột này phải có trong trang."),
                    _("Cột đã bị xóa: tải mẫu mới rồi chép nội dung sang."),
                )
        met: dict[str, int] = {}
        for number in self.sheet.rows():
            if number > self.key_row:
                self._row(number, met)
        absent = [row for row in self.table.rows if row.id not in met]
        if absent:
            self.reading.notices.append(
                _("Trang “%(sheet)s” không có %(count)s dòng của báo cáo; các dòng đó giữ nguyên.")
                % {"sheet": self.sheet.title, "count": len(absent)}
            )

    def _row(self, number: int, met: dict[str, int]) -> None:
        raw = self.sheet.cells.get((number, self.id_column))
        row_id = _id_in(raw)
        if not row_id:
            self._row_without_id(number)
            return
        if row_id in met:
            self._fault(
                Place(self.sheet.title, number),
                "",
                "",
                _("Mỗi dòng một lần."),
                _("Dòng này chép từ dòng %s: xóa bớt một dòng.") % met[row_id],
            )
            return
        met[row_id] = number
        row = self.rows.get(row_id)
        if row is None:
            self._row_gone(number, row_id)
            return
        for at, column in self.columns.items():
            if column.is_writable:
                self._cell(row, column, number, at)

    def _row_without_id(self, number: int) -> None:
        """Headings, and rows people put in; where they wrote something, it has nowhere to go."""
        first = min((row for row in self.sheet.rows() if self._has_id(row)), default=0)
        typed = [
            self.sheet.cells[number, at].shown
            for at, column in self.columns.items()
            if column.is_writable and (number, at) in self.sheet.cells
        ]
        if number > first and any(text.strip() for text in typed):
            self._fault(
                Place(self.sheet.title, number),
                "",
                next(text for text in typed if text.strip()),
                _("Chỉ các dòng có sẵn trong mẫu."),
                _("Dòng thêm không thuộc mục nào: chép nội dung vào dòng đúng rồi xóa dòng này."),
            )

    def _has_id(self, row: int) -> bool:
        return row > self.key_row and bool(_id_in(self.sheet.cells.get((row, self.id_column))))

    def _row_gone(self, number: int, row_id: str) -> None:
        """A row that is in the report no more matters only if somebody wrote in it."""
        for at, column in self.columns.items():
            stood = self.sealed.digest_of(self.table.key, row_id, column.key)
            if stood is None:
                continue
            raw = self.sheet.cells.get((number, at), Raw(None))
            try:
                is_same = seal.digest(column.kind.canonical(column.kind.read(raw))) == stood
            except BadCell:
                is_same = False
            if not is_same:
                self._fault(
                    self._place(number, at),
                    column.title,
                    raw.shown,
                    _("Chỉ các dòng đang có trên hệ thống."),
                    _("Mục này không còn trong báo cáo: tải mẫu mới để xem các mục hiện có."),
                )

    def _cell(self, row: Row, column: Column, number: int, at: int) -> None:
        raw = self.sheet.cells.get((number, at), Raw(None))
        stood = self.sealed.digest_of(self.table.key, row.id, column.key)
        if stood is None or not self.table.is_open(row, column):
            # It was locked when the file was made, or is now.
            if stood is not None or (column.key in row.locked and raw.shown.strip()):
                self._shut_cell(row, column, raw, self._place(number, at), stood)
            return
        try:
            if not raw.has_result:
                raise BadCell(
                    column.kind.hint,
                    _("Công thức chưa có kết quả: chép rồi dán giá trị vào ô."),
                )
            value = column.kind.read(raw)
        except BadCell as bad:
            if (
                isinstance(column.kind, Text)
                and seal.digest(column.kind.canonical(raw.shown)) == stood
            ):
                return  # too long already when the file was made, and not touched
            place = self._place(number, at)
            self._fault(place, column.title, raw.shown, bad.expected, bad.advice)
            return
        self.reading.cells.append(
            Written(self.table, row, column, value, self._place(number, at), stood)
        )

    def _shut_cell(
        self, row: Row, column: Column, raw: Raw, place: Place, stood: str | None
    ) -> None:
        try:
            found = column.kind.canonical(column.kind.read(raw))
        except BadCell:
            found = raw.shown
        stored = column.kind.canonical(row.values.get(column.key))
        if found != stored and seal.digest(found) != stood:
            self._fault(
                place,
                column.title,
                raw.shown,
                _("Ô này không ghi được."),
                _("Trả ô về như cũ hoặc để trống."),
            )

    def _place(self, row: int, column: int) -> Place:
        return Place(self.sheet.title, row, get_column_letter(column))

    def _fault(self, place: Place, title: str, value: str, expected: str, advice: str) -> None:
        self.reading.faults.append(Fault(place, title, value, expected, advice))


# ---------------------------------------------------------------- the file as it is


def _sheets(name: str, content: bytes) -> list[_Sheet]:
    """Every sheet with what stands in it; formulas by their results."""
    try:
        sheets, formulas = _cells_of(content, results=False)
        if formulas:
            results, _none = _cells_of(content, results=True)
            by_title = {sheet.title: sheet for sheet in results}
            for sheet, at in formulas:
                raw = by_title[sheet.title].cells.get(at)
                sheet.cells[at] = raw or Raw(sheet.cells[at].value, has_result=False)
    except UNREADABLE:
        raise cannot_be_read(name) from None
    return sheets


def _cells_of(
    content: bytes, *, results: bool
) -> tuple[list[_Sheet], list[tuple[_Sheet, tuple[int, int]]]]:
    """Only the first rows and columns, as they stream by: a cell far away costs nothing."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=results)
    try:
        sheets: list[_Sheet] = []
        formulas = []
        for opened in book.worksheets:
            sheet = _Sheet(opened.title, {})
            for cell in _streamed(opened):
                at = (cell.row, cell.column)
                if cell.data_type == "f" and not results:
                    formulas.append((sheet, at))
                sheet.cells[at] = Raw(cell.value, cell.number_format or "")
            sheets.append(sheet)
        return sheets, formulas
    finally:
        book.close()


def _streamed(sheet: Any) -> Iterator[Any]:
    rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)
    return (cell for row in rows for cell in row if cell.value is not None)


def _seal_of(sheets: list[_Sheet]) -> seal.Seal:
    for sheet in sheets:
        first = sheet.cells.get((1, 1))
        if first is None or first.value != seal.MARK:
            continue
        lines = [sheet.cells[row, 1].value for row in sheet.rows() if (row, 1) in sheet.cells]
        try:
            return seal.read_lines(lines)
        except seal.BrokenSeal:
            break
    else:
        raise BookRefused(
            _(
                "Tệp này không phải mẫu tải từ hệ thống, hoặc phần ẩn của mẫu đã bị xóa. "
                "Tải mẫu rồi chép nội dung sang."
            )
        )
    raise BookRefused(
        _("Phần ẩn của mẫu đã bị sửa nên hệ thống không nhận. Tải mẫu mới rồi chép nội dung sang.")
    )


def _require_same_form(sealed: seal.Seal, book: Book) -> None:
    if sealed.kind != book.kind:
        raise BookRefused(_("Tệp này là mẫu của việc khác. Tải đúng mẫu ở trang này."))
    if sealed.number != book.number:
        raise BookRefused(
            _("Tệp này theo mẫu cũ, hệ thống đã đổi mẫu. Tải mẫu mới rồi chép nội dung sang.")
        )
    if sealed.subject != book.subject:
        raise BookRefused(
            _("Tệp này là của “%(other)s”, không phải của “%(this)s”. Gửi đúng tệp.")
            % {"other": sealed.subject_name, "this": book.subject_name}
        )


def _keys_of(sheet: _Sheet) -> tuple[int, int] | None:
    """Where the line of hidden keys stands, and the column of ids."""
    return next(
        (
            at
            for at, raw in sheet.cells.items()
            if at[0] <= _KEYS_WITHIN and str(raw.value).startswith(KEYS)
        ),
        None,
    )


def _table_key(sheet: _Sheet) -> str:
    at = _keys_of(sheet)
    return str(sheet.cells[at].value).removeprefix(KEYS) if at else ""


def _id_in(raw: Raw | None) -> str:
    """An id made of digits may have become a number on the way."""
    if raw is None or raw.value is None:
        return ""
    value = raw.value
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
