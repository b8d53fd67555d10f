"""The content of one report, as it is frozen when the department accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chuan.flows.annual_report.models import ReportSnapshot, UnitReport
from chuan.flows.annual_report.queries.bodies import body
from chuan.flows.annual_report.queries.canonical import content_hash, has_hash
from chuan.flows.annual_report.queries.figures import figure_content
from chuan.flows.annual_report.queries.reports import assignments_behind, standing_of
from chuan.lib.vietnamese import clean
from chuan.modules.plans import facade as plans


@dataclass(frozen=True, slots=True)
class Frozen:
    """Content and its hash; `rows` are the records behind each figure, by code."""

    content: dict[str, Any]
    sha256: str
    rows: dict[str, Any]


def freeze(report: UnitReport) -> Frozen:
    """Everything the report says, in one fixed order, with the evidence and lateness of each task."""
    content = content_of(report)
    rows = {figure.code: figure.rows for figure in report.figures.all()}
    return Frozen(content=content, sha256=content_hash(content), rows=rows)


def content_of(report: UnitReport) -> dict[str, Any]:
    """The report as data: keys and order never depend on how it was typed.

    How each task stands is what was brought in together with the figures, as of the same day, so
    that tasks and figures of a report always add up to each other.
    """
    period = report.period
    assignments = assignments_behind(report)
    items = list(report.items.all())
    evidence = plans.evidence_for([item.assignment_id for item in items])
    wordings = plans.every_wording_of(period.plan_id)
    tasks = {task.id: (place, task) for place, task in enumerate(wordings)}
    lines = []
    for item in items:
        place, task = tasks[item.task_id]
        standing = standing_of(item, assignments.get(item.assignment_id))
        lines.append(
            (
                (place, item.role, item.assignment_id),
                {
                    "task_id": task.id,
                    "code": task.code,
                    "title": task.short_text,
                    "role": item.role,
                    "assignment_id": item.assignment_id,
                    "narrative": clean(item.narrative),
                    "outlook": clean(item.outlook),
                    "achievement": item.achievement,
                    "percent": item.percent,
                    "due_on": _day(standing.due_on),
                    "done_on": _day(standing.done_on),
                    "timeliness": standing.timeliness,
                    **_shared(assignments.get(item.assignment_id)),
                    "evidence": [
                        {"id": proof.id, "title": proof.title, "kind": proof.kind}
                        for proof in evidence.get(item.assignment_id, ())
                    ],
                },
            )
        )
    return {
        "format": 1,
        "period": {
            "id": period.pk,
            "title": period.title,
            "year": period.year,
            "data_from": period.data_from.isoformat(),
            "data_to": period.data_to.isoformat(),
        },
        "organisation": {
            "id": report.organisation_id,
            "name": body(report.organisation_id, on=period.due_on).name,
        },
        "signed": {
            "name": str(report.submitted_by) if report.submitted_by else "",
            "form": report.signing_form,
            "at": report.submitted_at.isoformat() if report.submitted_at else None,
        },
        "entered_by": str(report.entered_by) if report.entered_by else "",
        "texts": {
            "summary": clean(report.summary),
            "difficulties": clean(report.difficulties),
            "proposals": clean(report.proposals),
            "next_year": clean(report.next_year),
        },
        "items": [line for _order, line in sorted(lines, key=lambda pair: pair[0])],
        "figures": [
            figure_content(figure)
            for figure in sorted(report.figures.all(), key=lambda figure: figure.code)
        ],
    }


def _shared(assignment: plans.AssignmentRef | None) -> dict[str, str]:
    """Of a task of which one body is enough: what its reports have in common, and who did it."""
    if assignment is None or not assignment.any_of:
        return {}
    return {"any_of": assignment.any_of, "done_by": assignment.done_by}


def is_intact(snapshot: ReportSnapshot) -> bool:
    """Whether the stored content still has the hash it was accepted with."""
    return has_hash(snapshot.content, snapshot.sha256)


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
