"""The department adding the accepted reports up, working on the text, and closing it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import (
    HAS_ACCEPTED_CONTENT,
    ConsolidationState,
    ReportState,
    StepKind,
)
from chuan.flows.annual_report.models import (
    ConsolidatedTask,
    Consolidation,
    ConsolidationEntry,
    ReportingPeriod,
    UnitReport,
)
from chuan.flows.annual_report.operations import telling
from chuan.flows.annual_report.operations.locks import (
    day_of,
    locked_consolidation,
    locked_period,
    note_step,
    note_steps,
    require_unchanged,
)
from chuan.flows.annual_report.queries.canonical import content_hash
from chuan.flows.annual_report.queries.days import last_data_day
from chuan.flows.annual_report.queries.figures import count_figures
from chuan.flows.annual_report.queries.parts import (
    newly_accepted,
    parts_of,
    plan_tasks,
    reports_to_consolidate,
    require_reconciled,
    revision_of,
)
from chuan.flows.annual_report.queries.rollup import (
    Content,
    Part,
    PlanTask,
    add_up,
    marked_paragraph,
    merged_text,
    sources_of,
    written,
)
from chuan.flows.annual_report.queries.texts import first_texts
from chuan.lib.language import in_vietnamese
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean
from chuan.modules.plans import facade as plans

TEXTS = ("opening", "overall", "difficulties", "proposals", "next_year")


@transaction.atomic
def consolidate(*, actor: Person, period: ReportingPeriod, at: datetime) -> Consolidation:
    """Add up every accepted report of a period as the next numbered consolidation.

    A draft before it becomes a superseded one and stays as it was; what people wrote in it is
    carried over. A closed one is never touched: after it, this begins a correction.

    :raises Denied: not a coordinator of the department, or nothing was accepted yet.
    """
    period = locked_period(period)
    rules.consolidate.require(actor, period)
    reports = reports_to_consolidate(period, for_update=True)
    included = {report.pk for report in reports if report.state in HAS_ACCEPTED_CONTENT}
    if not included:
        raise Denied(_("Chưa có báo cáo nào được duyệt để tổng hợp."))
    before = period.consolidations.order_by("-number").first()
    if before is not None and before.state == ConsolidationState.DRAFT:
        before.state = ConsolidationState.SUPERSEDED
        before.save(update_fields=["state"])
    number = (period.consolidations.aggregate(last=Max("number"))["last"] or 0) + 1
    consolidation = Consolidation(
        period=period, number=number, made_by=actor, made_at=at, updated_at=at
    )
    parts, tasks = _add_up(consolidation, reports, included, at)
    _write_texts(consolidation, before, parts)
    consolidation.save()
    ConsolidationEntry.objects.bulk_create(_entries(consolidation, reports, parts))
    # One by one: sent all together, each quote in half a megabyte of text is escaped twice.
    for row in _task_texts(consolidation, before, parts, tasks):
        row.save(force_insert=True)
    _mark_consolidated(reports, included, actor, at, number)
    record(
        action="annual_report.consolidated",
        actor=actor,
        subject=consolidation,
        included=len(included),
        expected=len(reports),
        sha256=consolidation.snapshot_hash,
    )
    return consolidation


@transaction.atomic
def include_reports(
    *, actor: Person, consolidation: Consolidation, report_ids: Collection[int], at: datetime
) -> Consolidation:
    """Bring reports accepted since then into the draft.

    :raises Denied: not a coordinator, not a draft, or one of them is not accepted.
    """
    locked_period(consolidation.period)
    consolidation = locked_consolidation(consolidation)
    rules.edit_consolidation.require(actor, consolidation)
    waiting = set(newly_accepted(consolidation))
    chosen = set(report_ids)
    if not chosen or chosen - waiting:
        raise Denied(_("Chọn trong các báo cáo đã duyệt mà chưa đưa vào bản này."))
    held = set(consolidation.entries.filter(is_included=True).values_list("report_id", flat=True))
    _add_up_again(consolidation, held | chosen, at)
    reports = list(UnitReport.objects.filter(pk__in=chosen))
    _mark_consolidated(reports, chosen, actor, at, consolidation.number)
    record(
        action="annual_report.reports_included",
        actor=actor,
        subject=consolidation,
        reports=sorted(chosen),
        sha256=consolidation.snapshot_hash,
    )
    return consolidation


def take_out_of_draft(report: UnitReport, *, reason: str, actor: Person, at: datetime) -> None:
    """Add a draft up again without one report. Called by what excludes or returns it."""
    draft = (
        Consolidation.objects.select_for_update(of=("self",))
        .select_related("period")
        .filter(period_id=report.period_id, state=ConsolidationState.DRAFT)
        .first()
    )
    if draft is None:
        return
    held = set(draft.entries.filter(is_included=True).values_list("report_id", flat=True))
    if report.pk not in held:
        return
    total_before = draft.snapshot_hash
    _add_up_again(draft, held - {report.pk}, at)
    note_step(report, StepKind.LEFT_OUT, actor, at, note=reason)
    record(
        action="annual_report.report_left_out",
        actor=actor,
        subject=draft,
        report=report.pk,
        reason=reason,
        sha256_before=total_before,
        sha256=draft.snapshot_hash,
    )


@in_vietnamese
def _called(number: int) -> str:
    return _("Bản tổng hợp %(number)s") % {"number": number}


@in_vietnamese
def _add_up(
    consolidation: Consolidation,
    reports: Sequence[UnitReport],
    included: Collection[int],
    at: datetime,
) -> tuple[list[Part], list[PlanTask]]:
    period = consolidation.period
    parts, tasks = parts_of(period, reports, included), plan_tasks(period)
    snapshot = add_up(parts, tasks)
    require_reconciled(
        snapshot["figures"],
        [report.accepted_id for report in reports if report.pk in included and report.accepted_id],
    )
    snapshot["period"] = {
        "id": period.pk,
        "title": period.title,
        "year": period.year,
        "data_from": period.data_from.isoformat(),
        "data_to": period.data_to.isoformat(),
        "due_on": period.due_on.isoformat(),
    }
    # The day the reports were counted on, and the day their figures are counted by.
    snapshot["counted_on"] = day_of(at).isoformat()
    snapshot["data_until"] = last_data_day(period).isoformat()
    snapshot["province"] = _province_wide(period)
    consolidation.snapshot = snapshot
    consolidation.snapshot_hash = content_hash(snapshot)
    return parts, tasks


def _province_wide(period: ReportingPeriod) -> Content:
    """What the system counts for everybody, whether they reported or not, at this moment."""
    return {
        counted.code: None if counted.figure.value is None else written(counted.figure.value)
        for counted in count_figures(period, None, with_rows=False)
    }


def _entries(
    consolidation: Consolidation, reports: Sequence[UnitReport], parts: Sequence[Part]
) -> list[ConsolidationEntry]:
    return [
        ConsolidationEntry(
            consolidation=consolidation,
            report=report,
            state=report.state,
            is_included=part.is_included,
            content_id=report.accepted_id if part.is_included else None,
            reason=part.reason[:500],
        )
        for report, part in zip(reports, parts, strict=True)
    ]


@in_vietnamese
def _write_texts(
    consolidation: Consolidation, before: Consolidation | None, parts: Sequence[Part]
) -> None:
    """Texts nobody edited are written anew from what the units sent; edited ones are carried over."""
    fresh = first_texts(consolidation.period, consolidation.snapshot, parts)
    kept = set(before.edited_texts) if before else set()
    for name in TEXTS:
        setattr(consolidation, name, getattr(before, name) if name in kept else fresh[name])
    consolidation.edited_texts = sorted(kept)


@in_vietnamese
def _task_texts(
    consolidation: Consolidation,
    before: Consolidation | None,
    parts: Sequence[Part],
    tasks: Sequence[PlanTask],
) -> list[ConsolidatedTask]:
    included = [part for part in parts if part.is_included]
    edited = (
        {row.task_id: row.narrative for row in before.tasks.filter(is_edited=True)}
        if before
        else {}
    )
    rows = []
    for task in tasks:
        sources = sources_of(task.id, included)
        merged = merged_text(sources)
        rows.append(
            ConsolidatedTask(
                consolidation=consolidation,
                task_id=task.id,
                sources=sources,
                merged=merged,
                narrative=edited.get(task.id, merged),
                is_edited=task.id in edited,
            )
        )
    return rows


def _add_up_again(consolidation: Consolidation, included: Collection[int], at: datetime) -> None:
    """Recount a draft over other reports; edited texts stay, the others follow."""
    reports = reports_to_consolidate(consolidation.period, for_update=True)
    parts, tasks = _add_up(consolidation, reports, included, at)
    _write_texts(consolidation, consolidation, parts)
    consolidation.version += 1
    consolidation.updated_at = at
    consolidation.save()
    entries = {entry.report_id: entry for entry in consolidation.entries.all()}
    new = _entries(consolidation, reports, parts)
    for entry in new:
        entry.pk = entries[entry.report_id].pk if entry.report_id in entries else None
    ConsolidationEntry.objects.bulk_update(
        [entry for entry in new if entry.pk], ["state", "is_included", "content", "reason"]
    )
    ConsolidationEntry.objects.bulk_create([entry for entry in new if not entry.pk])
    stored = {row.task_id: row for row in consolidation.tasks.all()}
    fresh = _task_texts(consolidation, None, parts, tasks)
    changed = []
    for row in fresh:
        known = stored.get(row.task_id)
        if known is None or (known.sources, known.merged) == (row.sources, row.merged):
            continue
        known.sources, known.merged = row.sources, row.merged
        if not known.is_edited and known.narrative != row.merged:
            known.narrative = row.merged
            known.version += 1
        changed.append(known)
    if changed:
        ConsolidatedTask.objects.bulk_update(changed, ["sources", "merged", "narrative", "version"])
    ConsolidatedTask.objects.bulk_create([row for row in fresh if row.task_id not in stored])


def _mark_consolidated(
    reports: Sequence[UnitReport],
    included: Collection[int],
    actor: Person,
    at: datetime,
    number: int,
) -> None:
    fresh = [
        report
        for report in reports
        if report.pk in included and report.state == ReportState.ACCEPTED
    ]
    UnitReport.objects.filter(pk__in=[report.pk for report in fresh]).update(
        state=ReportState.CONSOLIDATED, updated_at=at
    )
    note_steps(
        fresh,
        StepKind.CONSOLIDATED,
        actor,
        at,
        note=_called(number),
    )


# ---------------------------------------------------------------- the text


@transaction.atomic
def save_consolidation_texts(
    *,
    actor: Person,
    consolidation: Consolidation,
    version: int,
    texts: Mapping[str, str],
    at: datetime,
) -> Consolidation:
    """Keep the department's own texts of a draft.

    :raises Conflict: somebody else saved them, or the draft was added up again, since `version`.
    :raises Denied: not a coordinator, or not a draft any more.
    """
    consolidation = locked_consolidation(consolidation)
    rules.edit_consolidation.require(actor, consolidation)
    require_unchanged(consolidation, "version", version)
    if clean(texts.get("next_year", "")) and not consolidation.period.is_yearly:
        raise Denied(_("Phần này chỉ có trong báo cáo năm."))
    changed = []
    for name in TEXTS:
        text = clean(texts[name]) if name in texts else getattr(consolidation, name)
        if text != getattr(consolidation, name):
            setattr(consolidation, name, text)
            changed.append(name)
    if changed:
        consolidation.edited_texts = sorted({*consolidation.edited_texts, *changed})
        consolidation.version += 1
        consolidation.updated_at = at
        consolidation.save()
        record(
            action="annual_report.consolidation_texts_saved",
            actor=actor,
            subject=consolidation,
            changed=changed,
        )
    return consolidation


@transaction.atomic
def save_consolidated_task(
    *, actor: Person, row: ConsolidatedTask, version: int, narrative: str, at: datetime
) -> ConsolidatedTask:
    """Keep the consolidated text on one task.

    :raises Conflict: somebody else saved it since `version`.
    :raises Denied: not a coordinator, or not a draft any more.
    """
    return _write_task(actor, row, version, clean(narrative), at)


@transaction.atomic
def bring_in_source(
    *, actor: Person, row: ConsolidatedTask, version: int, mark: int, at: datetime
) -> ConsolidatedTask:
    """Add what one body wrote, with its mark, at the end of the text on a task.

    :raises Conflict: somebody else saved the text since `version`.
    :raises Denied: not a coordinator, not a draft, or no such paragraph.
    """
    source = next((one for one in row.sources if one["mark"] == mark), None)
    if source is None:
        raise Denied(_("Đoạn này không có trong bản tổng hợp."))
    text = f"{row.narrative}\n{marked_paragraph(source)}".strip()
    return _write_task(actor, row, version, text, at)


@transaction.atomic
def merge_again(
    *, actor: Person, row: ConsolidatedTask, version: int, at: datetime
) -> ConsolidatedTask:
    """Throw the edited text on a task away and take the one merged from the units.

    :raises Conflict: somebody else saved the text since `version`.
    :raises Denied: not a coordinator, or not a draft any more.
    """
    return _write_task(actor, row, version, None, at)


def _write_task(
    actor: Person, row: ConsolidatedTask, version: int, narrative: str | None, at: datetime
) -> ConsolidatedTask:
    consolidation = locked_consolidation(row.consolidation)
    rules.edit_consolidation.require(actor, consolidation)
    row = consolidation.tasks.select_for_update().get(pk=row.pk)
    require_unchanged(row, "version", version)
    text = row.merged if narrative is None else narrative
    if text == row.narrative and row.is_edited == (narrative is not None):
        return row
    row.narrative, row.is_edited = text, narrative is not None and text != row.merged
    row.version += 1
    row.save(update_fields=["narrative", "is_edited", "version"])
    consolidation.updated_at = at
    consolidation.save(update_fields=["updated_at"])
    record(
        action="annual_report.consolidated_task_saved",
        actor=actor,
        subject=consolidation,
        task=row.task_id,
        is_edited=row.is_edited,
    )
    return row


# ---------------------------------------------------------------- closing


@in_vietnamese
def _lock_reason(consolidation: Consolidation) -> str:
    return _("Đã chốt bản tổng hợp %(title)s") % {"title": consolidation.period.title_in_text}


@transaction.atomic
def close_consolidation(
    *, actor: Person, consolidation: Consolidation, revision: int, at: datetime
) -> Consolidation:
    """Make a draft the province's report: from now on neither it nor its reports change.

    What is closed is what the leader read: `revision` is that of the page they saw.

    :raises Conflict: a figure or a text, a task's too, changed since the leader opened it.
    :raises Denied: not a leader of the department, the maker themself, not a draft, or a report in
        it no longer stands as it was added up.
    """
    locked_period(consolidation.period)
    consolidation = locked_consolidation(consolidation)
    rules.close_consolidation.require(actor, consolidation)
    if revision_of(consolidation) != revision:
        raise rules.Conflict(consolidation)
    _require_contents_accepted(consolidation)
    consolidation.state = ConsolidationState.CLOSED
    consolidation.closed_by, consolidation.closed_at = actor, at
    consolidation.updated_at = at
    consolidation.save()
    reports = list(
        UnitReport.objects.select_for_update()
        .filter(
            pk__in=consolidation.entries.filter(is_included=True).values("report_id"),
            state=ReportState.CONSOLIDATED,
        )
        .order_by("pk")
    )
    UnitReport.objects.filter(pk__in=[report.pk for report in reports]).update(
        state=ReportState.CLOSED, updated_at=at
    )
    note_steps(
        reports,
        StepKind.CLOSED,
        actor,
        at,
        note=_called(consolidation.number),
    )
    if consolidation.period.is_yearly:
        plans.lock_year(
            actor=actor,
            plan_id=consolidation.period.plan_id,
            year=consolidation.period.year,
            reason=_lock_reason(consolidation),
            at=at,
        )
    record(
        action="annual_report.consolidation_closed",
        actor=actor,
        subject=consolidation,
        reports=len(reports),
        sha256=consolidation.snapshot_hash,
    )
    telling.tell_coordinators_closed(consolidation, at)
    return consolidation


def _require_contents_accepted(consolidation: Consolidation) -> None:
    included = consolidation.entries.filter(is_included=True)
    stale = included.exclude(content=F("report__accepted")).count()
    if stale:
        raise Denied(
            _("Nội dung của %(count)s báo cáo trong bản này không còn được duyệt. Hãy lập bản mới.")
            % {"count": stale}
        )
