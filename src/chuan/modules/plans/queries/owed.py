"""What bodies still owe: the one place that says what is open, for reminders, lists and letters."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from chuan.core.orgs.models import OrganisationVersion
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.queries.plans import still_asks


def owed_work(
    on: date, *, due_by: date, organisation_ids: Collection[int] | None = None
) -> QuerySet[Assignment]:
    """Leading assignments that a body which exists on the day has yet to finish and that are due by a
    day; nearest due first.

    Who only coordinates owes what a lead asked of it: see `queries.requests`. What the last
    reconciliation found nobody owes any more waits for a decision, and nobody is pressed for it;
    nor for what more time was asked for by its day, or what another of several bodies has done
    where one was enough.
    """
    standing = OrganisationVersion.objects.filter(valid__contains=on).values("organisation")
    rows = Assignment.objects.filter(
        still_asks(on, "task__plan__"),
        Q(done_on__isnull=True) | Q(done_on__gt=on),
        role=PartyRole.LEAD,
        due_on__lte=due_by,
        period_start__lte=on,
        is_extra=False,
        is_paused=False,
        relieved_on__isnull=True,
        organisation__in=standing,
    )
    if organisation_ids is not None:
        rows = rows.filter(organisation__in=organisation_ids)
    return rows.order_by("due_on", "organisation", "task__position", "pk")
