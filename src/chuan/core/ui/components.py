"""The data that components draw: build these in a view, hand them to the tag of the same name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: a tone (accent, soft, ok, warn, bad, info, mute), how much, what it is."""

    tone: str
    value: Decimal | int | float
    label: Text = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A row of a task list. Without `url` it is not yet open to work on."""

    title: Text
    status: str
    url: str = ""
    ref: str = ""
    hint: Text = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A point of a timeline. `tone`: "", "now" or "bad"; `meta` is who and where; `url` tells more."""

    title: Text
    at: dt.datetime | dt.date | None = None
    icon: str = ""
    tone: str = ""
    text: Text = ""
    meta: Sequence[Text] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file in a list: its kind chooses the icon; `notes` stand under the name."""

    name: str
    url: str
    size: int | None = None
    notes: Sequence[Text] = ()
    status: str = ""
    # What else can be done with it: words and address.
    links: Sequence[tuple[Text, str]] = ()
    remove_url: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of a check-answers page. `change_url` leads to the field it came from."""

    label: Text
    value: object = ""
    change_url: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Lineage:
    """A figure the system counted, and how it came about.

    `reported` differs from `counted` when somebody overrode it, with `reason`.
    """

    label: Text
    counted: Decimal | int | None
    unit: Text = ""
    reported: Decimal | int | None = None
    reason: Text = ""
    source: Text = ""
    source_url: str = ""
    as_of: dt.datetime | None = None
    definition: Text = ""
    places: int = 0

    @property
    def value(self) -> Decimal | int | None:
        return self.counted if self.reported is None else self.reported

    @property
    def is_overridden(self) -> bool:
        return self.reported is not None and self.reported != self.counted


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch [start, end) of a source text that a field was read from; `ref` links the two."""

    start: int
    end: int
    ref: str = ""
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A chip over a list: a ready-made filter with its count."""

    label: Text
    url: str
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """A task over a matrix; `ref` is "II.3": columns of one section stand together."""

    ref: str
    title: Text
    url: str = ""

    @property
    def section(self) -> str:
        return self.ref.rpartition(".")[0] or self.ref

    @property
    def number(self) -> str:
        return self.ref.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A state by deadline (on_time, late, open, due_soon, overdue; "" for not assigned), in words too.

    `label` is what one without a state says in place of “not assigned”.
    """

    status: str = ""
    detail: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A body and its state in every column, in the order of the columns."""

    name: Text
    cells: Sequence[MatrixCell]
    url: str = ""

    @property
    def share_done(self) -> int | None:
        """Percent of what was assigned that is done, on time or late; None when nothing was."""
        assigned = [cell for cell in self.cells if cell.status]
        done = sum(cell.status in {"on_time", "late"} for cell in assigned)
        return round(100 * done / len(assigned)) if assigned else None


@dataclass(frozen=True, slots=True)
class MatrixGroup:
    """Bodies of one kind; a folded group opens with a click, and is open without scripts."""

    name: Text
    rows: Sequence[MatrixRow]
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """Bodies by tasks. Every cell carries words; the shape is for the eye."""

    columns: Sequence[MatrixColumn]
    groups: Sequence[MatrixGroup]
    label: Text


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of a marked source."""

    text: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Source text with the stretches that were read from it."""

    text: str
    marks: Sequence[Mark] = field(default_factory=tuple)

    def pieces(self) -> list[Piece]:
        """The text cut at the marks, in order. Overlapping marks: the earlier one wins."""
        pieces: list[Piece] = []
        at = 0
        for mark in sorted(self.marks, key=lambda m: (m.start, -m.end)):
            start, end = max(mark.start, at), min(mark.end, len(self.text))
            if start >= end:
                continue
            if start > at:
                pieces.append(Piece(self.text[at:start]))
            pieces.append(Piece(self.text[start:end], mark))
            at = end
        if at < len(self.text):
            pieces.append(Piece(self.text[at:]))
        return pieces
