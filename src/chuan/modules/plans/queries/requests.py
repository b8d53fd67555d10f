"""Requests for contributions: who was asked, what waits, what is late."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import QuerySet

from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.enums import RequestState
from chuan.modules.plans.models import Assignment, ContributionRequest

# House rule: the body that was asked is reminded so long before the day.
REMIND_BEFORE = timedelta(days=3)


def requests_visible_to(person: Person) -> QuerySet[ContributionRequest]:
    """Those of the person's own bodies, asked or asking; all for who reads every body's work."""
    rows = ContributionRequest.objects.select_related(
        "lead__task__plan", "assignment__task__plan", "asked_by", "closed_by", "update"
    )
    if rules.sees_every_body.allows(person):
        return rows
    own = rules.own_organisation_ids(person)
    asked = rows.filter(assignment__organisation__in=own)
    made = rows.filter(lead__organisation__in=own)
    managed = rows.filter(lead__task__plan__managed_by__in=rules.managed_organisation_ids(person))
    return asked | made | managed


def requests_of(lead: Assignment) -> QuerySet[ContributionRequest]:
    """What a lead asked for one assignment: what waits first, by its day."""
    return (
        lead.requests_made.exclude(state=RequestState.WITHDRAWN)
        .select_related("assignment", "closed_by")
        .order_by("closed_at", "due_on", "pk")
    )


def waiting_for(organisation_ids: Collection[int]) -> QuerySet[ContributionRequest]:
    """What these bodies are asked for and have not answered, nearest day first."""
    return (
        ContributionRequest.objects.filter(
            state=RequestState.ASKED, assignment__organisation__in=organisation_ids
        )
        .select_related("assignment__task", "lead")
        .order_by("due_on", "pk")
    )


def asked_by(organisation_ids: Collection[int]) -> QuerySet[ContributionRequest]:
    """What these bodies wait for from others, nearest day first."""
    return (
        ContributionRequest.objects.filter(
            state=RequestState.ASKED, lead__organisation__in=organisation_ids
        )
        .select_related("lead__task", "assignment")
        .order_by("due_on", "pk")
    )


def due_soon_or_late(on: date) -> QuerySet[ContributionRequest]:
    """What waits and is due within the days of a reminder, or was due before."""
    return (
        ContributionRequest.objects.filter(state=RequestState.ASKED, due_on__lte=on + REMIND_BEFORE)
        .select_related("lead__task__plan", "assignment__task__plan")
        .order_by("pk")
    )
