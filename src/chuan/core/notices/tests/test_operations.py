import smtplib
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.core.jobs.testing import perform_jobs
from chuan.core.notices import operations, queries, tasks
from chuan.core.notices.enums import MailState
from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.notices.testing import NoticeFactory, OutgoingMailFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db


def tell(people, **changes):
    given = {
        "dedupe_key": "annual_report.returned:41:2",
        "title": "Báo cáo năm 2026 được trả lại",
        "body": "Lý do: thiếu số liệu mục II.3",
        "url": "/bao-cao/41/",
        **changes,
    }
    return operations.tell(people, **given)


def test_a_notice_reaches_the_inbox_and_the_outbox(settings):
    settings.CHUAN_URL = "https://chuan.example.vn"
    person = PersonFactory(email="ha@example.vn")

    assert tell([person], urgent=True) == 1

    notice = Notice.objects.get()
    assert (notice.person, notice.title, notice.url) == (
        person,
        "Báo cáo năm 2026 được trả lại",
        "/bao-cao/41/",
    )
    letter = OutgoingMail.objects.get()
    assert (letter.address, letter.state) == ("ha@example.vn", MailState.WAITING)
    assert letter.body.startswith(
        "Báo cáo năm 2026 được trả lại\n\nLý do: thiếu số liệu mục II.3\n\n"
    )
    assert "https://chuan.example.vn/bao-cao/41/" in letter.body


def test_what_is_said_twice_is_said_once():
    one, other = PersonFactory(), PersonFactory()

    assert tell([one, one]) == 1
    assert tell([one, other]) == 1
    assert tell([one, other]) == 0
    assert (Notice.objects.count(), OutgoingMail.objects.count()) == (2, 0)
    assert tell([one], dedupe_key="annual_report.returned:41:3") == 1


def test_who_has_no_address_or_wants_no_mail_gets_the_notice_alone_and_a_closed_account_nothing():
    tell([PersonFactory(email="")], urgent=True)
    tell([PersonFactory()], mail=False, urgent=True)
    tell([PersonFactory(is_active=False)], urgent=True)
    assert (Notice.objects.count(), OutgoingMail.objects.count()) == (2, 0)
    assert queries.awaiting_digest() == {}


# by_mail, urgent_at_once, urgent → a letter now, a place in the daily letter
WISHES = {
    (True, True, True): (True, False),
    (True, True, False): (False, True),
    (True, False, True): (False, True),
    (True, False, False): (False, True),
    (False, True, True): (False, False),
    (False, True, False): (False, False),
    (False, False, True): (False, False),
    (False, False, False): (False, False),
}


@pytest.mark.parametrize(("by_mail", "at_once", "urgent"), WISHES)
def test_each_is_told_by_mail_as_they_wish(by_mail, at_once, urgent):
    person = PersonFactory()
    operations.choose_mail(actor=person, by_mail=by_mail, urgent_at_once=at_once)

    tell([person], urgent=urgent)

    assert Notice.objects.filter(person=person).count() == 1
    told = (OutgoingMail.objects.exists(), person.pk in queries.awaiting_digest())
    assert told == WISHES[by_mail, at_once, urgent]


def test_who_chose_nothing_is_told_daily_and_of_what_is_urgent_at_once():
    person = PersonFactory()
    assert queries.wishes_of([person.pk]) == {person.pk: queries.Wishes(True, True)}


def test_what_waited_for_the_daily_letter_is_dropped_when_no_letters_are_wished():
    person = PersonFactory()
    tell([person])
    assert person.pk in queries.awaiting_digest()

    operations.choose_mail(actor=person, by_mail=False, urgent_at_once=False)

    assert queries.awaiting_digest() == {}
    assert Entry.objects.get(action="notices.mail_chosen").details["by_mail"] is False


def test_what_was_read_or_taken_along_waits_for_no_letter():
    reader, other = PersonFactory(), PersonFactory()
    tell([reader, other])
    operations.mark_all_read(actor=reader)
    ((person_id, notices),) = queries.awaiting_digest().items()
    assert person_id == other.pk

    operations.take_along(notices)

    assert queries.awaiting_digest() == {}


