"""Difficulties put in writing, and what became of them."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.enums import DifficultyState
from chuan.modules.plans.models import Difficulty


def difficulties_visible_to(person: Person) -> QuerySet[Difficulty]:
    """Of the person's own bodies; all of a plan for the department that watches over it."""
    rows = Difficulty.objects.select_related("task", "plan__document", "raised_by").order_by(
        "-raised_at", "-pk"
    )
    if rules.sees_every_body.allows(person):
        return rows
    return rows.filter(
        Q(organisation__in=rules.readable_organisation_ids(person))
        | Q(plan__managed_by__in=rules.managed_organisation_ids(person))
    )


def waiting_for_answer() -> Q:
    return Q(state=DifficultyState.RAISED)


def answer_overdue(on: date) -> Q:
    """Not answered, and the day by which the department should have."""
    return Q(state=DifficultyState.RAISED, answer_due_on__lt=on)
