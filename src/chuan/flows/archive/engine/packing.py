"""One ZIP file, written as it comes, with a manifest that `sha256sum` alone can check."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

MANIFEST = "MANIFEST.sha256"
# Counts what was ever decided about what may be in a package: 1 had the ledger of every department,
# 2 the issued documents that count heading-only tasks.
RULES = 3
# The earliest moment a ZIP archive can state: the clock has no part in the bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1024 * 1024


class SourceChanged(RuntimeError):
    """A stored file does not have the bytes its name says; the package would lie."""


@dataclass(slots=True)
class Packer:
    """Adds entries one after the other; memory holds one block and the lines of the manifest."""

    target: BinaryIO
    lines: list[str] = field(default_factory=list)
    _zip: zipfile.ZipFile = field(init=False)

    def __post_init__(self) -> None:
        self._zip = zipfile.ZipFile(self.target, "w", zipfile.ZIP_DEFLATED, allowZip64=True)

    def add(self, path: str, content: bytes) -> str:
        """Returns the SHA-256 that stands in the manifest."""
        digest = hashlib.sha256(content).hexdigest()
        self._zip.writestr(_entry(path, zipfile.ZIP_DEFLATED), content)
        self.lines.append(f"{digest}  {path}\n")
        return digest

    def stream(self, path: str, source: BinaryIO, expected: str = "") -> str:
        """Copy in blocks; evidence is mostly compressed already, so it is stored as it is.

        :raises SourceChanged: the bytes do not have the hash they are expected to have.
        """
        digest = hashlib.sha256()
        with self._zip.open(_entry(path, zipfile.ZIP_STORED), "w", force_zip64=True) as out:
            while block := source.read(_BLOCK):
                digest.update(block)
                out.write(block)
        if expected and digest.hexdigest() != expected:
            raise SourceChanged(path)
        self.lines.append(f"{digest.hexdigest()}  {path}\n")
        return digest.hexdigest()

    def finish(self) -> str:
        """Write the manifest and close; returns the SHA-256 of the manifest."""
        manifest = "".join(self.lines).encode()
        self._zip.writestr(_entry(MANIFEST, zipfile.ZIP_DEFLATED), manifest)
        self._zip.close()
        return hashlib.sha256(manifest).hexdigest()


def _entry(path: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, date_time=_MOMENT)
    entry.compress_type = compression
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found: the hash of the manifest, how many files, and every fault in words."""

    manifest_sha256: str
    file_count: int
    faults: tuple[str, ...]


def check(path: Path, *, manifest_sha256: str = "") -> Checked:
    """Compare every file of a package with its manifest; nothing may be changed, missing or added.

    :param manifest_sha256: as it was written down when the package was made. Without it a package
        whose manifest was rewritten together with its files cannot be told.
    """
    faults: list[str] = []
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            if MANIFEST not in names:
                return Checked("", 0, (f"no {MANIFEST}",))
            manifest = package.read(MANIFEST)
            listed = _listed(manifest, faults)
            inside = [name for name in names if name != MANIFEST]
            faults += [f"missing: {name}" for name in sorted(listed.keys() - set(inside))]
            faults += [
                f"not in the manifest: {name}" for name in sorted(set(inside) - listed.keys())
            ]
            if len(names) != len(set(names)):
                faults.append("a name stands there twice")
            for name in inside:
                if name in listed and _hash(package, name, faults) != listed[name]:
                    faults.append(f"changed: {name}")
    except (zipfile.BadZipFile, OSError) as error:
        return Checked("", 0, (f"unreadable: {error}",))
    found = hashlib.sha256(manifest).hexdigest()
    if manifest_sha256 and found != manifest_sha256:
        faults.append(f"another manifest: {found}")
    return Checked(found, len(listed), tuple(faults))


def _listed(manifest: bytes, faults: list[str]) -> dict[str, str]:
    listed: dict[str, str] = {}
    for line in manifest.decode("utf-8", "replace").splitlines():
        digest, _spaces, name = line.partition("  ")
        if len(digest) != 64 or not name or name in listed:
            faults.append(f"unreadable line in the manifest: {line[:80]}")
            continue
        listed[name] = digest
    return listed


def _hash(package: zipfile.ZipFile, name: str, faults: list[str]) -> str:
    digest = hashlib.sha256()
    try:
        with package.open(name) as content:
            while block := content.read(_BLOCK):
                digest.update(block)
    except (zipfile.BadZipFile, zlib.error) as error:
        faults.append(f"unreadable: {name}: {error}")
    return digest.hexdigest()
