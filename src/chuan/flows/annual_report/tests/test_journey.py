"""Whatever people do, in whatever order: what must hold, holds."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.flows.annual_report.enums import REPORT_MOVES, ConsolidationState, ReportState
from chuan.flows.annual_report.models import Consolidation, ReportSnapshot
from chuan.flows.annual_report.operations import review, submission
from chuan.flows.annual_report.operations.entry import NotFinished
from chuan.flows.annual_report.queries.canonical import content_hash
from chuan.flows.annual_report.queries.snapshots import is_intact
from chuan.flows.annual_report.rules import Conflict
from chuan.flows.annual_report.testing import IN_TIME, a_situation
from chuan.lib.rules import Denied

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def _mend(situation, number):
    situation.reports[number].comments.update(
        resolved_by=situation.clerks[number], resolved_at=IN_TIME
    )
    situation.fill(number, text="Đã bổ sung.")


def _withdraw(situation, number):
    submission.withdraw_submission(
        actor=situation.heads[number], report=situation.reports[number], note="", at=IN_TIME
    )


def _readmit(situation, number):
    review.readmit_report(actor=situation.coordinator, report=situation.reports[number], at=IN_TIME)


def _close(situation, _number):
    situation.close(situation.period.consolidations.get(state=ConsolidationState.DRAFT))


ACTS = {
    "fill": lambda s, n: s.fill(n),
    "submit": lambda s, n: s.submit(n),
    "withdraw": _withdraw,
    "return": lambda s, n: s.return_it(n),
    "mend": _mend,
    "accept": lambda s, n: s.accept(n),
    "exclude": lambda s, n: s.exclude(n),
    "readmit": _readmit,
    "consolidate": lambda s, _n: s.consolidate(),
    "close": _close,
}


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 1)), min_size=4, max_size=14)
)
def test_whatever_people_do_totals_are_sums_and_what_is_closed_stays(shelf, acts):
    situation = a_situation(bodies=2)
    for body, number in zip(situation.bodies, (5, 7), strict=True):
        shelf.counts[body.pk] = number
    closed = {}
    for name, number in acts:
        before = [ReportState(report.state) for report in situation.reports]
        with suppress(Denied, NotFinished, Conflict, Consolidation.DoesNotExist):
            ACTS[name](situation, number)
        after = [ReportState(report.state) for report in situation.reports]
        _require_lawful_moves(name, before, after)
        _require_sums(situation)
        _require_separate_hands(situation)
        for made in situation.period.consolidations.filter(
            state=ConsolidationState.CLOSED
        ).values():
            assert closed.setdefault(made["id"], made) == made
    snapshots = ReportSnapshot.objects.filter(report__period=situation.period)
    assert all(is_intact(snapshot) for snapshot in snapshots)


def _require_lawful_moves(name, before, after):
    # Filling and sending in one act, or accepting what was just sent, makes two moves.
    for was, now in zip(before, after, strict=True):
        two = {second for first in REPORT_MOVES[was] for second in REPORT_MOVES[first]}
        three = {third for second in two for third in REPORT_MOVES[second]}
        assert now in {was} | REPORT_MOVES[was] | two | three, (name, was, now)


def _require_sums(situation):
    for made in situation.period.consolidations.all():
        entries = made.entries.filter(is_included=True).select_related("content")
        expected = sum(
            Decimal(figure["reported"]["value"])
            for entry in entries
            for figure in entry.content.content["figures"]
            if figure["code"] == "tests.inspections"
        )
        told = [
            Decimal(figure["reported"]["value"])
            for figure in made.snapshot["figures"]
            if figure["code"] == "tests.inspections"
        ]
        assert told == ([expected] if entries else [])
        assert made.snapshot["coverage"]["included"] == len(entries)
        assert made.snapshot_hash == content_hash(made.snapshot)


def _require_separate_hands(situation):
    for report in situation.reports:
        if report.submitted_by_id is not None:
            assert report.submitted_by_id not in report.author_ids
        if report.accepted_by_id is not None:
            assert report.accepted_by_id not in {*report.author_ids, report.submitted_by_id}
