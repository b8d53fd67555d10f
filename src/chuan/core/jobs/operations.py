"""Putting jobs that nobody is working on any more back into the queue."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.sql import queries as queries_of_procrastinate

from chuan.core.jobs import queries
from chuan.core.jobs.registry import ATTEMPTS

KEPT = timedelta(days=180)

logger = logging.getLogger(__name__)


def requeue_stuck_jobs(*, at: datetime | None = None) -> int:
    """Give jobs whose worker is dead, or that hang, to another worker; returns how many.

    A job that took its worker down with it `ATTEMPTS` times is given up and shown by
    `chuan doctor`.
    """
    stuck = list(queries.stuck_jobs(at=at or timezone.now()))
    for job in stuck:
        try:
            with transaction.atomic():
                _requeue(job)
        except ConnectorException:
            # Its worker came back in the meantime and finished it.
            logger.info("Job %s (%s) is no longer stuck", job.pk, job.task_name)
    return len(stuck)


def _requeue(job: ProcrastinateJob) -> None:
    if job.attempts + 1 >= ATTEMPTS:
        logger.error("Job %s (%s) is given up: it never ended", job.pk, job.task_name)
        _execute("finish_job", job_id=job.pk, status=Status.FAILED.value, delete_job=False)
        return
    logger.warning("Job %s (%s) was stuck and is queued again", job.pk, job.task_name)
    app.job_manager.retry_job_by_id(job_id=job.pk, retry_at=timezone.now())


def forget_old_jobs() -> None:
    """Delete what failed half a year ago; what succeeded is gone at once."""
    ended = [Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.ABORTED]
    _execute(
        "delete_old_jobs",
        nb_hours=KEPT // timedelta(hours=1),
        queue=None,
        statuses=[status.value for status in ended],
    )


def _execute(query: str, **values: Any) -> None:
    """One of procrastinate's own statements, on Django's connection; its Python offers these two
    to asynchronous callers only."""
    app.connector.get_sync_connector().execute_query(
        query=queries_of_procrastinate[query], **values
    )
