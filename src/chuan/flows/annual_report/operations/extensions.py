"""More time to send a report: asked for by its head, decided by the department."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.operations import check_extension_asked, close_extension
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import ReportExtension, UnitReport
from chuan.flows.annual_report.operations import telling
from chuan.flows.annual_report.operations.locks import day_of, locked_report, require_unchanged


@transaction.atomic
def ask_for_more_time(
    *, actor: Person, report: UnitReport, reason: str, proposed_due_on: date, at: datetime
) -> ReportExtension:
    """Ask for more time. Asked by the due day, it stops the clock until somebody decides.

    :raises Denied: not the head of the body, or the report was sent.
    :raises ValidationError: by field: no reason, a day that gives no more time; or one waits already.
    """
    report = locked_report(report)
    rules.ask_for_more_time.require(actor, report)
    due_on = report.last_day_on_time
    check_extension_asked(reason=reason, proposed_due_on=proposed_due_on, due_on=due_on)
    if report.extensions.filter(state=ExtensionState.WAITING).exists():
        raise ValidationError(_("Báo cáo này đang có đề nghị gia hạn chờ quyết định."))
    extension = ReportExtension.objects.create(
        report=report,
        reason=reason,
        due_on_before=due_on,
        proposed_due_on=proposed_due_on,
        asked_by=actor,
        asked_at=at,
    )
    if day_of(at) <= due_on:
        _pause(report, at, is_paused=True)
    record(
        action="annual_report.extension_asked",
        actor=actor,
        subject=extension,
        report=report.pk,
        due_on=due_on.isoformat(),
        proposed_due_on=proposed_due_on.isoformat(),
    )
    telling.tell_extension_asked(extension, at)
    return extension


@transaction.atomic
def grant_more_time(
    *,
    actor: Person,
    extension: ReportExtension,
    version: int,
    due_on: date,
    basis: str,
    at: datetime,
) -> ReportExtension:
    """Give a body more time: until that day its report is on time, and open past the lock.

    :raises Denied: not of the department, who asked, or decided already.
    :raises Conflict: somebody dealt with it since that version.
    :raises ValidationError: by field: no basis, a day that gives no more time.
    """
    extension = _locked(extension, version)
    rules.decide_extension.require(actor, extension)
    close_extension(
        extension, ExtensionState.GRANTED, by=actor, at=at, answer=basis, granted_due_on=due_on
    )
    report = extension.report
    report.extended_due_on, report.is_paused, report.updated_at = due_on, False, at
    report.save(update_fields=["extended_due_on", "is_paused", "updated_at"])
    record(
        action="annual_report.extension_granted",
        actor=actor,
        subject=extension,
        report=report.pk,
        before=extension.due_on_before.isoformat(),
        after=due_on.isoformat(),
        basis=basis,
    )
    telling.tell_extension_decided(extension, at)
    return extension


@transaction.atomic
def refuse_more_time(
    *, actor: Person, extension: ReportExtension, version: int, reason: str, at: datetime
) -> ReportExtension:
    """Refuse it: the day counts as it stood, and the clock runs on.

    :raises Denied: as for `grant_more_time`.
    :raises Conflict: somebody dealt with it since that version.
    :raises ValidationError: no reason is given.
    """
    extension = _locked(extension, version)
    rules.decide_extension.require(actor, extension)
    return _close(extension, ExtensionState.REFUSED, actor, reason, at)


@transaction.atomic
def withdraw_extension(
    *, actor: Person, extension: ReportExtension, version: int, reason: str, at: datetime
) -> ReportExtension:
    """Take back what was asked for; the clock runs on.

    :raises Denied: not the head of the body that asked, or decided already.
    :raises Conflict: somebody dealt with it since that version.
    :raises ValidationError: no reason is given.
    """
    extension = _locked(extension, version)
    rules.withdraw_extension.require(actor, extension)
    return _close(extension, ExtensionState.WITHDRAWN, actor, reason, at)


def _close(
    extension: ReportExtension, state: ExtensionState, actor: Person, reason: str, at: datetime
) -> ReportExtension:
    close_extension(extension, state, by=actor, at=at, answer=reason)
    _pause(extension.report, at, is_paused=False)
    record(
        action=f"annual_report.extension_{state}",
        actor=actor,
        subject=extension,
        reason=reason,
    )
    telling.tell_extension_decided(extension, at)
    return extension


def _pause(report: UnitReport, at: datetime, *, is_paused: bool) -> None:
    if report.is_paused != is_paused:
        report.is_paused, report.updated_at = is_paused, at
        report.save(update_fields=["is_paused", "updated_at"])


def _locked(extension: ReportExtension, version: int) -> ReportExtension:
    report = locked_report(extension.report)
    found = ReportExtension.objects.select_for_update(of=("self",)).get(pk=extension.pk)
    found.report = report
    require_unchanged(found, "version", version)
    return found
