"""Taking back what was only written down because of a reorganisation that is being undone."""

from __future__ import annotations

from django.db import transaction

from chuan.core.audit.operations import record_many
from chuan.core.orgs.queries.dependents import Affected
from chuan.modules.plans.queries.hanging import untouched_assignments

JOB = "plans.release"


@transaction.atomic
def release_assignments(affected: Affected) -> None:
    """Delete assignments of bodies that will not have existed; nobody has worked on any."""
    rows = list(untouched_assignments(affected).select_related("task"))
    if not rows:
        return
    record_many(action="plans.assignments_released", actor=None, by=JOB, subjects=[*rows])
    untouched_assignments(affected).delete()
