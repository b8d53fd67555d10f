import re

import pytest

from chuan.core.notices.enums import MailState
from chuan.core.notices.models import OutgoingMail
from chuan.core.notices.testing import NoticeFactory, OutgoingMailFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db


def text_of(page):
    return re.sub(r"\s+", " ", page.content.decode())


def test_the_inbox_shows_ones_own_notices(client):
    person = PersonFactory()
    NoticeFactory(person=person, title="Báo cáo được trả lại", is_urgent=True)
    NoticeFactory(title="Của người khác")
    client.force_login(person)

    text = text_of(client.get("/thong-bao/"))

    assert "1 thông báo chưa đọc" in text
    assert "Báo cáo được trả lại" in text
    assert "Cần xem ngay" in text
    assert "Của người khác" not in text


def test_the_bell_counts_what_is_unread(client):
    person = PersonFactory()
    (
        NoticeFactory(person=person),
        NoticeFactory(person=person),
        NoticeFactory(person=person, read=True),
    )
    client.force_login(person)

    assert '<span class="count">2</span>' in text_of(client.get("/thong-bao/"))


def test_opening_a_notice_marks_it_and_leads_to_its_page(client):
    notice = NoticeFactory(url="/tai-khoan/phien/")
    client.force_login(notice.person)

    page = client.post(f"/thong-bao/{notice.pk}/mo/")

    assert page.headers["Location"] == "/tai-khoan/phien/"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_a_notice_leads_nowhere_outside(client):
    notice = NoticeFactory(url="https://elsewhere.example/")
    client.force_login(notice.person)
    assert client.post(f"/thong-bao/{notice.pk}/mo/").headers["Location"] == "/thong-bao/"


def test_somebody_elses_notice_is_not_there(client):
    notice = NoticeFactory()
    client.force_login(PersonFactory())
    for act in ("mo", "da-doc"):
        assert client.post(f"/thong-bao/{notice.pk}/{act}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_looking_marks_nothing_read(client):
    notice = NoticeFactory()
    client.force_login(notice.person)
    client.get("/thong-bao/")
    assert client.get(f"/thong-bao/{notice.pk}/mo/").status_code == 405
    notice.refresh_from_db()
    assert notice.read_at is None


def test_everything_is_marked_read_at_once(client):
    person = PersonFactory()
    NoticeFactory(person=person), NoticeFactory(person=person)
    client.force_login(person)
    client.post("/thong-bao/da-doc-het/")
    assert "Bạn đã đọc hết." in text_of(client.get("/thong-bao/"))


def test_an_inbox_of_one_and_of_three_costs_the_same(client, django_assert_num_queries):
    person = PersonFactory()
    client.force_login(person)
    NoticeFactory(person=person)
    client.get("/thong-bao/")
    for _ in range(2):
        with django_assert_num_queries(10):
            client.get("/thong-bao/")
        NoticeFactory(person=person), NoticeFactory(person=person)


def test_the_administrator_sees_how_letters_fare_and_not_what_they_say(client):
    OutgoingMailFactory(subject="Báo cáo bị trả lại", state=MailState.FAILED, last_error="hộp đầy")
    client.force_login(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR))

    text = text_of(client.get("/thong-bao/thu-di/"))

    assert "hộp đầy" in text
    assert "Báo cáo bị trả lại" not in text
    client.post(f"/thong-bao/thu-di/{OutgoingMail.objects.get().pk}/gui-lai/")
    assert OutgoingMail.objects.get().state == MailState.WAITING


def test_nobody_else_sees_the_outbox(client):
    client.force_login(PersonFactory(role=Role.UNIT_HEAD))
    assert client.get("/thong-bao/thu-di/").status_code == 403
