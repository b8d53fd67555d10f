import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from chuan.core.jobs.testing import perform_jobs
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.models import Lot, Place
from chuan.modules.traceability.operations.production import (
    NewLot,
    Shipped,
    tell_harvest,
    tell_packing,
    tell_shipping,
)
from chuan.modules.traceability.testing import (
    LotFactory,
    PartyFactory,
    PlaceFactory,
    ProblemReportFactory,
    ProductFactory,
    recalled_at,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


class Farm:
    """A small producer: somebody with a telephone, a field, a shed, two products."""

    def __init__(self, **facts):
        self.party = PartyFactory(organisation=OrganisationFactory(), **facts)
        self.member = PersonFactory(organisation=self.party.organisation)
        self.field = PlaceFactory(party=self.party, kind=Place.Kind.FARM, name="Vườn nhà")
        self.shed = PlaceFactory(party=self.party, kind=Place.Kind.PLANT, name="Xưởng sấy")
        self.raw = ProductFactory(party=self.party, name="Xoài tươi")
        self.dried = ProductFactory(party=self.party, name="Xoài sấy dẻo")

    def harvest(self, number="V1", at=NOW - timedelta(days=2)):
        new = NewLot(self.raw, number, Decimal(120), "KGM")
        return tell_harvest(actor=self.member, new=new, place=self.field, at=at)

    def pack(self, *inputs, number="S1", at=NOW - timedelta(days=1), **more):
        new = NewLot(self.dried, number, Decimal(200), **more)
        return tell_packing(actor=self.member, new=new, inputs=inputs, place=self.shed, at=at)

    def ship(self, lot, quantity=50, receiver=None, at=NOW):
        return tell_shipping(
            actor=self.member,
            goods=[Shipped(lot, Decimal(quantity))],
            receiver=receiver or PartyFactory(),
            place=self.shed,
            at=at,
        )


def events():
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM traceability_event ORDER BY event_time, event_id")
        return [json.loads(body) for (body,) in cursor.fetchall()]


def test_harvest_packing_and_shipping_become_events_of_a_chain(client):
    farm = Farm(company_prefix="8934567")
    receiver = PartyFactory()
    expires_on = timezone.localdate() + timedelta(days=90)

    lot = farm.pack(farm.harvest(), expires_on=expires_on)
    shipment = farm.ship(lot, receiver=receiver)

    picked, made, packed, left = events()
    assert picked["quantityList"] == [
        {"epcClass": f"{farm.raw.uri}/10/V1", "quantity": 120, "uom": "KGM"}
    ]
    assert made["inputQuantityList"] == [{"epcClass": f"{farm.raw.uri}/10/V1"}]
    assert made["outputQuantityList"] == [{"epcClass": f"{farm.dried.uri}/10/S1", "quantity": 200}]
    assert made["ilmd"]["cbvmda:itemExpirationDate"] == expires_on.isoformat()
    assert packed["parentID"] == shipment == left["epcList"][0]
    assert shipment == "https://id.gs1.org/00/089345670000000017"
    assert left["destinationList"][0]["destination"] == receiver.uri
    page = client.get(reverse("scan:show", args=[f"01/{farm.dried.gtin}/10/S1"])).text
    assert page.index("Xuất hàng") < page.index("Chế biến") < page.index("Thu hoạch")
    assert "Vườn nhà" in page


def test_shipments_are_numbered_one_after_the_other():
    farm = Farm(company_prefix="8934567")
    lot = farm.harvest()

    first, second = farm.ship(lot), farm.ship(lot)

    assert (first[-18:-1], second[-18:-1]) == ("08934567000000001", "08934567000000002")


def test_who_has_no_prefix_ships_under_a_name_of_its_own():
    farm = Farm()

    assert farm.ship(farm.harvest()).startswith("urn:uuid:")


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda farm: farm.harvest(number="lô số 1"), "number"),
        (lambda farm: farm.harvest(number="V" * 21), "number"),
        (lambda farm: (farm.harvest(), farm.harvest()), "number"),
        (lambda farm: farm.harvest(at=NOW + timedelta(days=1)), "day"),
        (lambda farm: farm.pack(), "inputs"),
        (lambda farm: farm.pack(LotFactory()), "inputs"),
        (lambda farm: farm.pack(farm.harvest(at=NOW), at=NOW - timedelta(minutes=1)), "inputs"),
        (
            lambda farm: farm.pack(farm.harvest(), expires_on=NOW.date() - timedelta(9)),
            "expires_on",
        ),
        (lambda farm: farm.ship(LotFactory()), "lot"),
        (lambda farm: farm.ship(farm.harvest(), quantity=121), "quantity"),
        (lambda farm: farm.ship(farm.harvest(), quantity=0), "quantity"),
        (lambda farm: farm.ship(farm.harvest(), receiver=farm.party), "receiver"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_stored(act, field):
    farm = Farm()

    with pytest.raises(ValidationError) as refused:
        act(farm)

    assert list(refused.value.message_dict) == [field]


def test_what_is_told_of_one_minute_happened_in_the_order_in_which_it_was_told():
    farm = Farm()
    minute = (NOW - timedelta(hours=1)).replace(second=0, microsecond=0)

    farm.ship(farm.pack(farm.harvest(at=minute), at=minute), at=minute)

    assert [one["bizStep"].rpartition("-")[2] for one in events()] == [
        *("commissioning", "commissioning", "packing", "shipping")
    ]


def test_what_is_left_of_a_lot_is_all_that_can_be_shipped():
    farm = Farm()
    lot = farm.harvest()
    farm.ship(lot, quantity=100)

    with pytest.raises(ValidationError, match="làm ra 120, còn 20 chưa xuất"):
        farm.ship(lot, quantity=21)
    farm.ship(lot, quantity=20)


def test_what_is_being_recalled_is_neither_shipped_nor_made_into_something():
    farm = Farm()
    lot = farm.harvest()
    dried = farm.pack(lot)
    recalled_at(NOW - timedelta(hours=3), lot.uri)

    for act in (lambda: farm.ship(lot), lambda: farm.ship(dried), lambda: farm.pack(lot, at=NOW)):
        with pytest.raises(ValidationError, match="đang bị thu hồi theo 12/QĐ"):
            act()
    farm.ship(lot, at=NOW - timedelta(hours=4))


def test_the_first_of_two_recalls_holds_goods_back_as_well():
    farm = Farm()
    lot = farm.harvest()
    recalled_at(NOW - timedelta(hours=5), lot.uri)
    recalled_at(NOW - timedelta(hours=1), lot.uri)

    with pytest.raises(ValidationError, match="đang bị thu hồi theo 12/QĐ"):
        farm.ship(lot, at=NOW - timedelta(hours=3))


def test_what_was_made_of_recalled_goods_and_is_told_afterwards_is_recalled_too():
    farm = Farm()
    lot = farm.harvest()
    recalled_at(NOW - timedelta(hours=3), lot.uri)
    dried = farm.pack(lot, at=NOW - timedelta(hours=5))

    perform_jobs()

    with pytest.raises(ValidationError, match="đang bị thu hồi theo 12/QĐ"):
        farm.ship(dried)


def test_a_recalled_lot_is_marked_wherever_its_producer_and_inspectors_see_it(client):
    farm = Farm()
    lot, other = farm.harvest(), farm.harvest(number="V2")
    recall = recalled_at(NOW - timedelta(hours=3), lot.uri)
    client.force_login(farm.member)

    page = client.get(reverse("traceability:lot", args=[lot.pk])).text
    assert "Lô này đang bị thu hồi theo 12/QĐ" in page
    assert recall.advice in page
    assert reverse("traceability:labels", args=[lot.pk]) not in page
    assert client.get(reverse("traceability:production")).text.count("Đang thu hồi") == 1
    assert "thu hồi" not in client.get(reverse("traceability:lot", args=[other.pk])).text
    client.force_login(recall.opened_by)
    chain = client.get(reverse("chains:chain"), {"ma": lot.uri}).text
    assert "Hàng này đang bị thu hồi theo 12/QĐ" in chain
    assert reverse("chains:recall", args=[recall.pk]) in chain
    assert reverse("chains:open_recall") not in chain


def test_a_lot_tells_what_left_of_it_and_leads_to_the_next_step(client):
    farm = Farm()
    lot = farm.harvest()
    farm.ship(lot, quantity=100, receiver=PartyFactory(name="Cửa hàng"))
    client.force_login(farm.member)

    page = client.get(reverse("traceability:lot", args=[lot.pk])).text

    assert "Cửa hàng" in page
    assert "Còn chưa xuất" in page
    form = client.get(reverse("traceability:tell-shipping"), {"lo": lot.pk}).context["form"]
    assert form["lot"].value() == lot.pk


def test_a_place_of_somebody_else_is_refused():
    farm = Farm()
    farm.field = PlaceFactory()

    with pytest.raises(ValidationError, match="không phải của đơn vị"):
        farm.harvest()
    assert not Lot.objects.exists()


# ---------------------------------------------------------------- pages
def local(moment):
    moment = timezone.localtime(moment)
    return {"day": f"{moment:%d/%m/%Y}", "hour": f"{moment:%H:%M}"}


def test_a_day_on_the_farm_is_told_on_a_telephone(client):
    farm = Farm()
    buyer = PartyFactory()
    client.force_login(farm.member)

    client.post(
        reverse("traceability:tell-harvest"),
        {"product": farm.raw.pk, "number": "V9", "quantity": "1.250,5", "uom": "KGM",
         "place": farm.field.pk, **local(NOW - timedelta(hours=5))},
    )  # fmt: skip
    picked = Lot.objects.get()
    assert picked.quantity == Decimal("1250.5")
    answer = client.post(
        reverse("traceability:tell-packing"),
        {"inputs": [picked.pk], "product": farm.dried.pk, "number": "S9", "quantity": "300",
         "uom": "EA", "place": farm.shed.pk, **local(NOW - timedelta(hours=2))},
        follow=True,
    )  # fmt: skip
    packed = Lot.objects.get(number="S9")
    assert packed.uom == ""
    assert reverse("traceability:labels", args=[packed.pk]) in answer.text
    answer = client.post(
        reverse("traceability:tell-shipping"),
        {"lot": packed.pk, "quantity": "20", "receiver": buyer.pk, "place": farm.shed.pk,
         **local(NOW - timedelta(hours=1))},
    )  # fmt: skip

    assert answer.status_code == 302
    assert len(events()) == 4


def test_a_refused_form_keeps_what_was_written(client):
    farm = Farm()
    client.force_login(farm.member)

    answer = client.post(
        reverse("traceability:tell-harvest"),
        {"product": farm.raw.pk, "number": "lô 1", "quantity": "5", "uom": "KGM",
         "place": farm.field.pk, **local(NOW)},
    )  # fmt: skip

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["number"]
    assert "lô 1" in answer.text


def test_only_producers_tell_and_lots_of_others_are_not_found(client):
    farm = Farm()
    client.force_login(PersonFactory())

    for name in ("production", "tell-harvest", "tell-packing", "tell-shipping"):
        assert client.get(reverse(f"traceability:{name}")).status_code == 403
    lot = LotFactory()
    client.force_login(farm.member)
    for name in ("lot", "labels", "code"):
        assert client.get(reverse(f"traceability:{name}", args=[lot.pk])).status_code == 404


def test_labels_come_as_picture_and_as_sheets(client, settings):
    settings.CHUAN_URL = "https://txng.example.vn"
    farm = Farm()
    lot = LotFactory(product=farm.dried, number="S1")
    client.force_login(farm.member)
    address = reverse("traceability:labels", args=[lot.pk])

    page = client.get(address)
    code = client.get(reverse("traceability:code", args=[lot.pk]))
    sheets = client.get(address, {"count": "25", "first": "100"})

    assert f"https://txng.example.vn/id/01/{farm.dried.gtin}/10/S1" in page.text
    assert code["Content-Type"] == "image/svg+xml"
    assert b"<title>" in code.content
    assert sheets.content.startswith(b"%PDF")
    assert client.get(address, {"count": "0"}).status_code == 422
    assert client.get(address, {"count": "961"}).status_code == 422


def test_whoever_ships_reads_how_much_of_each_lot_is_left_and_in_what(client):
    farm = Farm()
    lot = farm.harvest()
    farm.ship(lot, quantity=50)
    LotFactory(product=farm.dried, number="S7", quantity=1150, uom="")
    client.force_login(farm.member)

    page = client.get(reverse("traceability:tell-shipping")).text

    assert "Xoài tươi – V1, còn 70 kg" in page
    assert "Xoài sấy dẻo – S7, còn 1.150 cái" in page


def test_the_list_of_lots_costs_the_same_whatever_its_length(client, django_assert_max_num_queries):
    farm = Farm()
    recalled_at(NOW, LotFactory(product=farm.dried).uri)
    client.force_login(farm.member)
    address = reverse("traceability:production")
    client.get(address)
    with django_assert_max_num_queries(100) as few:
        client.get(address)
    LotFactory.create_batch(3, product=farm.dried)

    with django_assert_max_num_queries(len(few)):
        client.get(address)


# ---------------------------------------------------------------- problems
def test_the_department_reads_what_citizens_report_and_closes_it(client):
    product = ProductFactory()
    report = ProblemReportFactory(uri=f"{product.uri}/10/A", contact="0900000000")
    client.force_login(Farm().member)
    assert client.get(reverse("traceability:problems")).status_code == 403
    client.force_login(PersonFactory(role="department_coordinator"))

    assert report.text in client.get(reverse("traceability:problems")).text
    show = reverse("traceability:problem", args=[report.pk])
    assert "0900000000" in client.get(show).text
    assert client.post(show, {"outcome": ""}).status_code == 422
    answer = client.post(show, {"outcome": "Đã kiểm tra, in nhầm hạn dùng."}, follow=True)

    assert "in nhầm hạn dùng" in answer.text
    assert "0900000000" not in answer.text


def test_the_list_of_problems_costs_the_same_whatever_its_length(
    client, django_assert_max_num_queries
):
    client.force_login(PersonFactory(role="department_coordinator"))
    ProblemReportFactory()
    address = reverse("traceability:problems")
    client.get(address)
    with django_assert_max_num_queries(100) as few:
        client.get(address)
    ProblemReportFactory.create_batch(3)

    with django_assert_max_num_queries(len(few)):
        client.get(address)
