"""Reports of bodies that are no more: none stays open without anybody seeing it.

A report that was accepted is the old body's for good. What it had not brought to an end nobody can
write any more; those who go on with its duties report in their own name. Somebody of the
department says what becomes of it: what was sent is accepted, the rest left out, with a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.queries.dependents import Affected, Sample
from chuan.core.orgs.queries.heirs import EndedBody, ended_bodies
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.flows.annual_report.enums import UNDECIDED, ReportState
from chuan.flows.annual_report.models import ReportingPeriod, UnitReport
from chuan.flows.annual_report.queries.reports import collected_periods
from chuan.lib.vietnamese import format_date, format_number


@dataclass(frozen=True, slots=True)
class LeftReport:
    """A report a body left open, and the body with those that took over.

    `heirs_report` is that of the one body that took over whole, for the same period.
    """

    id: int
    title: str
    state: ReportState
    body: EndedBody
    heirs_report: ReportState | None
    revision: int
    # Why it was left out.
    reason: str

    @property
    def url(self) -> str:
        return reverse("annual_report:show", args=[self.id])


@dataclass(frozen=True, slots=True)
class LeftSum:
    """Reports of one period of bodies that are no more; the parts make up `total`."""

    total: int = 0
    accepted: int = 0
    excluded: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What bodies that are no more left of one period: what waits for a decision, what was left out."""

    sum: LeftSum
    reports: tuple[LeftReport, ...]
    excluded: tuple[LeftReport, ...]


def open_reports_of(organisation_ids: Collection[int]) -> QuerySet[UnitReport]:
    """Neither accepted nor left out, newest period first."""
    return (
        UnitReport.objects.filter(organisation__in=organisation_ids, state__in=UNDECIDED)
        .select_related("period")
        .order_by("-period__year", "-period", "pk")
    )


def count_open(period: ReportingPeriod, on: date) -> int:
    """How many reports of a period bodies left open that are no more; one query."""
    there = OrganisationVersion.objects.going_on(on).values("organisation")
    return period.reports.filter(state__in=UNDECIDED).exclude(organisation__in=there).count()


def left_behind(period: ReportingPeriod, on: date) -> LeftBehind:
    """Of one period; eight queries at most, however many bodies."""
    bodies = ended_bodies(period.reports.values_list("organisation_id", flat=True), on)
    states = Counter(period.reports.filter(organisation__in=bodies).values_list("state", flat=True))
    waiting = sum(states[state] for state in UNDECIDED)
    excluded = states[ReportState.EXCLUDED]
    rows = (
        period.reports.filter(organisation__in=bodies, state__in=UNDECIDED | {ReportState.EXCLUDED})
        .select_related("period")
        .order_by("pk")
    )
    found = _left(rows, bodies)
    return LeftBehind(
        LeftSum(states.total(), states.total() - waiting - excluded, excluded, waiting),
        tuple(one for one in found if one.state != ReportState.EXCLUDED),
        tuple(one for one in found if one.state == ReportState.EXCLUDED),
    )


def left_by(bodies: dict[int, EndedBody]) -> list[LeftReport]:
    """What these left open in any period. Two queries."""
    return _left(open_reports_of(list(bodies)), bodies)


def _left(rows: Iterable[UnitReport], bodies: dict[int, EndedBody]) -> list[LeftReport]:
    found = list(rows)
    heirs = {one.organisation_id for body in bodies.values() for one in body.heirs if one.is_whole}
    theirs = UnitReport.objects.filter(
        period__in={one.period_id for one in found}, organisation__in=heirs
    )
    states = {
        (period, body): ReportState(state)
        for period, body, state in theirs.values_list("period", "organisation", "state")
    }
    return [
        LeftReport(
            id=one.pk,
            title=one.period.title,
            state=ReportState(one.state),
            body=bodies[one.organisation_id],
            heirs_report=next(
                (
                    states[one.period_id, heir.organisation_id]
                    for heir in bodies[one.organisation_id].heirs
                    if heir.is_whole and (one.period_id, heir.organisation_id) in states
                ),
                None,
            ),
            revision=one.revision,
            reason=one.excluded_reason,
        )
        for one in found
    ]


def reason_to_exclude(body: EndedBody) -> str:
    """What a department would write that leaves out the report of a body that is no more."""
    words = {"day": format_date(body.ended_on), "names": ", ".join(one.name for one in body.heirs)}
    if not body.heirs:
        return _("Cơ quan kết thúc hoạt động từ ngày %(day)s.") % words
    return (
        _("Cơ quan kết thúc hoạt động từ ngày %(day)s; phần việc còn lại do %(names)s báo cáo.")
        % words
    )


def waiting_for_decision(person: Person, on: date) -> list[Sample]:
    """Periods this coordinator collects in which bodies that are no more left open reports."""
    departments = person.organisation_ids(Role.DEPARTMENT_COORDINATOR)
    if not departments:
        return []
    rows = UnitReport.objects.filter(period__managed_by__in=departments, state__in=UNDECIDED)
    return _by_period(rows, on)


def reports_left_by(affected: Affected, reader: object) -> list[Sample]:
    """For each period the reader collects: open reports of the bodies a reorganisation ended."""
    if not isinstance(reader, Person) or not affected.ended:
        return []
    rows = UnitReport.objects.filter(
        period__in=collected_periods(reader),
        organisation__in=affected.ended,
        state__in=UNDECIDED,
    )
    return _by_period(rows, timezone.localdate())


def _by_period(rows: QuerySet[UnitReport], on: date) -> list[Sample]:
    found = list(rows.select_related("period").order_by("-period__year", "-period", "pk"))
    gone = ended_bodies({one.organisation_id for one in found}, on) if found else {}
    waiting = Counter(one.period_id for one in found if one.organisation_id in gone)
    periods = {one.period_id: one.period for one in found}
    return [
        Sample(
            periods[pk].title,
            ngettext(
                "%(count)s báo cáo còn dở chờ quyết định",
                "%(count)s báo cáo còn dở chờ quyết định",
                count,
            )
            % {"count": format_number(count)},
            reverse("annual_report:left_behind", args=[pk]),
        )
        for pk, count in waiting.items()
    ]
