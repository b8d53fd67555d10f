"""Pages of accounts, roles and substitutes."""

import re
from datetime import date

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client

from chuan.core.access import operations
from chuan.core.audit.models import Entry
from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.models import Delegation, Membership, Person
from chuan.core.people.testing import DelegationFactory, MembershipFactory, PersonFactory
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_a_day():
    with time_machine.travel("2026-11-02T09:00:00+07:00", tick=True):
        yield


@pytest.fixture
def body():
    return OrganisationFactory(name="Sở Khoa học và Công nghệ")


@pytest.fixture
def administrator():
    return PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def text_of(page):
    return re.sub(r"\s+", " ", page.content.decode())


# ---------------------------------------------------------------- accounts


def test_the_list_shows_everybody_with_their_roles_today(admin, body):
    PersonFactory(full_name="Nguyễn Thị Hà", role=Role.DEPARTMENT_LEADER, organisation=body)
    PersonFactory(full_name="Lê Văn Đức", role=None)

    text = text_of(admin.get("/tai-khoan/nguoi-dung/"))

    assert "Nguyễn Thị Hà" in text
    assert "Lãnh đạo cơ quan thường trực" in text
    assert "Sở Khoa học và Công nghệ" in text
    assert "Chưa có vai trò" in text


def names_listed(page):
    return re.findall(r'scope="row"[^>]*>\s*<a [^>]*>([^<]+)</a>', text_of(page))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=nguyen+ha", ["Nguyễn Thị Hà"]),
        ("?q=duc", ["Lê Văn Đức"]),
        ("?vai_tro=department_leader", ["Nguyễn Thị Hà"]),
        ("?tinh_trang=khoa", ["Bùi Cũ"]),
        ("?tinh_trang=khong-vai-tro", ["Lê Văn Đức"]),
        ("?tinh_trang=thieu-hai-buoc", ["Nguyễn Thị Hà"]),
    ],
)
def test_the_list_is_searched_and_filtered(admin, body, query, found):
    PersonFactory(
        full_name="Nguyễn Thị Hà",
        role=Role.DEPARTMENT_LEADER,
        organisation=body,
        second_factor=False,
    )
    PersonFactory(full_name="Lê Văn Đức", role=None)
    PersonFactory(full_name="Bùi Cũ", is_active=False)

    assert names_listed(admin.get("/tai-khoan/nguoi-dung/" + query)) == found


def test_the_list_costs_the_same_for_few_and_for_many(admin, django_assert_num_queries):
    admin.get("/tai-khoan/nguoi-dung/")
    for _ in range(2):
        with django_assert_num_queries(11):
            admin.get("/tai-khoan/nguoi-dung/")
        for _ in range(3):
            MembershipFactory(person=PersonFactory())


def test_the_list_can_be_downloaded(admin):
    PersonFactory(full_name="Nguyễn Thị Hà")
    page = admin.get("/tai-khoan/nguoi-dung/?export=csv")
    assert page.headers["Content-Type"].startswith("text/csv")
    assert "Nguyễn Thị Hà" in page.getvalue().decode()


def new_person(body, **changes):
    return {
        "full_name": "Nguyễn Thị Hà",
        "username": "ha.nt",
        "email": "ha@example.vn",
        "title": "Chuyên viên",
        "organisation": body.pk,
        "role": "unit_clerk",
        "start": "2/11/2026",
        **changes,
    }


def test_opening_an_account_gives_its_first_role_and_sends_a_link_to_choose_a_password(admin, body):
    page = admin.post("/tai-khoan/nguoi-dung/them/", new_person(body))

    person = Person.objects.get(username="ha.nt")
    assert page.headers["Location"] == f"/tai-khoan/nguoi-dung/{person.pk}/"
    assert person.holds(Role.UNIT_CLERK, organisation_id=body.pk)
    link = re.search(r"(/tai-khoan/chon-mat-khau/\S+)", OutgoingMail.objects.get().body)[1]
    their_browser = Client()
    form = their_browser.get(link, follow=True)
    their_browser.post(
        form.redirect_chain[-1][0],
        {"password1": "một câu rất dài", "password2": "một câu rất dài"},
    )
    signed_in = their_browser.post(
        "/tai-khoan/dang-nhap/", {"login": "ha.nt", "password": "một câu rất dài"}
    )
    assert signed_in.headers["Location"] == "/"


