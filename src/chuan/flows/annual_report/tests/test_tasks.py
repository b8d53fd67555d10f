import pytest

from chuan.flows.annual_report import tasks
from chuan.flows.annual_report.operations.periods import reconcile_reports
from chuan.flows.annual_report.tasks import reconcile_open_periods
from chuan.flows.annual_report.testing import IN_TIME, a_situation
from chuan.modules.plans.testing import Assignment, AssignmentFactory

pytestmark = pytest.mark.django_db

LONG_AGO = IN_TIME.date().replace(month=6)


def test_every_night_bodies_that_came_to_owe_a_report_get_one(shelf):
    situation = a_situation()
    AssignmentFactory(task=Assignment.objects.get().task)

    reconcile_open_periods()
    reconcile_open_periods()

    assert situation.period.reports.count() == 2


def test_a_period_in_trouble_does_not_keep_the_others_from_theirs(shelf, monkeypatch):
    broken, whole = a_situation(), a_situation()
    for situation in (broken, whole):
        AssignmentFactory(task=Assignment.objects.get(organisation=situation.bodies[0]).task)

    def reconcile(*, period, at):
        if period == broken.period:
            raise RuntimeError("Mất kết nối.")
        return reconcile_reports(period=period, at=at)

    monkeypatch.setattr(tasks, "reconcile_reports", reconcile)

    with pytest.raises(ExceptionGroup, match="Some periods"):
        reconcile_open_periods()

    assert whole.period.reports.count() == 2


def test_a_locked_period_is_left_alone(shelf):
    situation = a_situation(
        opens_on=LONG_AGO, due_on=LONG_AGO, grace_until=LONG_AGO, locks_on=IN_TIME.date()
    )
    AssignmentFactory(task=Assignment.objects.get().task)

    reconcile_open_periods()

    assert situation.period.reports.count() == 1
