"""Unit reports: who sees them, what stands behind them, how far they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import NOT_SENT, OWED, ReportState
from chuan.flows.annual_report.models import ReportingPeriod, ReportItem, UnitReport
from chuan.flows.annual_report.queries.bodies import PROVINCIAL_KINDS, bodies
from chuan.flows.annual_report.queries.days import (
    ONE_DAY,
    counted_on,
    days_reported,
    last_data_day,
)
from chuan.flows.annual_report.queries.entry import (
    Missing,
    needed_sections,
    what_is_missing,
)
from chuan.lib.periods import Period
from chuan.modules.plans import facade as plans


def periods_visible_to(person: Person) -> QuerySet[ReportingPeriod]:
    """All of them, for anyone with a part in the plan: when reports are due is no secret."""
    periods = ReportingPeriod.objects.order_by("-year", "-opens_on", "-pk")
    return periods if rules.see_reports.allows(person) else periods.none()


def reports_visible_to(person: Person) -> QuerySet[UnitReport]:
    """A unit's own; all of a period for the department that collects it, leaders and auditors.

    Seeing that a report exists is not reading it: `rules.read_report` decides on content.
    """
    reports = UnitReport.objects.select_related("period", "organisation")
    if person.holds(*rules.OVERSIGHT_ROLES):
        return reports
    own = rules.readable_organisation_ids(person)
    collected = person.organisation_ids(*rules.DEPARTMENT_ROLES)
    return reports.filter(Q(organisation__in=own) | Q(period__managed_by__in=collected))


def own_reports(person: Person) -> QuerySet[UnitReport]:
    """Reports of the bodies whose clerk or head this person is, or was until they were dissolved."""
    return (
        UnitReport.objects.filter(organisation__in=rules.reporting_organisation_ids(person))
        .select_related("period", "organisation")
        .order_by("-period__year", "-period", "pk")
    )


def collected_periods(person: Person) -> QuerySet[ReportingPeriod]:
    """Periods whose consolidation this person may see."""
    periods = ReportingPeriod.objects.order_by("-year", "-opens_on", "-pk")
    if person.holds(*rules.OVERSIGHT_ROLES):
        return periods
    return periods.filter(managed_by__in=person.organisation_ids(*rules.DEPARTMENT_ROLES))


# ---------------------------------------------------------------- what stands behind a report


def assignments_behind(
    report: UnitReport, *, on: date | None = None
) -> dict[int, plans.AssignmentRef]:
    """The body's assignments of the period's days by id, leading ones first, in the plan's order.

    They stand as they stood on the day the period's figures are counted by. Where the days touch two
    years, a task that returns every year is there once, as that of the later year.
    """
    period = report.period
    found = plans.assignments_of(
        period.plan_id, report.organisation_id, days_reported(period), on=on or counted_on(period)
    )
    if not period.is_yearly:
        found = _last_of_each_task(found, period.plan_id)
    return {assignment.id: assignment for assignment in found}


def _last_of_each_task(found: list[plans.AssignmentRef], plan_id: int) -> list[plans.AssignmentRef]:
    line_of = {task.id: task.line for task in plans.every_wording_of(plan_id)}
    last: dict[tuple[int, plans.PartyRole], plans.AssignmentRef] = {}
    for one in sorted(found, key=lambda one: one.period_start):
        last[line_of[one.task_id], one.role] = one
    return [one for one in found if last[line_of[one.task_id], one.role] is one]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one task of a report stood by the calendar on the day its figures were counted by."""

    timeliness: str = ""
    due_on: date | None = None
    done_on: date | None = None

    @property
    def label(self) -> str:
        return str(plans.Timeliness(self.timeliness).label) if self.timeliness else ""


def standing_of(item: ReportItem, assignment: plans.AssignmentRef | None) -> Standing:
    """What was brought in with the figures; of an item from before that was kept, the assignment's."""
    if item.timeliness:
        return Standing(item.timeliness, item.due_on, item.done_on)
    if assignment is None:
        return Standing()
    return Standing(assignment.timeliness or "", assignment.due_on, assignment.done_on)


