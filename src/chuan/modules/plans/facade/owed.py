"""What is owed, in the few columns that reminders and calendars need: they read all of it at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from chuan.modules.plans.queries import overdue as overdue_queries
from chuan.modules.plans.queries import owed as owed_queries
from chuan.modules.plans.queries.requests import open_requests


@dataclass(frozen=True, slots=True)
class OwedWork:
    """One assignment a body leads and has not finished, with the day that counts now."""

    id: int
    plan_id: int
    managed_by_id: int
    organisation_id: int
    task_code: str
    task_short_text: str
    due_on: date
    url: str


@dataclass(frozen=True, slots=True)
class OwedPart:
    """One contribution a lead asked a body for; `lead_url` is the page of the one that waits."""

    id: int
    plan_id: int
    organisation_id: int
    lead_organisation_id: int
    task_code: str
    text: str
    due_on: date
    url: str
    lead_url: str


def owed_work(
    on: date, *, due_by: date, organisation_ids: Collection[int] | None = None
) -> list[OwedWork]:
    """What these bodies, or all, have yet to finish and is due by a day, nearest first; one query."""
    rows = owed_queries.owed_work(on, due_by=due_by, organisation_ids=organisation_ids)
    columns = rows.values_list(
        "pk",
        "task__plan_id",
        "task__plan__managed_by_id",
        "organisation_id",
        "task__code",
        "task__short_text",
        "due_on",
    )
    return [OwedWork(*row, url=reverse("plans:assignment", args=[row[0]])) for row in columns]  # type: ignore[arg-type]


def owed_parts(
    on: date, *, due_by: date, organisation_ids: Collection[int] | None = None
) -> list[OwedPart]:
    """Contributions asked for and not given that are due by a day, nearest first; one query."""
    rows = open_requests(on).filter(due_on__lte=due_by)
    if organisation_ids is not None:
        rows = rows.filter(assignment__organisation__in=organisation_ids)
    return [
        OwedPart(
            id=row.pk,
            plan_id=row.assignment.task.plan_id,
            organisation_id=row.assignment.organisation_id,
            lead_organisation_id=row.lead.organisation_id,
            task_code=row.assignment.task.code,
            text=row.text,
            due_on=row.due_on,
            url=reverse("plans:assignment", args=[row.assignment_id]),
            lead_url=reverse("plans:assignment", args=[row.lead_id]),
        )
        for row in rows.select_related("assignment__task", "lead").order_by("due_on", "pk")
    ]


@dataclass(frozen=True, slots=True)
class LateForProvince:
    """How much of a plan has been late for so long (`from_days` working days) that the province looks
    at it, and the page that lists it."""

    plan_id: int
    from_days: int
    assignments: int
    bodies: int
    oldest: date
    url: str


def late_for_province(plan_ids: Collection[int], on: date) -> dict[int, LateForProvince]:
    """By plan, for plans that have such work; four queries however many plans."""
    return {
        one.plan_id: LateForProvince(
            one.plan_id,
            one.from_days,
            one.assignments,
            one.bodies,
            one.oldest,
            reverse("plans:overdue", args=[one.plan_id]) + "?tuoi=tinh",
        )
        for one in overdue_queries.late_for_province(plan_ids, on)
    }
