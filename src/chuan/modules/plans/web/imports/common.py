"""What the steps share: saving a draft, and two people saving at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.views import Difference as Disagreement
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.engine.draft import (
    Draft,
)
from chuan.modules.plans.engine.expansion import Question
from chuan.modules.plans.engine.problems import Problem, Step, problems_of
from chuan.modules.plans.enums import ImportState
from chuan.modules.plans.models import PlanImport
from chuan.modules.plans.operations import imports as operations
from chuan.modules.plans.queries import imports as queries
from chuan.modules.plans.queries.amendments import carried_over
from chuan.modules.plans.web.finding import (
    import_or_404,
    saved,
    show_conflict,
    wants_json,
)
from chuan.modules.plans.web.forms.common import Versioned
from chuan.modules.plans.web.forms.imports import DocumentForm, DraftTaskForm, initial_of


def step_context(
    request: SignedInRequest,
    plan_import: PlanImport,
    step: Step,
    questions: Sequence[Question] = (),
    problems: Sequence[Problem] | None = None,
) -> dict[str, Any]:
    draft = queries.draft_of(plan_import)
    if problems is None:
        kept = carried_over(plan_import, draft)
        problems = problems_of(draft, questions, carried_over=kept)
    return {
        "plan_import": plan_import,
        "draft": draft,
        "step": int(step),
        "problems": problems,
        "review_count": sum(task.needs_review for task in draft.tasks),
        "is_open": plan_import.state == ImportState.OPEN,
        "may_edit": rules.edit_import.allows(request.user, plan_import),
        "issued_on": format_date(draft.document.issued_on) if draft.document.issued_on else "",
    }


def may_be_unfinished(request: SignedInRequest, form: Versioned) -> bool:
    """Saving for later, or by itself, asks for nothing: what is missing is asked at approval."""
    later = "save" in request.POST or wants_json(request)
    if later:
        for name, field in form.fields.items():
            field.required = field.required and name == "version"
    return later


def change_draft(
    request: SignedInRequest, plan_import: PlanImport, change: Callable[[Draft], Draft]
) -> PlanImport:
    """A small change at a button: whatever was saved before it stays."""
    return operations.save_import_step(
        actor=request.user,
        plan_import=plan_import,
        version=None,
        change=change,
        at=timezone.now(),
    )


def save_draft(
    request: SignedInRequest,
    plan_import: PlanImport,
    form: Versioned,
    change: Callable[[Draft], Draft],
    to: str,
    *keys: str,
) -> HttpResponse:
    """Keep a step and go on; an autosave stays where it is."""
    now = timezone.now()
    try:
        kept = operations.save_import_step(
            actor=request.user,
            plan_import=plan_import,
            version=form.cleaned_data["version"],
            change=change,
            at=now,
        )
    except rules.Conflict:
        if wants_json(request):
            return JsonResponse({}, status=409)
        return conflict_page(request, plan_import, form)
    if wants_json(request):
        return saved(now, kept.version)
    if "save" in request.POST:
        messages.success(request, _("Đã lưu."))
    return redirect(to, plan_import.pk, *keys)


def conflict_page(
    request: SignedInRequest, plan_import: PlanImport, form: Versioned | None = None
) -> HttpResponse:
    """What this person wrote beside what is stored now, field by field."""
    plan_import = import_or_404(request, plan_import.pk)
    return show_conflict(
        request,
        back_url=request.path,
        by=plan_import.updated_by.full_name,
        at=plan_import.updated_at,
        differences=_disagreements(request, plan_import, form) if form else [],
    )


def _disagreements(
    request: SignedInRequest, plan_import: PlanImport, form: Versioned
) -> list[Disagreement]:
    draft = queries.draft_of(plan_import)
    if isinstance(form, DocumentForm):
        stored: dict[str, Any] = head_initial(draft)
    elif isinstance(form, DraftTaskForm):
        match = request.resolver_match
        task = draft.task(str(match.kwargs["key"])) if match else None
        stored = initial_of(task) if task else {}
    else:
        return []
    found = []
    for name, value in stored.items():
        if name not in form.fields:
            continue
        written = form[name].value()
        shown = form.fields[name].prepare_value(value)
        if _as_text(shown) != _as_text(written):
            found.append(
                Disagreement(form.fields[name].label or name, _as_text(shown), _as_text(written))
            )
    return found


def _as_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None or value is False else str(value).replace("\r\n", "\n").strip()


def page_status(form: Versioned) -> int:
    return 422 if form.errors else 200


def head_initial(draft: Draft) -> dict[str, Any]:
    head, reporting = draft.document, draft.reporting
    number = head.number or head.stamped_number
    due = f"{reporting.day}/{reporting.month}" if reporting.day and reporting.month else ""
    return {
        "number": number,
        "notation": head.notation,
        "issued_on": head.issued_on or head.stamped_on,
        "issuer": head.issuer,
        "signer": head.signer,
        "title": head.title,
        "short_title": head.short_title or _short_title(number, head.notation),
        "last_day": draft.last_day,
        "from_day": draft.from_day,
        "report_due": due,
        "is_inclusive": reporting.is_inclusive,
        "based_on": "\n".join(head.based_on),
    }


def _short_title(number: str, notation: str) -> str:
    return _("Kế hoạch theo Quyết định %s") % f"{number}/{notation}" if number and notation else ""
