"""Months taken out of the tables into lines of JSON, and put back.

A month is what was recorded in it. References and sight lie by when things happened: those of a month
are taken from wherever they are, and what others in its partitions were recorded later stays. What
follows from events (packing, states, lots, who handed over) stays in the database, and so do the ids
that are taken: an event that comes once more is known still.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
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
    with connection.cursor() as cursor:
        # From one month to the next by the index.
        cursor.execute(
            "WITH RECURSIVE m(month) AS ("
            " SELECT date_trunc('month', min(record_time), 'UTC') FROM traceability_event"
            " UNION ALL SELECT (SELECT date_trunc('month', min(record_time), 'UTC')"
            "  FROM traceability_event WHERE record_time >= m.month + interval '1 month')"
            " FROM m WHERE m.month IS NOT NULL)"
            " SELECT (month AT TIME ZONE 'UTC')::date FROM m"
            " WHERE month < (%s::date)::timestamp AT TIME ZONE 'UTC'",
            [end],
        )
        return [row[0] for row in cursor.fetchall()]


def path_of(folder: Path, month: date, table: str) -> Path:
    return folder / f"{month:%Y-%m}.{table}.jsonl.gz"


def write_month(month: date, table: str, path: Path) -> Written:
    """Write the rows of one month, one line each, in the order they were stored; the file is whole
    or not there."""
    digest, rows = hashlib.sha256(), 0
    part = path.with_suffix(".part")
    with gzip.open(part, "wb", compresslevel=6) as file, connection.cursor() as cursor:
        statement = (
            f"COPY (SELECT row_to_json(t) FROM {table} t WHERE {_recorded('t')}"  # noqa: S608
            " ORDER BY t.record_time, t.event_id) TO STDOUT"
        )
        with cursor.copy(statement, _bounds(month)) as copy:
            for (row,) in copy.rows():
                line = row.encode() + b"\n"
                digest.update(line)
                rows += 1
                file.write(line)
    part.replace(path)
    return Written(rows, digest.hexdigest())


def check(path: Path, written: Written) -> None:
    """:raises Damaged: the file is missing, cannot be read, or has other lines."""
    digest, rows = hashlib.sha256(), 0
    try:
        for line in _lines(path):
            digest.update(line)
            rows += 1
    except (OSError, EOFError) as error:
        raise Damaged(f"{path}: {error}") from None
    if Written(rows, digest.hexdigest()) != written:
        raise Damaged(f"{path}: not the lines that were written")


def take_out(month: date) -> None:
    """Take what was recorded in a month out of the tables, partitions and all."""
    with connection.cursor() as cursor:
        for table, column in TABLES.items():
            partition = f"{table}_{month:%Y%m}"
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [partition])
            if cursor.fetchone()[0]:
                cursor.execute(f"ALTER TABLE {table} DETACH PARTITION {partition}")
                if column != "record_time":
                    cursor.execute(
                        f"INSERT INTO {table} SELECT * FROM {partition} t"  # noqa: S608
                        f" WHERE NOT ({_recorded('t')})",
                        _bounds(month),
                    )
                cursor.execute(f"DROP TABLE {partition}")
            cursor.execute(
                f"DELETE FROM {table} t WHERE {_recorded('t')}",  # noqa: S608
                _bounds(month),
            )


def put_back(month: date, table: str, path: Path) -> int:
    """Put the rows of a file back; returns how many."""
    count, lines = 0, _lines(path)
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_month(%s, %s, %s)", [table, TABLES[table], month])
        while piece := [line.decode() for line in islice(lines, _PIECE)]:
            cursor.execute(
                f"INSERT INTO {table} SELECT r.* FROM unnest(%s::text[]) l(line),"  # noqa: S608
                f" json_populate_record(NULL::{table}, l.line::json) r",
                [piece],
            )
            count += len(piece)
    return count


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


def _recorded(alias: str) -> str:
    return (
        f"{alias}.record_time >= (%s::date)::timestamp AT TIME ZONE 'UTC'"
        f" AND {alias}.record_time < (%s::date)::timestamp AT TIME ZONE 'UTC'"
    )


def _bounds(month: date) -> list[Any]:
    return [month, after(month)]


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        yield from file
