"""A body asks for more time to report; the clock stands still until the department decides."""

import itertools
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from chuan.core.calendar.enums import ExtensionState
from chuan.core.notices.models import Notice
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report import facade, rules
from chuan.flows.annual_report.models import ReportExtension, UnitReport
from chuan.flows.annual_report.operations import extensions, letters
from chuan.flows.annual_report.queries.days import due_now
from chuan.flows.annual_report.queries.letters.consolidated import ADDRESSED_BY_NAME
from chuan.flows.annual_report.queries.letters.urging import as_they_stood, urging_letter
from chuan.flows.annual_report.queries.parts import is_on_time
from chuan.flows.annual_report.testing import IN_TIME, VIETNAM, a_situation
from chuan.lib.rules import Denied
from chuan.modules.plans.testing import LockExceptionFactory

pytestmark = pytest.mark.django_db

TODAY = IN_TIME.date()


def ask(situation, report, **fields):
    asked = {
        "actor": situation.heads[0],
        "report": report,
        "reason": "Chờ số liệu của các xã.",
        "proposed_due_on": situation.period.due_on + timedelta(days=10),
        "at": IN_TIME,
    }
    return extensions.ask_for_more_time(**(asked | fields))


def grant(situation, extension, **fields):
    given = {
        "actor": situation.coordinator,
        "extension": extension,
        "version": 1,
        "due_on": situation.period.due_on + timedelta(days=10),
        "basis": "Công văn số 30/SKHCN",
        "at": IN_TIME,
    }
    return extensions.grant_more_time(**(given | fields))


def owed(situation):
    day = situation.period.due_on + timedelta(days=1)
    return [one.id for one in facade.owed_reports(day, due_by=day)]


def test_nobody_is_pressed_while_it_waits_and_everybody_once_it_is_refused(situation):
    report = situation.start()
    assert owed(situation) == [report.pk]

    extension = ask(situation, report)
    assert owed(situation) == []

    extensions.refuse_more_time(
        actor=situation.coordinator, extension=extension, version=1, reason="Đủ giờ.", at=IN_TIME
    )
    assert owed(situation) == [report.pk]


def test_granted_a_report_is_on_time_until_its_own_day(situation):
    report = situation.start()
    grant(situation, ask(situation, report))

    report = UnitReport.objects.select_related("period").get(pk=report.pk)
    assert due_now(report) == situation.period.due_on + timedelta(days=10)
    report.first_submitted_at = IN_TIME.replace(day=28)
    assert is_on_time(report, report.period) is True


def test_asked_too_late_the_clock_runs_on(situation):
    report = situation.start()

    ask(situation, report, at=IN_TIME + timedelta(days=20))

    assert UnitReport.objects.get(pk=report.pk).is_paused is False


def test_one_waits_at_a_time(situation):
    report = situation.start()
    ask(situation, report)

    with pytest.raises(ValidationError):
        ask(situation, report)


def test_what_was_sent_needs_no_more_time(situation):
    report = situation.submit()

    with pytest.raises(Denied, match="đã gửi"):
        ask(situation, report)


@pytest.mark.parametrize("state", ExtensionState)
def test_who_may_do_what_in_which_state(situation, state):
    report = situation.start()
    extension = ask(situation, report)
    extension.state = state
    places = {
        "body": situation.bodies[0],
        "department": situation.department,
        "elsewhere": PersonFactory().memberships.get().organisation,
    }
    waits = state == ExtensionState.WAITING
    department = {Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER}

    for role, where in itertools.product(Role, places):
        actor = PersonFactory(role=role, organisation=places[where], second_factor=False)
        head = where == "body" and role == Role.UNIT_HEAD
        assert rules.ask_for_more_time.allows(actor, report) == head, (role, where)
        assert rules.withdraw_extension.allows(actor, extension) == (waits and head), (role, where)
        assert rules.decide_extension.allows(actor, extension) == (
            waits and where == "department" and role in department
        ), (role, where)


def test_asked_and_granted_on_pages(client, situation):
    report = situation.start()
    day = f"{situation.period.due_on + timedelta(days=10):%d/%m/%Y}"
    client.force_login(situation.heads[0])
    client.post(
        reverse("annual_report:ask_for_more_time", args=[report.pk]),
        {"proposed_due_on": day, "reason": "Chờ số liệu."},
    )
    extension = ReportExtension.objects.get()

    client.force_login(situation.coordinator)
    url = reverse("annual_report:extension", args=[extension.pk])
    assert "Quyết định" in client.get(url).content.decode()
    client.post(url, {"version": 1, "due_on": day, "basis": "Công văn số 30/SKHCN"})

    client.force_login(situation.heads[0])
    shown = client.get(reverse("annual_report:show", args=[report.pk])).content.decode()
    assert f"gia hạn đến {day}" in shown


def test_other_bodies_see_nothing_of_it(client, situation):
    extension = ask(situation, situation.start())
    client.force_login(PersonFactory(role=Role.UNIT_HEAD))

    page = client.get(reverse("annual_report:extension", args=[extension.pk]))

    assert page.status_code == 404


