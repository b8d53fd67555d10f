"""One digest a person and working day, of what is owed and nothing else."""

import random
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from chuan.core.calendar.engine import WorkingCalendar
from chuan.core.legal.models import StatutoryParameter
from chuan.core.legal.queries import NoStatutoryValue
from chuan.core.notices.models import Notice, OutgoingMail
from chuan.core.notices.operations import choose_mail, send_due_mail, tell
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.models import Delegation, Membership, Person
from chuan.core.people.testing import DelegationFactory, MembershipFactory, PersonFactory
from chuan.flows.annual_report.enums import ReportState
from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.testing import Shelf, a_situation
from chuan.flows.reminders.models import Digest, DigestRun
from chuan.flows.reminders.operations import digests as operations
from chuan.flows.reminders.queries.digests import drafts_for
from chuan.flows.reminders.testing import VIETNAM, with_a_ladder
from chuan.modules.plans.facade import Achievement
from chuan.modules.plans.testing import (
    AssignmentFactory,
    ContributionRequestFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    head_of,
)

pytestmark = pytest.mark.django_db

Assignment = AssignmentFactory._meta.model

DUE = date(2026, 11, 19)
SEVEN_DAYS_BEFORE = date(2026, 11, 12)
LATE = date(2026, 11, 24)  # 3 working days


def morning(day):
    return datetime(day.year, day.month, day.day, 7, tzinfo=VIETNAM)


def give(day):
    with time_machine.travel(morning(day), tick=False):
        return operations.give_digests(at=morning(day))


def told(person, day):
    """What somebody's digest of a day has, by section; None where they got none."""
    digest = Digest.objects.filter(person=person, day=day).first()
    if digest is None:
        return None
    return {
        section["kind"]: [line["text"] for line in section["lines"]]
        for section in digest.content["sections"]
    }


class Scene:
    """One body that leads one task due on 19 November 2026."""

    def __init__(self):
        with_a_ladder()
        self.plan = PlanFactory()
        self.task = TaskFactory(plan=self.plan, short_text="Tổ chức diễn đàn")
        self.body = OrganisationFactory()
        self.clerk, self.head = clerk_of(self.body), head_of(self.body)
        self.coordinator = coordinator_of(self.plan)
        self.assignment = AssignmentFactory(task=self.task, organisation=self.body, due_on=DUE)


@pytest.fixture
def scene():
    return Scene()


def test_who_does_the_work_is_reminded_before_the_day_and_nobody_else(scene):
    give(SEVEN_DAYS_BEFORE)

    assert told(scene.clerk, SEVEN_DAYS_BEFORE) == {"due": ["Tổ chức diễn đàn"]}
    assert Digest.objects.count() == 1
    notice = Notice.objects.get()
    assert (notice.person, notice.title) == (
        scene.clerk,
        "Nhắc việc ngày 12/11/2026: 1 việc đến hạn",
    )
    assert notice.url == reverse("reminders:digest", args=[Digest.objects.get().pk])


def test_the_letter_says_what_until_when_and_where(scene, settings):
    settings.CHUAN_URL = "https://chuan.example.vn"
    scene.task.code = "I.1"
    give(SEVEN_DAYS_BEFORE)

    with time_machine.travel(morning(SEVEN_DAYS_BEFORE), tick=False):
        assert send_due_mail() == 1
    (letter,) = mail.outbox
    assert letter.to == [scene.clerk.email]
    assert letter.subject == "[Chuẩn] Nhắc việc ngày 12/11/2026: 1 việc đến hạn"
    assert letter.body == (
        f"Kính gửi: {scene.clerk.full_name}\n\n"
        "SẮP ĐẾN HẠN (1)\n"
        f"- {scene.assignment.task.code} Tổ chức diễn đàn\n"
        "  hạn hết 19/11/2026, còn 5 ngày làm việc\n"
        f"  https://chuan.example.vn/ke-hoach/phan-cong/{scene.assignment.pk}/\n\n"
        "Chọn cách nhận thư: https://chuan.example.vn/nhac-viec/\n"
        "Thư này do hệ thống Chuẩn tự gửi. Không cần trả lời.\n"
    )


