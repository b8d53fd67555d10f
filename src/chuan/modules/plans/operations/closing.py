"""Closing requests for contributions together with the work they are about."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from chuan.core.people.models import Person
from chuan.modules.plans.enums import RequestState
from chuan.modules.plans.models import ContributionRequest
from chuan.modules.plans.operations import telling


def close_requests(
    waiting: QuerySet[ContributionRequest], *, why: str, actor: Person, at: datetime
) -> list[ContributionRequest]:
    """Close what nobody could answer any more, as part of what takes the work away; both sides of
    each are told."""
    over = list(waiting.select_for_update(of=("self",)).select_related("lead", "assignment__task"))
    for request in over:
        request.state, request.reason = RequestState.WITHDRAWN, why
        request.closed_by, request.closed_at = actor, at
        request.version += 1
        telling.part_outlived(request, by=actor)
    ContributionRequest.objects.bulk_update(
        over, ["state", "reason", "closed_by", "closed_at", "version"], batch_size=500
    )
    return over
