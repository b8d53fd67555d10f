"""What hangs on bodies in plans when they are reorganised."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.core.orgs import operations, queries
from chuan.core.orgs.testing import OrganisationFactory, a_merger, commit
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.testing import AssignmentFactory, ProgressUpdateFactory

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 1)


@pytest.fixture
def preparer():
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR)


@pytest.fixture
def confirmer():
    return PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)


def line(event, reader):
    look = queries.preview(event, reader)
    found = [one for one in look.consequences if str(one.title) == "Phân công chưa hoàn thành"]
    return found[0].found if found else None


def test_a_preview_counts_open_work_of_the_bodies_from_the_day_on(preparer, confirmer):
    body = OrganisationFactory()
    this_year = AssignmentFactory(organisation=body, year=2026)
    AssignmentFactory(organisation=body, year=2025)
    AssignmentFactory(year=2026)
    event = a_merger(actor=preparer, before=[body])
    overseer = PersonFactory(role=Role.AUDITOR)
    found = line(event, overseer)
    assert found.count == 1
    assert str(this_year.task.short_text) in str(found.samples[0].title)
    told = line(event, confirmer)
    assert (told.count, told.samples) == (1, ()), "an administrator reads no content of plans"


def test_a_preview_counts_work_with_more_time_than_its_year(preparer):
    body = OrganisationFactory()
    AssignmentFactory(organisation=body, year=2025, due_on=DAY, original_due_on=date(2025, 12, 31))
    event = a_merger(actor=preparer, before=[body])

    assert line(event, PersonFactory(role=Role.AUDITOR)).count == 1


def test_a_preview_costs_the_same_for_little_and_for_much_work(preparer, django_assert_num_queries):
    body = OrganisationFactory()
    AssignmentFactory(organisation=body, year=2026)
    event = a_merger(actor=preparer, before=[body])
    overseer = PersonFactory(role=Role.AUDITOR)
    overseer.grants()
    with CaptureQueriesContext(connection) as first:
        queries.preview(event, overseer)
    for _number in range(6):
        AssignmentFactory(organisation=body, year=2026)
    with django_assert_num_queries(len(first)):
        queries.preview(event, overseer)


def test_what_nobody_worked_on_goes_with_a_body_that_is_undone(preparer, confirmer):
    event = commit(
        a_merger(actor=preparer, before=[OrganisationFactory()]),
        preparer=preparer,
        confirmer=confirmer,
    )
    new = event.links.get().successor
    AssignmentFactory(organisation=new, year=2026)
    operations.reverse_event(
        actor=confirmer, event=event, at=timezone.now(), reason="Nhầm ngày hiệu lực"
    )
    assert not Assignment.objects.exists()
    assert Entry.objects.filter(action="plans.assignments_released").count() == 1


def test_work_of_a_new_body_forbids_to_undo(preparer, confirmer):
    event = commit(
        a_merger(actor=preparer, before=[OrganisationFactory()]),
        preparer=preparer,
        confirmer=confirmer,
    )
    assignment = AssignmentFactory(organisation=event.links.get().successor, year=2026)
    ProgressUpdateFactory(assignment=assignment)
    with pytest.raises(Denied, match="đã làm việc trên 1 phân công"):
        operations.reverse_event(actor=confirmer, event=event, at=timezone.now(), reason="Nhầm")
    assert Assignment.objects.count() == 1
