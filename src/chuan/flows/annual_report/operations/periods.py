"""Calling for reports: the period and one report for every body that owes one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import PeriodKind, ReportState, StepKind
from chuan.flows.annual_report.models import FigurePlacement, ReportingPeriod, UnitReport
from chuan.flows.annual_report.operations import telling
from chuan.flows.annual_report.operations.locks import (
    locked_period,
    note_steps,
    require_unchanged,
)
from chuan.flows.annual_report.queries.days import (
    ONE_DAY,
    ProposedDays,
    days_of_debtors,
    days_reported,
    proposed_days,
)
from chuan.flows.annual_report.queries.owing import bodies_owing
from chuan.flows.annual_report.queries.places import places_of
from chuan.flows.annual_report.queries.stretches import (
    Called,
    faults_of,
    phrase_of,
    year_in_words,
)
from chuan.lib.language import in_vietnamese
from chuan.lib.periods import Period
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean
from chuan.modules.plans import facade as plans


class AlreadyOpen(ValidationError):
    """Somebody opened the same period at the same moment; theirs stands."""


def _title(kind: PeriodKind, phrase: str, plan: plans.PlanRef, days: Period) -> str:
    """A body that has work in two plans is asked for two reports of one year."""
    title = _of_its_days(kind, phrase)
    return f"{title}, {plan.short_title}" if plans.runs_beside_others(plan.id, days) else title


@in_vietnamese
def _of_its_days(kind: PeriodKind, phrase: str) -> str:
    if kind == PeriodKind.AD_HOC:
        return _("Báo cáo đột xuất %(period)s") % {"period": phrase}
    if kind == PeriodKind.MID_TERM:
        return _("Báo cáo sơ kết %(period)s") % {"period": phrase}
    if kind == PeriodKind.FINAL:
        return _("Báo cáo tổng kết %(period)s") % {"period": phrase}
    return _("Báo cáo %(period)s") % {"period": phrase}


@transaction.atomic
def open_period(
    *,
    actor: Person,
    plan_id: int,
    year: int,
    at: datetime,
    days: ProposedDays | None = None,
) -> ReportingPeriod:
    """Call for the reports of a year: every body that owes one gets it to write.

    Without `days` the period has those that follow from the decision and the rules.

    :raises Denied: not a coordinator of the department that manages the plan.
    :raises ValidationError: the year is open already (`AlreadyOpen` if just now), outside the plan,
        or the days are out of order.
    """
    plan = plans.plan(plan_id)
    rules.open_period.require(actor, plan.managed_by_id)
    if not plan.first_day.year <= year <= plan.last_day.year:
        raise ValidationError(_("Năm báo cáo phải nằm trong thời gian của kế hoạch."))
    return _open(
        actor,
        plan,
        kind=PeriodKind.YEARLY,
        year=year,
        phrase=year_in_words(year),
        days=days or proposed_days(plan, year),
        at=at,
    )


@transaction.atomic
def open_other_period(
    *,
    actor: Person,
    plan_id: int,
    kind: PeriodKind,
    phrase: str,
    days: ProposedDays,
    at: datetime,
    basis: str = "",
) -> ReportingPeriod:
    """Call for reports on other days than a year's: every body with work on those days owes one.

    :param phrase: what texts call the days, “quý II năm 2026”; empty for what they are called anyway.
    :param basis: the document that asks for an ad hoc report.
    :raises Denied: not a coordinator of the department that manages the plan, or a year's report.
    :raises ValidationError: everything that is wrong, by field (`AlreadyOpen` if just opened).
    """
    plan = plans.plan(plan_id)
    rules.open_period.require(actor, plan.managed_by_id)
    if kind == PeriodKind.YEARLY:
        raise Denied(_("Kỳ báo cáo năm mở ở trang riêng."))
    phrase, basis = clean(phrase), clean(basis)
    faults = faults_of(
        Called(
            plan=plan,
            kind=kind,
            phrase=phrase,
            basis=basis,
            data_from=days.data_from,
            data_to=days.data_to,
            opens_on=days.opens_on,
            due_on=days.due_on,
            grace_until=days.grace_until,
            locks_on=days.locks_on,
        )
    )
    if faults:
        found: dict[str, list[str]] = {}
        for fault in faults:
            found.setdefault(fault.field, []).append(fault.text)
        raise ValidationError(found)
    return _open(
        actor,
        plan,
        kind=kind,
        year=(days.data_to - ONE_DAY).year,
        phrase=phrase or phrase_of(Period(days.data_from, days.data_to)),
        days=days,
        at=at,
        basis=basis,
    )


def _open(
    actor: Person,
    plan: plans.PlanRef,
    *,
    kind: PeriodKind,
    year: int,
    phrase: str,
    days: ProposedDays,
    at: datetime,
    basis: str = "",
) -> ReportingPeriod:
    period = ReportingPeriod(
        plan_id=plan.id,
        kind=kind,
        year=year,
        phrase=phrase,
        title=_title(kind, phrase, plan, Period(days.data_from, days.data_to)),
        basis=basis,
        managed_by_id=plan.managed_by_id,
        data_from=days.data_from,
        data_to=days.data_to,
        data_why=days.data_why,
        opens_on=days.opens_on,
        due_on=days.due_on,
        due_why=days.due_why,
        grace_until=days.grace_until,
        locks_on=days.locks_on,
        opened_by=actor,
        opened_at=at,
    )
    period.full_clean()
    try:
        with transaction.atomic():
            period.save()
    except IntegrityError as clash:
        # Two coordinators at once: each saw no period, and the database let one of them in.
        if "annual_report_one_yearly_period" in str(clash):
            raise AlreadyOpen(_("Năm này vừa được người khác mở kỳ báo cáo.")) from clash
        if "annual_report_one_period_for_its_days" in str(clash):
            raise AlreadyOpen(_("Người khác vừa mở kỳ báo cáo này.")) from clash
        raise
    made = _make_missing_reports(period, actor, at)
    record(
        action="annual_report.period_opened",
        actor=actor,
        subject=period,
        reports=len(made),
        due_on=period.due_on.isoformat(),
        **({"basis": basis} if basis else {}),
    )
    telling.tell_period_opened(period, [report.organisation_id for report in made], at)
    return period


@transaction.atomic
def change_period_days(
    *,
    actor: Person,
    period: ReportingPeriod,
    version: int,
    opens_on: date,
    grace_until: date,
    locks_on: date,
    reason: str,
    at: datetime,
) -> ReportingPeriod:
    """Open earlier, give everybody more time, or lock later. The due day is the decision's own.

    :raises Conflict: somebody else changed the period since `version`.
    :raises Denied: not a coordinator of the department, or no reason.
    :raises ValidationError: the days are out of order.
    """
    period = locked_period(period)
    rules.change_period.require(actor, period)
    require_unchanged(period, "version", version)
    reason = clean(reason)
    if not reason:
        raise Denied(_("Ghi lý do đổi ngày của kỳ báo cáo."))
    before = {name: getattr(period, name).isoformat() for name in _CHANGEABLE}
    period.opens_on, period.grace_until, period.locks_on = opens_on, grace_until, locks_on
    period.full_clean()
    period.version += 1
    period.save(update_fields=[*_CHANGEABLE, "version"])
    record(
        action="annual_report.period_changed",
        actor=actor,
        subject=period,
        before=before,
        after={name: getattr(period, name).isoformat() for name in _CHANGEABLE},
        reason=reason,
    )
    return period


_CHANGEABLE = ("opens_on", "grace_until", "locks_on")


@transaction.atomic
def reconcile_reports(*, period: ReportingPeriod, at: datetime) -> list[UnitReport]:
    """Make the reports that are missing, for bodies that came to owe one since the opening.

    Run twice, the second time makes none. Reports of bodies that no longer owe one stay: somebody
    excludes them, with a reason.
    """
    period = locked_period(period)
    made = _make_missing_reports(period, None, at)
    if made:
        record(
            action="annual_report.reports_reconciled",
            actor=None,
            by="annual_report.reconcile",
            subject=period,
            organisations=[report.organisation_id for report in made],
        )
        telling.tell_period_opened(period, [report.organisation_id for report in made], at)
    return made


def _make_missing_reports(
    period: ReportingPeriod, actor: Person | None, at: datetime
) -> list[UnitReport]:
    owing = bodies_owing(period.plan_id, days_of_debtors(period))
    known = set(period.reports.values_list("organisation_id", flat=True))
    made = UnitReport.objects.bulk_create(
        [
            UnitReport(period=period, organisation_id=pk, state=ReportState.DRAFT, updated_at=at)
            for pk in owing
            if pk not in known
        ]
    )
    note_steps(made, StepKind.OPENED, actor, at)
    return made


@transaction.atomic
def place_figures(
    *,
    actor: Person,
    period: ReportingPeriod,
    version: int,
    places: Mapping[str, int | None],
) -> ReportingPeriod:
    """Show indicators at tasks of the period's plan, by code; None puts one back on the figures page.

    :raises Conflict: somebody else changed the period or its places since `version`.
    :raises Denied: not a coordinator of the department, or no such task in the plan.
    """
    period = locked_period(period)
    rules.change_period.require(actor, period)
    require_unchanged(period, "version", version)
    tasks = plans.tasks_of(period.plan_id, days_reported(period))
    if {pk for pk in places.values() if pk} - {task.id for task in tasks}:
        raise Denied(_("Nhiệm vụ này không thuộc kế hoạch."))
    placed = FigurePlacement.objects.select_for_update().filter(plan_id=period.plan_id)
    before = places_of(period, tasks)
    changed = {code: pk for code, pk in places.items() if before.get(code) != pk}
    for code, task_id in sorted(changed.items()):
        if task_id is None:
            placed.filter(code=code).delete()
        else:
            placed.update_or_create(
                plan_id=period.plan_id, code=code, defaults={"task_id": task_id}
            )
        record(
            action="annual_report.figure_placed",
            actor=actor,
            subject=period,
            code=code,
            task=task_id,
        )
    if changed:
        period.version += 1
        period.save(update_fields=["version"])
    return period
