"""One task of a plan: what it asks, of whom, and how far they are."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import (
    Mark,
    Source,
)
from chuan.core.ui.past import Look
from chuan.modules.plans import rules
from chuan.modules.plans.engine.reading import lines_around
from chuan.modules.plans.enums import DueKind, EvidenceKind, PartyRole
from chuan.modules.plans.models import (
    PlanImport,
    Task,
)
from chuan.modules.plans.queries import assignments as assignment_queries
from chuan.modules.plans.queries import central as central_queries
from chuan.modules.plans.web.finding import (
    chosen_year,
    may_see_all,
    short_names,
    task_or_404,
    year_choices,
)
from chuan.modules.plans.web.plan_assignments import BodyTable
from chuan.modules.plans.web.plans import parts_of


@require_safe
def show_task(request: SignedInRequest, plan_id: int, task_id: int) -> HttpResponse:
    task = task_or_404(request, plan_id, task_id)
    plan = task.plan
    year = chosen_year(request, plan)
    today = timezone.localdate()
    rows = assignment_queries.assignments_visible_to(request.user).filter(
        assignment_queries.in_year(year), task=task
    )
    table = BodyTable(request, rows, plan=plan, looked=Look(today))
    counts = assignment_queries.timeliness_counts(rows.filter(role=PartyRole.LEAD), on=today)
    parties = list(task.parties.select_related("group").order_by("position", "pk"))
    names = short_names(
        {party.organisation_id for party in parties if party.organisation_id}, plan.valid.lower
    )
    context = {
        "plan": plan,
        "task": task,
        "year": year,
        "years": year_choices(plan, year),
        "table": table,
        "counts": counts,
        "parts": parts_of(counts),
        "lead": [party for party in parties if party.role == PartyRole.LEAD],
        "coordinating": [party for party in parties if party.role == PartyRole.COORDINATING],
        "names": names,
        "deliverables": [
            {
                "title": item.title,
                "weight": item.weight,
                "kinds_text": ", ".join(
                    str(EvidenceKind(kind).label) for kind in item.evidence_kinds
                ),
            }
            for item in task.deliverables.order_by("position", "pk")
        ],
        "deliverables_refusal": rules.edit_deliverables.refusal(
            request.user, task, timezone.localdate()
        ),
        "points": list(task.body_points.order_by("position")),
        "central": list(central_queries.central_tasks_of(task)),
        "central_refusal": rules.link_central_tasks.refusal(request.user, task, today),
        "source": _source_of(task),
        "sees_all": may_see_all(request, plan),
        "due_label": DueKind(task.due_kind).label,
    }
    return table.download() or render(request, "plans/task.html", context)


def _source_of(task: Task) -> Source | None:
    """The lines of the decision around the task, its own words marked; None without its reading."""
    own = (
        Q(plan=task.plan_id)
        if task.since == 1
        else Q(made_version__plan=task.plan_id, made_version__number=task.since)
    )
    found = PlanImport.objects.filter(own).values_list("reading", flat=True).first()
    if not found or task.source_line is None:
        return None
    lines = lines_around(found, task.source_page, task.source_line, before=1, after=16)
    if not lines:
        return None
    text = "\n".join(words for _page, _line, words in lines)
    return Source(text, _marks(text, task.text))


def _marks(text: str, wanted: str) -> tuple[Mark, ...]:
    """Lines that are part of the task's wording."""
    bare = " ".join(wanted.split())
    marks = []
    start = 0
    for line in text.split("\n"):
        words = " ".join(line.split())
        if len(words) > 12 and words in bare:
            marks.append(Mark(start, start + len(line), is_sure=True))
        start += len(line) + 1
    return tuple(marks)
