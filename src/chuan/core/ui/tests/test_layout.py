"""The frame around every page."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from chuan.core.ui import navigation
from chuan.core.ui.navigation import Identity, Item, Section
from chuan.core.ui.site import site


class Visitor:
    """A signed-in person as the frame sees one: nothing but a name and a yes."""

    is_authenticated = True

    def __init__(self, name="Nguyễn Thị Hoa", unread=0):
        self.name, self.unread = name, unread

    def __str__(self):
        return self.name


@pytest.fixture
def shelf(monkeypatch):
    """An empty rail for the test, and the one of the product again after it."""
    monkeypatch.setattr(navigation, "_items", type(navigation._items)(of="navigation entry"))
    monkeypatch.setattr(navigation, "_header", navigation._Header())
    return navigation


def page(user, template="ui/help.html", path="/tro-giup/"):
    request = RequestFactory().get(path)
    request.user = user
    request.resolver_match = None
    return render_to_string(template, {"base_template": "ui/base.html"}, request)


def test_the_rail_shows_only_what_this_person_may_open(shelf):
    shelf.add(Item(Section.WORK, "Trợ giúp chung", "user", "ui:help"))
    shelf.add(
        Item(Section.WORK, "Của riêng", "user", "ui:accessibility", visible=lambda person: False)
    )
    html = page(Visitor())
    assert "Trợ giúp chung" in html
    assert "Của riêng" not in html


def test_the_entry_of_the_page_is_the_only_current_one(shelf):
    shelf.add(Item(Section.WORK, "Đầu", "user", "/"))
    shelf.add(Item(Section.WORK, "Trợ giúp chung", "user", "ui:help"))
    assert page(Visitor()).count('aria-current="page"') == 1


def test_a_stranger_sees_no_rail_and_no_bell(shelf):
    shelf.add(Item(Section.WORK, "Trợ giúp chung", "user", "ui:help"))
    shelf.set_bell("ui:help", count=lambda person: 3)
    html = page(AnonymousUser())
    assert "Trợ giúp chung" not in html
    assert "chưa đọc" not in html


def test_the_bell_says_how_many_notices_are_unread(shelf):
    shelf.set_bell("ui:help", count=lambda person: person.unread)
    assert '<span class="count">12</span> <span class="vh">chưa đọc</span>' in page(
        Visitor(unread=12)
    )
    assert "không có gì mới" in page(Visitor(unread=0))


def test_the_person_is_named_by_the_app_that_knows_people(shelf):
    shelf.set_identity(lambda person: Identity(person.name, "Cán bộ đầu mối", "Sở Tài chính"))
    html = page(Visitor())
    assert "Cán bộ đầu mối" in html
    assert "Sở Tài chính" in html


def test_an_entry_of_an_app_that_is_not_there_is_left_out(shelf):
    shelf.add(Item(Section.WORK, "Chưa có", "user", "nowhere:list"))
    assert "Chưa có" not in page(Visitor())


def test_an_entry_cannot_be_put_up_twice(shelf):
    shelf.add(Item(Section.WORK, "Trợ giúp", "user", "ui:help"))
    with pytest.raises(ValueError, match="twice"):
        shelf.add(Item(Section.WORK, "Trợ giúp", "user", "ui:help"))


@pytest.mark.parametrize("is_demo", [True, False])
def test_the_style_guide_is_offered_where_the_product_is_tried_and_not_at_work(
    shelf, monkeypatch, is_demo
):
    monkeypatch.setattr(site, "is_demo", lambda: is_demo)

    assert ("Thư viện giao diện" in page(Visitor())) is is_demo
