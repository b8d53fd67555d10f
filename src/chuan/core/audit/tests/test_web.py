from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from chuan.core.audit import titles
from chuan.core.audit.operations import record
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db

PAGE = "/nhat-ky/"
READERS = {Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR}
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def text_of(page):
    assert page.status_code == 200
    return page.content.decode()


def write(action="legal.source_added", actor=None, subject=None, at=None, **details):
    subject = subject or PersonFactory(role=None)
    moment = at or datetime(2026, 11, 19, 9, tzinfo=VIETNAM)
    with time_machine.travel(moment, tick=False), transaction.atomic():
        record(action=action, actor=actor, by="tests", subject=subject, **details)


@pytest.fixture
def auditor(client):
    person = PersonFactory(role=Role.AUDITOR, full_name="Bùi Thị Kiểm")
    client.force_login(person)
    return person


@pytest.mark.parametrize("role", list(Role))
def test_the_ledger_is_read_by_auditors_and_administrators_only(client, role):
    write(subject=PersonFactory(role=None, full_name="Người Được Ghi"))
    client.force_login(PersonFactory(role=role))
    page = client.get(PAGE)
    assert page.status_code == (200 if role in READERS else 403)
    assert ("Người Được Ghi" in page.content.decode()) is (role in READERS)
    assert ('href="/nhat-ky/"' in page.content.decode()) is (role in READERS)


def test_who_runs_the_system_reads_accounts_and_settings_and_nothing_of_the_work(client):
    write(action="people.role_granted", subject=PersonFactory(role=None, full_name="Việc Quản Trị"))
    write(action="plans.plan_approved", subject=PersonFactory(role=None, full_name="Kế Hoạch Mật"))
    write(action="nobody.named_this", subject=PersonFactory(role=None, full_name="Không Rõ"))
    found = {}
    for role in READERS:
        client.force_login(PersonFactory(role=role))
        pages = [
            text_of(client.get(PAGE)),
            client.get(PAGE + "?export=csv").getvalue().decode(),
            text_of(client.get(PAGE + "?viec=plans.plan_approved&doi_tuong=Kế")),
        ]
        found[role] = [
            [name in page for name in ("Việc Quản Trị", "Kế Hoạch Mật", "Không Rõ")]
            for page in pages
        ]

    assert found[Role.AUDITOR] == [[True, True, True], [True, True, True], [False, True, False]]
    for lines in found[Role.SYSTEM_ADMINISTRATOR]:
        assert lines[1:] == [False, False]
    assert found[Role.SYSTEM_ADMINISTRATOR][0][0]


def test_actions_of_the_work_are_not_offered_to_who_runs_the_system(client):
    write()
    client.force_login(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR))

    page = text_of(client.get(PAGE))

    assert ("people.role_granted" in page, "plans.plan_approved" in page) == (True, False)


@pytest.mark.usefixtures("auditor")
def test_a_line_nobody_sealed_goes_out_with_an_empty_seal(client):
    # In the transaction of a test the seal comes only at its end.
    write()

    lines = client.get(PAGE + "?export=csv").getvalue().decode("utf-8-sig").splitlines()

    assert lines[1].endswith(",")


@pytest.mark.usefixtures("auditor")
def test_a_line_says_in_words_who_did_what_to_what(client):
    actor = PersonFactory(full_name="Trần Văn Làm")
    write(actor=actor, subject=PersonFactory(role=None, full_name="Đối Tượng"), note="xyz")
    page = text_of(client.get(PAGE))
    assert "Trần Văn Làm" in page
    assert "Thêm căn cứ pháp lý: Đối Tượng" in page
    assert "09:00, 19/11/2026" in page
    assert "xyz" in page


@pytest.mark.usefixtures("auditor")
def test_an_action_nobody_named_is_shown_by_its_code(client):
    write(action="tests.nobody_named_this")
    assert "tests.nobody_named_this" in text_of(client.get(PAGE))


@pytest.mark.usefixtures("auditor")
def test_what_the_machine_did_is_said_to_be_the_machines(client):
    write()
    assert "Hệ thống" in text_of(client.get(PAGE))


@pytest.mark.usefixtures("auditor")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"một", "hai"}),
        ({"ai": "tran van"}, {"một"}),
        ({"viec": "legal.source_confirmed"}, {"hai"}),
        ({"doi_tuong": "MOT"}, {"một"}),
        ({"tu": "20/11/2026"}, {"hai"}),
        ({"den": "19/11/2026"}, {"một"}),
        ({"tu": "19/11/2026", "den": "20/11/2026"}, {"một", "hai"}),
        ({"ai": "không có ai"}, set()),
    ],
)
def test_lines_are_narrowed_by_person_action_subject_and_day(client, asked, found):
    write(
        actor=PersonFactory(full_name="Trần Văn Làm"),
        subject=PersonFactory(role=None, full_name="Đối tượng một"),
        at=datetime(2026, 11, 19, 23, 59, 59, tzinfo=VIETNAM),
    )
    write(
        action="legal.source_confirmed",
        subject=PersonFactory(role=None, full_name="Đối tượng hai"),
        at=datetime(2026, 11, 20, 0, 0, tzinfo=VIETNAM),
    )
    page = text_of(client.get(PAGE, asked))
    assert {word for word in ("một", "hai") if f"Đối tượng {word}" in page} == found


@pytest.mark.usefixtures("auditor")
def test_the_page_costs_the_same_for_one_line_and_for_many(client):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            text_of(client.get(PAGE))
        return len(asked)

    write(actor=PersonFactory())
    one = cost()
    for _number in range(5):
        write(actor=PersonFactory())
    assert cost() == one


@pytest.mark.django_db(transaction=True)
def test_a_sealed_line_shows_its_place_in_the_chain(client):
    client.force_login(PersonFactory(role=Role.AUDITOR))
    write()
    page = text_of(client.get(PAGE))
    assert "Chưa niêm" not in page
    assert "Dấu niêm cuối: số 1" in page
    assert client.get(PAGE, {"export": "csv"}).status_code == 200


def test_an_action_has_one_name():
    with pytest.raises(ValueError, match="twice"):
        titles.register("legal.source_added", "Lần nữa")
    assert titles.is_registered("legal.source_added")
    assert not titles.is_registered("legal.never_heard_of")
