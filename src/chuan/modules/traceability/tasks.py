"""What happens at night."""

from __future__ import annotations

from datetime import time, timedelta

from django.utils import timezone

from chuan.core.jobs.registry import nightly
from chuan.modules.traceability.store.writing import make_months

AHEAD = timedelta(days=92)


@nightly(at=time(0, 30))
def make_partitions() -> None:
    """Have the tables of the coming months before their first event."""
    now = timezone.now()
    make_months(now, now + AHEAD)
