"""What other journeys may ask about reports: cards of one's own, and what waits on a desk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.orgs.queries import names_on
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import ConsolidationState, ReportState, StepKind
from chuan.flows.annual_report.models import Consolidation, ReportStep, UnitReport
from chuan.flows.annual_report.queries import reports as queries
from chuan.flows.annual_report.queries.days import due_now
from chuan.flows.annual_report.queries.entry import needed_sections
from chuan.flows.annual_report.queries.left_behind import (
    LeftReport,
    left_by,
    waiting_for_decision,
)
from chuan.flows.annual_report.queries.parts import is_on_time
from chuan.flows.annual_report.queries.past import end_of

__all__ = [
    "LeftReport",
    "Moved",
    "OwedReport",
    "PeriodStanding",
    "ReportCard",
    "ReportState",
    "consolidations_to_close",
    "count_reports_to_review",
    "left_by",
    "owed_reports",
    "own_reports",
    "periods_watched",
    "reports_moved",
    "reports_to_review",
    "waiting_for_decision",
]


@dataclass(frozen=True, slots=True)
class ReportCard:
    """One report as a person meets it among their work.

    `due_on` is the day that counts now: that of the return, once the department has returned it.
    `waits_for_signature`: finished and laid before the head.
    """

    id: int
    title: str
    phrase: str
    year: int
    organisation_id: int
    organisation_name: str
    state: ReportState
    is_started: bool
    waits_for_signature: bool
    ready_at: datetime | None
    due_on: date
    opens_on: date
    locks_on: date
    done: int
    total: int
    open_comments: int
    submitted_at: datetime | None
    is_on_time: bool | None
    url: str
    check_url: str
    review_url: str

    @property
    def is_returned(self) -> bool:
        return self.state == ReportState.RETURNED

    @property
    def is_with_unit(self) -> bool:
        return self.state in {ReportState.DRAFT, ReportState.RETURNED}


@dataclass(frozen=True, slots=True)
class PeriodStanding:
    """How the reports of one period are coming in; the parts sum to `expected`."""

    id: int
    title: str
    plan_id: int
    year: int
    due_on: date
    expected: int
    accepted: int
    to_review: int
    missing: int  # not sent; those being mended are `returned`
    excluded: int
    returned: int
    waiting_for_consolidation: int
    url: str
    list_url: str
    urge_url: str  # empty for whoever may not urge

    @property
    def lines(self) -> list[tuple[str, int, str]]:
        """The parts with the lists that show them."""
        return [
            (_("Đã duyệt"), self.accepted, f"{self.list_url}&trang_thai=accepted-all"),
            (_("Chờ duyệt"), self.to_review, f"{self.list_url}&trang_thai=submitted"),
            (_("Đang chỉnh lý"), self.returned, f"{self.list_url}&trang_thai=returned"),
            (_("Chưa gửi"), self.missing, f"{self.list_url}&trang_thai=missing"),
            (_("Loại trừ"), self.excluded, f"{self.list_url}&trang_thai=excluded"),
        ]


@dataclass(frozen=True, slots=True)
class OwedReport:
    """One report a body has yet to send, or to mend and send again; `due_on` is the day that counts
    now. `waits_for_signature`: its writers have done their part, the head has not."""

    id: int
    organisation_id: int
    managed_by_id: int
    title: str
    due_on: date
    waits_for_signature: bool
    is_returned: bool
    url: str


def owed_reports(
    on: date, *, due_by: date, organisation_ids: Collection[int] | None = None
) -> list[OwedReport]:
    """Reports of bodies that exist on the day, which can be written on it and are due by a day, nearest
    first; two queries. Not those for which more time was asked in time and nobody has decided."""
    rows = queries.open_to_units(on).filter(is_paused=False)
    if organisation_ids is not None:
        rows = rows.filter(organisation__in=organisation_ids)
    owed = [
        OwedReport(
            id=row.pk,
            organisation_id=row.organisation_id,
            managed_by_id=row.period.managed_by_id,
            title=row.period.title,
            due_on=due_now(row),
            waits_for_signature=row.ready_at is not None,
            is_returned=row.state == ReportState.RETURNED,
            url=reverse(
                "annual_report:check" if row.ready_at is not None else "annual_report:show",
                args=[row.pk],
            ),
        )
        for row in rows
    ]
    return sorted(
        (one for one in owed if one.due_on <= due_by), key=lambda one: (one.due_on, one.id)
    )


def own_reports(person: Person, *, years_back: int = 0) -> list[ReportCard]:
    """Reports of the person's own bodies in periods that still run, newest period first.

    :param years_back: how many years before the present one to go back.
    """
    first = timezone.localdate().year - years_back
    own = person.organisation_ids(*rules.UNIT_ROLES)
    rows = queries.own_reports(person).filter(period__year__gte=first, organisation__in=own)
    return _cards(rows)


def reports_to_review(person: Person, *, limit: int = 10) -> list[ReportCard]:
    """Reports sent to the person's department that they may accept, oldest first."""
    waiting = _waiting_for_review(person).order_by("submitted_at", "pk")
    # What a card shows is looked up for those that are shown.
    first = UnitReport.objects.filter(pk__in=list(waiting.values_list("pk", flat=True)[:limit]))
    return _cards(first.select_related("period", "organisation").order_by("submitted_at", "pk"))


