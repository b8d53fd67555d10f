"""What became of assignments between two days."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from chuan.modules.plans.enums import Change
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.queries.changes import change_counts, changed
from chuan.modules.plans.testing import VIETNAM, AssignmentFactory, PlanFactory, close

pytestmark = pytest.mark.django_db
GIVEN = datetime(2025, 3, 25, 9, tzinfo=VIETNAM)
JUNE, JULY, AUGUST = date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31)
IN_JULY = datetime(2026, 7, 20, 9, tzinfo=VIETNAM)


@pytest.fixture
def plan():
    return PlanFactory(tasks=1)


def counts(plan, start, end):
    return {kind: n for kind, n in change_counts(plan, 2026, start, end).items() if n}


def test_what_waits_for_more_time_does_not_become_overdue_until_it_is_refused(plan):
    row = AssignmentFactory(
        task=plan.tasks.get(), due_on=date(2026, 7, 10), is_paused=True, created_at=GIVEN
    )

    assert counts(plan, JUNE, JULY) == {}

    Assignment.objects.filter(pk=row.pk).update(
        is_paused=False, updated_at=datetime(2026, 8, 3, 9, tzinfo=VIETNAM)
    )

    assert counts(plan, JUNE, JULY) == {}
    assert counts(plan, JULY, AUGUST) == {Change.OVERDUE: 1}


def test_what_was_closed_between_the_days_is_gone(plan):
    row = AssignmentFactory(task=plan.tasks.get(), created_at=GIVEN)
    close(row, on=date(2026, 7, 1), at=IN_JULY)

    assert counts(plan, JUNE, JULY) == {Change.CLOSED: 1}
    assert counts(plan, JULY, AUGUST) == {}
    (gone,) = changed(plan, 2026, JUNE, JULY, Change.CLOSED)
    assert gone["assignment_id"] == row.pk


def test_what_was_closed_by_mistake_and_opened_again_is_new(plan):
    row = AssignmentFactory(task=plan.tasks.get(), created_at=GIVEN)
    close(row, on=date(2026, 7, 1), at=IN_JULY)
    Assignment.objects.filter(pk=row.pk).update(
        closed_on=None,
        period_end=date(2027, 1, 1),
        due_on=date(2026, 12, 31),
        updated_at=datetime(2026, 8, 3, 9, tzinfo=VIETNAM),
    )

    assert counts(plan, JULY, AUGUST) == {Change.NEW: 1}
