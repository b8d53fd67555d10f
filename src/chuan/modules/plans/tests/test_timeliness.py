from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.modules.plans.enums import Achievement, Timeliness
from chuan.modules.plans.facade.values import assignment_refs
from chuan.modules.plans.models import Assignment, timeliness_of
from chuan.modules.plans.queries.assignments import timeliness_case, timeliness_counts
from chuan.modules.plans.testing import VIETNAM, AssignmentFactory, TaskFactory, close

DAYS = st.dates(date(2025, 1, 1), date(2031, 12, 31))
A_DAY = date(2026, 11, 10)


@given(done_on=st.none() | DAYS, due_on=st.none() | DAYS, on=DAYS)
def test_every_assignment_is_in_exactly_one_of_the_four(done_on, due_on, on):
    standing = timeliness_of(done_on=done_on, due_on=due_on, on=on)

    holds = {
        Timeliness.ON_TIME: done_on is not None and (due_on is None or done_on <= due_on),
        Timeliness.LATE: done_on is not None and due_on is not None and done_on > due_on,
        Timeliness.IN_TIME: done_on is None and (due_on is None or on <= due_on),
        Timeliness.OVERDUE: done_on is None and due_on is not None and on > due_on,
    }
    assert [kind for kind, is_so in holds.items() if is_so] == [standing]


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), max_size=12), on=DAYS)
def test_the_database_agrees_with_python_and_the_four_sum_to_the_total(rows, on):
    task = TaskFactory()
    for done_on, due_on in rows:
        AssignmentFactory(
            task=task,
            done_on=done_on,
            due_on=due_on,
            achievement=Achievement.COMPLETE if done_on else Achievement.NOT_STARTED,
        )
    stored = Assignment.objects.filter(task=task)

    counts = timeliness_counts(stored, on=on)

    assert counts.total == len(rows)
    assert all(
        row.standing == row.timeliness(on) for row in stored.annotate(standing=timeliness_case(on))
    )


@pytest.mark.parametrize(
    ("on", "standing"),
    [(date(2026, 12, 31), Timeliness.IN_TIME), (date(2027, 1, 1), Timeliness.OVERDUE)],
)
def test_the_due_day_itself_is_still_in_time(on, standing):
    assert timeliness_of(done_on=None, due_on=date(2026, 12, 31), on=on) == standing


@pytest.mark.django_db
def test_what_was_closed_with_its_body_is_in_none_of_the_four():
    row = AssignmentFactory()
    close(row, on=date(2026, 7, 1), at=datetime(2026, 7, 20, 9, tzinfo=VIETNAM))
    stored = Assignment.objects.annotate(standing=timeliness_case(A_DAY)).get()

    (ref,) = assignment_refs(Assignment.objects.all(), A_DAY)

    assert [stored.standing, row.timeliness(A_DAY), ref.timeliness] == [None, None, None]
