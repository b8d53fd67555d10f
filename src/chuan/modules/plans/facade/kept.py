"""What an archive keeps of a year's work, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from chuan.modules.plans.models import (
    Assignment,
    ContributionRequest,
    DeadlineExtension,
    Difficulty,
    Evidence,
    FateDecision,
    LockException,
    Plan,
    PlanImport,
    PlanVersion,
    ProgressUpdate,
    Task,
    Urging,
)
from chuan.modules.plans.queries.assignments import in_year


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """One assignment as a table of the year has it."""

    task_id: int
    task_code: str
    organisation_id: int
    role: str
    due_on: date | None
    done_on: date | None
    achievement: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One piece of evidence that counts; `sha256` and `name` are empty for a link."""

    id: int
    assignment_id: int
    task_id: int
    task_code: str
    organisation_id: int
    title: str
    name: str
    sha256: str
    link: str
    added_at: datetime


def assignment_lines(plan_id: int, year: int) -> list[AssignmentLine]:
    """Every assignment of a year, in the order of the annex. One query."""
    rows = Assignment.objects.filter(in_year(year), task__plan=plan_id).order_by(
        "task__position", "task", "organisation", "role", "pk"
    )
    return [
        AssignmentLine(*row)
        for row in rows.values_list(
            "task_id",
            "task__code",
            "organisation_id",
            "role",
            "due_on",
            "done_on",
            "achievement",
            "percent",
        )
    ]


def shown_files(plan_id: int, year: int) -> Iterator[ShownFile]:
    """Evidence of a year that was not withdrawn, a chunk at a time: there may be 50,000."""
    rows = (
        Evidence.objects.filter(
            assignment__in=Assignment.objects.filter(in_year(year), task__plan=plan_id).values(
                "pk"
            ),
            withdrawn_at__isnull=True,
        )
        .order_by("pk")
        .values_list(
            "pk",
            "assignment_id",
            "assignment__task_id",
            "assignment__task__code",
            "assignment__organisation_id",
            "title",
            "upload__name",
            "upload__file__sha256",
            "link",
            "added_at",
        )
    )
    for pk, assignment, task, code, body, title, name, sha256, link, at in rows.iterator(
        chunk_size=2000
    ):
        yield ShownFile(
            id=pk,
            assignment_id=assignment,
            task_id=task,
            task_code=code,
            organisation_id=body,
            title=title,
            name=name or "",
            sha256=sha256 or "",
            link=link,
            added_at=at,
        )


# What lines of the ledger are about, and how each leads to its plan.
_SUBJECTS = (
    (Plan, ("pk",)),
    (PlanVersion, ("plan",)),
    (PlanImport, ("plan", "amends")),
    (Task, ("plan",)),
    (Difficulty, ("plan",)),
    (FateDecision, ("plan",)),
    (LockException, ("plan",)),
    (Urging, ("plan",)),
    (Assignment, ("task__plan",)),
    (Evidence, ("assignment__task__plan",)),
    (ProgressUpdate, ("assignment__task__plan",)),
    (DeadlineExtension, ("assignment__task__plan",)),
    (ContributionRequest, ("lead__task__plan",)),
)


def ledger_subjects(plan_ids: Collection[int]) -> dict[str, frozenset[str]]:
    """Keys of everything of these plans that the ledger may speak of, by the label of its model.

    One query a model.
    """
    found = {}
    for model, paths in _SUBJECTS:
        belongs = Q()
        for path in paths:
            belongs |= Q(**{f"{path}__in": plan_ids})
        keys = model._default_manager.filter(belongs).values_list("pk", flat=True)
        found[model._meta.label] = frozenset(str(key) for key in keys)
    return found
