"""The unit's clerks writing their report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.indicators.registry import Unit
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import ReportSection, StepKind
from chuan.flows.annual_report.models import (
    ReportFigure,
    ReportItem,
    ReturnComment,
    UnitReport,
)
from chuan.flows.annual_report.operations.bringing_in import Synced, bring_in
from chuan.flows.annual_report.operations.locks import (
    day_of,
    locked_report,
    note_step,
    require_unchanged,
)
from chuan.flows.annual_report.queries.entry import (
    SECTION_FIELDS,
    Fault,
    Override,
    faults_of,
    faults_of_estimate,
    faults_of_override,
    faults_of_section,
    needed_sections,
)
from chuan.flows.annual_report.queries.reports import (
    assignments_behind,
)
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean
from chuan.modules.plans import facade as plans


class NotFinished(Denied):
    """An item or report cannot be called finished yet; `faults` says what is missing, all of it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(" ".join(fault.text for fault in faults))
        self.faults = faults


@transaction.atomic
def start_report(*, actor: Person, report: UnitReport, at: datetime) -> UnitReport:
    """Open a report for writing: one item for every assignment, figures and texts from the system.

    :raises Denied: not a clerk of the body, the period is not open, or it was started already.
    """
    report = locked_report(report)
    rules.enter_report.require(actor, report, on=day_of(at))
    if report.started_at is not None:
        raise Denied(_("Báo cáo này đã được mở để nhập."))
    report.started_by, report.started_at = actor, at
    synced = bring_in(report, at)
    report.revision += 1
    report.updated_at = at
    report.save()
    note_step(report, StepKind.STARTED, actor, at)
    record(
        action="annual_report.report_started",
        actor=actor,
        subject=report,
        items=synced.items_added,
        figures=synced.figures_changed,
    )
    return report


@transaction.atomic
def sync_report(*, actor: Person, report: UnitReport, at: datetime) -> Synced:
    """Bring in what the system has counted and recorded since.

    What a person wrote or overrode stays. Pressed twice, the second time changes nothing but the
    time of counting.

    :raises Denied: not a clerk of the body, or the report is not being written.
    """
    report = locked_report(report)
    rules.enter_report.require(actor, report, on=day_of(at))
    if report.started_at is None:
        raise Denied(_("Mở báo cáo để nhập trước khi đồng bộ số liệu."))
    synced = bring_in(report, at)
    if synced.is_change:
        report.revision += 1
        report.updated_at = at
        # What the head was asked to sign is no longer what the report says.
        report.ready_by = report.ready_at = None
    report.save()
    record(
        action="annual_report.report_synced",
        actor=actor,
        subject=report,
        items_added=synced.items_added,
        texts_refreshed=synced.texts_refreshed,
        figures_changed=synced.figures_changed,
    )
    return synced


@transaction.atomic
def save_item(
    *,
    actor: Person,
    item: ReportItem,
    version: int,
    narrative: str,
    outlook: str,
    achievement: str,
    percent: int | None,
    is_finished: bool,
    at: datetime,
    replies: Mapping[int, str] | None = None,
) -> ReportItem:
    """Keep what a clerk wrote about one task. `replies` are answers to comments now dealt with.

    :raises Conflict: somebody else saved the item since `version`.
    :raises NotFinished: it is called finished, and something is missing.
    :raises Denied: not a clerk of the body, the report is not being written, or content for a task
        whose heading alone is followed.
    """
    report = locked_report(item.report)
    rules.enter_report.require(actor, report, on=day_of(at))
    item = report.items.select_for_update().get(pk=item.pk)
    require_unchanged(item, "version", version)
    if clean(outlook):
        _require_year(report)
    assignment = assignments_behind(report).get(item.assignment_id)
    if assignment is not None and assignment.heading_only and clean(narrative + outlook):
        raise Denied(_("Nhiệm vụ này chỉ theo dõi đầu mục: không ghi nội dung."))
    before = {name: getattr(item, name) for name in _ITEM_FIELDS}
    item.narrative, item.outlook = clean(narrative), clean(outlook)
    item.achievement = plans.Achievement(achievement).value if achievement else ""
    item.percent = percent
    item.is_finished = is_finished
    changed = sorted(name for name in _ITEM_FIELDS if getattr(item, name) != before[name])
    if {"achievement", "percent"} & set(changed):
        item.is_judged = True
    item.is_edited = clean(item.narrative) != clean(item.prefilled)
    if is_finished:
        faults = faults_of(item, assignment) if assignment else []
        if faults:
            raise NotFinished(faults)
    if changed:
        item.version += 1
        item.updated_at = at
        item.save()
    resolved = _resolve(actor, report, replies or {}, at, item_id=item.pk)
    if changed or resolved:
        _touch(report, actor, at)
        record(
            action="annual_report.item_saved",
            actor=actor,
            subject=report,
            item=item.pk,
            changed=changed,
            comments_resolved=resolved,
        )
    return item


