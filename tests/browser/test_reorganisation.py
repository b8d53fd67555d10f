"""Two communes become one: prepared, confirmed by another, duties decided, taken back, done again."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from chuan.core.orgs.models import Organisation, OrganisationVersion
from chuan.core.orgs.queries import organisations_on
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.models import Assignment, Plan
from chuan.modules.plans.testing import AssignmentFactory, PlanFactory, TaskFactory
from tests.browser import people
from tests.browser.visits import Looks, Visit

BASIS = "45/NQ-HĐND"
MERGER = "Hợp nhất hai xã thành xã Tuy Phước Mới"
NEW = "Ủy ban nhân dân xã Tuy Phước Mới"
TASKS = 2


def load_two_communes_with_duties() -> None:
    """Each owes two tasks of a plan until the end of the year."""
    people.load_bodies_and_people()
    plan = PlanFactory(managed_by=Organisation.objects.get(key=people.SCIENCE))
    tasks = [TaskFactory(plan=plan) for _ in range(TASKS)]
    for body in _two_communes():
        for task in tasks:
            AssignmentFactory(
                task=task, organisation=body.organisation, year=timezone.localdate().year
            )


def _two_communes() -> list[OrganisationVersion]:
    first = Organisation.objects.get(key=people.COMMUNE).versions.get(valid__contains=timezone.localdate())  # fmt: skip
    others = organisations_on(timezone.localdate(), kind="commune", under=first.parent)
    return [first, others.exclude(pk=first.pk).filter(name__contains="Tuy Phước").first()]


@pytest.fixture
def visit(start_from, sign_in):
    """`visit("dieu.phoi")`: that person's own browser; every page they meet is looked at."""
    start_from("reorganisation", load_two_communes_with_duties)
    looks = Looks()
    yield lambda username: people.come_in(username, sign_in, looks, width=1280)
    assert looks.faults == []


def test_two_communes_are_merged_undone_and_merged_again(visit):
    coordinator, leader = visit("dieu.phoi"), visit("lanh.dao")
    communes = _two_communes()
    prepare_the_merger(coordinator, communes)
    hand_over(coordinator)
    confirm(leader)
    see_where_it_came_from(leader, communes)

    decide_the_duties(coordinator, leader)
    assert _duties() == {NEW: TASKS}

    take_the_decision_back(leader)
    take_the_merger_back(leader)
    assert _duties() == {one.name: TASKS for one in communes}

    prepare_it_again(coordinator)
    hand_over(coordinator)
    confirm(leader)
    decide_the_duties(coordinator, leader)
    assert _duties() == {NEW: TASKS}


def prepare_the_merger(coordinator: Visit, communes: list[OrganisationVersion]) -> None:
    coordinator.open("/co-quan/")
    coordinator.follow("Sự kiện sắp xếp")
    coordinator.follow("Lập sự kiện")
    coordinator.choose("Hợp nhất, sáp nhập")
    coordinator.fill("Tên sự kiện", MERGER)
    coordinator.fill("Ngày có hiệu lực", format_date(timezone.localdate()))
    coordinator.fill("Số, ký hiệu văn bản khác", BASIS)
    coordinator.press("Lưu, chọn cơ quan")
    for body in communes:
        coordinator.page.get_by_role("main").get_by_role("searchbox").fill(body.name)
        coordinator.press("Tìm")
        coordinator.press(re.compile(rf"Kết thúc\s*: {body.name}$"))
    coordinator.follow("Thêm cơ quan thành lập mới")
    coordinator.fill("Tên đầy đủ", NEW)
    coordinator.page.get_by_label("Loại cơ quan").select_option(label="Ủy ban nhân dân cấp xã")
    coordinator.page.get_by_label("Trực thuộc").select_option(label="Ủy ban nhân dân tỉnh Gia Lai")
    coordinator.press("Lưu")
    coordinator.press("Sang bước kế thừa")
    coordinator.press("Lưu, sang xem trước")
    coordinator.is_at(MERGER)
    coordinator.sees("Xem trước: danh mục chưa thay đổi")


def hand_over(coordinator: Visit) -> None:
    """The preview says what hangs on the two; the one who prepared it cannot confirm it."""
    coordinator.sees(re.compile("Võ Thị Xã"))
    coordinator.press("Chuyển cho người thứ hai xác nhận")
    coordinator.sees("Bạn đã soạn sự kiện này nên cần một người khác xác nhận.")


def confirm(leader: Visit) -> None:
    leader.open("/co-quan/su-kien/")
    leader.follow(MERGER)
    leader.follow("Xác nhận sự kiện")
    leader.press("Xác nhận, ghi vào danh mục")
    leader.sees("Nghĩa vụ còn lại")


def see_where_it_came_from(leader: Visit, communes: list[OrganisationVersion]) -> None:
    """The map of the new body leads back to the two, and theirs forward to it."""
    leader.open(f"/co-quan/{OrganisationVersion.objects.get(name=NEW).organisation_id}/")
    leader.sees(BASIS)
    leader.follow(communes[0].short_name, within=leader.page.locator(".fam"))
    leader.follow(NEW, within=leader.page.locator(".fam"))


def decide_the_duties(coordinator: Visit, leader: Visit) -> None:
    """One proposes, with a preview; another approves; nothing is left over."""
    coordinator.open(_fates_page())
    coordinator.sees(f"Chưa quyết định{2 * TASKS}")
    coordinator.follow(re.compile("Chuyển"))
    coordinator.choose("Chuyển cho một cơ quan")
    coordinator.fill("Văn bản làm căn cứ", BASIS)
    coordinator.press("Xem trước")
    coordinator.sees(f"{2 * TASKS} phân công của 2 cơ quan đã kết thúc được đóng")
    coordinator.press("Gửi đề xuất")
    coordinator.sees("Bạn đã đề xuất quyết định này nên cần một người khác duyệt.")
    leader.open(coordinator.page.url)
    leader.press("Duyệt")
    leader.sees(NEW)
    coordinator.open(_fates_page())
    coordinator.sees("Mọi nghĩa vụ đã có quyết định.")


def take_the_decision_back(leader: Visit) -> None:
    leader.follow("Hoàn tác quyết định")
    leader.fill("Lý do", "Căn cứ ghi nhầm số.")
    leader.press("Hoàn tác")
    leader.sees("Đã hoàn tác")


def take_the_merger_back(leader: Visit) -> None:
    leader.open("/co-quan/su-kien/")
    leader.follow(MERGER)
    leader.follow("Hoàn tác sự kiện")
    leader.fill("Lý do", "Nghị quyết được đính chính.")
    leader.press("Hoàn tác sự kiện")
    leader.sees("Đã hoàn tác")


def prepare_it_again(coordinator: Visit) -> None:
    coordinator.open("/co-quan/su-kien/")
    coordinator.follow(MERGER)
    coordinator.press("Soạn lại từ sự kiện này")
    coordinator.sees("Xem trước: danh mục chưa thay đổi")


def _fates_page() -> str:
    return f"/ke-hoach/{Plan.objects.get().pk}/nghia-vu/"


def _duties() -> dict[str, int]:
    """How many open assignments each body has, by its newest name."""
    found: dict[str, int] = {}
    for row in Assignment.objects.filter(closed_on=None):
        name = row.organisation.versions.order_by("valid").last().name
        found[name] = found.get(name, 0) + 1
    return found
