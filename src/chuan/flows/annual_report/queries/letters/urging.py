"""The letter that urges bodies whose reports are missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from chuan.core.calendar.enums import ExtensionState
from chuan.core.documents.layout.content import (
    Annex,
    Block,
    Column,
    ColumnKind,
    Document,
    IssueDate,
    Paragraph,
    Points,
    Row,
    Signature,
    Table,
)
from chuan.flows.annual_report.enums import ReportState, StepKind
from chuan.flows.annual_report.models import (
    ReportExtension,
    ReportingPeriod,
    ReportStep,
    UnitReport,
)
from chuan.flows.annual_report.queries.bodies import Body, bodies, body
from chuan.flows.annual_report.queries.days import due_now
from chuan.flows.annual_report.queries.letters.consolidated import ADDRESSED_BY_NAME
from chuan.flows.annual_report.queries.texts import decision_in_full
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans


@in_vietnamese
def urging_letter(
    period: ReportingPeriod, reports: Sequence[UnitReport], *, dated: date
) -> Document:
    """An official letter to the bodies that have not reported: by name, or by a list in an annex."""
    issuer = body(period.managed_by_id, on=dated)
    parent = body(issuer.parent_id, on=dated) if issuer.parent_id else None
    plan = plans.plan(period.plan_id)
    names = bodies([report.organisation_id for report in reports], on=period.due_on)
    addressed = sorted(
        (names[report.organisation_id] for report in reports), key=lambda one: one.order
    )
    mended = {one.organisation_id for one in reports if one.state == ReportState.RETURNED}
    granted = {
        one.organisation_id: due_now(one)
        for one in reports
        if one.extended_due_on is not None and one.state != ReportState.RETURNED
    }
    is_many = len(addressed) > ADDRESSED_BY_NAME
    return Document(
        kind="CV",
        issuer=issuer.name,
        issuer_parent=parent.short_name if parent else "",
        notation=issuer.notation,
        place=issuer.seat or "…",
        dated=IssueDate(dated.year, dated.month),
        subject=_("đôn đốc gửi báo cáo kết quả thực hiện %(period)s") % {"period": period.phrase},
        addressees=(_("Các cơ quan, đơn vị, địa phương (theo danh sách kèm theo)"),)
        if is_many
        else tuple(one.name for one in addressed),
        body=tuple(
            _urging_body(
                period,
                plan,
                issuer.name,
                dated,
                is_many=is_many,
                has_returned=bool(mended),
                granted=[] if is_many else [(one, granted.get(one.id)) for one in addressed],
            )
        ),
        annexes=(_urged_annex(addressed, mended, granted),) if is_many else (),
        signature=Signature(positions=(issuer.head_position or _("Thủ trưởng"),)),
        recipients=(_("%(province)s (để báo cáo)") % {"province": parent.name},) if parent else (),
        archive="VT",
    )


def as_they_stood(reports: Iterable[UnitReport], at: datetime) -> list[UnitReport]:
    """The reports that were urged, still waited for or returned as on that moment and with the time
    granted by then: what came since changes nothing in a letter already written. Not to be saved."""
    stood = list(reports)
    last = dict(
        ReportStep.objects.filter(report__in=stood, made_at__lte=at, kind__in=_MOVES)
        .order_by("made_at", "pk")
        .values_list("report", "kind")
    )
    granted = dict(
        ReportExtension.objects.filter(
            report__in=stood, state=ExtensionState.GRANTED, closed_at__lte=at
        )
        .order_by("closed_at", "pk")
        .values_list("report", "granted_due_on")
    )
    for report in stood:
        report.extended_due_on = granted.get(report.pk)
        is_returned = last.get(report.pk) == StepKind.RETURNED
        report.state = ReportState.RETURNED if is_returned else ReportState.DRAFT
    return stood


# What brings a report to another state among those that are urged.
_MOVES = (StepKind.OPENED, StepKind.SUBMITTED, StepKind.WITHDRAWN, StepKind.RETURNED)


def _urging_body(
    period: ReportingPeriod,
    plan: plans.PlanRef,
    issuer: str,
    dated: date,
    *,
    is_many: bool,
    has_returned: bool,
    granted: Sequence[tuple[Body, date | None]],
) -> Iterable[Block]:
    yield Paragraph(
        _(
            "Thực hiện %(decision)s, các cơ quan, đơn vị, địa phương gửi báo cáo kết quả thực hiện "
            "%(period)s về %(issuer)s chậm nhất hết ngày %(due)s."
        )
        % {
            "decision": decision_in_full(plan),
            "period": period.phrase,
            "issuer": issuer,
            "due": format_date(period.due_on),
        }
    )
    for one, day in granted:
        if day is not None:
            yield Paragraph(
                _("Riêng %(body)s được gia hạn gửi báo cáo đến hết ngày %(day)s.")
                % {"body": one.name, "day": format_date(day)}
            )
    is_late = dated > period.due_on
    asked_for = _("báo cáo hoặc báo cáo đã chỉnh lý") if has_returned else _("báo cáo")
    whom = (
        _("các cơ quan, đơn vị, địa phương có tên trong danh sách kèm theo")
        if is_many
        else _("quý cơ quan")
    )
    yield Paragraph(
        (
            _(
                "Đến ngày %(day)s, %(issuer)s chưa nhận được %(what)s của %(whom)s. Để kịp tổng hợp, "
                "báo cáo Ủy ban nhân dân tỉnh và Bộ Khoa học và Công nghệ, %(issuer)s đề nghị:"
            )
            if is_late
            else _(
                "Thời hạn gửi báo cáo sắp hết. Đến ngày %(day)s, %(issuer)s chưa nhận được %(what)s "
                "của %(whom)s. Để kịp tổng hợp, %(issuer)s đề nghị:"
            )
        )
        % {"day": format_date(dated), "issuer": issuer, "whom": whom, "what": asked_for}
    )
    asked = [
        _("Khẩn trương hoàn thành và gửi báo cáo trên hệ thống; thủ trưởng cơ quan ký gửi."),
        _("Nêu rõ nhiệm vụ chưa thực hiện hoặc chậm tiến độ, nguyên nhân và thời gian hoàn thành."),
        _("Nêu khó khăn, vướng mắc cần hướng dẫn hoặc cần trình cấp có thẩm quyền xem xét."),
    ]
    yield Points(tuple(asked))
    if is_late:
        yield Paragraph(
            _(
                "Cơ quan, đơn vị, địa phương không gửi báo cáo được ghi vào danh sách chưa báo cáo "
                "kèm theo báo cáo tổng hợp."
            )
        )
    yield Paragraph(_("%(issuer)s đề nghị quan tâm phối hợp thực hiện.") % {"issuer": issuer})


def _urged_annex(
    addressed: Sequence[Body], mended: Collection[int], granted: Mapping[int, date]
) -> Annex:
    rows: list[Row] = []
    group = ""
    for number, one in enumerate(addressed, start=1):
        if one.group[1] != group:
            group = one.group[1]
            rows.append(Row.group(group))
        note = _("Đang chỉnh lý") if one.id in mended else _("Chưa gửi")
        if one.id in granted:
            note = _("Chưa gửi, được gia hạn đến hết ngày %(day)s") % {
                "day": format_date(granted[one.id])
            }
        rows.append(Row.of(number, one.name, note))
    return Annex(
        _("Danh sách cơ quan, đơn vị, địa phương chưa gửi báo cáo")
        if not mended
        else _("Danh sách cơ quan, đơn vị, địa phương chưa gửi hoặc đang chỉnh lý báo cáo"),
        (
            Table(
                columns=(
                    Column(_("TT"), 0.6, ColumnKind.ORDINAL),
                    Column(_("Cơ quan, đơn vị, địa phương"), 4),
                    Column(_("Ghi chú"), 2),
                ),
                rows=tuple(rows),
            ),
        ),
    )
