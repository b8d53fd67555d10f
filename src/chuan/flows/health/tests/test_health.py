"""What the administrator is shown, what machines read, and who is told when the worker died."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection

from chuan.core.jobs.tasks import forget_old_jobs
from chuan.core.notices.enums import MailState
from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.notices.testing import OutgoingMailFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.health import operations, queries
from chuan.flows.reminders.models import DigestRun
from chuan.flows.reminders.testing import VIETNAM
from chuan.modules.plans.testing import PlanFactory

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 9, tzinfo=VIETNAM)


@pytest.fixture
def administrator():
    return PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)


def all_is_well(at):
    """A worker that lives, a reconciliation and digests of this morning."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [at])
    PlanFactory(reconciled_at=at - timedelta(hours=7))
    DigestRun.objects.create(day=at.date(), started_at=at, ended_at=at, given=3)


def faults(at):
    return {one.code for one in queries.checks(at) if not one.is_fine}


@pytest.fixture
def _well():
    all_is_well(MONDAY)


@pytest.mark.usefixtures("_well")
def test_nothing_is_said_where_all_is_well():
    assert faults(MONDAY) == set()


def no_worker():
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '2 min'"
        )


def a_job_waits():
    forget_old_jobs.after_commit()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = %s", [MONDAY - timedelta(minutes=11)])


def a_job_is_stuck():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('default', 'x') RETURNING id"
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", cursor.fetchone()
        )


def not_reconciled():
    PlanFactory(reconciled_at=MONDAY - timedelta(hours=27))


def no_digest_today():
    DigestRun.objects.update(day=MONDAY.date() - timedelta(days=3))


def mail_waits():
    OutgoingMailFactory(created_at=MONDAY - timedelta(minutes=11))


def mail_failed():
    OutgoingMailFactory(state=MailState.FAILED)


@pytest.mark.usefixtures("_well")
@pytest.mark.parametrize(
    ("trouble", "found"),
    [
        (no_worker, {"worker"}),
        (a_job_waits, {"queue"}),
        (a_job_is_stuck, {"stuck"}),
        (not_reconciled, {"reconciled"}),
        (no_digest_today, {"digest"}),
        (mail_waits, {"mail_waiting"}),
        (mail_failed, {"mail_failed"}),
    ],
)
def test_each_trouble_is_found_and_says_what_to_do(trouble, found):
    trouble()
    bad = [one for one in queries.checks(MONDAY) if not one.is_fine]
    assert {one.code for one in bad} == found
    assert all(one.remedy for one in bad)


@pytest.mark.usefixtures("_well")
def test_before_eight_and_on_days_off_yesterday_s_digest_will_do():
    DigestRun.objects.update(day=MONDAY.date() - timedelta(days=3))  # Friday
    assert "digest" not in faults(MONDAY.replace(hour=7, minute=30))
    assert "digest" not in faults(MONDAY - timedelta(days=1))


@pytest.mark.usefixtures("_well")
def test_a_full_disk_is_found(monkeypatch):
    monkeypatch.setattr(queries.shutil, "disk_usage", lambda path: type("", (), {"free": 1e9}))
    assert faults(MONDAY) == {"disk"}


def test_the_page_is_the_administrator_s(client, administrator):
    OutgoingMailFactory(state=MailState.FAILED, address="ai-do@example.vn")
    client.force_login(administrator)
    page = client.get("/he-thong/suc-khoe/").content.decode()
    assert "Thư không gửi được" in page
    assert "sửa địa chỉ của người nhận rồi gửi lại" in page
    assert "ai-do@example.vn" not in page


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMINISTRATOR])
def test_nobody_else_sees_it(client, role):
    client.force_login(PersonFactory(role=role))
    assert client.get("/he-thong/suc-khoe/").status_code == 403


# ---------------------------------------------------------------- metrics


