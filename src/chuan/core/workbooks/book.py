"""What a workbook to be filled in offline consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chuan.core.workbooks.cells import LONGEST_TEXT, Kind, escape


@dataclass(frozen=True, slots=True)
class Column:
    """`key` stays the same for ever; `title` is what people read. `width` is in characters."""

    key: str
    title: str
    kind: Kind
    width: int = 16
    is_writable: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`id` is what the system knows it by. Cells in `locked` are not for writing in this row."""

    id: str
    values: Mapping[str, Any]
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: a title, what to know about it, columns and rows.

    The first `frozen` columns stay in sight.
    """

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    lead: str = ""
    frozen: int = 1

    def is_open(self, row: Row, column: Column) -> bool:
        """Whether this cell may be written in. A text longer than a cell holds may not."""
        if not column.is_writable or column.key in row.locked:
            return False
        value = row.values.get(column.key)
        return not (isinstance(value, str) and len(escape(value)) > LONGEST_TEXT)


@dataclass(frozen=True, slots=True)
class Book:
    """A form to be filled in offline.

    `kind` and `number` say which form it is and in which edition: change the number when columns change
    their meaning. `subject` is whose it is, for the system; `subject_name` for people.
    """

    kind: str
    number: int
    subject: str
    subject_name: str
    title: str
    tables: Sequence[Table]
    guide_title: str
    # Headings and lines of the first sheet: ("", text) is a line, (word, text) a line with a term.
    guide: Sequence[tuple[str, str]] = field(default_factory=tuple)

    def table(self, key: str) -> Table:
        return next(table for table in self.tables if table.key == key)
