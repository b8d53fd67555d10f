from __future__ import annotations

import itertools
import random
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.modules.plans.engine.history import FOLLOWS, KEPT, NOT_KEPT
from chuan.modules.plans.enums import Achievement
from chuan.modules.plans.models import Assignment, AssignmentState
from chuan.modules.plans.queries.assignments import timeliness_counts
from chuan.modules.plans.queries.past import end_of, known_since, rows_on
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    TaskFactory,
)

MORNING = datetime(2026, 3, 2, 9, tzinfo=VIETNAM)


def test_every_column_of_an_assignment_is_kept_or_named_as_not_needed():
    columns = {field.column for field in Assignment._meta.concrete_fields}
    states = {field.column for field in AssignmentState._meta.concrete_fields}

    assert columns == {*KEPT, *NOT_KEPT, *FOLLOWS}
    assert states == {"id", "assignment_id", "since", "until", *KEPT, *FOLLOWS}


@pytest.mark.django_db
def test_a_change_closes_the_state_before_and_opens_the_next_at_the_moment_it_was_made():
    row = AssignmentFactory(created_at=MORNING)
    later = MORNING + timedelta(days=40)

    complete(row, date(2026, 4, 10), at=later)

    states = AssignmentState.objects.order_by("since")
    assert [(one.since, one.until, one.achievement, one.done_on) for one in states] == [
        (MORNING, later, Achievement.NOT_STARTED, None),
        (later, None, Achievement.COMPLETE, date(2026, 4, 10)),
    ]


@pytest.mark.django_db
def test_a_change_of_nothing_that_counts_leaves_no_state():
    row = AssignmentFactory(created_at=MORNING)

    Assignment.objects.filter(pk=row.pk).update(version=7, percent_reason="Tự đánh giá")

    assert AssignmentState.objects.count() == 1


@pytest.mark.django_db
def test_a_change_whose_moment_nobody_set_holds_from_now_on():
    row = AssignmentFactory(created_at=datetime(2020, 3, 2, 9, tzinfo=VIETNAM))

    Assignment.objects.filter(pk=row.pk).update(is_extra=True)

    assert AssignmentState.objects.get(until=None).since == now_of_the_transaction()


