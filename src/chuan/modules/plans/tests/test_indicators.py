from datetime import date, datetime

import pytest
import time_machine

from chuan.core.indicators.registry import get_indicator
from chuan.core.orgs.testing import OrganisationFactory
from chuan.lib.periods import Period
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.operations.progress import replace_evidence
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    DifficultyFactory,
    EvidenceFactory,
    ProgressUpdateFactory,
    TaskFactory,
    clerk_of,
    close,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("in_november"),
]

IN_2026 = Period.year(2026)
TO_NOVEMBER = Period(date(2025, 12, 15), date(2026, 11, 15))


@pytest.fixture
def in_november():
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=VIETNAM), tick=False):
        yield


def value(code, organisation=None, period=IN_2026):
    figure = get_indicator(code).compute(period, organisation)
    return None if figure.value is None else float(figure.value)


def test_completed_counts_leading_assignments_done_by_the_last_day():
    body = OrganisationFactory()
    AssignmentFactory(organisation=body, complete=True)
    AssignmentFactory(organisation=body, late=True)  # done in January after
    AssignmentFactory(organisation=body, complete=True, role=PartyRole.COORDINATING)
    AssignmentFactory(complete=True)

    assert value("plans.tasks_completed", body) == 1
    assert value("plans.tasks_completed") == 2
    assert value("plans.tasks_assigned", body) == 2


def test_a_report_on_one_plan_counts_that_plan_alone():
    body = OrganisationFactory()
    mine = AssignmentFactory(organisation=body, complete=True)
    other = AssignmentFactory(organisation=body, complete=True)
    EvidenceFactory(assignment=mine)
    EvidenceFactory(assignment=other)
    plan_id = mine.task.plan_id

    for code in ("plans.tasks_assigned", "plans.tasks_completed", "plans.evidence_count"):
        counted = get_indicator(code).compute(IN_2026, body, plan_id)
        of_both = get_indicator(code).compute(IN_2026, body)
        assert counted.value < of_both.value, code


def test_a_period_that_ends_in_november_counts_the_year_it_ends_in():
    AssignmentFactory(year=2025, complete=True)
    AssignmentFactory(complete=True, done_on=date(2026, 11, 14))
    AssignmentFactory(complete=True, done_on=date(2026, 11, 15))

    assert value("plans.tasks_completed", period=TO_NOVEMBER) == 1
    assert value("plans.tasks_assigned", period=TO_NOVEMBER) == 2


AFTER = "plans.tasks_completed_after_counting"


@pytest.mark.parametrize(
    ("year", "done_on", "counted_in"),
    [
        # Data of 2025 ended on 31/10/2025, of 2026 on 31/10/2026: each completion is told once.
        (2025, date(2025, 10, 31), []),
        (2025, date(2025, 11, 1), ["2026 after"]),
        (2025, date(2026, 10, 31), ["2026 after"]),
        (2025, date(2026, 11, 1), ["2027 after"]),
        (2026, date(2026, 10, 31), ["2026"]),
        (2026, date(2026, 12, 10), ["2027 after"]),
        (2027, date(2027, 3, 1), ["2027"]),
    ],
)
def test_what_was_done_after_counting_is_told_in_the_year_that_follows(year, done_on, counted_in):
    AssignmentFactory(year=year, complete=True, done_on=done_on)
    found = []
    with time_machine.travel(datetime(2027, 11, 20, 9, tzinfo=VIETNAM), tick=False):
        for of in (2026, 2027):
            period = Period(date(of - 1, 12, 15), date(of, 11, 1))
            found += [f"{of}"] * int(value("plans.tasks_completed", period=period))
            found += [f"{of} after"] * int(value(AFTER, period=period))

    assert found == counted_in


def test_a_task_of_several_years_is_told_once_too():
    AssignmentFactory(
        year=2025, period_end=date(2028, 1, 1), complete=True, done_on=date(2026, 3, 1)
    )

    assert (value("plans.tasks_completed"), value(AFTER)) == (1, 0)


