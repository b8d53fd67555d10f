from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chuan.core.orgs.testing import OrganisationFactory
from chuan.lib.periods import Period
from chuan.modules.plans import facade
from chuan.modules.plans.enums import Achievement, PartyRole, Timeliness
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    DifficultyFactory,
    EvidenceFactory,
    PlanFactory,
    ProgressUpdateFactory,
    TaskFactory,
)

pytestmark = pytest.mark.django_db

A_DAY = date(2026, 11, 10)
IN_2026 = Period.year(2026)


def test_a_plan_is_known_by_its_decision_and_its_last_day():
    plan = PlanFactory(document__number=1029)

    ref = facade.plan(plan.pk)

    assert (ref.symbol, ref.issued_on) == ("1029/QĐ-UBND", date(2025, 3, 25))
    assert (ref.first_day, ref.last_day) == (date(2025, 3, 25), date(2030, 12, 31))
    assert (ref.report_due_day, ref.report_due_month, ref.report_due_inclusive) == (20, 11, False)


def test_plans_in_force_are_those_whose_days_include_the_day():
    plan = PlanFactory()
    PlanFactory(ended=date(2025, 12, 31))

    assert [ref.id for ref in facade.plans_in_force(A_DAY)] == [plan.pk]
    assert facade.plans_in_force(date(2031, 1, 1)) == []


def test_tasks_come_in_the_order_of_the_annex():
    plan = PlanFactory(tasks=12)

    assert [ref.code for ref in facade.tasks_of(plan.pk, 2026)] == [f"I.{n}" for n in range(1, 13)]


def test_a_bodys_assignments_of_a_year_carry_their_latest_update_and_evidence():
    plan = PlanFactory()
    body = OrganisationFactory()
    lead = AssignmentFactory(task=TaskFactory(plan=plan), organisation=body)
    coordinating = AssignmentFactory(
        task=TaskFactory(plan=plan), organisation=body, role=PartyRole.COORDINATING
    )
    AssignmentFactory(task=lead.task, organisation=body, year=2027)
    AssignmentFactory(task=lead.task)
    ProgressUpdateFactory(assignment=lead, narrative="Đợt đầu")
    ProgressUpdateFactory(
        assignment=lead,
        narrative="Đợt sau",
        made_at=datetime(2026, 10, 1, 8, tzinfo=VIETNAM),
    )
    EvidenceFactory(assignment=lead)
    EvidenceFactory(assignment=lead, link="https://example.vn/tin")
    EvidenceFactory(assignment=lead, withdrawn=True)

    refs = facade.assignments_of(plan.pk, body.pk, 2026, on=A_DAY)

    assert [ref.id for ref in refs] == [lead.pk, coordinating.pk]
    assert (refs[0].narrative, refs[0].evidence_count, refs[0].computed_percent) == (
        "Đợt sau",
        2,
        100,
    )
    assert (refs[1].narrative, refs[1].evidence_count, refs[1].computed_percent) == ("", 0, 0)


@pytest.mark.parametrize("how_many", [1, 5])
def test_assignments_cost_the_same_however_many(how_many, django_assert_num_queries):
    plan = PlanFactory(tasks=how_many)
    body = OrganisationFactory()
    for task in plan.tasks.all():
        assignment = AssignmentFactory(task=task, organisation=body)
        ProgressUpdateFactory.create_batch(2, assignment=assignment)
        EvidenceFactory(assignment=assignment)

    with django_assert_num_queries(4):
        refs = facade.assignments_of(plan.pk, body.pk, 2026)

    assert len(refs) == how_many


def test_a_task_of_many_years_is_the_work_of_each_of_them():
    assignment = AssignmentFactory(
        task__until=True, year=2025, period_end=date(2031, 1, 1), due_on=date(2030, 12, 31)
    )
    plan_id, body_id = assignment.task.plan_id, assignment.organisation_id

    found = [
        len(facade.assignments_of(plan_id, body_id, year)) for year in (2024, 2025, 2030, 2031)
    ]

    assert found == [0, 1, 1, 0]


def test_bodies_owing_may_leave_out_those_that_only_coordinate():
    plan = PlanFactory(tasks=1)
    task = plan.tasks.get()
    leading, helping = OrganisationFactory.create_batch(2)
    AssignmentFactory(task=task, organisation=leading)
    AssignmentFactory(task=task, organisation=helping, role=PartyRole.COORDINATING)
    AssignmentFactory(organisation=OrganisationFactory())

    assert facade.bodies_owing(plan.pk, 2026) == [leading.pk, helping.pk]
    assert facade.bodies_owing(plan.pk, 2026, roles=facade.LEAD_ONLY) == [leading.pk]


