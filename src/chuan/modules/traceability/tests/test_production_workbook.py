"""Receiving what was sent, and telling much at once in a workbook."""

import io
import json
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.testing import PersonFactory
from chuan.core.workbooks.drawing import draw
from chuan.core.workbooks.testing import filled_in, sheet_of, where
from chuan.modules.traceability.engine.checks import checks
from chuan.modules.traceability.models import FaultyWorkbook, Lot, Shipment
from chuan.modules.traceability.operations.production import tell_receiving
from chuan.modules.traceability.operations.workbook import take_over_workbook
from chuan.modules.traceability.queries import workbook
from chuan.modules.traceability.queries.chains import chain_of
from chuan.modules.traceability.queries.workbook import (
    HARVEST,
    PACKING,
    RECEIVING,
    SHIPPING,
    workbook_of,
)
from chuan.modules.traceability.testing import PartyFactory, PlaceFactory, ProductFactory
from chuan.modules.traceability.tests.test_production import NOW, Farm, events

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TODAY = timezone.localdate()


class Shop:
    def __init__(self):
        self.party = PartyFactory(organisation=OrganisationFactory())
        self.member = PersonFactory(organisation=self.party.organisation)
        self.place = PlaceFactory(party=self.party, name="Quầy hàng")


@pytest.fixture
def farm():
    return Farm(company_prefix="8934567")


@pytest.fixture
def shop():
    return Shop()


def sent_to(shop, farm, at=NOW - timedelta(hours=3)):
    uri = farm.ship(farm.harvest(), receiver=shop.party, at=at)
    return Shipment.objects.get(uri=uri)


# ---------------------------------------------------------------- receiving
def test_what_came_is_an_event_at_the_place_of_who_received_it(farm, shop):
    shipment = sent_to(shop, farm)

    tell_receiving(actor=shop.member, shipment=shipment, place=shop.place, at=NOW)

    came = events()[-1]
    assert came["bizStep"].endswith("BizStep-receiving")
    assert came["epcList"] == [shipment.uri]
    assert came["bizLocation"]["id"] == shop.place.uri
    assert came["sourceList"][0]["source"] == farm.party.uri
    shipment.refresh_from_db()
    assert shipment.received_in == shop.place


def test_a_shipment_that_was_received_is_missing_no_more(farm, shop):
    shipment = sent_to(shop, farm)
    late = NOW + timedelta(days=30)

    def rules_broken():
        return {finding.rule for finding in chain_of(shipment.uri, until=late).findings}

    assert "not_received" in rules_broken()
    tell_receiving(actor=shop.member, shipment=shipment, place=shop.place, at=NOW)
    assert "not_received" not in rules_broken()
    assert "not_received" in {check.key for check in checks}


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"at": NOW - timedelta(days=1)}, "day"),
        ({"at": NOW + timedelta(days=1)}, "day"),
        ({"twice": True}, "shipment"),
    ],
)
def test_what_cannot_have_come_is_refused(farm, shop, how, field):
    shipment = sent_to(shop, farm)
    if how.pop("twice", False):
        tell_receiving(actor=shop.member, shipment=shipment, place=shop.place, at=NOW)
    before = len(events())

    with pytest.raises(ValidationError) as refused:
        tell_receiving(
            actor=shop.member, shipment=shipment, place=shop.place, **({"at": NOW} | how)
        )

    assert list(refused.value.message_dict) == [field]
    assert len(events()) == before


def test_nobody_receives_what_was_sent_to_somebody_else(farm, shop):
    shipment, stranger = sent_to(shop, farm), Shop()

    with pytest.raises(ValidationError):
        tell_receiving(actor=stranger.member, shipment=shipment, place=stranger.place, at=NOW)

    assert not Shipment.objects.filter(received_at__isnull=False).exists()


def test_the_form_offers_what_is_on_its_way_to_this_party(client, farm, shop):
    shipment = sent_to(shop, farm)
    client.force_login(shop.member)
    address = reverse("traceability:tell-receiving")

    assert "Xoài tươi V1" in client.get(reverse("traceability:production")).text
    when = timezone.localtime()
    answer = client.post(
        address,
        {
            "shipment": shipment.pk,
            "place": shop.place.pk,
            "day": f"{when:%d/%m/%Y}",
            "hour": f"{when:%H:%M}",
        },
    )

    assert answer.status_code == 302
    assert Shipment.objects.get().received_in == shop.place
    empty = client.get(address).text
    assert "Chưa có chuyến hàng nào đang trên đường đến bạn." in empty
    assert 'name="shipment"' not in empty


