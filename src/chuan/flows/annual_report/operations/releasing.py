"""Taking back what was only asked for because of a reorganisation that is being undone."""

from __future__ import annotations

from django.db import transaction

from chuan.core.audit.operations import record_many
from chuan.core.orgs.queries.dependents import Affected
from chuan.flows.annual_report.queries.hanging import untouched_reports

JOB = "annual_report.release"


@transaction.atomic
def release_reports(affected: Affected) -> None:
    """Delete the empty reports of bodies that will not have existed."""
    rows = list(untouched_reports(affected).select_related("period"))
    if not rows:
        return
    record_many(action="annual_report.reports_released", actor=None, by=JOB, subjects=[*rows])
    untouched_reports(affected).delete()
