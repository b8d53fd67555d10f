"""Asking for a place with all that is inside it, and the ledger of single events."""

import pytest

from chuan.core.audit.models import Entry
from chuan.modules.traceability.operations.capture import capture_event
from chuan.modules.traceability.testing import (
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
