from __future__ import annotations

import logging
from datetime import time

from django.utils import timezone

from chuan.core.jobs.registry import nightly
from chuan.flows.annual_report.models import ReportingPeriod
from chuan.flows.annual_report.operations import workbook
from chuan.flows.annual_report.operations.periods import reconcile_reports

logger = logging.getLogger(__name__)


@nightly(at=time(2, 0))
def reconcile_open_periods() -> None:
    """Make the reports that are missing in periods still open, after the plans made theirs.

    :raises ExceptionGroup: after all periods had their turn, what went wrong with some.
    """
    failures: list[Exception] = []
    for period in ReportingPeriod.objects.filter(locks_on__gt=timezone.localdate()).order_by("pk"):
        try:
            reconcile_reports(period=period, at=timezone.now())
        except Exception as failure:
            # One period's trouble must not keep the others from theirs.
            logger.exception("Period %s was not reconciled", period.pk)
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some periods were not reconciled", failures)


@nightly(at=time(2, 50))
def sweep_workbooks() -> None:
    removed = workbook.sweep_workbooks(at=timezone.now())
    if removed:
        logger.info("%d filled workbooks nobody came back to removed", removed)
