"""What dashboards ask the database in one number is what lists ask it in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import fields
from datetime import date, datetime, timedelta
from itertools import product

import pytest

from chuan.modules.plans.engine import tallies
from chuan.modules.plans.engine.ages import ages
from chuan.modules.plans.enums import Achievement
from chuan.modules.plans.models import Assignment, AssignmentState
from chuan.modules.plans.queries.assignments import TimelinessCounts, timeliness_counts
from chuan.modules.plans.queries.overview import (
    Scope,
    cells,
    counted,
    counts_by_body,
    of_year,
    overdue_for,
)
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    OrganisationFactory,
    PlanFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
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


@pytest.fixture
def shared(plan):
    """A third of the rows are counted with another; in two bodies, at every level below complete."""
    below = [level for level in Achievement if level != Achievement.COMPLETE]
    bodies = [OrganisationFactory(kind="commune"), OrganisationFactory(kind="commune")]
    rows = list(Assignment.objects.order_by("pk"))
    for at, row in enumerate(rows):
        if row.done_on is None:
            row.achievement = below[at % len(below)]
        row.counted_with = rows[at - 1] if at % 3 == 2 else None
        row.period_start += timedelta(days=at)
        row.organisation, row.updated_at = bodies[at % 2], GIVEN + timedelta(days=1)
        row.save()
    return plan


@pytest.mark.parametrize("rows", [Assignment.objects, AssignmentState.objects])
def test_a_tally_says_in_one_number_what_the_row_says(shared, rows):
    told = 0
    for row in rows.all():
        if row.counted_with_id or row.closed_on:
            assert row.tally is None
            continue
        tally = tallies.read(row.tally)
        assert tally.achievement == row.achievement
        assert tally.extended == (row.original_due_on is not None)
        assert tally.standing(row.due_on, TODAY) == row.timeliness(TODAY)
        assert (tally.paused, tally.on_time_by_extension) == beside(row)
        told += 1

    assert told >= Assignment.objects.filter(counted_with__isnull=True).count() > 0


@pytest.mark.parametrize("past", [None, TODAY])
def test_what_is_counted_by_body_is_what_one_counts_by_hand(shared, past):
    scope = Scope(shared, 2026, TODAY, past)
    by_hand: dict[int, Counter[str]] = defaultdict(Counter)
    levels: Counter[str] = Counter()
    for row in Assignment.objects.filter(counted_with__isnull=True):
        names = [row.timeliness(TODAY).value]
        paused, by_extension = beside(row)
        names += ["extended"] if row.original_due_on else []
        names += ["on_time_by_extension"] if by_extension else []
        names += ["paused"] if paused else []
        by_hand[row.organisation_id].update(names)
        levels[row.achievement] += 1

    found = counts_by_body(scope)

    assert dict(found) == {pk: TimelinessCounts(**names) for pk, names in by_hand.items()}
    assert all(getattr(counted(cells(scope)), one.name) > 0 for one in fields(TimelinessCounts))
    assert sum(found.values(), TimelinessCounts()) == counted(of_year(cells(scope), 2026))
    of_level: Counter[str] = Counter()
    for cell in cells(scope):
        of_level[cell.achievement] += cell.count
    assert of_level == levels


def beside(row):
    """Paused, and on time by an extension alone."""
    if row.done_on is None:
        return row.is_paused, False
    first, last = row.original_due_on, row.due_on
    return False, first is not None and first < row.done_on <= last
