"""What becomes of the duties of bodies that are no more: one decision each, by two people."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.notices.models import Notice
from chuan.core.orgs.enums import Share
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    OrganisationFactory,
    SuccessionLinkFactory,
)
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.plans import rules
from chuan.modules.plans.enums import (
    EvidenceKind,
    FateKind,
    Timeliness,
)
from chuan.modules.plans.models import Assignment, Fate
from chuan.modules.plans.operations import fates as operations
from chuan.modules.plans.operations import progress
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.queries import fates as queries
from chuan.modules.plans.queries.assignments import in_year, timeliness_counts
from chuan.modules.plans.testing import (
    AssignmentFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    leader_of,
)
from chuan.modules.plans.tests.fates_scene import BASIS, GONE, NOW, TODAY, Scene
from chuan.modules.plans.tests.test_permissions import TABLE as OF_PLANS
from chuan.modules.plans.tests.test_permissions import Scene as Everyday

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db):
    return Scene()


def test_open_is_what_is_not_done_and_reaches_past_the_last_day_of_its_body(scene):
    AssignmentFactory(organisation=scene.district, task__plan=scene.plan, complete=True)
    AssignmentFactory(organisation=scene.district, task__plan=scene.plan, year=2025)
    AssignmentFactory(task__plan=scene.plan)
    later = AssignmentFactory(organisation=scene.district, task__plan=scene.plan, year=2027)

    vanished = queries.vanished_bodies(TODAY, scene.plan)

    assert vanished == {scene.district.pk: GONE}
    assert {*queries.left_over(vanished, scene.plan)} == {*scene.rows, later}
    assert queries.vanished_bodies(date(2026, 6, 30), scene.plan) == {}


def test_the_sum_adds_up_from_nothing_decided_to_everything_decided(scene):
    assert scene.sum() == queries.FateSum(total=2, undecided=2)

    decision = scene.propose(rows=scene.rows[:1])
    assert scene.sum() == queries.FateSum(total=2, undecided=1, proposed=1)

    scene.approve(decision)
    scene.approve(scene.propose(FateKind.LAPSE, rows=scene.rows[1:]))

    assert scene.sum() == queries.FateSum(total=2, approved=2)
    assert scene.sum().adds_up


def test_a_closed_assignment_is_overdue_and_counted_no_more_and_stays_to_be_read(scene):
    row = scene.rows[0]
    assert row.timeliness(date(2027, 1, 5)) == Timeliness.OVERDUE

    scene.approve(scene.propose(rows=[row]))

    row.refresh_from_db()
    assert (row.closed_on, row.due_on, row.period_end) == (GONE, None, GONE)
    assert "12/NQ-HĐND" in row.due_why[-1]["text"]
    rows = Assignment.objects.filter(in_year(2026), task__plan=scene.plan)
    assert rows.count() == 2
    counts = timeliness_counts(rows, on=date(2027, 1, 5))
    assert (counts.total, counts.overdue) == (1, 1)


def test_a_closed_assignment_takes_nothing_more_even_from_a_body_that_came_back(scene):
    clerk = clerk_of(scene.district)
    scene.approve(scene.propose())
    OrganisationVersion.objects.filter(organisation=scene.district).update(
        valid=(date(2020, 1, 1), None)
    )

    with pytest.raises(Denied, match="đã đóng từ ngày 01/07/2026"):
        rules.post_update.require(clerk, Assignment.objects.get(pk=scene.rows[0].pk), TODAY)


def test_cloning_gives_each_successor_an_assignment_that_leads_back(scene):
    decision = scene.approve(scene.propose(FateKind.CLONE))

    for row in scene.rows:
        fate = Fate.objects.get(decision=decision, assignment=row)
        copies = Assignment.objects.filter(task=row.task, organisation__in=scene.communes)
        assert copies.count() == 2
        for copy in copies:
            assert (copy.role, copy.year) == (row.role, row.year)
            assert (copy.period_start, copy.period_end) == (GONE, date(2027, 1, 1))
            assert copy.due_on == date(2026, 12, 31)
            assert copy.is_passed_on
            assert "huyện Cũ" in copy.due_why[-1]["text"]
            [origin] = queries.came_from(copy)
            assert origin.assignment == row
        assert {one.assignment.organisation_id for one in queries.went_to(fate)} == {
            one.pk for one in scene.communes
        }
    assert scene.sum() == queries.FateSum(total=2, approved=2)


def test_whoever_has_the_task_already_goes_on_with_what_it_has(scene):
    commune = scene.communes[0]
    there = AssignmentFactory(
        task=scene.rows[0].task,
        organisation=commune,
        period_start=GONE,
        resolved_on=GONE,
    )
    AssignmentFactory(task=scene.rows[0].task, organisation=commune, year=2027)
    preview = queries.preview_of_fates(
        [(scene.rows[0], GONE)], {scene.district.pk: [one.pk for one in scene.communes]}, TODAY
    )
    assert (preview.created, preview.already) == (1, 1)

    decision = scene.approve(scene.propose(FateKind.CLONE, rows=scene.rows[:1]))

    assert Assignment.objects.filter(task=there.task, year=2026).count() == 3
    heir = decision.fates.get().heirs.get(organisation=commune)
    assert (heir.assignment, heir.was_there) == (there, True)
    scene.undo(decision)
    assert Assignment.objects.filter(pk=there.pk).exists()


def test_two_bodies_that_became_one_pass_their_duty_on_once(scene):
    other = OrganisationFactory(district=True, valid_to=GONE)
    task = scene.rows[0].task
    row = AssignmentFactory(task=task, organisation=other)
    commune = scene.communes[0]
    receivers = {scene.district.pk: [commune.pk], other.pk: [commune.pk]}

    decision = scene.approve(
        scene.propose(FateKind.TRANSFER, rows=[scene.rows[0], row], receivers=receivers)
    )

    copy = Assignment.objects.get(task=task, organisation=commune)
    assert {one.assignment for one in queries.came_from(copy)} == {scene.rows[0], row}
    scene.undo(decision)
    assert not Assignment.objects.filter(pk=copy.pk).exists()


def test_a_shared_heir_stays_while_another_decision_needs_it(scene):
    other = OrganisationFactory(district=True, valid_to=GONE)
    task, commune = scene.rows[0].task, scene.communes[0]
    row = AssignmentFactory(task=task, organisation=other)
    first = scene.approve(
        scene.propose(
            FateKind.TRANSFER, rows=scene.rows[:1], receivers={scene.district.pk: [commune.pk]}
        )
    )
    second = scene.approve(
        scene.propose(FateKind.TRANSFER, rows=[row], receivers={other.pk: [commune.pk]})
    )
    assert Assignment.objects.filter(task=task, organisation=commune).count() == 1

    scene.undo(first)
    assert Assignment.objects.filter(task=task, organisation=commune).count() == 1
    scene.undo(second)
    assert Assignment.objects.filter(task=task, organisation=commune).count() == 0


def test_a_proposal_says_what_is_missing(scene):
    def refused(match, **fields):
        with pytest.raises(ValidationError, match=match):
            scene.propose(**fields)

    refused("Nhập văn bản làm căn cứ", basis="  ")
    refused("trước ngày đó cơ quan còn hoạt động", from_day=date(2026, 6, 1))
    refused("Chưa có cơ quan nhận", kind=FateKind.TRANSFER)
    refused("đã hết kỳ", kind=FateKind.CLONE, from_day=date(2027, 1, 1))
    two = {scene.district.pk: [one.pk for one in scene.communes]}
    refused("chỉ giao cho một cơ quan", kind=FateKind.TRANSFER, receivers=two)
    dead = OrganisationFactory(valid_to=date(2026, 9, 1))
    refused(
        "không còn hoạt động", kind=FateKind.DEPARTMENT, receivers={scene.district.pk: [dead.pk]}
    )
    unborn = OrganisationFactory(valid_from=date(2026, 9, 1))
    over = AssignmentFactory(
        task=scene.rows[0].task, organisation=scene.district, year=2025, period_end=date(2026, 8, 1)
    )
    refused(
        "chưa hoạt động",
        rows=[over],
        kind=FateKind.TRANSFER,
        receivers={scene.district.pk: [unborn.pk]},
    )
    over.delete()
    with pytest.raises(ValidationError, match="ít nhất một phân công"):
        operations.propose_fates(
            actor=scene.coordinator,
            plan=scene.plan,
            kind=FateKind.CLOSE,
            assignment_ids=[],
            basis=BASIS,
            at=NOW,
        )
    assert scene.sum() == queries.FateSum(total=2, undecided=2)


def test_a_proposal_handed_back_makes_room_for_another(scene):
    decision = scene.propose()
    with pytest.raises(ValidationError, match="lý do trả lại"):
        operations.hand_back_fates(actor=scene.leader, decision=decision, at=NOW)

    operations.hand_back_fates(
        actor=scene.leader, decision=decision, at=NOW, reason="Giao cho Sở Nội vụ"
    )

    assert scene.sum() == queries.FateSum(total=2, undecided=2)
    assert Notice.objects.filter(person=scene.coordinator, title__contains="trả lại").exists()
    with pytest.raises(Denied, match="không chuyển sang"):
        scene.approve(decision)
    scene.propose(FateKind.LAPSE)


def test_those_who_may_approve_and_those_who_go_on_are_told(scene):
    clerk = clerk_of(scene.communes[0])
    gone = clerk_of(scene.district)

    decision = scene.propose(FateKind.CLONE)
    assert Notice.objects.filter(person=scene.leader).count() == 1
    scene.approve(decision)

    assert Notice.objects.filter(person=clerk).count() == 1
    assert not Notice.objects.filter(person=gone).exists()
    assert not Notice.objects.filter(person=scene.coordinator).exists()


def test_the_usual_is_suggested_and_nothing_is_decided_by_itself(scene):
    vanished = queries.vanished_bodies(TODAY, scene.plan)
    agency = OrganisationFactory(valid_to=GONE)
    heir = OrganisationFactory(valid_from=GONE)
    SuccessionLinkFactory(
        event=ChangeEventFactory(effective_on=GONE), predecessor=agency, successor=heir
    )
    alone = OrganisationFactory(valid_to=GONE)

    found = queries.suggestions_for({**vanished, agency.pk: GONE, alone.pk: GONE}, TODAY)

    communes = tuple(one.pk for one in scene.communes)
    assert found[scene.district.pk] == queries.Suggestion(FateKind.CLONE, communes)
    assert found[agency.pk] == queries.Suggestion(FateKind.TRANSFER, (heir.pk,))
    assert found[alone.pk] == queries.Suggestion(FateKind.CLOSE, ())
    assert scene.sum().undecided == 2


def test_successors_are_followed_to_those_who_are_there_today(scene):
    between = scene.communes[0]
    OrganisationVersion.objects.filter(organisation=between).update(valid=(GONE, date(2026, 10, 1)))
    last = OrganisationFactory(commune=True, valid_from=date(2026, 10, 1))
    SuccessionLinkFactory(
        event=ChangeEventFactory(effective_on=date(2026, 10, 1)),
        predecessor=between,
        successor=last,
    )

    found = queries.heirs_of({scene.district.pk: GONE}, TODAY)

    assert set(found[scene.district.pk]) == {last.pk, scene.communes[1].pk}


def test_reconciling_leaves_decisions_alone():
    department = OrganisationFactory()
    plan = PlanFactory(managed_by=department)
    old = OrganisationFactory(valid_to=GONE)
    new = OrganisationFactory(valid_from=GONE)
    SuccessionLinkFactory(
        event=ChangeEventFactory(effective_on=GONE), predecessor=old, successor=new
    )
    long_task = TaskFactory(plan=plan, until=True, lead=[old])
    TaskFactory(plan=plan, lead=[old])
    row = AssignmentFactory(
        task=long_task,
        organisation=old,
        year=2026,
        period_end=date(2031, 1, 1),
        due_on=date(2030, 12, 31),
    )
    later = AssignmentFactory(task=plan.tasks.last(), organisation=old, year=2027)
    coordinator, leader = coordinator_of(plan), leader_of(plan)

    def decide(kind, ids, **fields):
        decision = operations.propose_fates(
            actor=coordinator,
            plan=plan,
            kind=kind,
            assignment_ids=ids,
            basis=BASIS,
            at=NOW,
            **fields,
        )
        operations.approve_fates(actor=leader, decision=decision, version=1, at=NOW)

    decide(FateKind.TRANSFER, [row.pk], receivers={old.pk: [new.pk]})
    decide(FateKind.CLOSE, [later.pk])
    found = reconcile_assignments(plan, at=NOW)

    decided = {row.pk, later.pk, Assignment.objects.get(is_passed_on=True).pk}
    assert not decided & set(found.extra)
    assert not Assignment.objects.filter(pk__in=decided, is_extra=True).exists()
    running = Assignment.objects.filter(task=long_task, organisation=new)
    assert [one.is_passed_on for one in running] == [True]
    again = reconcile_assignments(plan, at=NOW)
    assert again.created == 0


def test_lists_cost_the_same_for_one_body_and_for_many(scene):
    def cost():
        with CaptureQueriesContext(connection) as queries_made:
            queries.bodies_of(scene.plan, TODAY)
            queries.sum_of(TODAY, scene.plan)
        return len(queries_made)

    first = cost()
    for _ in range(4):
        body = OrganisationFactory(district=True, valid_to=GONE)
        SuccessionLinkFactory(event=scene.event, predecessor=body, successor=scene.communes[0])
        AssignmentFactory(task=scene.rows[0].task, organisation=body)

    assert cost() == first
    assert len(queries.bodies_of(scene.plan, TODAY)) == 5


def test_a_former_districts_people_read_their_archive_and_write_nothing(scene):
    clerk = clerk_of(scene.district)
    row = scene.rows[0]

    rules.see_plans.require(clerk)
    rules.see_assignment.require(clerk, row)
    assert clerk.organisation_ids() == frozenset()
    assert clerk.archived_organisation_ids(Role.UNIT_CLERK) == {scene.district.pk}
    with pytest.raises(Denied):
        progress.post_update(
            actor=clerk,
            assignment=row,
            version=row.version,
            at=NOW,
            narrative="Đã làm",
            achievement="limited",
        )
    with pytest.raises(Denied):
        progress.add_evidence(
            actor=clerk,
            assignment=row,
            at=NOW,
            kind=EvidenceKind.LINK,
            title="Tin",
            link="https://example.vn",
        )
    commune = scene.communes[0]
    own = AssignmentFactory(organisation=commune)
    assert rules.post_update.allows(clerk_of(commune), own, TODAY)


@pytest.mark.parametrize(
    "operation",
    [one for one, (_roles, place) in OF_PLANS.items() if place == "body"],
    ids=lambda operation: operation.__name__,
)
@pytest.mark.parametrize("role", [Role.UNIT_CLERK, Role.UNIT_HEAD])
def test_no_operation_of_a_unit_is_open_to_people_of_a_body_that_is_no_more(operation, role):
    scene = Everyday()
    actor = PersonFactory(role=role, organisation=scene.body)
    OrganisationVersion.objects.filter(organisation=scene.body).update(
        valid=(date(2020, 1, 1), GONE)
    )

    with pytest.raises(Denied):
        operation(scene, actor)

    assert rules.see_assignment.allows(actor, scene.assignment)


def test_a_preview_costs_the_same_for_one_body_and_for_many(scene, client, time_machine):
    time_machine.move_to(NOW, tick=False)
    client.force_login(scene.coordinator)
    address = reverse("plans:propose_fates", args=[scene.plan.pk])

    def cost():
        bodies = queries.bodies_of(scene.plan, TODAY)
        asked = {
            "bodies": [one.organisation_id for one in bodies],
            "tasks": [row.task_id for row in scene.rows],
            "years": [2026],
            "kind": FateKind.CLONE,
            "basis": BASIS,
        }
        with CaptureQueriesContext(connection) as captured:
            page = client.post(address, asked)
        assert page.status_code == 200, page.context["form"].errors
        assert page.context["preview"].bodies == len(bodies)
        assert page.context["preview"].heirs > 0
        return len(captured)

    cost()
    first = cost()
    for _ in range(4):
        body = OrganisationFactory(district=True, valid_to=GONE)
        for commune in scene.communes:
            SuccessionLinkFactory(
                event=scene.event, predecessor=body, successor=commune, share=Share.PARTIAL
            )
        for row in scene.rows:
            AssignmentFactory(task=row.task, organisation=body)

    assert cost() == first


def test_bodies_that_are_no_more_say_whose_they_were_and_until_when(scene):
    parent = OrganisationFactory(province=True, name="Ủy ban nhân dân tỉnh Cũ")
    body = OrganisationFactory(name="Sở Công Thương", parent=parent, valid_to=GONE)
    SuccessionLinkFactory(event=scene.event, predecessor=body, successor=scene.communes[0])
    AssignmentFactory(task=scene.rows[0].task, organisation=body)

    names = [one.name for one in queries.bodies_of(scene.plan, TODAY)]

    assert f"Sở Công Thương (tỉnh Cũ, đến {GONE - timedelta(days=1):%d/%m/%Y})" in names
