"""Reports that hang on bodies when they are reorganised."""

from datetime import date

import pytest
from django.utils import timezone

from chuan.core.orgs import operations, queries
from chuan.core.orgs.testing import a_merger, commit
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch):
    Shelf(counts={}, shares={}).put(monkeypatch)
    return a_situation(bodies=2, tasks=1)


@pytest.fixture
def confirmer():
    return PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)


def reports_of(event, reader):
    look = queries.preview(event, reader)
    found = [one for one in look.consequences if one.key == "annual-report-reports"]
    return found[0].found if found else None


def test_a_preview_counts_reports_over_days_after_it_and_shows_them_to_those_who_may_see(
    world, confirmer
):
    inside = date(world.period.year, 7, 1)
    # One not accepted yet is a line of its own: `test_left_behind`.
    world.accept(0)
    world.accept(1)
    event = a_merger(actor=world.coordinator, before=world.bodies, on=inside)
    found = reports_of(event, world.coordinator)
    assert found.count == 2
    assert len(found.samples) == 2
    assert reports_of(event, confirmer).samples == ()
    after = a_merger(actor=world.coordinator, before=world.bodies, on=world.period.data_to)
    assert reports_of(after, world.coordinator) is None


def test_an_approved_report_over_days_after_the_event_forbids_to_undo_it(world, confirmer):
    early = date(world.period.year, 2, 1)
    before = world.bodies[0]
    report = UnitReport.objects.get(organisation=before)
    # Its people lose their roles with it; what they sent before stays.
    world.accept(0)
    event = commit(
        a_merger(actor=world.coordinator, before=[before], on=early),
        preparer=world.coordinator,
        confirmer=confirmer,
    )
    kept = UnitReport.objects.filter(pk=report.pk).values().get()
    with pytest.raises(Denied, match="Đã duyệt 1 báo cáo"):
        operations.reverse_event(
            actor=confirmer, event=event, at=timezone.now(), reason="Nhầm ngày"
        )
    assert UnitReport.objects.filter(pk=report.pk).values().get() == kept


def test_empty_reports_asked_of_a_new_body_go_with_it_and_started_ones_forbid(world, confirmer):
    event = commit(
        a_merger(actor=world.coordinator, before=[world.bodies[0]]),
        preparer=world.coordinator,
        confirmer=confirmer,
    )
    new = event.links.get().successor
    empty = UnitReport.objects.create(period=world.period, organisation=new, updated_at=IN_TIME)
    clerk = PersonFactory(role=Role.UNIT_CLERK)
    UnitReport.objects.filter(pk=empty.pk).update(started_by=clerk, started_at=IN_TIME)
    with pytest.raises(Denied, match="đã nhập 1 báo cáo"):
        operations.reverse_event(actor=confirmer, event=event, at=timezone.now(), reason="Nhầm")
    UnitReport.objects.filter(pk=empty.pk).update(started_by=None, started_at=None)
    operations.reverse_event(actor=confirmer, event=event, at=timezone.now(), reason="Nhầm")
    assert not UnitReport.objects.filter(pk=empty.pk).exists()