def test_only_leading_work_that_was_done_by_today_counts_as_done_after_counting():
    body = OrganisationFactory()
    mine = AssignmentFactory(organisation=body, year=2025, late=True)
    AssignmentFactory(year=2025, late=True)
    AssignmentFactory(organisation=body, year=2025, late=True, role=PartyRole.COORDINATING)
    AssignmentFactory(organisation=body, year=2025)
    AssignmentFactory(organisation=body, year=2025, complete=True, done_on=date(2026, 11, 21))

    figure = get_indicator(AFTER).compute(IN_2026, body)

    assert [row.url for row in figure.rows] == [f"/ke-hoach/phan-cong/{mine.pk}/"]
    assert value(AFTER) == 2
    assert get_indicator(AFTER).compute(IN_2026, body, mine.task.plan_id + 1).value == 0


def test_on_time_is_a_share_of_what_was_due_or_done():
    AssignmentFactory(complete=True, due_on=date(2026, 10, 31))
    AssignmentFactory(due_on=date(2026, 6, 30))  # overdue
    AssignmentFactory()  # still in time

    figure = get_indicator("plans.tasks_done_on_time").compute(IN_2026, None)

    assert (figure.numerator, figure.denominator, float(figure.value)) == (1, 2, 50.0)
    assert sorted(row.counts for row in figure.rows) == [False, True]


def test_overdue_is_counted_as_of_today_while_the_period_runs():
    AssignmentFactory(due_on=date(2026, 11, 19))
    AssignmentFactory(due_on=date(2026, 11, 20))

    assert value("plans.tasks_overdue") == 1


def test_coverage_is_the_share_of_assignments_told_about_in_the_period():
    told = AssignmentFactory()
    ProgressUpdateFactory(assignment=told)
    ProgressUpdateFactory(
        assignment=AssignmentFactory(), made_at=datetime(2025, 12, 1, tzinfo=VIETNAM)
    )

    assert value("plans.assignments_with_update") == 50


def test_evidence_that_was_withdrawn_is_not_counted():
    EvidenceFactory(title="Báo cáo")
    EvidenceFactory(withdrawn=True)

    figure = get_indicator("plans.evidence_count").compute(IN_2026, None)

    assert [row.label for row in figure.rows] == ["I.1: Báo cáo"]


TO_OCTOBER = Period(date(2025, 12, 15), date(2026, 11, 1))


def test_a_corrected_version_leaves_the_figure_of_the_period_before_as_it_was():
    evidence = EvidenceFactory(link="https://a.vn/1")
    at = datetime(2026, 11, 10, 9, tzinfo=VIETNAM)
    clerk = clerk_of(evidence.assignment.organisation)

    newer = replace_evidence(
        actor=clerk, evidence=evidence, at=at, title="Bản sửa", link="https://a.vn/2"
    )
    replace_evidence(actor=clerk, evidence=newer, at=at, title="Bản cuối", link="https://a.vn/3")

    assert value("plans.evidence_count", period=TO_OCTOBER) == 1
    assert value("plans.evidence_count", period=Period(date(2026, 11, 1), date(2027, 11, 1))) == 0
    figure = get_indicator("plans.evidence_count").compute(IN_2026, None)
    assert [row.label for row in figure.rows] == ["I.1: Bản cuối"]


def test_a_withdrawal_counts_from_its_own_day():
    EvidenceFactory(withdrawn=True, withdrawn_at=datetime(2026, 11, 1, 0, tzinfo=VIETNAM))
    EvidenceFactory(withdrawn=True, withdrawn_at=datetime(2026, 10, 31, 23, tzinfo=VIETNAM))

    assert value("plans.evidence_count", period=TO_OCTOBER) == 1
    assert value("plans.evidence_count") == 0


def test_a_corrected_version_that_was_withdrawn_takes_its_earlier_ones_along():
    first = EvidenceFactory(withdrawn=True, withdrawn_at=datetime(2026, 9, 5, tzinfo=VIETNAM))
    EvidenceFactory(
        assignment=first.assignment,
        replaces=first,
        first_added_at=first.added_at,
        withdrawn=True,
        withdrawn_at=datetime(2026, 9, 9, tzinfo=VIETNAM),
    )

    assert value("plans.evidence_count", period=TO_OCTOBER) == 0


