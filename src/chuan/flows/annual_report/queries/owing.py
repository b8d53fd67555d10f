"""Which bodies owe a report, and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.orgs.enums import OrgKind
from chuan.flows.annual_report.models import ReportingPeriod, UnitReport
from chuan.flows.annual_report.queries.bodies import bodies
from chuan.flows.annual_report.queries.days import days_reported
from chuan.lib.periods import Period
from chuan.lib.vietnamese import format_number
from chuan.modules.plans import facade as plans

# “Các sở, ban, ngành và UBND các huyện, thị xã, thành phố”: whom the clause on reports names. Of a
# district that was dissolved, the communes took its place.
NAMED_BY_THE_CLAUSE = frozenset(
    {OrgKind.PROVINCIAL, OrgKind.ARMED, OrgKind.DISTRICT, OrgKind.COMMUNE}
)


@dataclass(frozen=True, slots=True)
class Share:
    """What a body has in a period: tasks it leads and tasks it helps with."""

    leading: int
    coordinating: int


def bodies_owing(plan_id: int, during: int | Period) -> list[int]:
    """Ids of the bodies that owe a report on a year or on the days given, each once.

    Who leads a task owes one, whatever it is. Of those that only help, departments and committees
    do: the decision (1029/QĐ-UBND, part IV, point 1) has “các sở, ban, ngành và UBND các huyện, thị
    xã, thành phố” report on the tasks given to them, in either role. The press, schools, service
    units and associations are named in point 4 only, which has them raise difficulties: helping
    alone, they owe no report.
    """
    leading = set(plans.bodies_owing(plan_id, during, roles=[plans.PartyRole.LEAD]))
    helping = set(plans.bodies_owing(plan_id, during)) - leading
    found = bodies(helping, on=timezone.localdate())
    named = {pk for pk, one in found.items() if one.kind in NAMED_BY_THE_CLAUSE}
    return sorted(leading | named)


def why_owed(report: UnitReport) -> str:
    """One sentence for the page: why this body owes this report."""
    period: ReportingPeriod = report.period
    share = _share_of(report)
    if not share.leading and not share.coordinating:
        return _("Cơ quan không còn nhiệm vụ nào trong kỳ; đề nghị cơ quan tổng hợp loại trừ.")
    parts = []
    if share.leading:
        parts.append(
            ngettext("chủ trì %(count)s nhiệm vụ", "chủ trì %(count)s nhiệm vụ", share.leading)
            % {"count": format_number(share.leading)}
        )
    if share.coordinating:
        parts.append(
            ngettext(
                "phối hợp %(count)s nhiệm vụ", "phối hợp %(count)s nhiệm vụ", share.coordinating
            )
            % {"count": format_number(share.coordinating)}
        )
    return _(
        "Trong kỳ báo cáo %(period)s, cơ quan %(share)s theo %(decision)s nên phải gửi báo cáo."
    ) % {
        "period": period.phrase,
        "share": parts[0]
        if len(parts) == 1
        else _("%(leading)s và %(coordinating)s") % {"leading": parts[0], "coordinating": parts[1]},
        "decision": plans.plan(period.plan_id).symbol,
    }


def _share_of(report: UnitReport) -> Share:
    period = report.period
    roles = [
        one.role
        for one in plans.assignments_of(
            period.plan_id, report.organisation_id, days_reported(period)
        )
    ]
    leading = sum(role == plans.PartyRole.LEAD for role in roles)
    return Share(leading, len(roles) - leading)
