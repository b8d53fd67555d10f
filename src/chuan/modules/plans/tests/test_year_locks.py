"""A closed year stays as it was told, for raw SQL too; an exception opens it for one body until a time."""

import itertools
import time
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.plans import rules
from chuan.modules.plans.enums import Achievement, EvidenceKind, ExceptionState, LockKind
from chuan.modules.plans.models import Assignment, Evidence, LockException, YearLock
from chuan.modules.plans.operations import extensions, locks, progress
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    DeadlineExtensionFactory,
    EvidenceFactory,
    PlanFactory,
    ProgressUpdateFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    head_of,
    leader_of,
)

pytestmark = pytest.mark.django_db

CLOSED_AT = datetime(2026, 11, 30, 9, tzinfo=VIETNAM)
AFTER = datetime(2026, 12, 10, 9, tzinfo=VIETNAM)


class Scene:
    """A year that is closed: one assignment was done before, one is still owed."""

    def __init__(self):
        self.plan = PlanFactory(tasks=1)
        self.task = self.plan.tasks.get()
        self.done = AssignmentFactory(task=self.task, complete=True)
        self.owed = AssignmentFactory(task=self.task)
        self.shown = EvidenceFactory(assignment=self.done)
        self.clerk = clerk_of(self.done.organisation)
        self.coordinator, self.leader = coordinator_of(self.plan), leader_of(self.plan)
        locks.lock_year(
            actor=self.leader, plan=self.plan, year=2026, reason="Đã chốt", at=CLOSED_AT
        )

    def ask(self, **fields):
        now = timezone.now()
        asked = {
            "actor": self.clerk,
            "plan": self.plan,
            "organisation_id": self.done.organisation_id,
            "kind": LockKind.YEAR,
            "number": 2026,
            "title": "Kết quả năm 2026",
            "reason": "Ghi nhầm ngày hoàn thành.",
            "expires_at": now + timedelta(days=1),
            "at": now,
        }
        return locks.ask_for_exception(**(asked | fields))

    def approve(self, exception, **fields):
        now = timezone.now()
        given = {
            "actor": self.coordinator,
            "exception": exception,
            "version": 1,
            "expires_at": now + timedelta(days=1),
            "at": now,
        }
        return locks.approve_exception(**(given | fields))


@pytest.fixture
def scene(db):
    return Scene()


