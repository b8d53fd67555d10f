"""The state of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from procrastinate.contrib.django.models import (
    ProcrastinateEvent,
    ProcrastinateJob,
    ProcrastinateWorker,
)

# A worker gives a sign of life every 10 s.
SILENT_AFTER = timedelta(seconds=60)
# The longest job of the product renders a report of 1,000 rows in seconds.
HANGING_AFTER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """Counts of jobs and workers; `waiting_since` is when the oldest job that may run was due."""

    waiting: int
    waiting_since: datetime | None
    running: int
    stuck: int
    failed_lately: int
    live_workers: int


def stuck_jobs(*, at: datetime) -> QuerySet[ProcrastinateJob]:
    """Jobs marked as being done that nobody is doing: their worker is silent or gone, or they have
    been going on for longer than any job may."""
    fresh_start = ProcrastinateEvent.objects.filter(
        job=OuterRef("pk"), type="started", at__gte=at - HANGING_AFTER
    )
    running: QuerySet[ProcrastinateJob] = ProcrastinateJob.objects.filter(status="doing")
    return running.filter(
        Q(worker=None) | Q(worker__last_heartbeat__lt=at - SILENT_AFTER) | ~Exists(fresh_start)
    )


def queue_facts(*, at: datetime) -> QueueFacts:
    due = ProcrastinateJob.objects.filter(status="todo").filter(
        Q(scheduled_at=None) | Q(scheduled_at__lte=at)
    )
    asked = ProcrastinateEvent.objects.filter(job__in=due, type="deferred")
    return QueueFacts(
        waiting=due.count(),
        waiting_since=asked.aggregate(since=Min(Coalesce("job__scheduled_at", "at")))["since"],
        running=ProcrastinateJob.objects.filter(status="doing").count(),
        stuck=stuck_jobs(at=at).count(),
        failed_lately=ProcrastinateEvent.objects.filter(
            type="failed", job__status="failed", at__gte=at - timedelta(days=7)
        )
        .values("job")
        .distinct()
        .count(),
        live_workers=ProcrastinateWorker.objects.filter(
            last_heartbeat__gte=at - SILENT_AFTER
        ).count(),
    )
