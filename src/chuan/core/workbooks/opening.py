"""Looking at a file before anything is read from it: cheap, whatever was sent."""

from __future__ import annotations

import io
import zipfile
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl.utils import range_boundaries

from chuan.core.files.parsing.inspection import FileRefused, inspect
from chuan.core.files.parsing.names import extension_of, safe_name

# A form of a whole province is some hundred kilobytes, and ten times that unpacked.
MOST_BYTES = 3 * 1024 * 1024
MOST_UNPACKED = 16 * 1024 * 1024
MOST_PARTS = 400
# Opening a file to mark it makes an object for each of these, so a short text may ask for millions.
MOST_CELLS = 300_000
MOST_IN_RANGES = 100_000
_LAST_COLUMN, _LAST_ROW = 16_384, 1_048_576
# A range at one of these is written out cell by cell; other ranges stay a text.
_WITH_RANGE = frozenset({"mergeCell", "hyperlink", "comment", "table"})
_UNREADABLE = (
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    expat.ExpatError,
    zipfile.BadZipFile,
)
_BLOCK = 256 * 1024


class BookRefused(Exception):
    """The whole file is not taken. `str(error)` says why and what to do, to whoever sent it."""


def look_into(name: str, content: bytes) -> None:
    """Whether it is a workbook that can be opened safely.

    :raises BookRefused: another kind of file, too large, locked, with macros, or made to do harm.
    """
    name = safe_name(name)
    extension = extension_of(name)
    if extension in {"xlsm", "xlsb", "xltm", "xls", "ods", "csv"}:
        raise BookRefused(
            _(
                "Tệp “%(name)s” ở dạng .%(extension)s. Mở tệp, chọn Lưu thành, dạng .xlsx rồi gửi lại."
            )
            % {"name": name, "extension": extension}
        )
    if extension != "xlsx":
        raise BookRefused(
            _("Tệp “%s” không phải bảng tính .xlsx. Gửi đúng tệp mẫu đã tải từ hệ thống.") % name
        )
    if len(content) > MOST_BYTES:
        raise BookRefused(
            _("Tệp “%(name)s” nặng hơn %(limit)s MB. Tệp mẫu nhẹ hơn nhiều: bỏ ảnh dán thêm.")
            % {"name": name, "limit": MOST_BYTES // 1024 // 1024}
        )
    try:
        inspect(name, io.BytesIO(content), limit=MOST_BYTES)
    except FileRefused as refused:
        raise BookRefused(str(refused)) from None
    _look_at_parts(name, content)


def _look_at_parts(name: str, content: bytes) -> None:
    too_much = BookRefused(
        _("Tệp “%s” bung ra quá lớn nên hệ thống không đọc. Tải mẫu mới rồi điền lại.") % name
    )
    cells = _Cells(name)
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise too_much
            for part in parts:
                is_xml = part.filename.endswith((".xml", ".rels", ".vml"))
                tail = b""
                cells.begin(part.filename)
                with archive.open(part) as opened:
                    # What the directory says of sizes may be untrue.
                    while block := opened.read(_BLOCK):
                        unpacked += len(block)
                        if unpacked > MOST_UNPACKED:
                            raise too_much
                        # Entities can blow a small text up; no office program writes any.
                        if is_xml and (b"<!DOCTYPE" in tail + block or b"\0" in block):
                            raise cannot_be_read(name)
                        cells.count(block)
                        tail = block[-16:]
                cells.count(b"", is_last=True)
    except _UNREADABLE:
        raise cannot_be_read(name) from None


class _Cells:
    """How many cells the parts of a file ask for, one by one or in ranges.

    :raises BookRefused: too many.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.alone = self.in_ranges = 0

    def begin(self, part: str) -> None:
        # A sheet may go by any name, so every part is tried; what is no XML ends at its first byte.
        self.must_be_xml = part.endswith((".xml", ".rels"))
        self.parser: expat.XMLParserType | None = expat.ParserCreate()
        self.parser.StartElementHandler = self._element

    def count(self, block: bytes, *, is_last: bool = False) -> None:
        if self.parser is None:
            return
        try:
            self.parser.Parse(block, is_last)
        except (expat.ExpatError, LookupError, ValueError):
            if self.must_be_xml:
                raise
            self.parser = None

    def _element(self, element: str, attributes: dict[str, str]) -> None:
        name = element.rpartition(":")[2]
        if name in ("c", "row"):
            self.alone += 1
        elif name in _WITH_RANGE and "ref" in attributes:
            first, top, last, bottom = range_boundaries(attributes["ref"])
            columns = (last or _LAST_COLUMN) - (first or 1) + 1
            rows = (bottom or _LAST_ROW) - (top or 1) + 1
            self.in_ranges += max(columns, 1) * max(rows, 1)
        if self.alone > MOST_CELLS or self.in_ranges > MOST_IN_RANGES:
            raise BookRefused(
                _(
                    "Tệp “%s” có quá nhiều ô, hoặc có ô gộp quá rộng. "
                    "Tải mẫu mới rồi chép nội dung sang."
                )
                % self.name
            )


def cannot_be_read(name: str) -> BookRefused:
    return BookRefused(
        _("Tệp “%s” hỏng hoặc không phải bảng tính đọc được. Mở lại trên máy, lưu lại rồi gửi.")
        % name
    )
