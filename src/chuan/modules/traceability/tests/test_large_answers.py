"""Answers that would be too large go on in pages; what is left out is said; pages tell no secrets."""

import base64
from urllib.parse import quote, unquote

import pytest

from chuan.modules.traceability.api import answers, views
from chuan.modules.traceability.engine.keys import canonical, lot_of
from chuan.modules.traceability.engine.query import Query
from chuan.modules.traceability.engine.walk import Caps, Direction, Mode
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import Subscription
from chuan.modules.traceability.operations import asking
from chuan.modules.traceability.queries import events
from chuan.modules.traceability.queries.sight import sight_of
from chuan.modules.traceability.queries.standing import matching
from chuan.modules.traceability.queries.trace import trace
from chuan.modules.traceability.store import feed, reading, tracing
from chuan.modules.traceability.store.feed import Spot
from chuan.modules.traceability.testing import (
    PartyFactory,
    PlaceFactory,
    capture,
    case,
    event,
    item,
    lot,
    make_key,
    making,
    packing,
)

pytestmark = pytest.mark.django_db


class Asking:
    """A machine of one party, among events of others."""

    def __init__(self, client):
        self.party = PartyFactory()
        self.places = [PlaceFactory(party=self.party) for _n in range(4)]
        self.key, text = make_key(party=self.party)
        self.headers = {"authorization": f"Bearer {text}"}
        self.http = client

    def get(self, path, **parameters):
        return self.http.get(f"/epcis/v2/{path}", parameters, headers=self.headers)

    def listed(self, path, **parameters):
        """All members over all pages."""
        found = []
        for _page in range(50):
            answer = self.get(path, **parameters)
            assert answer.status_code == 200, answer.content
            found += answer.json()["member"]
            if "Link" not in answer:
                return found
            parameters["nextPageToken"] = token_in(answer)
        raise AssertionError("pages without end")


def token_in(answer):
    return unquote(answer["Link"].split("nextPageToken=")[1].split(">")[0])


@pytest.fixture
def machine(client):
    return Asking(client)


# ---------------------------------------------------------------- lists of whoever sees much
@pytest.mark.parametrize("patience", [0.0, 60.0])
@pytest.mark.parametrize("most", [3, 100_000])
def test_lists_of_those_who_see_much_go_on_by_key(machine, monkeypatch, most, patience):
    monkeypatch.setattr(reading, "MOST_LOOKED_AT", most)
    monkeypatch.setattr(reading, "_SLICE", 3)
    monkeypatch.setattr(reading, "_PATIENCE", patience)
    other = make_key(party=PartyFactory())[0]
    own = [
        event(
            hour,
            epcList=[item(hour)],
            bizStep=("storing", "packing")[hour % 2],
            bizLocation={"id": machine.places[hour % 4].uri},
        )
        for hour in range(1, 9)
    ]
    capture(*own, key=machine.key)
    capture(*(event(hour, epcList=[item(hour)]) for hour in range(20, 30)), key=other)
    capture(event(40, epcList=[item(1)], bizStep="destroying"), key=other)

    assert machine.listed("bizSteps", perPage="1") == ["packing", "storing"]
    assert machine.listed("bizLocations", perPage="2") == sorted(
        place.uri for place in machine.places
    )
    assert machine.listed("epcs", perPage="3") == sorted(canonical(item(n)) for n in range(1, 9))


def test_large_events_make_short_pages_and_none_is_lost(machine, monkeypatch):
    capture(*(event(hour, epcList=[item(hour)]) for hour in range(1, 8)), key=machine.key)
    monkeypatch.setattr(events, "MOST_LETTERS", 400)
    found, after, pages = [], None, 0
    while True:
        part = events.page(Query(), sight=sight_of(machine.key), after=after, size=30)
        found += [row.event_id for row in part.rows]
        pages, after = pages + 1, part.after
        if after is None:
            break

    assert len(found) == len(set(found)) == 7
    assert pages > 2
    with pytest.raises(events.TooLarge):
        events.page(Query(most=30), sight=None, after=None, size=30)


def test_texts_of_many_events_are_read_a_few_at_a_time(machine, monkeypatch):
    capture(*(event(hour, epcList=[item(hour)]) for hour in range(1, 31)), key=machine.key)
    monkeypatch.setattr(reading, "CHUNK", 4)
    sizes = []
    fetched = reading.fetched

    def noting(sql, values):
        rows = fetched(sql, values)
        if "body" in sql:
            sizes.append(len(rows))
        return rows

    monkeypatch.setattr(reading, "fetched", noting)

    found = list(reading.find(Query(), sight=sight_of(machine.key), chunk=4))

    hours = [row.event_time for row in found]
    assert (len(found), hours) == (30, sorted(hours, reverse=True))
    assert max(sizes) <= 4


