"""First texts of a consolidated report: sentences with its numbers, for the department to rework."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from chuan.flows.annual_report.models import ReportingPeriod
from chuan.flows.annual_report.queries.bodies import body
from chuan.flows.annual_report.queries.days import last_data_day
from chuan.flows.annual_report.queries.rollup import Content, Part, merged_section, share
from chuan.lib.language import format_percent
from chuan.lib.vietnamese import format_date, format_number
from chuan.modules.plans import facade as plans


def first_texts(
    period: ReportingPeriod, snapshot: Content, parts: Sequence[Part]
) -> dict[str, str]:
    """Every text of a consolidation as the system would write it."""
    included = [part for part in parts if part.is_included]
    return {
        "opening": opening(period),
        "overall": overall(period, snapshot),
        "difficulties": merged_section(included, "difficulties"),
        "proposals": merged_section(included, "proposals"),
        "next_year": merged_section(included, "next_year"),
    }


def opening(period: ReportingPeriod) -> str:
    """What the report rests on, and what it is about to say."""
    plan = plans.plan(period.plan_id)
    return _(
        "Thực hiện %(decision)s, %(department)s tổng hợp, báo cáo kết quả thực hiện %(period)s "
        "như sau:"
    ) % {
        "decision": decision_in_full(plan),
        "department": body(period.managed_by_id, on=period.due_on).name,
        "period": period.phrase,
    }


def decision_in_full(plan: plans.PlanRef) -> str:
    """`Quyết định số 1029/QĐ-UBND ngày 25/3/2025 của …` as a report cites it the first time."""
    if plan.issued_on is None:
        return _("%(symbol)s của %(issuer)s") % {
            "symbol": plan.symbol,
            "issuer": plan.issuer_name,
        }
    return _("Quyết định số %(symbol)s ngày %(day)s của %(issuer)s") % {
        "symbol": plan.symbol,
        "day": f"{plan.issued_on.day}/{plan.issued_on.month}/{plan.issued_on.year}",
        "issuer": plan.issuer_name,
    }


def overall(period: ReportingPeriod, snapshot: Content) -> str:
    """Coverage, punctuality and results in three short paragraphs."""
    return "\n".join(
        line
        for line in (
            _coverage(period, snapshot),
            _achievement(period, snapshot),
            _timeliness(period, snapshot),
        )
        if line
    )


def _coverage(period: ReportingPeriod, snapshot: Content) -> str:
    counts = snapshot["coverage"]
    sentence = _(
        "Tính đến hết ngày %(day)s, %(included)s/%(expected)s cơ quan, đơn vị, địa phương có báo cáo "
        "được tổng hợp (%(share)s)"
    ) % {
        # Reports come in long after the data end: the sentence is of the day it was counted on.
        "day": format_date(date.fromisoformat(snapshot["counted_on"])),
        "included": format_number(counts["included"]),
        "expected": format_number(counts["expected"]),
        "share": percent(counts["included"], counts["expected"]),
    }
    by_group = "; ".join(
        f"{group['title']} {format_number(group['included'])}/{format_number(group['expected'])}"
        for group in counts["groups"]
    )
    on_time = sum(1 for row in snapshot["reports"] if row["is_included"] and row["is_on_time"])
    late = counts["included"] - on_time
    end = _(
        "Trong các báo cáo được tổng hợp có %(on_time)s báo cáo gửi đúng hạn, %(late)s báo cáo gửi "
        "sau hạn."
    ) % {"on_time": format_number(on_time), "late": format_number(late)}
    grouped = _("trong đó: %(groups)s") % {"groups": by_group}
    return f"{sentence}, {grouped}. {end}"


def _achievement(period: ReportingPeriod, snapshot: Content) -> str:
    counts, total = snapshot["achievement"], _lead_total(snapshot)
    if not total:
        return ""
    named = [
        f"{format_number(counts[kind.value])} {str(kind.label).lower()}"
        for kind in reversed(plans.Achievement)
        if counts.get(kind.value)
    ]
    unjudged = total - sum(counts.values())
    if unjudged:
        named.append(_("%(count)s chưa đánh giá") % {"count": format_number(unjudged)})
    return _(
        "Tính đến hết ngày %(day)s, trong %(total)s lượt nhiệm vụ chủ trì của các cơ quan, đơn vị có "
        "báo cáo được tổng hợp, mức đạt do đơn vị tự đánh giá: %(named)s."
    ) % {
        "day": format_date(last_data_day(period)),
        "total": format_number(total),
        "named": ", ".join(named),
    }


def _lead_total(snapshot: Content) -> int:
    return sum(task["lead_count"] for task in snapshot["tasks"])


def _timeliness(period: ReportingPeriod, snapshot: Content) -> str:
    counts = snapshot["timeliness"]
    if not sum(counts.values()):
        return ""
    named = ", ".join(
        f"{format_number(counts[kind.value])} {str(kind.label).lower()}"
        for kind in plans.Timeliness
        if counts.get(kind.value)
    )
    return _("Theo thời hạn được giao, cũng tính đến hết ngày %(day)s: %(named)s.") % {
        "day": format_date(last_data_day(period)),
        "named": named,
    }


def percent(part: int, whole: int) -> str:
    """86,8%; a dash of nothing."""
    value = share(part, whole)
    return "–" if value is None else format_percent(Decimal(value))
