from __future__ import annotations

from django.utils import timezone

from chuan.core.jobs.registry import nightly
from chuan.flows.reminders.operations.digests import GIVEN_FROM, give_digests


@nightly(at=GIVEN_FROM)
def give_daily_digests() -> None:
    give_digests(at=timezone.now())