# ---------------------------------------------------------------- what a page token tells
def test_a_page_token_tells_nobody_where_it_leads(machine):
    capture(*(event(hour, epcList=[item(hour)]) for hour in range(1, 4)), key=machine.key)
    token = token_in(machine.get("events", perPage="1"))
    sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))

    for telling in (b"2026-03-01", b'"p"', b"events"):
        assert telling not in sealed
    assert token != token_in(machine.get("events", perPage="1"))
    answers._seal.cache_clear()  # as after a new start of the server
    assert machine.get("events", perPage="1", nextPageToken=token).status_code == 200
    changed = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for forged in (changed, token[:40], "ộ", ""):
        status = machine.get("events", perPage="1", nextPageToken=forged).status_code
        assert status == (200 if not forged else 400)


# ---------------------------------------------------------------- what is left out
def test_what_others_packed_takes_no_room_from_what_is_seen(machine):
    other = make_key(party=PartyFactory())[0]
    for number in range(1, 6):
        capture(packing(number, "ADD", case(number), item(1)), key=other)
    capture(packing(9, "ADD", case(9), item(1)), key=machine.key)
    idents = tracing.idents_of([canonical(item(1)), canonical(case(9))])

    stays = tracing._stays("child", [idents[canonical(item(1))]], 1, sight_of(machine.key))

    assert [stay.parent for stay in stays] == [idents[canonical(case(9))]]


def test_quantities_that_are_too_many_to_reckon_are_told_as_cut():
    capture(
        event(
            1,
            action="ADD",
            epcList=[],
            bizStep="commissioning",
            quantityList=[{"epcClass": lot("A"), "quantity": 9, "uom": "KGM"}],
        ),
        making(2, {lot("A"): 4}, {lot("B"): 4}),
    )

    def reckoned(most):
        return trace(
            lot("A"),
            direction=Direction.DOWNSTREAM,
            mode=Mode.GDST,
            since=None,
            caps=Caps(events=most),
            quantities=True,
        )

    whole, cut = reckoned(100), reckoned(2)

    assert (whole.truncated, {one.amount is None for one in whole.quantities}) == (False, {False})
    assert (cut.truncated, {one.amount for one in cut.quantities}) == (True, {None})


# ---------------------------------------------------------------- kept questions, lots
def test_a_kept_question_is_told_with_the_prefixes_it_was_kept_with(machine):
    key, text = make_key(Scope.QUERY)
    question = {"EQ_ex:colour": ["red"]}
    asking.keep_query(
        key=key, name="q", question=question, namespaces={"ex": "https://example.org/"}
    )
    machine.headers = {"authorization": f"Bearer {text}"}

    answer = machine.get("queries/q")

    assert answer["GS1-Extensions"] == "ex=https://example.org/"
    asking.keep_query(key=key, name="r", question={}, namespaces={})
    assert "GS1-Extensions" not in machine.get("queries/r")


@pytest.mark.parametrize(
    "link",
    [
        "https://id.gs1.org/01/08934567000017/10/L%2F1/21/7",
        "https://example.vn/gtin/8934567000017/lot/L%2F1/ser/7",
        "https://id.gs1.org/01/08934567000017/lot/L%2F1/21/7?17=271231",
    ],
)
def test_a_lot_beside_a_serial_number_is_read_however_the_link_is_written(link):
    assert lot_of(link) == "https://id.gs1.org/01/08934567000017/10/L%2F1"
    assert lot_of(quote(link, safe="")) is None


def test_nothing_is_sent_twice_or_left_out_to_whoever_subscribed(machine, monkeypatch):
    monkeypatch.setattr(events, "MOST_LETTERS", 300)
    named = asking.keep_query(key=machine.key, name="q", question={}, namespaces={})
    capture(*(event(hour, epcList=[item(hour)]) for hour in range(1, 8)), key=machine.key)
    feed.number()
    subscription = Subscription(query=named, initial_record_time=None)

    found = matching(subscription.query, None, feed.following(Spot(0, 0), count=100))

    assert len({row.event_id for _spot, row in found}) == 7


def test_what_a_key_sees_is_asked_once_for_the_events_of_a_place(machine, monkeypatch):
    place = machine.places[0].uri
    capture(event(1, bizLocation={"id": place}), key=machine.key)
    asked = []

    def noting(key):
        asked.append(key)
        return sight_of(key)

    monkeypatch.setattr(views, "sight_of", noting)

    answer = machine.get(f"bizLocations/{quote(place, safe='')}/events")

    assert (answer.status_code, len(asked)) == (200, 1)
