"""More time asked for: who sees it, what waits for whom."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from chuan.core.calendar.enums import ExtensionState
from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.models import Assignment, DeadlineExtension
from chuan.modules.plans.queries.assignments import assignments_visible_to


def extensions_visible_to(person: Person) -> QuerySet[DeadlineExtension]:
    """Those of assignments the person sees, what waits longest first."""
    return (
        DeadlineExtension.objects.filter(assignment__in=assignments_visible_to(person))
        .select_related("assignment__task__plan__document", "asked_by", "closed_by", "upload__file")
        .order_by("asked_at", "pk")
    )


def extensions_of(assignment: Assignment) -> QuerySet[DeadlineExtension]:
    """Everything asked for one assignment, the latest first."""
    return assignment.extensions.select_related("asked_by", "closed_by", "upload__file").order_by(
        "-asked_at", "-pk"
    )


def waiting_for_decision(person: Person) -> QuerySet[DeadlineExtension]:
    """What this person's department has to decide, what waits longest first."""
    return (
        DeadlineExtension.objects.filter(
            state=ExtensionState.WAITING,
            assignment__task__plan__managed_by__in=rules.managed_organisation_ids(person),
        )
        .select_related("assignment__task")
        .order_by("asked_at", "pk")
    )


def waiting_of(organisation_ids: Collection[int]) -> QuerySet[DeadlineExtension]:
    """What these bodies asked for and wait for, what waits longest first."""
    return (
        DeadlineExtension.objects.filter(
            state=ExtensionState.WAITING, assignment__organisation__in=organisation_ids
        )
        .select_related("assignment__task")
        .order_by("asked_at", "pk")
    )


def waiting_among(assignments: Q) -> QuerySet[DeadlineExtension]:
    """Waiting ones of the assignments that a condition picks, named from the extension on."""
    return DeadlineExtension.objects.filter(assignments, state=ExtensionState.WAITING)