_ITEM_FIELDS = ("narrative", "outlook", "achievement", "percent", "is_finished")


@transaction.atomic
def save_section(
    *,
    actor: Person,
    report: UnitReport,
    section: ReportSection,
    version: int,
    texts: Mapping[str, str],
    is_finished: bool,
    at: datetime,
    replies: Mapping[int, str] | None = None,
) -> UnitReport:
    """Keep the texts of one part that is about no single task.

    :raises Conflict: somebody else saved texts of the report since `version`.
    :raises NotFinished: the part is called finished and has no text.
    :raises Denied: not a clerk of the body, or the report is not being written.
    """
    report = locked_report(report)
    rules.enter_report.require(actor, report, on=day_of(at))
    require_unchanged(report, "version", version)
    if section not in needed_sections(report.period):
        raise Denied(_("Phần này chỉ có trong báo cáo năm."))
    names = SECTION_FIELDS[section]
    changed = []
    for name in names:
        text = clean(texts[name])
        if text != getattr(report, name):
            setattr(report, name, text)
            changed.append(name)
    if is_finished and (
        faults := faults_of_section({name: getattr(report, name) for name in names})
    ):
        raise NotFinished(faults)
    finished = set(report.finished_sections) - {section} | ({section} if is_finished else set())
    if finished != set(report.finished_sections):
        report.finished_sections = sorted(finished)
        changed.append("finished_sections")
    resolved = _resolve(actor, report, replies or {}, at, fields=names)
    if changed:
        report.version += 1
    if changed or resolved:
        _touch(report, actor, at)
        record(
            action="annual_report.section_saved",
            actor=actor,
            subject=report,
            section=section.value,
            changed=changed,
            comments_resolved=resolved,
        )
    return report


def _require_year(report: UnitReport) -> None:
    if not report.period.is_yearly:
        raise Denied(_("Chỉ báo cáo năm ghi ước cả năm."))


@transaction.atomic
def override_figure(
    *,
    actor: Person,
    figure: ReportFigure,
    version: int,
    reason: str,
    at: datetime,
    value: Decimal | None = None,
    numerator: int | None = None,
    denominator: int | None = None,
) -> ReportFigure:
    """Report another number than the system counted, and say why.

    A count is overridden by `value`, a share by its two numbers.

    :raises Conflict: the figure changed since `version`.
    :raises Denied: not a clerk of the body, the report is not being written, no reason, or numbers
        that make no sense.
    """
    report, figure = _figure_to_change(actor, figure, version, at)
    reason = clean(reason)
    given = Override(value, numerator, denominator, reason)
    for fault in faults_of_override(figure, given):
        raise Denied(fault.text)
    before = figure.override
    if figure.unit == Unit.PERCENT and numerator is not None and denominator is not None:
        figure.override_numerator, figure.override_denominator = numerator, denominator
        figure.override = (Decimal(numerator) * 100 / denominator).quantize(Decimal("0.1"))
    else:
        figure.override = value
    figure.override_reason = reason
    figure.overridden_by, figure.overridden_at = actor, at
    figure.version += 1
    figure.save()
    _touch(report, actor, at)
    record(
        action="annual_report.figure_overridden",
        actor=actor,
        subject=report,
        code=figure.code,
        counted=str(figure.value),
        before=str(before),
        after=str(figure.override),
        reason=reason,
    )
    return figure


