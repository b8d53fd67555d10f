"""What a pallet says to whoever scans it of what is inside."""

from itertools import pairwise

import pytest
from django.urls import reverse

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.models import Link
from chuan.modules.traceability.queries.contents import _DEEPEST, contents_of
from chuan.modules.traceability.testing import (
    PlaceFactory,
    ProductFactory,
    a_gln,
    capture,
    case,
    event,
    lot_of,
    ordered,
    packing,
)

pytestmark = pytest.mark.django_db

PALLET, BOX, OTHER = case(1), case(2), case(3)
HOUSE = a_gln(99_000)


def some(uri, quantity, uom="KGM"):
    return {"epcClass": uri, "quantity": quantity, **({"uom": uom} if uom else {})}


@pytest.fixture(autouse=True)
def packhouse(db):
    return PlaceFactory(gln=HOUSE)


def packed(hour, parent, *lots, epcs=()):
    return event(
        hour,
        kind="AggregationEvent",
        action="ADD",
        parentID=parent,
        bizLocation={"id": f"https://id.gs1.org/414/{HOUSE}"},
        childQuantityList=list(lots),
        childEPCs=list(epcs),
    )


@pytest.fixture
def dried():
    return ProductFactory(name="Xoài sấy dẻo")


@pytest.fixture
def fresh():
    return ProductFactory(name="Xoài tươi")


@pytest.fixture
def pallet(dried, fresh):
    """A pallet with fruit of a lot and a box: in that, numbered packs of another lot."""
    packs = [f"{dried.uri}/10/S-1/21/{number}" for number in (1, 2, 3)]
    capture(
        event(1, action="ADD", epcList=packs),
        packed(2, BOX, epcs=packs),
        packed(3, PALLET, some(lot_of(fresh, "V-1"), 12.5), epcs=[BOX]),
        event(4, epcList=[PALLET], bizStep="shipping"),
    )


def page_of(client, parent, space="scan"):
    path = canonical(parent).removeprefix("https://id.gs1.org/")
    return client.get(reverse(f"{space}:show", args=[path]))


def told(parent):
    found = contents_of(canonical(parent)).goods
    return {(one.name, one.lot, one.quantity, one.uom) for one in found}


def test_a_pallet_tells_names_lots_and_how_much_of_all_that_is_inside(client, pallet, dried):
    page = page_of(client, PALLET).text

    assert told(PALLET) == {("Xoài tươi", "V-1", 12.5, "KGM"), ("Xoài sấy dẻo", "S-1", 3, "")}
    for words in ("<h1>Kiện hàng</h1>", "Xoài tươi", "12,5 kg", "Xoài sấy dẻo", "3 cái"):
        assert words in page
    assert f'href="/truy-xuat/01/{dried.gtin}/10/S-1"' in page
    assert "chưa có cảnh báo" in page
    assert f'href="/en/truy-xuat/01/{dried.gtin}/10/S-1"' in page_of(client, PALLET, "scan-en").text


def test_how_much_is_not_told_of_a_place_that_does_not_want_to_be_shown(client, pallet, packhouse):
    packhouse.is_public = False
    packhouse.save()

    assert told(PALLET) == {("Xoài tươi", "V-1", None, "KGM"), ("Xoài sấy dẻo", "S-1", None, "")}
    assert "12,5 kg" not in page_of(client, PALLET).text


def test_what_was_taken_out_is_not_inside(pallet):
    capture(packing(5, "DELETE", PALLET, BOX))

    assert told(PALLET) == {("Xoài tươi", "V-1", 12.5, "KGM")}
    assert told(BOX) == {("Xoài sấy dẻo", "S-1", 3, "")}
    assert told(OTHER) == set()


def test_a_pallet_s_way_is_not_that_of_other_pallets_of_its_lot(client, fresh):
    lot = lot_of(fresh, "V-1")
    capture(
        event(1, action="ADD", epcList=[], quantityList=[some(lot, 20)], bizStep="commissioning"),
        packed(2, PALLET, some(lot, 10)),
        packed(3, OTHER, some(lot, 10)),
        event(4, epcList=[OTHER], bizStep="shipping"),
        packed(5, BOX, epcs=[PALLET]),
        event(6, epcList=[BOX], bizStep="receiving"),
    )

    def way(parent):
        steps = page_of(client, parent).context["story"].steps
        return [(str(one.title), one.count) for one in steps]

    assert way(PALLET) == [("Nhận hàng", 1), ("Xếp kiện", 2), ("Gắn mã cho hàng", 1)]
    assert way(OTHER) == [("Xuất hàng", 1), ("Xếp kiện", 1), ("Gắn mã cho hàng", 1)]


