"""The chain as the tables have it, for walks: one statement for many identifiers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from chuan.modules.traceability.engine.facts import KIND_CODES
from chuan.modules.traceability.engine.walk import LATEST, Appearance, Stay
from chuan.modules.traceability.store.reading import Row

_TRANSFORMATION = KIND_CODES["TransformationEvent"]


class StoredChain:
    """See `engine.walk.Chain`."""

    def appearances(self, idents: Iterable[int]) -> list[Appearance]:
        rows = _rows(
            "SELECT r.ident, r.event_id, r.event_time, r.role, e.kind, e.inputs, e.outputs"
            " FROM traceability_event_ident r JOIN traceability_event e"
            " ON e.event_id = r.event_id AND e.record_time = r.record_time"
            " WHERE r.ident = ANY(%s) AND e.declared_at IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM traceability_erratum x WHERE x.eid = e.eid)",
            sorted(idents),
        )
        return [
            Appearance(ident, event, happened, role, tuple(inputs), tuple(outputs))
            if kind == _TRANSFORMATION
            else Appearance(ident, event, happened, role, (), ())
            for ident, event, happened, role, kind, inputs, outputs in rows
        ]

    def stays_of(self, children: Iterable[int]) -> list[Stay]:
        return _stays("child", children)

    def stays_in(self, parents: Iterable[int]) -> list[Stay]:
        return _stays("parent", parents)


def _stays(column: str, idents: Iterable[int]) -> list[Stay]:
    rows = _rows(
        "SELECT child, parent, t_from, nullif(t_to, 'infinity')"  # noqa: S608
        f" FROM traceability_containment WHERE {column} = ANY(%s)",
        sorted(idents),
    )
    return [Stay(child, parent, start, end or LATEST) for child, parent, start, end in rows]


def uris_of(idents: Iterable[int]) -> dict[int, str]:
    return dict(_rows("SELECT id, uri FROM traceability_ident WHERE id = ANY(%s)", sorted(idents)))


def idents_of(uris: Iterable[str]) -> dict[str, int]:
    return dict(_rows("SELECT uri, id FROM traceability_ident WHERE uri = ANY(%s)", sorted(uris)))


def events_of(event_ids: Iterable[int]) -> list[Row]:
    """Events by number, in the order they happened."""
    rows = _rows(
        "SELECT event_id, event_time, record_time, namespaces, body FROM traceability_event"
        " WHERE event_id = ANY(%s) ORDER BY event_time, event_id",
        sorted(event_ids),
    )
    return [Row(*row) for row in rows]


def _rows(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [values])
        return list(cursor.fetchall())
