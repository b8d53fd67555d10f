"""A plan that ends before its time, by a decision or because another takes its place."""

from datetime import date, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.documents.models import DocumentRelation
from chuan.core.notices.models import Notice
from chuan.core.orgs.testing import OrganisationFactory
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade
from chuan.modules.plans.enums import FateKind, PlanState, RequestState
from chuan.modules.plans.models import Assignment, Plan
from chuan.modules.plans.operations import fates
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.operations.ending import end_plan
from chuan.modules.plans.queries.ending import ending_of
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    ContributionRequestFactory,
    PlanFactory,
    ProgressUpdateFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    leader_of,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, tzinfo=VIETNAM)
LAST = date(2027, 6, 30)


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(NOW, tick=False):
        yield


class Scene:
    """A yearly task of one body in a plan to 2030, all its assignments written down."""

    def __init__(self):
        self.body = OrganisationFactory()
        self.plan = PlanFactory()
        self.task = TaskFactory(plan=self.plan, lead=[self.body])
        reconcile_assignments(self.plan, at=NOW)
        self.coordinator = coordinator_of(self.plan)

    def end(self, **fields):
        asked = {"actor": self.coordinator, "plan": self.plan, "version": 1, "at": NOW}
        asked |= {"last_day": LAST, "basis": "Quyết định số 12/QĐ-UBND"}
        return end_plan(**(asked | fields))


@pytest.fixture
def scene(db):
    return Scene()


def test_what_has_not_begun_is_owed_no_more_and_what_runs_has_no_deadline_after_the_end(scene):
    scene.end()

    rows = Assignment.objects.order_by("year").values_list("year", "period_end", "due_on")
    assert list(rows) == [
        (2025, date(2026, 1, 1), date(2025, 12, 31)),
        (2026, date(2027, 1, 1), date(2026, 12, 31)),
        (2027, date(2027, 7, 1), None),
    ]
    assert "kết thúc ngày 30/06/2027" in Assignment.objects.get(year=2027).due_why[-1]["text"]


def decide(scene, body, *rows, kind=FateKind.CLOSE, heir=None):
    decision = fates.propose_fates(
        actor=scene.coordinator,
        plan=scene.plan,
        kind=kind,
        assignment_ids=[row.pk for row in rows],
        basis="Nghị quyết số 12/NQ-HĐND",
        at=NOW,
        receivers={body.pk: [heir.pk]} if heir else None,
    )
    return fates.approve_fates(actor=leader_of(scene.plan), decision=decision, version=1, at=NOW)


def test_what_is_decided_about_a_body_that_is_no_more_stays_and_hinders_no_end(scene):
    gone, heir = OrganisationFactory(valid_to=date(2026, 7, 1)), OrganisationFactory()
    closed = AssignmentFactory(task=scene.task, organisation=gone, year=2029)
    passed_on = AssignmentFactory(task=scene.task, organisation=gone, year=2028)
    undone = AssignmentFactory(task=scene.task, organisation=gone, year=2030)
    decide(scene, gone, closed)
    decide(scene, gone, passed_on, kind=FateKind.TRANSFER, heir=heir)
    fates.undo_fates(
        actor=leader_of(scene.plan),
        decision=decide(scene, gone, undone),
        version=2,
        at=NOW,
        reason="Nhầm",
    )

    scene.end()

    later = Assignment.objects.filter(period_start__gt=LAST).order_by("year", "pk")
    assert [one.organisation_id for one in later] == [gone.pk, heir.pk, gone.pk]
    assert [one.due_on for one in later] == [None, None, None]


def test_more_time_than_the_plan_has_is_taken_back(scene):
    row = Assignment.objects.get(year=2026)
    Assignment.objects.filter(pk=row.pk).update(
        due_on=date(2027, 9, 30), original_due_on=row.due_on
    )
    assert ending_of(scene.plan, LAST, NOW.date()).without_deadline == 2

    scene.end()

    row.refresh_from_db()
    assert (row.period_end, row.due_on) == (date(2027, 1, 1), None)
    assert "30/06/2027" in row.due_why[-1]["text"]


def test_an_end_entered_late_keeps_the_work_that_has_begun_since(scene):
    scene.end(last_day=date(2025, 12, 31))

    assert list(Assignment.objects.order_by("year").values_list("year", "due_on")) == [
        (2025, date(2025, 12, 31)),
        (2026, None),
    ]


