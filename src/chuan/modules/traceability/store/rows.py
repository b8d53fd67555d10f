"""Asking PostgreSQL about many identifiers at once, cheaply."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection
from psycopg import adapters
from psycopg.abc import Loader
from psycopg.pq import Format
from psycopg.types import TypeInfo

# Letters of a list of numbers, or names: some hundred of them are worth a plan of their own.
MANY = 1_000


def fetched(sql: str, values: Iterable[Any]) -> list[Any]:
    """What a query gives; its instants are in the time zone of the connection, UTC."""
    with connection.cursor() as cursor:
        read_instants_fast(cursor)
        cursor.execute(sql, list(values))
        return list(cursor.fetchall())


def read_instants_fast(cursor: Any) -> None:
    """Have psycopg's own reader read instants: Django's is written in Python and takes longer than all
    the rest of a row."""
    cursor.cursor.adapters.register_loader("timestamptz", _instant_loader())


def fetched_in_order(sql: str, values: Iterable[Any]) -> list[Any]:
    """The same for what an index has in the wanted order, of which the first few are asked for.

    Where PostgreSQL believes that there are few, it reads and sorts them all instead; of a party that
    has been there for years that is a million.
    """
    return _fetched_with("enable_sort", "off", sql, values)


def fetched_as_planned(sql: str, values: Iterable[Any], *, of_many: bool) -> list[Any]:
    """The same from a function: by the plan it keeps, or by one for these values. To find out anew how a
    few things are found costs more than finding them; thousands are worth a plan of their own."""
    mode = "force_custom_plan" if of_many else "force_generic_plan"
    return _fetched_with("plan_cache_mode", mode, sql, values)


def _fetched_with(setting: str, value: str, sql: str, values: Iterable[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        read_instants_fast(cursor)
        # One message, so one transaction where none is open.
        cursor.execute(
            f"SET LOCAL {setting} = {value}; {sql}; SET LOCAL {setting} = DEFAULT", list(values)
        )
        cursor.nextset()
        return list(cursor.fetchall())


@cache
def _instant_loader() -> type[Loader]:
    found: TypeInfo = adapters.types["timestamptz"]
    loader = adapters.get_loader(found.oid, Format.TEXT)
    assert loader is not None  # noqa: S101 - every psycopg knows instants
    return loader


# References, and then the events they are in. Told apart, because they may lie on different machines:
# `r` is asked first and brought to wherever events are.
OF_IDENTS = (
    "WITH r AS MATERIALIZED (SELECT ident, event_id, event_time, record_time, role, quantity, uom"
    " FROM traceability_event_ident WHERE ident = ANY(%s))"
)
# Ids likewise: those that are taken may lie on another machine than their events.
OF_EIDS = (
    "WITH k AS MATERIALIZED (SELECT eid, event_id, record_time FROM traceability_event_key"
    " WHERE eid = ANY(%s::uuid[]))"
)
THEIR_EVENTS = (
    "r JOIN traceability_event e ON e.event_id = r.event_id AND e.record_time = r.record_time"
)


def numbers(idents: Iterable[int]) -> str:
    """Numbers in order, as one literal of an array: ten thousand are bound as fast as one."""
    return f"{{{','.join(map(str, sorted(idents)))}}}"