def test_the_page_asks_as_much_for_one_shipment_as_for_many(client, farm, shop):
    client.force_login(shop.member)
    counts = []
    for _time in range(2):
        for number in range(3):
            lot = farm.harvest(number=f"M{_time}{number}")
            farm.ship(lot, receiver=shop.party)
        client.get(reverse("traceability:production"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("traceability:production"))
        counts.append(len(asked))

    assert counts[0] == counts[1]


# ---------------------------------------------------------------- the workbook
def fill(party, **sheets):
    """A workbook with these rows in its sheets: `harvest=[{"number": "V1", …}]`."""
    book = workbook_of(party)

    def write(opened):
        for key, rows in sheets.items():
            table, sheet = book.table(key), sheet_of(opened, key)
            for number, row in enumerate(rows):
                for column, value in row.items():
                    sheet[where(table, number, column)] = value

    return filled_in(draw(book), write)


def day(back):
    return TODAY - timedelta(days=back)


def whole(farm, shop):
    return {
        HARVEST: [
            {
                "product": f"{farm.raw.name} – {farm.raw.gtin}",
                "number": number,
                "quantity": 120.5,
                "uom": "kg",
                "place": farm.field.name,
                "day": day(4),
            }
            for number in ("V1", "V2")
        ],
        PACKING: [
            {
                "inputs": "V1, V2",
                "product": f"{farm.dried.name} – {farm.dried.gtin}",
                "number": "S1",
                "quantity": 200,
                "expires_on": TODAY + timedelta(days=90),
                "place": farm.shed.name,
                "day": day(3),
                "hour": "9:30",
            }
        ],
        SHIPPING: [
            {
                "lot": "S1",
                "quantity": 50,
                "receiver": shop.party.name,
                "place": farm.shed.name,
                "day": day(2),
            }
        ],
    }


def taken(who, content):
    return take_over_workbook(
        actor=who.member, party=who.party, name="san-xuat.xlsx", content=content, at=NOW
    )


def test_a_workbook_becomes_the_events_that_the_forms_would_have_told(farm, shop):
    told = taken(farm, fill(farm.party, **whole(farm, shop)))

    assert (told.count, list(told.faults)) == (4, [])
    steps = [event["bizStep"].rpartition("-")[2] for event in events()]
    assert steps == ["commissioning", "commissioning", "commissioning", "packing", "shipping"]
    lot = Lot.objects.get(number="S1")
    assert (lot.quantity, lot.uom, lot.made_in) == (Decimal(200), "", farm.shed)
    assert timezone.localtime(lot.made_at).strftime("%H:%M") == "09:30"
    assert Shipment.objects.get().receiver == shop.party

    arrived = fill(shop.party, **{RECEIVING: [{"place": "Quầy hàng", "day": day(1)}]})
    assert taken(shop, arrived).count == 1
    assert Shipment.objects.get().received_in == shop.place


def test_everything_wrong_is_told_at_once_at_its_cell_and_nothing_is_stored(farm, shop):
    sheets = whole(farm, shop)
    sheets[HARVEST][0]["number"] = "lô một"
    sheets[HARVEST][1]["quantity"] = None
    sheets[PACKING][0] |= {"inputs": "X9", "hour": "sáng"}
    sheets[SHIPPING] = [{"lot": "KHONG-CO", "quantity": -1, "place": "Nơi lạ", "day": day(2)}]

    told = taken(farm, fill(farm.party, **sheets))

    assert told.count == 0
    found = {(fault.place.sheet, fault.title) for fault in told.faults}
    assert found == {
        ("Thu hoạch, đánh bắt", "Số lô"),
        ("Thu hoạch, đánh bắt", "Số lượng"),
        ("Chế biến, đóng gói", "Từ những lô nào"),
        ("Chế biến, đóng gói", "Giờ"),
        ("Xuất hàng", "Lô hàng"),
        ("Xuất hàng", "Số lượng"),
        ("Xuất hàng", "Ở đâu"),
        ("Xuất hàng", "Giao cho"),
    }
    assert not Lot.objects.exists()
    assert events() == []
    marked = openpyxl.load_workbook(io.BytesIO(bytes(FaultyWorkbook.objects.get().content)))
    comments = [
        cell.comment
        for sheet in marked
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    ]
    assert len(comments) >= len(found)


def test_a_row_with_one_wrong_cell_is_looked_at_in_full_and_told_in_the_order_of_the_file(
    farm, shop
):
    farm.harvest("CU")
    sheets = whole(farm, shop)
    sheets[HARVEST][0] |= {"number": "X 2", "hour": "25:00", "quantity": -1}
    sheets[PACKING][0] |= {
        "inputs": "V2, A8, B9",
        "place": "Nơi lạ",
        "expires_on": TODAY - timedelta(days=2000),
    }
    sheets[HARVEST].append(sheets[HARVEST][1] | {"number": "CU"})

    told = taken(farm, fill(farm.party, **sheets))

    harvest, packing = "Thu hoạch, đánh bắt", "Chế biến, đóng gói"
    assert [(fault.place.sheet, fault.title) for fault in told.faults] == [
        (harvest, "Số lô"),
        (harvest, "Số lượng"),
        (harvest, "Giờ"),
        (harvest, "Số lô"),
        (packing, "Từ những lô nào"),
        (packing, "Hạn dùng"),
        (packing, "Ở đâu"),
    ]
    unknown, taken_already = told.faults[4], told.faults[3]
    assert "“A8”" in unknown.advice
    assert "“B9”" in unknown.advice
    assert "V2" not in unknown.advice
    assert (taken_already.expected, taken_already.advice) == (
        "",
        "Sản phẩm này đã có lô mang số đó.",
    )


def test_every_list_of_the_workbook_offers_whole_names(farm, shop):
    ProductFactory(party=farm.party, name="Xoài sấy, không đường")
    book = openpyxl.load_workbook(io.BytesIO(draw(workbook_of(farm.party))))
    sheet = sheet_of(book, HARVEST)

    def offered(column):
        cell = where(workbook_of(farm.party).table(HARVEST), 0, column)
        rule = next(one for one in sheet.data_validations.dataValidation if cell in one.sqref)
        name, _mark, area = rule.formula1.partition("!")
        return [cell.value for (cell,) in book[name][area]] if area else rule.formula1

    assert "gói, hộp, con (đếm cái)" in offered("uom")
    assert any(word.startswith("Xoài sấy, không đường") for word in offered("product"))
    assert book["_chuan_lists"].sheet_state == "veryHidden"


def test_the_same_shipments_are_not_taken_over_twice(farm, shop):
    farm.harvest("V9", at=NOW - timedelta(days=9))

    def send(*hours):
        line = {"lot": "V9", "quantity": 50, "receiver": shop.party.name}
        line |= {"place": farm.shed.name, "day": day(2)}
        content = fill(farm.party, **{SHIPPING: [{**line, "hour": hour} for hour in hours]})
        told = taken(farm, content)
        return told.count, [fault.title for fault in told.faults]

    assert send("8:00") == (1, [])
    assert send("8:00") == (0, ["Lô hàng"])
    assert send("9:00", "8:00") == (0, ["Lô hàng"])
    assert send("9:00") == (1, [])
    assert Shipment.objects.count() == 2


def test_who_uses_a_lot_that_is_wrong_is_not_told_off_as_well(farm, shop):
    sheets = whole(farm, shop)
    sheets[HARVEST][0]["quantity"] = None
    gtin = farm.raw.gtin
    sheets[PACKING][0]["inputs"] = f"{gtin}/V1"
    sheets[SHIPPING][0]["lot"] = f"{gtin}/V1"

    told = taken(farm, fill(farm.party, **sheets))

    assert [(fault.place.sheet, fault.title) for fault in told.faults] == [
        ("Thu hoạch, đánh bắt", "Số lượng")
    ]


def test_a_workbook_says_that_it_does_not_list_all_receivers(farm, shop, monkeypatch):
    def told():
        return [text for title, text in workbook_of(farm.party).guide if title == "Giao cho"]

    assert told() == []
    monkeypatch.setattr(workbook, "MOST_RECEIVERS", 1)
    Shop()
    assert len(told()) == 1


def test_forms_offer_no_product_that_is_not_confirmed_yet(client, farm):
    client.force_login(farm.member)
    address = reverse("traceability:tell-harvest")
    assert farm.raw.name in client.get(address).text

    type(farm.raw).objects.filter(pk=farm.raw.pk).update(is_confirmed=False)

    assert farm.raw.name not in client.get(address).text


def test_a_mended_workbook_is_taken_over_and_the_faulty_one_forgotten(client, farm, shop):
    client.force_login(farm.member)
    address = reverse("traceability:workbook", args=[farm.party.pk])

    def send(content):
        return client.post(address, {"workbook": SimpleUploadedFile("a.xlsx", content)})

    sheets = whole(farm, shop)
    sheets[SHIPPING][0]["lot"] = "S9"
    refused = send(fill(farm.party, **sheets))
    marked = client.get(reverse("traceability:workbook-marked", args=[farm.party.pk]))
    content = b"".join(marked.streaming_content)
    assert refused.status_code == 422
    assert "Không có lô “S9”" in refused.text
    assert "Tệp gửi gần nhất cần sửa" in client.get(address).text

    table = workbook_of(farm.party).table(SHIPPING)
    mended = filled_in(
        content, lambda book: sheet_of(book, SHIPPING).__setitem__(where(table, 0, "lot"), "S1")
    )

    assert send(mended).status_code == 302
    assert Shipment.objects.count() == 1
    assert not FaultyWorkbook.objects.exists()


def test_an_empty_workbook_and_strangers_are_turned_away(client, farm, shop):
    client.force_login(farm.member)
    address = reverse("traceability:workbook", args=[farm.party.pk])
    blank = b"".join(
        client.get(reverse("traceability:workbook-file", args=[farm.party.pk])).streaming_content
    )

    answer = client.post(address, {"workbook": SimpleUploadedFile("a.xlsx", blank)})

    assert answer.status_code == 422
    assert "chưa có dòng nào được điền" in answer.text
    client.force_login(shop.member)
    assert client.get(address).status_code == 404
    assert json.dumps(events()) == "[]"
