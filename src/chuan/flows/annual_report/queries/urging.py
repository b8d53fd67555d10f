"""Who was urged when."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from chuan.flows.annual_report.models import ReportingPeriod, UnitReport


def last_urged(period: ReportingPeriod) -> dict[int, datetime]:
    """The last letter that named each report, by report id; one query."""
    rows = (
        UnitReport.objects.filter(period=period, urgings__isnull=False)
        .order_by()
        .values_list("pk")
        .annotate(at=Max("urgings__made_at"))
    )
    return dict(rows)
