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
    return json.dumps(
        _plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def content_hash(content: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


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
