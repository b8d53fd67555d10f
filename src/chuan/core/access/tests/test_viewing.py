"""Looking as another person: asked, agreed to, only looked, every page noted."""

import time
from datetime import date, timedelta

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import include, path, reverse
from django.utils import timezone

from chuan.core.access import operations
from chuan.core.access.enums import (
    MOST_ASKED_A_DAY,
    VIEWING_LASTS,
    VIEWING_WAITS,
    ViewingState,
)
from chuan.core.access.models import ViewedPage, Viewing
from chuan.core.access.testing import ViewingFactory, prove
from chuan.core.audit.models import Entry
from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.notices.operations import choose_mail
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import NEEDS_SECOND_FACTOR, Role
from chuan.core.people.models import Membership
from chuan.core.people.testing import DelegationFactory, MembershipFactory, PersonFactory
from chuan.core.ui.middleware import writes_on_get
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

GONE = (date(2020, 1, 1), date(2025, 7, 1))


def who(request):
    return HttpResponse(request.user.full_name)


@login_not_required
def open_page(request):
    return HttpResponse("open")


@login_not_required
def asks_who(request):
    return HttpResponse(request.user.full_name if request.user.is_authenticated else "nobody")


def form(request):
    return HttpResponse(get_token(request))


@writes_on_get
def shows_codes(request):
    return HttpResponse("secret codes")


handler404 = "chuan.core.ui.views.not_found"
urlpatterns = [
    path("who/", who, name="who"),
    path("form/", form),
    path("open/", open_page),
    path("asks-who/", asks_who),
    path("codes/", shows_codes),
    path("", include("chuan.config.urls")),
]


@pytest.fixture(autouse=True)
def own_pages(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def clerk():
    return PersonFactory(full_name="Lê Thị Hà")


@pytest.fixture
def helper():
    return PersonFactory(role=Role.SYSTEM_ADMINISTRATOR, full_name="Mai Văn An")


def ask(helper, person, reason="Không thấy nút nộp báo cáo"):
    return operations.ask_to_view(actor=helper, person=person, reason=reason, at=timezone.now())


def look(client, viewing):
    """The helper's browser, in the middle of the viewing."""
    client.force_login(viewing.asked_by)
    prove(client, viewing.asked_by)
    answer = client.post(reverse("access:start_viewing", args=[viewing.pk]))
    assert answer.headers["Location"] == "/"
    viewing.refresh_from_db()
    return client


# ---------------------------------------------------------------- who may ask, and be looked in on


@pytest.mark.parametrize("role", Role)
def test_administrators_and_coordinators_may_ask(clerk, role):
    actor = PersonFactory(role=role)
    if role in {Role.SYSTEM_ADMINISTRATOR, Role.DEPARTMENT_COORDINATOR}:
        assert ask(actor, clerk).state_at(timezone.now()) == ViewingState.ASKED
    else:
        with pytest.raises(Denied, match="Chỉ người quản trị"):
            ask(actor, clerk)


@pytest.mark.parametrize("role", Role)
def test_nobody_whose_word_binds_others_is_looked_in_on(helper, role):
    person = PersonFactory(role=role)
    if role in NEEDS_SECOND_FACTOR:
        with pytest.raises(Denied, match="Không ai xem như lãnh đạo"):
            ask(helper, person)
    else:
        assert ask(helper, person).pk


def test_a_substitute_for_such_a_role_is_not_looked_in_on_either(helper):
    membership = MembershipFactory(role=Role.DEPARTMENT_LEADER)
    with pytest.raises(Denied, match="Không ai xem như lãnh đạo"):
        ask(helper, DelegationFactory(membership=membership).delegate)


def test_nobody_asks_without_a_reason_for_themselves_or_for_a_closed_account(helper, clerk):
    with pytest.raises(ValidationError, match="không được để tr"):
        ask(helper, clerk, reason="  ")
    with pytest.raises(Denied, match="của mình"):
        ask(helper, helper)
    with pytest.raises(Denied, match="khóa"):
        ask(helper, PersonFactory(is_active=False))
    with pytest.raises(Denied, match="không có vai trò"):
        ask(helper, PersonFactory(role=None))
    assert not Viewing.objects.exists()


# ---------------------------------------------------------------- who agrees


def test_the_person_and_the_heads_are_told_and_either_agrees(helper):
    body = OrganisationFactory()
    clerk = PersonFactory(organisation=body)
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=body)
    for who_agrees in (clerk, head):
        viewing = ask(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR), clerk)
        told = Notice.objects.filter(dedupe_key=f"access.viewing_asked:{viewing.pk}")
        assert set(told.values_list("person", flat=True)) == {clerk.pk, head.pk}
        viewing = operations.answer_viewing(
            actor=who_agrees, viewing=viewing, agrees=True, at=timezone.now()
        )
        assert viewing.state_at(timezone.now()) == ViewingState.GRANTED


