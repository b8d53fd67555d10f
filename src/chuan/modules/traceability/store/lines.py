"""Rows and lists in PostgreSQL's own text form: written whole, they are bound as fast as one value. And
statements that travel together.

psycopg writes each value of each row by itself, and lists of them in Python; at fifty values an event
that was half of what storing took.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


class Message:
    """Statements that go to the server in one message: each sees what those before it did.

    To send one and wait for it cost more than most of them take.
    """

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._values: list[Any] = []

    def add(self, statement: str, *values: Any) -> None:
        self._statements.append(statement)
        self._values += values

    def insert(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Rows of what `plain` writes, if there are any.

        :param columns: their types, by name; a list comes as a text in quotation marks.
        """
        if not rows:
            return
        names = ", ".join(columns)
        lists = [f"%s::{'text' if _is_list(kind) else kind}[]" for kind in columns.values()]
        taken = [f"{name}::{kind}" if _is_list(kind) else name for name, kind in columns.items()]
        self.add(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(taken)}"  # noqa: S608 - names of our own
            f" FROM unnest({', '.join(lists)}) g({names})",
            *map(listed, zip(*rows, strict=True)),
        )

    def send(self, cursor: Any) -> list[list[Any]]:
        """The rows that each statement answered."""
        cursor.execute("; ".join(self._statements), self._values)
        answers = []
        while True:
            answers.append(cursor.fetchall() if cursor.description else [])
            if not cursor.nextset():
                return answers


def _is_list(kind: str) -> bool:
    return kind.endswith("[]")
