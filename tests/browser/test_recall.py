"""A lot turns out bad: from the label in a shop to the recall, and back to the label."""

import pytest
from playwright.sync_api import expect

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.demo import load_chains
from chuan.modules.traceability.models import Lot, Recall
from tests.browser.visits import Looks, Visit

NAME = "Xoài sấy lô S-2611 nhiễm nấm mốc"
WARNING = "Gói hàng có thể bị mốc. Không ăn, kể cả khi chưa thấy mốc."


@pytest.fixture
def people(transactional_db, settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"
    business, department = OrganisationFactory(), OrganisationFactory()
    officer = PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department)
    leader = PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=department)
    load_chains(
        keeper=officer,
        leader=leader,
        producer=PersonFactory(role=Role.UNIT_HEAD, organisation=business),
        organisation=business,
        say=lambda _words: None,
    )
    return officer, leader


@pytest.mark.parametrize(
    "how", [{"width": 1280}, {"width": 360}, {"width": 360, "javascript": False}]
)
def test_from_the_label_to_the_recall_and_back(open_page, people, how):
    looks = Looks()
    lot = Lot.objects.select_related("product").get(number="S-2611")
    label = f"/id/01/{lot.product.gtin}/10/{lot.number}"

    def visit(person):
        page = open_page("/tro-giup/", person=person, **how)
        return Visit(page, looks, has_scripts=how.get("javascript", True))

    def scan():
        page = open_page(label, width=360, javascript=False)
        expect(page.get_by_role("heading", level=1)).to_contain_text(lot.product.name)
        return page

    citizen = scan()
    expect(citizen.get_by_role("listitem").filter(has_text="Thu hoạch")).to_have_count(2)
    expect(citizen.get_by_text("Đang thu hồi")).to_have_count(0)

    officer = visit(people[0])
    officer.open(f"/truy-xuat-nguon-goc/lo/{lot.pk}/")
    officer.follow("Xem chuỗi hàng hóa")
    officer.follow("Mở đợt thu hồi")
    officer.fill("Tên đợt thu hồi", NAME)
    officer.fill("Lý do", "Ba người mua báo gói hàng bị mốc, mẫu kiểm tra có nấm mốc.")
    officer.press("Truy tìm")
    officer.is_at(NAME)
    expect(scan().locator(".verdict-bad")).to_have_count(0)

    leader = visit(people[1])
    leader.open(f"/thu-hoi/{Recall.objects.get(title=NAME).pk}/")
    leader.follow("Ban hành thu hồi")
    leader.fill("Quyết định thu hồi", "Quyết định số 20/QĐ-SKHCN")
    leader.fill("Yêu cầu đối với cơ sở đang giữ hàng", "Ngừng bán, để riêng.")
    leader.fill("Nội dung cho người tiêu dùng", WARNING)
    leader.press("Ban hành thu hồi")
    leader.sees("Đang thu hồi")
    expect(scan().locator(".verdict-bad")).to_contain_text(WARNING)

    officer.open(f"/thu-hoi/{Recall.objects.get(title=NAME).pk}/")
    officer.press("Thông báo tất cả")
    officer.follow("Xem từng mã hàng")
    officer.choose("Đã thu về")
    officer.fill("Ghi chú", "Biên bản số 7")
    # The lot itself and the two shipments with some of it.
    officer.press("Ghi cho cả 3 mã đang lọc")
    officer.sees("Đã ghi kết quả cho 3 mã hàng.")

    leader.open(f"/thu-hoi/{Recall.objects.get(title=NAME).pk}/")
    leader.follow("Kết thúc thu hồi")
    leader.fill("Kết luận", "Đã thu về hết.")
    leader.press("Kết thúc thu hồi")
    leader.sees("Đã kết thúc")
    expect(scan().locator(".verdict-bad")).to_have_count(0)
    assert "\n".join(looks.faults) == ""