@pytest.mark.django_db(transaction=True)
def test_two_jobs_that_tell_at_once_tell_once():
    people = [PersonFactory() for _ in range(5)]
    threads = []

    def say():
        try:
            tell(people, urgent=True)
        finally:
            connection.close()

    for _ in range(4):
        threads.append(threading.Thread(target=say))
        threads[-1].start()
    for thread in threads:
        thread.join(timeout=20)

    assert (Notice.objects.count(), OutgoingMail.objects.count()) == (5, 5)


def test_telling_costs_the_same_for_one_and_for_three(django_assert_num_queries):
    for people in ([PersonFactory()], [PersonFactory() for _ in range(3)]):
        # savepoint, what was said, wishes, notices, letters, release
        with django_assert_num_queries(6):
            tell(people, urgent=True)


def test_notices_are_read_by_the_one_they_were_written_to():
    notice = NoticeFactory()
    with pytest.raises(Denied, match="gửi cho người khác"):
        operations.mark_read(actor=PersonFactory(), notice=notice)

    read = operations.mark_read(actor=notice.person, notice=notice)
    assert read.read_at is not None
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert operations.mark_read(actor=notice.person, notice=notice).read_at == read.read_at


def test_marking_all_read_leaves_other_peoples_alone():
    person, other = PersonFactory(), NoticeFactory()
    NoticeFactory(person=person), NoticeFactory(person=person)

    assert operations.mark_all_read(actor=person) == 2
    assert queries.unread_count(person) == 0
    assert queries.unread_count(other.person) == 1


def test_the_inbox_shows_unread_first_then_urgent_then_new():
    person, now = PersonFactory(), timezone.now()
    old = NoticeFactory(person=person, created_at=now - timedelta(days=2))
    urgent = NoticeFactory(person=person, created_at=now - timedelta(days=3), is_urgent=True)
    new = NoticeFactory(person=person, created_at=now)
    read = NoticeFactory(person=person, created_at=now, read=True, is_urgent=True)
    NoticeFactory()

    assert list(queries.inbox(person)) == [urgent, new, old, read]


# ---------------------------------------------------------------- letters


def test_due_letters_are_sent_once(settings):
    letter = OutgoingMailFactory(subject="Báo cáo được trả lại", body="Nội dung")
    OutgoingMailFactory(due_at=timezone.now() + timedelta(hours=1))

    assert operations.send_due_mail() == 1
    assert operations.send_due_mail() == 0

    assert [(m.to, m.subject, m.body) for m in mail.outbox] == [
        ([letter.address], "[Chuẩn] Báo cáo được trả lại", "Nội dung")
    ]
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (MailState.SENT, 1)
    assert letter.sent_at is not None


class Refusing:
    """A mail server that fails as told."""

    def __init__(self, error):
        self.error = error

    def __call__(self, *args, **kwargs):
        raise self.error


@pytest.fixture
def broken(monkeypatch):
    def break_with(error):
        monkeypatch.setattr("django.core.mail.EmailMessage.send", Refusing(error))

    return break_with


def test_a_server_that_is_down_is_tried_again_later_and_later_and_then_given_up(broken):
    broken(ConnectionRefusedError("no server"))
    letter = OutgoingMailFactory()
    now = timezone.now()
    waits = []
    for _ in range(10):
        operations.send_due_mail(at=now)
        letter.refresh_from_db()
        if letter.state == MailState.FAILED:
            break
        waits.append(letter.due_at - timezone.now())
        now = letter.due_at + timedelta(seconds=1)

    assert [round(wait / timedelta(minutes=1)) for wait in waits] == [1, 5, 15, 60, 240]
    assert (letter.state, letter.attempts) == (MailState.FAILED, 6)
    assert letter.last_error == "no server"


def test_an_address_that_does_not_exist_is_given_up_at_once(broken):
    broken(smtplib.SMTPRecipientsRefused({"la@example.vn": (550, b"unknown")}))
    letter = OutgoingMailFactory()
    operations.send_due_mail()
    letter.refresh_from_db()
    assert letter.state == MailState.FAILED


def test_one_bad_letter_does_not_hold_up_the_others(monkeypatch):
    bad, good = OutgoingMailFactory(subject="một\nhai"), OutgoingMailFactory()
    assert operations.send_due_mail() == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == (MailState.FAILED, MailState.SENT)


