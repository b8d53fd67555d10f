"""What single values must look like: URIs, instants, offsets, numbers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:"
    r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=\[\]]|%[0-9A-Fa-f]{2})*"
    r"(?:#(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?"
)
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:)(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_OFFSET = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LARGEST_WHOLE = 2**53
_LARGEST = 1e300
# An index of PostgreSQL holds no more than 2,704 bytes of a row.
LONGEST_URI = 2000


@lru_cache(maxsize=131_072)
def is_uri(text: str) -> bool:
    """An absolute URI (RFC 3986) that an index can hold; `prefix:name` is one too."""
    return len(text) <= LONGEST_URI and _URI.fullmatch(text) is not None


@lru_cache(maxsize=16_384)
def instant(text: str) -> datetime | None:
    """An RFC 3339 date-time in UTC, to the microsecond; None for anything else."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    day, clock, second, fraction, zone = match.groups()
    # A leap second is told as the second before it.
    second = "59" if second == "60" else second
    written = f"{day}T{clock}{second}{(fraction or '')[:7]}"
    try:
        return datetime.fromisoformat(written + zone.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_offset(text: str) -> bool:
    """A time zone offset of the 2.0 schemas: -13:59 to +14:00, with sign and colon."""
    return _OFFSET.fullmatch(text) is not None


def number(text: str) -> int | float | None:
    """A decimal number as JSON writes it: whole numbers without a point."""
    if not _NUMBER.fullmatch(text):
        return None
    found = float(text)
    if found in (float("inf"), float("-inf")):
        return None
    return int(found) if found.is_integer() and abs(found) < _LARGEST_WHOLE else found


def is_number(value: Any) -> bool:
    """A number that arithmetic can take; JSON may write any."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST
