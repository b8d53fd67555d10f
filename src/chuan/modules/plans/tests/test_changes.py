"""What became of assignments between two days."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from chuan.modules.plans.enums import Change
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.queries.changes import Between
from chuan.modules.plans.testing import VIETNAM, AssignmentFactory, PlanFactory, close, complete

pytestmark = pytest.mark.django_db
GIVEN = datetime(2025, 3, 25, 9, tzinfo=VIETNAM)
JUNE, JULY, AUGUST = date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31)
IN_JULY = datetime(2026, 7, 20, 9, tzinfo=VIETNAM)


@pytest.fixture
def plan():
    return PlanFactory(tasks=1)


def counts(plan, start, end):
    return {kind: n for kind, n in Between(plan, 2026, start, end).counts.items() if n}


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
    (gone,) = Between(plan, 2026, JUNE, JULY).changed(Change.CLOSED)
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


@pytest.fixture
def summer(plan):
    """Five bodies; in July the work of three is done, of one begun, and one deadline passes."""
    rows = [
        AssignmentFactory(
            task=plan.tasks.get(),
            due_on=date(2026, 7, 10) if number == 4 else date(2026, 12, 31),
            created_at=GIVEN,
        )
        for number in range(5)
    ]
    for row in rows[:3]:
        complete(row, at=IN_JULY)
    Assignment.objects.filter(pk=rows[3].pk).update(achievement="limited", updated_at=IN_JULY)
    return rows


def test_a_deadline_that_passed_is_a_change_though_nothing_was_written(plan, summer):
    assert counts(plan, JUNE, JULY) == {Change.DONE: 3, Change.ACHIEVEMENT: 1, Change.OVERDUE: 1}
    assert counts(plan, JULY, AUGUST) == {}
    (late,) = Between(plan, 2026, JUNE, JULY).changed(Change.OVERDUE)
    assert late["assignment_id"] == summer[4].pk
    assert late["due_on"] == late["was_due_on"] == date(2026, 7, 10)


@pytest.mark.parametrize("kind", list(Change))
def test_parts_of_a_list_put_together_are_the_list(plan, summer, kind):
    between = Between(plan, 2026, JUNE, JULY)
    whole = between.changed(kind)

    parts = [between.changed(kind, first, 2) for first in range(0, 6, 2)]

    assert [row for part in parts for row in part] == whole
    assert len(whole) == between.counts[kind]


def test_what_changed_is_counted_alike_for_few_and_many(plan, summer, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(5):
            between = Between(plan, 2026, JUNE, JULY)
            assert between.counts[Change.DONE]
            between.changed(Change.DONE, 0, 50)
        for _more in range(4):
            row = AssignmentFactory(task=plan.tasks.get(), created_at=GIVEN)
            complete(row, at=IN_JULY)


def test_only_the_bodies_asked_for_are_compared(plan, summer):
    own = summer[0].organisation_id

    assert Between(plan, 2026, JUNE, JULY, among=[own]).counts[Change.DONE] == 1
