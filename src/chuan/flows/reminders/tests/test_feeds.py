"""The personal calendar."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from chuan.core.audit.models import Entry
from chuan.core.people.models import Person
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report.testing import a_situation
from chuan.flows.reminders.engine.icalendar import Deadline, calendar
from chuan.flows.reminders.models import CalendarFeed
from chuan.flows.reminders.operations import feeds
from chuan.flows.reminders.testing import VIETNAM
from chuan.modules.plans.facade import Achievement
from chuan.modules.plans.testing import AssignmentFactory, ContributionRequestFactory

AT = datetime(2026, 11, 2, tzinfo=UTC)
NOON = datetime(2026, 11, 2, 12, tzinfo=VIETNAM)
Assignment = AssignmentFactory._meta.model


def unfolded(content):
    return content.decode().replace("\r\n ", "").split("\r\n")


@given(text=st.text(max_size=300))
def test_any_text_makes_lines_of_75_octets_that_read_back(text):
    content = calendar("Lịch", [Deadline("a-1@b", date(2026, 11, 2), text, text, "/")], at=AT)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    (summary,) = [line for line in unfolded(content) if line.startswith("SUMMARY:")]
    read = (
        summary.removeprefix("SUMMARY:")
        .replace("\\\\", "\0")
        .replace("\\;", ";")
        .replace("\\,", ",")
        .replace("\\n", "\n")
        .replace("\0", "\\")
    )
    assert read == "".join(sign for sign in text if sign >= " " or sign in "\n\t")


def test_a_deadline_fills_one_day_and_keeps_nobody_busy():
    content = calendar(
        "Hạn", [Deadline("work-1@h", date(2026, 12, 31), "Hạn; một, hai", "", "http://h/1/")], at=AT
    )
    assert unfolded(content)[8:18] == [
        "BEGIN:VEVENT",
        "UID:work-1@h",
        "DTSTAMP:20261102T000000Z",
        "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101",
        "SUMMARY:Hạn\\; một\\, hai",
        "DESCRIPTION:",
        "URL:http://h/1/",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


@pytest.fixture
def world(db):
    return a_situation(bodies=2)


def read(client, key):
    with time_machine.travel(NOON, tick=False):
        return client.get(f"/lich-han/{key}.ics")


def test_it_has_what_the_person_s_bodies_owe_and_nothing_of_others(client, world):
    lead, other = (Assignment.objects.get(organisation=body) for body in world.bodies)
    asked = ContributionRequestFactory(lead=other, assignment__organisation=world.bodies[0])
    key = feeds.make_feed(actor=world.clerks[0])

    page = read(client, key)

    assert page.headers["Content-Type"] == "text/calendar; charset=utf-8"
    uids = {line for line in unfolded(page.content) if line.startswith("UID:")}
    assert uids == {
        f"UID:work-{lead.pk}@localhost:8000",
        f"UID:report-{world.reports[0].pk}@localhost:8000",
        f"UID:part-{asked.pk}@localhost:8000",
    }


def test_what_is_done_leaves_the_calendar(client, world):
    key = feeds.make_feed(actor=world.clerks[0])
    before = read(client, key).content
    Assignment.objects.update(achievement=Achievement.COMPLETE, done_on=date(2026, 11, 1))
    after = read(client, key).content
    assert (b"UID:work-" in before, b"UID:work-" in after) == (True, False)


def test_it_is_kept_and_asked_for_again_without_being_sent_again(client, world):
    key = feeds.make_feed(actor=world.clerks[0])
    first = read(client, key)
    assert first.headers["Cache-Control"] == "private, max-age=3600"
    with time_machine.travel(NOON, tick=False):
        again = client.get(f"/lich-han/{key}.ics", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_wrong_a_withdrawn_and_a_renewed_key_open_nothing(client, world):
    clerk = world.clerks[0]
    old = feeds.make_feed(actor=clerk)
    new = feeds.make_feed(actor=clerk)
    assert [read(client, key).status_code for key in ("x" * 43, old, new)] == [404, 404, 200]
    feeds.withdraw_feed(actor=clerk)
    assert read(client, new).status_code == 404


def test_a_closed_account_has_no_calendar(client, world):
    key = feeds.make_feed(actor=world.clerks[0])
    Person.objects.filter(pk=world.clerks[0].pk).update(is_active=False)
    assert read(client, key).status_code == 404


def test_whose_role_has_ended_reads_an_empty_calendar(client, world):
    key = feeds.make_feed(actor=world.clerks[0])
    world.clerks[0].memberships.all().delete()
    assert b"BEGIN:VEVENT" not in read(client, key).content


def test_the_address_is_shown_once_and_kept_as_a_hash(client, world):
    client.force_login(world.clerks[0])
    page = client.post("/nhac-viec/lich/")
    assert page.headers["Cache-Control"] == "no-store"
    key = page.content.decode().partition("/lich-han/")[2].partition(".ics")[0]
    assert read(client, key).status_code == 200
    assert key not in str(CalendarFeed.objects.values())
    assert key not in client.get("/nhac-viec/").content.decode()

    assert client.post("/nhac-viec/lich/thu-hoi/").status_code == 302
    assert read(client, key).status_code == 404


def test_a_calendar_costs_the_same_with_one_deadline_and_with_many(
    client, world, django_assert_max_num_queries
):
    key = feeds.make_feed(actor=world.clerks[0])
    counts = []
    for _more in range(2):
        with django_assert_max_num_queries(30) as queries:
            read(client, key)
        counts.append(len(queries))
        for year in (2026, 2027):
            AssignmentFactory(organisation=world.bodies[0], year=year)
    assert counts[0] == counts[1]


def test_withdrawing_what_is_not_there_changes_nothing(db):
    feeds.withdraw_feed(actor=PersonFactory())
    assert not CalendarFeed.objects.exists()


@pytest.mark.django_db
def test_the_address_ends_with_the_password(client):
    person = PersonFactory()
    address = f"/lich-han/{feeds.make_feed(actor=person)}.ics"
    assert client.get(address).status_code == 200
    client.force_login(person)

    new = "mot-mat-khau-khac-han"
    client.post(
        "/tai-khoan/mat-khau/",
        {"oldpassword": "mat-khau-de-thu", "password1": new, "password2": new},
    )

    assert client.get(address).status_code == 404
    line = Entry.objects.get(action="reminders.calendar_withdrawn")
    assert (line.actor, line.actor_name) == (None, "access.credentials_changed")
    page = client.get("/nhac-viec/")
    assert page.status_code == 302  # signed out everywhere, too


def test_who_has_no_work_of_their_own_reads_why_the_calendar_is_empty(client, world):
    for person, says in [(world.coordinator, True), (world.clerks[0], False)]:
        client.force_login(person)
        page = client.get(reverse("reminders:mine")).content.decode()
        assert ("nên lịch của bạn trống" in page) == says
