"""What does not fit in a chain, and what does."""

from datetime import timedelta

import pytest
from django.urls import reverse

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.enums import ErrorBehaviour
from chuan.modules.traceability.operations.capture import capture_document
from chuan.modules.traceability.queries.chains import chain_of
from chuan.modules.traceability.testing import (
    FIRST_DAY,
    ChainFindingFactory,
    capture,
    case,
    document,
    event,
    item,
    lot,
    make_key,
    making,
    packing,
    place,
)

pytestmark = pytest.mark.django_db

QUY_NHON, HA_NOI = place(1), place(2)
PLACES = {
    QUY_NHON: {"name": "Kho Quy Nhơn", "latitude": "13.78", "longitude": "109.22"},
    HA_NOI: {"name": "Kho Hà Nội", "latitude": "21.03", "longitude": "105.85"},
}
FROM = [{"type": "location", "source": QUY_NHON}]
TO = [{"type": "location", "destination": HA_NOI}]


def at_place(hour, step, spot=QUY_NHON, **more):
    return event(hour, bizStep=step, bizLocation={"id": spot}, **more)


def found(*events, days=1):
    capture(*events, BusinessLocation=PLACES)
    chain = chain_of(item(1), until=FIRST_DAY + timedelta(days=days))
    return [finding.rule for finding in chain.findings]


def test_a_chain_in_order_has_no_findings():
    assert not found(
        at_place(1, "commissioning"),
        at_place(2, "shipping", destinationList=TO),
        at_place(30, "receiving", HA_NOI, sourceList=FROM),
        days=60,
    )


def test_goods_that_were_shipped_and_never_received_are_told_after_a_while():
    shipped = at_place(2, "shipping", destinationList=TO)
    assert found(shipped, days=10) == []
    assert found(shipped, days=20) == ["not_received"]


def test_goods_received_at_two_places_without_being_shipped_between():
    assert found(
        at_place(1, "receiving", sourceList=FROM),
        at_place(50, "receiving", HA_NOI, sourceList=FROM),
    ) == ["received_twice"]


def test_use_before_commissioning_and_after_destruction():
    assert found(
        at_place(1, "storing"),
        at_place(2, "commissioning"),
        at_place(3, "destroying"),
        at_place(4, "storing"),
    ) == ["too_late", "too_early"]


def test_travel_faster_than_anything_flies_where_both_places_are_known():
    assert found(at_place(1, "storing"), at_place(1.5, "storing", HA_NOI)) == ["too_fast"]


def test_travel_from_a_place_without_coordinates_is_not_judged():
    assert not found(at_place(1, "storing", place(9)), at_place(1.1, "storing", HA_NOI))


def test_a_lot_of_which_more_is_used_than_was_made():
    raw = {"bizLocation": {"id": QUY_NHON}}
    kilos = [{"epcClass": lot("R1"), "quantity": 10, "uom": "KGM"}]
    assert found(
        event(1, epcList=[], quantityList=kilos, bizStep="commissioning", action="ADD", **raw),
        making(2, {lot("R1"): 12}, [item(1)], **raw),
    ) == ["more_used"]


def test_events_that_do_not_say_where_or_to_whom():
    assert found(event(1), at_place(2, "shipping")) == ["missing_element", "missing_element"]


def test_what_is_missing_is_said_in_short_and_its_source_once(client):
    capture(at_place(2, "shipping"))
    chain = chain_of(item(1), until=FIRST_DAY + timedelta(days=1))
    finding = ChainFindingFactory(rule="missing_element")
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))

    page = client.get(reverse("chains:finding", args=[finding.pk])).text

    assert [one.text for one in chain.findings] == ["Sự kiện thiếu nơi nhận (một bước sau)."]
    assert page.count("Thông tư 02/2024/TT-BKHCN") == 1
    assert "chưa đối chiếu nguyên văn" in page


def test_an_inspector_reads_the_chain_its_stops_and_what_does_not_fit(client):
    capture(
        at_place(1, "commissioning"),
        at_place(1.5, "storing", HA_NOI),
        BusinessLocation=PLACES,
    )
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    url = reverse("chains:chain", query={"ma": canonical(item(1))})
    text = client.get(url).content.decode()

    assert "Kho Quy Nhơn" in text
    assert "Di chuyển nhanh không thể có" in text
    assert (
        "Không tìm thấy"
        in client.get(reverse("chains:chain", query={"ma": canonical(item(9))})).content.decode()
    )
    assert "Không tìm thấy" in client.get(reverse("chains:chain", query={"ma": "123"})).text
    assert client.get(reverse("chains:chain")).status_code == 200
    client.force_login(PersonFactory(role=Role.UNIT_CLERK))
    assert client.get(url).status_code == 403


def _where_it_is(*events):
    capture(*events)
    chain = chain_of(canonical(item(1)), until=FIRST_DAY + timedelta(days=9))
    (thing,) = (one for one in chain.things if one.uri == canonical(item(1)))
    return thing.place, thing.parent


IN, OUT = {"bizLocation": {"id": QUY_NHON}}, {"bizLocation": {"id": HA_NOI}}


@pytest.mark.parametrize(
    ("unpacked", "place", "inside"),
    [
        # Everything out, without saying what that is.
        (packing(4, "DELETE", case(1)) | OUT, HA_NOI, None),
        (packing(4, "DELETE", case(1)), QUY_NHON, None),
        (packing(4, "DELETE", case(1), item(1)) | OUT, HA_NOI, None),
        # What is told of another case takes nothing out of this one.
        (packing(4, "DELETE", case(2)) | OUT, QUY_NHON, case(1)),
        (packing(4, "DELETE", case(2), item(1)) | IN, QUY_NHON, case(1)),
    ],
)
def test_what_was_taken_out_of_a_case_is_no_longer_drawn_in_it(unpacked, place, inside):
    assert _where_it_is(
        at_place(1, "commissioning", action="ADD"),
        packing(2, "ADD", case(1), item(1)) | IN,
        at_place(3, "storing", epcList=[case(1)]),
        unpacked,
    ) == (canonical(place), canonical(inside) if inside else "")


def test_an_event_that_only_speaks_of_declarations_of_error_stays_in_its_chain():
    told = at_place(1, "storing", **{"ex:note": "errorDeclaration"})
    capture_document(
        key=make_key()[0],
        document=document(told, ex="https://example.org/"),
        behaviour=ErrorBehaviour.ROLLBACK,
    )
    assert chain_of(item(1), until=FIRST_DAY + timedelta(days=1)).events


def test_the_same_of_many_things_is_one_line(client):
    many = [item(number) for number in range(1, 8)]
    capture(
        at_place(1, "storing", epcList=many),
        at_place(1.5, "storing", HA_NOI, epcList=many),
        making(0.5, {lot("R1"): 1}, many, bizLocation={"id": QUY_NHON}),
        BusinessLocation=PLACES,
    )
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    page = client.get(reverse("chains:chain", query={"ma": canonical(lot("R1"))}))

    [(_title, _finding, things, address)] = page.context["findings"]
    assert things == "7 mã"
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.DEPARTMENT_LEADER, True), (Role.PROVINCIAL_LEADER, False)]
)
def test_a_recall_is_offered_to_whoever_may_open_one(client, role, offered):
    capture(event(1))
    client.force_login(PersonFactory(role=role))

    page = client.get(reverse("chains:chain", query={"ma": canonical(item(1))}))

    assert page.context["chain"] is not None
    assert (reverse("chains:open_recall") in page.content.decode()) is offered
