"""Looking at a file before anything is read from it: cheap, whatever was sent."""

from __future__ import annotations

import io
import zipfile

from django.utils.translation import gettext as _

from chuan.core.files.parsing.inspection import FileRefused, inspect
from chuan.core.files.parsing.names import extension_of, safe_name

# A form of a whole province is some hundred kilobytes, and ten times that unpacked.
MOST_BYTES = 3 * 1024 * 1024
MOST_UNPACKED = 16 * 1024 * 1024
MOST_PARTS = 400
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
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise too_much
            for part in parts:
                is_xml = part.filename.endswith((".xml", ".rels", ".vml"))
                tail = b""
                with archive.open(part) as opened:
                    # What the directory says of sizes may be untrue.
                    while block := opened.read(_BLOCK):
                        unpacked += len(block)
                        if unpacked > MOST_UNPACKED:
                            raise too_much
                        # Entities can blow a small text up; no office program writes any.
                        if is_xml and (b"<!DOCTYPE" in tail + block or b"\0" in block):
                            raise cannot_be_read(name)
                        tail = block[-16:]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError):
        raise cannot_be_read(name) from None


def cannot_be_read(name: str) -> BookRefused:
    return BookRefused(
        _("Tệp “%s” hỏng hoặc không phải bảng tính đọc được. Mở lại trên máy, lưu lại rồi gửi.")
        % name
    )
