"""Who is let through, and where the others are led."""

from datetime import date

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import include, path, reverse

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import NEEDS_SECOND_FACTOR, Role
from chuan.core.people.testing import DelegationFactory, MembershipFactory, PersonFactory

pytestmark = pytest.mark.django_db


def page(request):
    return HttpResponse("inside")


@login_not_required
def open_page(request):
    return HttpResponse("for everybody")


urlpatterns = [
    path("inside/", page),
    path("open/", open_page),
    path("", include("chuan.config.urls")),
]


@pytest.fixture(autouse=True)
def own_pages(settings):
    settings.ROOT_URLCONF = __name__


def test_a_stranger_sees_only_what_is_marked_as_open(client):
    assert client.get("/open/").content == b"for everybody"
    assert client.get("/inside/").headers["Location"] == "/tai-khoan/dang-nhap/?next=/inside/"


def test_a_fragment_asked_for_by_a_stranger_leads_the_whole_page_to_sign_in(client):
    answer = client.get(
        "/inside/",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/ke-hoach/4/?q=a"},
    )
    assert answer.headers["HX-Redirect"] == "/tai-khoan/dang-nhap/?next=%2Fke-hoach%2F4%2F%3Fq%3Da"


def test_a_script_that_saves_for_a_stranger_is_told_so_and_sees_no_page(client):
    answer = client.post("/inside/", headers={"sec-fetch-mode": "same-origin"})
    assert (answer.status_code, answer.content) == (401, b"")


def test_who_has_a_role_today_is_let_in(client):
    client.force_login(PersonFactory(role=Role.UNIT_CLERK))
    assert client.get("/inside/").content == b"inside"


def test_who_has_none_is_told_whom_to_ask_and_can_sign_out(client):
    client.force_login(PersonFactory(role=None, full_name="Lê Thị Hà"))

    page = client.get("/inside/")

    assert page.status_code == 403
    assert "Bạn đã đăng nhập với tên Lê Thị Hà" in page.content.decode()
    assert "đề nghị người quản trị hệ thống giao vai trò" in page.content.decode()
    assert client.post(reverse("account_logout")).status_code == 302
    assert client.get("/inside/").status_code == 302


def test_a_role_that_ended_yesterday_no_longer_opens_anything(client):
    person = PersonFactory(role=None)
    MembershipFactory(person=person, valid=("2020-01-01", "2025-01-01"))
    client.force_login(person)
    assert client.get("/inside/").status_code == 403


def dissolved():
    return OrganisationFactory(district=True, valid=(date(2020, 1, 1), date(2025, 7, 1)))


def test_who_worked_in_a_body_that_is_no_more_comes_in_to_read_its_archive(client):
    person = PersonFactory(role=None)
    MembershipFactory(person=person, organisation=dissolved())
    client.force_login(person)

    assert client.get("/inside/").content == b"inside"
    assert client.get("/", follow=True).status_code == 200
    assert person.grants() == frozenset()


def test_who_bound_others_there_needs_the_second_factor_still(client):
    person = PersonFactory(role=None)
    MembershipFactory(person=person, organisation=dissolved(), role=Role.DEPARTMENT_LEADER)
    client.force_login(person)
    assert client.get("/inside/").headers["Location"].startswith(reverse("mfa_activate_totp"))


def test_a_closed_account_is_out_at_once(client):
    person = PersonFactory()
    client.force_login(person)
    assert client.get("/inside/").status_code == 200

    person.is_active = False
    person.save(update_fields=["is_active"])

    assert client.get("/inside/").status_code == 302


@pytest.mark.parametrize("role", sorted(NEEDS_SECOND_FACTOR))
def test_a_role_that_binds_others_must_set_up_its_second_factor_first(client, role):
    client.force_login(PersonFactory(role=role, second_factor=False))

    assert (
        client.get("/inside/").headers["Location"] == "/tai-khoan/hai-buoc/bat/?next=%2Finside%2F"
    )
    assert client.post("/inside/").status_code == 302
    assert client.get("/open/").status_code == 200


@pytest.mark.parametrize("role", sorted(NEEDS_SECOND_FACTOR))
def test_with_a_second_factor_it_is_let_in(client, role):
    client.force_login(PersonFactory(role=role))
    assert client.get("/inside/").content == b"inside"


def test_a_substitute_for_such_a_role_needs_the_second_factor_too(client):
    membership = MembershipFactory(role=Role.DEPARTMENT_LEADER)
    substitute = DelegationFactory(membership=membership).delegate
    client.force_login(substitute)

    assert client.get("/inside/").headers["Location"].startswith("/tai-khoan/hai-buoc/bat/")


@pytest.mark.parametrize(
    ("is_demo_site", "is_demo_account", "is_let_in"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_only_demo_accounts_of_a_demo_site_go_without(
    client, settings, is_demo_site, is_demo_account, is_let_in
):
    settings.CHUAN_DEMO = is_demo_site
    client.force_login(
        PersonFactory(role=Role.AUDITOR, second_factor=False, is_demo=is_demo_account)
    )
    assert (client.get("/inside/").status_code == 200) == is_let_in


def test_looking_at_a_page_costs_a_fixed_number_of_queries(client, django_assert_num_queries):
    client.force_login(PersonFactory(role=Role.AUDITOR))
    with django_assert_num_queries(4):  # session, person, grants, second factor
        client.get("/inside/")
