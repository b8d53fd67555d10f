"""Indexes of months that are over, written anew: nothing comes in but what is told late, and what was put in
between is packed close. Of references that is a third of their index, and as many pages fewer to read."""

from __future__ import annotations

import re
from datetime import date

from django.db import connection

from chuan.modules.traceability.store.archive import TABLES, after

# Said of a month's table once it is done; one that comes back from an archive is a new table.
_TIDY = "tidy"
_MONTH = re.compile(r"_(\d{4})(\d{2})$")


def untidy(before: date) -> list[str]:
    """Tables of months that ended before a day and whose indexes are as they came, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = ANY(%s::regclass[])"
            " AND obj_description(c.oid, 'pg_class') IS DISTINCT FROM %s",
            [list(TABLES), _TIDY],
        )
        names = [row[0] for row in cursor.fetchall()]
    months = {
        name: date(int(found[1]), int(found[2]), 1)
        for name in names
        if (found := _MONTH.search(name)) is not None
    }
    done = [name for name, month in months.items() if after(month) <= before]
    return sorted(done, key=lambda name: (months[name], name))


def tidy(table: str) -> None:
    """Write the indexes of a month anew, while others read and write; outside of transactions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = %s::regclass AND NOT i.indisvalid",
            [table],
        )
        for (broken,) in cursor.fetchall():  # of a time that was broken off
            cursor.execute(f"DROP INDEX {broken}")
        cursor.execute(f"REINDEX TABLE CONCURRENTLY {table}")
        cursor.execute(f"COMMENT ON TABLE {table} IS '{_TIDY}'")