def test_timeliness_counts_sum_to_the_total_for_all_and_for_each_body():
    plan = PlanFactory(tasks=4)
    done, late, overdue, open_ = plan.tasks.order_by("position")
    body = OrganisationFactory()
    AssignmentFactory(task=done, organisation=body, complete=True)
    AssignmentFactory(task=late, organisation=body, late=True)
    AssignmentFactory(task=overdue, organisation=body, due_on=date(2026, 6, 30))
    AssignmentFactory(task=open_, organisation=body)

    counts = facade.timeliness_counts(plan.pk, 2026, on=A_DAY)

    assert (counts.on_time, counts.late, counts.in_time, counts.overdue) == (1, 1, 1, 1)
    assert facade.timeliness_counts_by_body(plan.pk, 2026, on=A_DAY) == {body.pk: counts}
    assert facade.timeliness_counts_by_task(plan.pk, 2026, on=A_DAY)[overdue.pk].overdue == 1


def test_updates_are_those_of_the_periods_days_by_the_provinces_clock():
    assignment = AssignmentFactory()
    for moment in (
        datetime(2025, 12, 31, 23, 59, 59, tzinfo=VIETNAM),
        datetime(2026, 1, 1, tzinfo=VIETNAM),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=VIETNAM),
        datetime(2027, 1, 1, tzinfo=VIETNAM),
    ):
        ProgressUpdateFactory(assignment=assignment, made_at=moment)

    told = facade.updates_for([assignment.pk], IN_2026)[assignment.pk]

    assert [update.made_at.astimezone(VIETNAM).date() for update in told] == [
        date(2026, 1, 1),
        date(2026, 12, 31),
    ]


def test_contributions_are_those_of_coordinators_of_the_same_task_and_period():
    lead = AssignmentFactory()
    helper = AssignmentFactory(task=lead.task, role=PartyRole.COORDINATING)
    AssignmentFactory(task=lead.task, role=PartyRole.COORDINATING, year=2027)
    AssignmentFactory(role=PartyRole.COORDINATING)
    ProgressUpdateFactory(assignment=helper, narrative="Đã đăng 12 tin, bài.")

    (contribution,) = facade.contributions_to([lead.pk], IN_2026)[lead.pk]

    assert contribution.assignment.organisation_id == helper.organisation_id
    assert [update.narrative for update in contribution.updates] == ["Đã đăng 12 tin, bài."]


def test_contributions_of_other_years_are_not_even_read():
    lead = AssignmentFactory()
    others = [
        AssignmentFactory(task=lead.task, role=PartyRole.COORDINATING, year=year)
        for year in (2025, 2027, 2028)
    ]
    leads_later = AssignmentFactory(task=lead.task, year=2027)

    with CaptureQueriesContext(connection) as queries:
        found = facade.contributions_to([lead.pk])
    assert found == {lead.pk: ()}
    (read,) = [query["sql"] for query in queries if str(PartyRole.COORDINATING) in query["sql"]]
    with connection.cursor() as cursor:
        assert cursor.execute(read).rowcount == 0

    both = facade.contributions_to([lead.pk, leads_later.pk])
    assert [one.assignment.id for one in both[leads_later.pk]] == [others[1].pk]
    assert both[lead.pk] == ()


def test_withdrawn_difficulties_are_not_reported():
    plan = PlanFactory()
    raised = DifficultyFactory(plan=plan)
    DifficultyFactory(plan=plan, state="withdrawn")

    assert [ref.id for ref in facade.difficulties_of(plan.pk, None, IN_2026)] == [raised.pk]
    assert facade.difficulties_of(plan.pk, None, Period.year(2025)) == []


def test_work_is_this_year_and_what_was_left_unfinished_before():
    body = OrganisationFactory()
    plan = PlanFactory(tasks=1)
    task = plan.tasks.get()
    left = AssignmentFactory(task=task, organisation=body, year=2025)
    now = AssignmentFactory(task=task, organisation=body, year=2026, complete=True)
    AssignmentFactory(task=TaskFactory(plan=plan), organisation=body, year=2025, complete=True)
    AssignmentFactory(task=task, organisation=body, year=2027)

    refs = facade.work_of([body.pk], on=A_DAY)

    assert [(ref.id, ref.timeliness, ref.achievement) for ref in refs] == [
        (left.pk, Timeliness.OVERDUE, Achievement.NOT_STARTED),
        (now.pk, Timeliness.ON_TIME, Achievement.COMPLETE),
    ]
