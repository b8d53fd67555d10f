"""The rows of captured events by a bare COPY, beside what capture took: the least that storing them costs.

Compared are the same rows of the same tables with the same indexes, durable. Left out is everything
that is no row of an event: reading, validating and hashing it, interning its names, finding what it
changes of packing and sight, months (tables are not partitioned), the ledger and its seals, the feed,
HTTP. All rows go at once, as no document does; beside it the same in documents, each with its commit.
"""

from __future__ import annotations

import itertools
import re
import statistics
import time
from typing import Any

import psutil
from django.db import connection, transaction

_COPIED = {
    "traceability_ident": "SELECT * FROM traceability_ident WHERE id > {known}",
    "traceability_event_key": "SELECT * FROM traceability_event_key WHERE event_id > {before}",
    "traceability_event": "SELECT * FROM traceability_event WHERE event_id > {before}",
    "traceability_event_ident": "SELECT * FROM traceability_event_ident WHERE event_id > {before}",
    "traceability_lot_member": "SELECT * FROM traceability_lot_member WHERE event_id > {before}",
    "traceability_move": "SELECT * FROM traceability_move WHERE event_id > {before}",
    "traceability_containment": "SELECT * FROM traceability_containment"
    " WHERE open_event > {before}",
    "traceability_ident_state": "SELECT * FROM traceability_ident_state"
    " WHERE last_event > {before}",
    "traceability_sight": "SELECT * FROM traceability_sight WHERE event_id > {before}",
    "traceability_handover": "SELECT * FROM traceability_handover WHERE event_id > {before}",
}
_NUMBER = re.compile(r"(?:event_id|open_event|last_event|id) > ")


def measure(before: int, known: int, stored: int, *, of_a_document: int) -> dict[str, Any]:
    """Every row of the events behind a number, as it is, into empty tables with the same indexes: one
    connection, one COPY a table, one durable commit; and the same for each document by itself.

    :param before: the number of an event, and
    :param known: of an identifier: those behind them are copied.
    :param stored: how many events that must be.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS bare CASCADE")
        cursor.execute("CREATE SCHEMA bare")
        rows = {
            table: _rows(cursor, table, select.format(before=before, known=known))
            for table, select in _COPIED.items()
        }
        at_once = [{table: b"".join(found) for table, found in rows.items()}]
        count = stored // of_a_document
        parts = {table: _in_parts(found, count) for table, found in rows.items()}
        in_documents = [{table: parts[table][at] for table in rows} for at in range(count)]
        told = {
            **_copied(cursor, at_once, stored),
            "in_documents": _copied(cursor, in_documents, stored),
        }
        cursor.execute("DROP SCHEMA bare CASCADE")
    return told


def _rows(cursor: Any, table: str, select: str) -> list[bytes]:
    """Rows in the order of their events, as COPY writes them; makes the table they go to."""
    cursor.execute(f"CREATE TABLE bare.{table} (LIKE {table} INCLUDING ALL)")
    found = _NUMBER.search(select)
    assert found is not None
    ordered = f"{select} ORDER BY {found[0].removesuffix(' > ')}"
    with cursor.copy(f"COPY ({ordered}) TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy).splitlines(keepends=True)


def _in_parts(rows: list[bytes], count: int) -> list[bytes]:
    """So many parts of about one size: those of a document lie together but for a few."""
    cuts = [at * len(rows) // count for at in range(count + 1)]
    return [b"".join(rows[first:last]) for first, last in itertools.pairwise(cuts)]


def _copied(cursor: Any, documents: list[dict[str, bytes]], stored: int) -> dict[str, Any]:
    times, work = [], []
    for _ in range(3):
        for table in _COPIED:
            cursor.execute(f"TRUNCATE bare.{table}")
        worked, began = _worked(), time.perf_counter()
        for document in documents:
            with transaction.atomic():
                for table, rows in document.items():
                    with cursor.copy(f"COPY bare.{table} FROM STDIN") as copy:
                        copy.write(rows)
        times.append(time.perf_counter() - began)
        work.append(_worked() - worked)
    cursor.execute("SELECT count(*) FROM bare.traceability_event")
    ((copied,),) = cursor.fetchall()
    assert copied == stored, (copied, stored)
    return {
        "per_second": round(stored / statistics.median(times), 1),
        "cpu_us": round(1e6 * statistics.median(work) / stored),
    }


def _worked() -> float:
    """Seconds of processor time of the connection that serves this process."""
    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return float(times.user + times.system)
