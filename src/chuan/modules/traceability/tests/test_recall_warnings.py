"""What whoever scans a label is told of recalls, and what not."""

import pytest
from django.urls import reverse

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.operations import recalls as operations
from chuan.modules.traceability.operations.links import NewLink, set_links
from chuan.modules.traceability.queries.recall_warnings import MOST_LOTS, warnings_of
from chuan.modules.traceability.queries.recalls import (
    concerned_by,
    holders_of,
    in_list,
    places_of,
    progress_of,
)
from chuan.modules.traceability.testing import (
    A_MONTH_LATER,
    ProductFactory,
    at,
    capture,
    event,
    lot_of,
    making,
    opened,
    ordered,
    told,
)

pytestmark = pytest.mark.django_db

MADE = "urn:uuid:11111111-1111-4111-8111-111111111111"


def test_a_product_typed_without_its_lot_tells_which_lots_are_recalled(client, inspector, leader):
    product = ProductFactory()
    told(lot_of(product, "S1"), lot_of(product, "S2"))
    ordered(inspector, leader, lot_of(product, "S1"))

    (warning,) = warnings_of([product.uri])
    assert warning.scope == "Một số lô của sản phẩm này đang bị thu hồi: S1."
    page = client.get(reverse("scan:show", args=[f"01/{product.gtin}"])).text
    assert "chưa có cảnh báo" not in page
    assert "đang bị thu hồi: S1." in page
    assert warnings_of([lot_of(product, "S2"), product.uri]) == []
    (whole,) = warnings_of([lot_of(product, "S1"), product.uri])
    assert whole.scope == ""


def test_the_banner_says_recall_and_the_number_to_call_can_be_read(client, inspector, leader):
    product = ProductFactory()
    told(lot_of(product, "S1"))
    recall = ordered(inspector, leader, lot_of(product, "S1"), phone="1900 1234")

    page = client.get(reverse("scan:show", args=[f"01/{product.gtin}/10/S1"])).text

    assert f"<h2>Đang thu hồi: {recall.title}</h2>" in page
    assert '<span class="num nowrap">1900 1234</span>' in page


def test_a_lot_that_nobody_told_an_event_of_is_warned_of_at_its_product_too(inspector, leader):
    product, other = ProductFactory(), ProductFactory()
    ordered(inspector, leader, lot_of(product, "S1"))

    assert "S1" in warnings_of([product.uri])[0].scope
    assert warnings_of([other.uri]) == []


def test_a_recall_of_every_lot_is_no_recall_of_some(inspector, leader):
    product = ProductFactory()
    ordered(inspector, leader, f"{product.uri}/*")

    assert warnings_of([product.uri])[0].scope == ""


def test_single_pieces_of_a_product_are_warned_of_without_a_list(inspector, leader):
    product = ProductFactory()
    capture(event(1, action="ADD", epcList=[f"{product.uri}/21/7"]))
    ordered(inspector, leader, f"{product.uri}/21/7")

    assert "Một phần hàng" in warnings_of([product.uri])[0].scope


def test_many_lots_are_named_in_part_and_the_rest_is_counted(inspector, leader):
    product = ProductFactory()
    lots = [lot_of(product, f"L{number:02}") for number in range(MOST_LOTS + 3)]
    ordered(inspector, leader, *lots)

    scope = warnings_of([product.uri])[0].scope
    assert "L11 và 3 lô khác" in scope


def test_goods_that_a_corrected_event_took_out_of_a_recall_are_not_warned_of_nor_counted(
    inspector, leader
):
    raw, dried = ProductFactory(), ProductFactory()
    made = making(48, {lot_of(raw, "V1"): 10}, {lot_of(dried, "S1"): 10}, eventID=MADE)
    told(lot_of(raw, "V1"))
    capture(made)
    recall = ordered(inspector, leader, lot_of(raw, "V1"))
    assert warnings_of([lot_of(dried, "S1")])
    assert progress_of(recall).total == 2

    wrong = {"declarationTime": at(60), "reason": "incorrect_data"}
    capture({**made, "errorDeclaration": wrong})
    run = operations.run_recall(actor=inspector, recall=recall, at=A_MONTH_LATER)

    assert run.gone_count == 1
    assert warnings_of([lot_of(dried, "S1")]) == []
    assert warnings_of([dried.uri]) == []
    assert [item.uri for item in concerned_by(recall)] == [lot_of(raw, "V1")]
    assert progress_of(recall).total == 1
    assert sum(row["total"] for row in places_of(recall)) == 1
    assert sum(holder.item_count for holder in holders_of(recall)) == 1
    assert in_list(inspector).get().out_count == 1


def test_people_read_the_text_written_for_them_and_never_the_reason_of_inspectors(
    client, inspector, leader
):
    product = ProductFactory()
    told(lot_of(product, "S1"))
    ordered(
        inspector,
        leader,
        lot_of(product, "S1"),
        public_text="Có nấm mốc, ăn vào có thể đau bụng.",
        phone="0256 3822 123",
    )

    page = client.get(reverse("scan:show", args=[f"01/{product.gtin}/10/S1"])).text
    assert "Có nấm mốc, ăn vào có thể đau bụng." in page
    assert "tel:0256 3822 123" in page
    assert "ông A" not in page


def test_a_leader_confirms_the_text_for_people_when_issuing(client, inspector, leader):
    product = ProductFactory()
    recall = opened(inspector, lot_of(product, "S1"))
    client.force_login(leader)
    address = reverse("chains:issue_recall", args=[recall.pk])
    said = {"basis": "12/QĐ", "advice": "Ngừng bán.", "version": "1"}
    assert client.post(address, said).status_code == 422
    assert client.post(address, {**said, "public_text": "Mốc", "phone": "abc"}).status_code == 422
    client.post(address, {**said, "public_text": "Có nấm mốc.", "phone": "1900 1234"})

    recall.refresh_from_db()
    assert (recall.public_text, recall.phone) == ("Có nấm mốc.", "1900 1234")


def test_whoever_scans_recalled_goods_sees_the_recall_and_not_their_owner_s_page(
    client, inspector, leader
):
    product = ProductFactory(party__organisation=OrganisationFactory())
    member = PersonFactory(organisation=product.party.organisation)
    page = NewLink(product.uri, "pip", "https://example.vn/trang", "Trang", is_default=True)
    set_links(actor=member, party=product.party, links=[page])
    told(lot_of(product, "S1"), lot_of(product, "S2"))
    recall = ordered(inspector, leader, lot_of(product, "S1"))

    def leads_to(path, query=""):
        return client.get(f"/id/01/{product.gtin}{path}{query}")["Location"]

    assert "/truy-xuat/" in leads_to("/10/S1")
    assert "/truy-xuat/" in leads_to("")  # who names no lot may hold one of it
    assert leads_to("/10/S2") == page.href
    assert leads_to("/10/S1", "?linkType=pip") == page.href
    (levels,) = (
        one
        for one in client.get(f"/id/01/{product.gtin}/10/S1?linkType=linkset").json()["linkset"]
        if one["anchor"].endswith("/S1")
    )
    assert "/truy-xuat/" in levels["https://ref.gs1.org/voc/defaultLink"][0]["href"]

    operations.end_recall(
        actor=leader, recall=recall, conclusion="Xong.", version=2, at=A_MONTH_LATER
    )
    assert leads_to("/10/S1") == page.href
