from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chuan.core.calendar.operations import load_day_exceptions
from chuan.core.calendar.testing import DayExceptionFactory
from chuan.core.legal.operations import load_legal_sources
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db

PAGE = "/lich/"


@pytest.fixture(autouse=True)
def reader(client):
    client.force_login(PersonFactory())


@pytest.fixture
def loaded():
    load_legal_sources()
    load_day_exceptions()


def text_of(page):
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.usefixtures("loaded")
def test_a_year_shows_twelve_months_and_every_day_that_breaks_the_week(client):
    page = text_of(client.get(PAGE, {"nam": "2026"}))
    assert page.count('<table class="month">') == 12
    assert page.count('title="Quốc khánh"') == 1
    assert "Làm bù cho ngày 31/08" in page
    assert "9441/TB-BNV" in page
    assert "Chưa có lịch nghỉ của năm này" not in page


@pytest.mark.usefixtures("loaded")
def test_a_day_not_yet_decided_is_marked(client):
    page = text_of(client.get(PAGE, {"nam": "2027"}))
    assert "chưa có quyết định chính thức" in page
    assert "Dự kiến" in page


@pytest.mark.parametrize("year", ["1999", "abc", "", "²", "99999999999"])
def test_a_year_nobody_can_draw_shows_this_one(client, year):
    assert "Lịch làm việc năm 20" in text_of(client.get(PAGE, {"nam": year}))


def test_a_year_without_data_says_that_only_the_week_counts(client):
    assert "Chưa có lịch nghỉ của năm này" in text_of(client.get(PAGE, {"nam": "2030"}))


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ({"moc": "20/11/2026", "cach": "truoc"}, "thứ Năm, 19/11/2026"),
        ({"moc": "28/8/2026", "cach": "ngay-lam-viec", "so": "3"}, "thứ Hai, 07/09/2026"),
        ({"moc": "25/8/2026", "cach": "ngay", "so": "5"}, "thứ Năm, 03/09/2026"),
        ({"moc": "30/11/2026", "cach": "thang", "so": "3"}, "thứ Hai, 01/03/2027"),
    ],
)
def test_a_deadline_is_worked_out_and_explained(client, asked, due):
    page = text_of(client.get(PAGE, asked))
    assert f'<p class="due">{due}</p>' in page
    assert "Vì sao là ngày này" in page


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"moc": "", "cach": "truoc"}, "Nhập ngày mốc"),
        ({"moc": "31/2/2026", "cach": "truoc"}, "Ngày mốc phải là ngày có thật"),
        ({"moc": "1/2/2026", "cach": "ngay"}, "Nhập số ngày hoặc số tháng"),
        ({"moc": "1/2/2026", "cach": "ngay", "so": "0"}, "phải từ 1 trở lên"),
        ({"moc": "1/2/2026", "cach": "thang", "so": "999"}, "Số này quá lớn: tối đa 120."),
        ({"moc": "1/2/2026", "cach": "khac"}, "khac"),
    ],
)
def test_what_cannot_be_worked_out_is_said_in_the_form(client, asked, complaint):
    page = text_of(client.get(PAGE, asked))
    assert complaint in page
    assert 'class="due"' not in page


def test_the_page_costs_the_same_for_one_day_and_for_many(client):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            text_of(client.get(PAGE, {"nam": "2026"}))
        return len(asked)

    DayExceptionFactory(day=date(2026, 3, 2))
    one = cost()
    for day in range(3, 8):
        DayExceptionFactory(day=date(2026, 3, day))
    assert cost() == one