@pytest.mark.parametrize("role", Role)
def test_nobody_else_agrees(helper, clerk, role):
    viewing = ask(helper, clerk)
    with pytest.raises(Denied, match="thủ trưởng của họ"):
        operations.answer_viewing(
            actor=PersonFactory(role=role), viewing=viewing, agrees=True, at=timezone.now()
        )


def test_who_asked_does_not_agree_even_as_head_and_the_database_refuses_it_too(helper):
    body = OrganisationFactory()
    clerk = PersonFactory(organisation=body)
    MembershipFactory(person=helper, role=Role.UNIT_HEAD, organisation=body)
    viewing = ask(helper, clerk)
    with pytest.raises(Denied, match="không tự đồng ý"):
        operations.answer_viewing(actor=helper, viewing=viewing, agrees=True, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Viewing.objects.update(answered_by=helper, answered_at=timezone.now(), is_granted=True)


def test_a_request_and_a_consent_lapse_after_a_day(helper, clerk):
    viewing = ask(helper, clerk)
    later = timezone.now() + VIEWING_WAITS + timedelta(seconds=1)
    with pytest.raises(Denied, match="hết hạn"):
        operations.answer_viewing(actor=clerk, viewing=viewing, agrees=True, at=later)
    granted = operations.answer_viewing(
        actor=clerk, viewing=viewing, agrees=True, at=timezone.now()
    )
    with pytest.raises(Denied, match="hết hạn"):
        operations.start_viewing(actor=helper, viewing=granted, is_fresh=True, at=later)


def test_a_head_opens_nothing_of_a_body_that_is_not_theirs_but_stops_it(helper):
    here, there = OrganisationFactory(), OrganisationFactory()
    clerk = PersonFactory(organisation=here)
    MembershipFactory(person=clerk, organisation=there)
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=here)
    viewing = ask(helper, clerk)

    with pytest.raises(Denied, match="phải đứng đầu tất cả"):
        operations.answer_viewing(actor=head, viewing=viewing, agrees=True, at=timezone.now())
    told = Notice.objects.filter(dedupe_key=f"access.viewing_asked:{viewing.pk}")
    assert [one.person for one in told] == [clerk]

    operations.answer_viewing(actor=clerk, viewing=viewing, agrees=True, at=timezone.now())
    operations.end_viewing(actor=head, viewing=viewing, at=timezone.now())


def test_a_head_opens_nothing_of_a_body_that_is_no_more(helper):
    here, gone = OrganisationFactory(), OrganisationFactory(district=True, valid=GONE)
    clerk = PersonFactory(organisation=here)
    MembershipFactory(person=clerk, organisation=gone, valid=GONE)
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=here)
    viewing = ask(helper, clerk)

    with pytest.raises(Denied, match="phải đứng đầu tất cả"):
        operations.answer_viewing(actor=head, viewing=viewing, agrees=True, at=timezone.now())


