"""The days of a reporting period as the decision, the law and our own rules give them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.calendar.engine import Deadline, WorkingCalendar, add_months, last_day_of_month
from chuan.core.calendar.queries import working_calendar
from chuan.core.legal.queries import Statute, statute, statutes
from chuan.flows.annual_report.enums import PeriodKind, ReportState
from chuan.flows.annual_report.models import Consolidation, ReportingPeriod, UnitReport
from chuan.lib.language import in_vietnamese
from chuan.lib.periods import Period
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans

ONE_DAY = timedelta(days=1)


def last_data_day(period: ReportingPeriod) -> date:
    """The last day whose work belongs to a period: what every figure of it is counted by."""
    return period.data_to - ONE_DAY


def counted_on(period: ReportingPeriod) -> date:
    """The day figures of a period are counted by: its last, or today while it runs. The shelf's own
    figures go by the same day."""
    return min(last_data_day(period), timezone.localdate())


def days_reported(period: ReportingPeriod) -> Period:
    """The days whose assignments a period asks about: a year's report about those of its year,
    whenever its data are cut off; any other about those of its data days."""
    if period.is_yearly:
        return Period.year(period.year)
    return Period(period.data_from, period.data_to)


def days_of_debtors(period: ReportingPeriod) -> Period:
    """The days whose work makes a body owe a report. A review is written by those that still have
    work in its last year: what earlier ones did is in the reports of their years."""
    days = days_reported(period)
    if not period.is_review:
        return days
    return Period(max(days.start, date(last_data_day(period).year, 1, 1)), days.end)


def periods_a_year_before(period: ReportingPeriod) -> QuerySet[ReportingPeriod]:
    """The same period of the year before: a year's, or that of the same kind on the same days."""
    same = ReportingPeriod.objects.filter(plan=period.plan_id, kind=period.kind)
    if period.is_yearly:
        return same.filter(year=period.year - 1)
    return same.filter(
        data_from=add_months(period.data_from, -12), data_to=add_months(period.data_to, -12)
    )


def due_now(report: UnitReport) -> date:
    """The day that counts for whoever still has to send it: that of the return, while it is being
    mended, and otherwise the period's, or a later one it was granted."""
    if report.state == ReportState.RETURNED and report.returned_due_on is not None:
        return report.returned_due_on
    return report.last_day_on_time


def mend_by(today: date) -> date | None:
    """The day a unit is given to mend a report returned today; None where no rule says how long."""
    days = statutes(["reports.days_to_mend"], on=today).get("reports.days_to_mend")
    return working_calendar().add_working_days(today, days.value) if days else None


def day_counted(consolidation: Consolidation) -> date:
    """The day the reports in a consolidation were counted on: long after their data ended."""
    kept = consolidation.snapshot.get("counted_on")
    return date.fromisoformat(kept) if kept else timezone.localdate(consolidation.made_at)


@dataclass(frozen=True, slots=True)
class ProposedDays:
    """Every day of a period, with the steps that led to the due day and the data days.

    `data_to` is the first day that no longer counts; `locks_on` the first on which nobody writes.
    """

    data_from: date
    data_to: date
    data_why: list[dict[str, Any]]
    opens_on: date
    due_on: date
    due_why: list[dict[str, Any]]
    grace_until: date
    locks_on: date


@in_vietnamese
def proposed_days(plan: plans.PlanRef, year: int) -> ProposedDays:
    """What a coordinator is offered when opening a yearly period, and may change.

    :raises NoStatutoryValue: the table of parameters says nothing about the year.
    """
    calendar = working_calendar()
    due = _due(plan, year, calendar)
    days = statute("reports.yearly_period", on=due.due_on)
    data_from, data_to, why = _data_days(plan, year, due.due_on)
    last = date(year, days.value["last_day"]["month"], days.value["last_day"]["day"])
    grace = calendar.add_working_days(due.due_on, days.value["grace_working_days"])
    return ProposedDays(
        data_from=data_from,
        data_to=data_to,
        data_why=why,
        opens_on=max(
            due.due_on - timedelta(days=days.value["opens_days_before_due"]), plan.first_day
        ),
        due_on=due.due_on,
        due_why=due.as_json(),
        grace_until=grace,
        locks_on=max(last, grace) + ONE_DAY,
    )


def _due(plan: plans.PlanRef, year: int, calendar: WorkingCalendar) -> Deadline:
    """“Báo cáo trước ngày 20/11” as the decision has it; without such a clause, the year's end."""
    if plan.report_due_day is None or plan.report_due_month is None:
        return calendar.end_of_year(year)
    named = date(year, plan.report_due_month, plan.report_due_day)
    if plan.report_due_inclusive:
        return calendar.on_day(
            named,
            _("Kế hoạch ghi hạn báo cáo đến hết ngày %(day)s.") % {"day": format_date(named)},
            source=plan.symbol,
        )
    # Whether “trước ngày” leaves the day out is a parameter with its dates.
    return calendar.before_day(named)


def _data_days(
    plan: plans.PlanRef, year: int, due_on: date
) -> tuple[date, date, list[dict[str, Any]]]:
    yearly = statute("reports.yearly_cutoff", on=due_on)
    first, last = _cutoff_day(yearly.value["from"], year), _cutoff_day(yearly.value["to"], year)
    steps = [
        _step(
            _("Số liệu báo cáo năm tính từ %(first)s đến hết %(last)s.")
            % {"first": format_date(first), "last": format_date(last)},
            yearly,
            first,
        )
    ]
    if last >= due_on:
        early = statute("reports.early_cutoff", on=due_on)
        month = add_months(due_on.replace(day=1), -early.value["months_back"])
        last = last_day_of_month(month.year, month.month)
        text = _(
            "Hạn gửi %(due)s đến trước ngày chốt: số liệu thực hiện tính đến hết %(last)s, "
            "phần còn lại của năm ghi ước cả năm."
        )
        steps.append(
            _step(text % {"due": format_date(due_on), "last": format_date(last)}, early, last)
        )
    before = (
        ReportingPeriod.objects.filter(plan=plan.id, kind=PeriodKind.YEARLY, year__lt=year)
        .order_by("-year")
        .first()
    )
    if before is not None and first != before.data_to <= last:
        first = before.data_to
        text = _("Tính tiếp từ ngày sau kỳ báo cáo năm %(year)s, để không ngày nào bị bỏ sót.")
        steps.append(_own_step(text % {"year": before.year}, first))
    elif first < plan.first_day <= last:
        first = plan.first_day
        steps.append(
            _own_step(_("Kế hoạch bắt đầu từ %(day)s.") % {"day": format_date(first)}, first)
        )
    return first, last + ONE_DAY, steps


def _cutoff_day(value: dict[str, int], year: int) -> date:
    return date(year - value["years_back"], value["month"], value["day"])


def _step(text: str, rule: Statute, day: date) -> dict[str, Any]:
    return {"text": text, "rule": rule.code, "source": rule.citation, "day": day.isoformat()}


def _own_step(text: str, day: date) -> dict[str, Any]:
    return {"text": text, "rule": "", "source": "", "day": day.isoformat()}
