"""Every component, in a real browser: wide and narrow, light and dark, with and without scripts."""

import pytest
from playwright.sync_api import expect

from chuan.core.people.testing import PersonFactory

PAGES = ["", "xac-nhan/", "nguoi-khac-vua-sua/", "bi-tu-choi/", "khong-tim-thay/"]


@pytest.fixture
def person():
    return PersonFactory()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(open_page, person, axe, fits, path, width, theme):
    page = open_page(f"/kieu-mau/{path}", person=person, width=width, theme=theme)
    axe(page)
    fits(page)


@pytest.mark.parametrize(
    "path", ["/tro-giup/", "/kha-nang-tiep-can/", "/khong-co-trang-nay/", "/tai-khoan/dang-nhap/"]
)
@pytest.mark.parametrize("width", [1280, 320])
def test_pages_for_strangers_are_accessible(open_page, axe, fits, path, width):
    page = open_page(path, width=width)
    axe(page)
    fits(page)


@pytest.mark.parametrize("width", [320, 768, 1024])
def test_the_style_guide_never_scrolls_sideways(open_page, person, fits, width):
    fits(open_page("/kieu-mau/", person=person, width=width))


def test_a_person_signs_in_through_the_form(sign_in, axe):
    PersonFactory(username="hoa", full_name="Nguyễn Thị Hoa")
    page = sign_in("hoa", "mat-khau-de-thu", width=360)
    page.goto("/tro-giup/")
    expect(page.locator("details.menu > summary")).to_contain_text("Nguyễn Thị Hoa")


def test_the_keyboard_walks_through_the_matrix_and_groups_fold(open_page, person):
    page = open_page("/kieu-mau/", person=person)
    cells = page.locator(".mx td.s")
    cells.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".mx tr:nth-child(2) td.s").nth(1)).to_be_focused()
    expect(page.locator(".tip")).to_contain_text("Sở Văn hóa, Thể thao và Du lịch")
    page.get_by_role("button", name="Sở, ban, ngành (3)").click()
    expect(cells.first).to_be_hidden()


def test_without_scripts_every_body_of_the_matrix_is_there(open_page, person):
    page = open_page("/kieu-mau/", person=person, javascript=False)
    expect(page.locator(".mx tbody tr:not(.grp):visible")).to_have_count(6)
