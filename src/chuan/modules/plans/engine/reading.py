"""A parsed decision as JSON, with all a person needs to check it against the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from chuan.lib.vietnamese import fold
from chuan.modules.plans.engine.draft import DraftTask
from chuan.modules.plans.parsing import Doubt, ReadPlan


def reading_of(read: ReadPlan) -> dict[str, Any]:
    """The published shape under `plan`; beside it doubts and excerpts by the position of the task,
    where the head's fields were read, what a stamp says, and every line of the file."""
    head = read.document
    return {
        "plan": read.as_json(),
        "tasks": {
            str(position): {
                "excerpt": task.excerpt,
                "doubts": [_doubt(doubt) for doubt in task.doubts],
            }
            for position, task in enumerate(read.tasks)
        },
        "document_doubts": [_doubt(doubt) for doubt in head.doubts],
        "stamped": {
            "number": head.stamped_number,
            "issued_on": head.stamped_on.isoformat() if head.stamped_on else None,
        },
        "sources": {name: [source.page, source.line] for name, source in head.sources},
        "reporting_source": [read.reporting.source.page, read.reporting.source.line]
        if read.reporting
        else None,
        "source": [[line.page, line.line, line.text] for line in read.source],
    }


def lines_around(
    reading: dict[str, Any], page: int | None, line: int | None, *, before: int = 2, after: int = 14
) -> list[tuple[int | None, int, str]]:
    """Lines of the file near a place, as (page, line, text)."""
    source: list[list[Any]] = reading.get("source", [])
    position = next(
        (n for n, (at, number, _text) in enumerate(source) if at == page and number == line), None
    )
    if position is None:
        return []
    return [
        (at, number, text)
        for at, number, text in source[max(position - before, 0) : position + after]
    ]


def _doubt(doubt: Doubt) -> dict[str, str]:
    return {"code": doubt.code, "message": doubt.message, "field": doubt.field}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run [start, end) of an excerpt that a field was read from."""

    field: str
    start: int
    end: int


_ORDER = ("text", "lead", "coordinating", "time_text")


def stretches_of(excerpt: str, task: DraftTask) -> list[Stretch]:
    """Which lines of a row's excerpt each field came from, neighbours joined.

    A row is read cell after cell, so a line belongs to the first field, not before the last one
    found, that has its words; a tail on the next page belongs to the text again.
    """
    words = {
        "text": _bare(task.text),
        "lead": _bare(" ".join(task.texts.get(name, name) for name in task.lead)),
        "coordinating": _bare(" ".join(task.texts.get(name, name) for name in task.coordinating)),
        "time_text": _bare(task.time_text),
    }
    found: list[Stretch] = []
    reached, start = 0, 0
    for line in excerpt.split("\n"):
        bare = _bare(line)
        ahead = [name for name in _ORDER[reached:] if bare and bare in words[name]]
        name = ahead[0] if ahead else ("text" if len(bare) > 12 and bare in words["text"] else "")
        if name:
            reached = max(reached, _ORDER.index(name))
            end = start + len(line)
            if found and found[-1].field == name and found[-1].end == start - 1:
                found[-1] = Stretch(name, found[-1].start, end)
            else:
                found.append(Stretch(name, start, end))
        start += len(line) + 1
    return found


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))
