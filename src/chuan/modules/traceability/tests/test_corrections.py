"""What was told wrongly is taken back and told anew."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.modules.traceability.models import Lot, Shipment
from chuan.modules.traceability.operations import archive
from chuan.modules.traceability.operations.corrections import take_back
from chuan.modules.traceability.operations.production import tell_receiving
from chuan.modules.traceability.queries.registry import left_of
from chuan.modules.traceability.store import tracing
from chuan.modules.traceability.store.archive import TABLES
from chuan.modules.traceability.testing import recalled_at
from chuan.modules.traceability.tests.test_production import Farm, events

pytestmark = pytest.mark.django_db


def standing(uri):
    """How many events about a thing nobody declared wrong."""
    chain = tracing.StoredChain()
    return len(chain.appearances(tracing.idents_of([uri]).values(), roles=(), most=9, fanout=9))


def taken_back(farm, lot, reason="Gõ thừa một số không."):
    take_back(actor=farm.member, told=lot, reason=reason, at=timezone.now())


def shipment_taken_back(farm, shipment):
    take_back(actor=farm.member, told=shipment, reason="Nhầm.", at=timezone.now())


def test_a_lot_that_was_typed_wrong_is_declared_wrong_and_told_anew_under_its_number():
    farm = Farm()
    lot = farm.harvest()
    uri = lot.uri

    taken_back(farm, lot)

    assert (standing(uri), Lot.objects.count()) == (0, 0)
    declaration = next(one for one in events() if "errorDeclaration" in one)
    assert declaration["errorDeclaration"]["reason"] == "incorrect_data"
    entry = Entry.objects.get(action="traceability.lot_taken_back")
    assert entry.details["reason"] == "Gõ thừa một số không."
    assert farm.harvest(at=lot.made_at + timedelta(hours=1)).number == lot.number
    assert standing(uri) == 1


def test_what_others_build_on_stays():
    farm = Farm()
    lot = farm.harvest()
    dried = farm.pack(lot)
    farm.ship(dried)

    with pytest.raises(ValidationError, match="việc khác ghi theo sau"):
        taken_back(farm, lot)
    with pytest.raises(ValidationError, match="đã xuất hàng"):
        taken_back(farm, dried)
    assert Lot.objects.count() == 2


def test_a_shipment_that_was_typed_wrong_leaves_its_goods_where_they_were():
    farm = Farm()
    lot = farm.harvest()
    farm.ship(lot, quantity=100)
    shipment = Shipment.objects.get()
    uri = shipment.uri

    shipment_taken_back(farm, shipment)

    assert (standing(uri), left_of(lot)) == (0, Decimal(120))
    taken_back(farm, lot)


def test_a_shipment_that_came_is_not_taken_back():
    farm, buyer = Farm(), Farm()
    farm.ship(farm.harvest(), receiver=buyer.party)
    shipment = Shipment.objects.get()
    tell_receiving(actor=buyer.member, shipment=shipment, place=buyer.shed, at=timezone.now())

    with pytest.raises(ValidationError, match="đã ghi nhận"):
        shipment_taken_back(farm, shipment)


def test_a_reason_is_asked_for():
    farm = Farm()

    with pytest.raises(ValidationError, match="một câu"):
        taken_back(farm, farm.harvest(), reason=" ")


def test_the_lot_s_page_leads_to_taking_it_back(client):
    farm = Farm()
    lot, sent = farm.harvest(), farm.harvest(number="V2")
    farm.ship(sent)
    client.force_login(farm.member)
    address = reverse("traceability:take-back-lot", args=[lot.pk])

    assert address in client.get(reverse("traceability:lot", args=[lot.pk])).text
    assert client.post(address, {"reason": ""}).status_code == 422
    answer = client.post(address, {"reason": "Nhầm vườn."}, follow=True)
    assert "Đã bỏ lô ghi nhầm." in answer.text
    shipment = Shipment.objects.get()
    of_shipment = reverse("traceability:take-back-shipment", args=[shipment.pk])
    assert of_shipment in client.get(reverse("traceability:lot", args=[sent.pk])).text
    client.post(of_shipment, {"reason": "Nhầm nơi nhận."})
    assert not Shipment.objects.exists()
    client.force_login(Farm().member)
    assert client.get(of_shipment).status_code == 404


def test_what_is_recalled_is_not_made_unsaid():
    farm = Farm()
    lot, shipped = farm.harvest(), farm.harvest(number="V2")
    farm.ship(shipped)
    recalled_at(timezone.now(), lot.uri)
    recalled_at(timezone.now(), shipped.uri)

    with pytest.raises(ValidationError, match="đang bị thu hồi"):
        taken_back(farm, lot)
    with pytest.raises(ValidationError, match="đang bị thu hồi"):
        shipment_taken_back(farm, Shipment.objects.get())
    assert standing(lot.uri) == 1


def test_what_was_taken_back_and_is_told_just_so_again_stands():
    farm = Farm()
    lot = farm.harvest()
    at, uri = lot.made_at, lot.uri
    taken_back(farm, lot)

    farm.harvest(at=at)

    assert standing(uri) == 1


def test_what_is_in_an_archive_is_not_taken_back_before_it_is_here_again(tmp_path):
    farm = Farm()
    lot = farm.harvest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-03-31')")
        for table in (*TABLES, "traceability_event_key"):
            cursor.execute(f"UPDATE {table} SET record_time = '2025-02-10'")  # noqa: S608
    now = datetime(2026, 11, 23, tzinfo=UTC)
    archive.archive_before(end=now.date().replace(day=1), folder=tmp_path, by="a test", at=now)

    with pytest.raises(ValidationError, match="kho lưu trữ"):
        taken_back(farm, lot)

    assert Lot.objects.get() == lot


def test_whoever_comes_second_is_told_so():
    farm, buyer = Farm(), Farm()
    lot, shipped = farm.harvest(), farm.harvest(number="V2")
    farm.ship(shipped, receiver=buyer.party)
    shipment = Shipment.objects.get()
    taken_back(farm, Lot.objects.get(pk=lot.pk))
    shipment_taken_back(farm, Shipment.objects.get())

    for act in (lambda: taken_back(farm, lot), lambda: shipment_taken_back(farm, shipment)):
        with pytest.raises(ValidationError, match="vừa được bỏ"):
            act()
    for act in (lambda: farm.pack(lot), lambda: farm.ship(lot)):
        with pytest.raises(ValidationError, match="vừa bị bỏ"):
            act()
    with pytest.raises(ValidationError, match="Bên giao vừa bỏ"):
        tell_receiving(actor=buyer.member, shipment=shipment, place=buyer.shed, at=timezone.now())
