from __future__ import annotations

from datetime import time

from django.utils import timezone

from chuan.core.jobs.registry import nightly
from chuan.flows.reminders.operations.digests import give_digests


@nightly(at=time(7, 0))
def give_daily_digests() -> None:
    give_digests(at=timezone.now())