# ---------------------------------------------------------------- reminded past the lock


def owed_on(day):
    with time_machine.travel(datetime.combine(day, time(9), tzinfo=VIETNAM), tick=False):
        return [one.id for one in facade.owed_reports(day, due_by=day + timedelta(days=30))]


@pytest.mark.parametrize("field", ["returned_due_on", "extended_due_on"])
def test_a_report_with_a_day_of_its_own_is_owed_past_the_lock_until_that_day(situation, field):
    report, lock = situation.start(), situation.period.locks_on
    assert owed_on(lock) == []

    UnitReport.objects.filter(pk=report.pk).update(**{field: lock + timedelta(days=3)})

    assert owed_on(lock + timedelta(days=3)) == [report.pk]
    assert owed_on(lock + timedelta(days=4)) == []


def test_a_report_opened_for_its_body_alone_is_owed_past_the_lock_until_then(shelf):
    situation = a_situation(bodies=2)
    report, lock = situation.start(), situation.period.locks_on
    opened = datetime.combine(lock, time.min, tzinfo=VIETNAM)
    LockExceptionFactory(
        plan=situation.period.plan,
        organisation=report.organisation,
        kind="reports",
        number=situation.period.pk,
        requested_by=situation.clerks[0],
        requested_at=opened,
        approved_by=situation.coordinator,
        approved_at=opened,
        expires_at=opened + timedelta(days=2),
    )

    assert owed_on(lock + timedelta(days=1)) == [report.pk]
    assert owed_on(lock + timedelta(days=2)) == []


# ---------------------------------------------------------------- urged


def urge(situation, at, *numbers):
    chosen = [situation.reports[number] for number in numbers or range(len(situation.bodies))]
    return letters.urge_reports(
        actor=situation.coordinator, period=situation.period, reports=chosen, at=at
    )


def test_nobody_is_urged_who_waits_for_a_decision_or_still_has_time(situation):
    report = situation.start()
    extension = ask(situation, report)
    with pytest.raises(Denied, match="Mở lại danh sách"):
        urge(situation, IN_TIME)

    grant(situation, extension)

    with pytest.raises(Denied, match="Mở lại danh sách"):
        urge(situation, IN_TIME.replace(day=29))
    urging, told = urge(situation, IN_TIME.replace(day=30))
    assert (list(urging.reports.all()), told) == ([report], 2)


def test_the_page_that_urges_leaves_them_out_and_says_so(visit, shelf):
    situation = a_situation(bodies=3)
    grant(situation, ask(situation, situation.start(0)))
    gone = situation.bodies[2].versions.get()
    gone.valid = DateRange(gone.valid.lower, IN_TIME.date())
    gone.save()

    page = visit(situation.coordinator, "urge", situation.period.pk).content.decode()

    assert page.count('name="bao-cao"') == 1
    assert situation.bodies[1].versions.get().name in page
    assert "2 cơ quan không có trong danh sách" in page


def test_a_body_that_is_no_more_is_not_urged(situation):
    situation.start()
    version = situation.bodies[0].versions.get()
    version.valid = DateRange(version.valid.lower, IN_TIME.date())
    version.save()

    with pytest.raises(Denied, match="Mở lại danh sách"):
        urge(situation, IN_TIME)


def test_what_was_returned_is_urged_whatever_time_was_granted_for_sending(situation):
    report = situation.start()
    grant(situation, ask(situation, report))
    situation.return_it()

    assert urge(situation, IN_TIME)[1] == 2


def test_letter_and_notice_state_the_day_a_body_was_granted(shelf):
    situation = a_situation(bodies=2)
    grant(situation, ask(situation, situation.start(0)))
    name = situation.bodies[0].versions.get().name

    urging, _told = urge(situation, IN_TIME.replace(day=30))

    letter = str(urging_letter(situation.period, situation.reports, dated=TODAY).body)
    assert "chậm nhất hết ngày 19/11/2026" in letter
    assert f"Riêng {name} được gia hạn gửi báo cáo đến hết ngày 29/11/2026" in letter
    told = dict(Notice.objects.filter(title__startswith="Đôn đốc").values_list("person", "body"))
    assert told[situation.clerks[0].pk] == "Hạn gửi: hết ngày 29/11/2026."
    assert told[situation.clerks[1].pk] == "Hạn gửi: hết ngày 19/11/2026."
    then = as_they_stood(urging.reports.order_by("pk"), IN_TIME - timedelta(days=1))
    assert [one.extended_due_on for one in then] == [None, None]
    then = as_they_stood(urging.reports.order_by("pk"), urging.made_at)
    assert [one.extended_due_on for one in then] == [date(2026, 11, 29), None]


def test_a_list_of_many_states_the_day_beside_the_body(shelf):
    situation = a_situation(bodies=ADDRESSED_BY_NAME + 1)
    grant(situation, ask(situation, situation.start(0)))

    letter = urging_letter(situation.period, situation.reports, dated=TODAY)

    assert str(letter.annexes).count("Chưa gửi, được gia hạn đến hết ngày 29/11/2026") == 1
