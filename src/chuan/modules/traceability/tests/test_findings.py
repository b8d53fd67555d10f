"""What does not fit, found at night, for inspectors to go through."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.models import ChainFinding
from chuan.modules.traceability.operations import archive
from chuan.modules.traceability.operations.findings import check_chains, close_finding
from chuan.modules.traceability.queries import findings
from chuan.modules.traceability.testing import (
    FIRST_DAY,
    ChainFindingFactory,
    ProductFactory,
    capture,
    event,
    item,
    lot,
    lot_of,
    making,
    place,
)
from chuan.modules.traceability.tests.test_archive import NEXT, recorded

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2025, 2, 10, tzinfo=UTC)

State = ChainFinding.State
SHOP, DEPOT = place(1), place(2)
RECEIVED = {
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:8934567.00001"}],
    "destinationList": [{"type": "owning_party", "destination": "urn:epc:id:pgln:8934567.00002"}],
}


def received_twice(number):
    capture(
        *(
            event(
                hour,
                epcList=[item(number)],
                bizStep="receiving",
                bizLocation={"id": where},
                readPoint={"id": where},
                **RECEIVED,
            )
            for hour, where in ((1, SHOP), (2, DEPOT))
        ),
        BusinessLocation={DEPOT: {"name": "Kho Quy Nhơn"}},
    )


def night(later=timedelta()):
    return check_chains(until=timezone.now() + later)


def of_rule(rule):
    return ChainFinding.objects.filter(rule=rule)


@pytest.fixture
def inspector():
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR)


def test_at_night_what_does_not_fit_becomes_a_row_with_its_evidence():
    received_twice(1)

    check = night()

    found = of_rule("received_twice").get()
    assert check.found_count == ChainFinding.objects.count()
    assert found.uri == canonical(item(1))
    assert len(found.event_ids) == 2
    assert found.place_name == "Kho Quy Nhơn"
    assert found.state == State.OPEN


def test_the_same_is_one_row_however_often_it_is_found():
    received_twice(1)
    night()
    capture(event(3, epcList=[item(1)], bizStep="storing", bizLocation={"id": DEPOT}))

    night()

    assert of_rule("received_twice").count() == 1


def test_what_nothing_was_told_of_is_not_looked_at_again():
    received_twice(1)

    assert night(timedelta(hours=2)).thing_count > 0
    assert night(timedelta(hours=4)).thing_count == 0


def test_a_shipment_that_nobody_received_is_found_when_it_is_late():
    capture(event(1, epcList=[item(1)], bizStep="shipping", bizLocation={"id": SHOP}, **RECEIVED))
    check_chains(until=FIRST_DAY + timedelta(days=2))
    assert not of_rule("not_received").exists()

    check_chains(until=FIRST_DAY + timedelta(days=16))

    assert of_rule("not_received").get().state == State.OPEN


def test_what_events_say_otherwise_now_is_gone():
    capture(event(1, epcList=[item(1)], bizStep="shipping", bizLocation={"id": SHOP}, **RECEIVED))
    night()
    assert of_rule("not_received").get().state == State.OPEN
    capture(event(5, epcList=[item(1)], bizStep="receiving", bizLocation={"id": DEPOT}, **RECEIVED))

    night()

    assert of_rule("not_received").get().state == State.GONE


def test_what_rests_on_archived_events_is_not_gone_with_them(inspector, client, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-03-31')")
    shipped = event(1, epcList=[item(1)], bizStep="shipping", bizLocation={"id": SHOP}, **RECEIVED)
    recorded(LONG_AGO, shipped)
    # An older one, told later.
    capture(event(0, epcList=[item(1)], bizStep="packing", bizLocation={"id": SHOP}))
    night()
    archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=timezone.now())
    night(timedelta(hours=2))
    assert of_rule("not_received").get().state == State.OPEN

    client.force_login(inspector)
    page = client.get(reverse("chains:chain"), {"ma": item(1)}).text
    assert "Sự kiện ghi trước ngày 01/03/2025 đã lưu kho" in page
    found = of_rule("not_received").get()
    assert "ở tháng đã lưu kho" in client.get(reverse("chains:finding", args=[found.pk])).text


def test_nobody_is_judged_by_half_of_what_was_told_because_others_have_many_events(monkeypatch):
    monkeypatch.setattr(findings, "_MOST_EVENTS", 5)
    much = [event(hour, epcList=[item(9)], bizStep="storing") for hour in range(2, 12)]
    capture(
        event(1, epcList=[item(1)], bizStep="shipping", bizLocation={"id": SHOP}, **RECEIVED), *much
    )
    capture(
        event(20, epcList=[item(1)], bizStep="receiving", bizLocation={"id": DEPOT}, **RECEIVED),
        event(21, epcList=[item(2)], bizStep="shipping", bizLocation={"id": SHOP}, **RECEIVED),
    )
    night()

    assert [found.uri for found in of_rule("not_received")] == [canonical(item(2))]


def test_what_was_closed_stays_closed(inspector):
    received_twice(1)
    night()
    close_finding(
        actor=inspector,
        finding=of_rule("received_twice").get(),
        reason="Hai lần quét một kho.",
        at=timezone.now(),
    )
    capture(event(3, epcList=[item(1)], bizStep="storing", bizLocation={"id": DEPOT}))

    night()

    assert of_rule("received_twice").get().state == State.CLOSED


@pytest.mark.parametrize("role", Role)
def test_inspectors_close_what_does_not_fit_once(role):
    received_twice(1)
    night()
    actor, finding = PersonFactory(role=role), of_rule("received_twice").get()

    def close():
        return close_finding(actor=actor, finding=finding, reason="Đã hỏi.", at=timezone.now())

    if role in (Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER):
        assert close().closed_by == actor
    with pytest.raises(Denied):
        close()


def test_things_of_the_same_event_are_not_judged_by_half_of_what_was_told_of_them():
    """A lot and what was made of it are looked at in different batches."""
    capture(
        making(2, {lot("R1"): 1}, [item(1)], bizLocation={"id": SHOP}),
        event(1, epcList=[item(1)], bizStep="storing", bizLocation={"id": SHOP}),
    )

    night()

    assert {one.uri for one in of_rule("too_early")} <= {canonical(item(1))}


def test_an_inspector_finds_filters_and_closes(client, inspector):
    received_twice(1)
    night()
    client.force_login(inspector)
    address = reverse("chains:findings")

    page = client.get(address, {"quy_tac": "received_twice"})
    (row,) = page.context["table"].page
    detail = reverse("chains:finding", args=[row.pk])

    assert "Nhận hai lần" in page.text
    assert client.get(address, {"quy_tac": "too_fast"}).context["table"].count == 0
    assert "Kho Quy Nhơn" in client.get(detail).text
    assert client.post(detail, {"reason": ""}).status_code == 422
    assert client.post(detail, {"reason": "Quét nhầm."}).status_code == 302
    assert "Quét nhầm." in client.get(detail).text
    assert client.post(detail, {"reason": "Lần nữa."}).status_code == 403
    client.force_login(PersonFactory(role=Role.UNIT_CLERK))
    assert client.get(address).status_code == client.get(detail).status_code == 403


def test_a_finding_names_its_product(client, inspector):
    product = ProductFactory(name="Xoài sấy dẻo")
    finding = ChainFindingFactory(uri=lot_of(product, "S-1"))
    ChainFindingFactory(uri="urn:example:boat")
    client.force_login(inspector)

    assert "Xoài sấy dẻo" in client.get(reverse("chains:findings")).text
    assert "Xoài sấy dẻo" in client.get(reverse("chains:finding", args=[finding.pk])).text


def test_a_list_of_one_asks_as_much_as_a_list_of_many(client, inspector):
    client.force_login(inspector)
    counts = []
    for numbers in ((1,), (2, 3, 4)):
        for number in numbers:
            received_twice(number)
        night()
        client.get(reverse("chains:findings"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("chains:findings"))
        counts.append(len(asked))

    assert counts[0] == counts[1]
