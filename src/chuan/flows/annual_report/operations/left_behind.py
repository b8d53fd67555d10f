"""What bodies that are no more left open, decided for several reports at once; and taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.orgs.queries.heirs import EndedBody, ended_bodies
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import LeftFate
from chuan.flows.annual_report.models import ReportingPeriod, UnitReport
from chuan.flows.annual_report.operations import telling
from chuan.flows.annual_report.operations.locks import day_of, locked_period
from chuan.flows.annual_report.operations.review import exclude_report, readmit_report
from chuan.flows.annual_report.queries.left_behind import reason_to_exclude
from chuan.lib.language import in_vietnamese
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean

_LONGEST = 500


@transaction.atomic
def exclude_left_reports(
    *,
    actor: Person,
    period: ReportingPeriod,
    seen: Mapping[int, int],
    fate: LeftFate,
    reason: str,
    basis: str,
    at: datetime,
) -> list[UnitReport]:
    """Leave these out of consolidation for one reason, all of them or none.

    Handed on, the bodies that took over are told that what was left is theirs to report.

    :param seen: the revision of each report by id, as whoever decides has seen it.
    :raises Denied: not a coordinator; nothing chosen, no reason or basis; one of them changed since,
        is decided already, its body goes on, or nobody took over what is handed on.
    """
    locked_period(period)
    rules.change_period.require(actor, period)
    reason, basis = clean(reason).rstrip("."), clean(basis).rstrip(".")
    if not reason or not basis:
        raise Denied(_("Ghi lý do và căn cứ."))
    rows = _left(period, seen, at)
    for report, _body in rows:
        if report.revision != seen[report.pk]:
            raise Denied(_("Có báo cáo vừa thay đổi. Xem lại danh sách rồi xác nhận lần nữa."))
    if fate == LeftFate.HAND_ON and (alone := [body.name for _one, body in rows if not body.heirs]):
        raise Denied(
            _("Chưa ghi cơ quan tiếp nhận của %(names)s. Bỏ chọn, hoặc đóng các báo cáo này.")
            % {"names": ", ".join(alone)}
        )
    for report, body in rows:
        told = reason_told(body, fate, reason, basis)
        if len(told) > _LONGEST:
            raise Denied(_("Lý do dài quá %(most)d ký tự. Hãy viết ngắn lại.") % {"most": _LONGEST})
        exclude_report(actor=actor, report=report, reason=told, at=at)
        if fate == LeftFate.HAND_ON:
            telling.tell_heirs(report, body, at)
    return [report for report, _body in rows]


@transaction.atomic
def readmit_left_reports(
    *, actor: Person, period: ReportingPeriod, report_ids: Collection[int], at: datetime
) -> list[UnitReport]:
    """Put these back to where they stood; they wait for a decision again.

    :raises Denied: not a coordinator, nothing chosen, or one of them is not left out.
    """
    locked_period(period)
    rules.change_period.require(actor, period)
    return [
        readmit_report(actor=actor, report=report, at=at)
        for report, _body in _left(period, report_ids, at)
    ]


@in_vietnamese
def reason_told(body: EndedBody, fate: LeftFate, reason: str, basis: str) -> str:
    """What is written down, and printed, as the reason for one body."""
    words = _("%(reason)s. Căn cứ: %(basis)s.") % {"reason": reason, "basis": basis}
    return f"{reason_to_exclude(body)} {words}" if fate == LeftFate.HAND_ON else words


def _left(
    period: ReportingPeriod, report_ids: Collection[int], at: datetime
) -> list[tuple[UnitReport, EndedBody]]:
    rows = list(
        UnitReport.objects.filter(period=period, pk__in=report_ids)
        .select_related("period")
        .order_by("pk")
    )
    if not rows:
        raise Denied(_("Chọn ít nhất một báo cáo."))
    if len(rows) < len(report_ids):
        raise Denied(_("Có báo cáo vừa thay đổi. Xem lại danh sách rồi xác nhận lần nữa."))
    gone = ended_bodies([one.organisation_id for one in rows], day_of(at))
    if any(one.organisation_id not in gone for one in rows):
        raise Denied(_("Có cơ quan trong danh sách vẫn đang hoạt động."))
    return [(one, gone[one.organisation_id]) for one in rows]
