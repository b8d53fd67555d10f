"""The queue looks after itself."""

from __future__ import annotations

from datetime import time

from chuan.core.jobs import operations
from chuan.core.jobs.registry import every_minute, nightly


@every_minute()
def requeue_stuck_jobs() -> None:
    operations.requeue_stuck_jobs()


@nightly(at=time(3, 15))
def forget_old_jobs() -> None:
    operations.forget_old_jobs()
