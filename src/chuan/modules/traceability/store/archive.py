"""Months taken out of the tables into lines of JSON, and put back.

A month is what was recorded in it. References and sight lie by when things happened: those of a month
are taken from wherever they are, and what others in its partitions were recorded later stays. What
follows from events (packing, states, lots, who handed over) stays in the database, and so do the ids
that are taken: an event that comes once more is known still.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection

# Each with the column its partitions go by.
TABLES = {
    "traceability_event": "record_time",
    "traceability_event_ident": "event_time",
    "traceability_sight": "event_time",
}
_PIECE = 1_000


class Damaged(ValueError):
    """A file does not have what was written into it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is in a file: how many lines, and the SHA-256 of them."""

    rows: int
    sha256: str


def after(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months_before(end: date) -> list[date]:
    """Months before a day in which anything was recorded that is here."""
    months: list[date] = []
    with connection.cursor() as cursor:
        while True:
            # From one month to the next by the index.
            cursor.execute(
                "SELECT (date_trunc('month', min(record_time), 'UTC') AT TIME ZONE 'UTC')::date"
                " FROM traceability_event WHERE record_time >= coalesce("
                " (%s::date)::timestamp AT TIME ZONE 'UTC', '-infinity')",
                [after(months[-1]) if months else None],
            )
            month = cursor.fetchone()[0]
            if month is None or month >= end:
                return months
            months.append(month)


def months_away() -> set[date]:
    """The months that are in an archive."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT month FROM traceability_archivedmonth")
        return {row[0] for row in cursor.fetchall()}


