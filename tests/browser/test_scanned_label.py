"""Somebody in a shop points a telephone at a label: the chain opens, and a fake can be reported."""

import pytest
from playwright.sync_api import expect

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.demo import labels_to_scan, load_chains
from chuan.modules.traceability.models import Lot, ProblemReport
from tests.browser import axe
from tests.browser.visits import shape_faults


@pytest.fixture
def lot(transactional_db, settings, tmp_path):
    """What was packed last in the demonstration."""
    settings.CHUAN_FILES = tmp_path / "files"
    body, department = OrganisationFactory(), OrganisationFactory()
    load_chains(
        keeper=PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department),
        leader=PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=department),
        producer=PersonFactory(role=Role.UNIT_HEAD, organisation=body),
        organisation=body,
        say=lambda _words: None,
    )
    return Lot.objects.select_related("product").get(number="S-2611")


def test_a_label_opens_its_chain_and_takes_a_report(open_page, lot):
    address = f"/id/01/{lot.product.gtin}/10/{lot.number}"

    page = open_page(address, width=360, javascript=False)

    expect(page.get_by_role("heading", level=1)).to_contain_text(lot.product.name)
    expect(page.get_by_role("img", name=lot.product.picture_text)).to_be_visible()
    steps = page.get_by_role("listitem").filter(has_text="Thu hoạch")
    expect(steps).to_have_count(2)
    expect(page.get_by_text(lot.number, exact=True)).to_be_visible()
    assert shape_faults(page) == []

    page.get_by_role("link", name="Báo hàng giả").click()
    page.get_by_label("Nghi hàng giả").check()
    page.get_by_label("Bạn thấy gì?").fill("Tem bị dán lại.")
    page.get_by_role("button", name="Gửi phản ánh").click()

    expect(page.get_by_role("heading", name="Đã gửi phản ánh").first).to_be_visible()
    assert ProblemReport.objects.filter(text="Tem bị dán lại.").count() == 1


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("space", ["", "/en"])
def test_what_a_scan_opens_reads_well(open_page, lot, width, space):
    path = f"01/{lot.product.gtin}/10/{lot.number}"
    faults = []
    labels = [address for _words, address in labels_to_scan()]
    for address in (*labels, "/truy-xuat/", f"/truy-xuat/phan-anh/{path}"):
        page = open_page(f"{space}{address}", width=width)
        faults += shape_faults(page) + axe.violations(page)

    assert faults == []