def count_reports_to_review(person: Person) -> int:
    """How many `reports_to_review` there are in all."""
    return _waiting_for_review(person).count()


def _waiting_for_review(person: Person) -> QuerySet[UnitReport]:
    departments = person.organisation_ids(Role.DEPARTMENT_COORDINATOR)
    return UnitReport.objects.filter(
        period__managed_by__in=departments, state=ReportState.SUBMITTED
    )


def periods_watched(person: Person, *, year: int | None = None) -> list[PeriodStanding]:
    """The newest yearly period of each plan this person collects or oversees; after it those on other
    days that still run.

    :param year: those of this year instead of the newest.
    """
    newest: dict[int, object] = {}
    periods = [
        period
        for period in queries.collected_periods(person)
        if year is None or period.year == year
    ]
    for period in periods:
        if period.is_yearly:
            newest.setdefault(period.plan_id, period)
    today = timezone.localdate()
    chosen = [
        *(period for period in periods if newest.get(period.plan_id) is period),
        *(period for period in periods if not period.is_yearly and today < period.locks_on),
    ]
    counts = queries.counts_of(chosen)
    return [
        PeriodStanding(
            id=period.pk,
            title=period.title,
            plan_id=period.plan_id,
            year=period.year,
            due_on=period.due_on,
            expected=counts[period.pk].expected,
            accepted=counts[period.pk].accepted,
            to_review=counts[period.pk].to_review,
            missing=counts[period.pk].missing,
            excluded=counts[period.pk].excluded,
            returned=counts[period.pk].returned,
            waiting_for_consolidation=counts[period.pk].of(ReportState.ACCEPTED),
            url=reverse("annual_report:collection", args=[period.pk]),
            list_url=reverse("annual_report:list") + f"?ky={period.pk}",
            urge_url=(
                reverse("annual_report:urge", args=[period.pk])
                if rules.urge.allows(person, period)
                else ""
            ),
        )
        for period in chosen
    ]


@dataclass(frozen=True, slots=True)
class Moved:
    """A report that was sent, or accepted, at a moment."""

    name: str
    title: str
    is_sent: bool
    at: datetime
    url: str


def reports_moved(person: Person, plan_id: int, start: date, end: date) -> list[Moved]:
    """What of the reports this person may see was sent or accepted after one day's end and by
    another's, the latest first; a report sent twice is there twice."""
    rows = (
        ReportStep.objects.filter(
            report__in=queries.reports_visible_to(person).filter(period__plan=plan_id),
            kind__in=[StepKind.SUBMITTED, StepKind.ACCEPTED],
            made_at__gte=end_of(start),
            made_at__lt=end_of(end),
        )
        .select_related("report__period")
        .order_by("-made_at", "-pk")
    )
    found = list(rows)
    names = names_on({row.report.organisation_id for row in found}, end)
    return [
        Moved(
            name=names[row.report.organisation_id].name,
            title=row.report.period.title,
            is_sent=row.kind == StepKind.SUBMITTED,
            at=row.made_at,
            url=reverse("annual_report:show", args=[row.report_id]),
        )
        for row in found
    ]


def consolidations_to_close(person: Person) -> list[tuple[str, str]]:
    """Drafts this leader may close: title and address."""
    departments = person.organisation_ids(Role.DEPARTMENT_LEADER)
    drafts = Consolidation.objects.filter(
        period__managed_by__in=departments, state=ConsolidationState.DRAFT
    ).select_related("period")
    return [
        (str(made), reverse("annual_report:consolidation", args=[made.pk]))
        for made in drafts.order_by("-made_at")
        if rules.close_consolidation.allows(person, made)
    ]


def _cards(reports: QuerySet[UnitReport]) -> list[ReportCard]:
    rows = queries.listed(reports).annotate(
        open_comments=Count(
            "comments",
            filter=Q(comments__sent_at__isnull=False, comments__resolved_at__isnull=True),
        )
    )
    return [_card(row) for row in rows]


def _card(report: UnitReport) -> ReportCard:
    period = report.period
    sections = needed_sections(period)
    written = sum(1 for one in sections if one in report.finished_sections)
    return ReportCard(
        id=report.pk,
        title=period.title,
        phrase=period.phrase,
        year=period.year,
        organisation_id=report.organisation_id,
        organisation_name=report.body_name,  # type: ignore[attr-defined]
        state=ReportState(report.state),
        is_started=report.started_at is not None,
        waits_for_signature=report.ready_at is not None,
        ready_at=report.ready_at,
        due_on=due_now(report),
        opens_on=period.opens_on,
        locks_on=period.locks_on,
        done=report.finished_count + written,  # type: ignore[attr-defined]
        total=report.needed_count + len(sections),  # type: ignore[attr-defined]
        open_comments=report.open_comments,  # type: ignore[attr-defined]
        submitted_at=report.submitted_at,
        is_on_time=is_on_time(report, period),
        url=reverse("annual_report:show", args=[report.pk]),
        check_url=reverse("annual_report:check", args=[report.pk]),
        review_url=reverse("annual_report:review", args=[report.pk]),
    )