def test_nobody_asks_while_the_same_is_asked_already_or_goes_on(helper, clerk):
    viewing = ask(helper, clerk)
    with pytest.raises(Denied, match="chưa kết thúc"):
        ask(helper, clerk)
    operations.answer_viewing(actor=clerk, viewing=viewing, agrees=True, at=timezone.now())
    operations.start_viewing(actor=helper, viewing=viewing, is_fresh=True, at=timezone.now())
    with pytest.raises(Denied, match="chưa kết thúc"):
        ask(helper, clerk)
    assert ask(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR), clerk).pk


def test_a_no_holds_for_a_day(helper, clerk):
    refused = ask(helper, clerk)
    operations.answer_viewing(actor=clerk, viewing=refused, agrees=False, at=timezone.now())
    with pytest.raises(Denied, match="đợi 24 giờ rồi xin lại"):
        ask(helper, clerk)

    long_ago = timezone.now() - VIEWING_WAITS
    Viewing.objects.update(asked_at=long_ago, answered_at=long_ago)
    stopped = ask(helper, clerk)
    operations.end_viewing(actor=clerk, viewing=stopped, at=timezone.now())
    with pytest.raises(Denied, match="đợi 24 giờ rồi xin lại"):
        ask(helper, clerk)


def test_asking_and_withdrawing_does_not_fill_the_mail_box_of_anybody(helper, clerk):
    for _time in range(MOST_ASKED_A_DAY):
        viewing = ask(helper, clerk)
        operations.end_viewing(actor=helper, viewing=viewing, at=timezone.now())
    with pytest.raises(Denied, match="nhiều lần hôm nay"):
        ask(helper, clerk)
    Viewing.objects.update(asked_at=timezone.now() - VIEWING_WAITS)
    assert ask(helper, clerk).pk


# ---------------------------------------------------------------- starting


def test_it_starts_only_when_agreed_to_and_only_once(helper, clerk):
    viewing = ask(helper, clerk)
    with pytest.raises(Denied, match="chưa được đồng ý"):
        operations.start_viewing(actor=helper, viewing=viewing, is_fresh=True, at=timezone.now())
    operations.answer_viewing(actor=clerk, viewing=viewing, agrees=True, at=timezone.now())
    begun = operations.start_viewing(
        actor=helper, viewing=viewing, is_fresh=True, at=timezone.now()
    )
    assert begun.ends_at - begun.started_at == VIEWING_LASTS
    with pytest.raises(Denied, match="đã dùng rồi"):
        operations.start_viewing(actor=helper, viewing=viewing, is_fresh=True, at=timezone.now())


def test_it_starts_only_with_a_fresh_second_factor(client, helper):
    viewing = ViewingFactory(asked_by=helper, granted=True)
    address = reverse("access:start_viewing", args=[viewing.pk])
    client.force_login(helper)
    assert client.post(address).headers["Location"].startswith(reverse("mfa_reauthenticate"))

    prove(client, helper, method="password")
    assert client.post(address).headers["Location"].startswith(reverse("mfa_reauthenticate"))
    prove(client, helper, at=time.time() - 6 * 60)
    assert client.post(address).headers["Location"].startswith(reverse("mfa_reauthenticate"))
    viewing.refresh_from_db()
    assert viewing.started_at is None

    prove(client, helper)
    assert client.post(address).headers["Location"] == "/"


# ---------------------------------------------------------------- looking


def test_pages_are_those_of_the_other_person_and_say_so(client, clerk):
    look(client, ViewingFactory(person=clerk, granted=True))

    assert client.get("/who/").content.decode() == "Lê Thị Hà"
    page = client.get(reverse("notices:inbox")).content.decode()
    assert "Đang xem như Lê Thị Hà" in page
    assert "data-person" not in page
    assert client.get("/asks-who/").content.decode() == "Lê Thị Hà"
    assert "Đang xem như Lê Thị Hà" in client.get(reverse("ui:help")).content.decode()


