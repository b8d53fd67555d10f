"""A decision amends a plan: what becomes of days by which work is due, and of more time."""

from datetime import date

import pytest
from django.urls import reverse

from chuan.core.calendar.enums import ExtensionState
from chuan.core.orgs.testing import OrganisationFactory
from chuan.modules.plans.enums import (
    DueKind,
)
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.operations.extensions import grant_extension
from chuan.modules.plans.operations.from_drafts import NotReady
from chuan.modules.plans.testing import (
    DeadlineExtensionFactory,
    TaskFactory,
    coordinator_of,
)
from chuan.modules.plans.tests.amending import (
    AT,
    FROM,
    a_plan,
    approved,
    begun,
    changed,
    code,
    reword,
    without,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_may_2026(time_machine):
    time_machine.move_to(AT, tick=False)


@pytest.fixture
def body():
    return OrganisationFactory(name="Sở Thử nghiệm")


@pytest.fixture
def plan(body):
    return a_plan(body)


@pytest.fixture
def coordinator(plan):
    return coordinator_of(plan)


def test_a_task_of_many_years_stops_on_the_day_and_begins_anew_with_its_new_deadline(
    plan, coordinator
):
    old = code(plan, "I.2")
    later = date(2028, 12, 31)
    approved(changed(begun(plan, coordinator), reword(plan, "I.2", due_on=later)), coordinator)

    stopped, new = old.assignments.get(), code(plan, "I.2").assignments.get()
    assert (stopped.period_end, stopped.due_on) == (FROM, None)
    assert "15/06/2026" in stopped.due_why[-1]["text"]
    assert (new.period_start, new.due_on) == (FROM, later)


def test_more_time_that_was_granted_goes_on_under_the_new_wording(plan, coordinator):
    row = code(plan, "I.2").assignments.get()
    granted, first = date(2031, 6, 30), row.due_on
    note = {"text": "Được gia hạn.", "rule": "", "source": "CV 12", "day": granted.isoformat()}
    Assignment.objects.filter(pk=row.pk).update(
        due_on=granted, original_due_on=first, due_why=[*row.due_why, note]
    )

    approved(changed(begun(plan, coordinator), reword(plan, "I.2", text="Lời mới")), coordinator)

    new = code(plan, "I.2").assignments.get()
    assert (new.original_due_on, new.due_on) == (first, granted)
    assert new.due_why[-1] == note


def of_2027(plan, code_):
    return code(plan, code_).assignments.get(year=2027)


def test_more_time_granted_before_the_work_begins_stays_granted(plan, coordinator):
    row, later = of_2027(plan, "I.1"), date(2028, 3, 31)
    first = row.due_on
    extension = DeadlineExtensionFactory(assignment=row, proposed_due_on=later)
    grant_extension(
        actor=coordinator,
        extension=extension,
        version=extension.version,
        due_on=later,
        basis="Công văn số 12",
        at=AT,
    )

    approved(changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới")), coordinator)

    new = of_2027(plan, "I.1")
    assert new.pk != row.pk
    assert (new.original_due_on, new.due_on) == (first, later)
    assert "Công văn số 12" in new.due_why[-1]["source"] + new.due_why[-1]["text"]
    extension.refresh_from_db()
    assert (extension.assignment, extension.granted_due_on) == (new, later)
    assert not Assignment.objects.filter(pk=row.pk).exists()


def test_more_time_that_is_asked_for_before_the_work_begins_waits_on(plan, coordinator):
    row = of_2027(plan, "I.1")
    extension = DeadlineExtensionFactory(assignment=row, asked_at=AT)

    approved(changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới")), coordinator)

    extension.refresh_from_db()
    new = of_2027(plan, "I.1")
    assert extension.is_waiting
    assert extension.assignment == new
    assert new.is_paused


def test_more_time_for_what_has_no_day_any_more_is_taken_back(plan, coordinator):
    row = code(plan, "I.2").assignments.get()
    Assignment.objects.filter(pk=row.pk).update(period_start=FROM)
    extension = DeadlineExtensionFactory(assignment=row, asked_at=AT)
    wording = reword(
        plan, "I.2", due_kind=DueKind.BY_LAW, due_on=None, time_text="Theo quy định pháp luật"
    )

    approved(changed(begun(plan, coordinator), wording), coordinator)

    extension.refresh_from_db()
    assert extension.state == ExtensionState.WITHDRAWN
    assert extension.assignment.task.text == code(plan, "I.2").text
    assert not extension.assignment.is_paused


def test_what_waits_for_more_time_holds_a_task_that_is_to_be_removed(plan, coordinator):
    DeadlineExtensionFactory(assignment=of_2027(plan, "I.3"), asked_at=AT)
    plan_import = changed(begun(plan, coordinator), without(plan, "I.3"))

    with pytest.raises(NotReady) as refused:
        approved(plan_import, coordinator)

    (problem,) = refused.value.problems
    assert problem.message.startswith("Nhiệm vụ I.3 năm 2027 đã có nội dung ghi nhận")


def test_a_task_that_was_due_before_the_amendment_and_stays_as_it_is_is_nothing_to_mend(
    plan, coordinator, body, client
):
    TaskFactory(plan=plan, lead=[body], until=True, due_on=date(2026, 1, 31))  # I.4
    reconcile_assignments(plan, at=AT)
    other = changed(begun(plan, coordinator), reword(plan, "I.1", text="Lời mới"))
    client.force_login(coordinator)

    pages = [
        client.get(reverse(f"plans:import_{step}", args=[other.pk])).content.decode()
        for step in ("tasks", "approval")
    ]
    made = approved(other, coordinator)

    assert "ngày hết hạn trước" not in "".join(pages)
    assert made.number == 2


def test_a_task_cannot_be_worded_anew_with_a_deadline_before_the_amendment(plan, coordinator, body):
    TaskFactory(plan=plan, lead=[body], until=True, due_on=date(2026, 1, 31))  # I.4
    late = changed(begun(plan, coordinator), reword(plan, "I.4", text="Lời mới"))

    with pytest.raises(NotReady) as refused:
        approved(late, coordinator)

    assert "Nhiệm vụ I.4: ngày hết hạn trước ngày ban hành." in [
        one.message for one in refused.value.problems
    ]
