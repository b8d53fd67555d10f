"""Decisions on duties taken back, and where they meet the end and amendments of a plan."""

import random
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from chuan.core.audit.models import Entry
from chuan.core.notices.models import Notice
from chuan.core.orgs import operations as orgs
from chuan.core.orgs.testing import (
    OrganisationFactory,
    a_merger,
    commit,
)
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.plans.enums import (
    FateKind,
    FateState,
    PartyRole,
    RequestState,
)
from chuan.modules.plans.models import Assignment, Fate, FateDecision, FateHeir, PlanVersion, Task
from chuan.modules.plans.operations import fates as operations
from chuan.modules.plans.operations.ending import end_plan
from chuan.modules.plans.queries import fates as queries
from chuan.modules.plans.testing import (
    AssignmentFactory,
    ContributionRequestFactory,
    ProgressUpdateFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
)
from chuan.modules.plans.tests.fates_scene import BASIS, GONE, NOW, TODAY, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db):
    return Scene()


def test_undoing_leaves_everything_as_it_was(scene):
    lead = scene.rows[0]
    request = ContributionRequestFactory(lead=lead)
    before = list(Assignment.objects.order_by("pk").values("pk", *KEPT))

    decision = scene.approve(scene.propose(FateKind.CLONE))
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN
    undone = scene.undo(decision)

    assert list(Assignment.objects.order_by("pk").values("pk", *KEPT)) == before
    request.refresh_from_db()
    assert (request.state, request.closed_by) == (RequestState.ASKED, None)
    assert (undone.state, undone.ended_by) == (FateState.UNDONE, scene.leader)
    assert scene.sum() == queries.FateSum(total=2, undecided=2)
    again = scene.approve(scene.propose(FateKind.CLONE))
    assert again.state == FateState.APPROVED


KEPT = (
    "task_id",
    "organisation_id",
    "role",
    "year",
    "period_start",
    "period_end",
    "due_on",
    "due_why",
    "closed_on",
    "is_extra",
    "is_passed_on",
    "done_on",
)


def test_what_was_worked_on_cannot_be_undone(scene):
    decision = scene.approve(scene.propose(FateKind.CLONE))
    copy = Assignment.objects.filter(is_passed_on=True).first()
    ProgressUpdateFactory(assignment=copy)

    with pytest.raises(Denied, match="đã có tiến độ hoặc minh chứng"):
        scene.undo(decision)

    assert scene.sum() == queries.FateSum(total=2, approved=2)


def test_nobody_approves_what_they_proposed(scene):
    decision = scene.propose()
    with pytest.raises(Denied, match="cần một người khác duyệt"):
        scene.approve(decision, actor=scene.coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        FateDecision.objects.filter(pk=decision.pk).update(
            state=FateState.APPROVED, approved_by=scene.coordinator, approved_at=NOW
        )

    approved = scene.approve(decision, actor=coordinator_of(scene.plan))

    assert approved.state == FateState.APPROVED
    assert Entry.objects.filter(action="plans.fates_approved").count() == 1


def test_the_database_refuses_a_second_decision_and_a_closing_without_one(scene):
    decision = scene.propose()
    with pytest.raises(ValidationError, match="đã có quyết định khác"):
        scene.propose(FateKind.LAPSE)
    fate = decision.fates.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Fate.objects.create(
            decision=FateDecision.objects.create(
                plan=scene.plan,
                kind=FateKind.LAPSE,
                basis=BASIS,
                proposed_by=scene.coordinator,
                proposed_at=NOW,
            ),
            assignment=fate.assignment,
            body_ended_on=GONE,
            from_day=GONE,
        )
    with connection.cursor() as cursor, transaction.atomic():
        Assignment.objects.filter(pk=scene.rows[0].pk).update(closed_on=GONE, due_on=None)
        with pytest.raises(IntegrityError, match="closed without a decision"), transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        Assignment.objects.filter(pk=scene.rows[0].pk).update(closed_on=None)


def test_an_event_whose_duties_are_decided_is_not_reversed(scene):
    preparer, confirmer = coordinator_of(scene.plan), PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)
    old = OrganisationFactory()
    row = AssignmentFactory(task=TaskFactory(plan=scene.plan), organisation=old)
    event = commit(
        a_merger(actor=preparer, before=[old], on=GONE), preparer=preparer, confirmer=confirmer
    )
    scene.propose(rows=[row])

    with pytest.raises(Denied, match="Nghĩa vụ còn lại"):
        orgs.reverse_event(actor=confirmer, event=event, at=NOW, reason="Nhầm")

    decision = FateDecision.objects.get()
    operations.hand_back_fates(actor=scene.coordinator, decision=decision, at=NOW)
    reversed_event = orgs.reverse_event(actor=confirmer, event=event, at=NOW, reason="Nhầm")
    assert reversed_event.state == "reversed"


