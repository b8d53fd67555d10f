from __future__ import annotations

import enum
import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from chuan.core.files import store
from chuan.core.files.models import PartialUpload, StoredFile, Upload
from chuan.core.files.parsing.kinds import KINDS
from chuan.core.files.parsing.names import extension_of
from chuan.core.people.models import Person


class Fault(enum.Enum):
    MISSING = "missing"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Damage:
    """A file whose bytes in the store are not those that were handed in, and the names it has."""

    sha256: str
    fault: Fault
    names: tuple[str, ...]


def open_file(upload: Upload) -> BinaryIO:
    """The bytes as they were handed in; close it after use.

    :raises FileNotFoundError: the store has lost them; `damaged_files` and `chuan doctor` tell.
    """
    return store.open_kept(upload.file.sha256)


def read_bytes(upload: Upload) -> bytes:
    """:raises FileNotFoundError: the store has lost them."""
    with open_file(upload) as content:
        return content.read()


def media_type_of(upload: Upload) -> str:
    """As this upload's own name has it: the same bytes may be a .txt for one and a .csv for another."""
    kind = KINDS.get(extension_of(upload.name))
    media_type: str = kind.media_type if kind else upload.file.media_type
    return media_type


def damaged_files(*, limit: int = 100) -> list[Damage]:
    """Files that are missing from the store or no longer have the bytes their name says.

    Reads the whole store: minutes for many gigabytes.
    """
    found: list[Damage] = []
    for damage in _damage():
        found.append(damage)
        if len(found) >= limit:
            break
    return found


def _damage() -> Iterator[Damage]:
    for row in StoredFile.objects.order_by("pk").iterator(chunk_size=500):
        path = store.path_of(row.sha256)
        if not path.exists():
            yield Damage(row.sha256, Fault.MISSING, _names(row))
        elif path.stat().st_size != row.size or store.sha256_of(path) != row.sha256:
            yield Damage(row.sha256, Fault.CHANGED, _names(row))


def _names(row: StoredFile) -> tuple[str, ...]:
    return tuple(row.uploads.order_by("pk").values_list("name", flat=True)[:5])


def upload_limit() -> int:
    """Most bytes one file may have."""
    limit: int = settings.CHUAN_UPLOAD_LIMIT
    return limit


# ---------------------------------------------------------------- files on their way in


class ResumedFile(UploadedFile):  # type: ignore[type-arg]
    """A file that came in pieces, as forms and `store_upload` take any other."""

    def __init__(self, partial: PartialUpload) -> None:
        content = store.open_part(partial.id.hex)
        super().__init__(file=content, name=partial.name, size=partial.size)
        self.partial_id = partial.pk


class LostFile(UploadedFile):  # type: ignore[type-arg]
    """In the place of a file that is not waiting here any more: handed in already, or swept."""

    def __init__(self) -> None:
        super().__init__(file=io.BytesIO(), name="lost", size=0)


def uploads_on_their_way(person: Person) -> QuerySet[PartialUpload]:
    """What this person began to send."""
    return PartialUpload.objects.filter(owner=person).order_by("begun_at", "pk")


def resumed_file(person: Person, key: str) -> ResumedFile | LostFile:
    """The whole file this person sent under a key; a `LostFile` for everything else."""
    try:
        partial = uploads_on_their_way(person).get(pk=uuid.UUID(hex=key))
    except (ValueError, PartialUpload.DoesNotExist):
        return LostFile()
    if not partial.is_whole:
        return LostFile()
    try:
        return ResumedFile(partial)
    except FileNotFoundError:
        return LostFile()


def partial_quota() -> int:
    """Most bytes one person may have on their way in at once."""
    quota: int = settings.CHUAN_UPLOAD_LIMIT * 4
    return quota
