"""Looking at the bytes of a file before it is taken in: is it what its name says, and harmless?

Nothing is unpacked: archives are judged by their directory.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO

from django.utils.translation import gettext as _
from pypdf import PasswordType, PdfReader
from pypdf.errors import PyPdfError

from chuan.core.files.parsing.kinds import KINDS, Kind
from chuan.core.files.parsing.names import extension_of

# Office files of real life unpack to ten or twenty times their size. These bounds stop files made
# to fill a memory, and nothing an office writes.
MOST_UNPACKED = 512 * 1024 * 1024
MOST_RATIO = 200
MOST_ENTRIES = 20_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXT_SAMPLE = 64 * 1024
_PDF_HEAD = 1024
_PDF_TAIL = 64 * 1024


# What the standard library raises over damaged archives: each of them was met by the tests.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class FileRefused(Exception):
    """A file is not taken in. `str(error)` is written for the person who sent it."""


# First bytes of what people send under other names; the texts end "… nhưng nội dung là …".
_PROGRAMS: list[tuple[bytes, Callable[[], str]]] = [
    (b"MZ", lambda: _("chương trình chạy trên Windows")),
    (b"\x7fELF", lambda: _("chương trình chạy trên Linux")),
    (b"\xcf\xfa\xed\xfe", lambda: _("chương trình chạy trên macOS")),
    (b"\xca\xfe\xba\xbe", lambda: _("chương trình")),
    (b"#!", lambda: _("chương trình")),
]
_OTHERS: list[tuple[bytes, Callable[[], str]]] = [
    (b"%PDF-", lambda: _("tệp PDF")),
    (b"\xff\xd8\xff", lambda: _("ảnh JPEG")),
    (b"\x89PNG\r\n\x1a\n", lambda: _("ảnh PNG")),
    (b"GIF8", lambda: _("ảnh GIF")),
    (b"Rar!", lambda: _("tệp nén RAR")),
    (b"7z\xbc\xaf", lambda: _("tệp nén 7z")),
    (b"\x1f\x8b", lambda: _("tệp nén gzip")),
    (b"PK\x03\x04", lambda: _("tệp nén ZIP hoặc tệp Office")),
    (_OLE, lambda: _("tệp Office đời cũ")),
    (b"<!DOCTYPE", lambda: _("trang web")),
    (b"<html", lambda: _("trang web")),
]


def inspect(name: str, content: BinaryIO, *, limit: int) -> Kind:
    """Which kind of file this is, when its bytes agree with its name.

    Reads and seeks; leaves the content at its beginning.

    :param limit: most bytes a file may have.
    :raises FileRefused: empty, too big, of a kind not taken, something else than its name says, a
        program, with macros, locked by a password, or unpacking to too much.
    """
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    kind = look_ahead(name, size, limit=limit)
    head = content.read(_PDF_HEAD)
    content.seek(0)
    for magic, what in _PROGRAMS:
        # A text may begin with MZ; a program has zero bytes soon after.
        if head.startswith(magic) and (kind.container != "text" or b"\0" in head):
            raise _mismatch(name, kind, what())
    _CHECKS[kind.container](name, kind, head, content)
    content.seek(0)
    return kind


def look_ahead(name: str, size: int, *, limit: int) -> Kind:
    """What name and size alone say, before a file travels.

    :raises FileRefused: empty, too big, or of a kind not taken.
    """
    if not size:
        raise FileRefused(_("Tệp “%s” rỗng. Mở lại tệp trên máy để kiểm tra.") % name)
    if size > limit:
        raise FileRefused(
            _("Tệp “%(name)s” nặng hơn %(limit)s MB. Hãy giảm dung lượng hoặc tách tệp.")
            % {"name": name, "limit": limit // 1024 // 1024}
        )
    kind = KINDS.get(extension_of(name))
    if kind is None:
        raise FileRefused(
            _("Tệp “%(name)s” không thuộc loại nhận được: %(kinds)s.")
            % {"name": name, "kinds": ", ".join(extension.upper() for extension in KINDS)}
        )
    return kind


def _mismatch(name: str, kind: Kind, found: str) -> FileRefused:
    return FileRefused(
        _(
            "Tệp “%(name)s” mang đuôi .%(extension)s nhưng nội dung là %(found)s. Hệ thống không nhận."
        )
        % {"name": name, "extension": kind.extension, "found": found}
    )


def _not_that(name: str, kind: Kind, head: bytes) -> FileRefused:
    for magic, what in _OTHERS:
        if head.lstrip().startswith(magic):
            return _mismatch(name, kind, what())
    return FileRefused(
        _("Tệp “%(name)s” không đọc được như tệp %(label)s. Tệp có thể bị hỏng: hãy mở và lưu lại.")
        % {"name": name, "label": kind.label}
    )


def _locked(name: str) -> FileRefused:
    return FileRefused(
        _("Tệp “%s” được đặt mật khẩu nên người duyệt không mở được. Hãy bỏ mật khẩu rồi gửi lại.")
        % name
    )


def _check_pdf(name: str, kind: Kind, head: bytes, content: BinaryIO) -> None:
    if b"%PDF-" not in head:
        raise _not_that(name, kind, head)
    size = content.seek(0, io.SEEK_END)
    content.seek(max(0, size - _PDF_TAIL))
    tail = content.read()
    if b"/Encrypt" not in tail and b"/Encrypt" not in head:
        return
    content.seek(0)
    try:
        reader = PdfReader(content)
        # Many PDFs forbid copying under an owner's password and open without any.
        opens = not reader.is_encrypted or reader.decrypt("") != PasswordType.NOT_DECRYPTED
    except (PyPdfError, ValueError, KeyError, RecursionError):
        raise _not_that(name, kind, b"") from None
    if not opens:
        raise _locked(name)


def _directory(name: str, kind: Kind, head: bytes, content: BinaryIO) -> list[zipfile.ZipInfo]:
    if not head.startswith(b"PK\x03\x04"):
        raise _not_that(name, kind, head)
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
    except _UNREADABLE:
        raise _not_that(name, kind, b"") from None
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    # Small files compress very well without meaning harm; the ratio speaks only of large ones.
    is_bomb = unpacked > MOST_UNPACKED or (
        unpacked > MOST_UNPACKED // 8 and unpacked / packed > MOST_RATIO
    )
    if is_bomb or len(entries) > MOST_ENTRIES:
        raise FileRefused(
            _("Tệp “%s” bung ra quá lớn nên hệ thống không nhận. Hãy tách thành nhiều tệp.") % name
        )
    return entries


def _check_ooxml(name: str, kind: Kind, head: bytes, content: BinaryIO) -> None:
    if head.startswith(_OLE) and _has_stream(content, "EncryptedPackage"):
        raise _locked(name)
    names = {entry.filename for entry in _directory(name, kind, head, content)}
    if "[Content_Types].xml" not in names or not any(n.startswith(kind.part) for n in names):
        raise _not_that(name, kind, head if "[Content_Types].xml" not in names else b"PK\x03\x04")
    if any(n.endswith("vbaProject.bin") for n in names):
        raise FileRefused(
            _("Tệp “%s” có macro. Hãy lưu lại dạng không có macro (.docx, .xlsx) rồi gửi.") % name
        )


def _check_opendocument(name: str, kind: Kind, head: bytes, content: BinaryIO) -> None:
    entries = _directory(name, kind, head, content)
    if not any(entry.filename == "mimetype" and entry.file_size < 200 for entry in entries):
        raise _not_that(name, kind, head)
    try:
        with zipfile.ZipFile(content) as archive:
            declared = archive.read("mimetype").decode("ascii", "replace").strip()
    except _UNREADABLE:
        raise _not_that(name, kind, b"") from None
    if declared != kind.media_type:
        raise _not_that(name, kind, head)


def _check_ole(name: str, kind: Kind, head: bytes, content: BinaryIO) -> None:
    if not head.startswith(_OLE):
        raise _not_that(name, kind, head)
    if _has_stream(content, "EncryptedPackage"):
        raise _locked(name)
    # Installers (.msi) are OLE files as well, but hold no document.
    if not _has_stream(content, kind.stream) and not (
        kind.extension == "xls" and _has_stream(content, "Book")
    ):
        raise _not_that(name, kind, b"")


def _has_stream(content: BinaryIO, stream: str) -> bool:
    """Whether an OLE file names a stream; names stand in its directory in UTF-16, zero-ended."""
    wanted = (stream + "\0").encode("utf-16-le")
    content.seek(0)
    before = b""
    while block := content.read(1024 * 1024):
        if wanted in before + block:
            return True
        before = block[-len(wanted) :]
    return False


def _check_text(name: str, kind: Kind, head: bytes, content: BinaryIO) -> None:
    content.seek(0)
    sample = content.read(_TEXT_SAMPLE)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, as Excel saves "Unicode text"
        return
    if b"\0" in sample:
        raise _not_that(name, kind, head)


def _starts(*beginnings: bytes) -> Callable[[str, Kind, bytes, BinaryIO], None]:
    def check(name: str, kind: Kind, head: bytes, content: BinaryIO) -> None:
        if not head.startswith(beginnings):
            raise _not_that(name, kind, head)

    return check


def _check_webp(name: str, kind: Kind, head: bytes, content: BinaryIO) -> None:
    if not (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        raise _not_that(name, kind, head)


def _check_heic(name: str, kind: Kind, head: bytes, content: BinaryIO) -> None:
    brands = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")
    if head[4:8] != b"ftyp" or head[8:12] not in brands:
        raise _not_that(name, kind, head)


_CHECKS: dict[str, Callable[[str, Kind, bytes, BinaryIO], None]] = {
    "pdf": _check_pdf,
    "ooxml": _check_ooxml,
    "opendocument": _check_opendocument,
    "ole": _check_ole,
    "text": _check_text,
    "jpeg": _starts(b"\xff\xd8\xff"),
    "png": _starts(b"\x89PNG\r\n\x1a\n"),
    "webp": _check_webp,
    "heic": _check_heic,
}