@pytest.mark.parametrize("undone", [False, True])
def test_a_body_that_was_to_go_on_hinders_no_reversal_once_that_came_to_nothing(scene, undone):
    preparer, confirmer = coordinator_of(scene.plan), PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)
    row = AssignmentFactory(
        task=TaskFactory(plan=scene.plan), organisation=(old := OrganisationFactory())
    )
    event = commit(
        a_merger(actor=preparer, before=[old], on=GONE), preparer=preparer, confirmer=confirmer
    )
    new = event.links.get().successor
    decision = scene.propose(FateKind.TRANSFER, rows=[row], receivers={old.pk: [new.pk]})
    if undone:
        scene.undo(scene.approve(decision))
    else:
        operations.hand_back_fates(actor=scene.coordinator, decision=decision, at=NOW)

    reversed_event = orgs.reverse_event(actor=confirmer, event=event, at=NOW, reason="Nhầm")

    assert reversed_event.state == "reversed"
    action = "plans.fates_undone" if undone else "plans.fates_handed_back"
    assert Entry.objects.get(action=action).details["heirs"] == [new.pk]


@pytest.mark.parametrize("undone", [False, True])
def test_a_decision_that_came_to_nothing_makes_nobody_an_heir(scene, undone):
    """Neither whom it named nor what they owe anyway is bound by it any more."""
    commune = scene.communes[0]
    owed_anyway = AssignmentFactory(task=scene.rows[0].task, organisation=commune)
    decision = scene.propose(FateKind.CLONE)
    assert FateHeir.objects.filter(fate__decision=decision).count() == 4
    if undone:
        decision = scene.approve(decision)
        assert [one.assignment for one in queries.came_from(owed_anyway)] == [scene.rows[0]]
        scene.undo(decision)
    else:
        operations.hand_back_fates(actor=scene.coordinator, decision=decision, at=NOW)

    assert not FateHeir.objects.exists()
    assert queries.came_from(owed_anyway) == []
    for row in scene.rows:
        assert queries.live_fate_of(row) is None
        assert all(queries.went_to(fate) == [] for fate in row.fates.all())
    assert not Assignment.objects.filter(queries.held_by_a_decision()).exists()
    assert not Assignment.objects.filter(is_passed_on=True).exists()
    assert scene.sum().undecided == 2
    assert scene.sum().adds_up


def end(scene, last_day, at=NOW):
    return end_plan(
        actor=scene.coordinator,
        plan=scene.plan,
        version=scene.plan.version,
        last_day=last_day,
        basis="Quyết định số 12/QĐ-UBND",
        at=at,
    )


def test_nothing_is_approved_once_the_plan_is_over(scene):
    decision = scene.propose(FateKind.CLONE)
    end(scene, date(2026, 10, 31))

    with pytest.raises(ValidationError, match="đã kết thúc ngày 31/10/2026"):
        scene.approve(decision)

    assert scene.sum() == queries.FateSum(total=2, proposed=2)


def test_nothing_is_passed_on_from_a_day_after_the_end_of_the_plan(scene):
    decision = scene.propose(FateKind.CLONE, from_day=date(2026, 12, 15))
    end(scene, date(2026, 11, 30))

    with pytest.raises(ValidationError, match="đã hết kỳ trước ngày 15/12/2026"):
        scene.approve(decision)


def test_nobody_goes_on_who_begins_after_the_end_of_the_plan(scene):
    late = OrganisationFactory(commune=True, valid_from=date(2026, 11, 5))
    decision = scene.propose(FateKind.TRANSFER, receivers={scene.district.pk: [late.pk]})
    Assignment.objects.filter(pk__in=[one.pk for one in scene.rows]).update(
        period_end=date(2026, 11, 1), due_on=None
    )

    with pytest.raises(ValidationError, match="chưa hoạt động trước ngày 01/11/2026"):
        scene.approve(decision)


def test_what_is_undone_after_the_plan_ended_is_owed_no_longer_than_the_plan(scene):
    request = ContributionRequestFactory(lead=scene.rows[0], due_on=date(2026, 12, 20))
    later = AssignmentFactory(task=scene.rows[0].task, organisation=scene.district, year=2027)
    decision = scene.approve(scene.propose(FateKind.CLOSE, rows=[*scene.rows, later]))
    end(scene, date(2026, 11, 30))

    scene.undo(decision)

    for row in scene.rows:
        row.refresh_from_db()
        assert (row.closed_on, row.period_end, row.due_on) == (None, date(2026, 12, 1), None)
        assert "30/11/2026" in row.due_why[-1]["text"]
    later.refresh_from_db()
    assert (later.closed_on, later.due_on) == (None, None)
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN


def test_what_is_undone_after_an_amendment_stops_where_its_wording_does(scene):
    row = AssignmentFactory(
        task=TaskFactory(plan=scene.plan, until=True),
        organisation=scene.district,
        period_end=date(2031, 1, 1),
        due_on=date(2030, 12, 31),
    )
    later = AssignmentFactory(task=scene.rows[0].task, organisation=scene.district, year=2027)
    rows = [scene.rows[0], row, later]
    decision = scene.approve(scene.propose(FateKind.CLOSE, rows=rows))
    amended(scene.plan, [one.task_id for one in rows], from_day=date(2026, 12, 1))

    scene.undo(decision)

    found = Assignment.objects.filter(pk__in=[one.pk for one in rows]).order_by("pk")
    assert list(found.values_list("period_end", "due_on")) == [
        (date(2027, 1, 1), date(2026, 12, 31)),
        (date(2026, 12, 1), None),
        (date(2028, 1, 1), None),
    ]


