"""The database folds exactly as Python does, or searches would miss what people see."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.lib.vietnamese import fold

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

# PostgreSQL has no NUL and no half characters; letters newer than this Python's tables may differ.
ANY_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs", "Cn"]))
VIETNAMESE = st.text(
    "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂĐÊÔƠƯỞỡợẶặ ÈÉ\u0300\u0301\u0309\u0303\u0323-–/"
)


def fold_in_database(*texts):
    with connection.cursor() as cursor:
        cursor.execute("SELECT chuan_fold(t) FROM unnest(%s::text[]) WITH ORDINALITY u(t, n) ORDER BY n", [list(texts)])  # fmt: skip
        return [row[0] for row in cursor.fetchall()]


@given(st.lists(VIETNAMESE | ANY_TEXT, min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_both_give_the_same_key(texts):
    assert fold_in_database(*texts) == [fold(text) for text in texts]


def test_nothing_stays_nothing():
    assert fold_in_database(None) == [None]


def test_a_stored_generated_column_and_its_index_may_use_it():
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE place (name text, key text GENERATED ALWAYS AS (chuan_fold(name)) STORED)"
        )
        cursor.execute("CREATE INDEX ON place (chuan_fold(name) text_pattern_ops)")
        cursor.execute("INSERT INTO place VALUES ('Đống Đa'), ('Hoài Ân'), ('Đak Pơ')")
        cursor.execute("SELECT name FROM place WHERE key LIKE chuan_fold(%s) || '%%'", ["DONG D"])
        assert cursor.fetchall() == [("Đống Đa",)]
