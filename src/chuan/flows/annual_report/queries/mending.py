"""What a unit did with a report that was returned to it: the comments it answers, what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chuan.flows.annual_report.enums import StepKind
from chuan.flows.annual_report.models import (
    CONTENT_FIELDS,
    ReportFigure,
    ReportItem,
    ReturnComment,
    UnitReport,
)
from chuan.flows.annual_report.queries.canonical import content_hash
from chuan.flows.annual_report.queries.figures import figure_content

# Parts a person reads; which sections are called finished is none of them.
TEXTS = tuple(name for name in CONTENT_FIELDS if name != "finished_sections")
# What a figure says; that it was counted again with the same outcome is no change.
_OF_FIGURES = ("counted", "reported", "override_reason", "outlook", "rows_sha256")


@dataclass(frozen=True, slots=True)
class Mending:
    """A report sent again, against how it stood when it was returned for the last time.

    `changed` has the names of parts: “item:7”, “figure:plans.overdue”, “summary”; it is None where
    the return kept no trace of them.
    """

    returned_at: datetime
    answered: list[ReturnComment]
    changed: list[str] | None


def parts_of_report(report: UnitReport) -> dict[str, str]:
    """The hash of every part a person reads, by its name; reading order within each kind."""
    items = {
        f"item:{item.pk}": [item.narrative, item.outlook, item.achievement, item.percent]
        for item in ReportItem.objects.filter(report=report).order_by("pk")
    }
    figures = {
        f"figure:{figure.code}": [figure_content(figure)[key] for key in _OF_FIGURES]
        for figure in ReportFigure.objects.filter(report=report).order_by("title", "pk")
    }
    texts = {name: getattr(report, name) for name in TEXTS}
    return {name: content_hash(value) for name, value in {**items, **figures, **texts}.items()}


def mending_of(report: UnitReport) -> Mending | None:
    """None of a report that was never returned, or was not sent again since."""
    if report.submitted_at is None:
        return None
    step = (
        report.steps.filter(kind=StepKind.RETURNED, made_at__lte=report.submitted_at)
        .order_by("-made_at", "-pk")
        .first()
    )
    if step is None:
        return None
    answered = report.comments.filter(sent_at=step.made_at).select_related("item")
    return Mending(
        returned_at=step.made_at,
        answered=list(answered.order_by("pk")),
        changed=_changed(step.parts, parts_of_report(report)) if step.parts else None,
    )


def _changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    return [name for name, value in now.items() if before.get(name) != value]
