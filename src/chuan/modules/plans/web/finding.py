"""What views begin with: the thing asked for, if this person may see it; and how they end when it
cannot be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.orgs.queries import Name, names_on
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Choice
from chuan.core.ui.views import Difference, conflict
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import rules
from chuan.modules.plans.enums import Achievement
from chuan.modules.plans.models import Assignment, Difficulty, Evidence, Plan, PlanImport, Task
from chuan.modules.plans.queries.assignments import assignments_visible_to, latest_updates
from chuan.modules.plans.queries.difficulties import difficulties_visible_to
from chuan.modules.plans.queries.plans import (
    imports_visible_to,
    plans_visible_to,
    tasks_visible_to,
    years_of,
)

YEAR = "nam"


def plan_or_404(request: SignedInRequest, plan_id: int) -> Plan:
    return get_object_or_404(plans_visible_to(request.user), pk=plan_id)


def task_or_404(request: SignedInRequest, plan_id: int, task_id: int) -> Task:
    return get_object_or_404(tasks_visible_to(request.user), pk=task_id, plan=plan_id)


def assignment_or_404(request: SignedInRequest, assignment_id: int) -> Assignment:
    rows = assignments_visible_to(request.user).select_related("task__plan__document")
    return get_object_or_404(rows, pk=assignment_id)


def evidence_or_404(request: SignedInRequest, evidence_id: int) -> Evidence:
    rows = Evidence.objects.filter(assignment__in=assignments_visible_to(request.user))
    return get_object_or_404(rows.select_related("assignment__task__plan"), pk=evidence_id)


def difficulty_or_404(request: SignedInRequest, difficulty_id: int) -> Difficulty:
    return get_object_or_404(difficulties_visible_to(request.user), pk=difficulty_id)


def import_or_404(request: SignedInRequest, import_id: int) -> PlanImport:
    return get_object_or_404(imports_visible_to(request.user), pk=import_id)


def chosen_year(request: SignedInRequest, plan: Plan) -> int:
    """The year in the address; this year, as far as the plan goes, when there is none.

    :raises Http404: the plan does not run in the year asked for.
    """
    years = years_of(plan)
    asked = request.GET.get(YEAR, "")
    if not asked:
        return min(max(timezone.localdate().year, years[0]), years[-1])
    year = whole_number(asked)
    if year is None or year not in years:
        raise Http404(_("Kế hoạch không thực hiện trong năm này."))
    return year


def year_choices(plan: Plan, chosen: int, url: str = "", *, tail: str = "") -> list[Choice]:
    """Every year of the plan, as chips. `tail` is what else their addresses say."""
    return [
        Choice(label=str(year), url=f"{url}?{YEAR}={year}{tail}", is_current=year == chosen)
        for year in years_of(plan)
    ]


def name_of(organisation_id: int, on: date) -> str:
    name = names_on([organisation_id], on).get(organisation_id)
    return str(name) if name else f"#{organisation_id}"


def short_names(ids: Sequence[int] | set[int], on: date) -> dict[int, str]:
    found: dict[int, Name] = names_on(ids, on)
    return {pk: name.short_name for pk, name in found.items()}


def name_day(assignment: Assignment) -> date:
    """The day whose names an assignment's page uses: that of the assignment."""
    return assignment.resolved_on


def show_conflict(
    request: SignedInRequest,
    *,
    back_url: str,
    by: str = "",
    at: datetime | None = None,
    differences: Sequence[Difference] = (),
) -> HttpResponse:
    return conflict(
        request, back_url=back_url, changed_by=by, changed_at=at, differences=differences
    )


def show_progress_conflict(
    request: SignedInRequest, assignment: Assignment, written: Mapping[str, Any], back_url: str
) -> HttpResponse:
    """Progress a colleague told meanwhile, beside what this person was about to tell.

    :param written: the form's data; what it does not ask is not compared.
    """
    assignment.refresh_from_db()
    latest = latest_updates([assignment.pk]).get(assignment.pk)
    differences = [
        Difference(
            _("Mức độ hoàn thành"),
            Achievement(assignment.achievement).label,
            Achievement(written["achievement"]).label,
        ),
        Difference(_("Nội dung"), latest.narrative if latest else "", written.get("narrative", "")),
    ]
    if "percent" in written:
        differences.append(
            Difference(_("Tiến độ tự đánh giá"), assignment.percent, written["percent"])
        )
    return show_conflict(
        request,
        back_url=back_url,
        by=latest.made_by.full_name if latest else "",
        at=latest.made_at if latest else None,
        differences=[one for one in differences if one.stored != one.written],
    )


def saved(at: datetime, version: int) -> JsonResponse:
    """The answer to an autosave: when, and the version the form now stands on."""
    return JsonResponse(
        {"saved_at": f"{timezone.localtime(at):%H:%M}", "fields": {"version": str(version)}}
    )


def wants_json(request: SignedInRequest) -> bool:
    """Whether this POST is a form saving itself while somebody writes."""
    return request.headers.get("X-Requested-With") == "autosave"


def own_choices(person_organisations: frozenset[int]) -> list[tuple[str, str]]:
    """The person's bodies as choices, by today's names."""
    names = names_on(person_organisations, timezone.localdate())
    return sorted(((str(pk), str(name)) for pk, name in names.items()), key=lambda pair: pair[1])


def may_see_all(request: SignedInRequest, plan: Plan) -> bool:
    return rules.see_whole_plan.allows(request.user, plan)