def test_a_taken_name_is_said_at_its_field_and_nothing_is_created(admin, body):
    PersonFactory(username="ha.nt")
    count = Person.objects.count()

    page = admin.post("/tai-khoan/nguoi-dung/them/", new_person(body))

    assert page.status_code == 422
    assert 'href="#id_username"' in page.content.decode()
    assert "Tên đăng nhập này đã có người dùng." in text_of(page)
    assert Person.objects.count() == count


def test_without_an_address_the_link_is_handed_over(admin, body):
    admin.post("/tai-khoan/nguoi-dung/them/", new_person(body, email=""))
    person = Person.objects.get(username="ha.nt")
    assert not OutgoingMail.objects.exists()

    page = admin.post(f"/tai-khoan/nguoi-dung/{person.pk}/lien-ket/")

    assert page.headers["Cache-Control"] == "no-store"
    link = re.search(r"http://testserver(/tai-khoan/chon-mat-khau/[^<\s]+/)", text_of(page))[1]
    assert "Chọn mật khẩu" in text_of(Client().get(link, follow=True))


def test_whoever_has_a_password_is_told_that_a_link_was_made(administrator):
    person = PersonFactory()
    operations.make_password_link(actor=administrator, person=person)
    notice = Notice.objects.get(person=person)
    assert notice.is_urgent
    assert "báo ngay cho lãnh đạo cơ quan" in notice.body


def test_facts_of_an_account_are_corrected(admin):
    person = PersonFactory(full_name="Nguyễn Hà")
    page = admin.post(
        f"/tai-khoan/nguoi-dung/{person.pk}/sua/",
        {
            "full_name": "Nguyễn Thị Hà",
            "username": person.username,
            "email": "",
            "title": "",
            "version": 1,
        },
    )
    assert page.status_code == 302
    person.refresh_from_db()
    assert (person.full_name, person.email) == ("Nguyễn Thị Hà", "")


def test_two_administrators_at_once_see_both_versions_and_lose_neither(admin):
    person = PersonFactory(title="")
    address = f"/tai-khoan/nguoi-dung/{person.pk}/sua/"
    given = {"full_name": person.full_name, "username": person.username, "email": person.email}
    assert 'name="version" value="1"' in text_of(admin.get(address))
    admin.post(address, {**given, "title": "Giám đốc", "version": 1})

    page = admin.post(address, {**given, "title": "Phó Giám đốc", "version": 1})

    assert page.status_code == 409
    assert "Giám đốc" in text_of(page)
    assert "Phó Giám đốc" in text_of(page)
    person.refresh_from_db()
    assert person.title == "Giám đốc"


def test_a_role_is_given_and_ended_with_days_as_people_say_them(admin, body):
    person = PersonFactory(role=None)
    admin.post(
        f"/tai-khoan/nguoi-dung/{person.pk}/vai-tro/",
        {"organisation": body.pk, "role": "unit_head", "start": "1/12/2026", "last": "31/12/2026"},
    )
    membership = Membership.objects.get(person=person)
    assert (membership.valid.lower, membership.valid.upper) == (date(2026, 12, 1), date(2027, 1, 1))
    assert Notice.objects.get(person=person).title == "Bạn được giao vai trò “Thủ trưởng đơn vị”"

    admin.post(f"/tai-khoan/vai-tro/{membership.pk}/ket-thuc/", {"last": "15/12/2026"})
    membership.refresh_from_db()
    assert membership.valid.upper == date(2026, 12, 16)


def test_closing_needs_a_reason_and_shuts_the_account(admin):
    person = PersonFactory()
    address = f"/tai-khoan/nguoi-dung/{person.pk}/khoa/"

    assert "thoát ra khỏi mọi máy" in text_of(admin.get(address))
    assert admin.post(address, {"reason": " "}).status_code == 422
    admin.post(address, {"reason": "chuyển công tác"})
    person.refresh_from_db()
    assert not person.is_active
    admin.post(f"/tai-khoan/nguoi-dung/{person.pk}/mo/")
    person.refresh_from_db()
    assert person.is_active


