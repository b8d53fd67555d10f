"""Which report takes up progress that is told today."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from chuan.core.legal.queries import NoStatutoryValue
from chuan.flows.annual_report.enums import OPEN_FOR_ENTRY, PeriodKind
from chuan.flows.annual_report.models import ReportingPeriod, UnitReport
from chuan.flows.annual_report.queries.days import last_data_day, proposed_days
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans


def where_told_goes(plan_id: int, organisation_id: int, on: date) -> str:
    """A sentence for whoever tells progress on a day: the report it goes into, or that it is too late
    for one and goes into the next.

    Every day belongs to a year's report; to a report on other days only where one was called for,
    and then that is said beside it.
    """
    now = ReportingPeriod.objects.filter(plan=plan_id, data_from__lte=on, data_to__gt=on)
    yearly, others = None, []
    for period in now.order_by("data_to", "pk"):
        if period.is_yearly:
            yearly = period
        else:
            others.append(period)
    said = _into(yearly, organisation_id) if yearly else _without_period(plan_id, on)
    if others:
        also = ", ".join(period.phrase for period in others)
        said += " " + _("Nội dung này cũng thuộc kỳ báo cáo %(periods)s.") % {"periods": also}
    return said


def _without_period(plan_id: int, on: date) -> str:
    """Where no year's period that was opened has the day."""
    periods = ReportingPeriod.objects.filter(plan=plan_id, kind=PeriodKind.YEARLY)
    before = periods.filter(data_to__lte=on).order_by("-data_to").first()
    if before is not None:
        return _(
            "Đã qua ngày chốt số liệu %(last)s của báo cáo năm %(year)s: nội dung ghi hôm nay không "
            "vào báo cáo đó mà vào báo cáo năm %(next)s."
        ) % {
            "last": format_date(last_data_day(before)),
            "year": before.year,
            "next": before.year + 1,
        }
    return _("Nội dung ghi hôm nay được đưa sẵn vào báo cáo năm %(year)s.") % {
        "year": _year_not_opened(plan_id, on)
    }


def _into(period: ReportingPeriod, organisation_id: int) -> str:
    words = {"year": period.year, "last": format_date(last_data_day(period))}
    report = UnitReport.objects.filter(period=period, organisation=organisation_id).first()
    if report is not None and report.state not in OPEN_FOR_ENTRY:
        return (
            _(
                "Báo cáo năm %(year)s của cơ quan đã gửi nên không tự lấy nội dung ghi hôm nay; muốn đưa "
                "vào, rút lại hoặc đề nghị trả lại báo cáo rồi đồng bộ."
            )
            % words
        )
    if report is not None and report.started_at is not None:
        return (
            _(
                "Nội dung ghi hôm nay vào báo cáo năm %(year)s (số liệu đến hết %(last)s) khi bấm “Đồng bộ "
                "từ hệ thống” ở trang báo cáo."
            )
            % words
        )
    return (
        _("Nội dung ghi hôm nay được đưa sẵn vào báo cáo năm %(year)s (số liệu đến hết %(last)s).")
        % words
    )


def _year_not_opened(plan_id: int, on: date) -> int:
    """The year whose data the day belongs to, as the rules would have it."""
    try:
        days = proposed_days(plans.plan(plan_id), on.year)
    except NoStatutoryValue:
        return on.year
    return on.year if on < days.data_to else on.year + 1