def test_nothing_can_be_sent_and_the_refusal_is_noted(client):
    viewing = ViewingFactory(granted=True)
    look(client, viewing)
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)("/who/")
        assert answer.status_code == 403
        assert "chỉ xem, không gửi, không lưu" in answer.content.decode()
        assert "Đang xem như" in answer.content.decode()
    assert client.post(reverse("account_logout")).status_code == 403
    assert client.post("/open/").status_code == 403
    noted = ViewedPage.objects.filter(viewing=viewing)
    assert sorted(noted.values_list("method", "status"))[:2] == [("DELETE", 403), ("PATCH", 403)]


@pytest.mark.parametrize(
    "name", ["mfa_view_recovery_codes", "account_change_password", "access:me", "access:sessions"]
)
def test_how_the_person_gets_in_is_not_shown(client, name):
    look(client, ViewingFactory(granted=True))
    assert client.get(reverse(name)).status_code == 403
    assert client.get("/codes/").status_code == 403


def test_every_page_is_in_the_ledger_under_the_one_who_looked(client, helper, clerk):
    viewing = ViewingFactory(person=clerk, asked_by=helper, granted=True)
    look(client, viewing)
    client.get("/who/?q=a")
    client.post(reverse("access:end_viewing", args=[viewing.pk]))

    lines = Entry.objects.filter(action__startswith="access.viewing_").order_by("pk")
    assert [(one.action, one.actor) for one in lines] == [
        ("access.viewing_started", helper),
        ("access.viewing_page_opened", helper),
        ("access.viewing_ended", helper),
    ]
    # Words looked for may be somebody's name: the address alone tells what was seen.
    assert lines[1].details == {"method": "GET", "path": "/who/", "status": 200}
    assert viewing.pages.get().path == "/who/"


def test_an_open_page_asks_nobody_and_is_not_noted(client, django_assert_num_queries):
    viewing = ViewingFactory(granted=True)
    look(client, viewing)
    with django_assert_num_queries(0):
        client.get("/open/")
    assert not viewing.pages.exists()


def test_looking_costs_a_fixed_number_of_queries_more(client, django_assert_num_queries):
    look(client, ViewingFactory(granted=True))
    # session, who signed in, the viewing, both their roles, bodies that are no more; then the note
    # and its ledger line
    with django_assert_num_queries(10):
        client.get("/who/")


# ---------------------------------------------------------------- ending


def test_one_press_ends_it_and_one_is_oneself_again(client, helper):
    viewing = ViewingFactory(asked_by=helper, granted=True)
    look(client, viewing)
    assert client.get("/who/").content.decode() != "Mai Văn An"
    client.post(reverse("access:end_viewing", args=[viewing.pk]))
    assert client.get("/who/").content.decode() == "Mai Văn An"
    viewing.refresh_from_db()
    assert viewing.ended_by == helper


def test_after_its_time_a_page_is_ones_own_and_a_form_of_the_other_is_not_taken(client, helper):
    for method, status in (("get", 302), ("post", 403)):
        viewing = ViewingFactory(asked_by=helper, granted=True)
        look(client, viewing)
        begun = timezone.now() - VIEWING_LASTS
        Viewing.objects.update(started_at=begun - timedelta(seconds=1), ends_at=begun)
        assert getattr(client, method)("/who/").status_code == status
        assert client.get("/who/").content.decode() == "Mai Văn An"


def test_the_person_stops_it_at_once(client, clerk):
    viewing = ViewingFactory(person=clerk, granted=True)
    look(client, viewing)
    operations.end_viewing(actor=clerk, viewing=viewing, at=timezone.now())
    assert client.get("/who/").headers["Location"] == reverse("access:viewings")


@pytest.mark.parametrize("whose", ["person", "asked_by"])
def test_it_is_over_when_a_role_or_an_account_ends(client, whose):
    viewing = ViewingFactory(granted=True)
    look(client, viewing)
    one = getattr(viewing, whose)
    Membership.objects.filter(person=one).update(valid=("2020-01-01", "2021-01-01"))
    assert client.get("/who/").content.decode() != viewing.person.full_name


