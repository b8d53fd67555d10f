"""A plan that ends before its time while a later year is being reported on."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.operations import entry
from chuan.flows.annual_report.testing import IN_TIME, ReportingPeriodFactory
from chuan.modules.plans.testing import AssignmentFactory, clerk_of, coordinator_of

pytestmark = pytest.mark.django_db


def test_work_in_a_report_that_was_begun_stays_and_the_page_says_what_to_do(client):
    assignment = AssignmentFactory(year=2027)
    plan = assignment.task.plan
    period = ReportingPeriodFactory(plan=plan, year=2027, opens_on=date(2026, 9, 1))
    report = UnitReport.objects.create(
        period=period, organisation=assignment.organisation, updated_at=IN_TIME
    )
    with time_machine.travel(IN_TIME, tick=False):
        entry.start_report(actor=clerk_of(assignment.organisation), report=report, at=IN_TIME)
        client.force_login(coordinator_of(plan))
        page = client.post(
            reverse("plans:end", args=[plan.pk]),
            {
                "version": "1",
                "last_day": "31/12/2026",
                "replaced_by": "",
                "basis": "Quyết định số 12/QĐ-UBND",
                "decide": "1",
            },
        )

    assert page.status_code == 422
    assert "Chọn ngày cuối từ 01/01/2027 trở đi." in page.content.decode()
    plan.refresh_from_db()
    assert plan.ended_at is None
