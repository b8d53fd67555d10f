"""Lists and the matrix as they were on an earlier day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.modules.plans.engine.ages import ages
from chuan.modules.plans.enums import Achievement, Timeliness
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.queries.matrix import matrix_of
from chuan.modules.plans.queries.overview import overdue_for
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    EvidenceFactory,
    PlanFactory,
    clerk_of,
    close,
    coordinator_of,
)

pytestmark = pytest.mark.django_db
GIVEN = datetime(2025, 3, 25, 9, tzinfo=VIETNAM)
DONE = datetime(2026, 5, 4, 9, tzinfo=VIETNAM)


@pytest.fixture
def plan():
    return PlanFactory(tasks=1)


@pytest.fixture
def assignment(plan):
    row = AssignmentFactory(task=plan.tasks.get(), created_at=GIVEN)
    Assignment.objects.filter(pk=row.pk).update(
        achievement=Achievement.COMPLETE, done_on=DONE.date(), updated_at=DONE
    )
    return row


def listed(client, plan, query=""):
    answer = client.get(reverse("plans:assignments", args=[plan.pk]) + f"?nam=2026{query}")
    assert answer.status_code == 200
    return answer


def test_the_list_tells_of_a_day_as_it_ended(client, plan, assignment):
    client.force_login(coordinator_of(plan))

    assert [row.done_on for row in rows_of(listed(client, plan))] == [DONE.date()]
    (then,) = rows_of(listed(client, plan, "&ngay=2026-05-03"))
    assert (then.done_on, then.told_of) == (None, assignment.pk)
    (after,) = rows_of(listed(client, plan, "&ngay=04/05/2026"))
    assert after.done_on == DONE.date()


def test_filters_and_links_stay_on_the_day(client, plan, assignment):
    client.force_login(coordinator_of(plan))

    assert rows_of(listed(client, plan, "&ngay=2026-05-03&muc=complete")) == []
    answer = listed(client, plan, "&ngay=2026-05-03&han=in_time&vai=lead")

    assert len(rows_of(answer)) == 1
    page = answer.content.decode()
    assert "như ngày" in page
    assert f"{reverse('plans:matrix', args=[plan.pk])}?nam=2026&amp;ngay=2026-05-03" in page
    assert "?nam=2027&amp;ngay=2026-05-03" in page
    assert answer.context["table"].xlsx_query.count("ngay=2026-05-03") == 1


def test_evidence_is_counted_as_it_was(client, plan, assignment):
    EvidenceFactory(assignment=assignment, added_at=DONE, first_added_at=DONE)
    client.force_login(coordinator_of(plan))

    assert rows_of(listed(client, plan))[0].evidence_count == 1
    assert rows_of(listed(client, plan, "&ngay=2026-05-03"))[0].evidence_count == 0
    assert rows_of(listed(client, plan, "&ngay=2026-05-04"))[0].evidence_count == 1


def test_a_unit_sees_its_own_past_alone(client, plan, assignment):
    other = AssignmentFactory(task=assignment.task, created_at=GIVEN)
    client.force_login(clerk_of(other.organisation))

    found = rows_of(listed(client, plan, "&ngay=2026-05-03"))

    assert [row.told_of for row in found] == [other.pk]


@pytest.mark.parametrize("name", ["assignments", "matrix"])
def test_a_day_before_the_history_begins_says_so_and_shows_no_number(
    client, plan, assignment, name
):
    client.force_login(coordinator_of(plan))

    page = client.get(reverse(f"plans:{name}", args=[plan.pk]) + "?nam=2026&ngay=2025-03-24")

    assert "Hệ thống giữ số liệu từ ngày 25/03/2025" in page.content.decode()
    assert "<table" not in page.content.decode()


@pytest.mark.parametrize(
    ("asked", "words"),
    [("30/2/2026", "Ngày viết theo dạng"), ("2999-01-01", "Ngày đã chọn chưa đến")],
)
def test_a_day_that_cannot_be_shown_shows_today_and_says_so(client, plan, assignment, asked, words):
    client.force_login(coordinator_of(plan))

    answer = listed(client, plan, f"&ngay={asked}")

    assert words in answer.content.decode()
    assert rows_of(answer)[0].done_on == DONE.date()


def test_today_is_no_past(client, plan, assignment):
    client.force_login(coordinator_of(plan))

    answer = listed(client, plan, f"&ngay={timezone.localdate():%Y-%m-%d}")

    assert answer.context["looked"].past is None


def test_the_matrix_tells_of_a_day_as_it_ended(plan, assignment):
    day = date(2026, 5, 3)

    then = matrix_of(plan, 2026, on=day, past=day)
    now = matrix_of(plan, 2026, on=DONE.date())

    assert (then.counts.of(Timeliness.IN_TIME), now.counts.of(Timeliness.ON_TIME)) == (1, 1)
    assert {cell.status for cell in then.cells.values()} == {"open"}


@pytest.mark.parametrize("query", ["", "&ngay=2026-05-03"])
def test_the_list_costs_the_same_for_one_row_and_many(
    client, plan, assignment, django_assert_max_num_queries, query
):
    client.force_login(coordinator_of(plan))
    counted = []
    for _ in range(2):
        with django_assert_max_num_queries(20) as captured:
            listed(client, plan, query)
        counted.append(len(captured))
        for _more in range(3):
            AssignmentFactory(
                task=assignment.task, organisation=OrganisationFactory(), created_at=GIVEN
            )

    assert counted[0] == counted[1]


def test_every_number_of_days_late_is_of_exactly_one_age(plan):
    task, today = plan.tasks.get(), date(2026, 11, 20)
    for days in (0, 1, 15, 16, 30, 31, 90, 91, 180, 181, 600):
        AssignmentFactory(task=task, created_at=GIVEN, due_on=today - timedelta(days=days))

    found = [
        row.due_on
        for age in ages()
        for row in Assignment.objects.filter(overdue_for(age, on=today)).order_by("-due_on")
    ]

    assert [(today - due).days for due in found] == [1, 15, 16, 30, 31, 90, 91, 180, 181, 600]


def rows_of(answer):
    return list(answer.context["table"].page.object_list)


def test_what_waits_for_more_time_is_of_no_age(plan):
    AssignmentFactory(task=plan.tasks.get(), due_on=date(2026, 10, 1), is_paused=True)

    assert not any(
        Assignment.objects.filter(overdue_for(age, on=date(2026, 11, 20))).exists()
        for age in ages()
    )


def test_the_matrix_shows_what_was_closed_as_closed(plan, assignment):
    row = AssignmentFactory(task=plan.tasks.get(), created_at=GIVEN)
    close(row, on=date(2026, 7, 1), at=datetime(2026, 7, 20, 9, tzinfo=VIETNAM))

    found = matrix_of(plan, 2026, on=date(2026, 11, 20))

    cell = found.cells[row.organisation_id, row.task_id]
    assert (cell.status, cell.label) == ("", "Đã đóng")
    assert found.counts.total == 1
