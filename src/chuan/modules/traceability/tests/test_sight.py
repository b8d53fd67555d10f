"""Who sees what at every door, and what a party may tell."""

import json
import os
import re
from urllib.parse import quote, unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.query import Query
from chuan.modules.traceability.engine.reading_json import write_json
from chuan.modules.traceability.enums import ErrorBehaviour
from chuan.modules.traceability.models import MasterRecord
from chuan.modules.traceability.operations.capture import (
    Refused,
    capture_document,
    capture_event,
)
from chuan.modules.traceability.queries.events import page
from chuan.modules.traceability.queries.sight import sight_of
from chuan.modules.traceability.store import reading
from chuan.modules.traceability.store.rows import fetched
from chuan.modules.traceability.store.sight import seen
from chuan.modules.traceability.testing import (
    PlaceFactory,
    ProductFactory,
    at,
    capture,
    case,
    document,
    item,
    lot,
    make_key,
    making,
    one,
    packing,
)
from chuan.modules.traceability.tests.handed_on import (
    ALL,
    AT,
    SEEN,
    THING,
    WORDS,
    Chain,
    events_seen,
    hours,
    step,
)

pytestmark = [pytest.mark.django_db, pytest.mark.citus]


@pytest.fixture
def chain():
    return Chain()


def asking(client, text):
    def get(path, **parameters):
        return client.get(
            f"/epcis/v2/{path}", parameters, headers={"authorization": f"Bearer {text}"}
        )

    return get


