"""Who sees what: by who asks, by how an event concerns them, at every door."""

import json
import re
from datetime import timedelta
from urllib.parse import quote, unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine.handing import Side, seen_across
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
from chuan.modules.traceability.store.sight import fill_sight, seen
from chuan.modules.traceability.testing import (
    FIRST_DAY,
    PartyFactory,
    PlaceFactory,
    ProductFactory,
    a_gln,
    at,
    capture,
    case,
    document,
    event,
    item,
    lot,
    make_key,
    making,
    one,
    packing,
)

pytestmark = pytest.mark.django_db
THING = canonical(case(1))


def step(hour, word, where=None, *, things=None, source=None, destination=None, **more):
    """An event of a business step at a place."""
    found = event(hour, epcList=list(things or [case(1)]), bizStep=word)
    if where is not None:
        found["readPoint"] = {"id": where.uri}
    if source is not None:
        found["sourceList"] = [{"type": "owning_party", "source": source.uri}]
    if destination is not None:
        found["destinationList"] = [{"type": "owning_party", "destination": destination.uri}]
    found["eventID"] = f"urn:uuid:00000000-0000-4000-8000-{hour:012}"
    return {**found, **more}


class Chain:
    """Farm → plant → shop, one case, nobody named on the other side of a handover.

    Hours: 1 farm packs, 2 farm ships, 3 plant receives, 4 plant keeps, 5 plant ships, 6 shop receives,
    7 shop sells.
    """

    def __init__(self):
        self.parties = {name: PartyFactory() for name in ("farm", "plant", "shop", "other")}
        self.places = {name: PlaceFactory(party=party) for name, party in self.parties.items()}
        self.keys = {name: make_key(party=party) for name, party in self.parties.items()}
        self.keys["watching the plant"] = make_key(remit=[self.parties["plant"]])
        self.keys["watching nobody"] = make_key(remit=[])
        self.keys["watching all"] = make_key(sees_everything=True)
        for who, hour, word in (
            ("farm", 1, "packing"),
            ("farm", 2, "shipping"),
            ("plant", 3, "receiving"),
            ("plant", 4, "storing"),
            ("plant", 5, "shipping"),
            ("shop", 6, "receiving"),
            ("shop", 7, "retail_selling"),
        ):
            capture(step(hour, word, self.places[who]), key=self.keys[who][0])


# who asks: the hours of the events they see
SEEN = {
    "farm": {1, 2, 3},
    "plant": {2, 3, 4, 5, 6},
    "shop": {5, 6, 7},
    "other": set(),
    "watching the plant": {2, 3, 4, 5, 6},
    "watching nobody": set(),
    "watching all": {1, 2, 3, 4, 5, 6, 7},
}
ALL = SEEN["watching all"]
WORDS = {1: "packing", 2: "shipping", 3: "receiving", 4: "storing", 5: "shipping"}
WORDS |= {6: "receiving", 7: "retail_selling"}
AT = {1: "farm", 2: "farm", 3: "plant", 4: "plant", 5: "plant", 6: "shop", 7: "shop"}


@pytest.fixture
def chain():
    return Chain()


def asking(client, text):
    def get(path, **parameters):
        return client.get(
            f"/epcis/v2/{path}", parameters, headers={"authorization": f"Bearer {text}"}
        )

    return get


def hours(told):
    return {int(found["eventID"][-12:]) for found in told}


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


# ---------------------------------------------------------------- how an event concerns somebody
def test_a_party_sees_what_names_it_whoever_told_it(chain):
    party = PartyFactory(gln=a_gln(81001), company_prefix="8934568")
    place = PlaceFactory(party=party)
    door = {"id": f"{place.uri}/254/7"}
    prefixed = {"id": "urn:epc:id:sgln:8934568.00001.0"}
    named = [
        step(20, "storing", readPoint={"id": place.uri}),
        step(21, "storing", bizLocation=door),
        step(22, "storing", readPoint=prefixed),
        step(23, "storing", source=party),
        step(24, "storing", destination=party),
        step(25, "storing", sourceList=[{"type": "location", "source": place.uri}]),
        step(26, "storing", readPoint={"id": f"urn:uuid:{place.code}"}),
        step(
            27,
            "storing",
            destinationList=[{"type": "possessing_party", "destination": f"urn:uuid:{party.code}"}],
        ),
    ]
    capture(*named, step(28, "storing", chain.places["other"]))
    assert _of(party) == set(range(20, 28))


