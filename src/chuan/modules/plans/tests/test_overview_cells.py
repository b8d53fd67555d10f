"""What dashboards ask the database in one number is what lists ask it in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product

import pytest

from chuan.modules.plans.engine.ages import ages
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.queries.assignments import timeliness_counts
from chuan.modules.plans.queries.overview import Scope, cells, counted, of_year, overdue_for
from chuan.modules.plans.testing import VIETNAM, AssignmentFactory, PlanFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
GIVEN = datetime(2025, 3, 25, 9, tzinfo=VIETNAM)
EDGES = sorted(
    {0, 1, -5}
    | {age.first for age in ages()}
    | {age.last for age in ages() if age.last is not None}
)


@pytest.fixture
def plan():
    """A row for every deadline at the edge of an age, done and not, extended and not, paused and not."""
    plan = PlanFactory(tasks=1)
    for late, done, extended, paused in product([None, *EDGES], [None, -1, 0, 1], [0, 1], [0, 1]):
        due = None if late is None else TODAY - timedelta(days=late)
        if due is None and (extended or paused):
            continue
        done_on = None if done is None else (due or TODAY) + timedelta(days=done)
        AssignmentFactory(
            task=plan.tasks.get(),
            created_at=GIVEN,
            due_on=due,
            done_on=done_on,
            achievement="limited" if done_on is None else "complete",
            original_due_on=due - timedelta(days=1) if due and extended else None,
            is_paused=bool(paused),
        )
    return plan


@pytest.mark.parametrize("past", [None, TODAY])
def test_every_cell_counts_what_the_list_of_its_kind_shows(plan, past):
    Assignment.objects.update(updated_at=GIVEN)

    found = of_year(cells(Scope(plan, 2026, TODAY, past)), 2026)

    rows = Assignment.objects.filter(task__plan=plan)
    assert counted(found) == timeliness_counts(rows, on=TODAY)
    for age in ages():
        listed = rows.filter(overdue_for(age, on=TODAY)).count()
        assert sum(cell.count for cell in found if cell.age == age.code) == listed > 0
