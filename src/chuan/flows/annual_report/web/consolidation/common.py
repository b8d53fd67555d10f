"""What the pages of a consolidation share."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Q

from chuan.flows.annual_report.enums import (
    HAS_ACCEPTED_CONTENT,
)
from chuan.flows.annual_report.models import (
    ReportingPeriod,
)
from chuan.flows.annual_report.queries import rollup
from chuan.flows.annual_report.queries.rollup import Content
from chuan.flows.annual_report.queries.standing import Standing, standing_now
from chuan.flows.annual_report.web import presenting

# So many bodies stand on the page; the list has the rest.
SHOWN = 12

# Of those one may tick, or that stand with their reasons.
CHOSEN_AMONG = 50

# Reports behind a figure, and paragraphs on a task, are read by pages.
REPORTS_ON_A_PAGE = PARAGRAPHS_ON_A_PAGE = 50


def outside_of(period: ReportingPeriod, later: Sequence[int]) -> Standing:
    """Where the bodies stand that are not in the draft."""
    return standing_now(period, ~Q(state__in=HAS_ACCEPTED_CONTENT) | Q(pk__in=later))


def share_of(counts: Content, counted: str = "included") -> Decimal | None:
    """Of what is expected, how much is in; before the first consolidation, how much is accepted."""
    value = rollup.share(counts[counted], counts["expected"])
    return None if value is None else Decimal(value)


def amount_of(figure: Content, value: Content) -> str:
    parts = (value["numerator"], value["denominator"])
    return presenting.amount(decimal_of(value["value"]), figure["unit"], parts)


def decimal_of(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
