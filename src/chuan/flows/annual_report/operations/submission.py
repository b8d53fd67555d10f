"""The unit's head: signing and sending, or handing back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.enums import Role
from chuan.core.people.models import Delegation, Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import ReportState, StepKind
from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.operations import telling
from chuan.flows.annual_report.operations.entry import NotFinished
from chuan.flows.annual_report.operations.locks import (
    day_of,
    locked_report,
    note_step,
    require_unchanged,
)
from chuan.flows.annual_report.queries.entry import Fault
from chuan.flows.annual_report.queries.reports import missing_from
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean


@transaction.atomic
def make_ready(*, actor: Person, report: UnitReport, at: datetime) -> UnitReport:
    """The clerk lays the finished report before the head.

    :raises NotFinished: something is still missing; `faults` lists all of it.
    :raises Denied: not a clerk of the body, or the report is not being written.
    """
    report = locked_report(report)
    rules.enter_report.require(actor, report, on=day_of(at))
    _require_complete(report, at)
    if report.ready_at is not None:
        raise Denied(_("Báo cáo đã được trình thủ trưởng."))
    report.ready_by, report.ready_at = actor, at
    report.updated_at = at
    report.save(update_fields=["ready_by", "ready_at", "updated_at"])
    note_step(report, StepKind.MADE_READY, actor, at)
    record(action="annual_report.report_made_ready", actor=actor, subject=report)
    telling.tell_heads_to_sign(report, at)
    return report


@transaction.atomic
def give_back(*, actor: Person, report: UnitReport, note: str, at: datetime) -> UnitReport:
    """The head will not sign yet, and tells the clerk why.

    :raises Denied: not the head, the report is not waiting for a signature, or no reason.
    """
    report = locked_report(report)
    rules.give_back_report.require(actor, report)
    note = clean(note)
    if not note:
        raise Denied(_("Ghi điều cần sửa để cán bộ biết."))
    report.ready_by = report.ready_at = None
    report.updated_at = at
    report.save(update_fields=["ready_by", "ready_at", "updated_at"])
    note_step(report, StepKind.GIVEN_BACK, actor, at, note=note)
    record(action="annual_report.report_given_back", actor=actor, subject=report, note=note)
    telling.tell_clerks_given_back(report, note, at)
    return report


@transaction.atomic
def submit_report(*, actor: Person, report: UnitReport, revision: int, at: datetime) -> UnitReport:
    """Sign and send. What is sent is what the head read: `revision` is that of the page they saw.

    A substitute signs in the form of the delegation (KT., TUQ.…), which is kept with the report.

    :raises Conflict: the content changed since the head opened it.
    :raises NotFinished: something is missing; `faults` lists all of it.
    :raises Denied: not the head or a substitute, an author of the report, or a closed period.
    """
    report = locked_report(report)
    rules.submit_report.require(actor, report, on=day_of(at))
    require_unchanged(report, "revision", revision)
    _require_complete(report, at)
    was_returned = report.state == ReportState.RETURNED
    report.state = ReportState.SUBMITTED
    report.submitted_by, report.submitted_at = actor, at
    report.first_submitted_at = report.first_submitted_at or at
    report.signing_form = _signing_form(actor, report)
    report.ready_by = report.ready_at = None
    report.revision += 1
    report.updated_at = at
    report.save()
    note_step(report, StepKind.SUBMITTED, actor, at, signing_form=report.signing_form)
    record(
        action="annual_report.report_submitted",
        actor=actor,
        subject=report,
        signing_form=report.signing_form,
        entered_by=report.entered_by_id,
        again=was_returned,
    )
    telling.tell_department_submitted(report, at)
    return report


@transaction.atomic
def withdraw_submission(
    *, actor: Person, report: UnitReport, note: str, at: datetime
) -> UnitReport:
    """Take a report back to mend it, before the department has accepted it.

    Sent for the first time and taken back, it counts as not sent; what the department had returned
    goes back to being returned.

    :raises Denied: not the head, or the report is accepted or not sent.
    """
    report = locked_report(report)
    rules.withdraw_submission.require(actor, report, on=day_of(at))
    if report.returned_at is not None:
        report.state = ReportState.RETURNED
    else:
        report.state = ReportState.DRAFT
        report.first_submitted_at = None
    report.submitted_by = report.submitted_at = None
    report.signing_form = ""
    report.revision += 1
    report.updated_at = at
    report.save()
    note_step(report, StepKind.WITHDRAWN, actor, at, note=clean(note))
    record(
        action="annual_report.submission_withdrawn", actor=actor, subject=report, note=clean(note)
    )
    return report


def _require_complete(report: UnitReport, at: datetime) -> None:
    if report.started_at is None:
        raise NotFinished([Fault(_("Báo cáo chưa được mở để nhập."))])
    missing = missing_from(report, on=day_of(at))
    if missing:
        raise NotFinished([Fault(one.text) for one in missing])


def _signing_form(actor: Person, report: UnitReport) -> str:
    """Empty for the head; the form of the delegation for a substitute (Decree 30/2020, Article 13).

    Who substitutes for more than one head signs by the delegation given first.
    """
    # A head of their own right comes first, as 0.
    delegation_id = min(
        grant.delegation_id or 0
        for grant in actor.grants()
        if grant.role == Role.UNIT_HEAD and grant.organisation_id == report.organisation_id
    )
    return Delegation.objects.get(pk=delegation_id).form if delegation_id else ""
