"""Keeping what a search of a recall found, beside what the searches before it found."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from chuan.core.people.models import Person
from chuan.modules.traceability.enums import Outcome
from chuan.modules.traceability.models import Recall, RecallRun
from chuan.modules.traceability.queries.affected import Affected, Search

_ITEMS = "traceability_recallitem"
_FOUND = "traceability_found"
_FACTS = (
    *("product", "product_name", "is_lot", "is_source", "place", "place_name", "holder"),
    *("holder_name", "inside", "fate", "seen_at", "quantity", "uom"),
)
_COLUMNS = ("ident", "uri", *_FACTS)


def keep_finds(recall: Recall, found: Search, *, run_by: Person | None, at: datetime) -> RecallRun:
    """Note what a search found, in the caller's transaction; what became of goods stays.

    Ten thousand items go to the server in one stream and are compared there with what was known.
    A search that could not see everything takes no goods out of a recall: what the last one found
    stays, and stays as it was where its last event is in an archive.
    """
    before = recall.runs.aggregate(number=Max("number"), pk=Max("pk"))
    last = recall.items.filter(last_in=before["pk"])
    away = [one.ident for one in found.items if one.is_away]
    known = set(last.filter(ident__in=away).values_list("ident", flat=True)) if away else set()
    items = [one for one in found.items if one.ident not in known]
    with connection.cursor() as cursor:
        _send(cursor, items)
        fresh, changed, missed = _compared(cursor, recall.pk, before["pk"])
        kept = Counter[str]() if found.complete else missed
        run = RecallRun.objects.create(
            recall=recall,
            number=(before["number"] or 0) + 1,
            run_by=run_by,
            run_at=at,
            item_count=len(items) + kept.total(),
            new_count=fresh if before["number"] else 0,
            gone_count=missed.total() - kept.total(),
            changed_count=changed,
            truncated=found.truncated,
            by_fate=dict(Counter(one.fate.value for one in items) + kept),
        )
        _take_over(cursor, run)
        if kept:
            last.update(last_in=run)
    return run


def _send(cursor: Any, items: list[Affected]) -> None:
    columns = ", ".join(_COLUMNS)
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{_FOUND}")
    cursor.execute(
        f"CREATE TEMPORARY TABLE {_FOUND} ON COMMIT DROP AS"  # noqa: S608
        f" SELECT {columns} FROM {_ITEMS} WITH NO DATA"
    )
    with cursor.copy(f"COPY pg_temp.{_FOUND} ({columns}) FROM STDIN") as copy:
        for one in items:
            copy.write_row([getattr(one, name) for name in _COLUMNS])
    cursor.execute(f"ANALYZE pg_temp.{_FOUND}")


def _compared(cursor: Any, recall_id: int, last_run: int | None) -> tuple[int, int, Counter[str]]:
    """How many were never found before, how many are elsewhere or came to something else since the
    last search, and how many of each fate that found are not found any more."""
    cursor.execute(
        f"SELECT count(*) FILTER (WHERE i.id IS NULL), count(*) FILTER (WHERE i.last_in_id = %s"  # noqa: S608
        " AND (i.place, i.holder, i.fate) IS DISTINCT FROM (f.place, f.holder, f.fate))"
        f" FROM pg_temp.{_FOUND} f LEFT JOIN {_ITEMS} i ON i.recall_id = %s AND i.ident = f.ident",
        [last_run, recall_id],
    )
    fresh, changed = cursor.fetchone()
    cursor.execute(
        "SELECT i.fate, count(*)"  # noqa: S608
        f" FROM {_ITEMS} i WHERE i.recall_id = %s AND i.last_in_id = %s"
        f" AND NOT EXISTS (SELECT 1 FROM pg_temp.{_FOUND} f WHERE f.ident = i.ident) GROUP BY 1",
        [recall_id, last_run],
    )
    return fresh, changed, Counter(dict(cursor.fetchall()))


def _take_over(cursor: Any, run: RecallRun) -> None:
    columns = ", ".join(_COLUMNS)
    renewed = ", ".join(f"{name} = excluded.{name}" for name in ("last_in_id", *_FACTS))
    cursor.execute(
        f"INSERT INTO {_ITEMS} (recall_id, found_in_id, last_in_id, outcome, {columns})"  # noqa: S608
        f" SELECT %s, %s, %s, %s, {columns} FROM pg_temp.{_FOUND} ORDER BY ident"
        f" ON CONFLICT (recall_id, ident) DO UPDATE SET {renewed}",
        [run.recall_id, run.pk, run.pk, Outcome.OPEN.value],
    )