def test_it_is_over_when_the_person_rises_to_a_role_that_binds_others(client, clerk):
    viewing = ViewingFactory(person=clerk, granted=True)
    look(client, viewing)
    MembershipFactory(person=clerk, role=Role.DEPARTMENT_COORDINATOR)
    assert client.get("/who/").status_code == 302


def test_it_is_over_when_the_person_comes_to_work_in_one_more_body(client, clerk):
    viewing = ViewingFactory(person=clerk, granted=True)
    look(client, viewing)
    MembershipFactory(person=clerk)
    assert client.get("/who/").headers["Location"] == reverse("access:viewings")


def test_it_does_not_start_when_the_person_works_in_one_more_body_than_was_agreed(helper, clerk):
    viewing = ViewingFactory(person=clerk, asked_by=helper, granted=True)
    MembershipFactory(person=clerk)
    with pytest.raises(Denied, match="làm việc thêm"):
        operations.start_viewing(actor=helper, viewing=viewing, is_fresh=True, at=timezone.now())


def test_an_address_that_leads_nowhere_is_answered_as_the_other_person_too(client, clerk):
    viewing = ViewingFactory(person=clerk, granted=True)
    look(client, viewing)
    answer = client.get("/khong-co/?q=a")
    assert answer.status_code == 404
    assert "Đang xem như Lê Thị Hà" in answer.content.decode()
    assert viewing.pages.values_list("path", "status").get() == ("/khong-co/", 404)


def token_of_form(client):
    """What the form of a page drawn now would send."""
    client.get("/form/")
    return client.cookies["chuan-csrf"].value


def test_no_form_outlives_the_change_from_one_person_to_the_other(helper, clerk):
    client = Client(enforce_csrf_checks=True)
    client.force_login(helper)
    prove(client, helper)
    viewing = ViewingFactory(person=clerk, asked_by=helper, granted=True)
    token = token_of_form(client)
    start = reverse("access:start_viewing", args=[viewing.pk])
    assert client.post(start, {"csrfmiddlewaretoken": token}).status_code == 302
    begun = token_of_form(client)
    assert begun != token

    end = reverse("access:end_viewing", args=[viewing.pk])
    assert client.post(end, {"csrfmiddlewaretoken": token}).status_code == 403
    assert client.post(end, {"csrfmiddlewaretoken": begun}).status_code == 302
    ask_again = reverse("access:ask_to_view")
    assert client.post(ask_again, {"csrfmiddlewaretoken": begun}).status_code == 403


def test_a_form_of_the_other_person_is_not_taken_after_the_time_is_over(helper, clerk):
    client = Client(enforce_csrf_checks=True)
    client.force_login(helper)
    prove(client, helper)
    viewing = ViewingFactory(person=clerk, asked_by=helper, granted=True)
    start = reverse("access:start_viewing", args=[viewing.pk])
    client.post(start, {"csrfmiddlewaretoken": token_of_form(client)})
    drawn = token_of_form(client)
    begun = timezone.now() - VIEWING_LASTS
    Viewing.objects.update(started_at=begun - timedelta(seconds=1), ends_at=begun)

    client.get("/who/")
    answer = client.post(reverse("access:ask_to_view"), {"csrfmiddlewaretoken": drawn})
    assert answer.status_code == 403


def test_who_stops_or_withdraws_is_told_what_they_did(client, helper, clerk):
    told = {
        ("open", "person"): "Mai Văn An không còn xem được nữa",
        ("granted", "person"): "Đã thôi đồng ý",
        ("granted", "asked_by"): "Đã rút lại yêu cầu",
    }
    for (state, whose), words in told.items():
        viewing = ViewingFactory(person=clerk, asked_by=helper, **{state: True})
        client.force_login(getattr(viewing, whose))
        answer = client.post(reverse("access:end_viewing", args=[viewing.pk]), follow=True)
        assert words in answer.content.decode()
        assert "của chính mình" not in answer.content.decode()


