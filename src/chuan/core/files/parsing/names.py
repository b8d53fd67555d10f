"""File names as people gave them, made safe to keep, to show and to save again."""

from __future__ import annotations

import re

from chuan.lib.vietnamese import clean

# Windows cannot save these; a slash would be a folder.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)
# Most file systems hold 255 bytes; some room is left for " (2)".
_MOST_BYTES = 240
_LONGEST_EXTENSION = 10


def safe_name(given: str) -> str:
    """The last part of a path in NFC, without what a file system or a reader could trip over.

    The extension stays. "C:\\Tài liệu\\Báo cáo.PDF" gives "Báo cáo.PDF"; nothing at all gives "tep".
    """
    # `clean` also removes the marks that turn "gpj.exe" around on the screen.
    last = clean(re.split(r"[/\\]", given.replace("\n", " "))[-1])
    name = _FORBIDDEN.sub("-", last).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension) > _LONGEST_EXTENSION:
        stem, extension = name, ""
    stem = stem.strip(" .") or "tep"
    if _RESERVED.match(stem):
        stem = f"{stem}_"
    ending = f".{extension}" if extension else ""
    while len((stem + ending).encode()) > _MOST_BYTES:
        stem = stem[:-1].rstrip()
    return stem + ending


def extension_of(name: str) -> str:
    """Small letters, without the dot; "" when there is none."""
    _, dot, extension = name.rpartition(".")
    return extension.lower() if dot else ""
