"""The bytes of files, on disk under their SHA-256: `var/files/ab/cd/abcd…`.

A file appears whole or not at all, is never written again, and is readable only by its owner.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_BLOCK = 1024 * 1024
_NAME = re.compile(r"^[0-9a-f]{64}$")
_KEY = re.compile(r"^[0-9a-f]{32}$")
_WORKSHOP = "tmp"
_PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was put in the store."""

    sha256: str
    size: int


def folder() -> Path:
    return Path(settings.CHUAN_FILES)


def path_of(sha256: str) -> Path:
    """:raises ValueError: that is no SHA-256 in small hexadecimal letters."""
    if not _NAME.match(sha256):
        raise ValueError(f"Not a SHA-256: {sha256!r}")
    return folder() / sha256[:2] / sha256[2:4] / sha256


def put(content: BinaryIO) -> Kept:
    """Keep the bytes, once whatever the number of times they come; reads from the beginning."""
    workshop = folder() / _WORKSHOP
    workshop.mkdir(parents=True, exist_ok=True)
    content.seek(0)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=workshop)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            while block := content.read(_BLOCK):
                digest.update(block)
                size += len(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        kept = Kept(digest.hexdigest(), size)
        _settle(fresh, path_of(kept.sha256))
        return kept
    finally:
        fresh.unlink(missing_ok=True)


def _settle(fresh: Path, place: Path) -> None:
    if place.exists():
        # Damage is found and mended by whoever still has the file: the same bytes again.
        if sha256_of(place) == place.name:
            return
        place.chmod(0o600)
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh.chmod(0o400)
    fresh.replace(place)
    if os.name == "posix":  # the name itself must survive a power cut; Windows has no such call
        directory = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def open_kept(sha256: str) -> BinaryIO:
    """:raises FileNotFoundError: the store has lost it."""
    return path_of(sha256).open("rb")


def sha256_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def sha256_of_part(key: str) -> str:
    return sha256_of(_part(key))


def everything() -> Iterator[Path]:
    """Every kept file, in the order of names."""
    for first in sorted(folder().glob("[0-9a-f][0-9a-f]")):
        for second in sorted(first.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path for path in second.iterdir() if _NAME.match(path.name))


def abandoned() -> Iterator[Path]:
    """What half-finished uploads left in the workshop."""
    workshop = folder() / _WORKSHOP
    if workshop.exists():
        yield from workshop.iterdir()


def remove(path: Path) -> None:
    """Take a file out. Only for what no row points at."""
    if os.name == "nt":  # Windows does not delete read-only files
        path.chmod(0o600)
    path.unlink(missing_ok=True)


# ---------------------------------------------------------------- files on their way in


def _part(key: str) -> Path:
    """:raises ValueError: no key of ours."""
    if not _KEY.match(key):
        raise ValueError(f"Not the key of a part: {key!r}")
    return folder() / _PARTS / key


def append(key: str, at: int, content: bytes) -> None:
    """Write the next bytes of a file on its way in. What a broken write left behind `at` is cut off."""
    place = _part(key)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("r+b" if place.exists() else "w+b") as part:
        part.truncate(at)
        part.seek(at)
        part.write(content)
        part.flush()
        os.fsync(part.fileno())


def open_part(key: str) -> BinaryIO:
    """:raises FileNotFoundError: nothing of it lies here."""
    return _part(key).open("rb")


def remove_part(key: str) -> None:
    _part(key).unlink(missing_ok=True)


def parts() -> Iterator[Path]:
    """Everything that lies in the workshop of files on their way in."""
    where = folder() / _PARTS
    if where.exists():
        yield from where.iterdir()
