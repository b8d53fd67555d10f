"""What a body leaves open when it ends is seen by all whom it concerns, and somebody decides."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.orgs import queries as orgs
from chuan.core.orgs.testing import a_merger, commit
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import ReportState
from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.queries.left_behind import LeftSum, count_open, left_behind
from chuan.flows.annual_report.queries.reports import reports_visible_to
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

# After the data of 2026, before the reports are due.
MERGED_ON = date(2026, 11, 5)
TODAY = IN_TIME.date()


@pytest.fixture
def world(monkeypatch):
    Shelf(counts={}, shares={}).put(monkeypatch)
    return a_situation(bodies=3, tasks=1)


def merged(world, bodies, name="UBND xã Mới"):
    """The body that took over, after the merger."""
    event = commit(
        a_merger(actor=world.coordinator, before=bodies, on=MERGED_ON, name=name),
        preparer=world.coordinator,
        confirmer=PersonFactory(role=Role.SYSTEM_ADMINISTRATOR),
    )
    for person in [*world.clerks, *world.heads, world.coordinator]:
        person.forget_grants()
    return event.links.first().successor, event


def test_a_preview_names_the_open_reports_of_a_body_that_ends_also_after_the_data_day(world):
    world.start(0)
    world.accept(1)
    event = a_merger(actor=world.coordinator, before=world.bodies[:2], on=MERGED_ON)

    look = orgs.preview(event, world.coordinator)

    [found] = [one for one in look.consequences if one.key == "annual-report-open"]
    assert (found.found.count, len(found.found.samples)) == (1, 1)
    assert str(found.found.samples[0].title).startswith("Báo cáo năm 2026, ")


def test_the_sum_over_reports_of_bodies_that_ended_holds_from_end_to_decision(world, client):
    world.start(0)
    world.submit(1)
    world.accept(2)
    merged(world, world.bodies)

    assert left_behind(world.period, TODAY).sum == LeftSum(total=3, accepted=1, waiting=2)
    assert count_open(world.period, TODAY) == 2

    world.accept(1)
    client.force_login(world.coordinator)
    exclude = reverse("annual_report:exclude", args=[world.reports[0].pk]) + "?tu=con-do"
    form = client.get(exclude).content.decode()
    assert "kết thúc hoạt động từ ngày 05/11/2026; phần việc còn lại do UBND xã Mới" in form
    answer = client.post(exclude, {"reason": "Do UBND xã Mới báo cáo."})

    assert answer.url == reverse("annual_report:left_behind", args=[world.period.pk])
    assert left_behind(world.period, TODAY).sum == LeftSum(total=3, accepted=2, excluded=1)


def test_the_page_names_who_goes_on_and_offers_what_can_be_done(world, client):
    world.start(0)
    world.submit(1)
    heir, event = merged(world, world.bodies[:2])
    UnitReport.objects.create(period=world.period, organisation=heir, updated_at=IN_TIME)
    client.force_login(world.coordinator)

    page = client.get(reverse("annual_report:left_behind", args=[world.period.pk]))
    text = page.content.decode()

    assert text.count(reverse("orgs:show", args=[heir.pk])) >= 2
    assert "Xem và duyệt" in text
    assert text.count("Loại trừ…") == 2
    told = client.get(reverse("orgs:event", args=[event.pk])).content.decode()
    assert "2 báo cáo còn dở chờ quyết định" in told


def test_nobody_is_asked_to_mend_the_report_of_a_body_that_is_no_more(world):
    world.submit(0)
    merged(world, world.bodies[:1])

    with pytest.raises(Denied, match="không ai chỉnh lý"):
        rules.have_it_mended.require(world.coordinator, world.reports[0])
    assert rules.accept_report.allows(world.coordinator, world.reports[0])


def test_who_took_over_whole_reads_what_was_left_and_writes_nothing_in_it(world):
    world.start(0)
    heir, _event = merged(world, world.bodies[:1])
    clerk = PersonFactory(role=Role.UNIT_CLERK, organisation=heir)
    report = world.reports[0]

    assert rules.read_report.allows(clerk, report)
    assert report in reports_visible_to(clerk)
    assert not rules.enter_report.allows(clerk, report, on=TODAY)
    assert not rules.read_report.allows(clerk, world.reports[1])
    assert not rules.read_report.allows(world.clerks[1], report)


def test_what_was_left_costs_the_same_for_one_report_and_many(world, client):
    merged(world, world.bodies[:1])
    client.force_login(world.coordinator)
    address = reverse("annual_report:left_behind", args=[world.period.pk])
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(address)
    merged(world, world.bodies[1:], name="UBND xã Khác")
    with CaptureQueriesContext(connection) as three:
        page = client.get(address)
    assert page.context["table"].count == 3
    assert len(one) == len(three)


def test_a_report_that_was_accepted_stays_as_it_was(world):
    world.accept(0)
    merged(world, world.bodies[:1])

    report = world.reports[0]
    assert report.state == ReportState.ACCEPTED
    assert report.organisation_id == world.bodies[0].pk
    assert left_behind(world.period, TODAY).reports == ()
