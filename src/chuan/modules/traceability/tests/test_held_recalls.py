"""What a business reads and says that holds goods of a recall."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chuan.core.notices.models import Notice
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.traceability.models import RecallAnswer
from chuan.modules.traceability.operations.answers import answer_recall
from chuan.modules.traceability.operations.recalls import (
    end_recall,
    notify_holders,
    run_recall,
)
from chuan.modules.traceability.queries.recalls import holders_of
from chuan.modules.traceability.testing import (
    PartyFactory,
    a_gln,
    a_recall,
    capture,
    event,
    item,
    told_of_recall,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def party():
    return PartyFactory(organisation=OrganisationFactory(), name="Cửa hàng Hai Bà")


@pytest.fixture
def member(party):
    return PersonFactory(organisation=party.organisation)


def with_goods(notice):
    """Its recall, as if the last search had found everything with this holder."""
    notice.recall.items.update(holder=notice.holder, holder_name=notice.holder_name)
    return notice


def test_a_notice_leads_to_the_goods_what_to_do_and_a_form_for_the_answer(client, party, member):
    capture(event(1, epcList=[item(1)]))
    notice = with_goods(told_of_recall(party))
    notify_holders(actor=notice.sent_by, recall=notice.recall, wanted=None, at=timezone.now())
    client.force_login(member)

    told = Notice.objects.get(person=member)
    page = client.get(told.url)

    assert page.status_code == 200
    assert "Ngừng bán, để riêng." in page.text
    assert page.context["goods_count"] == 1
    address = reverse("traceability:held-recalls")
    assert "Cần trả lời" in client.get(address).text
    client.post(told.url, {"text": "Còn 5 thùng, đã để riêng."})
    assert RecallAnswer.objects.get().text == "Còn 5 thùng, đã để riêng."
    assert "Đã trả lời" in client.get(address).text


def test_the_department_reads_the_answer_where_it_follows_the_recall(client, party, member):
    notice = told_of_recall(party)
    answer_recall(
        actor=member, recall=notice.recall, party=party, text="Còn 5 thùng.", at=timezone.now()
    )
    opener = notice.recall.opened_by
    client.force_login(opener)

    told = Notice.objects.get(person=opener, title="Cửa hàng Hai Bà trả lời về thu hồi")

    assert "Còn 5 thùng." in client.get(told.url).text


def test_the_desk_says_what_is_to_be_answered_and_decided(client, party, member):
    notice = told_of_recall(party)
    desk = reverse("my_work:list")
    client.force_login(member)

    assert reverse("traceability:held-recall", args=[notice.pk]) in client.get(desk).text
    answer_recall(
        actor=member, recall=notice.recall, party=party, text="Không còn.", at=timezone.now()
    )
    assert "đang giữ hàng bị thu hồi" not in client.get(desk).text
    waiting = a_recall(actor=notice.recall.opened_by)
    client.force_login(notice.recall.issued_by)
    shown = client.get(desk).text
    assert "Chờ bạn quyết định thu hồi:" in shown
    assert reverse("chains:recall", args=[waiting.pk]) in shown
    client.force_login(waiting.opened_by)
    assert "Chờ bạn quyết định thu hồi:" not in client.get(desk).text


def test_an_answer_says_something_about_a_recall_in_force_one_was_told_of(party, member):
    notice = told_of_recall(party)
    said = {"actor": member, "recall": notice.recall, "party": party, "at": timezone.now()}

    with pytest.raises(ValidationError):
        answer_recall(**said, text="  ")
    with pytest.raises(Denied, match="chưa được thông báo"):
        answer_recall(**said | {"recall": told_of_recall(PartyFactory()).recall}, text="Có.")
    end_recall(
        actor=notice.recall.issued_by,
        recall=notice.recall,
        conclusion="Xong.",
        version=2,
        at=timezone.now(),
    )
    with pytest.raises(Denied, match="không còn chờ"):
        answer_recall(**said, text="Có.")
    assert not RecallAnswer.objects.exists()


def test_a_business_reads_and_answers_what_it_was_told_under_a_name_it_had_before(
    client, party, member
):
    capture(event(1, epcList=[item(1)]))
    notice = with_goods(told_of_recall(party))
    notify_holders(actor=notice.sent_by, recall=notice.recall, wanted=None, at=timezone.now())
    party.gln = a_gln(77)
    party.save()
    told = Notice.objects.get(person=member)
    client.force_login(member)

    assert client.get(told.url).context["goods_count"] == 1
    client.post(told.url, {"text": "Còn 5 thùng."})

    assert "Còn 5 thùng." in client.get(told.url).text
    assert "Cần trả lời" not in client.get(reverse("traceability:held-recalls")).text


def test_goods_sent_to_a_business_under_its_old_name_are_held_by_it(party):
    notice = told_of_recall(party)
    old = party.uri
    party.gln = a_gln(77)
    party.save()
    sent = {"type": "owning_party", "destination": old}
    capture(
        event(
            2,
            epcList=[item(1)],
            bizStep="shipping",
            disposition="in_transit",
            destinationList=[sent],
        )
    )

    run_recall(actor=notice.sent_by, recall=notice.recall, at=timezone.now())

    found = notice.recall.items.get(uri__contains="/21/1")
    assert (found.holder, found.holder_name) == (party.uri, party.name)
    (holder,) = [one for one in holders_of(notice.recall) if one.uri == party.uri]
    assert holder.notice == notice


def test_a_business_that_gets_a_number_after_it_was_told_was_told(party):
    sent = {"type": "owning_party", "destination": party.uri}
    capture(
        event(
            2,
            epcList=[item(1)],
            bizStep="shipping",
            disposition="in_transit",
            destinationList=[sent],
        )
    )
    notice = told_of_recall(party)
    run_recall(actor=notice.sent_by, recall=notice.recall, at=timezone.now())
    (before,) = [one for one in holders_of(notice.recall) if one.uri == party.uri]

    party.gln = a_gln(77)
    party.save()

    (holder,) = [one for one in holders_of(notice.recall) if one.uri == before.uri]
    assert (before.notice, holder.notice) == (notice, notice)


def test_a_business_that_is_told_again_has_to_answer_again(client, party, member):
    capture(event(1, epcList=[item(1)]))
    notice = with_goods(told_of_recall(party))
    answer_recall(
        actor=member, recall=notice.recall, party=party, text="Không còn.", at=timezone.now()
    )
    client.force_login(member)
    address = reverse("traceability:held-recalls")
    assert "Đã trả lời" in client.get(address).text

    notify_holders(actor=notice.sent_by, recall=notice.recall, wanted=None, at=timezone.now())

    assert "Cần trả lời" in client.get(address).text


def test_what_was_written_while_the_recall_ended_stays_in_sight(client, party, member):
    notice = told_of_recall(party)
    end_recall(
        actor=notice.recall.issued_by,
        recall=notice.recall,
        conclusion="Xong.",
        version=2,
        at=timezone.now(),
    )
    client.force_login(member)

    page = client.post(
        reverse("traceability:held-recall", args=[notice.pk]), {"text": "Còn 5 thùng."}
    )

    assert page.status_code == 422
    assert "Còn 5 thùng." in page.text
    assert "không còn chờ" in page.text


def test_nobody_reads_what_another_business_was_told(client, party, member):
    notice = told_of_recall(PartyFactory(organisation=OrganisationFactory()))
    client.force_login(member)

    page = client.get(reverse("traceability:held-recall", args=[notice.pk]))

    assert page.status_code == 404
    listed = client.get(reverse("traceability:held-recalls")).text
    assert "Không có hàng nào phải thu hồi" in listed


def test_the_list_costs_the_same_whatever_its_length(client, party, member):
    told_of_recall(party)
    client.force_login(member)
    address = reverse("traceability:held-recalls")
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _more in range(3):
        told_of_recall(party)

    with CaptureQueriesContext(connection) as four:
        client.get(address)

    assert len(four) == len(one)


def test_leaders_learn_that_a_recall_waits_for_them_and_who_opened_it_reads_so(client):
    department = OrganisationFactory()
    opener = PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department)
    leader = PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=department)

    recall = a_recall(actor=opener)

    told = Notice.objects.get(person=leader)
    assert told.title == "Đợt thu hồi chờ quyết định: Cá hộp nhiễm khuẩn"
    assert told.url == reverse("chains:recall", args=[recall.pk])
    client.force_login(opener)
    assert "Lãnh đạo cơ quan đã được báo" in client.get(told.url).text
