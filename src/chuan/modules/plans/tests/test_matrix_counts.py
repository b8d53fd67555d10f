"""The matrix counts by the stored number what lists count by their conditions, also on earlier days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product

import pytest

from chuan.modules.plans.enums import PartyRole, Timeliness
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.queries.assignments import (
    in_year,
    timeliness_case,
    timeliness_counts,
)
from chuan.modules.plans.queries.matrix import matrix_of
from chuan.modules.plans.queries.past import rows_on
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    OrganisationFactory,
    PlanFactory,
    any_is_enough,
    close,
    complete,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
GIVEN = datetime(2025, 3, 25, 9, tzinfo=VIETNAM)
FIRST, THEN = datetime(2026, 5, 4, 9, tzinfo=VIETNAM), datetime(2026, 8, 3, 9, tzinfo=VIETNAM)
DAYS = (None, FIRST.date() - timedelta(days=1), FIRST.date(), THEN.date(), TODAY)


@pytest.fixture
def plan():
    """Rows of every standing, each of a body of its own: due, late, paused, with more time, coordinating,
    of another year, of many years; later one is closed with its body, and one is enough of three."""
    plan = PlanFactory(tasks=3)
    one, two, of_any = plan.tasks.order_by("position")
    for late, extended, paused in product([None, -40, 0, 1, 40], [0, 1], [0, 1]):
        due = None if late is None else TODAY - timedelta(days=late)
        if due is None and (extended or paused):
            continue
        AssignmentFactory(
            task=one,
            created_at=GIVEN,
            due_on=due,
            original_due_on=due - timedelta(days=30) if due and extended else None,
            is_paused=bool(paused),
        )
    AssignmentFactory(task=one, created_at=GIVEN, role=PartyRole.COORDINATING)
    AssignmentFactory(task=one, created_at=GIVEN, year=2027)
    AssignmentFactory(task=two, created_at=GIVEN, period_end=date(2028, 1, 1))
    gone = AssignmentFactory(task=two, created_at=GIVEN)
    done, late = (
        AssignmentFactory(task=two, created_at=GIVEN, due_on=FIRST.date() + timedelta(days=days))
        for days in (1, -1)
    )
    three = [AssignmentFactory(task=of_any, created_at=GIVEN) for _ in range(3)]
    any_is_enough(of_any, at=GIVEN)
    complete(done, at=FIRST)
    complete(late, at=FIRST)
    complete(three[1], at=THEN)
    close(gone, on=THEN.date(), at=THEN)
    return plan


def by_hand(plan, year, past):
    return rows_on(past).filter(in_year(year), task__plan=plan, role=PartyRole.LEAD)


@pytest.mark.parametrize("year", [2026, 2027])
@pytest.mark.parametrize("past", DAYS)
def test_all_that_stands_in_the_matrix_is_counted_as_lists_count_it(plan, year, past):
    on = past or TODAY

    found = matrix_of(plan, year, on=on, past=past)

    rows = by_hand(plan, year, past)
    assert found.counts == timeliness_counts(rows, on=on)
    assert found.counts.total > 0
    bodies = set(rows.values_list("organisation", flat=True))
    assert {body.organisation_id for body in found.bodies} == bodies
    assert found.page.paginator.count == len(bodies)
    assert {key[0] for key in found.cells} == bodies


@pytest.mark.parametrize("past", DAYS)
def test_the_overdue_of_the_matrix_are_those_of_the_list(plan, past):
    on = past or TODAY

    found = matrix_of(plan, 2026, on=on, past=past, only_overdue=True)

    rows = by_hand(plan, 2026, past)
    overdue = rows.alias(standing=timeliness_case(on)).filter(standing=Timeliness.OVERDUE)
    assert {body.organisation_id for body in found.bodies} == set(
        overdue.values_list("organisation", flat=True)
    )
    assert found.counts == timeliness_counts(rows, on=on)


def test_bodies_of_which_nothing_is_counted_stand_in_the_matrix(plan):
    uncounted = Assignment.objects.filter(tally=None, role=PartyRole.LEAD)
    bodies = set(uncounted.values_list("organisation", flat=True))

    found = matrix_of(plan, 2026, on=TODAY)

    assert len(bodies) == 3  # one closed, two of which another did what one is enough for
    assert bodies <= {body.organisation_id for body in found.bodies}


def test_a_plan_without_assignments_has_an_empty_matrix():
    found = matrix_of(PlanFactory(tasks=1), 2026, on=TODAY)

    assert (found.bodies, found.counts.total) == ((), 0)


def test_a_body_that_was_not_there_on_the_first_day_of_the_year_is_counted_but_has_no_row(plan):
    before = matrix_of(plan, 2026, on=TODAY).page.paginator.count
    late = OrganisationFactory(valid_from=date(2026, 7, 1))
    AssignmentFactory(task=plan.tasks.first(), organisation=late, created_at=FIRST)

    found = matrix_of(plan, 2026, on=TODAY)

    assert found.counts == timeliness_counts(by_hand(plan, 2026, None), on=TODAY)
    assert found.page.paginator.count == before
