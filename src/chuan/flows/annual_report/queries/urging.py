"""Who was urged when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max

from chuan.flows.annual_report.models import UnitReport


def last_urged(report_ids: Collection[int]) -> dict[int, datetime]:
    """The last letter that named each of these reports, by report id; one query."""
    rows = (
        UnitReport.objects.filter(pk__in=report_ids, urgings__isnull=False)
        .order_by()
        .values_list("pk")
        .annotate(at=Max("urgings__made_at"))
    )
    return dict(rows)
