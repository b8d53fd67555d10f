"""Finding goods without their code: by the number of a lot, a name, a bar code."""

from datetime import timedelta

import pytest
from django.urls import reverse

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.queries.lookup import MOST, goods_like, newest_goods
from chuan.modules.traceability.testing import (
    FIRST_DAY,
    LotFactory,
    ProductFactory,
    capture,
    event,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspector(client):
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    return client


def told_by_machines(product, number):
    goods = {"epcClass": product.lot_uri(number), "quantity": 5}
    capture(event(1, action="ADD", epcList=[], quantityList=[goods]))


def test_a_lot_is_found_by_its_number_and_by_the_name_of_its_product():
    mango = ProductFactory(name="Xoài sấy dẻo")
    lot = LotFactory(product=mango, number="S-2610")
    LotFactory(product__name="Cá ngừ", number="K-1")

    assert [one.uri for one in goods_like("2610")] == [lot.uri]
    assert [one.lot for one in goods_like("xoai say")] == ["S-2610"]
    assert goods_like("không có") == []


def test_lots_that_only_machines_told_of_are_found_with_their_product():
    product, other = ProductFactory(name="Cá ngừ"), ProductFactory(name="Cà phê")
    told_by_machines(product, "T/1")
    told_by_machines(other, "C1")
    LotFactory(product=product, number="T2")

    assert [one.lot for one in goods_like("cá ngừ")] == ["T2", "T/1"]
    assert [one.lot for one in goods_like(product.uri, product_uri=product.uri)] == ["T2", "T/1"]


def test_no_more_than_a_list_can_show(django_assert_max_num_queries):
    product = ProductFactory(name="Muối")
    for number in range(MOST + 3):
        LotFactory(
            product=product, made_at=FIRST_DAY + timedelta(hours=number), number=f"M{number}"
        )

    with django_assert_max_num_queries(3):
        found = goods_like("muối")
    assert len(found) == MOST
    assert found[0].lot == f"M{MOST + 2}"
    assert [one.lot for one in newest_goods(2)] == [f"M{MOST + 2}", f"M{MOST + 1}"]


def test_the_page_leads_from_words_to_a_chain(inspector):
    lot = LotFactory(number="S-2610")
    page = reverse("chains:chain")
    its_chain = reverse("chains:chain", query={"ma": lot.uri})

    assert its_chain in inspector.get(page).text
    assert its_chain in inspector.get(page, {"ma": "2610"}).text
    assert its_chain in inspector.get(page, {"ma": lot.product.gtin}).text
    assert "Không tìm thấy hàng này" in inspector.get(page, {"ma": "abc"}).text
