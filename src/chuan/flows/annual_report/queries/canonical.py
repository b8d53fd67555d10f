"""One way to write content down, so that the same content always has the same hash."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Any


def canonical_json(content: Any) -> bytes:
    """UTF-8, keys sorted, no spaces, text in NFC; numbers with decimals are kept as text by callers.

    :raises TypeError: something in the content is not JSON, or is a float, whose text form is not
        the same everywhere.
    """
    return _dumped(_plain(content)).encode()


def content_hash(content: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


def has_hash(content: Any, sha256: str) -> bool:
    """Whether this is the content with the hash, without a copy of it being made.

    A piece of a text in NFC is in NFC: content whose text is needs no mending. What is no canonical
    content, a float in it, never had a hash.
    """
    text = _dumped(content)
    if not unicodedata.is_normalized("NFC", text):
        return content_hash(content) == sha256
    return hashlib.sha256(text.encode()).hexdigest() == sha256


def _dumped(plain: Any) -> str:
    return json.dumps(
        plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    raise TypeError(f"Not canonical content: {value!r}")