def test_a_lost_phone_is_mended_by_an_administrator_and_ends_the_sessions(admin):
    person = PersonFactory(role=Role.AUDITOR)
    browser = Client()
    browser.force_login(person)

    admin.post(f"/tai-khoan/nguoi-dung/{person.pk}/hai-buoc/")

    assert not Authenticator.objects.filter(user=person).exists()
    assert (
        browser.get("/tai-khoan/phien/").headers["Location"].startswith("/tai-khoan/hai-buoc/bat/")
    )
    assert Entry.objects.filter(action="access.second_factor_reset").exists()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("whose", ["own", "other"])
def test_credentials_are_mended_by_administrators_for_others(role, whose):
    actor = PersonFactory(role=role, second_factor=True)
    person = actor if whose == "own" else PersonFactory(second_factor=True)
    is_administrator = role == Role.SYSTEM_ADMINISTRATOR

    if is_administrator and whose == "other":
        operations.reset_second_factor(actor=actor, person=person)
    else:
        with pytest.raises(Denied):
            operations.reset_second_factor(actor=actor, person=person)
    if is_administrator:
        assert operations.make_password_link(actor=actor, person=person)
    else:
        with pytest.raises(Denied):
            operations.make_password_link(actor=actor, person=person)


PAGES = [
    "/tai-khoan/nguoi-dung/",
    "/tai-khoan/nguoi-dung/them/",
    "/tai-khoan/nguoi-dung/{person}/",
    "/tai-khoan/nguoi-dung/{person}/sua/",
    "/tai-khoan/nguoi-dung/{person}/khoa/",
    "/tai-khoan/nguoi-dung/{person}/vai-tro/",
    "/tai-khoan/nguoi-dung/{person}/hai-buoc/",
    "/tai-khoan/vai-tro/{membership}/ket-thuc/",
]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("role", list(Role))
def test_pages_of_accounts_open_to_administrators_alone(client, role, address):
    client.force_login(PersonFactory(role=role))
    person = PersonFactory(second_factor=True)
    page = client.get(address.format(person=person.pk, membership=person.memberships.get().pk))
    assert page.status_code == (200 if role == Role.SYSTEM_ADMINISTRATOR else 403)


@pytest.mark.parametrize("act", ["mo", "lien-ket", "gui-lien-ket"])
def test_what_only_posts_is_denied_to_others_as_well(client, act):
    person = PersonFactory(is_active=act != "mo")
    client.force_login(PersonFactory(role=Role.UNIT_HEAD))
    assert client.post(f"/tai-khoan/nguoi-dung/{person.pk}/{act}/").status_code == 403


# ---------------------------------------------------------------- one's own


def test_my_page_says_who_i_am_what_i_may_do_and_whom_i_stand_in_for(client, body):
    person = PersonFactory(full_name="Nguyễn Thị Hà", organisation=body, title="Chuyên viên")
    MembershipFactory(
        person=person,
        organisation=body,
        role=Role.UNIT_HEAD,
        valid=(date(2021, 1, 1), date(2022, 1, 1)),
    )
    DelegationFactory(delegate=person)
    client.force_login(person)

    text = text_of(client.get("/tai-khoan/"))

    assert "Nguyễn Thị Hà" in text
    assert "Đang giữ" in text
    assert "Đã kết thúc" in text
    assert "31/12/2021" in text
    assert "Tôi thay người khác" in text


def test_language_and_theme_are_chosen(client):
    person = PersonFactory()
    client.force_login(person)
    page = client.post("/tai-khoan/", {"language": "en", "theme": "dark"})
    assert page.cookies["chuan-language"].value == "en"
    assert page.cookies["chuan-theme"].value == "dark"
    person.refresh_from_db()
    assert (person.language, person.theme) == ("en", "dark")


def test_who_changes_the_theme_alone_has_chosen_no_language(client):
    person = PersonFactory()
    client.force_login(person)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    page = client.post("/tai-khoan/", {"language": "en", "theme": "dark"})

    person.refresh_from_db()
    assert (person.language, person.theme) == ("", "dark")
    assert settings.LANGUAGE_COOKIE_NAME not in page.cookies


def sign_in_having_chosen(client, language, person):
    client.post("/ngon-ngu/", {"language": language, "next": "/tai-khoan/dang-nhap/"})
    page = client.post(
        "/tai-khoan/dang-nhap/", {"login": person.username, "password": "mat-khau-de-thu"}
    )
    assert page.status_code == 302
    return client.get("/tai-khoan/").headers["Content-Language"]


