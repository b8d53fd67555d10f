"""Where every body of a period stands at this moment: counted for all, told in full for a few."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from chuan.flows.annual_report.enums import STANDINGS, ReportState
from chuan.flows.annual_report.models import ReportingPeriod, UnitReport
from chuan.flows.annual_report.queries.bodies import GROUP_COUNT, group_label
from chuan.flows.annual_report.queries.parts import why_not_included
from chuan.flows.annual_report.queries.reports import in_body_order, listed
from chuan.flows.annual_report.queries.rollup import Content, count_coverage


@dataclass(frozen=True, slots=True)
class Standing:
    """Reports of a period by state, as ids in the order of the coverage table."""

    coverage: Content
    by_state: dict[str, list[int]]

    def of(self, *states: ReportState) -> list[int]:
        return [pk for state in states for pk in self.by_state.get(state, ())]


@dataclass(frozen=True, slots=True)
class Line:
    """One body beside a consolidation, with the reason why it is not in it."""

    report_id: int
    name: str
    reason: str
    sent_at: datetime | None
    is_started: bool


def standing_now(period: ReportingPeriod, among: Q | None = None) -> Standing:
    """All reports of a period, or some; none of it added up. One query, three values of each."""
    by_state: dict[str, list[int]] = defaultdict(list)
    standings = []
    groups = [(place, group_label(place)) for place in range(GROUP_COUNT)]
    rows = in_body_order(UnitReport.objects.filter(among or Q(), period=period))
    for pk, state, order in rows.values_list("pk", "state", "body_order"):
        by_state[state].append(pk)
        standings.append((groups[int(order[0])], STANDINGS[ReportState(state)]))
    return Standing(coverage=count_coverage(standings), by_state=dict(by_state))


def lines(report_ids: Iterable[int]) -> dict[int, Line]:
    """What a list says of these reports, by id; one query."""
    rows = listed(UnitReport.objects.filter(pk__in=list(report_ids)).select_related("period"))
    return {
        row.pk: Line(
            report_id=row.pk,
            name=row.body_name,  # type: ignore[attr-defined]
            reason=why_not_included(row),
            sent_at=row.first_submitted_at,
            is_started=row.started_at is not None,
        )
        for row in rows
    }


def in_order(standing: Standing, report_ids: Collection[int]) -> list[int]:
    """These of a period's reports, in the order of the coverage table within each state."""
    wanted = set(report_ids)
    return [pk for ids in standing.by_state.values() for pk in ids if pk in wanted]
