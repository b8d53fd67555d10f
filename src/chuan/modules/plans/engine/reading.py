"""A parsed decision as JSON, with all a person needs to check it against the file."""

from __future__ import annotations

from typing import Any

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