def test_what_is_over_is_not_ended_in_silence(client, helper):
    viewing = ViewingFactory(asked_by=helper, granted=True)
    operations.end_viewing(actor=helper, viewing=viewing, at=timezone.now())
    client.force_login(helper)
    answer = client.post(reverse("access:end_viewing", args=[viewing.pk]))
    assert answer.status_code == 403
    assert "đã kết thúc rồi" in answer.content.decode()


@pytest.mark.parametrize("role", Role)
def test_who_may_stop_it(clerk, role):
    viewing = ViewingFactory(person=clerk, open=True)
    actor = PersonFactory(role=role)
    if role == Role.SYSTEM_ADMINISTRATOR:
        operations.end_viewing(actor=actor, viewing=viewing, at=timezone.now())
    else:
        with pytest.raises(Denied):
            operations.end_viewing(actor=actor, viewing=viewing, at=timezone.now())


# ---------------------------------------------------------------- told, and read by others


def test_the_person_is_told_by_letter_whatever_they_chose(helper, clerk):
    choose_mail(actor=clerk, by_mail=False, urgent_at_once=False)
    viewing = ask(helper, clerk)
    operations.answer_viewing(actor=clerk, viewing=viewing, agrees=True, at=timezone.now())
    operations.start_viewing(actor=helper, viewing=viewing, is_fresh=True, at=timezone.now())
    operations.end_viewing(actor=helper, viewing=viewing, at=timezone.now())

    keys = OutgoingMail.objects.filter(person=clerk).values_list("dedupe_key", flat=True)
    assert sorted(keys) == [
        f"access.viewing_{event}:{viewing.pk}#{clerk.pk}" for event in ("asked", "ended", "started")
    ]


def test_auditors_and_administrators_read_all_of_them_others_what_concerns_them(client):
    body = OrganisationFactory()
    viewing = ViewingFactory(person=PersonFactory(organisation=body))
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=body)
    readers = {
        viewing.person: 200,
        viewing.asked_by: 200,
        head: 200,
        PersonFactory(role=Role.AUDITOR): 200,
        PersonFactory(role=Role.SYSTEM_ADMINISTRATOR): 200,
        PersonFactory(role=Role.UNIT_HEAD): 404,
        PersonFactory(role=Role.DEPARTMENT_COORDINATOR): 404,
        PersonFactory(role=Role.DEPARTMENT_LEADER): 404,
    }
    for person, status in readers.items():
        client.force_login(person)
        assert client.get(reverse("access:viewing", args=[viewing.pk])).status_code == status
        listed = client.get(reverse("access:viewings")).content.decode()
        assert (viewing.reason in listed) == (status == 200)


def test_the_list_costs_the_same_for_one_and_for_three(client, django_assert_max_num_queries):
    client.force_login(PersonFactory(role=Role.AUDITOR))
    counts = []
    for more in (1, 2):
        for _n in range(more):
            ViewingFactory(open=True)
        with django_assert_max_num_queries(100) as asked:
            client.get(reverse("access:viewings"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_asking_and_answering_on_the_pages(client, helper, clerk):
    client.force_login(helper)
    asked = client.post(
        reverse("access:ask_to_view"), {"who": clerk.username.upper(), "reason": "Xem lỗi"}
    )
    viewing = Viewing.objects.get()
    assert asked.headers["Location"] == reverse("access:viewing", args=[viewing.pk])
    assert (
        client.post(reverse("access:ask_to_view"), {"who": "x", "reason": "y"}).status_code == 422
    )

    client.force_login(clerk)
    assert "Đồng ý" in client.get(asked.headers["Location"]).content.decode()
    client.post(reverse("access:answer_viewing", args=[viewing.pk]), {"answer": "no"})
    viewing.refresh_from_db()
    assert viewing.state_at(timezone.now()) == ViewingState.REFUSED