class Crash(BaseException):
    """The machine goes off."""


def test_a_letter_whose_sending_was_cut_off_is_not_sent_a_second_time(monkeypatch):
    letter = OutgoingMailFactory()

    def send_and_die(message, *args, **kwargs):
        mail.outbox.append(message)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", send_and_die)
        with pytest.raises(Crash):
            operations.send_due_mail()

    letter.refresh_from_db()
    assert letter.state == MailState.SENDING
    assert operations.send_due_mail() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert operations.send_due_mail() == 0
    letter.refresh_from_db()
    assert letter.state == MailState.FAILED
    assert "không rõ thư đã đi hay chưa" in letter.last_error
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_send_each_letter_once():
    for _ in range(12):
        OutgoingMailFactory()
    sent = []

    def work():
        try:
            sent.append(operations.send_due_mail())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sum(sent) == 12
    assert sorted(m.to[0] for m in mail.outbox) == sorted(
        OutgoingMail.objects.values_list("address", flat=True)
    )


def test_a_letter_with_a_key_is_forgotten_once_it_is_sent_or_given_up(broken):
    sent = PersonFactory()
    operations.send_letter(person=sent, subject="Chọn mật khẩu", body="http://…", is_secret=True)
    operations.send_due_mail()
    assert OutgoingMail.objects.get().body == ""
    broken(smtplib.SMTPRecipientsRefused({}))
    operations.send_letter(person=sent, subject="Chọn mật khẩu", body="http://…", is_secret=True)
    operations.send_due_mail()
    assert set(OutgoingMail.objects.values_list("state", "body")) == {("sent", ""), ("failed", "")}


def test_whoever_has_no_address_gets_no_letter():
    assert not operations.send_letter(person=PersonFactory(email=""), subject="a", body="b")
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("role", list(Role))
def test_an_administrator_alone_sends_a_given_up_letter_again(role):
    actor, letter = (
        PersonFactory(role=role),
        OutgoingMailFactory(state=MailState.FAILED, attempts=6),
    )
    if role == Role.SYSTEM_ADMINISTRATOR:
        again = operations.try_again(actor=actor, letter=letter)
        assert (again.state, again.attempts) == (MailState.WAITING, 0)
        assert operations.send_due_mail() == 1
        assert Entry.objects.get().action == "notices.letter_sent_again"
    else:
        with pytest.raises(Denied, match="Chỉ người quản trị hệ thống"):
            operations.try_again(actor=actor, letter=letter)
        assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("state", "body", "message"),
    [(MailState.SENT, "a", "chưa bị dừng gửi"), (MailState.FAILED, "", "liên kết bí mật")],
)
def test_only_what_was_given_up_and_is_still_known_is_sent_again(state, body, message):
    sent_at = timezone.now() if state == MailState.SENT else None
    letter = OutgoingMailFactory(state=state, body=body, sent_at=sent_at)
    with pytest.raises(Denied, match=message):
        operations.try_again(actor=None, letter=letter)


def test_the_job_sends_what_is_due():
    OutgoingMailFactory()
    tasks.send_due_mail()
    assert len(mail.outbox) == 1
    assert perform_jobs() == []


def test_the_outbox_says_how_it_is_doing():
    old = OutgoingMailFactory(created_at=timezone.now() - timedelta(hours=3))
    OutgoingMailFactory()
    OutgoingMailFactory(state=MailState.FAILED)
    assert queries.outbox() == queries.Outbox(waiting=2, oldest_waiting=old.created_at, failed=1)


@pytest.mark.django_db
@pytest.mark.parametrize("is_security", [True, False])
def test_a_warning_about_the_account_is_a_letter_whatever_was_chosen(is_security):
    person = PersonFactory()
    operations.choose_mail(actor=person, by_mail=False, urgent_at_once=False)

    operations.tell(
        [person], dedupe_key="test:1", title="Xem như bạn", urgent=True, is_security=is_security
    )

    assert OutgoingMail.objects.filter(person=person).exists() == is_security
    assert Notice.objects.get(person=person).is_urgent
