"""What becomes of who sees what while its months are in an archive."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.facts import facts_of
from chuan.modules.traceability.operations import archive
from chuan.modules.traceability.queries.telling import declared_of_others
from chuan.modules.traceability.store.rows import fetched
from chuan.modules.traceability.testing import (
    PartyFactory,
    PlaceFactory,
    capture,
    case,
    event,
    item,
    make_key,
)
from chuan.modules.traceability.tests.handed_on import events_seen, step
from chuan.modules.traceability.tests.test_archive import NEXT, NOW, OLD, recorded

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2025, 2, 10, tzinfo=UTC)
WRONG = {"errorDeclaration": {"declarationTime": "2026-03-05T00:00:00Z", "reason": "did_not_occur"}}


@pytest.fixture(autouse=True)
def months():
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-03-31')")


class Handover:
    """A farm ships at hour 2, a shop receives at hour 3, neither names the other."""

    def __init__(self):
        self.farm, self.shop = PartyFactory(), PartyFactory()
        self.keys = {party: make_key(party=party)[0] for party in (self.farm, self.shop)}
        self.shipped = step(2, "shipping", PlaceFactory(party=self.farm))
        self.received = step(3, "receiving", PlaceFactory(party=self.shop))


@pytest.fixture
def handover():
    return Handover()


def put_away(folder):
    archive.archive_before(end=NEXT, folder=folder, by="a test", at=NOW)


def bring_back(folder):
    archive.restore_month(month=OLD, folder=folder, by="a test")


def across():
    return fetched("SELECT event_id, who FROM traceability_sight WHERE ident IS NOT NULL", [])


def test_an_archived_receipt_that_is_declared_wrong_shows_the_shipping_no_more(handover, tmp_path):
    capture(handover.shipped, key=handover.keys[handover.farm])
    recorded(LONG_AGO, handover.received, key=handover.keys[handover.shop])
    put_away(tmp_path)
    assert events_seen(handover.shop) == {2}
    capture(
        {**handover.received, "epcList": [item(77)], **WRONG}, key=make_key(sees_everything=True)[0]
    )
    # The declaration alone.
    assert events_seen(handover.shop) == {3}
    bring_back(tmp_path)
    assert 2 not in events_seen(handover.shop)


def test_sight_that_was_withdrawn_does_not_come_back_with_its_month(handover, tmp_path):
    recorded(LONG_AGO, handover.shipped, key=handover.keys[handover.farm])
    capture(handover.received, key=handover.keys[handover.shop])
    assert events_seen(handover.shop) == {2, 3}
    put_away(tmp_path)
    capture({**handover.received, **WRONG}, key=handover.keys[handover.shop])
    bring_back(tmp_path)
    assert 2 not in events_seen(handover.shop)


def test_who_receives_what_was_shipped_in_an_archived_month_sees_it_once_it_is_back(
    handover, tmp_path
):
    recorded(LONG_AGO, handover.shipped, key=handover.keys[handover.farm])
    put_away(tmp_path)
    capture(handover.received, key=handover.keys[handover.shop])
    (archived,) = fetched(
        "SELECT event_id FROM traceability_handover WHERE record_time < '2025-03-01'", []
    )
    assert archived[0] not in {event_id for event_id, _who in across()}
    bring_back(tmp_path)
    assert events_seen(handover.shop) == {2, 3}
    assert len(across()) == len(set(across()))


def test_sight_of_an_archived_month_is_not_there_twice(handover, tmp_path):
    recorded(LONG_AGO, handover.shipped, key=handover.keys[handover.farm])
    capture(handover.received, key=handover.keys[handover.shop])
    before = sorted(across())
    put_away(tmp_path)
    # What is told of the thing has everything about it derived again.
    capture(step(9, "shipping", things=[case(1)]), key=handover.keys[handover.shop])
    bring_back(tmp_path)
    assert sorted(across()) == before


def test_who_tells_again_what_is_archived_sees_it_once_it_is_back(handover, tmp_path):
    weighed = event(2, eventID="urn:x:000000000002", bizStep="inspecting")
    recorded(LONG_AGO, weighed, key=handover.keys[handover.farm])
    put_away(tmp_path)
    for _time in range(2):
        capture(weighed, key=handover.keys[handover.shop])
    bring_back(tmp_path)
    assert events_seen(handover.shop) == events_seen(handover.farm) == {2}
    capture(weighed, key=handover.keys[handover.shop])
    told = fetched("SELECT event_id, who FROM traceability_sight WHERE ident IS NULL", [])
    assert len(told) == len(set(told))


def test_a_party_is_told_that_what_it_takes_back_may_be_archived(handover, tmp_path):
    key = handover.keys[handover.farm]
    recorded(LONG_AGO, handover.shipped, key=key)
    wrong = {**handover.shipped, **WRONG}
    facts = facts_of(Document([wrong]), wrong)
    assert declared_of_others(key, [facts], here=()) == {}
    put_away(tmp_path)
    (fault,) = declared_of_others(key, [facts], here=()).values()
    assert "those recorded before 2025-03-01 are archived" in str(fault)
    # A stranger hears the same: it is not told that there is such an event.
    (other,) = declared_of_others(handover.keys[handover.shop], [facts], here=()).values()
    assert str(other) == str(fault)
    # What was told under another key and is here, is not said to be archived.
    capture(event(5, eventID="urn:x:here"), key=key)
    here = {**event(5, eventID="urn:x:here"), **WRONG}
    (fault,) = declared_of_others(
        handover.keys[handover.shop], [facts_of(Document([here]), here)], here=()
    ).values()
    assert "archived" not in str(fault)