def listed(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def token_in(answer):
    return unquote(answer["Link"].split("nextPageToken=")[1].split(">")[0])


def paged(get, path, **parameters):
    """All pages, and how many there were."""
    found, parameters = [], {"perPage": "2", **parameters}
    for count in range(1, 20):
        answer = get(path, **parameters)
        if answer.status_code == 404:
            return [], 0
        found += listed(answer)
        if "Link" not in answer:
            return found, count
        parameters["nextPageToken"] = token_in(answer)
    raise AssertionError


def _events(chain, get):
    return hours(paged(get, "events")[0])


def _by_time_of_record(chain, get):
    return hours(paged(get, "events", orderBy="recordTime", orderDirection="ASC")[0])


def _by_thing(chain, get):
    return hours(paged(get, "events", MATCH_anyEPC=case(1))[0])


def _by_place(chain, get):
    return {
        hour
        for place in chain.places.values()
        for hour in hours(paged(get, "events", EQ_readPoint=place.uri)[0])
    }


def _by_text(chain, get):
    return hours(paged(get, "events", EQ_quantity="1")[0]) | hours(
        paged(get, "events", **{"EXISTS_ex:note": "true"})[0]
    )


def _by_event_id(chain, get):
    found = set()
    for hour in ALL:
        name = step(hour, "x")["eventID"]
        answer = get(f"events/{quote(name, safe='')}")
        asked = hours(listed(get("events", EQ_eventID=name)))
        assert (answer.status_code == 200) == (asked == {hour})
        if answer.status_code == 200:
            found |= hours(listed(answer))
        else:
            never = get(f"events/{quote(name.replace('0000-4', '9999-4'), safe='')}")
            assert (answer.status_code, answer.json()["type"]) == (404, never.json()["type"])
    return found


def _below_things(chain, get):
    return hours(paged(get, f"epcs/{quote(case(1), safe='')}/events")[0])


def _below_steps(chain, get):
    return {
        hour
        for word in set(WORDS.values())
        for hour in hours(paged(get, f"bizSteps/{word}/events")[0])
    }


def _below_types(chain, get):
    return hours(paged(get, "eventTypes/ObjectEvent/events")[0])


def _trace(chain, get):
    found = set()
    for direction in ("upstream", "downstream"):
        for mode in ("strict", "gdst"):
            answer = get(f"trace/{quote(case(1), safe='')}", direction=direction, mode=mode)
            if answer.status_code == 200:
                found |= hours(listed_in(answer.json()["document"]))
    return found


def listed_in(held):
    return held["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


DOORS = [_events, _by_time_of_record, _by_thing, _by_place, _by_event_id, _below_things]
DOORS += [_below_steps, _below_types, _trace]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("asker", SEEN)
def test_each_sees_their_own_and_one_step_at_every_door(client, chain, asker, door):
    assert door(chain, asking(client, chain.keys[asker][1])) == SEEN[asker]


@pytest.mark.parametrize("asker", SEEN)
def test_what_there_is_is_told_from_what_is_seen(client, chain, asker):
    get = asking(client, chain.keys[asker][1])
    seen = SEEN[asker]

    def members(name):
        return set(get(name).json()["member"])

    assert members("bizSteps") == {WORDS[hour] for hour in seen}
    assert members("readPoints") == {chain.places[AT[hour]].uri for hour in seen}
    assert members("epcs") == ({THING} if seen else set())
    assert get("bizLocations").json()["member"] == []


# ---------------------------------------------------------------- pages and labels
def test_chains_and_recalls_are_pages_of_authorities_and_labels_tell_the_public_part(client, chain):
    body = OrganisationFactory()
    chain.parties["plant"].organisation = body
    chain.parties["plant"].save()
    for role, opens in (
        (Role.UNIT_CLERK, False),
        (Role.UNIT_HEAD, False),
        (Role.DEPARTMENT_COORDINATOR, True),
        (Role.AUDITOR, True),
    ):
        client.force_login(PersonFactory(role=role, organisation=body))
        for name in ("chains:chain", "chains:recalls"):
            answer = client.get(reverse(name), {"ma": "(00)" + THING[-18:]})
            assert (answer.status_code == 200) == opens, (role, name)
    stranger = Client()
    label = stranger.get("/truy-xuat/00/" + THING[-18:])
    assert label.status_code == 200
    for party in chain.parties.values():
        assert str(party.code) not in label.content.decode()


# ---------------------------------------------------------------- traces through somebody's eyes
def test_a_trace_follows_packing_only_as_far_as_it_is_seen(client, chain):
    shop, other = chain.parties["shop"], chain.parties["other"]
    farm = {"readPoint": {"id": chain.places["farm"].uri}}
    here = {"readPoint": {"id": chain.places["shop"].uri}}
    capture(
        {**making(30, {lot("RAW"): 9}, [item(5)]), **farm},
        {**packing(31, "ADD", case(9), item(5)), **farm},
        step(32, "shipping", chain.places["farm"], things=[case(9)]),
        step(33, "receiving", chain.places["shop"], things=[case(9)]),
        {**packing(34, "DELETE", case(9), item(5)), **here},
        step(35, "retail_selling", chain.places["shop"], things=[item(5)]),
    )

    def things(key, thing):
        answer = asking(client, key)(f"trace/{quote(thing, safe='')}", mode="strict")
        return set(answer.json()["things"]) if answer.status_code == 200 else None

    everything = {canonical(one) for one in (item(5), case(9), lot("RAW"))}
    assert things(chain.keys["watching all"][1], item(5)) == everything
    # The shop saw it come out of the case, not what was put in where and of what it was made.
    assert things(make_key(party=shop)[1], item(5)) == {canonical(item(5))}
    assert things(make_key(party=shop)[1], case(9)) == {canonical(case(9))}
    assert things(make_key(party=other)[1], item(5)) is None


# ---------------------------------------------------------------- a party tells
def test_a_party_takes_back_only_what_it_told(chain):
    def declared(hour):
        return {
            **step(hour, WORDS[hour], chain.places[AT[hour]]),
            "errorDeclaration": {"declarationTime": at(90), "reason": "did_not_occur"},
        }

    plant = chain.keys["plant"][0]
    nobody = {**declared(2), "eventID": "urn:uuid:00000000-0000-4000-8000-999999999999"}
    for wrong in (declared(2), declared(6), nobody):
        del wrong["readPoint"]
        with pytest.raises(Refused, match="key of the same party"):
            capture(wrong, key=plant)
        with pytest.raises(Refused, match="key of the same party"):
            capture_event(key=plant, document=one(wrong))
        job = capture_document(
            key=plant, document=document(wrong), behaviour=ErrorBehaviour.PROCEED
        )
        assert (job.event_count, len(job.errors)) == (0, 1)
    capture(declared(3), key=make_key(party=chain.parties["plant"])[0])
    capture(declared(2), key=chain.keys["watching all"][0])
    assert reading.with_id(declared(2)["eventID"])[1:]


def test_nobody_takes_back_an_event_of_others_by_telling_it_once_more_beside(chain):
    another = step(2, "storing", chain.places["plant"])
    declared = {**another, "errorDeclaration": {"declarationTime": at(90)}}
    job = capture_document(
        key=chain.keys["plant"][0],
        document=document(another, declared),
        behaviour=ErrorBehaviour.PROCEED,
    )
    assert (job.event_count, len(job.errors)) == (0, 2)
    assert len(reading.with_id(another["eventID"])) == 1
    new = {**another, "eventID": "urn:uuid:00000000-0000-4000-8000-000000000055"}
    capture(new, {**declared, "eventID": new["eventID"]}, key=chain.keys["plant"][0])


def test_a_place_of_others_is_told_of_only_where_the_party_is_named_too(chain):
    farm, key, plant = chain.places["farm"], chain.keys["plant"][0], chain.parties["plant"]
    for wrong in (
        step(40, "storing", farm),
        step(40, "storing", bizLocation={"id": f"{farm.uri}/254/3"}),
        step(40, "storing", farm, destination=chain.parties["shop"]),
    ):
        with pytest.raises(Refused, match="place of another party"):
            capture(wrong, key=key)
    capture(step(41, "receiving", farm, destination=plant), key=key)
    capture(step(42, "receiving", farm, bizLocation={"id": chain.places["plant"].uri}), key=key)
    capture(step(43, "storing", readPoint={"id": "urn:epc:id:sgln:8800000.00001.0"}), key=key)
    capture(step(44, "storing", farm), key=chain.keys["watching all"][0])


def test_a_place_that_waits_to_be_confirmed_hinders_nobody(chain):
    squat = PlaceFactory(party=chain.parties["other"], is_confirmed=False)
    capture(
        step(45, "storing", readPoint={"id": f"https://id.gs1.org/414/{squat.gln}"}),
        key=chain.keys["plant"][0],
    )
    with pytest.raises(Refused, match="place of another party"):
        capture(
            step(46, "storing", readPoint={"id": f"urn:uuid:{squat.code}"}),
            key=chain.keys["plant"][0],
        )


def test_whose_the_named_are_is_asked_and_not_all_a_party_has(chain):
    key, party = chain.keys["plant"][0], chain.parties["plant"]
    mine = ProductFactory(party=party)
    waiting = ProductFactory(party=party, is_confirmed=False)

    def tell(hour, **more):
        with CaptureQueriesContext(connection) as asked:
            capture(step(hour, "storing", chain.places["plant"]), key=key, **more)
        return [one["sql"] for one in asked if " traceability_product " in one["sql"]]

    assert not tell(47)
    (asked,) = tell(48, EPCClass={one.uri: {"name": "Xoài"} for one in (mine, waiting)})
    assert mine.gtin in asked
    assert set(MasterRecord.objects.values_list("uri", flat=True)) == {mine.uri}


# ---------------------------------------------------------------- pages
@pytest.mark.parametrize("asker", ["plant", "watching all"])
def test_pages_stay_where_they_are_while_events_come_in(client, chain, asker):
    get = asking(client, chain.keys[asker][1])
    first = get("events", perPage="2")
    capture(step(90, "storing", chain.places["plant"]), step(0, "storing", chain.places["plant"]))
    second = get("events", perPage="2", nextPageToken=token_in(first))
    told = sorted(SEEN[asker], reverse=True)
    assert [sorted(hours(listed(one)), reverse=True) for one in (first, second)] == [
        told[:2],
        told[2:4],
    ]


@pytest.mark.parametrize("by", ["event_time", "record_time"])
def test_shipments_of_many_things_leave_nothing_out(client, chain, by):
    things = [item(number) for number in range(1, 41)]
    key = chain.keys["other"]
    for hour in range(51, 56):
        capture(step(hour, "storing", chain.places["other"]), key=key[0])
    sent = step(60, "shipping", chain.places["farm"], things=things)
    capture(sent, key=chain.keys["farm"][0])
    capture(step(61, "receiving", chain.places["other"], things=things), key=key[0])
    after, found = None, []
    for _page in range(10):
        told = page(Query(order_by=by), sight=sight_of(key[0]), after=after, size=2)
        found += [json.loads(row.body) for row in told.rows]
        after = told.after
        if after is None:
            break
    assert sorted(hours(found)) == [*range(51, 56), 60, 61]
    assert len(found) == 7
    get = asking(client, key[1])
    assert hours(listed(get("bizSteps/storing/events", perPage="10"))) == set(range(51, 56))
    assert reading.values_of("biz_step", after="", count=9, sight=sight_of(key[0])).uris


def test_what_one_party_has_is_read_of_its_events_and_not_of_their_things(chain, monkeypatch):
    monkeypatch.setattr(reading, "MOST_LOOKED_AT", 4)
    things = [item(number) for number in range(1, 41)]
    capture(step(60, "shipping", chain.places["farm"], things=things), key=chain.keys["farm"][0])
    key = chain.keys["other"][0]
    for hour, word in ((50, "storing"), (61, "receiving")):
        capture(step(hour, word, chain.places["other"], things=things), key=key)
    words = reading.values_of("biz_step", after="", count=9, sight=sight_of(key)).uris
    assert {word.rpartition("-")[2] for word in words} == {"storing", "shipping", "receiving"}


@pytest.mark.skipif(
    bool(os.environ.get("CHUAN_TEST_CITUS")), reason="one machine alone follows each name by itself"
)
@pytest.mark.parametrize("by", ["event_time", "record_time"])
@pytest.mark.parametrize("is_counted", [True, False])
def test_both_orders_of_a_partys_events_have_an_index(chain, by, is_counted):
    sight = sight_of(chain.keys["plant"][0])
    fetched(
        "INSERT INTO traceability_sight SELECT %s, now() + g * interval '1 second', g + 1000000,"
        " now() - g * interval '1 second', NULL FROM generate_series(1, 20000) g RETURNING 1",
        [max(sight.who)],
    )
    # A month's table that is new has no statistics yet.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE traceability_sight" if is_counted else "SELECT 1")
    with CaptureQueriesContext(connection) as asked:
        seen(sight, order_by=by, descending=True, after=None, bounds=(), count=31, piece=31)
    before, question, _after = asked[-1]["sql"].split("; ")
    with connection.cursor() as cursor:
        cursor.execute(before)
    plan = "\n".join(row[0] for row in fetched("EXPLAIN ANALYZE " + question, []))
    assert max(int(rows) for rows in re.findall(r"actual .*? rows=(\d+)", plan)) < 1000, plan


def test_a_capture_by_a_party_is_a_document_like_any_other(client, chain):
    body = json.dumps(write_json(document(step(50, "storing", chain.places["plant"]))))
    answer = client.post(
        "/epcis/v2/capture",
        body,
        "application/json",
        headers={"authorization": f"Bearer {chain.keys['plant'][1]}"},
    )
    assert answer.status_code == 202
    assert 50 in events_seen(chain.parties["plant"])
