"""Word's old container: either a real .doc or a DOCX behind a password. Neither can be read."""

from __future__ import annotations

from typing import NoReturn

from chuan.modules.plans.parsing.refusals import UnreadableFile

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_doc(data: bytes, name: str) -> NoReturn:
    """:raises UnreadableFile: always, with the reason of the two that applies."""
    raise UnreadableFile("password_docx" if _ENCRYPTED in data else "legacy_doc", name=name)