def updates_behind(
    report: UnitReport, assignments: dict[int, plans.AssignmentRef]
) -> dict[int, tuple[plans.UpdateRef, ...]]:
    """Progress told on the period's days, by assignment, oldest first.

    Where data days begin before the year does, what was told under last year's assignment of the
    same task belongs here: otherwise the last weeks of a year would be in no report.
    """
    period = report.period
    days = Period(period.data_from, period.data_to)
    earlier: dict[int, int] = {}
    if period.data_from < date(period.year, 1, 1):
        same = {(one.task_id, one.role): one.id for one in assignments.values()}
        before = plans.assignments_of(period.plan_id, report.organisation_id, period.year - 1)
        earlier = {
            one.id: same[one.task_id, one.role]
            for one in before
            if one.id not in assignments and (one.task_id, one.role) in same
        }
    told = plans.updates_for([*assignments, *earlier], days)
    found: dict[int, tuple[plans.UpdateRef, ...]] = {}
    for pk, updates in told.items():
        key = earlier.get(pk, pk)
        found[key] = tuple(sorted((*found.get(key, ()), *updates), key=lambda one: one.made_at))
    return found


def told_after(
    report: UnitReport, assignments: Iterable[int]
) -> dict[int, tuple[plans.UpdateRef, ...]]:
    """Progress told after the last day of the data, by assignment: of no concern to this report."""
    last = last_data_day(report.period)
    told = plans.updates_for(list(assignments))
    late = {
        pk: tuple(one for one in updates if timezone.localdate(one.made_at) > last)
        for pk, updates in told.items()
    }
    return {pk: updates for pk, updates in late.items() if updates}


def evidence_behind(
    report: UnitReport, assignments: Iterable[int]
) -> dict[int, tuple[tuple[plans.EvidenceRef, bool], ...]]:
    """Evidence by assignment, newest first, each with whether it came too late for the figures.

    What was corrected stands by the day of its first version, as in the count.
    """
    last = last_data_day(report.period)
    return {
        pk: tuple((proof, timezone.localdate(proof.first_added_at) > last) for proof in proofs)
        for pk, proofs in plans.evidence_for(list(assignments)).items()
    }


def raised_after(report: UnitReport) -> list[plans.DifficultyRef]:
    """Difficulties raised after the last day of the data, until the period locked: the report does
    not begin with them."""
    period = report.period
    end = min(timezone.localdate() + ONE_DAY, period.locks_on)
    if end <= period.data_to:
        return []
    days = Period(period.data_to, end)
    return plans.difficulties_of(period.plan_id, report.organisation_id, days)


def missing_from(report: UnitReport, *, on: date | None = None) -> list[Missing]:
    """What the report cannot be sent without on a day (today), from the database as it is now."""
    return what_is_missing(
        report,
        list(report.items.order_by("pk")),
        assignments_behind(report),
        unresolved_comments=report.comments.filter(
            sent_at__isnull=False, resolved_at__isnull=True
        ).count(),
        on=on or timezone.localdate(),
    )


# ---------------------------------------------------------------- how far it is


@dataclass(frozen=True, slots=True)
class Progress:
    """Parts finished out of parts that must be: leading tasks and the report's own sections."""

    done: int
    total: int

    @property
    def is_complete(self) -> bool:
        return self.total > 0 and self.done == self.total


def progress_of(report: UnitReport, items: Iterable[ReportItem]) -> Progress:
    needed, sections = [item for item in items if item.is_needed], needed_sections(report.period)
    return Progress(
        done=sum(1 for item in needed if item.is_finished)
        + sum(1 for section in sections if section in report.finished_sections),
        total=len(needed) + len(sections),
    )


@dataclass(frozen=True, slots=True)
class PeriodCounts:
    """How the reports of one period stand; the states sum to `expected`."""

    expected: int
    by_state: dict[str, int]

    def of(self, *states: ReportState) -> int:
        return sum(self.by_state.get(state, 0) for state in states)

    @property
    def received(self) -> int:
        """Sent and not waiting to be mended."""
        return self.of(
            ReportState.SUBMITTED,
            ReportState.ACCEPTED,
            ReportState.CONSOLIDATED,
            ReportState.CLOSED,
        )

    @property
    def accepted(self) -> int:
        return self.of(ReportState.ACCEPTED, ReportState.CONSOLIDATED, ReportState.CLOSED)

    @property
    def to_review(self) -> int:
        return self.of(ReportState.SUBMITTED)

    @property
    def missing(self) -> int:
        """Not sent; those being mended are `returned`."""
        return self.of(*NOT_SENT)

    @property
    def returned(self) -> int:
        return self.of(ReportState.RETURNED)

    @property
    def owed(self) -> int:
        """Not sent, or being mended: `reports_to_urge` and those left out of it."""
        return self.of(*OWED)

    @property
    def excluded(self) -> int:
        return self.of(ReportState.EXCLUDED)


def counts_of(periods: Iterable[ReportingPeriod]) -> dict[int, PeriodCounts]:
    """For each period by id; one query."""
    ids = [period.pk for period in periods]
    found: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    rows = (
        UnitReport.objects.filter(period__in=ids)
        .order_by()
        .values_list("period", "state")
        .annotate(number=Count("*"))
    )
    for pk, state, number in rows:
        found[pk][state] = number
    return {
        pk: PeriodCounts(expected=sum(states.values()), by_state=states)
        for pk, states in found.items()
    }


