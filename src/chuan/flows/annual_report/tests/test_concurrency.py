"""Two people at once, each with a connection of their own: one wins, the other is told."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from chuan.flows.annual_report.enums import ConsolidationState, ReportState
from chuan.flows.annual_report.models import Consolidation, ReportingPeriod, ReportItem
from chuan.flows.annual_report.operations import consolidation, entry, periods, review
from chuan.flows.annual_report.queries.parts import revision_of
from chuan.flows.annual_report.rules import Conflict
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation, with_period_rules
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def situation(monkeypatch, db):
    Shelf().put(monkeypatch)
    return a_situation(bodies=2)


def at_once(*acts):
    """Call all of them at the same moment and say how each ended: an answer or what it raised."""
    ready = threading.Barrier(len(acts))
    ends = [None] * len(acts)

    def run(place, act):
        ready.wait()
        try:
            ends[place] = act()
        except (Conflict, Denied, ValidationError) as refused:
            ends[place] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_of_two_people_saving_one_item_at_once_one_is_told_of_the_other(situation):
    pk = situation.start().items.get().pk

    def save(text):
        item = ReportItem.objects.select_related("report").get(pk=pk)
        return lambda: entry.save_item(
            actor=situation.clerks[0],
            item=item,
            version=1,
            narrative=text,
            outlook="",
            achievement="",
            percent=None,
            is_finished=False,
            at=IN_TIME,
        )

    ends = at_once(save("Người thứ nhất."), save("Người thứ hai."))

    (won,) = [end for end in ends if isinstance(end, ReportItem)]
    (lost,) = [end for end in ends if isinstance(end, Conflict)]
    assert lost.stored.narrative == won.narrative == ReportItem.objects.get(pk=pk).narrative


def test_a_report_is_accepted_once_by_two_coordinators_at_once(situation):
    report = situation.submit()

    def accept():
        return review.accept_report(
            actor=situation.coordinator, report=report, revision=report.revision, at=IN_TIME
        )

    ends = at_once(accept, accept)

    assert sum(isinstance(end, Conflict | Denied) for end in ends) == 1
    assert report.snapshots.count() == 1


def test_two_consolidations_at_once_get_two_numbers_and_leave_one_draft(situation):
    situation.accept()

    at_once(situation.consolidate, situation.consolidate)

    made = Consolidation.objects.order_by("number")
    assert [one.number for one in made] == [1, 2]
    assert [one.state for one in made] == [
        ConsolidationState.SUPERSEDED,
        ConsolidationState.DRAFT,
    ]


def test_excluding_and_closing_at_once_never_closes_a_total_nobody_has_read(situation):
    situation.accept(0)
    situation.accept(1)
    made = situation.consolidate()
    seen = revision_of(made)

    ends = at_once(
        lambda: situation.exclude(0),
        lambda: consolidation.close_consolidation(
            actor=situation.leader, consolidation=made, revision=seen, at=IN_TIME
        ),
    )

    made.refresh_from_db()
    report = situation.reports[0]
    assert sum(isinstance(end, Conflict | Denied) for end in ends) == 1
    assert (made.state, report.state) in {
        (ConsolidationState.CLOSED, ReportState.CLOSED),
        (ConsolidationState.DRAFT, ReportState.EXCLUDED),
    }
    assert made.entries.get(report=report).is_included == (report.state == ReportState.CLOSED)


def test_of_two_coordinators_who_open_a_year_at_once_one_is_told_of_the_other(situation):
    with_period_rules()
    plan_id = situation.period.plan_id

    def open_it():
        return periods.open_period(
            actor=situation.coordinator, plan_id=plan_id, year=2027, at=IN_TIME
        )

    ends = at_once(open_it, open_it)

    assert ReportingPeriod.objects.filter(plan=plan_id, year=2027).count() == 1
    (told,) = [end for end in ends if isinstance(end, ValidationError)]
    assert "mở kỳ báo cáo" in told.messages[0]
