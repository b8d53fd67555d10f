"""What a document is put together of: its files, and the documents it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.files.base import File

from chuan.core.documents.enums import FilePurpose, RelationKind


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be attached: what it is for, what it is called, its bytes."""

    purpose: FilePurpose
    name: str
    content: bytes | BinaryIO | File[Any]


@dataclass(frozen=True, slots=True)
class Mention:
    """Another document named by its symbol, and how this one relates to it."""

    kind: RelationKind
    symbol: str
