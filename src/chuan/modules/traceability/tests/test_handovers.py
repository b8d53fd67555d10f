"""How an event concerns somebody: named, one step back, one step forward, whoever told first."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.modules.traceability.engine.handing import Side, seen_across
from chuan.modules.traceability.store.rows import fetched
from chuan.modules.traceability.testing import (
    FIRST_DAY,
    PartyFactory,
    PlaceFactory,
    a_gln,
    at,
    capture,
    item,
    lot,
    make_key,
)
from chuan.modules.traceability.tests.handed_on import SEEN, Chain, events_seen, step

pytestmark = [pytest.mark.django_db, pytest.mark.citus]


@pytest.fixture
def chain():
    return Chain()


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
    assert events_seen(party) == set(range(20, 28))


def test_a_number_that_waits_to_be_confirmed_opens_nothing(chain):
    party = PartyFactory()
    place = PlaceFactory(party=party, is_confirmed=False)
    capture(step(20, "storing", readPoint={"id": f"https://id.gs1.org/414/{place.gln}"}))
    assert events_seen(party) == set()
    place.is_confirmed = True
    place.save()
    assert events_seen(party) == {20}


def test_whoever_tells_the_very_same_again_sees_it():
    party = PartyFactory()
    same = step(20, "storing")
    capture(same)
    assert events_seen(party) == set()
    capture(same, key=make_key(party=party)[0])
    assert events_seen(party) == {20}


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
    assert {hour - 100 for hour in events_seen(chain.parties[asker]) if hour > 100} == seen


def test_of_lots_only_naming_counts(chain):
    goods = {"epcList": [], "quantityList": [{"epcClass": lot("A"), "quantity": 5, "uom": "KGM"}]}
    capture(
        step(20, "shipping", chain.places["farm"], **goods),
        step(21, "receiving", chain.places["other"], **goods),
    )
    assert events_seen(chain.parties["other"]) == {21}


def test_an_event_that_was_declared_wrong_leads_nowhere(chain):
    wrong = step(2, "shipping", chain.places["farm"])
    declared = {
        **wrong,
        "errorDeclaration": {"declarationTime": at(90), "reason": "incorrect_data"},
    }
    capture(declared, key=chain.keys["farm"][0])
    assert events_seen(chain.parties["plant"]) == SEEN["plant"] - {2}
    assert events_seen(chain.parties["farm"]) == {1, 2}


def test_a_declaration_takes_back_what_its_event_opened_whatever_things_it_names(chain):
    wrong = step(2, "shipping", chain.places["farm"], things=[item(99)])
    wrong["errorDeclaration"] = {"declarationTime": at(90), "reason": "incorrect_data"}
    capture(wrong, key=chain.keys["farm"][0])
    assert events_seen(chain.parties["plant"]) == SEEN["plant"] - {2}


# ---------------------------------------------------------------- who told first
@pytest.mark.parametrize("has_smaller_numbers", [False, True])
def test_what_was_matched_is_not_displaced_by_what_others_tell_later(chain, has_smaller_numbers):
    if has_smaller_numbers:
        # Connections take numbers a hundred at a time: who tells later may have smaller ones.
        fetched(
            "UPDATE traceability_handover SET told = told + 1000, record_time = %s RETURNING 1",
            [timezone.now() - timedelta(days=1)],
        )
    before = {name: events_seen(party) for name, party in chain.parties.items()}
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
    assert events_seen(chain.parties["other"]) == {21, 22, 23, 24}
    for name in ("farm", "plant", "shop"):
        assert events_seen(chain.parties[name]) == before[name]


def test_of_two_that_claim_one_receipt_the_first_to_tell_holds_it_until_it_is_wrong(chain):
    thing, farm = {"things": [item(5)]}, chain.places["farm"]
    capture(step(30, "shipping", farm, **thing), key=chain.keys["farm"][0])
    false = step(31, "receiving", chain.places["other"], **thing)
    capture(false, key=chain.keys["other"][0])
    capture(step(32, "receiving", chain.places["plant"], **thing), key=chain.keys["plant"][0])

    def late(name):
        return {hour for hour in events_seen(chain.parties[name]) if hour >= 30}

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
    assert {hour for hour in events_seen(chain.parties["plant"]) if hour >= 30} == {30, 31, 32, 33}


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
            Side(
                (FIRST_DAY, number),
                FIRST_DAY + timedelta(seconds=second),
                number,
                not second,
                False,
                who,
            )
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
        # By name: a place and its party's key are two. An authority's key is nobody's.
        _word, place, _named, teller, _things = told[number]
        return {("place", place), ("key", teller)} - {("key", PEOPLE)}

    def is_theirs(number):
        return {("place", who), ("key", who)} & acts(number)

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
                    if backward and is_theirs(back) and told[out][2] is None:
                        seen.add(out)
                    if forward and is_theirs(out) and told[back][2] is None:
                        seen.add(back)
    return seen


def as_the_oracle_says(said, order):
    """Tell it in this order, and compare what everybody sees; nothing of it is kept."""
    with transaction.atomic():
        parties = [PartyFactory() for _ in range(PEOPLE)]
        places = [PlaceFactory(party=party) for party in parties]
        keys = [make_key(party=party)[0] for party in parties]
        keys.append(make_key(sees_everything=True)[0])
        told, events = [], []
        for number, (word, place, named, teller, things) in enumerate(said):
            # Of a place of others nobody tells who is not named.
            by = teller if teller in (place, named) else PEOPLE
            out = word in ("shipping", "departing", "storing")
            more = {"destination" if out else "source": parties[named]} if named is not None else {}
            told.append((word, place, named, by, things))
            events.append(
                step(number, word, places[place], things=[item(one) for one in things], **more)
            )
        for number in order:
            capture(events[number], key=keys[told[number][3]])
        for who, party in enumerate(parties):
            assert events_seen(party) == oracle(told, order, who), (who, told, order)
        transaction.set_rollback(True)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(said=TOLD, shuffled=st.randoms(use_true_random=False))
def test_everybody_sees_what_an_oracle_says_in_whatever_order_it_was_told(said, shuffled):
    order = list(range(len(said)))
    shuffled.shuffle(order)
    as_the_oracle_says(said, order)


def test_a_party_and_its_place_are_two_names_and_what_was_matched_by_one_stays():
    as_the_oracle_says(
        [
            ("shipping", 0, None, 0, {1}),
            ("receiving", 1, None, PEOPLE, {1}),
            ("shipping", 0, None, 0, {1}),
            ("receiving", 0, 1, 1, {1}),
        ],
        [0, 2, 3, 1],
    )