@transaction.atomic
def drop_override(
    *, actor: Person, figure: ReportFigure, version: int, at: datetime
) -> ReportFigure:
    """Go back to the number the system counted.

    :raises Conflict: the figure changed since `version`.
    :raises Denied: not a clerk of the body, the report is not being written, or nothing to drop.
    """
    report, figure = _figure_to_change(actor, figure, version, at)
    if figure.override is None:
        raise Denied(_("Số liệu này đang dùng số hệ thống đếm."))
    dropped = str(figure.override)
    figure.override = figure.override_numerator = figure.override_denominator = None
    figure.override_reason = ""
    figure.overridden_by = figure.overridden_at = None
    figure.version += 1
    figure.save()
    _touch(report, actor, at)
    record(
        action="annual_report.override_dropped",
        actor=actor,
        subject=report,
        code=figure.code,
        dropped=dropped,
    )
    return figure


@transaction.atomic
def estimate_year(
    *,
    actor: Person,
    figure: ReportFigure,
    version: int,
    outlook: Decimal | None,
    at: datetime,
) -> ReportFigure:
    """Say what a count is expected to be over the whole calendar year; None takes it back.

    :raises Conflict: the figure changed since `version`.
    :raises Denied: not a clerk of the body, the report is not being written, or less than reported.
    """
    report, figure = _figure_to_change(actor, figure, version, at)
    if outlook is not None:
        _require_year(report)
    if figure.unit == Unit.PERCENT:
        raise Denied(_("Tỷ lệ không ước cả năm; ước các số đếm tạo nên nó."))
    so_far = figure.override if figure.override is not None else figure.value
    for fault in faults_of_estimate(so_far, outlook):
        raise Denied(fault.text)
    figure.outlook = outlook
    figure.version += 1
    figure.save()
    _touch(report, actor, at)
    record(
        action="annual_report.year_estimated",
        actor=actor,
        subject=report,
        code=figure.code,
        outlook=None if outlook is None else str(outlook),
    )
    return figure


def _figure_to_change(
    actor: Person, figure: ReportFigure, version: int, at: datetime
) -> tuple[UnitReport, ReportFigure]:
    report = locked_report(figure.report)
    rules.enter_report.require(actor, report, on=day_of(at))
    figure = report.figures.select_for_update().get(pk=figure.pk)
    require_unchanged(figure, "version", version)
    return report, figure


@transaction.atomic
def resolve_comment(
    *, actor: Person, comment: ReturnComment, reply: str, at: datetime
) -> ReturnComment:
    """Say that what the department asked for is mended, or why it stays as it is.

    :raises Denied: not a clerk of the body, the report is not being written, or it was settled.
    """
    report = locked_report(comment.report)
    rules.enter_report.require(actor, report, on=day_of(at))
    if not _resolve(actor, report, {comment.pk: reply}, at):
        raise Denied(_("Ý kiến này đã được đánh dấu đã sửa."))
    _touch(report, actor, at)
    record(action="annual_report.comment_resolved", actor=actor, subject=report, comment=comment.pk)
    comment.refresh_from_db()
    return comment


def _resolve(
    actor: Person,
    report: UnitReport,
    replies: Mapping[int, str],
    at: datetime,
    *,
    item_id: int | None = None,
    fields: tuple[str, ...] = (),
) -> list[int]:
    open_comments = report.comments.filter(
        pk__in=replies, sent_at__isnull=False, resolved_at__isnull=True
    )
    if item_id is not None:
        open_comments = open_comments.filter(item_id=item_id)
    if fields:
        open_comments = open_comments.filter(item__isnull=True, field__in=fields)
    resolved = []
    for comment in open_comments.order_by("pk"):
        comment.reply = clean(replies[comment.pk])
        comment.resolved_by, comment.resolved_at = actor, at
        comment.save(update_fields=["reply", "resolved_by", "resolved_at"])
        resolved.append(comment.pk)
    return resolved


def _touch(report: UnitReport, actor: Person, at: datetime) -> None:
    """Remember who wrote, and take a report that changed off the head's desk."""
    report.revision += 1
    report.entered_by = actor
    if actor.pk not in report.author_ids:
        report.author_ids = [*report.author_ids, actor.pk]
    report.ready_by = report.ready_at = None
    report.updated_at = at
    report.save()
