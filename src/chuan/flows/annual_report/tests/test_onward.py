"""What the form for telling progress promises is true on the day it is read."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from chuan.flows.annual_report.queries.onward import where_told_goes
from chuan.flows.annual_report.testing import IN_TIME, with_period_rules
from chuan.modules.plans.testing import Assignment, AssignmentFactory, PlanFactory, TaskFactory

pytestmark = pytest.mark.django_db

BEFORE, AFTER = date(2026, 10, 20), date(2026, 11, 10)


def told(situation, on):
    return where_told_goes(situation.period.plan_id, situation.bodies[0].pk, on)


def test_until_the_data_end_it_goes_into_this_years_report(situation):
    assert "được đưa sẵn vào báo cáo năm 2026 (số liệu đến hết 31/10/2026)" in told(
        situation, BEFORE
    )


def test_a_report_that_was_begun_has_to_bring_it_in(situation):
    situation.start()

    assert "khi bấm “Đồng bộ từ hệ thống”" in told(situation, BEFORE)


def test_a_report_that_was_sent_does_not_take_it_by_itself(situation):
    situation.submit()

    assert "đã gửi nên không tự lấy" in told(situation, BEFORE)


def test_after_the_data_end_it_goes_into_the_next_report(situation):
    sentence = told(situation, AFTER)

    assert "Đã qua ngày chốt số liệu 31/10/2026 của báo cáo năm 2026" in sentence
    assert "vào báo cáo năm 2027" in sentence


@pytest.mark.parametrize(("day", "year"), [(BEFORE, 2026), (AFTER, 2027)])
def test_before_a_period_is_opened_the_rules_say_whose_data_it_is(db, day, year):
    with_period_rules()
    assignment = AssignmentFactory(task=TaskFactory(plan=PlanFactory()))

    sentence = where_told_goes(assignment.task.plan_id, assignment.organisation_id, day)

    assert f"báo cáo năm {year}" in sentence


def test_the_form_says_so(situation, client):
    client.force_login(situation.clerks[0])
    address = reverse("plans:post_update", args=[Assignment.objects.get().pk])

    late = client.get(address).content.decode()
    with time_machine.travel(IN_TIME.replace(month=10, day=20), tick=False):
        early = client.get(address).content.decode()

    assert "không vào báo cáo đó mà vào báo cáo năm 2027" in late
    assert "được đưa sẵn vào báo cáo năm 2026" in early