def test_a_number_that_waits_to_be_confirmed_opens_nothing(chain):
    party = PartyFactory()
    place = PlaceFactory(party=party, is_confirmed=False)
    capture(step(20, "storing", readPoint={"id": f"https://id.gs1.org/414/{place.gln}"}))
    assert _of(party) == set()
    place.is_confirmed = True
    place.save()
    assert _of(party) == {20}


def test_whoever_tells_the_very_same_again_sees_it():
    party = PartyFactory()
    same = step(20, "storing")
    capture(same)
    assert _of(party) == set()
    capture(same, key=make_key(party=party)[0])
    assert _of(party) == {20}


def _of(party):
    rows = page(Query(), sight=sight_of(make_key(party=party)[0]), after=None, size=500).rows
    return hours(json.loads(row.body) for row in rows)


A, B, C = "farm", "plant", "shop"


@pytest.mark.parametrize(
    ("told", "asker", "seen"),
    [
        # told: (hour, step, whose place, who is named on the other side)
        # somebody else had it in between
        ([(1, "shipping", A, None), (2, "receiving", B, None), (3, "receiving", C, None)], C, {3}),
        ([(1, "shipping", A, None), (2, "shipping", B, None), (3, "receiving", C, None)], A, {1}),
        # one's own arriving and receiving are no stranger's
        (
            [(1, "departing", A, None), (2, "arriving", B, None), (3, "accepting", B, None)],
            B,
            {1, 2, 3},
        ),
        (
            [(1, "shipping", A, None), (2, "departing", A, None), (3, "receiving", B, None)],
            A,
            {1, 2, 3},
        ),
        # of what is nearest, one
        (
            [(1, "shipping", A, None), (2, "departing", A, None), (3, "receiving", B, None)],
            B,
            {2, 3},
        ),
        # meant for somebody else: saying that it came to oneself opens nothing
        ([(1, "shipping", A, C), (2, "receiving", B, None)], B, {2}),
        ([(1, "shipping", A, C), (2, "receiving", B, None)], C, {1}),
        ([(1, "shipping", A, None), (2, "receiving", B, C)], A, {1}),
        # nothing was handed over
        ([(1, "storing", A, None), (2, "receiving", B, None)], B, {2}),
        ([(1, "shipping", A, None), (2, "storing", B, None)], B, {2}),
        # a receipt before the shipping is of another journey
        ([(1, "receiving", B, None), (2, "shipping", A, None)], B, {1}),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_one_step_is_the_nearest_and_no_more(chain, told, asker, seen, backwards):
    events = []
    for hour, word, who, other in told:
        side = "destination" if word in ("shipping", "departing") else "source"
        more = {side: chain.parties[other]} if other else {}
        events.append((who, step(hour + 100, word, chain.places[who], things=[item(77)], **more)))
    for who, found in reversed(events) if backwards else events:
        capture(found, key=chain.keys[who][0])
    assert {hour - 100 for hour in _of(chain.parties[asker]) if hour > 100} == seen


def test_of_lots_only_naming_counts(chain):
    goods = {"epcList": [], "quantityList": [{"epcClass": lot("A"), "quantity": 5, "uom": "KGM"}]}
    capture(
        step(20, "shipping", chain.places["farm"], **goods),
        step(21, "receiving", chain.places["other"], **goods),
    )
    assert _of(chain.parties["other"]) == {21}


def test_an_event_that_was_declared_wrong_leads_nowhere(chain):
    wrong = step(2, "shipping", chain.places["farm"])
    declared = {
        **wrong,
        "errorDeclaration": {"declarationTime": at(90), "reason": "incorrect_data"},
    }
    capture(declared, key=chain.keys["farm"][0])
    assert _of(chain.parties["plant"]) == SEEN["plant"] - {2}
    assert _of(chain.parties["farm"]) == {1, 2}


def test_a_declaration_takes_back_what_its_event_opened_whatever_things_it_names(chain):
    wrong = step(2, "shipping", chain.places["farm"], things=[item(99)])
    wrong["errorDeclaration"] = {"declarationTime": at(90), "reason": "incorrect_data"}
    capture(wrong, key=chain.keys["farm"][0])
    assert _of(chain.parties["plant"]) == SEEN["plant"] - {2}


def test_what_was_stored_before_is_found_out_in_pieces_to_the_same_end(chain):
    capture(step(40, "storing", chain.places["farm"]), key=make_key(remit=[])[0])
    table = "SELECT who, event_time, event_id, record_time, ident FROM traceability_sight ORDER BY 1,3,5"
    before = fetched(table, [])
    fetched("DELETE FROM traceability_sight RETURNING 1", [])
    fetched("DELETE FROM traceability_handover RETURNING 1", [])
    for _time in range(2):
        after = 0
        while after is not None:
            after = fill_sight(after=after, most=2)
        assert fetched(table, []) == before


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
        return [one["sql"] for one in asked if '"traceability_product"' in one["sql"]]

    assert not tell(47)
    (asked,) = tell(48, EPCClass={one.uri: {"name": "Xoài"} for one in (mine, waiting)})
    assert mine.gtin in asked
    assert set(MasterRecord.objects.values_list("uri", flat=True)) == {mine.uri}


# ---------------------------------------------------------------- who told first
def test_what_was_matched_is_not_displaced_by_what_others_tell_later(chain):
    before = {name: _of(party) for name, party in chain.parties.items()}
    other = chain.places["other"], chain.keys["other"][0]
    for false in (
        [step(21, "receiving", other[0], eventTime=at(2.5))],
        [step(22, "shipping", other[0], eventTime=at(2.7))],
        [
            step(23, "receiving", other[0], eventTime=at(5.2)),
            step(24, "shipping", other[0], eventTime=at(5.4)),
        ],
    ):
        capture(*false, key=other[1])
    assert _of(chain.parties["other"]) == {21, 22, 23, 24}
    for name in ("farm", "plant", "shop"):
        assert _of(chain.parties[name]) == before[name]


def test_of_two_that_claim_one_receipt_the_first_to_tell_holds_it_until_it_is_wrong(chain):
    thing, farm = {"things": [item(5)]}, chain.places["farm"]
    capture(step(30, "shipping", farm, **thing), key=chain.keys["farm"][0])
    false = step(31, "receiving", chain.places["other"], **thing)
    capture(false, key=chain.keys["other"][0])
    capture(step(32, "receiving", chain.places["plant"], **thing), key=chain.keys["plant"][0])

    def late(name):
        return {hour for hour in _of(chain.parties[name]) if hour >= 30}

    assert (late("farm"), late("other"), late("plant")) == ({30, 31}, {30, 31}, {32})
    wrong = {**false, "errorDeclaration": {"declarationTime": at(90)}}
    capture(wrong, key=chain.keys["watching all"][0])
    assert (late("farm"), late("other"), late("plant")) == ({30, 32}, {31}, {30, 32})


def test_of_one_document_the_order_makes_no_difference(chain):
    capture(
        *(
            step(hour, word, chain.places[who], things=[item(5)])
            for who, hour, word in (
                ("farm", 30, "shipping"),
                ("shop", 33, "receiving"),
                ("plant", 32, "shipping"),
                ("plant", 31, "receiving"),
            )
        )
    )
    assert {hour for hour in _of(chain.parties["plant"]) if hour >= 30} == {30, 31, 32, 33}


@pytest.mark.parametrize("told", [sorted, reversed])
def test_a_thing_that_was_handed_over_often_costs_no_more_by_the_event(told):
    """Comparisons of actors are counted: four times the handovers are not sixteen times the work."""
    asked = []

    class Counting(frozenset):
        def isdisjoint(self, other):
            asked.append(1)
            return super().isdisjoint(other)

    def cost(count):
        asked.clear()
        sides = [
            Side(number, FIRST_DAY + timedelta(seconds=second), number, not second, False, who)
            for number, second in enumerate(told(range(count)))
            for who in (Counting([0 if not second else 1]),)
        ]
        assert seen_across(sides)
        return len(asked)

    assert cost(1500) < 6 * cost(375)


def test_one_more_receipt_of_a_thing_writes_only_its_own_rows(chain):
    often = [
        step(0, "receiving", chain.places["shop"], eventTime=at(7 + number / 1000))
        for number in range(1, 1501)
    ]
    for number, one_of in enumerate(often):
        one_of["eventID"] = f"urn:uuid:00000000-0000-4000-8001-{number:012}"
    capture(*often, key=chain.keys["shop"][0])
    before = set(fetched("SELECT ctid::text, who, event_id, ident FROM traceability_sight", []))
    with CaptureQueriesContext(connection) as statements:
        capture(step(99, "receiving", chain.places["shop"]), key=chain.keys["shop"][0])
    after = set(fetched("SELECT ctid::text, who, event_id, ident FROM traceability_sight", []))
    assert before <= after
    assert len(after - before) <= 3
    assert len(statements) < 60


# ---------------------------------------------------------------- against an oracle
PEOPLE = 4
TOLD = st.lists(
    st.tuples(
        st.sampled_from(["shipping", "departing", "receiving", "accepting", "storing"]),
        st.integers(0, PEOPLE - 1),  # whose place
        st.one_of(st.none(), st.integers(0, PEOPLE - 1)),  # who is named on the other side
        st.integers(0, PEOPLE),  # who tells; the last is an authority
        st.sets(st.integers(1, 3), min_size=1),  # things
    ),
    min_size=1,
    max_size=14,
)


def oracle(told, order, who):
    """What somebody sees, word for word as `rules/sight.py` has it.

    :param order: the numbers of events as they were told.
    """
    leaving, coming = {"shipping", "departing"}, {"receiving", "accepting"}

    def acts(number):
        # An authority's key is nobody's.
        return {told[number][1], told[number][3]} - {PEOPLE}

    seen = {
        number
        for number, (_word, place, named, teller, _things) in enumerate(told)
        if who in (place, named, teller)
    }
    for thing in (1, 2, 3):
        known, pairs = [], []
        for new in order:
            if thing not in told[new][4] or told[new][0] not in leaving | coming:
                continue
            known.append(new)
            before = list(pairs)
            for out in known:
                for back in known:
                    if new not in (out, back) or out >= back:
                        continue
                    if told[out][0] not in leaving or told[back][0] not in coming:
                        continue
                    old = out if back == new else back
                    if any(
                        old in pair and not acts(other) & acts(new)
                        for pair in before
                        for other in pair
                        if other != old
                    ):
                        continue
                    between = [one for one in known if out < one < back]
                    left = [one for one in between if told[one][0] in leaving]
                    came = [one for one in between if told[one][0] in coming]
                    backward = not left and all(acts(one) & acts(back) for one in came)
                    forward = not came and all(acts(one) & acts(out) for one in left)
                    if backward or forward:
                        pairs.append((out, back))
                    if backward and who in acts(back) and told[out][2] is None:
                        seen.add(out)
                    if forward and who in acts(out) and told[back][2] is None:
                        seen.add(back)
    return seen


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=TOLD, shuffled=st.randoms(use_true_random=False))
def test_everybody_sees_what_an_oracle_says_in_whatever_order_it_was_told(told, shuffled):
    from django.db import transaction  # noqa: PLC0415

    with transaction.atomic():
        parties = [PartyFactory() for _ in range(PEOPLE)]
        places = [PlaceFactory(party=party) for party in parties]
        keys = [make_key(party=party)[0] for party in parties]
        keys.append(make_key(sees_everything=True)[0])
        events = []
        for number, (word, place, named, teller, things) in enumerate(told):
            out = word in ("shipping", "departing", "storing")
            more = {"destination" if out else "source": parties[named]} if named is not None else {}
            found = step(number, word, places[place], things=[item(one) for one in things], **more)
            events.append((keys[teller] if teller in (place, named) else keys[PEOPLE], found))
        told = [
            (word, place, named, teller if teller in (place, named) else PEOPLE, things)
            for word, place, named, teller, things in told
        ]
        order = list(range(len(events)))
        shuffled.shuffle(order)
        for number in order:
            capture(events[number][1], key=events[number][0])
        for who, party in enumerate(parties):
            assert _of(party) == oracle(told, order, who), who
        transaction.set_rollback(True)


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
    assert reading.values_of("biz_step", after="", count=9, sight=sight_of(key[0]))


def test_what_one_party_has_is_read_of_its_events_and_not_of_their_things(chain, monkeypatch):
    monkeypatch.setattr(reading, "MOST_LOOKED_AT", 4)
    things = [item(number) for number in range(1, 41)]
    capture(step(60, "shipping", chain.places["farm"], things=things), key=chain.keys["farm"][0])
    key = chain.keys["other"][0]
    for hour, word in ((50, "storing"), (61, "receiving")):
        capture(step(hour, word, chain.places["other"], things=things), key=key)
    words = reading.values_of("biz_step", after="", count=9, sight=sight_of(key))
    assert {word.rpartition("-")[2] for word in words} == {"storing", "shipping", "receiving"}


@pytest.mark.parametrize("by", ["event_time", "record_time"])
def test_both_orders_of_a_partys_events_have_an_index(chain, by):
    sight = sight_of(chain.keys["plant"][0])
    fetched(
        "INSERT INTO traceability_sight SELECT %s, now() + g * interval '1 second', g + 1000000,"
        " now() - g * interval '1 second', NULL FROM generate_series(1, 20000) g RETURNING 1",
        [max(sight.who)],
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE traceability_sight")
    with CaptureQueriesContext(connection) as asked:
        seen(sight, order_by=by, descending=True, after=None, bounds=(), count=31)
    plan = "\n".join(row[0] for row in fetched("EXPLAIN ANALYZE " + asked[0]["sql"], []))
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
    assert 50 in _of(chain.parties["plant"])
