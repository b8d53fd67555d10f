from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from chuan.core.legal.queries import NoStatutoryValue
from chuan.core.legal.testing import StatutoryParameterFactory
from chuan.core.notices.models import Notice
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.testing import OrganisationFactory
from chuan.flows.annual_report.models import FigurePlacement, ReportingPeriod
from chuan.flows.annual_report.operations import periods
from chuan.flows.annual_report.queries.days import proposed_days
from chuan.flows.annual_report.queries.owing import bodies_owing, why_owed
from chuan.flows.annual_report.rules import Conflict
from chuan.flows.annual_report.testing import (
    IN_TIME,
    ReportingPeriodFactory,
    a_situation,
    with_period_rules,
)
from chuan.lib.rules import Denied
from chuan.modules.plans import facade as plans
from chuan.modules.plans.testing import (
    Assignment,
    AssignmentFactory,
    Fate,
    FateDecisionFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rules(db):
    with_period_rules()


def days_of(plan, year=2026):
    return proposed_days(plans.plan(plan.pk), year)


# ---------------------------------------------------------------- days


def test_before_the_twentieth_of_november_means_until_the_end_of_the_nineteenth():
    days = days_of(PlanFactory())

    assert days.due_on == date(2026, 11, 19)
    assert "không tính ngày đó" in days.due_why[0]["text"]


def test_a_plan_that_lets_the_day_itself_in_is_due_on_that_day():
    assert days_of(PlanFactory(report_due_inclusive=True)).due_on == date(2026, 11, 20)


def test_a_plan_without_a_reporting_clause_is_due_at_the_end_of_the_year():
    plan = PlanFactory(report_due_day=None, report_due_month=None)

    assert days_of(plan).due_on == date(2026, 12, 31)


def test_data_end_with_the_month_before_the_due_day_and_begin_where_the_law_says():
    days = days_of(PlanFactory())

    assert (days.data_from, days.data_to) == (date(2025, 12, 15), date(2026, 11, 1))
    assert "ước cả năm" in days.data_why[1]["text"]


def test_data_go_on_where_the_last_period_ended_so_that_no_day_is_lost():
    plan = PlanFactory()
    ReportingPeriodFactory(plan=plan, year=2025, data_to=date(2025, 11, 1))

    assert days_of(plan).data_from == date(2025, 11, 1)


def test_data_of_the_first_year_begin_with_the_plan():
    assert days_of(PlanFactory(), 2025).data_from == date(2025, 3, 25)


def test_a_report_due_after_the_laws_closing_day_counts_to_that_day():
    plan = PlanFactory(report_due_day=20, report_due_month=12)

    assert days_of(plan).data_to == date(2026, 12, 15)


def test_a_year_the_law_says_nothing_about_is_not_guessed():
    plan = PlanFactory(first_day=date(2015, 1, 1))

    with pytest.raises(NoStatutoryValue, match=r"reports\.yearly_period"):
        days_of(plan, 2016)


def test_days_of_grace_are_working_days_and_the_lock_comes_after_the_year():
    days = days_of(PlanFactory())

    assert (days.grace_until, days.locks_on) == (date(2026, 11, 26), date(2027, 1, 1))


# ---------------------------------------------------------------- opening


def open_it(plan, **changes):
    given = {"actor": coordinator_of(plan), "plan_id": plan.pk, "year": 2026, "at": IN_TIME}
    return periods.open_period(**{**given, **changes})


def test_opening_makes_a_report_for_every_body_that_owes_one_and_for_no_other():
    plan = PlanFactory()
    task = TaskFactory(plan=plan)
    leads = AssignmentFactory(task=task)
    AssignmentFactory(task=task, year=2027)

    period = open_it(plan)

    (report,) = period.reports.all()
    assert report.organisation == leads.organisation
    assert report.state == "draft"
    assert report.started_at is None


def test_a_body_whose_every_duty_was_closed_before_the_opening_owes_no_report():
    plan = PlanFactory()
    task = TaskFactory(plan=plan)
    gone, did_one = (AssignmentFactory(task=task) for _number in range(2))
    undecided = AssignmentFactory(task=task, is_extra=True)
    AssignmentFactory(task=TaskFactory(plan=plan), organisation=did_one.organisation, complete=True)
    for one in (gone, did_one):
        decided = Fate.objects.get(decision=FateDecisionFactory(plan=plan, of=[one]))
        Fate.objects.filter(pk=decided.pk).update(state="approved")
        Assignment.objects.filter(pk=one.pk).update(closed_on=date(2026, 7, 1), due_on=None)

    owing = set(open_it(plan).reports.values_list("organisation", flat=True))

    assert owing == {undecided.organisation_id, did_one.organisation_id}


@pytest.mark.parametrize(
    ("kind", "role", "owes"),
    [
        (OrgKind.PROVINCIAL, "coordinating", True),
        (OrgKind.ARMED, "coordinating", True),
        (OrgKind.COMMUNE, "coordinating", True),
        (OrgKind.PRESS, "coordinating", False),
        (OrgKind.SCHOOL, "coordinating", False),
        (OrgKind.ASSOCIATION, "coordinating", False),
        (OrgKind.PRESS, "lead", True),
    ],
)
def test_departments_and_committees_owe_a_report_for_helping_others_for_leading_alone(
    kind, role, owes
):
    plan = PlanFactory()
    body = OrganisationFactory(kind=kind)
    AssignmentFactory(task=TaskFactory(plan=plan), organisation=body, role=role)

    assert bodies_owing(plan.pk, 2026) == ([body.pk] if owes else [])


def test_a_report_says_why_it_is_owed():
    plan = PlanFactory()
    body = OrganisationFactory()
    AssignmentFactory(task=TaskFactory(plan=plan), organisation=body)
    AssignmentFactory(task=TaskFactory(plan=plan), organisation=body, role="coordinating")

    sentence = why_owed(open_it(plan).reports.get())

    assert "chủ trì 1 nhiệm vụ và phối hợp 1 nhiệm vụ" in sentence


def test_whether_before_a_day_lets_the_day_in_is_a_parameter():
    StatutoryParameterFactory(code="calendar.before_day_is_exclusive", value=False)

    assert days_of(PlanFactory()).due_on == date(2026, 11, 20)


def test_what_a_period_is_called_does_not_depend_on_who_opens_it():
    with translation.override("en"):
        period = open_it(PlanFactory())

    assert period.title == "Báo cáo năm 2026"


def test_the_bodies_hear_that_the_period_is_open():
    plan = PlanFactory()
    body = AssignmentFactory(task=TaskFactory(plan=plan)).organisation
    clerk = clerk_of(body)

    open_it(plan)

    assert Notice.objects.get(person=clerk).body == "Gửi chậm nhất hết ngày 19/11/2026."


def test_a_year_is_opened_once():
    plan = PlanFactory()
    open_it(plan)

    with pytest.raises(ValidationError, match="đã mở"):
        open_it(plan)


def test_a_year_outside_the_plan_is_not_opened():
    with pytest.raises(ValidationError, match="thời gian của kế hoạch"):
        open_it(PlanFactory(), year=2031)


def test_reports_are_called_for_by_the_department_alone():
    plan = PlanFactory()

    with pytest.raises(Denied, match="cơ quan thường trực"):
        open_it(plan, actor=clerk_of(OrganisationFactory()))

    assert not ReportingPeriod.objects.exists()


def test_reconciling_makes_what_is_missing_and_the_second_time_nothing(shelf):
    situation = a_situation()
    AssignmentFactory(task=Assignment.objects.get().task)

    made = periods.reconcile_reports(period=situation.period, at=IN_TIME)
    again = periods.reconcile_reports(period=situation.period, at=IN_TIME)

    assert (len(made), len(again)) == (1, 0)


# ---------------------------------------------------------------- changing


def test_the_days_of_a_period_are_changed_with_a_reason(shelf):
    situation = a_situation()
    given = {
        "actor": situation.coordinator,
        "period": situation.period,
        "version": 1,
        "opens_on": date(2026, 10, 5),
        "grace_until": date(2026, 12, 5),
        "locks_on": date(2027, 2, 1),
        "at": IN_TIME,
    }
    with pytest.raises(Denied, match="lý do"):
        periods.change_period_days(**given, reason=" ")

    period = periods.change_period_days(**given, reason="Bão lụt kéo dài.")

    assert period.locks_on == date(2027, 2, 1)
    with pytest.raises(Conflict):
        periods.change_period_days(**given, reason="Không biết ai vừa đổi.")


def test_days_out_of_order_are_refused(shelf):
    situation = a_situation()

    with pytest.raises(ValidationError, match="thứ tự"):
        periods.change_period_days(
            actor=situation.coordinator,
            period=situation.period,
            version=1,
            opens_on=date(2026, 10, 5),
            grace_until=date(2026, 11, 1),
            locks_on=date(2027, 1, 1),
            reason="Thử.",
            at=IN_TIME,
        )


def place(situation, task, version):
    return periods.place_figures(
        actor=situation.coordinator,
        period=situation.period,
        version=version,
        places={"tests.inspections": task.pk if task else None},
    )


def test_a_figure_stands_at_the_task_it_is_placed_at(shelf):
    situation = a_situation()
    task = Assignment.objects.get().task

    place(situation, task, 1)
    assert FigurePlacement.objects.get().task == task

    place(situation, None, 2)
    assert not FigurePlacement.objects.exists()


def test_of_two_who_place_figures_the_second_is_told_of_the_first(shelf):
    situation = a_situation()
    place(situation, Assignment.objects.get().task, 1)

    with pytest.raises(Conflict):
        place(situation, None, 1)

    assert FigurePlacement.objects.exists()
