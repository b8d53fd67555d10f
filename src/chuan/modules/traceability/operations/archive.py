"""Putting months of events into files, and back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import QuerySet

from chuan.core.audit.operations import record
from chuan.modules.traceability.models import ArchivedMonth
from chuan.modules.traceability.store import archive, sight, states
from chuan.modules.traceability.store.writing import make_months

# A month is written to until its last transaction ends.
_OPEN_AT_MOST = timedelta(days=1)


class NotArchived(ValueError):
    """The month is not in any archive, or not to be put there."""


def archive_before(*, end: date, folder: Path, by: str, at: datetime) -> list[ArchivedMonth]:
    """Put everything that was recorded before a month into files, month by month; each is kept for
    itself, and nothing is taken out before its files were read back whole.

    :param end: the first day of the first month that stays.
    :raises NotArchived: it has not begun a day ago: the month before may be written to; or a month is
        in the archive already.
    :raises Damaged: a file could not be read back, or has not all there is; its month stays.
    """
    latest = (at - _OPEN_AT_MOST).astimezone(UTC).date().replace(day=1)
    if end.day != 1:
        raise NotArchived(f"{end:%Y-%m-%d} is not the first day of a month")
    if end > latest:
        raise NotArchived(f"{end:%Y-%m} has not begun a day ago; name a month up to {latest:%Y-%m}")
    folder.mkdir(parents=True, exist_ok=True)
    return [_archive(month, folder, by, at) for month in archive.months_before(end)]


@transaction.atomic
def _archive(month: date, folder: Path, by: str, at: datetime) -> ArchivedMonth:
    with connection.cursor() as cursor:
        # Two at once would write the same files.
        cursor.execute("LOCK TABLE traceability_archivedmonth IN SHARE ROW EXCLUSIVE MODE")
    if ArchivedMonth.objects.filter(month=month).exists():
        raise NotArchived(
            f"{month:%Y-%m} is archived already, and has events again; restore it first"
        )
    archive.hold(month)
    files = {}
    for table in archive.TABLES:
        path = archive.path_of(folder, month, table)
        written = archive.write_month(month, table, path)
        archive.check(path, written)
        files[table] = written
    archive.take_out(month, files)
    row = ArchivedMonth.objects.create(
        month=month,
        event_count=files["traceability_event"].rows,
        files={table: asdict(written) for table, written in files.items()},
        archived_at=at,
    )
    record(
        action="traceability.month_archived",
        actor=None,
        by=by,
        subject=row,
        month=str(row),
        files=row.files,
    )
    return row


def restore_month(*, month: date, folder: Path, by: str) -> int:
    """Put a month back into the tables; returns how many events that were.

    :raises NotArchived: it is here, or nobody ever put it away.
    :raises Damaged: a file is not what was written; nothing was put back.
    """
    row = _archived(ArchivedMonth.objects.all(), month)
    for table, written in row.files.items():
        archive.check(archive.path_of(folder, month, table), archive.Written(**written))
    # By itself: while partitions are made nobody reads or writes, and what goes into them takes minutes.
    at = datetime.combine(month, time.min, UTC)
    make_months(at, at)
    return _put_back(month, folder, by)


def _archived(rows: QuerySet[ArchivedMonth], month: date) -> ArchivedMonth:
    row = rows.filter(month=month).first()
    if row is None:
        raise NotArchived(f"{month:%Y-%m} is not archived")
    return row


@transaction.atomic
def _put_back(month: date, folder: Path, by: str) -> int:
    row = _archived(ArchivedMonth.objects.select_for_update(), month)
    # In the order of whoever captures: what is kept in JSON has another.
    for table in archive.TABLES:
        archive.put_back(table, archive.path_of(folder, month, table))
    record(
        action="traceability.month_restored",
        actor=None,
        by=by,
        subject=row,
        month=str(row),
        files=row.files,
    )
    row.delete()
    # In the order in which whoever captures waits for things.
    states.note_month(month)
    sight.derive_month(month)
    return row.event_count
