"""Every number of a report is as of the last day of its data, whenever it is counted or accepted."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from chuan.core.indicators.registry import every_indicator
from chuan.core.legal.testing import StatutoryParameterFactory
from chuan.flows.annual_report.operations import entry
from chuan.flows.annual_report.operations.entry import NotFinished
from chuan.flows.annual_report.queries.days import counted_on, mend_by
from chuan.flows.annual_report.queries.reports import missing_from, standing_of
from chuan.flows.annual_report.queries.snapshots import content_of
from chuan.flows.annual_report.testing import IN_TIME, a_situation
from chuan.modules.plans.testing import Assignment, ProgressUpdateFactory

pytestmark = pytest.mark.django_db

LAST = date(2026, 10, 31)
AFTER = date(2026, 11, 5)


def finish(assignment, clerk, done_on):
    """The body says the task is done, on that very day."""
    ProgressUpdateFactory(
        assignment=assignment,
        achievement="limited",
        percent=30,
        made_by=clerk,
        made_at=IN_TIME.replace(month=9, day=1),
    )
    ProgressUpdateFactory(
        assignment=assignment,
        achievement="complete",
        narrative="Đã xong.",
        made_by=clerk,
        made_at=IN_TIME.replace(month=done_on.month, day=done_on.day),
    )
    Assignment.objects.filter(pk=assignment.pk).update(achievement="complete", done_on=done_on)


def figures_of(content):
    return {one["code"]: one["reported"] for one in content["figures"]}


@pytest.mark.parametrize(("done_on", "is_done"), [(LAST, True), (AFTER, False)])
def test_tasks_and_figures_of_a_report_agree_whatever_was_done_after_the_data_end(
    db, done_on, is_done
):
    situation = a_situation(bodies=1, tasks=2)
    first = Assignment.objects.order_by("pk").first()
    finish(first, situation.clerks[0], done_on)

    report = situation.start()
    content = content_of(report)

    assert every_indicator()
    done = [item for item in content["items"] if item["timeliness"] in {"on_time", "late"}]
    complete = [item for item in content["items"] if item["achievement"] == "complete"]
    figures = figures_of(content)
    assert len(done) == len(complete) == is_done
    assert Decimal(figures["plans.tasks_completed"]["value"]) == len(done)
    item = next(one for one in content["items"] if one["assignment_id"] == first.pk)
    assert item["done_on"] == (LAST.isoformat() if is_done else None)
    if not is_done:
        assert item["achievement"] == "limited"


def test_what_was_accepted_is_as_of_the_day_the_figures_were_counted_by(db):
    situation = a_situation()
    report = situation.submit()
    # Put right with an earlier day, after the head had signed.
    assignment = Assignment.objects.get()
    finish(assignment, situation.clerks[0], LAST)

    accepted = situation.accept().accepted.content

    assert [item["timeliness"] for item in accepted["items"]] == ["in_time"]
    assert figures_of(accepted)["plans.tasks_completed"]["value"] == "0"
    assert standing_of(report.items.get(), None).timeliness == "in_time"


def test_figures_counted_before_the_data_end_are_counted_again_before_sending(situation):
    with time_machine.travel(IN_TIME.replace(month=10, day=20), tick=False):
        report = situation.fill(at=IN_TIME.replace(month=10, day=20))
        assert counted_on(report.period) == date(2026, 10, 20)
        assert missing_from(report) == []

    with pytest.raises(NotFinished, match="trước khi hết ngày chốt 31/10/2026"):
        situation.submit()
    entry.sync_report(actor=situation.clerks[0], report=report, at=IN_TIME)

    assert missing_from(situation.report) == []
    assert situation.submit().submitted_at == IN_TIME


def test_bringing_in_says_what_was_told_too_late_for_this_report(situation):
    report = situation.start()
    finish(Assignment.objects.get(), situation.clerks[0], AFTER)

    synced = entry.sync_report(actor=situation.clerks[0], report=report, at=IN_TIME)

    assert synced.left_out == 1
    assert "Đã xong." not in report.items.get().narrative


@pytest.mark.parametrize(("days", "until"), [(3, date(2026, 11, 13)), (5, date(2026, 11, 17))])
def test_how_long_mending_may_take_is_a_parameter(db, days, until):
    StatutoryParameterFactory(code="reports.days_to_mend", value=days)

    assert mend_by(IN_TIME.date()) == until


def test_where_no_rule_says_how_long_mending_takes_nothing_is_proposed(db):
    assert mend_by(IN_TIME.date()) is None
