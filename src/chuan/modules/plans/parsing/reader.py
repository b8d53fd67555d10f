"""The door of the parser: a file or its bytes in, a plan out, or a refusal that says what to do."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path, PurePath

from chuan.modules.plans.parsing.analysis import analyse
from chuan.modules.plans.parsing.limits import MAX_BYTES
from chuan.modules.plans.parsing.plan import ReadPlan
from chuan.modules.plans.parsing.refusals import UnreadableFile
from chuan.modules.plans.parsing.sheet import Sheet

_FRONTS = "chuan.modules.plans.parsing.fronts"
_KNOWN_SUFFIXES = {".pdf": "pdf", ".docx": "docx", ".doc": "doc", ".txt": "text"}
_NAMES = {
    "pdf": "PDF",
    "docx": "Word (DOCX)",
    "doc": "Word đời cũ (DOC)",
    "text": "văn bản thường",
    "program": "chương trình",
    "image": "ảnh",
    "rtf": "văn bản RTF",
    "html": "trang web (HTML)",
    "xlsx": "bảng tính Excel",
    "odt": "văn bản LibreOffice (ODT)",
    "pptx": "trình chiếu PowerPoint",
    "archive": "tệp nén",
}


def read_plan(path: Path) -> ReadPlan:
    """Read the decision in a file.

    :raises UnreadableFile: nothing can be read from it; the message says why and what to do.
    """
    name = path.name
    try:
        if path.is_dir():
            raise UnreadableFile("not_a_file", name=name)
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(name, path.stat().st_size)
        data = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile("missing_file", name=str(path)) from None
    except PermissionError:
        raise UnreadableFile("no_permission", name=name) from None
    except OSError:
        raise UnreadableFile("not_a_file", name=name) from None
    return read_bytes(name, data)


def read_bytes(name: str, data: bytes) -> ReadPlan:
    """Read the decision in an upload; `name` is the file's own, its suffix must tell the truth.

    :raises UnreadableFile: nothing can be read from it; the message says why and what to do.
    """
    return analyse(read_sheet(name, data))


def read_sheet(name: str, data: bytes) -> Sheet:
    """Lines and tables of a file, before anything in them is understood."""
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableFile("empty_file", name=name)
    if len(data) > MAX_BYTES:
        raise _too_large(name, len(data))
    kind = kind_of(data)
    _refuse_if_foreign(name, kind)
    front = importlib.import_module(f"{_FRONTS}.{kind}")
    read: Callable[[bytes, str], Sheet] = getattr(front, f"read_{kind}")
    return read(data, name)


def kind_of(data: bytes) -> str:
    """What a file is by its first bytes, whatever its name says."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf")
    if head.startswith((b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")):
        return "program"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if head.startswith(b"PK"):
        return _kind_of_zip(data)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "doc"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    images = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*", b"BM", b"RIFF")
    if head.startswith(images) and (b"\0" in head or not head.startswith(b"BM")):
        return "image"
    if head.startswith((b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\xfd7zXZ", b"BZh")):
        return "archive"
    if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    return "text"


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return "docx" if b"word/" in data else "archive"
    if "word/document.xml" in names:
        return "docx"
    for part, kind in (("xl/workbook.xml", "xlsx"), ("ppt/presentation.xml", "pptx")):
        if part in names:
            return kind
    if "content.xml" in names and "mimetype" in names:
        return "odt"
    return "docx" if any(name.startswith("word/") for name in names) else "archive"


def _refuse_if_foreign(name: str, kind: str) -> None:
    """Refuse what is not PDF, DOCX or text, and a suffix that says something else.

    :raises UnreadableFile: always for those.
    """
    suffix = PurePath(name).suffix.lower()
    promised = _KNOWN_SUFFIXES.get(suffix)
    if kind == "program":
        raise UnreadableFile("program", name=name)
    if kind == "image":
        raise UnreadableFile("image", name=name)
    if kind == "doc":
        return
    if kind == "archive" and promised == "docx":
        raise UnreadableFile("broken_docx", name=name)
    if kind not in ("pdf", "docx", "text"):
        raise UnreadableFile("unsupported", name=name, actual=_NAMES[kind])
    if promised and promised != kind:
        raise UnreadableFile("wrong_content", name=name, suffix=suffix, actual=_NAMES[kind])


def _too_large(name: str, size: int) -> UnreadableFile:
    megabytes = 1024 * 1024
    return UnreadableFile(
        "too_large", name=name, size=-(-size // megabytes), limit=MAX_BYTES // megabytes
    )
