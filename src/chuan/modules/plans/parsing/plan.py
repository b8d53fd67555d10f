"""What the parser gives back: a decision read into its parts, with every doubt named."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field
from typing import Any


class BodyKind(enum.StrEnum):
    """How a plan names who does the work."""

    GROUP = "group"  # a collective: "Các sở, ban, ngành"
    NAMED = "named"  # one body: "Sở Tài chính"
    OPEN = "open"  # nobody can list them: "cơ quan liên quan"


class DueKind(enum.StrEnum):
    ONCE = "once"
    YEARLY = "yearly"
    UNTIL = "until"
    BY_LAW = "by_law"


@dataclass(frozen=True, slots=True)
class Due:
    """When a task is due; `date` is the last day that still counts."""

    kind: DueKind
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a person should look at: `field` is "number", "lead", "due", "text" …"""

    code: str
    message: str
    field: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning about the document; `where` says the place in words a reader can follow."""

    code: str
    message: str
    where: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the file as it was read. `page` is None where the format knows no pages."""

    page: int | None
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where something begins: line `line` (from 1) of page `page`."""

    page: int | None
    line: int


@dataclass(frozen=True, slots=True)
class ReadBody:
    """One lead or coordinating body: canonical `name`, and `text` as the plan writes it.

    `full_name` is the name without abbreviations, for finding the organisation. `known` tells
    whether the gazetteer knows such a body; `mended` whether `name` corrects a typing mistake.
    """

    kind: BodyKind
    name: str
    text: str
    full_name: str = ""
    known: bool = True
    mended: bool = False


@dataclass(frozen=True, slots=True)
class ReadSection:
    code: str
    title: str
    source: Source


@dataclass(frozen=True, slots=True)
class ReadBodyPoint:
    code: str
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One row of the annex.

    `excerpt` is the row as the file has it, for the screen; `confidence` goes from 0 to 1 and
    `doubts` say what lowers it.
    """

    code: str
    section: str | None
    text: str
    lead: tuple[ReadBody, ...]
    coordinating: tuple[ReadBody, ...]
    product: str | None
    time_text: str
    due: Due
    body_points: tuple[str, ...]
    source: Source
    confidence: float
    doubts: tuple[Doubt, ...] = ()
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """The head of the decision.

    `stamps` are loose digits found beside an empty number or date; `stamped_number` and
    `stamped_on` are how they read, for a person to confirm.
    """

    number: str | None = None
    notation: str | None = None
    issued_on: dt.date | None = None
    issuer: str | None = None
    signer: str | None = None
    title: str | None = None
    based_on: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    stamped_number: str | None = None
    stamped_on: dt.date | None = None
    doubts: tuple[Doubt, ...] = ()
    sources: tuple[tuple[str, Source], ...] = ()
    """Pairs of a field's name and where it was read."""


@dataclass(frozen=True, slots=True)
class ReadReporting:
    """Who gets the report on the plan, and before which day ("20/11")."""

    due: str
    to: str
    yearly: bool
    source: Source


@dataclass(frozen=True, slots=True)
class ReadPlan:
    document: ReadDocument
    sections: tuple[ReadSection, ...]
    body_points: tuple[ReadBodyPoint, ...]
    tasks: tuple[ReadTask, ...]
    reporting: ReadReporting | None
    warnings: tuple[Notice, ...]
    source: tuple[SourceLine, ...] = field(default=(), repr=False)

    def as_json(self) -> dict[str, Any]:
        """The published shape of a parsed plan; days as "2025-06-30"."""
        return {
            "document": {
                "number": self.document.number,
                "notation": self.document.notation,
                "issued_on": _day(self.document.issued_on),
                "issuer": self.document.issuer,
                "signer": self.document.signer,
                "title": self.document.title,
                "based_on": list(self.document.based_on),
                "stamps": list(self.document.stamps),
            },
            "sections": [{"code": s.code, "title": s.title} for s in self.sections],
            "body_points": [{"code": p.code, "text": p.text} for p in self.body_points],
            "tasks": [_task_as_json(task) for task in self.tasks],
            "reporting": None
            if self.reporting is None
            else {
                "due": self.reporting.due,
                "to": self.reporting.to,
                "yearly": self.reporting.yearly,
            },
            "warnings": [
                {"code": w.code, "message": w.message, "where": w.where} for w in self.warnings
            ],
        }


def _task_as_json(task: ReadTask) -> dict[str, Any]:
    return {
        "code": task.code,
        "section": task.section,
        "text": task.text,
        "lead": [_body_as_json(body) for body in task.lead],
        "coordinating": [_body_as_json(body) for body in task.coordinating],
        "product": task.product,
        "time_text": task.time_text,
        "due": {"kind": task.due.kind.value, "date": _day(task.due.date)},
        "body_points": list(task.body_points),
        "source": {"page": task.source.page, "line": task.source.line},
        "confidence": task.confidence,
    }


def _body_as_json(body: ReadBody) -> dict[str, str]:
    return {"kind": body.kind.value, "name": body.name, "text": body.text}


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
