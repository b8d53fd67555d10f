"""The rows of captured events by a bare COPY, beside what capture took: the least that storing them costs."""

from __future__ import annotations

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


def measure(before: int, known: int, stored: int) -> dict[str, Any]:
    """Every row of the events behind a number, as it is, into empty tables with the same indexes: one
    connection, one COPY a table, one durable commit.

    :param before: the number of an event, and
    :param known: of an identifier: those behind them are copied.
    :param stored: how many events that must be.
    """
    rows: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS bare CASCADE")
        cursor.execute("CREATE SCHEMA bare")
        for table, select in _COPIED.items():
            cursor.execute(f"CREATE TABLE bare.{table} (LIKE {table} INCLUDING ALL)")
            asked = select.format(before=before, known=known)
            with cursor.copy(f"COPY ({asked}) TO STDOUT") as copy:
                rows[table] = [bytes(part) for part in copy]
        times, work = [], []
        for _ in range(3):
            for table in _COPIED:
                cursor.execute(f"TRUNCATE bare.{table}")
            worked, began = _worked(), time.perf_counter()
            with transaction.atomic():
                for table, parts in rows.items():
                    with cursor.copy(f"COPY bare.{table} FROM STDIN") as copy:
                        copy.write(b"".join(parts))
            times.append(time.perf_counter() - began)
            work.append(_worked() - worked)
        cursor.execute("SELECT count(*) FROM bare.traceability_event")
        ((copied,),) = cursor.fetchall()
        assert copied == stored, (copied, stored)
        cursor.execute("DROP SCHEMA bare CASCADE")
    return {
        "per_second": round(stored / statistics.median(times), 1),
        "cpu_us": round(1e6 * statistics.median(work) / stored),
    }


def _worked() -> float:
    """Seconds of processor time of the connection that serves this process."""
    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return float(times.user + times.system)