@pytest.mark.django_db
def test_a_second_change_under_the_same_moment_holds_from_when_it_was_made():
    row = AssignmentFactory(created_at=datetime(2020, 3, 2, 9, tzinfo=VIETNAM))
    later = datetime(2020, 4, 12, 9, tzinfo=VIETNAM)
    complete(row, date(2020, 4, 10), at=later)

    complete(row, date(2020, 4, 9), at=later)

    states = AssignmentState.objects.order_by("since").values_list("since", "until", "done_on")
    corrected = now_of_the_transaction()
    assert list(states) == [
        (row.created_at, later, None),
        (later, corrected, date(2020, 4, 10)),
        (corrected, None, date(2020, 4, 9)),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_however_many_changes_bear_one_moment_every_instant_has_one_state_the_last_written(seed):
    """Jobs write many rows under the moment they were given, and some of them twice."""
    draw = random.Random(seed)
    row = AssignmentFactory(created_at=datetime(2020, 3, 2, 9, tzinfo=VIETNAM))
    moments = [datetime(2020, 4, day, 9, tzinfo=VIETNAM) for day in (1, 1, 1, 12)]
    for at in sorted(draw.choices(moments, k=8)):
        with transaction.atomic():
            Assignment.objects.filter(pk=row.pk).update(
                percent=draw.randrange(101), is_extra=draw.random() < 0.5, updated_at=at
            )

    states = list(AssignmentState.objects.order_by("since", "pk"))
    for one, following in itertools.pairwise(states):
        assert one.since < one.until == following.since
    row.refresh_from_db()
    assert states[-1].until is None
    assert (states[-1].percent, states[-1].is_extra) == (row.percent, row.is_extra)
    for day in (date(2020, 3, 31), date(2020, 4, 1), date(2020, 4, 12), timezone.localdate()):
        assert rows_on(day).count() == 1


@pytest.mark.django_db
def test_an_assignment_taken_away_is_still_there_on_the_days_before():
    row = AssignmentFactory(created_at=MORNING)
    task = row.task

    Assignment.objects.filter(pk=row.pk).delete()

    assert rows_on(MORNING.date()).filter(task=task).count() == 1
    assert rows_on(date(2027, 6, 1)).filter(task=task).count() == 0


@pytest.mark.django_db
def test_a_day_is_told_as_it_ended():
    row = AssignmentFactory(created_at=MORNING)
    complete(row, date(2026, 4, 10), at=datetime(2026, 4, 11, 23, 59, tzinfo=VIETNAM))

    assert rows_on(date(2026, 4, 10)).get(assignment=row).done_on is None
    assert rows_on(date(2026, 4, 11)).get(assignment=row).done_on == date(2026, 4, 10)
    assert not rows_on(MORNING.date() - timedelta(days=1)).exists()
    assert known_since(row.task.plan_id) == timezone.localdate(row.task.plan.approved_at)


@pytest.mark.django_db
def test_a_thousand_rows_at_once_are_written_down_by_one_statement(django_assert_num_queries):
    one = AssignmentFactory(created_at=MORNING)
    rows = [like(one, year) for year in range(3000, 4000)]

    with django_assert_num_queries(2):  # the insert and the update; triggers cost none of ours
        Assignment.objects.bulk_create(rows)
        Assignment.objects.filter(year__gte=3000).update(
            percent=50, updated_at=MORNING + timedelta(days=1)
        )

    assert AssignmentState.objects.filter(year__gte=3000, until=None, percent=50).count() == 1000
    assert AssignmentState.objects.filter(year__gte=3000, until__isnull=False).count() == 1000


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 3),  # which assignment
        st.integers(0, 400),  # hours after the change before
        st.sampled_from(["open", "limited", "done", "due", "gone"]),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    ),
    max_size=20,
)


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=CHANGES)
def test_every_day_looked_back_on_tells_what_was_told_on_that_day(changes):
    with transaction.atomic():
        task = TaskFactory()
        rows = [AssignmentFactory(task=task, created_at=MORNING) for _ in range(4)]
        told: dict[date, object] = {}
        at = MORNING
        for number, hours, kind, day in changes:
            # What was told at the end of each day before this change.
            then = at + timedelta(hours=hours, seconds=1)
            for passed in range((then.date() - at.date()).days):
                note(told, task, at.date() + timedelta(days=passed))
            at = then
            change(rows[number], kind, day, at)
        note(told, task, at.date())

        for day, counts in told.items():
            assert counted(rows_on(day).filter(task=task), day) == counts
        transaction.set_rollback(True)


def note(told, task, day):
    told[day] = counted(Assignment.objects.filter(task=task), day)


def counted(rows, day):
    achieved = sorted(rows.values_list("achievement", "percent", "done_on", "due_on"), key=str)
    counts = timeliness_counts(rows, on=day)
    assert counts.total == len(achieved)
    return counts, achieved


def change(row, kind, day, at):
    rows = Assignment.objects.filter(pk=row.pk)
    if kind == "done":
        complete(row, day, at=at)
    elif kind == "due":
        rows.update(due_on=day, updated_at=at)
    elif kind == "limited":
        rows.update(achievement=Achievement.LIMITED, done_on=None, percent=40, updated_at=at)
    elif kind == "open":
        rows.update(achievement=Achievement.NOT_STARTED, done_on=None, percent=None, updated_at=at)
    else:
        rows.update(is_extra=True, updated_at=at)


def now_of_the_transaction():
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def states_of(row):
    return (
        AssignmentState.objects.filter(assignment=row)
        .order_by("since")
        .values_list("since", "until", "achievement", "percent", "done_on")
    )


def complete(row, done_on, *, at):
    Assignment.objects.filter(pk=row.pk).update(
        achievement=Achievement.COMPLETE, done_on=done_on, percent=None, updated_at=at
    )


def like(one, year):
    return Assignment(
        task=one.task,
        organisation=one.organisation,
        role=one.role,
        year=year,
        period_start=date(year, 1, 1),
        period_end=date(year + 1, 1, 1),
        resolved_on=one.resolved_on,
        created_at=MORNING,
        updated_at=MORNING,
    )


def test_a_day_ends_at_midnight_in_viet_nam():
    assert end_of(date(2026, 11, 20)) == datetime(2026, 11, 21, tzinfo=VIETNAM)
