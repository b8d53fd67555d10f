"""Where tables lie on several machines. The tests of the store run again on such a database when they
are given one (`pytest -m citus`, docs/scale.md)."""

import os

import pytest
from django.apps import apps
from django.db import connection

from chuan.modules.traceability import facade
from chuan.modules.traceability.store.distribution import LAYOUT, NOT_PROMISED, STAYS
from chuan.modules.traceability.store.rows import fetched

pytestmark = pytest.mark.django_db
LAID = [one.table for one in LAYOUT]
KEPT = [one for one in LAYOUT if one.column]


@pytest.fixture
def distributed():
    if not os.environ.get("CHUAN_TEST_CITUS"):
        pytest.skip("needs CHUAN_TEST_CITUS=1 and in DATABASE_URL a server with Citus")


@pytest.fixture
def without_citus():
    if os.environ.get("CHUAN_TEST_CITUS"):
        pytest.skip("this server has Citus")


def columns(table):
    return dict(
        fetched(
            "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table],
        )
    )


def test_every_table_without_a_model_has_its_place():
    stored = fetched(
        "SELECT relname::text FROM pg_class WHERE relname LIKE 'traceability\\_%%'"
        " AND relkind IN ('r', 'p', 'v') AND NOT relispartition",
        [],
    )
    modelled = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert {name for (name,) in stored} - modelled == {*LAID, *STAYS}


@pytest.mark.parametrize("one", KEPT, ids=lambda one: one.table)
def test_a_table_lies_by_a_column_of_the_kind_that_its_neighbour_lies_by(one):
    kind = columns(one.table)[one.column]
    by = {other.table: other.column for other in LAYOUT}
    if one.beside:
        assert LAID.index(one.beside) < LAID.index(one.table)
        assert columns(one.beside)[by[one.beside]] == kind
    assert kind in ("bigint", "uuid", "text")


@pytest.mark.parametrize("one", KEPT, ids=lambda one: one.table)
def test_what_is_unique_is_so_by_the_column_a_table_lies_by(one):
    unique = fetched(
        "SELECT c.relname::text, ARRAY(SELECT attname::text FROM pg_attribute"
        "  WHERE attrelid = i.indrelid AND attnum = ANY(i.indkey[0:i.indnkeyatts - 1]))"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = %s::regclass AND i.indisunique",
        [one.table],
    )
    refused = {name for name, keys in unique if one.column not in keys}
    assert refused <= NOT_PROMISED


@pytest.mark.parametrize("table", [*LAID, *STAYS])
def test_no_foreign_key_and_no_trigger_ties_a_table_of_the_store_to_another(table):
    ties = fetched(
        "SELECT conname::text FROM pg_constraint WHERE contype = 'f'"
        " AND (conrelid = %s::regclass OR confrelid = %s::regclass)"
        " UNION ALL SELECT tgname::text FROM pg_trigger"
        " WHERE tgrelid = %s::regclass AND NOT tgisinternal",
        [table, table, table],
    )
    assert ties == []


@pytest.mark.usefixtures("without_citus")
def test_a_database_without_the_extension_is_left_as_it_is():
    with pytest.raises(facade.CannotDistribute, match="extension citus is not there"):
        facade.distribute(shards=4)

    assert columns("traceability_content") == columns("traceability_containment")


@pytest.mark.citus
@pytest.mark.usefixtures("distributed")
def test_tables_lie_as_the_layout_says_and_are_not_moved_twice():
    lying = fetched(
        "SELECT table_name::text, nullif(distribution_column, '<none>') FROM citus_tables", []
    )
    parts = {name for (name,) in fetched("SELECT inhrelid::regclass::text FROM pg_inherits", [])}
    assert {row for row in lying if row[0] not in parts} == {
        (one.table, one.column) for one in LAYOUT
    }
    with pytest.raises(facade.CannotDistribute, match="already"):
        facade.distribute(shards=4)


@pytest.mark.citus
@pytest.mark.usefixtures("distributed")
def test_a_frontier_is_asked_in_one_question_of_the_machines_it_lies_on():
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT ident, event_id FROM traceability_event_ident WHERE ident = ANY(%s)",
            [[1, 2, 3]],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("Custom Scan (Citus Adaptive)") == 1