def month_in(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def path_of(folder: Path, month: date, table: str) -> Path:
    return folder / f"{month:%Y-%m}.{table}.jsonl.gz"


def hold(month: date) -> None:
    """Let nobody write what was recorded in a month, until the transaction ends: an instant of record
    is when its transaction began, and one that is open still may come to be committed."""
    with connection.cursor() as cursor:
        partition = f"traceability_event_{month:%Y%m}"
        if not _is_there(cursor, partition):
            partition = "traceability_event_default"
        cursor.execute(f"LOCK TABLE {partition} IN SHARE ROW EXCLUSIVE MODE")


def write_month(month: date, table: str, path: Path) -> Written:
    """Write the rows of one month, one line each, in the order they were stored; the file is whole
    and on the disk, or not there."""
    digest, rows = hashlib.sha256(), 0
    part = path.with_suffix(".part")
    where, values = _of_month(table, month, _happened(table, month))
    with part.open("wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as file:
            statement = (
                f"COPY (SELECT row_to_json(t) FROM {table} t WHERE {where}"  # noqa: S608
                " ORDER BY t.record_time, t.event_id) TO STDOUT"
            )
            with connection.cursor() as cursor, cursor.copy(statement, values) as copy:
                for (row,) in copy.rows():
                    line = row.encode() + b"\n"
                    digest.update(line)
                    rows += 1
                    file.write(line)
        raw.flush()
        os.fsync(raw.fileno())
    part.replace(path)
    _sync_folder(path.parent)
    return Written(rows, digest.hexdigest())


def _sync_folder(folder: Path) -> None:
    # The name of a file is kept apart from what is in it.
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def check(path: Path, written: Written) -> None:
    """:raises Damaged: the file is missing, cannot be read, or has other lines."""
    digest, rows = hashlib.sha256(), 0
    try:
        for line in _lines(path):
            digest.update(line)
            rows += 1
    except (OSError, EOFError, zlib.error) as error:
        raise Damaged(f"{path}: {error}") from None
    if Written(rows, digest.hexdigest()) != written:
        raise Damaged(f"{path}: not the lines that were written")


def take_out(month: date, written: Mapping[str, Written]) -> None:
    """Take what was recorded in a month out of the tables, partitions and all.

    What lies in other months' partitions goes first: while partitions are taken out of a table,
    nobody reads or writes it.

    :param written: what of each table is in files.
    :raises Damaged: that is not as much as there is.
    """
    found = dict.fromkeys(TABLES, 0)
    happened = {table: _happened(table, month) for table in TABLES}
    with connection.cursor() as cursor:
        # As `traceability_make_month` does.
        cursor.execute("SELECT set_config('citus.multi_shard_modify_mode', 'sequential', true)")
        whole = [table for table in TABLES if _is_there(cursor, f"{table}_{month:%Y%m}")]
        for table in reversed(TABLES):
            elsewhere = [one for one in happened[table] if table not in whole or one != month]
            if elsewhere:
                where, values = _of_month(table, month, elsewhere)
                cursor.execute(f"DELETE FROM {table} t WHERE {where}", values)  # noqa: S608
                found[table] += cursor.rowcount
        if whole:
            # In the order of whoever captures: events first.
            names = ", ".join(f"ONLY {table}" for table in whole)
            cursor.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
        for table in whole:
            found[table] += _drop(cursor, table, f"{table}_{month:%Y%m}", month)
    for table, count in found.items():
        if count != written[table].rows:
            raise Damaged(
                f"{month:%Y-%m}: {table} has {count} rows, the file {written[table].rows}; try again"
            )


def _drop(cursor: Any, table: str, partition: str, month: date) -> int:
    """Drop the partition of a month; what was recorded in others goes on in the table. Returns how
    many rows of the month it had."""
    recorded, bounds = _within("t.record_time", month)
    cursor.execute(f"ALTER TABLE {table} DETACH PARTITION {partition}")
    cursor.execute(f"SELECT count(*) FROM {partition} t WHERE {recorded}", bounds)  # noqa: S608
    count = int(cursor.fetchone()[0])
    if TABLES[table] != "record_time":
        cursor.execute(
            f"INSERT INTO {table} SELECT * FROM {partition} t WHERE NOT ({recorded})",  # noqa: S608
            bounds,
        )
    cursor.execute(f"DROP TABLE {partition}")
    return count


def put_back(table: str, path: Path) -> int:
    """Put the rows of a file back, into months that are there; returns how many."""
    count, lines = 0, _lines(path)
    with connection.cursor() as cursor:
        while piece := [line.decode() for line in islice(lines, _PIECE)]:
            cursor.execute(
                f"INSERT INTO {table} SELECT r.* FROM unnest(%s::text[]) l(line),"  # noqa: S608
                f" json_populate_record(NULL::{table}, l.line::json) r",
                [piece],
            )
            count += len(piece)
    return count


def things_of_month(month: date) -> list[int]:
    """Everything that is named in events recorded in a month, in order."""
    table = "traceability_event_ident"
    where, values = _of_month(table, month, _happened(table, month))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT ident FROM {table} t WHERE {where} ORDER BY ident", values)  # noqa: S608
        return [ident for (ident,) in cursor.fetchall()]


def month_of(eid: bytes) -> date | None:
    """The month in which an event of this id was recorded, wherever it is now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('month', record_time AT TIME ZONE 'UTC')::date"
            " FROM traceability_event_key WHERE eid = %s",
            [eid.hex()],
        )
        row = cursor.fetchone()
        return row[0] if row else None


def _is_there(cursor: Any, table: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
    return bool(cursor.fetchone()[0])


def _happened(table: str, month: date) -> list[date]:
    """The months in whose partitions of a table there may be rows that were recorded in a month."""
    if TABLES[table] == "record_time":
        return [month]
    recorded, bounds = _within("record_time", month)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', event_time AT TIME ZONE 'UTC')::date"  # noqa: S608
            f" FROM traceability_event WHERE {recorded} ORDER BY 1",
            bounds,
        )
        return [row[0] for row in cursor.fetchall()]


def _of_month(table: str, month: date, happened: Sequence[date]) -> tuple[str, list[date]]:
    """A condition on rows `t` that were recorded in a month, which reads no other partitions than
    those of the months given."""
    where, values = _within("t.record_time", month)
    if TABLES[table] != "record_time":
        spans = [_within(f"t.{TABLES[table]}", one) for one in happened]
        where += f" AND ({' OR '.join(span for span, _ in spans) or 'false'})"
        values = values + [value for _, bounds in spans for value in bounds]
    return where, values


def _within(column: str, month: date) -> tuple[str, list[date]]:
    where = (
        f"({column} >= (%s::date)::timestamp AT TIME ZONE 'UTC'"
        f" AND {column} < (%s::date)::timestamp AT TIME ZONE 'UTC')"
    )
    return where, [month, after(month)]


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        yield from file
