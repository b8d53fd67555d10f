from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.modules.traceability.store.lines import NOTHING, line, listed, listed_texts, plain, text

pytestmark = pytest.mark.django_db

# PostgreSQL keeps every letter but the zero byte.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@given(st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=5))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_texts_come_back_from_copy_as_they_were_whatever_they_hold(texts):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS told (place int, it text)")
        cursor.execute("TRUNCATE told")
        with cursor.copy("COPY told FROM STDIN") as copy:
            copy.write("".join(line(str(at), text(one)) for at, one in enumerate(texts)))
        cursor.execute("SELECT it FROM told ORDER BY place")
        assert [one for (one,) in cursor.fetchall()] == texts


@given(st.lists(TEXTS, max_size=5))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_lists_of_texts_come_back_as_they_were(texts):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [listed_texts(texts)])
        assert cursor.fetchone() == (texts,)


def test_numbers_and_instants_come_back_and_so_does_nothing():
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %s::bigint[], %s::timestamptz[]",
            [listed([1, None, -3]), listed([first.isoformat(), last.isoformat()])],
        )
        assert cursor.fetchone() == ([1, None, -3], [first, last])
    assert (plain(None), plain(2.5), listed([])) == (NOTHING, "2.5", "{}")
