from datetime import date, datetime

import pytest
import time_machine

from chuan.core.notices.models import Notice
from chuan.core.orgs.testing import GroupFactory, OrganisationFactory
from chuan.modules.plans import tasks
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.testing import VIETNAM, PlanFactory, TaskFactory, coordinator_of

pytestmark = pytest.mark.django_db


def test_a_plan_that_fails_does_not_keep_the_others_from_their_night(monkeypatch):
    plans = [PlanFactory() for _number in range(3)]
    for plan in plans:
        TaskFactory(plan=plan, lead=[OrganisationFactory()])
    reconcile = tasks.reconcile_assignments

    def fail_at_the_second(plan, **given):
        if plan == plans[1]:
            raise RuntimeError("broken")
        return reconcile(plan, **given)

    monkeypatch.setattr(tasks, "reconcile_assignments", fail_at_the_second)
    with (
        time_machine.travel(datetime(2026, 10, 1, 1, 30, tzinfo=VIETNAM), tick=False),
        pytest.raises(ExceptionGroup) as failed,
    ):
        tasks.reconcile_plans()

    assert [str(one) for one in failed.value.exceptions] == ["broken"]
    done = Assignment.objects.values_list("task__plan", flat=True).distinct()
    assert set(done) == {plans[0].pk, plans[2].pk}


def test_coordinators_are_told_once_a_week_what_only_they_can_decide():
    group = GroupFactory(members=[OrganisationFactory()], valid_to=date(2026, 7, 1))
    plan = PlanFactory()
    TaskFactory(plan=plan, lead=[group])
    coordinator = coordinator_of(plan)

    for day in (1, 2):
        with time_machine.travel(datetime(2026, 10, day, 1, 30, tzinfo=VIETNAM), tick=False):
            tasks.reconcile_plans()

    (notice,) = Notice.objects.filter(person=coordinator)
    assert f"“{group.name}” không còn cơ quan nào vào ngày 01/01/2027." in notice.body