@pytest.fixture
def by_the_clock(db):
    """Exceptions end by the database's own time here."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL chuan.clock = ''")


def refused(act):
    with pytest.raises(DatabaseError, match="is locked: its year was closed"), transaction.atomic():
        act()


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# ---------------------------------------------------------------- the database refuses


def test_raw_sql_changes_nothing_of_what_was_done_and_closed(scene):
    row, shown = scene.done.pk, scene.shown.pk
    refused(lambda: sql("UPDATE plans_assignment SET percent = 50 WHERE id = %s", row))
    refused(
        lambda: sql(
            "UPDATE plans_assignment SET done_on = NULL, achievement = 'limited' WHERE id = %s", row
        )
    )
    refused(lambda: sql("UPDATE plans_evidence SET title = 'x' WHERE id = %s", shown))
    refused(lambda: sql("DELETE FROM plans_evidence WHERE id = %s", shown))
    refused(lambda: EvidenceFactory(assignment=scene.done))
    refused(lambda: ProgressUpdateFactory(assignment=scene.done))


def test_what_is_still_owed_goes_on_and_is_not_dated_back(scene):
    ProgressUpdateFactory(assignment=scene.owed)
    rows = Assignment.objects.filter(pk=scene.owed.pk)

    refused(lambda: rows.update(achievement=Achievement.COMPLETE, done_on="2026-11-20"))
    rows.update(achievement=Achievement.COMPLETE, done_on="2026-12-05")

    assert rows.get().achievement == Achievement.COMPLETE


def test_evidence_shown_before_the_closing_stays_also_where_work_goes_on(scene):
    before = EvidenceFactory(assignment=scene.owed)

    refused(lambda: Evidence.objects.filter(pk=before.pk).update(title="khác"))


def test_a_lock_is_never_taken_away(scene):
    with pytest.raises(DatabaseError), transaction.atomic():
        YearLock.objects.update(year=2027)
    with pytest.raises(DatabaseError), transaction.atomic():
        YearLock.objects.all().delete()


def test_other_years_and_other_plans_are_open(scene):
    for other in (AssignmentFactory(task=scene.task, year=2027), AssignmentFactory()):
        Assignment.objects.filter(pk=other.pk).update(percent=10)


# ---------------------------------------------------------------- people are told


def test_operations_say_what_is_locked_and_where_to_ask(scene):
    update = {"narrative": "Sửa", "achievement": Achievement.LIMITED, "version": 1, "at": AFTER}
    with pytest.raises(Denied, match="xin mở khóa"):
        progress.post_update(actor=scene.clerk, assignment=scene.done, **update)
    with pytest.raises(Denied, match="đã khóa"):
        progress.withdraw_evidence(actor=scene.clerk, evidence=scene.shown, reason="Nhầm", at=AFTER)
    with pytest.raises(Denied, match="đã khóa"):
        progress.add_evidence(
            actor=scene.clerk,
            assignment=scene.done,
            at=AFTER,
            kind=EvidenceKind.LINK,
            title="Tin",
            link="https://a.vn",
        )


def test_completing_late_is_told_from_the_closing_on(scene):
    clerk = clerk_of(scene.owed.organisation)
    progress.add_evidence(
        actor=clerk,
        assignment=scene.owed,
        at=AFTER,
        kind=EvidenceKind.LINK,
        title="Tin",
        link="https://a.vn",
    )
    told = {
        "actor": clerk,
        "assignment": scene.owed,
        "version": 1,
        "at": AFTER,
        "narrative": "Xong",
        "achievement": Achievement.COMPLETE,
    }

    with pytest.raises(ValidationError, match="đã chốt ngày 30/11/2026"):
        progress.post_update(**told, finished_on=date(2026, 11, 20))
    progress.post_update(**told)

    assert Assignment.objects.get(pk=scene.owed.pk).done_on == AFTER.date()


# ---------------------------------------------------------------- exceptions


@pytest.mark.usefixtures("by_the_clock")
def test_an_exception_opens_for_its_body_and_shuts_by_time_alone(scene):
    rows = Assignment.objects.filter(pk=scene.done.pk)
    other = AssignmentFactory(task=scene.task, complete=True)
    exception = scene.ask()
    refused(lambda: rows.update(percent=90))

    scene.approve(exception, expires_at=timezone.now() + timedelta(seconds=2))
    rows.update(percent=90)
    refused(lambda: Assignment.objects.filter(pk=other.pk).update(percent=90))

    time.sleep(2.1)
    refused(lambda: rows.update(percent=80))
    assert LockException.objects.get().state_at(timezone.now()) == ExceptionState.EXPIRED


def test_revoked_it_shuts_at_once(scene):
    exception = scene.approve(scene.ask())
    Assignment.objects.filter(pk=scene.done.pk).update(percent=90)

    locks.close_exception(
        actor=scene.leader, exception=exception, version=2, reason="Đã sửa xong.", at=timezone.now()
    )

    refused(lambda: Assignment.objects.filter(pk=scene.done.pk).update(percent=80))
    assert Entry.objects.filter(action="plans.exception_closed").count() == 1


def test_two_people_are_needed_also_by_the_database(scene):
    exception = scene.ask(actor=scene.coordinator)

    with pytest.raises(Denied, match="không tự duyệt"):
        scene.approve(exception)
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        LockException.objects.update(approved_by=scene.coordinator, approved_at=AFTER)
    scene.approve(exception, actor=scene.leader)


def test_two_people_dealing_with_it_at_once_see_each_other(scene):
    exception = scene.approve(scene.ask())

    with pytest.raises(Conflict):
        locks.close_exception(
            actor=scene.leader, exception=exception, version=1, reason="Thôi", at=timezone.now()
        )


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"reason": ""}, "reason"), ({"expires_at": CLOSED_AT - timedelta(days=9999)}, "until")],
)
def test_what_is_missing_is_said_at_its_field(scene, fields, field):
    with pytest.raises(ValidationError) as wrong:
        scene.ask(**fields)

    assert set(wrong.value.message_dict) == {field}


STATES = {
    ExceptionState.WAITING: lambda scene: scene.ask(),
    ExceptionState.OPEN: lambda scene: scene.approve(scene.ask()),
    ExceptionState.EXPIRED: lambda scene: scene.ask(
        at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(days=1)
    ),
    ExceptionState.CLOSED: lambda scene: locks.close_exception(
        actor=scene.leader, exception=scene.ask(), version=1, reason="Không cần", at=timezone.now()
    ),
}
DEPARTMENT = {Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER}


@pytest.mark.parametrize("state", ExceptionState)
def test_who_may_do_what_in_which_state(scene, state):
    exception = STATES[state](scene)
    places = {
        "body": scene.done.organisation,
        "department": scene.plan.managed_by,
        "elsewhere": scene.owed.organisation,
    }
    now = timezone.now()

    for role, where in itertools.product(Role, places):
        actor = PersonFactory(role=role, organisation=places[where], second_factor=False)
        keeps = where == "department" and role in DEPARTMENT
        assert rules.approve_exception.allows(actor, exception, now) == (
            keeps and state == ExceptionState.WAITING
        ), (role, where)
        assert rules.close_exception.allows(actor, exception, now) == (
            keeps and state in {ExceptionState.WAITING, ExceptionState.OPEN}
        ), (role, where)
        assert rules.ask_for_exception.allows(actor, scene.plan, scene.done.organisation_id) == (
            (where == "body" and role in {Role.UNIT_CLERK, Role.UNIT_HEAD})
            or (where == "department" and role == Role.DEPARTMENT_COORDINATOR)
        ), (role, where)


# ---------------------------------------------------------------- pages


def test_asked_and_approved_on_pages_that_everybody_of_the_plan_reads(client, scene):
    client.force_login(scene.clerk)
    day = f"{timezone.localdate() + timedelta(days=3):%d/%m/%Y}"
    client.post(
        reverse("plans:ask_exception", args=[scene.plan.pk]),
        {
            "year": 2026,
            "organisation": scene.done.organisation_id,
            "until": day,
            "reason": "Ghi nhầm ngày.",
        },
    )
    exception = LockException.objects.get()
    client.force_login(scene.coordinator)
    client.post(reverse("plans:exception", args=[exception.pk]), {"version": 1, "until": day})
    assert LockException.objects.get().approved_by == scene.coordinator

    client.force_login(head_of(scene.owed.organisation))
    listed = client.get(reverse("plans:locks", args=[scene.plan.pk])).content.decode()
    assert ("Kết quả năm 2026" in listed, "Đang mở khóa" in listed) == (True, True)
    shown = client.get(reverse("plans:exception", args=[exception.pk])).content.decode()
    assert "Ghi nhầm ngày." in shown


def test_an_administrator_sees_none_of_it(client, scene):
    exception = scene.ask()
    client.force_login(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR, second_factor=True))

    assert client.get(reverse("plans:exception", args=[exception.pk])).status_code in {302, 404}


def test_the_list_costs_the_same_for_one_and_for_many(client, scene):
    scene.ask()
    client.force_login(scene.clerk)
    url = reverse("plans:locks", args=[scene.plan.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _ in range(3):
        scene.ask()
    with CaptureQueriesContext(connection) as many:
        client.get(url)

    assert len(many) == len(one)


def test_a_task_of_many_years_is_open_until_it_is_done(scene):
    standing = AssignmentFactory(task=TaskFactory(plan=scene.plan, until=True))

    Assignment.objects.filter(pk=standing.pk).update(percent=40)


@pytest.mark.parametrize(
    ("closed_year", "is_locked"), [(2025, True), (2026, True), (2030, True), (2024, False)]
)
def test_a_task_of_many_years_is_locked_by_every_year_it_runs_through(closed_year, is_locked):
    task = TaskFactory(until=True)
    row = AssignmentFactory(
        task=task,
        year=2025,
        period_end=date(2031, 1, 1),
        achievement=Achievement.COMPLETE,
        done_on=date(2026, 9, 1),
    )
    locks.lock_year(
        actor=leader_of(task.plan), plan=task.plan, year=closed_year, reason="Chốt", at=CLOSED_AT
    )

    def change():
        Assignment.objects.filter(pk=row.pk).update(percent=40)

    assert (rules.closing_of(row) is not None) == is_locked
    refusal = rules.post_update.refusal(clerk_of(row.organisation), row, AFTER.date())
    if is_locked:
        assert f"năm {closed_year} được chốt" in refusal
        refused(change)
    else:
        assert not refusal
        change()


def test_the_year_after_its_last_day_locks_nothing_of_it(scene):
    row = AssignmentFactory(task=scene.task, year=2025, complete=True)

    assert row.period_end == date(2026, 1, 1)
    assert rules.closing_of(row) is None
    Assignment.objects.filter(pk=row.pk).update(percent=40)


def test_more_time_does_not_judge_anew_what_a_closed_year_has_counted(scene):
    late = AssignmentFactory(
        task=scene.task, due_on=date(2026, 6, 30), complete=True, is_paused=True
    )
    extension = DeadlineExtensionFactory(
        assignment=late, due_on_before=date(2026, 6, 30), proposed_due_on=date(2026, 12, 31)
    )

    with pytest.raises(Denied, match="đã khóa"):
        extensions.grant_extension(
            actor=scene.coordinator,
            extension=extension,
            version=1,
            due_on=date(2026, 12, 31),
            basis="Công văn 12",
            at=AFTER,
        )
    refused(lambda: Assignment.objects.filter(pk=late.pk).update(due_on=date(2026, 12, 31)))
    extensions.refuse_extension(
        actor=scene.coordinator, extension=extension, version=1, reason="Năm đã chốt.", at=AFTER
    )


def test_bodies_of_one_name_are_told_apart_where_they_are_chosen_listed_and_approved(scene, client):
    provinces = [
        OrganisationFactory(province=True, name=f"Ủy ban nhân dân tỉnh {name}")
        for name in ("Cũ", "Mới")
    ]
    gone, here = (
        OrganisationFactory(name="Sở Công Thương", parent=parent, valid_to=until)
        for parent, until in zip(provinces, (date(2026, 7, 1), None), strict=True)
    )
    AssignmentFactory(task=scene.task, organisation=gone)
    AssignmentFactory(task=scene.task, organisation=here)
    exception = scene.ask(actor=scene.coordinator, organisation_id=gone.pk)
    client.force_login(scene.coordinator)

    form = client.get(reverse("plans:ask_exception", args=[scene.plan.pk])).content.decode()
    locked = client.get(reverse("plans:locks", args=[scene.plan.pk])).content.decode()
    shown = client.get(reverse("plans:exception", args=[exception.pk])).content.decode()

    told = "Sở Công Thương (tỉnh Cũ, đến 30/06/2026)"
    assert told in form
    assert "Sở Công Thương (tỉnh Mới)" in form
    assert told in locked
    assert told in shown
