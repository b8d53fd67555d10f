from __future__ import annotations

from chuan.core.jobs.registry import every_minute
from chuan.core.notices import operations


@every_minute()
def send_due_mail() -> None:
    operations.send_due_mail()
