"""Rows and lists in PostgreSQL's own text form: written whole, they are bound as fast as one value.

psycopg writes each value of each row by itself, and lists of them in Python; at fifty values an event
that was half of what storing took.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

NOTHING = "\\N"


def text(value: str | None) -> str:
    """A text as a field of COPY."""
    if value is None:
        return NOTHING
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if value.isprintable():
        return value
    return value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def plain(value: Any) -> str:
    """What has no letter that COPY or a list would take for its own: numbers, instants, digests."""
    return NOTHING if value is None else str(value)


def line(*fields: str) -> str:
    return "\t".join(fields) + "\n"


def listed(values: Iterable[Any]) -> str:
    """An array of what `plain` writes."""
    return f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"


def listed_texts(values: Iterable[str]) -> str:
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"


def copy_lines(cursor: Any, table: str, lines: Iterable[str]) -> None:
    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
        copy.write("".join(lines))
