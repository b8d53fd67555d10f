"""The last step: approval; putting an import aside, comparing two."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.views import confirm
from chuan.modules.plans import rules
from chuan.modules.plans.engine.draft import (
    draft_from,
)
from chuan.modules.plans.engine.expansion import Expansion
from chuan.modules.plans.engine.problems import Problem, Step, blocking
from chuan.modules.plans.engine.reading import reading_of
from chuan.modules.plans.models import Plan, PlanImport
from chuan.modules.plans.operations import amendments as amending
from chuan.modules.plans.operations import imports as operations
from chuan.modules.plans.operations.from_drafts import NotReady
from chuan.modules.plans.parsing import read_bytes
from chuan.modules.plans.queries import amendments
from chuan.modules.plans.queries import imports as queries
from chuan.modules.plans.web.finding import (
    import_or_404,
    name_of,
)
from chuan.modules.plans.web.forms.common import Versioned
from chuan.modules.plans.web.imports.common import conflict_page, step_context
from chuan.modules.plans.web.versions import shown_changes


@require_http_methods(["GET", "HEAD", "POST"])
def approve_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    """What stands in the way, or what will be made; and the button."""
    plan_import = import_or_404(request, import_id)
    if plan_import.amends is not None:
        return _approve_amendment(request, plan_import, plan_import.amends)
    rules.approve_import.require(request.user, plan_import)
    form = Versioned(request.POST or None, initial={"version": plan_import.version})
    if request.method == "POST" and form.is_valid():
        try:
            plan = operations.approve_import(
                actor=request.user,
                plan_import=plan_import,
                version=form.cleaned_data["version"],
                at=timezone.now(),
                as_separate=request.POST.get("as_separate") == "1",
            )
        except rules.Conflict:
            return conflict_page(request, plan_import)
        except (NotReady, operations.AlreadyImported) as refused:
            messages.error(request, str(refused))
            return redirect("plans:import_approval", import_id=import_id)
        messages.success(request, _("Đã phê duyệt. Kế hoạch và các phân công đã được lập."))
        return redirect("plans:show", plan_id=plan.pk)
    draft = queries.draft_of(plan_import)
    expansion = queries.expansion_of_draft(draft)
    context = step_context(
        request,
        plan_import,
        Step.APPROVAL,
        questions=expansion.questions if expansion else (),
    )
    context |= {
        "form": form,
        "preview": queries.preview_of(expansion) if expansion else None,
        "blocking": _by_step(blocking(context["problems"]), import_id),
        "doubtful": [one for one in context["problems"] if not one.is_blocking],
        "same_decision": queries.plans_of_decision(draft, plan_import.managed_by_id),
        "managed_by": name_of(plan_import.managed_by_id, timezone.localdate()),
    }
    return render(request, "plans/import_approve.html", context)


def _approve_amendment(
    request: SignedInRequest, plan_import: PlanImport, plan: Plan
) -> HttpResponse:
    """Old and new of every task that changes, what becomes of the assignments; and the button."""
    rules.approve_amendment.require(request.user, plan_import, timezone.localdate())
    form = Versioned(request.POST or None, initial={"version": plan_import.version})
    if request.method == "POST" and form.is_valid():
        try:
            made = amending.approve_amendment(
                actor=request.user,
                plan_import=plan_import,
                version=form.cleaned_data["version"],
                at=timezone.now(),
            )
        except rules.Conflict:
            return conflict_page(request, plan_import)
        except NotReady as refused:
            messages.error(request, str(refused))
            return redirect("plans:import_approval", import_id=plan_import.pk)
        messages.success(request, _("Đã phê duyệt phiên bản %s của kế hoạch.") % made.number)
        return redirect("plans:versions", plan_id=plan.pk)
    draft, base = queries.draft_of(plan_import), amendments.base_of(plan_import)
    amendment = amendments.amendment_of(plan_import, draft, base)
    problems = amendments.problems_of_amendment(plan_import, draft, amendment)
    context = step_context(request, plan_import, Step.APPROVAL, problems=problems)
    added = Expansion(amendment.added) if amendment else None
    context |= {
        "form": form,
        "plan": plan,
        "amendment": amendment,
        "changes": shown_changes(amendment.changes, base, draft) if amendment else [],
        "preview": queries.preview_of(added) if added else None,
        "blocking": _by_step(blocking(problems), plan_import.pk),
        "doubtful": [one for one in problems if not one.is_blocking],
        "number": (plan_import.base_version or 0) + 1,
    }
    return render(request, "plans/amendment_approve.html", context)


@dataclass(frozen=True, slots=True)
class Place:
    """A problem with the page that mends it."""

    message: str
    url: str


def _by_step(problems: list[Problem], import_id: int) -> list[tuple[str, list[Place]]]:
    names = {
        Step.DOCUMENT: _("Thông tin chung"),
        Step.TASKS: _("Nhiệm vụ"),
        Step.BODIES: _("Cơ quan và hạn"),
    }
    return [
        (
            names[step],
            [Place(one.message, _url_of(one, import_id)) for one in problems if one.step == step],
        )
        for step in names
        if any(one.step == step for one in problems)
    ]


def _url_of(problem: Problem, import_id: int) -> str:
    if problem.step == Step.DOCUMENT:
        field = "report_due" if problem.field == "reporting" else problem.field
        return f"{reverse('plans:import_document', args=[import_id])}#id_{field}"
    if problem.task_key:
        field = {"due": "due_kind"}.get(problem.field, problem.field)
        return f"{reverse('plans:import_task', args=[import_id, problem.task_key])}#id_{field}"
    if problem.step == Step.TASKS:
        return reverse("plans:import_tasks", args=[import_id])
    anchor = problem.field.replace("match-", "m-", 1).replace(" ", "-")
    return f"{reverse('plans:import_bodies', args=[import_id])}#{anchor}"


@require_http_methods(["GET", "HEAD", "POST"])
def abandon_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.abandon_import.require(request.user, plan_import)
    form = Versioned(request.POST or None, initial={"version": plan_import.version})
    if request.method == "POST" and form.is_valid():
        try:
            operations.abandon_import(
                actor=request.user,
                plan_import=plan_import,
                version=form.cleaned_data["version"],
                at=timezone.now(),
            )
        except rules.Conflict:
            return conflict_page(request, plan_import)
        messages.success(request, _("Đã bỏ bản nhập. Có thể mở lại từ danh sách."))
        return redirect("plans:imports")
    return confirm(
        request,
        title=_("Bỏ bản nhập này?"),
        action=_("Bỏ bản nhập"),
        back_url=reverse("plans:import", args=[import_id]),
        lines=[
            str(plan_import),
            _("Chưa có kế hoạch nào được lập từ bản này. Có thể mở lại khi cần."),
        ],
        form=form,
        is_destructive=True,
    )


@require_POST
def reopen_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    operations.reopen_import(
        actor=request.user,
        plan_import=plan_import,
        version=plan_import.version,
        at=timezone.now(),
    )
    messages.success(request, _("Đã mở lại bản nhập."))
    return redirect("plans:import", import_id=import_id)


@require_http_methods(["GET", "HEAD", "POST"])
def compare_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    """The same file again: what is there already, against what it reads like now."""
    plan_import = import_or_404(request, import_id)
    rules.start_import.require(request.user, plan_import.managed_by_id)
    if request.method == "POST":
        made = operations.import_again(
            actor=request.user, plan_import=plan_import, at=timezone.now()
        )
        messages.success(request, _("Đã mở một bản nhập riêng từ tệp này."))
        return redirect("plans:import", import_id=made.pk)
    upload = plan_import.upload
    read = draft_from(reading_of(read_bytes(upload.name, queries.bytes_of(upload))))
    if plan_import.plan is not None:
        differences = queries.compare_with_plan(plan_import.plan, read)
    else:
        differences = queries.compare_drafts(queries.draft_of(plan_import), read)
    context = {
        "plan_import": plan_import,
        "plan": plan_import.plan,
        "differences": differences,
        "read": read,
        "fields": {
            "text": _("Nội dung"),
            "lead": _("Chủ trì"),
            "coordinating": _("Phối hợp"),
            "time_text": _("Thời gian"),
        },
    }
    return render(request, "plans/import_compare.html", context)
