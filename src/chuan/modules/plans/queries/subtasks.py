"""How bodies share out their work: only ever read inside the body."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, QuerySet

from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.models import Assignment, Subtask
from chuan.modules.plans.queries.plans import still_asks


def subtasks_visible_to(person: Person) -> QuerySet[Subtask]:
    """Of the person's own bodies, present and past: nobody else reads any."""
    return Subtask.objects.filter(
        assignment__organisation__in=rules.readable_organisation_ids(person)
    ).select_related("assignment__task__plan", "person", "done_by")


def subtasks_of(assignment: Assignment, reader: Person) -> list[Subtask]:
    """What waits first, by its day, then what is done; what was dropped is last."""
    if not rules.see_subtasks.allows(reader, assignment):
        return []
    rows = subtasks_visible_to(reader).filter(assignment=assignment)
    return sorted(
        rows.order_by("pk"),
        key=lambda row: (
            row.dropped_at is not None,
            row.done_on is not None,
            row.due_on or date.max,
            row.pk,
        ),
    )


def open_subtasks_of(person: Person, on: date) -> QuerySet[Subtask]:
    """What one person has to do for bodies where they still work, nearest day first."""
    return (
        subtasks_visible_to(person)
        .filter(
            still_asks(on, "assignment__task__plan__"),
            person=person,
            done_on__isnull=True,
            dropped_at__isnull=True,
            assignment__closed_on__isnull=True,
            assignment__organisation__in=rules.own_organisation_ids(person),
        )
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )


@dataclass(frozen=True, slots=True)
class Shared:
    """How much of what was shared out is done; `percent` is what that suggests for the whole."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        return round(self.done * 100 / self.total) if self.total else 0


def shared_of(subtasks: list[Subtask]) -> Shared:
    counted = [row for row in subtasks if row.dropped_at is None]
    return Shared(sum(row.done_on is not None for row in counted), len(counted))