def test_the_plan_is_in_force_to_its_new_last_day_and_no_longer(scene):
    plan = scene.end()

    assert plan.state_on(LAST) == PlanState.IN_FORCE
    assert plan.state_on(date(2027, 7, 1)) == PlanState.ENDED
    assert [ref.id for ref in facade.plans_in_force(LAST)] == [plan.pk]
    assert facade.plans_in_force(date(2027, 7, 1)) == []


def test_nobody_has_its_work_on_the_desk_after_that(scene):
    scene.end()

    assert facade.work_of([scene.body.pk], on=LAST)
    assert facade.work_of([scene.body.pk], on=date(2027, 7, 1)) == []


def test_reconciling_brings_nothing_back(scene):
    plan = scene.end()

    assert reconcile_assignments(plan, at=NOW).created == 0


def test_who_held_the_plan_from_before_its_end_brings_nothing_back(scene):
    read_before = Plan.objects.get(pk=scene.plan.pk)
    scene.end()
    left = Assignment.objects.count()

    assert reconcile_assignments(read_before, at=NOW).created == 0
    assert Assignment.objects.count() == left


def test_a_plan_that_takes_its_place_is_recorded_with_its_decision(scene):
    newer = PlanFactory(managed_by=scene.plan.managed_by)

    plan = scene.end(replaced_by=newer)

    assert plan.state_on(date(2027, 7, 1)) == PlanState.REPLACED
    relation = DocumentRelation.objects.get(document=newer.document)
    assert (relation.kind, relation.target) == ("replaces", scene.plan.document)
    assert Entry.objects.get(action="plans.plan_ended").details["replaced_by"] == newer.pk


def test_a_relation_recorded_before_is_no_obstacle(scene):
    newer = PlanFactory(managed_by=scene.plan.managed_by)
    DocumentRelation.objects.create(
        document=newer.document,
        kind="replaces",
        target=scene.plan.document,
        target_symbol=scene.plan.document.symbol,
    )

    assert scene.end(replaced_by=newer).replaced_by == newer


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"last_day": date(2025, 3, 24)}, "last_day"),
        ({"last_day": date(2030, 12, 31)}, "last_day"),
        ({"basis": ""}, "basis"),
    ],
)
def test_a_day_outside_the_plan_or_no_basis_is_refused(scene, fields, field):
    with pytest.raises(ValidationError) as refused:
        scene.end(**fields)

    assert set(refused.value.message_dict) == {field}


def test_only_a_plan_of_the_department_in_force_the_day_after_takes_its_place(scene):
    others = [
        scene.plan,
        PlanFactory(),
        PlanFactory(managed_by=scene.plan.managed_by, last_day=date(2027, 1, 1)),
    ]
    for other in others:
        with pytest.raises(ValidationError) as refused:
            scene.end(replaced_by=other)
        assert set(refused.value.message_dict) == {"replaced_by"}


def test_a_plan_is_ended_once(scene):
    scene.end()

    with pytest.raises(Denied, match="đã có quyết định kết thúc ngày 30/06/2027"):
        scene.end(version=2)


def test_a_decision_made_meanwhile_is_a_conflict(scene):
    with pytest.raises(Conflict):
        scene.end(version=0)


def test_difficulties_and_deliverables_end_with_the_plan(client):
    plan = PlanFactory(ended=date(2026, 6, 30))
    task = TaskFactory(plan=plan, coordinating=[])
    client.force_login(coordinator_of(plan))

    page = client.get(reverse("plans:deliverables", args=[plan.pk, task.pk]))

    assert page.status_code == 403
    assert "“Đã kết thúc” từ sau ngày 30/06/2026" in page.content.decode()


def test_work_that_something_rests_on_is_not_taken_away_and_the_day_that_keeps_it_is_named(scene):
    told = Assignment.objects.get(year=2028)
    ProgressUpdateFactory(assignment=told)

    with pytest.raises(ValidationError) as refused:
        scene.end()

    (message,) = refused.value.message_dict["last_day"]
    assert message.startswith(f"Nhiệm vụ {scene.task.code} năm 2028 đã có trong báo cáo")
    assert message.endswith("Chọn ngày cuối từ 01/01/2028 trở đi.")
    scene.plan.refresh_from_db()
    assert (scene.plan.ended_at, Assignment.objects.count()) == (None, 6)
    assert not Entry.objects.filter(action="plans.plan_ended").exists()
    assert scene.end(last_day=date(2028, 1, 1)).ended_at == NOW


