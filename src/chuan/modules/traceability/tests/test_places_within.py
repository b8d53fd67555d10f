"""Asking for a place with all that is inside it, and the ledger of single events."""

import pytest

from chuan.core.audit.models import Entry
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.models import MasterRecord
from chuan.modules.traceability.operations.capture import capture_event
from chuan.modules.traceability.queries.master import within
from chuan.modules.traceability.testing import (
    PartyFactory,
    capture,
    event,
    item,
    make_key,
    one,
    place,
)

HOUSE, FLOOR, ROOM, ELSEWHERE = (place(number) for number in (1, 2, 3, 4))


@pytest.mark.django_db
def test_a_place_is_asked_for_with_what_is_inside_it_and_inside_that(client):
    capture(
        *(
            event(hour, epcList=[item(hour)], bizLocation={"id": spot}, readPoint={"id": spot})
            for hour, spot in enumerate((HOUSE, FLOOR, ROOM, ELSEWHERE), start=1)
        ),
        BusinessLocation={HOUSE: {"children": [FLOOR]}, FLOOR: {"children": [ROOM]}},
    )
    headers = {"authorization": f"Bearer {make_key()[1]}"}

    def found(**asked):
        answer = client.get("/epcis/v2/events", asked, headers=headers).json()
        return len(answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"])

    assert found(WD_bizLocation=HOUSE) == 3
    assert found(WD_readPoint=FLOOR) == 2
    assert found(WD_bizLocation=HOUSE, EQ_bizLocation=ROOM) == 1
    assert found(WD_bizLocation=HOUSE, EQ_bizLocation=ELSEWHERE) == 0


@pytest.mark.django_db(transaction=True)
def test_a_single_event_leaves_a_line_in_the_ledger():
    key = make_key()[0]
    uri = capture_event(key=key, document=one(event()))

    line = Entry.objects.get(action="traceability.events_captured")
    assert (line.actor_name, line.details["events"]) == (key.name, [uri])


@pytest.mark.django_db
def test_the_key_of_a_party_names_nobody_elses_places_and_puts_none_inside_its_own():
    party = PartyFactory(company_prefix="8934567")
    key, _text = make_key(party=party)
    foreign = "urn:epc:id:sgln:8800000.00001.0"
    told = {
        HOUSE: {"name": "Kho của mình", "children": [FLOOR, foreign]},
        foreign: {"name": "Kho bẩn"},
    }
    capture(event(1), key=key, BusinessLocation=told)

    row = MasterRecord.objects.get()
    assert (row.uri, row.children) == (canonical(HOUSE), [canonical(FLOOR)])
    capture(event(2), BusinessLocation={foreign: {"name": "Kho"}})
    assert MasterRecord.objects.filter(uri=canonical(foreign)).exists()


@pytest.mark.django_db
def test_no_place_is_told_to_hold_the_whole_country(monkeypatch):
    monkeypatch.setattr("chuan.modules.traceability.operations.master.MOST_CHILDREN", 2)
    capture(event(1), BusinessLocation={HOUSE: {"children": [FLOOR, ROOM, ELSEWHERE]}})
    assert len(MasterRecord.objects.get(uri=canonical(HOUSE)).children) == 2

    monkeypatch.setattr("chuan.modules.traceability.queries.master.MOST_WITHIN", 2)
    assert len(within([HOUSE])) == 2