def reports_to_urge(period: ReportingPeriod, *, on: date) -> QuerySet[UnitReport]:
    """Reports the department may urge on a day, not sent or being mended, longest known first.

    Not those of bodies that are no more, nor those for which more time was asked in time and nobody
    has decided, or was granted and is not over; what was returned goes by the day of the return.
    """
    has_time = Q(is_paused=True) | (
        Q(extended_due_on__isnull=False, extended_due_on__gte=on)
        & ~Q(state=ReportState.RETURNED, returned_due_on__isnull=False)
    )
    return (
        UnitReport.objects.filter(
            ~has_time, period=period, state__in=OWED, organisation__in=_standing(on)
        )
        .select_related("organisation", "period")
        .order_by("pk")
    )


def open_to_units(on: date) -> QuerySet[UnitReport]:
    """Reports that bodies existing on the day have yet to send or mend and may still write
    (`rules.is_locked`); periods that have not opened ask for nothing."""
    is_open = Q(period__locks_on__gt=on) | Q(returned_due_on__gte=on) | Q(extended_due_on__gte=on)
    for period_id, organisation_id in plans.reports_opened():
        is_open |= Q(period=period_id, organisation=organisation_id)
    return (
        UnitReport.objects.filter(
            is_open, state__in=OWED, period__opens_on__lte=on, organisation__in=_standing(on)
        )
        .select_related("period")
        .order_by("pk")
    )


def _standing(on: date) -> QuerySet[Any]:
    """Ids of the bodies that exist on a day."""
    return OrganisationVersion.objects.filter(valid__contains=on).values("organisation")


# ---------------------------------------------------------------- lists


def listed(reports: QuerySet[UnitReport]) -> QuerySet[UnitReport]:
    """Reports with what a list shows: the body's name and place on the period's due day, and how
    many of the parts it needs are finished.

    Adds `body_name`, `body_search`, `body_sort`, `body_group` (the order of the coverage table),
    `needed_count` and `finished_count` (of items), all in one query.
    """
    versions = _bodies_then()
    needed = (
        ReportItem.objects.filter(report=OuterRef("pk"), is_needed=True)
        .order_by()
        .values("report")
        .annotate(total=Count("*"), finished=Count("pk", filter=Q(is_finished=True)))
    )
    return reports.annotate(
        body_name=Subquery(versions.values("name")[:1]),
        body_search=Subquery(versions.values("search_key")[:1]),
        body_sort=Subquery(versions.values("sort_key")[:1]),
        body_group=Subquery(versions.values("place")[:1]),
        needed_count=Coalesce(Subquery(needed.values("total")), Value(0)),
        finished_count=Coalesce(Subquery(needed.values("finished")), Value(0)),
    )


def in_body_order(reports: QuerySet[UnitReport]) -> QuerySet[Any]:
    """In the order of the coverage table, with `body_order`, whose first character is the group."""
    order = Concat(Cast(_place(), TextField()), "sort_key", output_field=TextField())
    then = _bodies_then().annotate(order=order).values("order")
    return reports.annotate(
        body_order=Subquery(then[:1], output_field=TextField(db_collation="C"))
    ).order_by("body_order", "pk")


def _bodies_then() -> QuerySet[Any]:
    """Versions of a report's body that had begun by the period's due day, the last one first."""
    return (
        OrganisationVersion.objects.filter(
            Q(valid__startswith__lte=OuterRef("period__due_on")) | Q(valid__lower_inf=True),
            organisation=OuterRef("organisation"),
        )
        .order_by("-valid", "-pk")
        .annotate(place=_place())
    )


def _place() -> Case:
    """`Body.group`, in SQL: the order alone."""
    return Case(
        When(kind__in=[kind.value for kind in PROVINCIAL_KINDS], then=Value(0)),
        When(kind=OrgKind.DISTRICT, then=Value(1)),
        When(kind=OrgKind.COMMUNE, subtype="phường", then=Value(2)),
        When(kind=OrgKind.COMMUNE, subtype__in=["xã", ""], then=Value(3)),
        When(kind=OrgKind.COMMUNE, then=Value(4)),
        default=Value(5),
        output_field=IntegerField(),
    )


def names_of_bodies(ids: Collection[int], *, on: date) -> dict[int, str]:
    """What bodies are called on a day, by id."""
    return {pk: found.name for pk, found in bodies(ids, on=on).items()}