def test_three_working_days_late_the_head_is_told_and_seven_the_department(scene):
    give(DUE)
    give(LATE)
    assert told(scene.clerk, LATE) == {"overdue": ["Tổ chức diễn đàn"]}
    assert told(scene.head, LATE) == {"for_head": ["Tổ chức diễn đàn"]}
    assert told(scene.coordinator, LATE) is None

    give(date(2026, 11, 30))
    assert told(scene.coordinator, date(2026, 11, 30)) == {"for_department": ["Tổ chức diễn đàn"]}
    give(date(2026, 12, 10))  # 15 working days: the province has a list, nobody is told twice
    assert told(scene.coordinator, date(2026, 12, 10)) is None


def test_where_nobody_does_the_work_its_head_is_reminded(scene):
    scene.clerk.memberships.all().delete()
    give(SEVEN_DAYS_BEFORE)
    assert told(scene.head, SEVEN_DAYS_BEFORE) == {"due": ["Tổ chức diễn đàn"]}


# ---------------------------------------------------------------- who is left in peace


def done(scene):
    Assignment.objects.update(achievement=Achievement.COMPLETE, done_on=date(2026, 11, 1))


def nobody_owes_it_any_more(scene):
    Assignment.objects.update(is_extra=True)


def dissolved(scene):
    OrganisationVersion.objects.filter(organisation=scene.body).update(
        valid=DateRange(date(2020, 1, 1), date(2026, 7, 1))
    )


def account_closed(scene):
    Person.objects.filter(pk__in=[scene.clerk.pk, scene.head.pk]).update(is_active=False)


def role_ended(scene):
    for person in (scene.clerk, scene.head):
        person.memberships.update(valid=DateRange(date(2020, 1, 1), date(2026, 11, 1)))


def plan_ended(scene):
    type(scene.plan).objects.update(
        ended_by=scene.plan.approved_by,
        ended_at=scene.plan.approved_at,
        end_basis="Quyết định số 12/QĐ-UBND",
        valid=DateRange(date(2025, 3, 25), date(2026, 10, 1)),
    )


def without_a_day(scene):
    Assignment.objects.update(due_on=None)


@pytest.mark.parametrize(
    "why",
    [
        done,
        nobody_owes_it_any_more,
        dissolved,
        account_closed,
        role_ended,
        plan_ended,
        without_a_day,
    ],
)
@pytest.mark.parametrize("day", [SEVEN_DAYS_BEFORE, DUE, LATE])
def test_who_owes_nothing_is_left_in_peace(scene, why, day):
    why(scene)
    give(day)
    assert not Digest.objects.filter(person__in=[scene.clerk, scene.head]).exists()


def test_who_named_a_substitute_is_left_in_peace_and_the_substitute_reminded(scene):
    delegation = DelegationFactory(membership=scene.clerk.memberships.get())
    give(SEVEN_DAYS_BEFORE)
    assert told(scene.clerk, SEVEN_DAYS_BEFORE) is None
    assert told(delegation.delegate, SEVEN_DAYS_BEFORE) == {"due": ["Tổ chức diễn đàn"]}


@pytest.mark.parametrize("day", [date(2026, 11, 15), date(2026, 11, 22)])
def test_nobody_is_reminded_on_a_day_off(scene, day):
    assert give(day) is None
    assert not Digest.objects.exists()


def test_a_job_that_was_missed_gives_nothing_before_the_morning(scene):
    night = morning(SEVEN_DAYS_BEFORE) - timedelta(hours=6)
    with time_machine.travel(night, tick=False):
        assert operations.give_digests(at=night) is None
    assert give(SEVEN_DAYS_BEFORE).given == 1


