"""Every component, in a real browser: wide and narrow, light and dark, with and without scripts."""

import pytest

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


@pytest.mark.parametrize("path", ["/tro-giup/", "/kha-nang-tiep-can/", "/khong-co-trang-nay/"])
@pytest.mark.parametrize("width", [1280, 320])
def test_pages_for_strangers_are_accessible(open_page, axe, fits, path, width):
    page = open_page(path, width=width)
    axe(page)
    fits(page)


@pytest.mark.parametrize("width", [320, 768, 1024])
def test_the_style_guide_never_scrolls_sideways(open_page, person, fits, width):
    fits(open_page("/kieu-mau/", person=person, width=width))
