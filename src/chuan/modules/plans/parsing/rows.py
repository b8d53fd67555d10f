"""Rows of an annex as cut out of a file, before anything in them is understood."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from chuan.modules.plans.parsing.columns import Column
from chuan.modules.plans.parsing.plan import Doubt, Source


class RowKind(enum.StrEnum):
    SECTION = "section"
    TASK = "task"


@dataclass(slots=True)
class RawRow:
    """One section or task with its cells by column, line breaks kept.

    `part` counts annexes (and tables with an own heading) from 1: numbers start again there.
    """

    kind: RowKind
    number: str
    cells: dict[Column, str]
    source: Source
    part: int = 1
    excerpt: str = ""
    doubts: list[Doubt] = field(default_factory=list)

    def text(self, column: Column) -> str:
        return self.cells.get(column, "")
