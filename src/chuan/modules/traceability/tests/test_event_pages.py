"""One event on a page: who reads it, what it says, what was said of it since."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.reading_json import read_json
from chuan.modules.traceability.engine.reading_xml import read_xml
from chuan.modules.traceability.store import reading
from chuan.modules.traceability.testing import (
    ChainFindingFactory,
    PartyFactory,
    PlaceFactory,
    at,
    capture,
    case,
    event,
    item,
    lot,
    make_key,
)

pytestmark = pytest.mark.django_db
ID = "urn:uuid:00000000-0000-4000-8000-000000000001"
RIGHT = "urn:uuid:00000000-0000-4000-8000-000000000002"


@pytest.fixture
def inspector(client):
    person = PersonFactory(role=Role.DEPARTMENT_COORDINATOR)
    client.force_login(person)
    return client


def told(hour=1, key=None, **more):
    capture(event(hour, **{"eventID": ID, "bizStep": "receiving", **more}), key=key)
    return reading.numbers_of([more.get("eventID", ID)])[more.get("eventID", ID)]


def page_of(client, number):
    return client.get(reverse("chains:event", args=[number]))


def test_an_event_says_what_when_where_why_and_how(inspector):
    place = PlaceFactory(name="Kho Quy Nhơn")
    buyer = PartyFactory(name="Siêu thị Thử")
    number = told(
        epcList=[item(1)],
        readPoint={"id": place.uri},
        disposition="in_progress",
        destinationList=[{"type": "owning_party", "destination": buyer.uri}],
        bizTransactionList=[{"type": "inv", "bizTransaction": "urn:epc:id:gdti:8934567.00001.7"}],
        sensorElementList=[
            {
                "sensorMetadata": {"time": at(1)},
                "sensorReport": [{"type": "Temperature", "value": -18.5, "uom": "CEL"}],
            }
        ],
    )

    text = page_of(inspector, number).text

    for words in ("Nhận hàng", "Kho Quy Nhơn", "Siêu thị Thử", "in_progress", "-18,5 °C", ID):
        assert words in text
    assert reverse("chains:chain", query={"ma": canonical(item(1))}).replace("&", "&amp;") in text


def test_an_event_leads_to_what_declared_it_wrong_and_to_what_is_right(inspector):
    number = told()
    told(2, eventID=RIGHT)
    capture(
        event(
            1,
            eventID=ID,
            bizStep="receiving",
            errorDeclaration={
                "declarationTime": at(3),
                "reason": "did_not_occur",
                "correctiveEventIDs": [RIGHT],
            },
        )
    )
    declaration = max(row.event_id for row in reading.with_id(ID))
    right = reading.numbers_of([RIGHT])[RIGHT]

    wrong_page, declaration_page = page_of(inspector, number), page_of(inspector, declaration)

    assert "đã được báo là sai" in wrong_page.text
    for target in (declaration, right):
        assert reverse("chains:event", args=[target]) in wrong_page.text
    assert "Đây là bản báo sai" in declaration_page.text
    for target in (number, right):
        assert reverse("chains:event", args=[target]) in declaration_page.text


@pytest.mark.django_db(transaction=True)
def test_the_document_an_event_came_in_is_told(inspector):
    job = capture(event(1, eventID=ID), event(2, eventID=RIGHT))
    number = reading.numbers_of([ID])[ID]

    page = page_of(inspector, number)

    assert page.context["record"].job == job
    assert str(job.capture_id) in page.text
    assert page.context["record"].key.name in page.text


@pytest.mark.parametrize("syntax", ["json", "xml"])
def test_an_event_is_taken_away_as_a_document_that_reads_the_same(inspector, syntax):
    number = told(epcList=[item(1)])

    answer = inspector.get(reverse("chains:event-file", args=[number, syntax]))

    document = (read_json if syntax == "json" else read_xml)(answer.content)
    assert [one["eventID"] for one in document.events] == [ID]
    assert answer["Content-Disposition"].endswith(f".{syntax}")


def test_what_xml_cannot_hold_is_told_and_json_offered(inspector):
    number = told(**{"https://example.org/x": "a\x01b"})

    assert inspector.get(reverse("chains:event-file", args=[number, "json"])).status_code == 200
    assert inspector.get(reverse("chains:event-file", args=[number, "xml"])).status_code == 406
    assert inspector.get(reverse("chains:event-file", args=[number, "exe"])).status_code == 404


# ---------------------------------------------------------------- who reads it
class Business:
    def __init__(self):
        self.body = OrganisationFactory()
        self.party = PartyFactory(organisation=self.body)
        self.place = PlaceFactory(party=self.party)
        self.key = make_key(party=self.party)[0]
        self.member = PersonFactory(organisation=self.body)


def test_members_of_a_business_read_what_it_sees_and_nothing_else(client):
    ours, theirs = Business(), Business()
    own = told(key=ours.key, readPoint={"id": ours.place.uri}, epcList=[case(1)])
    foreign = told(
        2, key=theirs.key, eventID=RIGHT, readPoint={"id": theirs.place.uri}, epcList=[case(2)]
    )
    client.force_login(ours.member)

    assert page_of(client, own).status_code == 200
    assert page_of(client, foreign).status_code == 404
    assert client.get(reverse("chains:event-file", args=[foreign, "json"])).status_code == 404
    listed = client.get(reverse("chains:events", query={"so": f"{own},{foreign}"}))
    assert [line.number for line in listed.context["lines"]] == [own]
    assert page_of(client, own).context["record"].key == ours.key


def test_one_step_back_is_read_without_who_told_it(client):
    farm, plant = Business(), Business()
    sent = told(
        key=farm.key, readPoint={"id": farm.place.uri}, bizStep="shipping", epcList=[case(1)]
    )
    told(2, key=plant.key, eventID=RIGHT, readPoint={"id": plant.place.uri}, epcList=[case(1)])
    client.force_login(plant.member)

    page = page_of(client, sent)

    assert page.status_code == 200
    assert (page.context["record"].key, page.context["record"].job) == (None, None)
    # Chains are for inspectors; whoever scans the case reads this.
    assert "/truy-xuat/00/" in page.context["things"][0].url


@pytest.mark.parametrize("role", [Role.UNIT_CLERK, Role.SYSTEM_ADMINISTRATOR])
def test_whoever_has_nothing_to_do_with_chains_reads_no_event(client, role):
    number = told()
    client.force_login(PersonFactory(role=role))

    assert page_of(client, number).status_code == 403
    assert client.get(reverse("chains:events", query={"so": number})).status_code == 403


@pytest.mark.parametrize("number", [0, 12345678, 2**64])
def test_a_number_of_no_event_is_not_there(inspector, number):
    assert inspector.get(f"/su-kien/{number}/").status_code == 404


# ---------------------------------------------------------------- from where it is reached
def test_a_chain_and_a_finding_lead_to_their_events(inspector):
    number = told(epcList=[item(1)])
    finding = ChainFindingFactory(uri=canonical(item(1)), event_ids=[number])
    address = reverse("chains:event", args=[number])

    assert address in inspector.get(reverse("chains:chain", query={"ma": item(1)})).text
    assert address in inspector.get(reverse("chains:finding", args=[finding.pk])).text


def test_the_events_of_a_thing_are_listed_the_newest_first(inspector):
    first = told(1, epcList=[item(1)])
    second = told(2, epcList=[item(1)], eventID=RIGHT)

    page = inspector.get(reverse("chains:events", query={"ma": item(1)}))

    assert [line.number for line in page.context["lines"]] == [second, first]
    assert inspector.get(reverse("chains:events", query={"ma": item(99)})).status_code == 200
    assert inspector.get(reverse("chains:events", query={"so": "x,,1e9"})).status_code == 200


@pytest.mark.parametrize("parameters", [{"ma": "a\0b"}, {"so": "9" * 18}, {"so": "1,\0"}])
def test_what_is_no_thing_and_no_number_lists_nothing(inspector, parameters):
    told()
    page = inspector.get(reverse("chains:events"), parameters)

    assert page.status_code == 200
    assert page.context["lines"] == []


def test_a_list_asks_as_much_for_many_events_as_for_one(inspector):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            inspector.get(reverse("chains:events", query={"ma": item(1)}))
        return len(asked)

    told(1, epcList=[item(1)])
    questions()
    once = questions()
    capture(*(event(hour, epcList=[item(1)], bizStep="storing") for hour in range(2, 8)))

    assert questions() == once


def test_the_text_is_what_was_told_without_loss(inspector):
    number = told(epcList=[item(1)], **{"https://example.org/mau": {"a": [1, "ô"]}})

    text = page_of(inspector, number).context["text"]

    assert json.loads(text)["https://example.org/mau"] == {"a": [1, "ô"]}


def test_words_of_the_standard_stand_beside_the_words_of_people(inspector):
    number = told(
        disposition="in_transit",
        persistentDisposition={"set": ["completeness_verified"], "unset": ["reserved"]},
        quantityList=[{"epcClass": lot("L1"), "quantity": 1250.5, "uom": "KGM"}],
        bizTransactionList=[{"type": "inv", "bizTransaction": "urn:epc:id:gdti:8934567.00001.7"}],
        sourceList=[{"type": "possessing_party", "source": "urn:epc:id:pgln:8934567.00001"}],
        sensorElementList=[
            {"sensorReport": [{"type": "Temperature", "value": -18.5, "uom": "CEL"}]},
            {"sensorReport": [{"type": "Speed", "exception": "ALARM_CONDITION"}]},
        ],
    )

    text = page_of(inspector, number).text

    for words, word in (
        ("Sự kiện về hàng", "ObjectEvent"),
        ("Nhận hàng", "receiving"),
        ("Ghi nhận", "OBSERVE"),
        ("Đang vận chuyển", "in_transit"),
        ("Đã kiểm tra là đủ", "completeness_verified"),
        ("Mã đã giữ để dùng sau", "reserved"),
        ("Hóa đơn", "inv"),
        ("Bên giữ hàng", "possessing_party"),
        ("Nhiệt độ", "Temperature"),
        ("Báo động", "ALARM_CONDITION"),
    ):
        assert words in text
        assert re.search(f"{words}.{{0,150}}{word}", text, re.DOTALL), word
    assert "-18,5 °C" in text
    assert "1.250,5 kg" in text
    assert "<dt>persistentDisposition" not in text


def test_why_an_event_was_wrong_is_said_in_words(inspector):
    told()
    capture(
        event(
            1,
            eventID=ID,
            bizStep="receiving",
            errorDeclaration={"declarationTime": at(3), "reason": "did_not_occur"},
        )
    )
    number = min(row.event_id for row in reading.with_id(ID))

    assert "Việc này không xảy ra" in page_of(inspector, number).text
