"""Documents from above, their tasks, and the tasks of plans that carry them out."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from chuan.core.legal.models import LegalSource
from chuan.modules.plans.models import CentralLink, CentralTask, Task


@dataclass(frozen=True, slots=True)
class Covered:
    """One central task and the tasks that carry it out today."""

    central: CentralTask
    tasks: tuple[Task, ...]


def parent_documents() -> QuerySet[LegalSource]:
    """Documents that have central tasks, the latest first."""
    return LegalSource.objects.filter(
        pk__in=CentralTask.objects.order_by().values("source")
    ).order_by("-issued_on", "pk")


def coverage_of(source: LegalSource) -> list[Covered]:
    """In the order of the document. Two queries."""
    rows = (
        CentralTask.objects.filter(source=source)
        .prefetch_related(
            Prefetch(
                "links",
                CentralLink.objects.filter(task__until__isnull=True)
                .select_related("task__plan")
                .order_by("task__plan", "task__position", "task"),
            )
        )
        .order_by("position", "pk")
    )
    return [Covered(row, tuple(link.task for link in row.links.all())) for row in rows]


def central_tasks_of(task: Task) -> QuerySet[CentralTask]:
    return (
        CentralTask.objects.filter(links__task=task)
        .select_related("source")
        .order_by("source", "position", "pk")
    )


def every_central_task() -> QuerySet[CentralTask]:
    return CentralTask.objects.select_related("source").order_by("source", "position", "pk")
