"""Scanning at work: where it leads whom."""

from datetime import date
from urllib.parse import quote

import pytest
from django.urls import reverse

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.queries.warnings import SafetyWarning
from chuan.modules.traceability.testing import (
    ChainFindingFactory,
    LotFactory,
    PartyFactory,
    ProductFactory,
)
from chuan.modules.traceability.web import scanner

pytestmark = pytest.mark.django_db


@pytest.fixture
def producer():
    party = PartyFactory(organisation=OrganisationFactory())
    return PersonFactory(organisation=party.organisation)


@pytest.fixture
def inspector():
    return PersonFactory(role="department_coordinator")


def test_an_officer_scans_or_types(client, producer):
    product = ProductFactory()
    client.force_login(producer)
    address = reverse("traceability:scanner")

    assert "data-scanner" in client.get(address).text
    found = client.get(address, {"ma": f"https://brand.example/01/{product.gtin}/10/A1"})
    assert found["Location"] == f"/truy-xuat/01/{product.gtin}/10/A1"
    assert client.get(address, {"ma": "08934567000017"}).status_code == 404
    assert client.get(address, {"ma": "gì đó"}).status_code == 404


def test_an_inspector_who_scanned_goes_on_to_chain_findings_and_recall(client, inspector):
    product = ProductFactory(name="Xoài sấy")
    ChainFindingFactory(uri=f"{product.uri}/10/A1")
    client.force_login(inspector)

    answer = client.get(reverse("traceability:scanner"), {"ma": f"{product.uri}/10/A1"})

    assert answer.status_code == 200
    told = quote(f"{product.uri}/10/A1", safe="")
    assert "Xoài sấy" in answer.text
    for address in ("chains:chain", "chains:open_recall"):
        assert f'href="{reverse(address)}?ma={told}"' in answer.text
    assert f'href="{reverse("chains:findings")}?q={told}"' in answer.text
    assert f'href="/truy-xuat/01/{product.gtin}/10/A1"' in answer.text
    listed = client.get(reverse("chains:findings"), {"q": f"{product.uri}/10/A1"})
    assert "(10) A1" in listed.text


def test_an_inspector_who_scanned_recalled_goods_reads_so_first(client, inspector, monkeypatch):
    product = ProductFactory()
    told = SafetyWarning(title="Xoài sấy lô A1", told_on=date(2026, 11, 1), is_recall=True)
    monkeypatch.setattr(scanner, "warnings_about", lambda _levels, _inside: [told])
    client.force_login(inspector)

    answer = client.get(reverse("traceability:scanner"), {"ma": product.gtin})

    assert "Đang thu hồi: Xoài sấy lô A1" in " ".join(answer.text.split())
    assert f'href="{reverse("chains:recalls")}"' in answer.text
    assert "Xem các đợt thu hồi" in answer.text
    assert "Mở đợt thu hồi" not in answer.text


def test_an_inspector_is_told_that_nobody_told_of_a_lot(client, inspector):
    product = ProductFactory()
    LotFactory(product=product, number="A1")
    client.force_login(inspector)

    def page(number):
        return client.get(
            reverse("traceability:scanner"), {"ma": f"{product.uri}/10/{number}"}
        ).text

    assert "Chưa ai khai lô này" in page("NOPE")
    assert "Chưa ai khai lô này" not in page("A1")


def test_digits_that_do_not_fit_together_are_told_from_what_is_no_number(client, inspector):
    client.force_login(inspector)

    for address in (reverse("traceability:scanner"), reverse("scan:ask")):
        mistyped, words = (client.get(address, {"ma": text}) for text in ("8934567000013", "abc"))
        assert "không khớp với chữ số kiểm tra" in mistyped.text
        assert "không khớp với chữ số kiểm tra" not in words.text


def test_the_part_opens_where_a_producer_works(client, producer, inspector):
    client.force_login(producer)
    assert client.get(reverse("traceability:home"))["Location"] == reverse(
        "traceability:production"
    )
    client.force_login(inspector)
    assert client.get(reverse("traceability:home"))["Location"] == reverse("traceability:products")
