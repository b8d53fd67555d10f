"""Calling for reports: the period and one report for every body that owes one."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import PeriodKind, ReportState, StepKind
from chuan.flows.annual_report.models import FigurePlacement, ReportingPeriod, UnitReport
from chuan.flows.annual_report.operations import telling
from chuan.flows.annual_report.operations.locks import locked_period, note_steps
from chuan.flows.annual_report.queries.days import ProposedDays, proposed_days
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean
from chuan.modules.plans import facade as plans


@transaction.atomic
def open_period(
    *,
    actor: Person,
    plan_id: int,
    year: int,
    at: datetime,
    days: ProposedDays | None = None,
) -> ReportingPeriod:
    """Call for the reports of a year: every body that leads a task gets one to write.

    Without `days` the period has those that follow from the decision and the rules.

    :raises Denied: not a coordinator of the department that manages the plan.
    :raises ValidationError: the year is open already, outside the plan, or the days are out of order.
    """
    plan = plans.plan(plan_id)
    rules.open_period.require(actor, plan.managed_by_id)
    if not plan.first_day.year <= year <= plan.last_day.year:
        raise ValidationError(_("Năm báo cáo phải nằm trong thời gian của kế hoạch."))
    days = days or proposed_days(plan, year)
    period = ReportingPeriod(
        plan_id=plan_id,
        kind=PeriodKind.YEARLY,
        year=year,
        title=_("Báo cáo năm %(year)s") % {"year": year},
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
    period.save()
    made = _make_missing_reports(period, actor, at)
    record(
        action="annual_report.period_opened",
        actor=actor,
        subject=period,
        reports=len(made),
        due_on=period.due_on.isoformat(),
    )
    telling.tell_period_opened(period, [report.organisation_id for report in made], at)
    return period


@transaction.atomic
def change_period_days(
    *,
    actor: Person,
    period: ReportingPeriod,
    opens_on: date,
    grace_until: date,
    locks_on: date,
    reason: str,
    at: datetime,
) -> ReportingPeriod:
    """Open earlier, give everybody more time, or lock later. The due day is the decision's own.

    :raises Denied: not a coordinator of the department, or no reason.
    :raises ValidationError: the days are out of order.
    """
    period = locked_period(period)
    rules.change_period.require(actor, period)
    reason = clean(reason)
    if not reason:
        raise Denied(_("Ghi lý do đổi ngày của kỳ báo cáo."))
    before = {name: getattr(period, name).isoformat() for name in _CHANGEABLE}
    period.opens_on, period.grace_until, period.locks_on = opens_on, grace_until, locks_on
    period.full_clean()
    period.save(update_fields=list(_CHANGEABLE))
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
    owing = plans.bodies_owing(period.plan_id, period.year, roles=[plans.PartyRole.LEAD])
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
def place_figure(
    *, actor: Person, period: ReportingPeriod, code: str, task_id: int | None
) -> ReportingPeriod:
    """Show an indicator at a task of the period's plan; None puts it back on the figures page.

    :raises Denied: not a coordinator of the department, or no such task in the plan.
    """
    period = locked_period(period)
    rules.change_period.require(actor, period)
    placed = FigurePlacement.objects.filter(plan_id=period.plan_id, code=code)
    if task_id is None:
        placed.delete()
    elif task_id in {task.id for task in plans.tasks_of(period.plan_id)}:
        placed.update_or_create(plan_id=period.plan_id, code=code, defaults={"task_id": task_id})
    else:
        raise Denied(_("Nhiệm vụ này không thuộc kế hoạch."))
    record(
        action="annual_report.figure_placed", actor=actor, subject=period, code=code, task=task_id
    )
    return period
