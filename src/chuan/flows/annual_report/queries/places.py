"""At which task of a period units find an indicator."""

from __future__ import annotations

from collections.abc import Iterable

from chuan.flows.annual_report.models import FigurePlacement, ReportingPeriod
from chuan.modules.plans import facade as plans


def places_of(period: ReportingPeriod, tasks: Iterable[plans.TaskRef]) -> dict[str, int]:
    """The task of this period for each indicator that has a place, by code.

    A place is kept for one wording of a task; those before and after it share it.
    """
    line_of = {task.id: task.line for task in plans.every_wording_of(period.plan_id)}
    by_line = {task.line: task.id for task in tasks}
    placed = FigurePlacement.objects.filter(plan_id=period.plan_id).values_list("code", "task_id")
    return {
        code: by_line[line_of[task_id]] for code, task_id in placed if line_of[task_id] in by_line
    }