# ---------------------------------------------------------------- requests for contributions


@pytest.fixture
def request_(scene):
    """The body asks a coordinator for its part by 15/12/2026."""
    lead = Assignment.objects.get(year=2026)
    return ContributionRequestFactory(lead=lead, due_on=date(2026, 12, 15))


@pytest.mark.parametrize(
    ("last_day", "is_closed"),
    [
        (date(2026, 10, 1), True),  # past already
        (date(2026, 12, 14), True),
        (date(2026, 12, 15), False),  # can still be answered in time
    ],
)
def test_a_request_nobody_can_answer_in_time_is_closed_and_both_sides_told(
    scene, request_, last_day, is_closed
):
    sides = [clerk_of(scene.body), clerk_of(request_.assignment.organisation)]

    scene.end(last_day=last_day)

    request_.refresh_from_db()
    told = list(Notice.objects.order_by("pk").values_list("person", "body"))
    assert request_.state == (RequestState.WITHDRAWN if is_closed else RequestState.ASKED)
    if not is_closed:
        assert told == []
        return
    reason = f"Kế hoạch kết thúc ngày {format_date(last_day)}."
    assert (request_.reason, request_.closed_by) == (reason, scene.coordinator)
    assert {(side.pk, reason) for side in sides} <= set(told)
    assert Entry.objects.get(action="plans.plan_ended").details["requests_closed"] == [request_.pk]


def test_after_the_last_day_a_request_is_on_no_desk_and_owed_by_nobody(scene, request_):
    helper = request_.assignment.organisation
    clerk_of(helper)
    scene.end(last_day=date(2026, 12, 15))
    asked = [facade.requests_to([helper.pk]), facade.requests_made_by([scene.body.pk])]
    assert [len(found) for found in asked] == [1, 1]

    with time_machine.travel(datetime(2026, 12, 16, 6, tzinfo=VIETNAM), tick=False):
        left = [
            facade.requests_to([helper.pk]),
            facade.requests_made_by([scene.body.pk]),
            facade.owed_parts(date(2026, 12, 16), due_by=date(2027, 12, 31)),
        ]

    assert left == [[], [], []]


def test_after_the_last_day_nobody_is_asked_who_stands_in(scene):
    Plan.objects.filter(pk=scene.end().pk).update(open_questions=2)
    assert facade.questions_waiting_for(scene.coordinator)

    with time_machine.travel(datetime(2027, 7, 1, 6, tzinfo=VIETNAM), tick=False):
        assert facade.questions_waiting_for(scene.coordinator) == []


# ---------------------------------------------------------------- the page


def form(**fields):
    return {
        "version": "1",
        "last_day": "30/6/2027",
        "replaced_by": "",
        "basis": "Quyết định số 12/QĐ-UBND",
    } | fields


def test_the_first_look_says_what_goes_and_changes_nothing(scene, client):
    client.force_login(scene.coordinator)

    page = client.post(reverse("plans:end", args=[scene.plan.pk]), form())

    text = page.content.decode()
    assert "bỏ 3 phân công chưa đến kỳ" in text
    assert "bỏ hạn của 1 phân công" in text
    assert Assignment.objects.count() == 6


def test_deciding_ends_it_and_the_plan_page_says_so(scene, client):
    client.force_login(scene.coordinator)

    page = client.post(reverse("plans:end", args=[scene.plan.pk]), form(decide="1"), follow=True)

    assert "Kế hoạch kết thúc trước hạn" in page.content.decode()
    scene.plan.refresh_from_db()
    assert scene.plan.last_day == LAST


def test_the_first_look_says_how_many_requests_are_closed(scene, request_, client):
    client.force_login(scene.coordinator)

    page = client.post(reverse("plans:end", args=[scene.plan.pk]), form(last_day="1/12/2026"))

    assert "đóng 1 đề nghị góp phần chưa trả lời" in page.content.decode()


def test_a_colleague_who_ended_it_meanwhile_is_shown(scene, client):
    client.force_login(scene.coordinator)
    scene.end(last_day=date(2028, 1, 1))

    page = client.post(reverse("plans:end", args=[scene.plan.pk]), form(decide="1"))

    assert page.status_code in {403, 409}


def test_a_unit_is_refused_with_the_reason(scene, client):
    client.force_login(clerk_of(scene.body))

    page = client.get(reverse("plans:end", args=[scene.plan.pk]))

    assert page.status_code == 403