def test_metrics_are_nowhere_unless_somebody_may_read_them(client, settings):
    settings.CHUAN_METRICS_TOKEN, settings.CHUAN_METRICS_FROM = "", ()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404

    settings.CHUAN_METRICS_TOKEN = "khoa-do-dem"
    assert client.get("/metrics", headers={"Authorization": "Bearer sai"}).status_code == 404
    page = client.get("/metrics", headers={"Authorization": "Bearer khoa-do-dem"})
    assert page.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize(
    ("given", "status"), [("10.0.0.0/8", 404), ("127.0.0.0/8", 200), ("::1/128", 404)]
)
def test_metrics_are_read_from_known_places(client, settings, given, status):
    import ipaddress  # noqa: PLC0415

    settings.CHUAN_METRICS_FROM = (ipaddress.ip_network(given),)
    assert client.get("/metrics").status_code == status
    proxied = client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert proxied.status_code == 404


@pytest.mark.usefixtures("_well")
def test_metrics_are_counts_and_times_in_prometheus_format():
    person = PersonFactory(full_name="Nguyễn Thị Bí Mật", email="bi-mat@example.vn")
    OutgoingMailFactory(person=person, state=MailState.FAILED)
    text = queries.metrics(MONDAY)
    values = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            assert re.fullmatch(r"chuan_[a-z_]+ -?\d+(\.\d+)?(e[+-]?\d+)?", line)
            name, value = line.split()
            values[name] = float(value)
    assert (values["chuan_mail_failed"], values["chuan_workers"]) == (1, 1)
    assert values["chuan_last_digest_people"] == 3
    assert text.count("# TYPE") == len(values)
    assert "Bí Mật" not in text
    assert "@" not in text


def test_looking_costs_the_same_whatever_there_is(django_assert_num_queries):
    all_is_well(MONDAY)
    with django_assert_num_queries(14):
        queries.checks(MONDAY)
    for _more in range(3):
        PlanFactory(reconciled_at=MONDAY)
        OutgoingMailFactory()
    with django_assert_num_queries(14):
        queries.checks(MONDAY)


# ---------------------------------------------------------------- the alarm


class Watched:
    def __init__(self):
        self.watch = operations.Watch()

    def look(self, at):
        with time_machine.travel(at, tick=False):
            return {one.code for one in self.watch.look(at=at)}


@pytest.fixture
def watched():
    return Watched()


@pytest.mark.usefixtures("_well")
def test_when_the_worker_died_administrators_have_a_letter_within_ten_minutes(
    administrator, watched
):
    other = PersonFactory()
    found = [watched.look(MONDAY + timedelta(minutes=minute)) for minute in range(11)]
    assert (found[0], found[3]) == (set(), set())
    assert found[10] == {"worker"}

    notice = Notice.objects.get(person=administrator)
    assert notice.title == "Hệ thống cần xem lại: Tiến trình làm việc"
    assert "chuan worker" in notice.body
    assert OutgoingMail.objects.get(person=administrator).state == MailState.SENT
    assert [letter.to for letter in mail.outbox] == [[administrator.email]]
    assert not Notice.objects.filter(person=other).exists()


@pytest.mark.usefixtures("_well")
def test_a_worker_that_is_restarted_calls_nobody(administrator, watched):
    for minute in (2, 3, 4):
        watched.look(MONDAY + timedelta(minutes=minute))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = %s", [MONDAY + timedelta(minutes=5)]
        )
    watched.look(MONDAY + timedelta(minutes=5))
    watched.look(MONDAY + timedelta(minutes=7))
    assert not Notice.objects.exists()


@pytest.mark.usefixtures("_well")
def test_each_fault_is_told_once_a_day(administrator, watched):
    for minute in range(2, 20):
        watched.look(MONDAY + timedelta(minutes=minute))
    assert Notice.objects.filter(dedupe_key__startswith="health.worker").count() == 1
    watched.look(MONDAY + timedelta(days=1))
    assert Notice.objects.filter(dedupe_key__startswith="health.worker").count() == 2


def test_without_an_administrator_the_watch_goes_on(watched):
    watched.look(MONDAY)
    assert "worker" in watched.look(MONDAY + timedelta(minutes=5))