def test_difficulties_dealt_with_in_time_by_answer_or_escalation():
    DifficultyFactory(answered=True)  # due on 10/9, answered on 4/9
    DifficultyFactory(escalated=True)
    DifficultyFactory()  # due, not answered
    DifficultyFactory(answer_due_on=date(2026, 12, 1))  # not due yet
    DifficultyFactory(state="withdrawn")

    assert value("plans.difficulties_answered_on_time") == 66.7
    assert value("plans.difficulties_raised") == 4


def test_rows_open_the_assignments_behind_a_figure():
    assignment = AssignmentFactory(complete=True)

    (row,) = get_indicator("plans.tasks_completed").compute(IN_2026, None).rows

    assert row.url == f"/ke-hoach/phan-cong/{assignment.pk}/"


EVERY = pytest.mark.parametrize(
    "code",
    [
        "plans.tasks_assigned",
        "plans.tasks_completed",
        "plans.tasks_completed_after_counting",
        "plans.tasks_done_on_time",
        "plans.tasks_overdue",
        "plans.assignments_with_update",
        "plans.evidence_count",
        "plans.difficulties_raised",
        "plans.difficulties_answered_on_time",
    ],
)


@EVERY
@pytest.mark.parametrize("period", [IN_2026, TO_NOVEMBER], ids=["year", "to November"])
def test_counted_without_its_records_a_figure_says_the_same(
    code, period, django_assert_num_queries
):
    for assignment in (
        AssignmentFactory(complete=True, due_on=date(2026, 10, 31)),
        AssignmentFactory(complete=True, due_on=None, done_on=date(2026, 11, 15)),
        AssignmentFactory(late=True),
        AssignmentFactory(year=2025, late=True),
        AssignmentFactory(due_on=date(2026, 6, 30)),
        AssignmentFactory(),
    ):
        ProgressUpdateFactory(assignment=assignment)
        EvidenceFactory(assignment=assignment)
    EvidenceFactory(withdrawn=True)
    DifficultyFactory(answered=True)
    DifficultyFactory(escalated=True)
    # Answered on the last day by the province's clock, when it was the day before in Greenwich.
    DifficultyFactory(
        answered=True,
        answer_due_on=date(2026, 9, 10),
        answered_at=datetime(2026, 9, 11, 0, 30, tzinfo=VIETNAM),
    )
    DifficultyFactory()

    indicator = get_indicator(code)
    listed = indicator.compute(period, None)
    with django_assert_num_queries(1):
        counted = indicator.compute(period, None, with_rows=False)

    assert (counted.value, counted.numerator, counted.denominator) == (
        listed.value,
        listed.numerator,
        listed.denominator,
    )
    assert listed.rows
    assert not counted.rows


@pytest.mark.parametrize("how_many", [1, 6])
@EVERY
def test_a_figure_costs_the_same_however_many_records(
    code, how_many, django_assert_max_num_queries
):
    task = TaskFactory()
    for _number in range(how_many):
        assignment = AssignmentFactory(task=task, due_on=date(2026, 6, 30))
        EvidenceFactory(assignment=assignment)
        DifficultyFactory(plan=task.plan)

    with django_assert_max_num_queries(2):
        get_indicator(code).compute(IN_2026, None)


def test_what_was_closed_with_its_body_is_not_counted_beside_its_heir():
    row = AssignmentFactory()
    ProgressUpdateFactory(assignment=row, made_at=datetime(2026, 5, 4, tzinfo=VIETNAM))
    close(row, on=date(2026, 7, 1), at=datetime(2026, 7, 20, 9, tzinfo=VIETNAM))
    heir = AssignmentFactory(task=row.task)

    assert value("plans.tasks_assigned") == 1
    assert value("plans.assignments_with_update") == 0
    ProgressUpdateFactory(assignment=heir)
    assert value("plans.assignments_with_update") == 100
    assert value("plans.tasks_done_on_time") is None