def test_who_takes_english_before_signing_in_goes_on_in_english(client):
    assert sign_in_having_chosen(client, "en", PersonFactory()) == "en"


def test_the_language_chosen_for_the_account_comes_back_in_every_browser(client):
    english = PersonFactory(language="en")
    assert sign_in_having_chosen(client, "vi", english) == "en"


def test_who_never_chose_finds_the_language_of_the_page_marked(client):
    client.force_login(PersonFactory())
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get("/tai-khoan/").content.decode()
    assert re.search(r'value="en"[^>]*checked', page)


def test_a_head_names_a_substitute_and_takes_it_back(client, body):
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=body)
    deputy = PersonFactory(organisation=body, full_name="Lê Văn Đức")
    PersonFactory(full_name="Người cơ quan khác")
    membership = head.memberships.get()
    client.force_login(head)
    address = f"/tai-khoan/uy-quyen/vai-tro/{membership.pk}/"

    form = text_of(client.get(address))
    assert "Lê Văn Đức" in form
    assert "Người cơ quan khác" not in form
    given = {"delegate": deputy.pk, "form": "KT.", "start": "3/11/2026", "last": "5/11/2026"}
    assert client.post(address, given).status_code == 422
    page = client.post(address, {**given, "basis": "Thông báo số 12/TB-SKHCN"})

    assert page.headers["Location"] == "/tai-khoan/uy-quyen/"
    delegation = Delegation.objects.get()
    assert (delegation.valid.lower, delegation.valid.upper) == (
        date(2026, 11, 3),
        date(2026, 11, 6),
    )
    assert Notice.objects.get(person=deputy).is_urgent
    assert "Lê Văn Đức" in text_of(client.get("/tai-khoan/uy-quyen/"))

    assert "Thu hồi ủy quyền cho Lê Văn Đức?" in text_of(
        client.get(f"/tai-khoan/uy-quyen/{delegation.pk}/thu-hoi/")
    )
    client.post(f"/tai-khoan/uy-quyen/{delegation.pk}/thu-hoi/")
    delegation.refresh_from_db()
    assert delegation.revoked_by == head
    assert Notice.objects.filter(person=deputy).count() == 2


def test_a_refusal_stands_over_the_form(client, body):
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=body)
    deputy = PersonFactory(organisation=body)
    client.force_login(head)
    page = client.post(
        f"/tai-khoan/uy-quyen/vai-tro/{head.memberships.get().pk}/",
        {
            "delegate": deputy.pk,
            "form": "KT.",
            "start": "3/11/2019",
            "last": "5/12/2026",
            "basis": "a",
        },
    )
    assert page.status_code == 422
    assert "trong thời gian giữ vai trò" in text_of(page)


def test_nobody_delegates_somebody_elses_role(client):
    membership = PersonFactory(role=Role.UNIT_HEAD).memberships.get()
    client.force_login(PersonFactory(role=Role.UNIT_HEAD))
    assert client.get(f"/tai-khoan/uy-quyen/vai-tro/{membership.pk}/").status_code == 403


def test_delegations_cost_the_same_for_one_and_for_three(client, django_assert_num_queries, body):
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=body)
    client.force_login(head)
    for _ in range(2):
        DelegationFactory(membership=head.memberships.get())
        DelegationFactory(delegate=head)
        with django_assert_num_queries(13):
            client.get("/tai-khoan/uy-quyen/")


def test_a_weak_password_is_refused_in_vietnamese(admin, body):
    admin.post("/tai-khoan/nguoi-dung/them/", new_person(body, email=""))
    person = Person.objects.get(username="ha.nt")
    page = admin.post(f"/tai-khoan/nguoi-dung/{person.pk}/lien-ket/")
    link = re.search(r"http://testserver(/tai-khoan/chon-mat-khau/[^<\s]+/)", text_of(page))[1]
    newcomer = Client()
    form = newcomer.get(link, follow=True)

    refused = newcomer.post(
        form.redirect_chain[-1][0], {"password1": "ha.nt", "password2": "ha.nt"}, follow=True
    )

    assert "Mật khẩu quá ngắn. Mật khẩu cần ít nhất 10 ký tự." in text_of(refused)
    assert "This password" not in text_of(refused)
