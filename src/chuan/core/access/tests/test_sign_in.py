import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
)
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.core.notices.models import OutgoingMail
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db

PASSWORD = "mat-khau-de-thu"
SIGN_IN = "/tai-khoan/dang-nhap/"
CODE = "/tai-khoan/dang-nhap/ma-xac-thuc/"
SET_UP = "/tai-khoan/hai-buoc/bat/"


@pytest.fixture(autouse=True)
def fresh_counters():
    cache.clear()


def sign_in(client, person, password=PASSWORD, **more):
    return client.post(SIGN_IN, {"login": person.username, "password": password, **more})


def code_for(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def secret_of(person):
    authenticator = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    return authenticator.wrap().instance.data["secret"]


def ledger():
    return list(Entry.objects.order_by("pk").values_list("action", "actor", "subject_id"))


def text_of(page):
    return re.sub(r"\s+", " ", page.content.decode())


@pytest.mark.parametrize("login", ["ha.nt", "HA.NT", "ha@example.vn", "Ha@Example.VN", " ha.nt "])
def test_the_name_or_the_address_signs_in_and_leads_to_the_page_asked_for(client, login):
    person = PersonFactory(username="ha.nt", email="ha@example.vn")

    page = client.post(SIGN_IN, {"login": login, "password": PASSWORD, "next": "/tai-khoan/phien/"})

    assert page.headers["Location"] == "/tai-khoan/phien/"
    assert client.get("/tai-khoan/phien/").status_code == 200
    entry = Entry.objects.get()
    assert (entry.action, entry.actor) == ("access.signed_in", person)
    assert entry.details == {"ip": "127.0.0.1", "methods": ["password"]}


def test_signing_in_leads_nowhere_else(client):
    page = sign_in(client, PersonFactory(), next="https://elsewhere.example/")
    assert page.headers["Location"] == "/"


def test_a_wrong_password_says_what_to_do_and_the_ledger_keeps_the_try_but_not_the_password(client):
    person = PersonFactory()

    page = sign_in(client, person, password="bí mật của tôi")

    assert "Tên đăng nhập, thư điện tử hoặc mật khẩu chưa đúng." in text_of(page)
    assert "bí mật của tôi" not in page.content.decode()
    entry = Entry.objects.get()
    assert (entry.action, entry.actor, entry.subject_id) == (
        "access.sign_in_failed",
        None,
        str(person.pk),
    )
    assert entry.details == {"ip": "127.0.0.1"}


def test_an_account_that_does_not_exist_answers_the_same_and_leaves_no_line(client):
    known = sign_in(client, PersonFactory(), password="sai")
    Entry.objects.all().count()
    unknown = client.post(SIGN_IN, {"login": "khong-co", "password": "sai"})

    def said(page):
        return re.findall(r'class="err">.*?<span>(.*?)</span>', text_of(page))

    assert said(known) == said(unknown)
    assert Entry.objects.count() == 1


def test_empty_fields_are_named(client):
    page = client.post(SIGN_IN, {"login": "", "password": ""})
    assert "Nhập tên đăng nhập hoặc thư điện tử công vụ." in text_of(page)
    assert "Nhập mật khẩu." in text_of(page)
    assert "<title>Lỗi: Đăng nhập" in text_of(page)


def test_five_wrong_tries_close_the_door_for_five_minutes_also_to_the_right_password(client):
    person, other = PersonFactory(), PersonFactory()
    for _ in range(5):
        sign_in(client, person, password="sai")

    page = sign_in(client, person)

    assert "việc đăng nhập tạm dừng 5 phút" in text_of(page)
    assert sign_in(Client(), other).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert sign_in(Client(), person).status_code == 302


@pytest.mark.slow
def test_many_accounts_tried_from_one_address_close_the_door_too(client):
    *tried, last = [PersonFactory() for _ in range(14)]
    for person in tried:
        for _ in range(4):
            sign_in(client, person, password="sai")

    assert "tạm dừng 5 phút" in text_of(sign_in(client, last))
    elsewhere = Client(REMOTE_ADDR="10.1.2.3")
    assert sign_in(elsewhere, last).status_code == 302


def test_too_many_requests_a_minute_are_answered_in_words(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    person = PersonFactory()
    sign_in(client, person, password="sai")

    page = sign_in(client, person)

    assert page.status_code == 429
    assert "Hãy đợi một phút rồi thử lại." in text_of(page)


def test_a_closed_account_with_the_right_password_is_told_so(client):
    page = sign_in(client, PersonFactory(is_active=False))
    assert page.headers["Location"] == "/tai-khoan/dang-khoa/"
    assert "Tài khoản đang khóa" in text_of(client.get("/tai-khoan/dang-khoa/"))


def test_a_person_with_a_second_factor_is_not_in_before_the_code(client):
    person = PersonFactory(role=Role.DEPARTMENT_COORDINATOR)

    assert sign_in(client, person, next="/tai-khoan/phien/").headers["Location"].startswith(CODE)
    assert client.get("/tai-khoan/phien/").headers["Location"].startswith(SIGN_IN)
    wrong = client.post(CODE, {"code": "000000"})
    assert "Mã chưa đúng." in text_of(wrong)
    page = client.post(CODE, {"code": code_for(secret_of(person))})

    assert page.headers["Location"] == "/tai-khoan/phien/"
    assert client.get("/tai-khoan/phien/").status_code == 200
    assert [line[0] for line in ledger()] == ["access.wrong_code", "access.signed_in"]
    assert Entry.objects.last().details["methods"] == ["password", "mfa"]


def test_a_code_is_good_once(client):
    person = PersonFactory(role=Role.DEPARTMENT_COORDINATOR)
    code = code_for(secret_of(person))
    sign_in(client, person)
    client.post(CODE, {"code": code})
    again = Client()
    sign_in(again, person)

    assert "Mã chưa đúng." in text_of(again.post(CODE, {"code": code}))


def test_the_first_sign_in_of_a_coordinator_sets_up_the_second_factor_without_the_password_twice(
    client,
):
    person = PersonFactory(role=Role.DEPARTMENT_COORDINATOR, second_factor=False)
    sign_in(client, person)
    assert client.get("/tai-khoan/phien/").headers["Location"].startswith(SET_UP)

    page = client.get(SET_UP)
    assert page.status_code == 200
    assert 'src="data:image/svg+xml;base64,' in text_of(page)
    secret = re.search(r'class="num secret"><b>([A-Z2-7]{32})</b>', text_of(page)).group(1)
    assert "Mã chưa đúng." in text_of(client.post(SET_UP, {"code": "123456"}))
    done = client.post(SET_UP, {"code": code_for(secret)})

    assert done.headers["Location"] == "/tai-khoan/hai-buoc/ma-du-phong/"
    codes = re.findall(r"<li>(\d{8})</li>", text_of(client.get(done.headers["Location"])))
    assert len(codes) == 10
    download = client.get("/tai-khoan/hai-buoc/ma-du-phong/tai/")
    assert codes[0] in download.content.decode()
    assert client.get("/tai-khoan/phien/").status_code == 200

    later = Client()
    sign_in(later, person)
    assert later.post(CODE, {"code": codes[0]}).status_code == 302
    assert later.get("/tai-khoan/phien/").status_code == 200


def test_the_page_of_the_second_factor_says_since_when_and_how_many_codes_are_left(client):
    person = PersonFactory(role=Role.AUDITOR)
    client.force_login(person)
    with time_machine.travel("2026-11-02T09:00:00+07:00"):
        Authenticator.objects.filter(user=person).update(created_at=timezone.now())
    text = text_of(client.get("/tai-khoan/hai-buoc/"))
    assert "từ ngày 02/11/2026" in text
    assert "Vai trò của bạn bắt buộc xác thực hai bước." in text


def test_adding_the_second_factor_is_in_the_ledger(client, django_capture_on_commit_callbacks):
    person = PersonFactory()
    sign_in(client, person)
    secret = re.search(r"<b>([A-Z2-7]{32})</b>", text_of(client.get(SET_UP))).group(1)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(SET_UP, {"code": code_for(secret)})

    assert [line[0] for line in ledger()] == ["access.signed_in", "access.second_factor_added"]


def test_who_must_have_a_second_factor_cannot_switch_it_off_and_others_can(client):
    bound, free = PersonFactory(role=Role.AUDITOR), PersonFactory(second_factor=True)
    for person in (bound, free):
        client = Client()
        sign_in(client, person)
        client.post(CODE, {"code": code_for(secret_of(person))})
        page = client.get("/tai-khoan/hai-buoc/tat/")
        assert page.status_code == 200
        assert ("Vai trò của bạn bắt buộc" in text_of(page)) == (person == bound)
        client.post("/tai-khoan/hai-buoc/tat/")

    assert Authenticator.objects.filter(user=bound).exists()
    assert not Authenticator.objects.filter(user=free).exists()
    assert "access.second_factor_removed" in [line[0] for line in ledger()]


def test_a_while_after_signing_in_the_password_is_asked_again_before_such_changes(client):
    person = PersonFactory()
    sign_in(client, person)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        page = client.get(SET_UP)
        assert page.headers["Location"].startswith("/tai-khoan/xac-nhan/?next=")
        asked = client.get(page.headers["Location"])
        assert "Nhập lại mật khẩu" in text_of(asked)
        assert "Mật khẩu chưa đúng." in text_of(
            client.post(page.headers["Location"], {"password": "sai"})
        )
        back = client.post(page.headers["Location"], {"password": PASSWORD})
        assert back.headers["Location"] == SET_UP
        assert client.get(SET_UP).status_code == 200


def test_signing_out_is_asked_on_get_done_on_post_and_kept(client):
    person = PersonFactory()
    sign_in(client, person)

    assert "Đăng xuất?" in text_of(client.get("/tai-khoan/dang-xuat/"))
    assert client.get("/tai-khoan/phien/").status_code == 200
    client.post("/tai-khoan/dang-xuat/")

    assert client.get("/tai-khoan/phien/").status_code == 302
    assert ledger()[-1] == ("access.signed_out", person.pk, str(person.pk))


def test_changing_the_password_signs_every_browser_out(client):
    person, elsewhere = PersonFactory(), Client()
    sign_in(elsewhere, person)
    sign_in(client, person)

    page = client.post(
        "/tai-khoan/mat-khau/",
        {
            "oldpassword": PASSWORD,
            "password1": "câu dài dễ nhớ với tôi",
            "password2": "câu dài dễ nhớ với tôi",
        },
    )

    assert page.headers["Location"] == SIGN_IN
    for browser in (client, elsewhere):
        assert browser.get("/tai-khoan/phien/").status_code == 302
    assert sign_in(client, person).status_code == 200
    assert sign_in(client, person, password="câu dài dễ nhớ với tôi").status_code == 302
    assert "access.password_changed" in [line[0] for line in ledger()]


@pytest.mark.parametrize("weak", ["ngan", "1234567890", "can-bo-ha-nt"])
def test_a_weak_password_is_refused_with_the_reason(client, weak):
    person = PersonFactory(username="can-bo-ha-nt")
    sign_in(client, person)

    page = client.post(
        "/tai-khoan/mat-khau/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    )

    assert 'class="err"' in page.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def reset_link():
    return re.search(r"http://\S+(/tai-khoan/chon-mat-khau/\S+)", OutgoingMail.objects.get().body)[
        1
    ]


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(client):
    person = PersonFactory(email="ha@example.vn")
    elsewhere = Client()
    sign_in(elsewhere, person)

    page = client.post("/tai-khoan/quen-mat-khau/", {"email": "Ha@example.vn"})
    assert page.headers["Location"] == "/tai-khoan/quen-mat-khau/da-gui/"
    link = reset_link()
    form = client.get(link, follow=True)
    assert "Chọn mật khẩu" in text_of(form)
    new = {"password1": "một câu rất dài", "password2": "một câu rất dài"}
    done = client.post(form.redirect_chain[-1][0], new, follow=True)

    assert "Đã lưu mật khẩu mới" in text_of(done)
    assert sign_in(client, person, password="một câu rất dài").status_code == 302
    assert elsewhere.get("/tai-khoan/phien/").status_code == 302
    assert "không còn dùng được" in text_of(Client().get(link, follow=True))
    assert "access.password_reset" in [line[0] for line in ledger()]


def test_whether_an_address_has_an_account_is_not_told(client):
    known = PersonFactory(email="ha@example.vn")
    pages = [
        client.post("/tai-khoan/quen-mat-khau/", {"email": email}, follow=True)
        for email in ["ha@example.vn", "la@example.vn"]
    ]
    assert [page.redirect_chain for page in pages] == [pages[0].redirect_chain] * 2
    assert OutgoingMail.objects.get().person == known
    assert OutgoingMail.objects.get().is_secret


def test_a_reset_link_opened_in_somebody_elses_browser_signs_them_out_first(client):
    person, other = PersonFactory(email="ha@example.vn"), PersonFactory()
    client.post("/tai-khoan/quen-mat-khau/", {"email": "ha@example.vn"})
    sign_in(client, other)

    page = client.get(reset_link(), follow=True)

    assert page.status_code == 200
    assert client.get("/tai-khoan/phien/").status_code == 302
    assert person != other


def test_there_is_no_way_to_sign_up(client):
    for address in ["/tai-khoan/dang-ky/", "/tai-khoan/signup/", "/accounts/signup/"]:
        assert client.get(address).status_code == 404


def test_language_and_theme_follow_the_person(client):
    person = PersonFactory(language="en", theme="dark")
    page = sign_in(client, person)
    assert page.cookies["chuan-language"].value == "en"
    assert page.cookies["chuan-theme"].value == "dark"


# ---------------------------------------------------------------- sessions

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


def browser(person, user_agent=CHROME, ip="10.0.0.1"):
    client = Client(HTTP_USER_AGENT=user_agent, REMOTE_ADDR=ip)
    sign_in(client, person)
    return client


def test_the_list_of_sessions_names_every_browser_this_one_first():
    person = PersonFactory()
    here, phone = browser(person), browser(person, IPHONE, "10.9.9.9")
    browser(PersonFactory())

    text = text_of(here.get("/tai-khoan/phien/"))

    assert re.findall(r'scope="row">(.*?)</th>', text) == [
        "Chrome trên Windows",
        "Safari trên iPhone",
    ]
    assert "10.9.9.9" in text
    assert phone.get("/tai-khoan/phien/").status_code == 200


def test_one_session_or_all_others_are_ended():
    person = PersonFactory()
    here, phone, laptop = browser(person), browser(person, IPHONE), browser(person)
    row = UserSession.objects.get(user_agent=IPHONE)

    here.post(f"/tai-khoan/phien/{row.pk}/ket-thuc/")
    assert phone.get("/tai-khoan/phien/").status_code == 302
    assert laptop.get("/tai-khoan/phien/").status_code == 200
    here.post("/tai-khoan/phien/ket-thuc-noi-khac/")
    assert laptop.get("/tai-khoan/phien/").status_code == 302
    assert here.get("/tai-khoan/phien/").status_code == 200
    assert [line[0] for line in ledger()][-2:] == ["access.session_ended", "access.sessions_ended"]


def test_somebody_elses_session_cannot_be_ended():
    here, other = browser(PersonFactory()), browser(victim := PersonFactory())
    row = UserSession.objects.get(user=victim)

    assert here.post(f"/tai-khoan/phien/{row.pk}/ket-thuc/").status_code == 404
    assert other.get("/tai-khoan/phien/").status_code == 200


def test_the_list_of_sessions_costs_the_same_for_one_and_for_three(django_assert_num_queries):
    person = PersonFactory()
    here = browser(person)
    here.get("/tai-khoan/phien/")
    with django_assert_num_queries(9):
        here.get("/tai-khoan/phien/")
    browser(person), browser(person)
    with django_assert_num_queries(9):
        here.get("/tai-khoan/phien/")


def test_the_secret_of_the_second_factor_can_be_taken_by_any_authenticator_app():
    person = PersonFactory()
    TOTP.activate(person, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")  # RFC 6238, Appendix B
    with time_machine.travel(59, tick=False):
        assert code_for(secret_of(person)) == "287082"
    assert reverse("mfa_index") == "/tai-khoan/hai-buoc/"
