"""A document as it will stand on paper: every word in its final form, every length in points.

Both renderers draw this and add no words of their own, which is why the DOCX and the PDF of a
document always say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chuan.core.documents.layout.content import Align, RowKind, Run
from chuan.core.documents.layout.profile import LayoutProfile


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph. `component` names its looks in the profile; `outline` is the rank of a heading.

    `indent` is where it starts, `hanging` how much further its second line does.
    """

    component: str
    runs: tuple[Run, ...]
    keep_with_next: bool = False
    outline: int = 0
    indent: float = 0
    hanging: float = 0
    space_below: float = 0

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Rule:
    """A solid horizontal line, centred where it stands."""

    length: float


@dataclass(frozen=True, slots=True)
class CellSheet:
    """`value` is what stands in the cell, for spreadsheets; `runs` is how it is written.

    `column` is the first of its `columns`, counted from 0.
    """

    runs: tuple[Run, ...]
    align: Align
    value: object = None
    column: int = 0
    columns: int = 1
    rows: int = 1
    number_format: str = ""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class RowSheet:
    """`may_split` is true of a row too high to be kept whole on a page."""

    cells: tuple[CellSheet, ...]
    kind: RowKind = RowKind.PLAIN
    may_split: bool = False


@dataclass(frozen=True, slots=True)
class TableSheet:
    """`head` is repeated on every page. In `head`, a cell over two rows is absent from the second.

    `stays_whole` is true of a table so short that it is better moved to the next page than split.
    """

    summary: str
    widths: tuple[float, ...]
    head: tuple[RowSheet, ...]
    rows: tuple[RowSheet, ...]
    stays_whole: bool = False


@dataclass(frozen=True, slots=True)
class Masthead:
    """The two columns at the top of page 1: issuer and number left, nation and date right."""

    left_width: float
    right_width: float
    issuer: tuple[Line | Rule, ...]
    nation: tuple[Line | Rule, ...]
    number: tuple[Line, ...]
    place_date: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """Recipients left, signature right, on one page. `more_recipients` did not fit beside it."""

    left_width: float
    right_width: float
    recipients: tuple[Line, ...]
    signature: tuple[Line, ...]
    more_recipients: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The main text or one annex: its pages are numbered from 1, and the first shows no number."""

    name: str
    is_landscape: bool
    flow: tuple[Line | Rule | TableSheet, ...]
    masthead: Masthead | None = None
    closing: Closing | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    title: str
    author: str
    dated: date
    sections: tuple[Section, ...]
    profile: LayoutProfile
