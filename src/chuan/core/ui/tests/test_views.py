"""Pages of the frame itself."""

import datetime as dt

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from chuan.core.ui import views
from chuan.core.ui.forms import Form, VnTextField
from chuan.core.ui.views import Difference
from chuan.lib.rules import Denied


@pytest.fixture
def request_of_a_stranger():
    request = RequestFactory().get("/muc/1/?a=1")
    request.user = AnonymousUser()
    request.resolver_match = None
    return request


class Reason(Form):
    reason = VnTextField(label="Lý do")


@pytest.mark.parametrize(
    ("page", "status", "title"),
    [
        (lambda r: views.bad_request(r), 400, "Không đọc được yêu cầu"),
        (lambda r: views.forbidden(r), 403, "Không có quyền thực hiện"),
        (lambda r: views.not_found(r), 404, "Không tìm thấy trang"),
        (lambda r: views.csrf_failure(r), 403, "Yêu cầu hết hạn"),
        (lambda r: views.server_error(r), 500, "Hệ thống gặp lỗi"),
    ],
    ids=["400", "403", "404", "csrf", "500"],
)
def test_what_went_wrong_is_said_in_words_and_not_in_numbers(
    request_of_a_stranger, page, status, title
):
    answer = page(request_of_a_stranger)
    text = answer.content.decode()
    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in text
    assert str(status) not in text.partition("<main")[2]


def test_a_refusal_gives_its_reason_escaped(request_of_a_stranger):
    text = views.forbidden(
        request_of_a_stranger, Denied("Chỉ <b>người</b> đứng đầu.")
    ).content.decode()
    assert "Chỉ &lt;b&gt;người&lt;/b&gt; đứng đầu." in text


def test_an_expired_form_offers_the_page_again(request_of_a_stranger):
    assert 'href="/muc/1/?a=1"' in views.csrf_failure(request_of_a_stranger).content.decode()


def test_the_page_before_an_act_names_the_act_and_a_way_back(request_of_a_stranger):
    answer = views.confirm(
        request_of_a_stranger,
        title="Loại trừ báo cáo?",
        action="Loại trừ báo cáo",
        back_url="/bao-cao/1/",
        consequences=["Cơ quan nhận thông báo."],
        form=Reason(),
        is_destructive=True,
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="btn btn-danger" type="submit">Loại trừ báo cáo<' in text
    assert 'href="/bao-cao/1/"' in text
    assert "Cơ quan nhận thông báo." in text


def test_a_reason_left_out_is_asked_for_on_the_same_page(request_of_a_stranger):
    answer = views.confirm(request_of_a_stranger, title="Loại trừ?", action="Loại trừ", back_url="/", form=Reason({}))  # fmt: skip
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Lỗi: Loại trừ?" in text
    assert 'href="#id_reason">Nhập lý do.' in text


def test_a_conflict_shows_both_versions(request_of_a_stranger):
    answer = views.conflict(
        request_of_a_stranger,
        back_url="/bao-cao/1/",
        changed_by="Trần Văn An",
        changed_at=dt.datetime(2026, 11, 12, 3, 2, tzinfo=dt.UTC),
        differences=[Difference("Số cuộc", 14, 12)],
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Trần Văn An, 10:02, 12/11/2026" in text
    assert "<span>14</span>" in text
    assert "<span>12</span>" in text


@pytest.mark.django_db
def test_the_language_is_kept_and_the_person_stays_where_they_were(client):
    answer = client.post("/ngon-ngu/", {"language": "en", "next": "/tro-giup/?a=1"})
    assert answer.headers["Location"] == "/tro-giup/?a=1"
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert '<html lang="en"' in client.get("/tro-giup/").content.decode()


@pytest.mark.django_db
def test_the_theme_is_written_by_the_server_and_nothing_flashes(client):
    client.post("/nen/", {"theme": "dark", "next": "/tro-giup/"})
    assert 'data-theme="dark"' in client.get("/tro-giup/").content.decode()
    client.post("/nen/", {"theme": "", "next": "/tro-giup/"})
    assert "data-theme=" not in client.get("/tro-giup/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""]
)
@pytest.mark.parametrize("switch", ["/nen/", "/ngon-ngu/"])
def test_a_switch_never_leads_to_another_site(client, switch, address):
    answer = client.post(switch, {"theme": "dark", "language": "xx", "next": address})
    assert answer.headers["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize("switch", ["/nen/", "/ngon-ngu/"])
def test_a_link_cannot_switch_anything(client, switch):
    assert client.get(switch).status_code == 405
