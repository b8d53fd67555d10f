from datetime import date

import pytest
from django.db import connection

from chuan.modules.traceability.store.archive import TABLES
from chuan.modules.traceability.store.rows import fetched
from chuan.modules.traceability.store.tidying import tidy, untidy

OLD = "traceability_event_ident_202501"


@pytest.fixture
def months():
    """Of a month long ago and the one after, with references that came in the worst order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-02-28')")
        cursor.execute(
            "INSERT INTO traceability_event_ident (ident, event_time, event_id, record_time, role)"
            " SELECT 20011 - g, '2025-01-15', g, '2025-01-15', 1 FROM generate_series(1, 20000) g"
        )
        yield
        for table in TABLES:
            for month in ("202501", "202502"):
                cursor.execute(f"DROP TABLE {table}_{month}")


def pages_of_indexes():
    ((size,),) = fetched("SELECT pg_indexes_size(%s::regclass)", [OLD])
    return size


@pytest.mark.django_db(transaction=True)
def test_indexes_of_months_that_are_over_are_written_anew_once(months):
    first = [f"{table}_202501" for table in sorted(TABLES)]
    assert untidy(date(2025, 1, 31)) == []
    assert untidy(date(2025, 2, 1)) == first
    assert untidy(date(2025, 3, 1))[3:] == [f"{table}_202502" for table in sorted(TABLES)]
    before = pages_of_indexes()
    for table in first:
        tidy(table)
    assert pages_of_indexes() < 0.85 * before
    assert untidy(date(2025, 2, 1)) == []
    found = fetched("SELECT count(*) FROM traceability_event_ident WHERE ident = 7919", [])
    assert found == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_an_index_that_was_left_half_done_is_cleared_away(months):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX half_ccnew ON {OLD} (event_id)")
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'half_ccnew'::regclass"
        )
    tidy(OLD)
    assert fetched("SELECT to_regclass('half_ccnew')", []) == [(None,)]
