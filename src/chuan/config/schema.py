"""The tables of this version, and the rows every installation shares: law and holidays."""

from __future__ import annotations

from collections.abc import Callable

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chuan.config.trouble import Trouble


def pending_migrations() -> list[str]:
    """What `chuan migrate` would still do, as `app.name`.

    :raises Trouble: the tables went through steps this version does not know; going on from there would
        harm them.
    """
    executor = MigrationExecutor(connection)
    known = {
        step
        for key, migration in executor.loader.disk_migrations.items()
        for step in (key, *migration.replaces)
    }
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("chuan.")}
    done = executor.recorder.applied_migrations()
    strange = sorted(f"{app}.{name}" for app, name in done.keys() - known if app in ours)
    if strange:
        raise Trouble(
            f"Dữ liệu này do một phiên bản Chuẩn khác ghi ({len(strange)} bước lạ, như {strange[0]}). "
            "These data were written by another version of Chuẩn; use that one, or begin with new data "
            "beside them:\n  CHUAN_VAR=var-new make demo"
        )
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate(say: Callable[[str], None]) -> None:
    """Apply what is pending. Quick when nothing is: a second start must not wait."""
    pending = pending_migrations()
    if pending:
        say(f"Cập nhật cấu trúc dữ liệu: {len(pending)} bước…")
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def load_reference_data(say: Callable[[str], None]) -> None:
    """Bring national law and holidays up to what this version knows; rows people changed stay."""
    from chuan.core.calendar.operations import load_day_exceptions  # noqa: PLC0415
    from chuan.core.legal.operations import load_legal_sources  # noqa: PLC0415
    from chuan.modules.plans.facade import load_central_tasks  # noqa: PLC0415

    law, days = load_legal_sources(), load_day_exceptions()
    load_central_tasks()
    if law.sources or days:
        say(f"Căn cứ pháp lý: {law.sources} văn bản mới hoặc sửa; ngày nghỉ: {days}")
