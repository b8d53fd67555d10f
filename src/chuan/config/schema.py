"""The tables of this version."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def pending_migrations() -> list[str]:
    """What `chuan migrate` would still do, as `app.name`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate(say: Callable[[str], None]) -> None:
    """Apply what is pending. Quick when nothing is: a second start must not wait."""
    pending = pending_migrations()
    if pending:
        say(f"Cập nhật cấu trúc dữ liệu: {len(pending)} bước…")
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
