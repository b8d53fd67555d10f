"""The process that does the jobs."""

from __future__ import annotations

import asyncio

import procrastinate
from procrastinate.contrib.django import app

# Jobs still running this long (seconds) after the worker was asked to stop are left to the next.
PATIENCE = 8


def run_worker(*, concurrency: int = 1, wait: bool = True) -> None:
    """Do jobs until SIGINT or SIGTERM; with `wait=False`, until none is left."""
    asyncio.run(_run(concurrency=concurrency, wait=wait))


async def _run(*, concurrency: int, wait: bool) -> None:
    # Not `app.replace_connector`: a job that asks for another job must do so on Django's own
    # connection, inside its transaction.
    own = procrastinate.App(
        connector=app.connector.get_worker_connector(),
        worker_defaults=app.worker_defaults,
        periodic_defaults=app.periodic_defaults,
    )
    own.tasks, own.periodic_registry = app.tasks, app.periodic_registry
    async with own.open_async():
        await own.run_worker_async(
            concurrency=concurrency,
            wait=wait,
            shutdown_graceful_timeout=PATIENCE,
            delete_jobs="successful",  # two a minute, for years; what matters is in the ledger
        )
