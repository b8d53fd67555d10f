"""The department's coordinators: reading what came, asking for more, accepting, leaving out."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import ReportState, StepKind
from chuan.flows.annual_report.models import (
    ReportItem,
    ReportSnapshot,
    ReturnComment,
    UnitReport,
)
from chuan.flows.annual_report.operations import telling
from chuan.flows.annual_report.operations.consolidation import take_out_of_draft
from chuan.flows.annual_report.operations.locks import (
    day_of,
    locked_period,
    locked_report,
    note_step,
    require_unchanged,
)
from chuan.flows.annual_report.queries.mending import parts_of_report
from chuan.flows.annual_report.queries.snapshots import freeze
from chuan.lib.language import in_vietnamese
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean


@in_vietnamese
def _being_mended() -> str:
    return _("Đang chỉnh lý")


@transaction.atomic
def comment_on_report(
    *,
    actor: Person,
    report: UnitReport,
    text: str,
    at: datetime,
    item: ReportItem | None = None,
    field: str = "",
) -> ReturnComment:
    """Note what has to be mended, at a field, an item or the whole; the unit sees it on return.

    :raises Denied: not a coordinator of the department, the report was not sent, or no text.
    """
    report = locked_report(report)
    rules.comment_on_report.require(actor, report)
    text = clean(text)
    if not text:
        raise Denied(_("Viết điều cần chỉnh lý."))
    if item is not None and item.report_id != report.pk:
        raise Denied(_("Mục này thuộc một báo cáo khác."))
    comment = ReturnComment.objects.create(
        report=report, item=item, field=field, text=text, made_by=actor, made_at=at
    )
    record(
        action="annual_report.comment_made",
        actor=actor,
        subject=report,
        comment=comment.pk,
        item=item.pk if item else None,
        field=field,
    )
    return comment


@transaction.atomic
def remove_comment(*, actor: Person, comment: ReturnComment, at: datetime) -> None:
    """Take back a comment that has not been sent to the unit yet.

    :raises Denied: not a coordinator of the department, or the unit has it already.
    """
    report = locked_report(comment.report)
    rules.comment_on_report.require(actor, report)
    if comment.sent_at is not None:
        raise Denied(_("Ý kiến đã gửi cho đơn vị nên không xóa được."))
    record(
        action="annual_report.comment_removed",
        actor=actor,
        subject=report,
        comment=comment.pk,
        text=comment.text,
    )
    comment.delete()


@transaction.atomic
def return_report(
    *, actor: Person, report: UnitReport, due_on: date, note: str, at: datetime
) -> UnitReport:
    """Send a report back to be mended, with comments at the fields and a new last day.

    One that stands in a draft consolidation leaves it. A closed consolidation keeps the content it
    was closed with: the correction goes into the next one.

    :raises Denied: not a coordinator, nothing said, a day in the past, or a state that forbids it.
    """
    locked_period(report.period)
    report = locked_report(report)
    rules.have_it_mended.require(actor, report)
    if due_on < day_of(at):
        raise Denied(_("Hạn chỉnh lý phải từ hôm nay trở đi."))
    unsent = report.comments.filter(sent_at__isnull=True)
    count = unsent.update(sent_at=at)
    if not count:
        raise Denied(_("Ghi ít nhất một ý kiến ở chỗ cần chỉnh lý trước khi trả lại."))
    was = ReportState(report.state)
    report.state = ReportState.RETURNED
    report.returned_at, report.returned_due_on = at, due_on
    report.accepted = report.accepted_by = report.accepted_at = None
    # The signature was on what is now mended; the steps keep who gave it, and in which form.
    report.submitted_by = report.submitted_at = None
    report.signing_form = ""
    report.revision += 1
    report.updated_at = at
    report.save()
    # One closed before may stand in the draft of a correction too.
    if was in {ReportState.CONSOLIDATED, ReportState.CLOSED}:
        take_out_of_draft(report, reason=_being_mended(), actor=actor, at=at)
    note_step(
        report,
        StepKind.RETURNED,
        actor,
        at,
        note=clean(note),
        due_on=due_on,
        parts=parts_of_report(report),
    )
    record(
        action="annual_report.report_returned",
        actor=actor,
        subject=report,
        state_before=was.value,
        comments=count,
        due_on=due_on.isoformat(),
        note=clean(note),
    )
    telling.tell_unit_returned(report, count, at)
    return report


@transaction.atomic
def accept_report(*, actor: Person, report: UnitReport, revision: int, at: datetime) -> UnitReport:
    """Accept a report: its content is frozen with its SHA-256 and is what consolidation adds up.

    :raises Conflict: the content changed since the coordinator opened it.
    :raises Denied: not a coordinator, the report was not sent, comments wait to be sent, or the
        coordinator had a hand in it.
    """
    report = locked_report(report)
    rules.accept_report.require(actor, report)
    require_unchanged(report, "revision", revision)
    unsent = report.comments.filter(sent_at__isnull=True).count()
    if unsent:
        raise Denied(
            _("Còn %(count)s ý kiến chưa gửi. Trả lại báo cáo, hoặc xóa ý kiến, rồi mới duyệt.")
            % {"count": unsent}
        )
    frozen = freeze(report)
    report.accepted = ReportSnapshot.objects.create(
        report=report,
        number=report.snapshots.count() + 1,
        content=frozen.content,
        sha256=frozen.sha256,
        rows=frozen.rows,
        made_by=actor,
        made_at=at,
    )
    report.state = ReportState.ACCEPTED
    report.accepted_by, report.accepted_at = actor, at
    report.revision += 1
    report.updated_at = at
    report.save()
    note_step(report, StepKind.ACCEPTED, actor, at)
    record(
        action="annual_report.report_accepted",
        actor=actor,
        subject=report,
        sha256=frozen.sha256,
        number=report.accepted.number,
    )
    telling.tell_unit_accepted(report, at)
    return report


@transaction.atomic
def exclude_report(*, actor: Person, report: UnitReport, reason: str, at: datetime) -> UnitReport:
    """Leave a report, or a body that sent none, out of consolidation, and say why.

    :raises Denied: not a coordinator, no reason, or the report is in a closed consolidation.
    """
    locked_period(report.period)
    report = locked_report(report)
    rules.exclude_report.require(actor, report)
    reason = clean(reason)
    if not reason:
        raise Denied(_("Ghi lý do loại trừ."))
    was = ReportState(report.state)
    # Out of the draft consolidation, it stands where acceptance had put it.
    report.excluded_from = ReportState.ACCEPTED if was == ReportState.CONSOLIDATED else was
    report.state = ReportState.EXCLUDED
    report.excluded_reason, report.excluded_by = reason, actor
    report.revision += 1
    report.updated_at = at
    report.save()
    if was == ReportState.CONSOLIDATED:
        take_out_of_draft(report, reason=reason, actor=actor, at=at)
    note_step(report, StepKind.EXCLUDED, actor, at, note=reason)
    record(
        action="annual_report.report_excluded",
        actor=actor,
        subject=report,
        state_before=was.value,
        reason=reason,
    )
    telling.tell_unit_excluded(report, at)
    return report


@transaction.atomic
def readmit_report(*, actor: Person, report: UnitReport, at: datetime) -> UnitReport:
    """Put an excluded report back to where it stood.

    :raises Denied: not a coordinator, or the report is not excluded.
    """
    report = locked_report(report)
    rules.readmit_report.require(actor, report)
    reason = report.excluded_reason
    report.state = ReportState(report.excluded_from)
    report.excluded_from = report.excluded_reason = ""
    report.excluded_by = None
    report.revision += 1
    report.updated_at = at
    report.save()
    note_step(report, StepKind.READMITTED, actor, at)
    record(
        action="annual_report.report_readmitted",
        actor=actor,
        subject=report,
        state=report.state,
        reason_before=reason,
    )
    return report
