"""Requests for contributions: who was asked, what waits, what is late."""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import date

from django.db.models import F, QuerySet

from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.enums import RequestState
from chuan.modules.plans.models import Assignment, ContributionRequest
from chuan.modules.plans.queries.assignments import coordinators_still_there, with_body_name
from chuan.modules.plans.queries.plans import still_asks


def requests_visible_to(person: Person) -> QuerySet[ContributionRequest]:
    """Those of the person's own bodies, asked or asking; all for who reads every body's work."""
    rows = ContributionRequest.objects.select_related(
        "lead__task__plan", "assignment__task__plan", "asked_by", "closed_by", "update"
    )
    if rules.sees_every_body.allows(person):
        return rows
    own = rules.readable_organisation_ids(person)
    asked = rows.filter(assignment__organisation__in=own)
    made = rows.filter(lead__organisation__in=own)
    managed = rows.filter(lead__task__plan__managed_by__in=rules.managed_organisation_ids(person))
    return asked | made | managed


def requests_of(lead: Assignment) -> QuerySet[ContributionRequest]:
    """What a lead asked for one assignment: what waits first, by its day."""
    return (
        lead.requests_made.exclude(state=RequestState.WITHDRAWN)
        .select_related("assignment", "closed_by")
        .order_by(F("closed_at").asc(nulls_first=True), "due_on", "pk")
    )


def open_requests(on: date) -> QuerySet[ContributionRequest]:
    """What waits for an answer that can still be given."""
    return ContributionRequest.objects.filter(
        still_asks(on, "assignment__task__plan__"), state=RequestState.ASKED
    )


def waiting_for(organisation_ids: Collection[int], on: date) -> QuerySet[ContributionRequest]:
    """What these bodies are asked for and have not answered, nearest day first."""
    return (
        open_requests(on)
        .filter(assignment__organisation__in=organisation_ids)
        .select_related("assignment__task", "lead")
        .order_by("due_on", "pk")
    )


def asked_by(organisation_ids: Collection[int], on: date) -> QuerySet[ContributionRequest]:
    """What these bodies wait for from others, nearest day first."""
    return (
        open_requests(on)
        .filter(lead__organisation__in=organisation_ids)
        .select_related("lead__task", "assignment")
        .order_by("due_on", "pk")
    )


def coordinators_to_ask(lead: Assignment, on: date) -> QuerySet[Assignment]:
    """Those that coordinate beside a lead by a day, and have no open request from it."""
    waiting = lead.requests_made.filter(state=RequestState.ASKED).values("assignment")
    begun = coordinators_still_there(lead).filter(period_start__lte=on)
    return with_body_name(begun.exclude(pk__in=waiting)).order_by(F("body_sort_key"), "pk")


class NobodyToAsk(enum.StrEnum):
    NO_COORDINATOR = "no_coordinator"
    NOT_BEGUN = "not_begun"
    ALL_ASKED = "all_asked"


def why_nobody_to_ask(lead: Assignment, on: date) -> NobodyToAsk:
    """Why `coordinators_to_ask` has nobody."""
    days = list(coordinators_still_there(lead).values_list("period_start", flat=True))
    if not days:
        return NobodyToAsk.NO_COORDINATOR
    return NobodyToAsk.ALL_ASKED if min(days) <= on else NobodyToAsk.NOT_BEGUN
