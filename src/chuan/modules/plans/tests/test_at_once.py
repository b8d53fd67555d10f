"""Two people at the same moment: the second waits for the first, and then sees what it did."""

from __future__ import annotations

import threading
import time
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from chuan.core.orgs.testing import OrganisationFactory
from chuan.modules.plans.enums import Achievement
from chuan.modules.plans.models import Assignment, Evidence, Plan, PlanImport
from chuan.modules.plans.operations import imports
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.operations.deliverables import Wanted, set_deliverables
from chuan.modules.plans.operations.ending import end_plan
from chuan.modules.plans.operations.progress import add_evidence, post_update
from chuan.modules.plans.testing import (
    AssignmentFactory,
    EvidenceFactory,
    PlanImportFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
)
from chuan.modules.plans.tests.conftest import APPROVED_AT
from chuan.modules.plans.tests.test_imports import approve, prepared, take_in
from chuan.modules.plans.tests.test_progress import NOW

READING = {
    "plan": {"document": {}, "tasks": [], "sections": [], "body_points": []},
    "stamped": {"number": "", "issued_on": None},
}

pytestmark = pytest.mark.django_db(transaction=True)


def begun_before_commit(first, second):
    """What becomes of the second, begun when the first is done and not committed; and whether it
    had to wait for that."""
    became = []

    def run():
        try:
            became.append(second())
        except Exception as refused:
            became.append(refused)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        until = time.monotonic() + 10
        while thread.is_alive() and not somebody_waits_for_me() and time.monotonic() < until:
            time.sleep(0.02)
        waited = thread.is_alive()
    thread.join(timeout=30)
    (result,) = became
    return result, waited


def somebody_waits_for_me():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


def test_one_file_sent_twice_gives_one_draft():
    sent = PlanImportFactory(state="abandoned")

    def start():
        return imports.start_import(
            actor=sent.created_by,
            managed_by_id=sent.managed_by_id,
            upload=sent.upload,
            reading=READING,
            at=APPROVED_AT,
        )

    second, waited = begun_before_commit(start, start)

    assert waited
    assert waited
    assert isinstance(second, imports.AlreadyImported)
    assert PlanImport.objects.exclude(pk=sent.pk).count() == 1


def test_two_drafts_of_one_decision_approved_at_once_give_one_plan(coordinator, department):
    one = prepared(take_in(coordinator, department), coordinator)
    again = imports.import_again(actor=coordinator, plan_import=one, at=APPROVED_AT)
    two = prepared(again, coordinator)

    second, waited = begun_before_commit(
        lambda: approve(one, coordinator), lambda: approve(two, coordinator)
    )

    assert waited
    assert isinstance(second, imports.AlreadyImported)
    assert Plan.objects.get() == second.found


def put(task, *wanted):
    return set_deliverables(
        actor=coordinator_of(task.plan), task=task, version=task.version, wanted=wanted
    )


def test_a_result_added_meanwhile_is_asked_of_who_completes():
    task = TaskFactory()
    assignment = AssignmentFactory(task=task)
    old = task.deliverables.get()
    EvidenceFactory(assignment=assignment, deliverable=old)
    clerk = clerk_of(assignment.organisation)

    def complete():
        return post_update(
            actor=clerk,
            assignment=assignment,
            version=assignment.version,
            at=NOW,
            narrative="Đã xong.",
            achievement=Achievement.COMPLETE,
        )

    second, waited = begun_before_commit(
        lambda: put(task, Wanted("Cũ", id=old.pk), Wanted("Mới")), complete
    )

    assert waited
    assert isinstance(second, ValidationError)
    assert "Mới" in str(second)


def test_evidence_for_a_result_taken_off_meanwhile_is_refused_at_its_field():
    task = TaskFactory()
    assignment = AssignmentFactory(task=task)
    old = task.deliverables.get()
    clerk = clerk_of(assignment.organisation)

    def prove():
        return add_evidence(
            actor=clerk,
            assignment=assignment,
            at=NOW,
            kind="link",
            title="Tin",
            deliverable=old,
            link="https://example.vn/tin",
        )

    second, waited = begun_before_commit(lambda: put(task, Wanted("Khác")), prove)

    assert waited
    assert isinstance(second, ValidationError)
    assert list(second.message_dict) == ["deliverable"]
    assert not Evidence.objects.exists()


def test_bodies_of_one_task_do_not_wait_for_each_other():
    task = TaskFactory()
    rows = AssignmentFactory.create_batch(2, task=task)
    clerks = [clerk_of(row.organisation) for row in rows]

    def tell(which):
        return post_update(
            actor=clerks[which],
            assignment=rows[which],
            version=1,
            at=NOW,
            narrative="Đang làm.",
            achievement=Achievement.LIMITED,
        )

    second, waited = begun_before_commit(lambda: tell(0), lambda: tell(1))

    assert not waited
    assert second.narrative == "Đang làm."


def test_a_reconciliation_during_the_end_of_a_plan_brings_nothing_back():
    body = OrganisationFactory()
    plan = TaskFactory(lead=[body]).plan
    reconcile_assignments(plan, at=APPROVED_AT)
    Assignment.objects.filter(year=2029).delete()  # so that there is something to create

    found, waited = begun_before_commit(
        lambda: end_plan(
            actor=coordinator_of(plan),
            plan=plan,
            version=1,
            last_day=date(2027, 12, 31),
            basis="Quyết định số 12/QĐ-UBND",
            at=APPROVED_AT,
        ),
        lambda: reconcile_assignments(plan, at=APPROVED_AT),
    )

    assert waited
    assert found.created == 0
    assert set(Assignment.objects.values_list("year", flat=True)) == {2025, 2026, 2027}