def test_without_rungs_in_the_table_nobody_is_reminded_by_guesswork(scene):
    StatutoryParameter.objects.filter(code="reminders.days_before_due").delete()
    with pytest.raises(NoStatutoryValue, match=r"reminders\.days_before_due"):
        give(SEVEN_DAYS_BEFORE)


# ---------------------------------------------------------------- reports


@pytest.fixture
def reporting():
    with_a_ladder()
    return a_situation()


def test_a_report_is_its_writers_until_they_laid_it_before_the_head(reporting):
    clerk, head = reporting.clerks[0], reporting.heads[0]
    give(SEVEN_DAYS_BEFORE)
    assert told(clerk, SEVEN_DAYS_BEFORE)["due"] == ["Gửi: Báo cáo năm 2026"]
    assert told(head, SEVEN_DAYS_BEFORE) is None

    UnitReport.objects.update(ready_at=morning(SEVEN_DAYS_BEFORE), ready_by=clerk)
    give(date(2026, 11, 16))
    assert told(clerk, date(2026, 11, 16)) is None
    assert told(head, date(2026, 11, 16)) == {"to_sign": ["Gửi: Báo cáo năm 2026"]}


@pytest.mark.parametrize(
    "state",
    [state for state in ReportState if state not in {ReportState.DRAFT, ReportState.RETURNED}],
)
def test_nothing_is_said_of_a_report_once_it_was_sent(reporting, state, monkeypatch):
    Shelf(counts={}, shares={}).put(monkeypatch)
    reporting.report_in(state)
    for day in (SEVEN_DAYS_BEFORE, DUE, LATE):
        give(day)
    things = {thing for one in Digest.objects.all() for thing in one.content["things"]}
    assert not [thing for thing in things if thing.startswith("report:")]


def test_a_report_sent_back_counts_by_its_new_day(reporting):
    reporting.return_it(0)
    back = UnitReport.objects.get()
    give(back.returned_due_on)
    assert told(reporting.clerks[0], back.returned_due_on)["due"] == [
        "Chỉnh lý và gửi lại: Báo cáo năm 2026"
    ]


# ---------------------------------------------------------------- contributions


def test_a_contribution_is_its_giver_s_and_who_waits_is_told_once_that_it_is_late(scene):
    request = ContributionRequestFactory(lead=scene.assignment, due_on=date(2026, 11, 6))
    helper = clerk_of(request.assignment.organisation)
    give(date(2026, 11, 5))
    assert told(helper, date(2026, 11, 5)) == {"due": [f"Góp phần: {request.text}"]}

    give(date(2026, 11, 9))
    assert told(scene.clerk, date(2026, 11, 9)) == {"awaited": [f"Góp phần: {request.text}"]}
    give(date(2026, 11, 11))
    assert told(helper, date(2026, 11, 11)) == {"overdue": [f"Góp phần: {request.text}"]}
    assert told(scene.clerk, date(2026, 11, 11)) is None


# ---------------------------------------------------------------- news


def test_thirty_five_changes_in_an_hour_are_one_letter():
    with_a_ladder()
    person = PersonFactory()
    for number in range(35):
        tell([person], dedupe_key=f"tests.change:{number}", title=f"Thay đổi số {number}")
    assert not OutgoingMail.objects.exists()

    give(date(2026, 11, 23))
    give(date(2026, 11, 23))
    give(date(2026, 11, 24))

    letter = OutgoingMail.objects.get()
    assert letter.subject == "Nhắc việc ngày 23/11/2026: 35 thông báo mới"
    assert "Thay đổi số 34" in letter.body
    assert "Thay đổi số 26" not in letter.body
    assert "Xem tất cả 35: " in letter.body
    assert Notice.objects.filter(person=person).count() == 35  # no notice about notices


