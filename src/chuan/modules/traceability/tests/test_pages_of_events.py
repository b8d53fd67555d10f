"""Pages go by what indexes know, ask little and read no more than they show."""

import os
from itertools import islice

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chuan.modules.traceability.engine.facts import Role
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.patterns import read_pattern
from chuan.modules.traceability.engine.query import Query
from chuan.modules.traceability.engine.vocabulary import Vocabulary, web_uri
from chuan.modules.traceability.queries.sight import sight_of
from chuan.modules.traceability.store import reading, tracing
from chuan.modules.traceability.testing import (
    PartyFactory,
    capture,
    case,
    event,
    item,
    make_key,
    packing,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(os.environ.get("CHUAN_TEST_CITUS")), reason="one machine alone"),
]


def naming(*uris, roles=tuple(Role), **more):
    query = Query(**more)
    query.matches.append((roles, [read_pattern(uri) for uri in uris]))
    return query


def numbers_of(rows):
    return [row.event_id for row in rows]


@pytest.fixture
def told():
    """Twelve events: the first of every two by one party, the others by another; item 1 in all."""
    keys = [make_key(party=PartyFactory())[0] for _number in range(2)]
    for hour in range(12):
        capture(
            event(hour, bizStep="storing", epcList=[item(1), item(2 + hour)]), key=keys[hour % 2]
        )
    return keys


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("order_by", ["event_time", "record_time"])
def test_a_page_about_a_thing_goes_on_where_the_last_ended(told, order_by, descending):
    query = naming(item(1), order_by=order_by, descending=descending)
    whole = list(reading.find(query, chunk=500))
    assert numbers_of(whole) == sorted(numbers_of(whole), reverse=descending)
    assert numbers_of(reading.find(query, chunk=5)) == numbers_of(whole)
    after = whole[4].place(query)
    assert numbers_of(reading.find(query, after=after, chunk=3)) == numbers_of(whole[5:])
    seen = list(reading.find(query, sight=sight_of(told[1]), chunk=4))
    assert numbers_of(seen) == [one.event_id for one in whole if one.event_time.hour % 2]


def test_what_is_asked_besides_counts_as_before(told):
    everything = numbers_of(reading.find(naming(item(1)), chunk=500))
    two = naming(item(1))
    two.matches += naming(item(5)).matches
    assert numbers_of(reading.find(two)) == [everything[-4]]
    assert list(reading.find(naming(item(1), roles=(Role.PARENT,)))) == []
    assert list(reading.find(naming(item(99)))) == []
    assert numbers_of(reading.find(naming(item(3), item(5)))) == [everything[-4], everything[-2]]
    pattern = item(1).replace(":id:", ":idpat:").rpartition(".")[0] + ".*"
    assert numbers_of(reading.find(naming(pattern), chunk=5)) == everything


def test_an_event_that_names_a_thing_in_two_roles_is_there_once():
    capture(packing(1, "OBSERVE", case(1), case(1), item(1)))
    assert len(list(reading.find(naming(case(1))))) == 1


def test_one_thing_is_one_question(told):
    for sight in (None, sight_of(told[0])):
        with CaptureQueriesContext(connection) as asked:
            list(reading.find(naming(item(1)), sight=sight, chunk=31))
        assert len(asked) == 1


def test_of_what_fits_no_more_than_a_page_is_read(told, monkeypatch):
    read = []
    fetched = reading.fetched

    def noting(sql, values):
        rows = fetched(sql, values)
        read.append(len(rows) if "body" in sql else 0)
        return rows

    monkeypatch.setattr(reading, "fetched", noting)
    query = Query(columns={"biz_step": [web_uri("storing", Vocabulary.BIZ_STEP)]})
    found = reading.find(query, sight=sight_of(told[0]), chunk=2)
    assert len(list(islice(found, 2))) == 2
    assert sum(read) == 2
    assert len(list(found)) == 4


def test_packing_that_is_seen_is_one_question():
    key = make_key(party=PartyFactory())[0]
    capture(packing(1, "ADD", case(1), item(1), item(2)), key=key)
    capture(packing(2, "DELETE", case(1), item(1)), key=key)
    capture(packing(3, "ADD", case(2), item(1)))
    ids = tracing.idents_of([canonical(uri) for uri in (item(1), case(1))])
    chain = tracing.StoredChain(sight_of(key))
    with CaptureQueriesContext(connection) as asked:
        stays = chain.stays_of([ids[canonical(item(1))]], most=9)
        inside = chain.stays_in([ids[canonical(case(1))]], most=9)
    assert len(asked) == 2
    assert [(one.start.hour, one.end.hour) for one in stays] == [(1, 2)]
    assert sorted(one.end.year for one in inside) == [2026, 9999]
