"""The public list of recalls: what it names, and what not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.modules.traceability.operations import recalls as operations
from chuan.modules.traceability.testing import (
    A_MONTH_LATER,
    ProductFactory,
    lot_of,
    opened,
    ordered,
    told,
)

pytestmark = pytest.mark.django_db


def listed(client, space="scan"):
    return client.get(reverse(f"{space}:recalls"))


def test_the_list_names_what_is_recalled_and_leads_to_its_page(client, inspector, leader):
    product = ProductFactory(name="Xoài sấy dẻo")
    told(lot_of(product, "S1"))
    ordered(inspector, leader, lot_of(product, "S1"), public_text="Có nấm mốc.", phone="1900 1234")

    page = listed(client)

    for words in ("Cá hộp nhiễm khuẩn", "Có nấm mốc.", "S1", "12/QĐ", "1900 1234"):
        assert words in page.text
    assert f'href="/truy-xuat/01/{product.gtin}"' in page.text
    assert "ông A" not in page.text
    assert "max-age=60" in page["Cache-Control"]
    assert f'href="/en/truy-xuat/01/{product.gtin}"' in listed(client, "scan-en").text


def test_neither_what_is_only_looked_for_nor_what_has_ended_is_listed(client, inspector, leader):
    product = ProductFactory()
    told(lot_of(product, "S1"))
    draft = opened(inspector, lot_of(product, "S1"), title="Còn đang tìm")
    recall = ordered(inspector, leader, lot_of(product, "S1"))
    assert recall.title in listed(client).text

    operations.end_recall(
        actor=leader, recall=recall, conclusion="Xong.", version=recall.version, at=A_MONTH_LATER
    )

    page = listed(client).text
    assert draft.title not in page
    assert recall.title not in page
    assert "Không có hàng nào đang bị thu hồi" in page


def test_a_product_nobody_confirmed_is_not_named(client, inspector, leader):
    product = ProductFactory(name="Tên chưa xác nhận", is_confirmed=False)
    told(lot_of(product, "S1"))
    recall = ordered(inspector, leader, lot_of(product, "S1"))

    page = listed(client).text

    assert recall.title in page
    assert product.name not in page


def test_the_list_costs_the_same_whatever_its_length(client, inspector, leader):
    counts = []
    for number in range(2):
        for again in range(1 + 2 * number):
            product = ProductFactory()
            lots = [lot_of(product, f"S{number}{again}{part}") for part in range(3)]
            told(*lots)
            ordered(inspector, leader, *lots)
        with CaptureQueriesContext(connection) as asked:
            listed(client)
        counts.append(len(asked))

    assert counts[0] == counts[1]