@pytest.mark.parametrize("address", ["", "can-bo@example.vn"])
def test_who_wants_no_letters_or_has_no_address_finds_it_in_the_inbox(scene, address):
    Person.objects.filter(pk=scene.clerk.pk).update(email=address)
    if address:
        choose_mail(actor=scene.clerk, by_mail=False, urgent_at_once=False)
    give(SEVEN_DAYS_BEFORE)
    assert Notice.objects.filter(person=scene.clerk).count() == 1
    assert not OutgoingMail.objects.exists()


def test_a_long_list_is_cut_and_everything_in_it_is_recorded(scene):
    for _number in range(11):
        AssignmentFactory(
            task=TaskFactory(plan=scene.plan), organisation=scene.body, due_on=DUE, year=2026
        )
    give(SEVEN_DAYS_BEFORE)
    digest = Digest.objects.get()
    (section,) = digest.content["sections"]
    assert (section["total"], len(section["lines"]), len(digest.content["things"])) == (12, 8, 12)
    assert "Xem tất cả 12: " in OutgoingMail.objects.get().body


def test_who_works_in_two_bodies_reads_which_one_a_line_is_about(scene):
    other = OrganisationFactory(name="Sở Thứ Hai")
    MembershipFactory(person=scene.clerk, organisation=other)
    AssignmentFactory(task=scene.task, organisation=other, due_on=DUE)
    give(SEVEN_DAYS_BEFORE)
    (section,) = Digest.objects.get(person=scene.clerk).content["sections"]
    assert {line["note"].partition(";")[0] for line in section["lines"]} == {
        scene.body.versions.get().name,
        "Sở Thứ Hai",
    }


def test_it_costs_the_same_to_look_for_one_and_for_many(scene, django_assert_num_queries):
    with django_assert_num_queries(15):
        assert len(drafts_for(SEVEN_DAYS_BEFORE)) == 1
    for _number in range(3):
        body = OrganisationFactory()
        clerk_of(body)
        AssignmentFactory(task=scene.task, organisation=body, due_on=DUE)
        tell([PersonFactory()], dedupe_key="tests.news", title="Tin")
    with django_assert_num_queries(15):
        assert len(drafts_for(SEVEN_DAYS_BEFORE)) == 7


# ---------------------------------------------------------------- whatever happens


