"""An annex whose columns were lost: rows cut by their numbers, cells by what stands in them.

A text converter writes a table cell after cell. Empty lines stand inside cells as well as between
them, so they say nothing. What does: the deadline at the end of a row, names of bodies, capital
letters at the start of a line, and the order of the columns in the heading.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chuan.modules.plans.parsing.columns import Column
from chuan.modules.plans.parsing.deadlines import LONGEST_DEADLINE, is_deadline
from chuan.modules.plans.parsing.headings import Heading, label_of
from chuan.modules.plans.parsing.labels import Label, LabelKind
from chuan.modules.plans.parsing.plan import Doubt, Source
from chuan.modules.plans.parsing.rows import RawRow, RowKind
from chuan.modules.plans.parsing.sheet import Line
from chuan.modules.plans.parsing.spelling import fold
from chuan.modules.plans.parsing.splitting import DEADLINE_LETTERS, may_open, split_row

DEADLINE_LINES = 5

_AFTER_TABLE = re.compile(
    r"(?:nơi nhận\s*:|ghi chú\s*:|tm\.\s|kt\.\s|tổng cộng|tổng số\s*:|người lập|chủ tịch$|ủy ban nhân dân$)"
)

_MAX_GAP = 3


def read_linear(lines: Sequence[Line], headings: Sequence[Heading]) -> list[RawRow]:
    """The rows of every annex in a text without columns."""
    rows: list[RawRow] = []
    part = 0
    zone: list[Line] = []
    opened: Heading | None = None
    for heading, following in itertools.zip_longest(headings, headings[1:]):
        end = following.start if following else len(lines)
        more = list(lines[heading.end : end])
        if opened and set(opened.columns) <= set(heading.columns) and _goes_on(zone, more):
            zone.extend(more)
            opened = heading
            continue
        if opened:
            rows.extend(_Cutter(zone, opened, part).rows())
        part, zone, opened = part + 1, more, heading
    if opened:
        rows.extend(_Cutter(zone, opened, part).rows())
    return rows


def _goes_on(zone: Sequence[Line], more: Sequence[Line]) -> bool:
    """Whether lines carry on the numbers before them: the headings were only printed again."""
    if any(_opens_annex(line) for line in zone):
        return False
    first = next((label for line in more if (label := label_of(line)[0])), None)
    if first is None or first.kind is LabelKind.DOTTED or first.value > 1:
        return True
    labels = [label for line in zone if (label := label_of(line)[0])]
    sections = (LabelKind.ROMAN, LabelKind.CAPITAL)
    after_title = bool(labels) and labels[-1].kind in sections
    return first.kind is LabelKind.NUMBER and after_title


def _opens_annex(line: Line) -> bool:
    key = fold(line.text).strip(" .:")
    return key.startswith("phụ lục") and (line.text.isupper() or len(key) <= len("phụ lục xviii"))


@dataclass(slots=True)
class _Piece:
    """A section or task with the lines that belong to it, its label taken off."""

    kind: RowKind
    number: str
    lines: list[Line] = field(default_factory=list)
    source: Source = field(default_factory=lambda: Source(None, 0))
    excerpt: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    has_deadline: bool = False


class _Cutter:
    """Cuts one zone below a heading into rows."""

    def __init__(self, zone: list[Line], heading: Heading, part: int) -> None:
        self._lines = zone
        self._columns = heading.columns
        self._has_number = heading.has_number
        self._part = part
        self._last_number = 0
        self._last_section: dict[LabelKind, int] = {}
        self._deadline_ends = [self._ends_deadline(at) for at in range(len(zone))]

    def rows(self) -> list[RawRow]:
        pieces = list(self._pieces()) if self._has_number else []
        for piece, following in itertools.pairwise(pieces):
            if following.number.startswith(f"{piece.number}.") and not piece.has_deadline:
                piece.kind = RowKind.SECTION
        if not any(piece.kind is RowKind.TASK for piece in pieces):
            pieces = list(self._pieces_by_deadline())
        return [self._row(piece) for piece in pieces]

    def _row(self, piece: _Piece) -> RawRow:
        excerpt = "\n".join(piece.excerpt)
        if piece.kind is RowKind.SECTION:
            title = " ".join(line.text for line in piece.lines)
            cells = {Column.TASK: title}
            return RawRow(piece.kind, piece.number, cells, piece.source, self._part, excerpt)
        cells, doubts = split_row(piece.lines, self._columns)
        return RawRow(
            piece.kind,
            piece.number,
            cells,
            piece.source,
            self._part,
            excerpt,
            [*piece.doubts, *doubts],
        )

    def _pieces(self) -> Iterator[_Piece]:
        piece: _Piece | None = None
        began = 0
        for at, line in enumerate(self._lines):
            complete = piece is None or self._has_deadline(began, at)
            if _opens_annex(line) or (complete and _AFTER_TABLE.match(fold(line.text))):
                break
            label, rest = label_of(line)
            kind = self._accept(label, rest, at, began, piece) if label else None
            if label and kind:
                if piece and (piece.number or piece.has_deadline):
                    yield piece
                piece = _Piece(kind, label.code, source=line.source)
                began = at
                if rest:
                    piece.lines.append(Line(rest, line.source))
            elif piece:
                piece.lines.append(line)
            else:
                # A row without number before the first one that has one; else the table's title.
                piece = _Piece(RowKind.TASK, "", [line], line.source)
                began = at
            piece.excerpt.append(line.text)
            piece.has_deadline = piece.has_deadline or self._deadline_ends[at]
        if piece and (piece.number or piece.has_deadline):
            yield piece

    def _accept(
        self, label: Label, rest: str, at: int, began: int, piece: _Piece | None
    ) -> RowKind | None:
        """Whether a label begins a section or a task here, or is only a number in the text."""
        complete = piece is None or piece.kind is RowKind.SECTION or self._has_deadline(began, at)
        if label.kind is LabelKind.ROMAN or label.kind is LabelKind.CAPITAL:
            last = self._last_section.get(label.kind, 0)
            in_order = label.value in (1, last + 1)
            if in_order or (complete and label.kind is LabelKind.ROMAN and label.value > last):
                self._open_section(label)
                return RowKind.SECTION
            return None
        if label.kind is LabelKind.DOTTED:
            return RowKind.TASK if complete or not rest else None
        gap = label.value - self._last_number
        if gap == 1 or (label.value == 1 and complete and self._last_number == 0):
            if not complete and not rest and self._is_page_number(label, at, began):
                return None
            if not complete and rest and not self._columns_have_deadline():
                return None
            self._last_number = label.value
            return RowKind.TASK
        if complete and not rest and (1 < gap <= _MAX_GAP or gap == 0 or label.value == 1):
            self._last_number = label.value
            return RowKind.TASK
        return None

    def _open_section(self, label: Label) -> None:
        self._last_section[label.kind] = label.value
        self._last_number = 0
        kinds = list(self._last_section)
        for deeper in kinds[kinds.index(label.kind) + 1 :]:
            self._last_section[deeper] = 0

    def _columns_have_deadline(self) -> bool:
        return Column.DUE in self._columns

    def _is_page_number(self, label: Label, at: int, began: int) -> bool:
        """A number on a line by itself whose own row starts further down."""
        for later in range(at + 1, len(self._lines)):
            other, rest = label_of(self._lines[later])
            if other is None:
                continue
            if other.kind is LabelKind.ROMAN and not rest:
                return False
            if other == label:
                return self._has_deadline(began, later)
            if other.kind is LabelKind.NUMBER and other.value > label.value and not rest:
                return False
        return False

    def _has_deadline(self, start: int, end: int) -> bool:
        return any(self._deadline_ends[start:end])

    def _ends_deadline(self, at: int) -> bool:
        """Whether a deadline that begins with a capital or a figure ends with this line."""
        joined = ""
        for first in range(at, max(-1, at - DEADLINE_LINES), -1):
            joined = (self._lines[first].text + " " + joined).strip()
            if len(joined) > DEADLINE_LETTERS:
                break
            label, rest = label_of(self._lines[first])
            if label and not rest:
                break
            if may_open(joined) and is_deadline(joined):
                return True
        line = self._lines[at].text
        begins = re.finditer(r"(?<=\s)(?=[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ0-9])", line)
        return any(
            len(line) - found.start() <= LONGEST_DEADLINE
            and may_open(line[found.start() :])
            and is_deadline(line[found.start() :])
            for found in begins
        )

    def _pieces_by_deadline(self) -> Iterator[_Piece]:
        """Rows without numbers: each ends with its deadline."""
        piece = _Piece(RowKind.TASK, "")
        for at, line in enumerate(self._lines):
            if _AFTER_TABLE.match(fold(line.text)):
                break
            label, rest = label_of(line)
            if label and label.kind is LabelKind.ROMAN and not piece.lines:
                yield _Piece(
                    RowKind.SECTION,
                    label.code,
                    [Line(rest, line.source)] if rest else [],
                    line.source,
                    [line.text],
                )
                continue
            if not piece.lines:
                piece.source = line.source
            piece.lines.append(line)
            piece.excerpt.append(line.text)
            if self._deadline_ends[at] and self._next_opens(at):
                yield piece
                piece = _Piece(RowKind.TASK, "")
        if piece.lines and (len(piece.lines) > 1 or len(piece.lines[0].text) > 20):
            yield piece

    def _next_opens(self, at: int) -> bool:
        if at + 1 >= len(self._lines):
            return True
        following = self._lines[at + 1].text
        return (
            following[:1].isupper()
            or bool(label_of(self._lines[at + 1])[0])
            or (following[:1] in "-–+•")
        )
