"""What a closed consolidation counted is what its day is remembered by."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from chuan.flows.annual_report.queries.days import last_data_day
from chuan.flows.annual_report.queries.past import with_state_then
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation
from chuan.modules.plans import facade as plans
from chuan.modules.plans.testing import VIETNAM, complete

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(monkeypatch):
    """Three bodies with two tasks; one task of two bodies is done before all is closed, and everything
    afterwards."""
    Shelf().put(monkeypatch)
    with time_machine.travel(IN_TIME, tick=False):
        situation = a_situation(bodies=3, tasks=2)
        rows = [
            row
            for task in situation.period.plan.tasks.order_by("pk")
            for row in task.assignments.order_by("pk")
        ]
        for row in rows[:2]:
            complete(row, at=morning_of(last_data_day(situation.period)) - timedelta(days=3))
        for number in range(3):
            situation.accept(number)
        made = situation.close(situation.consolidate())
    later = IN_TIME + timedelta(days=12)
    for row in rows[2:]:
        complete(row, at=later)
    return situation, made, later


def test_a_day_looked_back_on_has_the_counts_that_were_closed_on_it(closed):
    situation, made, later = closed
    day = last_data_day(situation.period)

    then = plans.overview(situation.period.plan_id, 2026, on=day, past=day)
    now = plans.overview(situation.period.plan_id, 2026, on=timezone.localdate(later))

    frozen = made.snapshot["timeliness"]
    assert {kind.value: then.counts.of(kind) for kind in plans.Timeliness} == {
        kind.value: frozen.get(kind.value, 0) for kind in plans.Timeliness
    }
    assert (then.counts.done, now.counts.done) == (2, 6)


def morning_of(day):
    return datetime.combine(day, time(9), VIETNAM)


def test_reports_of_a_day_stand_where_they_stood(closed):
    situation, _made, _later = closed
    reports = situation.period.reports.order_by("pk")
    before = timezone.localdate(situation.period.opened_at)
    closing = timezone.localdate(IN_TIME)

    assert set(with_state_then(reports, before).values_list("state_then", flat=True)) <= {"draft"}
    assert list(with_state_then(reports, closing).values_list("state_then", flat=True)) == list(
        reports.values_list("state", flat=True)
    )
    assert not with_state_then(reports, before - timedelta(days=400)).exists()
