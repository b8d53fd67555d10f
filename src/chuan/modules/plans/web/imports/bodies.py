"""The fourth step: who each name stands for, and deadlines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuan.core.orgs.models import Group
from chuan.core.people.http import SignedInRequest
from chuan.modules.plans import rules
from chuan.modules.plans.engine.draft import (
    Draft,
    with_matches,
)
from chuan.modules.plans.engine.problems import Step
from chuan.modules.plans.queries import imports as queries
from chuan.modules.plans.queries.amendments import expansion_of_import
from chuan.modules.plans.web.finding import (
    import_or_404,
    wants_json,
)
from chuan.modules.plans.web.import_forms import BodiesForm, KnownNames
from chuan.modules.plans.web.imports.common import page_status, save_draft, step_context


@require_http_methods(["GET", "HEAD", "POST"])
def edit_bodies(request: SignedInRequest, import_id: int) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    draft = queries.draft_of(plan_import)
    expansion = expansion_of_import(plan_import, draft)
    known = _known_names(queries.day_of(draft))
    form = BodiesForm(
        request.POST or None,
        draft=draft,
        candidates=queries.candidates_for(draft),
        questions=expansion.questions if expansion else (),
        known=known,
        known_on=_known_names,
        names=_party_names(draft),
        initial={"version": plan_import.version},
    )
    if request.method == "POST" and form.is_valid():
        return save_draft(
            request,
            plan_import,
            form,
            lambda kept: replace(with_matches(kept, form.decided), stand_ins=form.stand_ins),
            "plans:import_bodies" if "save" in request.POST else "plans:import_approval",
        )
    if request.method == "POST" and wants_json(request):
        return JsonResponse({}, status=422)
    context = step_context(
        request, plan_import, Step.BODIES, questions=expansion.questions if expansion else ()
    )
    context |= {
        "form": form,
        "known": form.every_body,
        "preview": queries.preview_of(expansion) if expansion else None,
        "deadlines": [task for task in draft.tasks if task.needs_date or task.due_kind is None],
        "day": queries.day_of(draft),
        **_name_lists(form),
    }
    return render(request, "plans/import_bodies.html", context, status=page_status(form))


def _name_lists(form: BodiesForm) -> dict[str, Any]:
    """Names nobody is sure of in sight, the others folded away unless something in them is wrong."""
    rows = form.name_rows
    certain = [row for row in rows if row.is_certain]
    return {
        "doubtful_names": [row for row in rows if not row.is_certain],
        "certain_names": certain,
        "certain_title": _("%s tên gọi đã rõ cơ quan") % len(certain),
        "certain_open": any(row.choice.errors or row.other.errors for row in certain),
    }


def _known_names(on: date) -> KnownNames:
    return KnownNames.of(on, Group.objects.filter(is_open=False))


def _party_names(draft: Draft) -> dict[tuple[int | None, int | None], str]:
    """How the decision calls each matched party."""
    found: dict[tuple[int | None, int | None], str] = {}
    for key, name in draft.names.items():
        match = draft.matches.get(key)
        if match is not None:
            found.setdefault((match.group_id, match.organisation_id), name)
    return found
