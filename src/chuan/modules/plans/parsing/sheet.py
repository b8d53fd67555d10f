"""The one form every file is brought into: lines and tables in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from chuan.modules.plans.parsing.plan import Notice, Source, SourceLine


@dataclass(frozen=True, slots=True)
class Line:
    """One line of running text. `after_blank`: an empty line stands before it.

    `columns` are its parts where wide gaps keep two columns apart, else nothing.
    """

    text: str
    source: Source
    after_blank: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell over grid columns [start, end); its paragraphs are parted by line breaks.

    `continues`: the cell goes on from the row above (merged downwards); its text is then that
    of the cell it belongs to.
    """

    text: str
    start: int
    end: int
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    source: Source
    opens_page: bool = False
    """First row of what a page or a further table carries on."""


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]
    columns: int

    @property
    def source(self) -> Source:
        return self.rows[0].source


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as read. `lines` is what the screen shows; `blocks` what the analysis reads."""

    blocks: tuple[Line | Table, ...]
    lines: tuple[SourceLine, ...] = field(repr=False)
    notices: tuple[Notice, ...] = ()

    def running_lines(self) -> Iterator[Line]:
        """All text in reading order, tables too: their cells one after the other."""
        for block in self.blocks:
            if isinstance(block, Line):
                yield block
            else:
                yield from lines_of(block)


def lines_of(table: Table) -> Iterator[Line]:
    """A table's cells as lines, cell after cell, each paragraph one line."""
    for row in table.rows:
        for cell in row.cells:
            if cell.continues:
                continue
            for text in cell.text.split("\n"):
                if text.strip():
                    yield Line(text.strip(), row.source)
