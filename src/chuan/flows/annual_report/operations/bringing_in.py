"""What the records behind a report put into it, and put in again when they changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chuan.flows.annual_report.models import (
    ReportFigure,
    ReportItem,
    UnitReport,
)
from chuan.flows.annual_report.queries.days import counted_on
from chuan.flows.annual_report.queries.entry import (
    achieved_by,
    is_needed,
    narrative_from_updates,
    text_of_difficulties,
)
from chuan.flows.annual_report.queries.figures import count_figures
from chuan.flows.annual_report.queries.reports import (
    assignments_behind,
    told_after,
    updates_behind,
)
from chuan.flows.annual_report.queries.years import texts_of_years
from chuan.lib.language import in_vietnamese
from chuan.lib.periods import Period
from chuan.modules.plans import facade as plans


@dataclass(frozen=True, slots=True)
class Synced:
    """What bringing the system's data in changed."""

    items_added: int
    texts_refreshed: int
    figures_changed: int
    # Times progress was told after the last day of the data: of no concern to this report.
    left_out: int = 0

    @property
    def is_change(self) -> bool:
        return bool(self.items_added or self.texts_refreshed or self.figures_changed)


@in_vietnamese
def bring_in(report: UnitReport, at: datetime) -> Synced:
    assignments = assignments_behind(report)
    items = {item.assignment_id: item for item in report.items.all()}
    updates = updates_behind(report, assignments)
    last = counted_on(report.period)
    told = plans.updates_for(list(assignments))
    of_years = _texts_of_years(report, assignments)
    new, refreshed = [], []
    for pk, assignment in assignments.items():
        # Of a task whose heading alone is followed here, no content is kept (defence, secrets).
        in_period = () if assignment.heading_only else updates.get(pk, ())
        text = of_years.get(pk, "") or narrative_from_updates(in_period)
        achieved = achieved_by(assignment, told.get(pk, ()), last)
        if pk not in items:
            new.append(
                ReportItem(
                    report=report,
                    task_id=assignment.task_id,
                    assignment_id=pk,
                    role=assignment.role,
                    is_needed=is_needed(assignment),
                    narrative=text,
                    prefilled=text,
                    prefilled_at=at if text else None,
                    achievement=achieved[0],
                    percent=achieved[1],
                    timeliness=assignment.timeliness or "",
                    due_on=assignment.due_on,
                    done_on=assignment.done_on,
                    updated_at=at,
                )
            )
        elif _refresh(items[pk], assignment, text, achieved, at):
            refreshed.append(items[pk])
    ReportItem.objects.bulk_create(new)
    if refreshed:
        ReportItem.objects.bulk_update(
            refreshed,
            [
                "narrative",
                "prefilled",
                "prefilled_at",
                "achievement",
                "percent",
                "timeliness",
                "due_on",
                "done_on",
                "is_needed",
                "version",
                "updated_at",
            ],
        )
    has_new_problems = _refresh_difficulties(report)
    changed = _refresh_figures(report, at)
    report.synced_at = at
    return Synced(
        items_added=len(new),
        texts_refreshed=len(refreshed) + has_new_problems,
        figures_changed=changed,
        left_out=sum(len(late) for late in told_after(report, assignments).values()),
    )


def _texts_of_years(
    report: UnitReport, assignments: Mapping[int, plans.AssignmentRef]
) -> dict[int, str]:
    """Of a review: what the accepted reports of its years say of each task, by assignment."""
    if not report.period.is_review:
        return {}
    texts = texts_of_years(report)
    line_of = {task.id: task.line for task in plans.every_wording_of(report.period.plan_id)}
    return {
        pk: texts.get((line_of[one.task_id], one.role.value), "")
        for pk, one in assignments.items()
        if not one.heading_only
    }


_FOLLOWING = (
    "narrative",
    "prefilled",
    "achievement",
    "percent",
    "timeliness",
    "due_on",
    "done_on",
    "is_needed",
)


def _refresh(
    item: ReportItem,
    assignment: plans.AssignmentRef,
    text: str,
    achieved: tuple[str, int | None],
    at: datetime,
) -> bool:
    """Follow the updates where nobody has written or judged; say whether anything changed."""
    before = [getattr(item, name) for name in _FOLLOWING]
    if text != item.prefilled:
        item.prefilled, item.prefilled_at = text, at
    if not item.is_edited:
        item.narrative = text
    if not item.is_judged:
        item.achievement, item.percent = achieved
    item.timeliness = assignment.timeliness or ""
    item.due_on, item.done_on = assignment.due_on, assignment.done_on
    item.is_needed = is_needed(assignment)
    if before == [getattr(item, name) for name in _FOLLOWING]:
        return False
    item.version += 1
    item.updated_at = at
    return True


def _refresh_difficulties(report: UnitReport) -> bool:
    days = Period(report.period.data_from, report.period.data_to)
    raised = plans.difficulties_of(report.period.plan_id, report.organisation_id, days)
    text = text_of_difficulties(raised)
    if text == report.difficulties_prefilled:
        return False
    if report.difficulties == report.difficulties_prefilled:
        report.difficulties = text
        report.version += 1
    report.difficulties_prefilled = text
    return True


def _refresh_figures(report: UnitReport, at: datetime) -> int:
    stored = {figure.code: figure for figure in report.figures.all()}
    new, recounted, changed = [], [], 0
    for counted in count_figures(report.period, report.organisation):
        values = {
            "title": counted.title,
            "unit": counted.unit,
            "definition": counted.definition,
            "value": counted.figure.value,
            "numerator": counted.figure.numerator,
            "denominator": counted.figure.denominator,
            "rows": counted.rows,
            "counted_at": at,
        }
        figure = stored.get(counted.code)
        if figure is None:
            new.append(ReportFigure(report=report, code=counted.code, **values))
            continue
        if not counted.is_same_as(figure):
            changed += 1
            figure.version += 1
        for name, value in values.items():
            setattr(figure, name, value)
        recounted.append(figure)
    ReportFigure.objects.bulk_create(new)
    if recounted:
        ReportFigure.objects.bulk_update(
            recounted,
            [
                "title",
                "unit",
                "definition",
                "value",
                "numerator",
                "denominator",
                "rows",
                "counted_at",
                "version",
            ],
        )
    return len(new) + changed
