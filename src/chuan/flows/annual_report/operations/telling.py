"""Who hears about what: notices in the inbox of the people concerned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.calendar.enums import ExtensionState
from chuan.core.notices.operations import tell
from chuan.core.orgs.queries.heirs import EndedBody
from chuan.core.people.enums import Role
from chuan.core.people.models import Delegation, Membership, Person
from chuan.flows.annual_report.models import (
    Consolidation,
    ReportExtension,
    ReportingPeriod,
    UnitReport,
)
from chuan.flows.annual_report.operations.locks import day_of
from chuan.flows.annual_report.queries import bodies
from chuan.flows.annual_report.queries.days import due_now
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date

UNIT = (Role.UNIT_CLERK, Role.UNIT_HEAD)


@in_vietnamese
def tell_heads_to_sign(report: UnitReport, at: datetime) -> None:
    tell(
        _holders([report.organisation_id], [Role.UNIT_HEAD], at),
        dedupe_key=f"annual_report.ready:{report.pk}:{report.revision}",
        title=_("Chờ ký gửi: %(report)s") % {"report": report.period.title},
        body=_("%(name)s đã trình. Hạn gửi: hết ngày %(day)s.")
        % {"name": report.ready_by, "day": format_date(due_now(report))},
        url=reverse("annual_report:check", args=[report.pk]),
    )


@in_vietnamese
def tell_clerks_given_back(report: UnitReport, note: str, at: datetime) -> None:
    tell(
        _holders([report.organisation_id], [Role.UNIT_CLERK], at),
        dedupe_key=f"annual_report.given_back:{report.pk}:{at.isoformat()}",
        title=_("Thủ trưởng chuyển lại: %(report)s") % {"report": report.period.title},
        body=note,
        url=reverse("annual_report:show", args=[report.pk]),
    )


@in_vietnamese
def tell_department_submitted(report: UnitReport, at: datetime) -> None:
    name = bodies.body(report.organisation_id, on=report.period.due_on).name
    tell(
        _holders([report.period.managed_by_id], [Role.DEPARTMENT_COORDINATOR], at),
        dedupe_key=f"annual_report.submitted:{report.pk}:{report.revision}",
        title=_("%(name)s đã gửi %(report)s")
        % {"name": name, "report": report.period.title_in_text},
        body="",
        url=reverse("annual_report:review", args=[report.pk]),
    )


@in_vietnamese
def tell_extension_asked(extension: ReportExtension, at: datetime) -> None:
    report = extension.report
    name = bodies.body(report.organisation_id, on=report.period.due_on).name
    tell(
        _holders([report.period.managed_by_id], [Role.DEPARTMENT_COORDINATOR], at),
        dedupe_key=f"annual_report.extension_asked:{extension.pk}",
        title=_("%(name)s xin gia hạn gửi %(report)s")
        % {"name": name, "report": report.period.title_in_text},
        body=extension.reason,
        url=reverse("annual_report:extension", args=[extension.pk]),
    )


@in_vietnamese
def tell_extension_decided(extension: ReportExtension, at: datetime) -> None:
    """The body learns what was decided."""
    report = extension.report
    day = extension.granted_due_on
    title = {
        ExtensionState.GRANTED: _("Đã gia hạn gửi %(report)s đến %(day)s"),
        ExtensionState.REFUSED: _("Không đồng ý gia hạn gửi %(report)s"),
        ExtensionState.WITHDRAWN: _("Đề nghị gia hạn gửi %(report)s đã được rút"),
    }[ExtensionState(extension.state)]
    for role in (Role.UNIT_HEAD, Role.UNIT_CLERK):
        tell(
            _holders([report.organisation_id], [role], at),
            dedupe_key=f"annual_report.extension_{extension.state}:{extension.pk}:{role}",
            title=title
            % {"report": report.period.title_in_text, "day": format_date(day) if day else ""},
            body=extension.answer,
            url=reverse("annual_report:show", args=[report.pk]),
        )


@in_vietnamese
def tell_unit_returned(report: UnitReport, comment_count: int, at: datetime) -> None:
    assert report.returned_due_on is not None  # noqa: S101 - the caller has just set it
    tell(
        _holders([report.organisation_id], UNIT, at),
        dedupe_key=f"annual_report.returned:{report.pk}:{report.revision}",
        title=_("Yêu cầu chỉnh lý: %(report)s") % {"report": report.period.title},
        body=_("%(count)s ý kiến. Gửi lại chậm nhất hết ngày %(day)s.")
        % {"count": comment_count, "day": format_date(report.returned_due_on)},
        url=reverse("annual_report:show", args=[report.pk]),
        urgent=True,
    )


@in_vietnamese
def tell_unit_accepted(report: UnitReport, at: datetime) -> None:
    tell(
        _holders([report.organisation_id], UNIT, at),
        dedupe_key=f"annual_report.accepted:{report.pk}:{report.revision}",
        title=_("Đã duyệt: %(report)s") % {"report": report.period.title},
        body=_("Số liệu đã chốt và chờ tổng hợp."),
        url=reverse("annual_report:show", args=[report.pk]),
    )


@in_vietnamese
def tell_unit_excluded(report: UnitReport, at: datetime) -> None:
    tell(
        _holders([report.organisation_id], UNIT, at),
        dedupe_key=f"annual_report.excluded:{report.pk}:{report.revision}",
        title=_("Không đưa vào tổng hợp: %(report)s") % {"report": report.period.title},
        body=report.excluded_reason,
        url=reverse("annual_report:show", args=[report.pk]),
    )


@in_vietnamese
def tell_heirs(report: UnitReport, body: EndedBody, at: datetime) -> None:
    """Those that took over the duties of a body learn that what it left open is theirs to report."""
    heirs = [one.organisation_id for one in body.heirs]
    tell(
        _holders(heirs, UNIT, at),
        dedupe_key=f"annual_report.handed_on:{report.pk}:{report.revision}",
        title=_("%(report)s: báo cáo cả phần việc còn lại của %(name)s")
        % {"report": report.period.title, "name": body.name},
        body=report.excluded_reason,
        url=reverse("annual_report:list"),
    )


@in_vietnamese
def tell_units_urged(period: ReportingPeriod, reports: Iterable[UnitReport], at: datetime) -> int:
    """Everybody who can do something about a missing report, with the day that counts for their body;
    returns how many people were told."""
    due: dict[date, list[int]] = defaultdict(list)
    for report in reports:
        due[due_now(report)].append(report.organisation_id)
    return sum(
        tell(
            _holders(ids, UNIT, at),
            dedupe_key=f"annual_report.urged:{period.pk}:{day_of(at).isoformat()}",
            title=_("Đôn đốc gửi %(report)s") % {"report": period.title_in_text},
            body=_("Hạn gửi: hết ngày %(day)s.") % {"day": format_date(day)},
            url=reverse("annual_report:list"),
            urgent=True,
        )
        for day, ids in sorted(due.items())
    )


@in_vietnamese
def tell_coordinators_closed(consolidation: Consolidation, at: datetime) -> None:
    period = consolidation.period
    tell(
        _holders([period.managed_by_id], [Role.DEPARTMENT_COORDINATOR], at),
        dedupe_key=f"annual_report.closed:{consolidation.pk}",
        title=_("Đã chốt bản tổng hợp %(number)s: %(period)s")
        % {"number": consolidation.number, "period": period.title},
        body=_("Tạo văn bản gửi Ủy ban nhân dân tỉnh và Bộ Khoa học và Công nghệ."),
        url=reverse("annual_report:consolidation", args=[consolidation.pk]),
    )


@in_vietnamese
def tell_period_opened(
    period: ReportingPeriod, organisation_ids: Iterable[int], at: datetime
) -> None:
    ids = list(organisation_ids)
    tell(
        _holders(ids, UNIT, at),
        dedupe_key=f"annual_report.opened:{period.pk}",
        title=_("Đã mở %(period)s") % {"period": period.title_in_text},
        body=_("Gửi chậm nhất hết ngày %(day)s.") % {"day": format_date(period.due_on)},
        url=reverse("annual_report:list"),
    )


def _holders(organisation_ids: Iterable[int], roles: Collection[Role], at: datetime) -> set[Person]:
    """Who holds one of the roles in one of the bodies on the day, substitutes included; two queries."""
    ids, day = list(organisation_ids), day_of(at)
    members = Membership.objects.filter(
        organisation__in=ids, role__in=roles, valid__contains=day, person__is_active=True
    )
    substitutes = Delegation.objects.in_force(day).filter(
        membership__organisation__in=ids, membership__role__in=roles
    )
    return {one.person for one in members.select_related("person")} | {
        one.delegate for one in substitutes.select_related("delegate")
    }