def test_recalled_goods_inside_are_warned_of_before_all_else(
    client, pallet, dried, inspector, leader
):
    assert 'class="verdict verdict-bad"' not in page_of(client, PALLET).text
    recall = ordered(inspector, leader, lot_of(dried, "S-1"), public_text="Có nấm mốc.")

    page = page_of(client, PALLET).text

    assert page.index(f"Đang thu hồi: {recall.title}") < page.index("<h1>")
    assert "Có nấm mốc." in page
    inside = page[page.index('id="trong-kien"') :]
    assert inside.index("Xoài sấy dẻo") < inside.index("Xoài tươi")
    assert inside[: inside.index("Xoài tươi")].count("tag-bad") == 1
    assert inside.count("tag-bad") == 1


def test_an_owner_s_page_does_not_come_before_a_recall_of_what_is_inside(
    client, pallet, dried, inspector, leader
):
    Link.objects.create(
        anchor=canonical(PALLET),
        party=dried.party,
        link_type="pip",
        href="https://example.vn/kien",
        title="Kiện hàng",
        is_default=True,
    )
    address = canonical(PALLET).replace("https://id.gs1.org", "/id")
    assert client.get(address)["Location"] == "https://example.vn/kien"

    ordered(inspector, leader, lot_of(dried, "S-1"))

    assert "/truy-xuat/" in client.get(address)["Location"]


def test_only_what_is_deeper_than_looked_is_told_as_left_out(dried):
    chain = [case(number) for number in range(10, 10 + _DEEPEST)]
    capture(
        *(
            packed(hour, parent, epcs=[child])
            for hour, (parent, child) in enumerate(pairwise(chain), start=1)
        ),
        packed(9, chain[-1], some(lot_of(dried, "S-9"), 3)),
    )
    assert told(chain[0]) == {("Xoài sấy dẻo", "S-9", 3.0, "KGM")}
    assert not contents_of(canonical(chain[0])).is_cut

    capture(packed(10, case(9), epcs=[chain[0]]))

    assert contents_of(canonical(case(9))).is_cut


def test_an_inspector_who_scans_a_pallet_is_warned_as_well(
    client, pallet, dried, inspector, leader
):
    recall = ordered(inspector, leader, lot_of(dried, "S-1"))
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    sscc = canonical(PALLET).split("/")[-1]

    assert recall.title in client.get(reverse("traceability:scanner"), {"ma": sscc}).text


def test_a_product_without_lot_inside_is_warned_of_when_some_lots_are_recalled(
    client, dried, inspector, leader
):
    capture(packed(1, PALLET, some(dried.uri, 7, "")))
    ordered(inspector, leader, lot_of(dried, "S-1"))

    page = page_of(client, PALLET).text

    assert "7 cái" in page
    assert "Một số lô của sản phẩm này đang bị thu hồi: S-1." in page


def test_names_that_strangers_gave_are_not_shown(client, dried):
    dried.is_confirmed = False
    dried.save()
    capture(packed(1, PALLET, some(lot_of(dried, "S-1"), 7)))

    page = page_of(client, PALLET).text

    assert dried.name not in page
    assert dried.gtin in page


def test_a_pallet_of_many_things_asks_no_more_than_one_of_few(
    client, dried, fresh, django_assert_max_num_queries
):
    capture(packed(1, PALLET, some(lot_of(dried, "S0"), 7)))
    with django_assert_max_num_queries(60) as few:
        page_of(client, PALLET)
    lots = [some(lot_of(one, f"S{number}"), 7) for one in (dried, fresh) for number in range(20)]
    capture(packed(1, OTHER, *lots))

    with django_assert_max_num_queries(len(few)):
        page = page_of(client, OTHER)
    assert page.text.count("7 kg") == 40
