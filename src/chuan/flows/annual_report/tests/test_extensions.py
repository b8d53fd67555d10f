"""A body asks for more time to report; the clock stands still until the department decides."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from chuan.core.calendar.enums import ExtensionState
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report import facade, rules
from chuan.flows.annual_report.models import ReportExtension, UnitReport
from chuan.flows.annual_report.operations import extensions
from chuan.flows.annual_report.queries.days import due_now
from chuan.flows.annual_report.queries.parts import is_on_time
from chuan.flows.annual_report.testing import IN_TIME
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("where", ["body", "department", "elsewhere"])
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", ExtensionState)
def test_who_may_do_what_in_which_state(situation, state, role, where):
    report = situation.start()
    extension = ask(situation, report)
    extension.state = state
    place = {
        "body": situation.bodies[0],
        "department": situation.department,
        "elsewhere": PersonFactory().memberships.get().organisation,
    }[where]
    actor = PersonFactory(role=role, organisation=place, second_factor=False)
    waits, department = (
        state == ExtensionState.WAITING,
        {
            Role.DEPARTMENT_COORDINATOR,
            Role.DEPARTMENT_LEADER,
        },
    )

    head = where == "body" and role == Role.UNIT_HEAD
    assert rules.ask_for_more_time.allows(actor, report) == head
    assert rules.withdraw_extension.allows(actor, extension) == (waits and head)
    assert rules.decide_extension.allows(actor, extension) == (
        waits and where == "department" and role in department
    )


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