def amended(plan, task_ids, from_day):
    version = PlanVersion.objects.get(plan=plan)
    version.pk, version.number, version.from_day = None, 2, from_day
    version.save(force_insert=True)
    Task.objects.filter(pk__in=task_ids).update(until=2)


def test_what_other_words_replaced_before_it_began_is_closed_and_not_passed_on(scene):
    later = AssignmentFactory(task=scene.rows[0].task, organisation=scene.district, year=2027)
    decision = scene.propose(FateKind.CLONE, rows=[later])
    amended(scene.plan, [later.task_id], from_day=date(2026, 12, 1))

    with pytest.raises(ValidationError, match="thay từ ngày 01/12/2026"):
        scene.approve(decision)

    operations.hand_back_fates(actor=scene.coordinator, decision=decision, at=NOW)
    scene.approve(scene.propose(FateKind.CLOSE, rows=[later]))


def test_both_sides_learn_that_their_request_is_closed(scene):
    helping = OrganisationFactory()
    asked = clerk_of(helping)
    request = ContributionRequestFactory(
        lead=scene.rows[0],
        assignment=AssignmentFactory(
            task=scene.rows[0].task,
            organisation=helping,
            role=PartyRole.COORDINATING,
        ),
    )

    scene.approve(scene.propose())

    request.refresh_from_db()
    assert (request.state, request.closed_by) == (RequestState.WITHDRAWN, scene.leader)
    assert Notice.objects.filter(person=asked, body=request.reason).count() == 1


def test_more_time_reaches_past_the_year_and_is_passed_on(scene):
    row = AssignmentFactory(
        task=TaskFactory(plan=scene.plan),
        organisation=scene.district,
        year=2025,
        due_on=date(2026, 9, 30),
        original_due_on=date(2025, 12, 31),
    )
    assert row.period_end == date(2026, 1, 1)
    vanished = queries.vanished_bodies(TODAY, scene.plan)
    assert row in queries.left_over(vanished, scene.plan)

    scene.approve(scene.propose(FateKind.CLONE, rows=[row]))

    copies = Assignment.objects.filter(task=row.task, is_passed_on=True)
    assert (
        list(copies.values_list("year", "period_start", "period_end", "due_on"))
        == [(2025, GONE, date(2026, 10, 1), date(2026, 9, 30))] * 2
    )


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))]
)
def test_whatever_is_proposed_approved_handed_back_and_undone_each_duty_has_one_fate(scene, seed):
    draw = random.Random(seed)
    other = OrganisationFactory(district=True, valid_to=GONE)
    duties = [
        *scene.rows,
        *(AssignmentFactory(task=row.task, organisation=other) for row in scene.rows),
    ]
    kinds = (FateKind.CLOSE, FateKind.CLONE, FateKind.LAPSE)
    heirs = {body.pk: [one.pk for one in scene.communes] for body in (scene.district, other)}
    waiting, holding = [], []
    for _act in range(25):
        act = draw.choice(("propose", "propose", "approve", "hand back", "undo"))
        if act == "propose":
            rows = draw.sample(duties, draw.randint(1, len(duties)))
            kind = draw.choice(kinds)
            more = {}
            if kind == FateKind.CLONE:
                bodies = {row.organisation_id for row in rows}
                more = {"receivers": {pk: heirs[pk] for pk in bodies}}
            try:
                with transaction.atomic():
                    waiting.append(scene.propose(kind, rows=rows, **more))
            except (Denied, ValidationError):
                pass  # one of them has its decision already
        elif act == "undo" and holding:
            scene.undo(holding.pop(draw.randrange(len(holding))))
        elif act != "undo" and waiting:
            decision = waiting.pop(draw.randrange(len(waiting)))
            if act == "approve":
                holding.append(scene.approve(decision))
            else:
                operations.hand_back_fates(actor=scene.coordinator, decision=decision, at=NOW)

        found = scene.sum()
        assert found.adds_up
        assert found.total == len(duties)
        assert found.proposed == sum(one.fates.count() for one in waiting)
        assert found.approved == sum(one.fates.count() for one in holding)
        live = Fate.objects.filter(state__in=[FateState.PROPOSED, FateState.APPROVED])
        decided = list(live.values_list("assignment", flat=True))
        assert len(decided) == len(set(decided)) == len(duties) - found.undecided
        closed = Assignment.objects.filter(closed_on__isnull=False)
        assert set(closed.values_list("pk", flat=True)) == set(
            live.filter(state=FateState.APPROVED).values_list("assignment", flat=True)
        )
