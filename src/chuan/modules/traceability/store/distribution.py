"""Where tables lie when one machine is not enough: Citus, PostgreSQL's extension for several.

Whoever asks for one identifier asks one machine, whoever asks for a level of a walk asks all of them
once. What is unique must be so by what it lies by: hence identifiers lie by their names, ids that are
taken by themselves. Events lie by number with who sees them; everything about a thing by the thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection


class Refused(ValueError):
    """The database cannot do it as it is, or it is done already."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A table, the column its rows lie by (None: all of it on every machine), and the table whose
    rows with an equal value lie on the same machine."""

    table: str
    column: str | None
    beside: str | None = None


_THINGS = "traceability_event_ident"
# In the order in which they are distributed.
LAYOUT = (
    Lying("traceability_ident", "uri"),
    Lying("traceability_event_key", "eid"),
    Lying("traceability_event", "event_id"),
    Lying("traceability_sight", "event_id", beside="traceability_event"),
    Lying(_THINGS, "ident"),
    Lying("traceability_ident_state", "ident", beside=_THINGS),
    Lying("traceability_handover", "ident", beside=_THINGS),
    Lying("traceability_containment", "child", beside=_THINGS),
    Lying("traceability_content", "parent", beside=_THINGS),
    Lying("traceability_move", "parent", beside=_THINGS),
    Lying("traceability_lot_member", "lot", beside=_THINGS),
    # Few, and asked with every event: on every machine.
    Lying("traceability_erratum", None),
)
# One row of a document, in the order of commits: there is one such order.
STAYS = frozenset({"traceability_feed"})
# Numbers of identifiers come from one sequence; several machines cannot promise that they differ.
NOT_PROMISED = frozenset({"traceability_ident_pkey"})


@cache
def is_distributed() -> bool:
    """Whether tables lie on several machines; a process asks once."""
    with connection.cursor() as cursor:
        # Contents are a view of packing until both lie apart.
        cursor.execute("SELECT relkind <> 'v' FROM pg_class WHERE relname = 'traceability_content'")
        return bool(cursor.fetchone()[0])


def check() -> None:
    """:raises Refused: nothing was changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'")
        if cursor.fetchone() is None:
            raise Refused(
                "extension citus is not there: install it on every machine, put it into"
                " shared_preload_libraries, then CREATE EXTENSION citus in this database and in one"
                " of the same name on every worker"
            )
        cursor.execute(
            "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid::text LIKE 'traceability\\_%'"
        )
        if cursor.fetchone()[0]:
            raise Refused("the tables are distributed already")
        cursor.execute("SELECT count(*) FROM pg_dist_node WHERE shouldhaveshards AND isactive")
        if not cursor.fetchone()[0]:
            raise Refused(
                "no machine takes part yet: SELECT citus_set_coordinator_host('…') and"
                " SELECT citus_add_node('…', 5432) for each worker"
            )


def distribute(*, shards: int) -> None:
    """Move all rows to where they will lie, in the caller's transaction; nobody writes meanwhile.

    :param shards: into how many parts each table is cut; a part lies on one machine.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('citus.shard_count', %s, true)", [str(shards)])
        # Whoever captures must not see half of it.
        cursor.execute("LOCK TABLE traceability_event_key IN ACCESS EXCLUSIVE MODE")
        cursor.execute("ALTER TABLE traceability_ident DROP CONSTRAINT traceability_ident_pkey")
        cursor.execute(
            "CREATE INDEX traceability_ident_number ON traceability_ident (id) INCLUDE (uri)"
        )
        _copy_packing(cursor)
        for one in LAYOUT:
            _lay(cursor, one)
    is_distributed.cache_clear()


def _copy_packing(cursor: Any) -> None:
    cursor.execute("DROP VIEW traceability_content")
    cursor.execute(
        "CREATE TABLE traceability_content (LIKE traceability_containment INCLUDING INDEXES)"
    )
    cursor.execute("INSERT INTO traceability_content SELECT * FROM traceability_containment")


def _lay(cursor: Any, one: Lying) -> None:
    if one.column is None:
        cursor.execute("SELECT create_reference_table(%s)", [one.table])
    else:
        cursor.execute(
            "SELECT create_distributed_table(%s, %s, colocate_with => %s)",
            [one.table, one.column, one.beside or "none"],
        )


def tidy_up() -> None:
    """Give back the room that rows took before they were moved."""
    with connection.cursor() as cursor:
        for one in LAYOUT:
            cursor.execute(
                "SELECT truncate_local_data_after_distributing_table(relid)"
                " FROM pg_partition_tree(%s::regclass) WHERE isleaf",
                [one.table],
            )
