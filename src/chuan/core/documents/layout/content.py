"""What an administrative document says, in words and figures only: no fonts, no positions.

Everything the decree on records work (Decree 30/2020/NĐ-CP) fixes by rule — numbers of headings,
letters of points, the closing "./.", zero padding, upper case, the national name — is left out here
and added when the document is composed, so that a caller cannot get it wrong.
"""

from __future__ import annotations

import calendar
import enum
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from chuan.lib.vietnamese import clean


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one face."""

    text: str
    bold: bool = False
    italic: bool = False


Text = str | tuple[Run, ...]
"""A line break inside a text is a line break on paper."""


class HeadingLevel(enum.StrEnum):
    PART = "part"  # Phần I, with its title on a line of its own
    SECTION = "section"  # I.
    CLAUSE = "clause"  # 1.
    POINT = "point"  # a)


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading. Its number comes from its place: never write it in `text`."""

    level: HeadingLevel
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: Text


class ListMark(enum.StrEnum):
    DASH = "dash"  # -
    PLUS = "plus"  # +, under a dash
    LETTER = "letter"  # a) b) c) d) đ)
    DIGIT = "digit"  # 1. 2. 3.


@dataclass(frozen=True, slots=True)
class Points:
    """Paragraphs of one rank, each behind a mark; letters and digits begin anew in every list."""

    items: tuple[Text, ...]
    mark: ListMark = ListMark.DASH


class ColumnKind(enum.StrEnum):
    """What the cells of a column hold: decides how they are written, aligned and typed in XLSX."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"  # 12.5 means 12,5%
    DATE = "date"
    ORDINAL = "ordinal"  # TT: centred, never summed


class Align(enum.StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    JUSTIFY = "justify"


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is a share: columns of widths 1 and 3 take a quarter and three quarters.

    Neighbouring columns with the same `group` get one heading above their own headings.
    `decimals` is for numbers and percentages; None writes them as they are.
    """

    title: str
    width: float
    kind: ColumnKind = ColumnKind.TEXT
    align: Align | None = None
    decimals: int | None = None
    group: str = ""


Cell = Text | int | Decimal | date | None


class RowKind(enum.StrEnum):
    PLAIN = "plain"
    GROUP = "group"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    kind: RowKind = RowKind.PLAIN

    @classmethod
    def of(cls, *cells: Cell) -> Row:
        return cls(cells)

    @classmethod
    def group(cls, title: str, code: str = "") -> Row:
        """A bold row across the table; with `code`, that stands in the first column."""
        return cls((code, title) if code else (title,), RowKind.GROUP)

    @classmethod
    def total(cls, *cells: Cell) -> Row:
        """A bold row with one cell per column; the label, first, runs over the empty cells after it."""
        return cls(cells, RowKind.TOTAL)


@dataclass(frozen=True, slots=True)
class Table:
    """`unit_note` is "Đơn vị tính: …"; `count_columns` adds the customary row (1) (2) (3)."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    unit_note: str = ""
    count_columns: bool = False
    empty_note: str = ""


Block = Heading | Paragraph | Points | Table


class Orientation(enum.StrEnum):
    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"


@dataclass(frozen=True, slots=True)
class Annex:
    """Numbered I, II, III by its place; a document's only annex has no number."""

    title: str
    blocks: tuple[Block, ...]
    orientation: Orientation = Orientation.PORTRAIT


@dataclass(frozen=True, slots=True)
class IssueDate:
    """The date line, as far as it is known: a draft leaves the day, or day and month, to the clerk."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("A day needs its month")
        self.earliest()

    @classmethod
    def on(cls, day: date) -> IssueDate:
        return cls(day.year, day.month, day.day)

    @property
    def is_complete(self) -> bool:
        return self.day is not None

    def earliest(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, from the top: authority "KT." with positions ("GIÁM ĐỐC", "PHÓ GIÁM ĐỐC").

    `authority` is TM., Q., KT., TL., TUQ. or empty and stands before the first position. The name
    carries no titles and may be empty in a draft.
    """

    positions: tuple[str, ...]
    name: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One administrative document, complete or still a draft.

    `kind` is a code of the layout's kinds ("BC", "KH", "CV" …); `notation` is what follows the
    number ("BC-SKHCN"). `issuer` and `issuer_parent` are in ordinary case ("Sở Khoa học và Công
    nghệ", "UBND tỉnh Gia Lai"): an agency decides how its parent is abbreviated. `subject` is the
    abstract; an official letter shows it behind "V/v". `recipients` omits "Như trên" and the
    archive line: the first is added where there are addressees, the second is made of `archive`
    ("VT, TĐC"). `on_paper` fills in the number and date of "(Kèm theo …)", which electronic
    documents leave blank. `size_set` picks one of the layout's size sets by name. `is_draft` marks a
    text that is shown before it is settled, on its first page and on every annex.
    """

    kind: str
    issuer: str
    notation: str
    place: str
    dated: IssueDate
    subject: str
    body: tuple[Block, ...]
    signature: Signature
    issuer_parent: str = ""
    number: int | None = None
    addressees: tuple[str, ...] = ()
    legal_bases: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    archive: str = "VT"
    annexes: tuple[Annex, ...] = field(default=())
    on_paper: bool = False
    size_set: str = ""
    is_draft: bool = False


def narrative(text: str) -> tuple[Block, ...]:
    """Blocks of a text somebody typed: a paragraph per line, lines behind "-", "•" or "+" as points."""
    blocks: list[Block] = []
    for line in filter(None, clean(text).split("\n")):
        mark = {"-": ListMark.DASH, "–": ListMark.DASH, "•": ListMark.DASH, "+": ListMark.PLUS}.get(
            line[0]
        )
        item = line[1:].strip()
        if mark is None or not item:
            blocks.append(Paragraph(line))
        elif blocks and isinstance(blocks[-1], Points) and blocks[-1].mark is mark:
            blocks[-1] = Points((*blocks[-1].items, item), mark)
        else:
            blocks.append(Points((item,), mark))
    return tuple(blocks)


def plain(text: Text) -> str:
    """The letters of a text, without its faces."""
    return text if isinstance(text, str) else "".join(run.text for run in text)
