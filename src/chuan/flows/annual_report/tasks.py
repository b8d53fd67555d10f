from __future__ import annotations

from datetime import time

from django.utils import timezone

from chuan.core.jobs.registry import nightly
from chuan.flows.annual_report.models import ReportingPeriod
from chuan.flows.annual_report.operations.periods import reconcile_reports


@nightly(at=time(2, 0))
def reconcile_open_periods() -> None:
    """Make the reports that are missing in periods still open, after the plans made theirs."""
    for period in ReportingPeriod.objects.filter(locks_on__gt=timezone.localdate()).order_by("pk"):
        reconcile_reports(period=period, at=timezone.now())
