"""Reports of a period as parts of a consolidation: what each holds, and where each body stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.indicators.registry import Unit
from chuan.flows.annual_report.enums import HAS_ACCEPTED_CONTENT, ReportState
from chuan.flows.annual_report.models import (
    Consolidation,
    ReportingPeriod,
    ReportSnapshot,
    UnitReport,
)
from chuan.flows.annual_report.queries.bodies import Body, bodies
from chuan.flows.annual_report.queries.days import days_reported
from chuan.flows.annual_report.queries.rollup import Content, Part, PlanTask, written
from chuan.flows.annual_report.queries.snapshots import is_intact
from chuan.modules.plans import facade as plans


class SnapshotTampered(RuntimeError):
    """Content in the database no longer has the hash it was accepted with."""


class ReconciliationFailed(RuntimeError):
    """Two independent sums of the same snapshots differ."""


def reports_to_consolidate(
    period: ReportingPeriod, *, for_update: bool = False
) -> list[UnitReport]:
    """All reports of a period with their accepted content, in the order of the coverage table."""
    rows = UnitReport.objects.filter(period=period).select_related("accepted")
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return _in_order(period, list(rows.defer("accepted__rows").order_by("pk")))


def _in_order(period: ReportingPeriod, reports: list[UnitReport]) -> list[UnitReport]:
    names = bodies([report.organisation_id for report in reports], on=period.due_on)
    return sorted(reports, key=lambda report: names[report.organisation_id].order)


def parts_of(
    period: ReportingPeriod, reports: Sequence[UnitReport], included: Collection[int]
) -> list[Part]:
    """One part per report; `included` are ids of the reports that go in.

    :raises SnapshotTampered: the content of one of them was changed behind the system's back.
    """
    names = bodies([report.organisation_id for report in reports], on=period.due_on)
    return [
        _part(report, period, names[report.organisation_id], report.pk in included)
        for report in reports
    ]


def _part(report: UnitReport, period: ReportingPeriod, body: Body, is_included: bool) -> Part:
    content, sha256 = None, ""
    if is_included and report.accepted is not None:
        if not is_intact(report.accepted):
            raise SnapshotTampered(f"report {report.pk}, snapshot {report.accepted.pk}")
        content, sha256 = report.accepted.content, report.accepted.sha256
    sent = report.first_submitted_at
    return Part(
        report_id=report.pk,
        organisation_id=report.organisation_id,
        name=body.name,
        group=body.group,
        state=report.state,
        content=content,
        sha256=sha256,
        reason="" if content is not None else why_not_included(report),
        submitted_at=sent.isoformat() if sent else None,
        is_on_time=is_on_time(report, period),
    )


def why_not_included(report: UnitReport) -> str:
    """The reason printed beside a body that is not in a consolidation."""
    state = ReportState(report.state)
    if state == ReportState.EXCLUDED:
        return report.excluded_reason
    if state == ReportState.DRAFT:
        return _("Đã mở báo cáo, chưa gửi") if report.started_at else _("Chưa mở báo cáo")
    if state == ReportState.SUBMITTED:
        return _("Đã gửi, đang chờ duyệt")
    if state == ReportState.RETURNED:
        return _("Đang chỉnh lý theo yêu cầu")
    return _("Đã duyệt sau khi lập bản tổng hợp")


def is_on_time(report: UnitReport, period: ReportingPeriod) -> bool | None:
    """Whether the first submission came by the last day, the extended one where there is one; None
    while nothing was sent."""
    if report.first_submitted_at is None:
        return None
    last = report.extended_due_on or period.due_on
    return timezone.localdate(report.first_submitted_at) <= last


def is_excused(report: UnitReport, period: ReportingPeriod) -> bool:
    """Whether it came late, within the time that was given to everybody."""
    if report.first_submitted_at is None or is_on_time(report, period):
        return False
    return period.due_on < timezone.localdate(report.first_submitted_at) <= period.grace_until


def plan_tasks(period: ReportingPeriod) -> list[PlanTask]:
    """The tasks of a period; where its days are not those of one year, each in its last wording."""
    tasks = plans.tasks_of(period.plan_id, days_reported(period))
    last = {task.line: task.id for task in sorted(tasks, key=lambda task: task.id)}
    if not period.is_yearly:
        tasks = [task for task in tasks if last[task.line] == task.id]
    return [
        PlanTask(
            id=task.id,
            code=task.code,
            title=task.short_text,
            section=f"{task.section_code}. {task.section_title}",
            heading_only=task.heading_only,
        )
        for task in tasks
    ]


# ---------------------------------------------------------------- the second opinion


def require_reconciled(figures: Iterable[Content], snapshots: Collection[int]) -> None:
    """Let the database add the same snapshots up on its own; both must agree to the last digit.

    :raises ReconciliationFailed: they do not, so that a wrong total is never stored.
    """
    sums = _sums_in_sql(snapshots)
    for figure in figures:
        value, numerator, denominator = sums.get(figure["code"], (None, None, None))
        if figure["unit"] == Unit.PERCENT:
            ours: object = (figure["reported"]["numerator"], figure["reported"]["denominator"])
            theirs: object = (int(numerator or 0), int(denominator or 0))
        else:
            ours = figure["reported"]["value"]
            theirs = None if value is None else written(Decimal(value))
        if ours != theirs:
            raise ReconciliationFailed(f"{figure['code']}: {ours} here, {theirs} in the database")


def _sums_in_sql(
    snapshots: Collection[int],
) -> dict[str, tuple[Decimal | None, Decimal | None, Decimal | None]]:
    table = ReportSnapshot._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT figure ->> 'code',
                   sum((figure #>> '{{reported,value}}')::numeric),
                   sum((figure #>> '{{reported,numerator}}')::numeric)
                       FILTER (WHERE (figure #>> '{{reported,denominator}}')::numeric > 0),
                   sum((figure #>> '{{reported,denominator}}')::numeric)
            FROM {table}, jsonb_array_elements(content -> 'figures') AS figure
            WHERE id = ANY(%s)
            GROUP BY 1
            """,  # noqa: S608 - the table's own name
            [list(snapshots)],
        )
        return {code: (value, part, whole) for code, value, part, whole in cursor.fetchall()}


def revision_of(consolidation: Consolidation) -> int:
    """Counts every change of anything in a consolidation, for whoever closes what they have read.

    `version` counts the figures and the department's texts, each task's row counts its own text;
    tasks never leave a consolidation, so that the sum only grows.
    """
    of_tasks = consolidation.tasks.aggregate(total=Sum("version"))["total"] or 0
    return consolidation.version + int(of_tasks)


def newly_accepted(consolidation: Consolidation) -> list[int]:
    """Reports accepted since the consolidation was added up, or with newer content than it holds."""
    held = consolidation.entries.filter(is_included=True).values_list("report", "content")
    now = UnitReport.objects.filter(
        period_id=consolidation.period_id, state__in=HAS_ACCEPTED_CONTENT
    ).values_list("pk", "accepted")
    return sorted(pk for pk, _content in now.difference(held))


def reports_changed(before: Consolidation, after: Consolidation) -> list[int]:
    """Reports that are in one of two consolidations only, or with other content in each."""
    held = [
        made.entries.filter(is_included=True).values_list("report", "content").order_by()
        for made in (before, after)
    ]
    pairs = held[0].difference(held[1]).union(held[1].difference(held[0]))
    return sorted({pk for pk, _content in pairs})