def test_stopped_in_the_middle_and_started_again_everybody_has_one(scene, monkeypatch):
    for _number in range(4):
        clerk_of(scene.body)
    stop_after(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        give(SEVEN_DAYS_BEFORE)
    assert Digest.objects.count() == 2
    assert not DigestRun.objects.exists()

    monkeypatch.undo()
    assert give(SEVEN_DAYS_BEFORE).given == 5
    assert give(SEVEN_DAYS_BEFORE).given == 5
    assert (Digest.objects.count(), OutgoingMail.objects.count(), Notice.objects.count()) == (
        5,
        5,
        5,
    )


def test_one_person_s_trouble_does_not_keep_the_others_from_theirs(scene, monkeypatch):
    clerk_of(scene.body)
    write = operations.letter_of

    def fail_for_the_first(person, content):
        if person == scene.clerk:
            raise RuntimeError("broken")
        return write(person, content)

    monkeypatch.setattr(operations, "letter_of", fail_for_the_first)
    with pytest.raises(ExceptionGroup):
        give(SEVEN_DAYS_BEFORE)
    assert told(scene.clerk, SEVEN_DAYS_BEFORE) is None
    assert Digest.objects.count() == 1
    assert not DigestRun.objects.exists()

    monkeypatch.undo()
    give(SEVEN_DAYS_BEFORE)
    assert Digest.objects.count() == 2


def stop_after(monkeypatch, count):
    """Have the process stop in the middle of giving somebody the digest after so many."""
    calls, write = [], operations.letter_of

    def written(person, content):
        if len(calls) == count:
            raise KeyboardInterrupt
        calls.append(person)
        return write(person, content)

    monkeypatch.setattr(operations, "letter_of", written)


class World:
    """Bodies, people and tasks to which anything may happen."""

    def __init__(self, seed):
        with_a_ladder()
        self.chance = random.Random(seed)
        self.plan = PlanFactory(tasks=3)
        coordinator_of(self.plan)
        self.bodies = [OrganisationFactory() for _number in range(3)]
        for body in self.bodies:
            clerk_of(body), head_of(body)
            for task in self.plan.tasks.all():
                AssignmentFactory(
                    task=task,
                    organisation=body,
                    year=2026,
                    due_on=DUE + timedelta(days=self.chance.randint(-30, 30)),
                )

    def happen(self, day):
        """One thing of those that happen."""
        self.chance.choice([self.finish, self.move, self.dissolve, self.leave, self.stand_in])(day)

    def finish(self, day):
        row = self.chance.choice(list(Assignment.objects.order_by("pk")))
        Assignment.objects.filter(pk=row.pk).update(achievement=Achievement.COMPLETE, done_on=day)

    def move(self, day):
        row = self.chance.choice(list(Assignment.objects.order_by("pk")))
        later = day + timedelta(days=self.chance.randint(1, 40))
        Assignment.objects.filter(pk=row.pk).update(due_on=later)

    def dissolve(self, day):
        if self.chance.random() < 0.3:
            body = self.chance.choice(self.bodies)
            OrganisationVersion.objects.filter(organisation=body, valid__contains=day).update(
                valid=DateRange(date(2020, 1, 1), day)
            )

    def leave(self, day):
        if self.chance.random() < 0.3:
            person = self.chance.choice(list(Person.objects.order_by("pk")))
            Person.objects.filter(pk=person.pk).update(is_active=False)

    def stand_in(self, day):
        body = self.chance.choice(self.bodies)
        membership = body_memberships(body, day).first()
        if membership is not None:
            DelegationFactory(membership=membership, valid=DateRange(day, day + timedelta(days=10)))


def body_memberships(body, day):
    away = Delegation.objects.in_force(day).values("membership")
    return Membership.objects.filter(
        organisation=body, valid__contains=day, person__is_active=True
    ).exclude(pk__in=away)


def is_owed_by(person, assignment, day):
    """Read off the rows one by one, by another way than the product's."""
    stands = OrganisationVersion.objects.filter(
        organisation=assignment.organisation, valid__contains=day
    ).exists()
    is_there = any(
        grant.organisation_id == assignment.organisation_id
        for grant in Person.objects.get(pk=person.pk).grants(on=day)
    )
    oversees = person.holds(Role.DEPARTMENT_COORDINATOR, on=day)
    return person.is_active and stands and assignment.done_on is None and (is_there or oversees)


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))]
)
def test_whatever_happens_nobody_has_two_and_nobody_is_reminded_who_owes_nothing(seed, monkeypatch):
    world, day = World(seed), date(2026, 10, 20)
    while day < date(2026, 12, 20):
        for _event in range(world.chance.randint(0, 3)):
            world.happen(day)
        if world.chance.random() < 0.3:
            stop_after(monkeypatch, world.chance.randint(0, 3))
            with suppress(KeyboardInterrupt):
                give(day)
            monkeypatch.undo()
        if world.chance.random() < 0.9:
            give(day)
            give(day)
        for digest in Digest.objects.filter(day=day).select_related("person"):
            for thing in digest.content["things"]:
                assignment = Assignment.objects.get(pk=thing.partition(":")[2])
                assert is_owed_by(digest.person, assignment, day), (seed, day, thing)
        day += timedelta(days=world.chance.randint(1, 4))

    assert Digest.objects.exists()
    letters = list(OutgoingMail.objects.values_list("person", "subject"))
    assert len(letters) == len(set(letters)) == Digest.objects.count()
    assert Notice.objects.count() == Digest.objects.count()
    assert all(WorkingCalendar().is_working_day(one.day) for one in Digest.objects.all())
