import psycopg
import pytest
from django.db import connection

from chuan.modules.traceability.store import feed, locks
from chuan.modules.traceability.store.feed import Spot
from chuan.modules.traceability.testing import capture, event


def told(spot, count=100):
    return [entry.spot for entry in feed.following(spot, count=count)]


@pytest.mark.django_db
def test_events_follow_each_other_as_they_came_in_and_any_place_can_be_gone_on_from():
    feed.number()
    start = Spot(feed.number())
    capture(event(3), event(1))
    capture(event(2))

    assert told(start) == []
    assert feed.number() == start.position + 2

    all_of_it = told(start)
    first = start.position + 1
    assert all_of_it == [Spot(first, 1), Spot(first, 2), Spot(first + 1, 1)]
    assert [told(spot, count=1) for spot in [start, *all_of_it]] == [
        *([spot] for spot in all_of_it),
        [],
    ]


@pytest.mark.django_db
def test_what_came_twice_is_told_once():
    capture(event(1))
    last = feed.number()
    capture(event(1))

    assert feed.number() == last


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_told_late_and_not_lost():
    # Two documents overlap: the one that began first, with the lower number and the earlier time,
    # commits last.
    start = feed.number()
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    insert = "INSERT INTO traceability_feed (recorded_at, event_ids) VALUES (now(), %s)"
    with psycopg.connect(**parameters) as slow, psycopg.connect(**parameters) as quick:
        try:
            slow.execute(insert, [[1]])
            quick.execute(insert, [[2]])
            quick.commit()

            assert feed.number() == start + 1
            first = feed.following(Spot(start), count=10)
            assert [entry.event_id for entry in first] == [2]

            slow.commit()

            assert feed.number() == start + 2
            rest = feed.following(first[-1].spot, count=10)
            assert [entry.event_id for entry in rest] == [1]
            assert rest[0].record_time < first[0].record_time
        finally:
            quick.execute("DELETE FROM traceability_feed WHERE position > %s", [start])


@pytest.mark.django_db(transaction=True)
def test_readers_number_one_after_the_other():
    start = feed.number()
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters) as other:
        try:
            other.execute(
                "INSERT INTO traceability_feed (recorded_at, event_ids) VALUES (now(), '{1}')"
            )
            other.commit()
            other.execute("SELECT pg_advisory_xact_lock(%s)", [locks.FEED])
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            with pytest.raises(Exception, match="lock timeout"):
                feed.number()
            other.commit()

            assert feed.number() == start + 1
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = 0")
            other.execute("DELETE FROM traceability_feed WHERE position > %s", [start])
