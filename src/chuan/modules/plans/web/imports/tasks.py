"""The third step: the tasks and the points of the body they carry out."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Mark, Source
from chuan.core.ui.views import confirm
from chuan.modules.plans import rules
from chuan.modules.plans.engine.draft import (
    Draft,
    DraftTask,
    Titled,
    with_new_task,
    with_task,
    with_task_split,
    without_task,
)
from chuan.modules.plans.engine.problems import Step
from chuan.modules.plans.engine.reading import stretches_of
from chuan.modules.plans.models import PlanImport
from chuan.modules.plans.queries import amendments
from chuan.modules.plans.queries import imports as queries
from chuan.modules.plans.web.finding import (
    import_or_404,
    wants_json,
)
from chuan.modules.plans.web.forms.imports import DraftTaskForm, PointsForm, initial_of, lines_of
from chuan.modules.plans.web.imports.common import (
    change_draft,
    page_status,
    save_draft,
    step_context,
)

LETTERS = {"text": "a", "lead": "b", "coordinating": "c", "time_text": "d"}


@require_safe
def show_tasks(request: SignedInRequest, import_id: int) -> HttpResponse:
    """The task to look at first."""
    plan_import = import_or_404(request, import_id)
    draft = queries.draft_of(plan_import)
    first = next(iter(draft.in_order_of_doubt), None)
    if first is not None:
        return redirect("plans:import_task", import_id=import_id, key=first.key)
    rules.edit_import.require(request.user, plan_import)
    return render(
        request, "plans/import_tasks.html", step_context(request, plan_import, Step.TASKS)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_task(request: SignedInRequest, import_id: int, key: str) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    draft = queries.draft_of(plan_import)
    task = draft.task(key)
    if task is None:
        raise Http404(_("Không có nhiệm vụ này trong bản nhập."))
    form = DraftTaskForm(
        request.POST or None,
        draft=draft,
        initial={"version": plan_import.version, **initial_of(task)},
    )
    if request.method == "POST" and form.is_valid():
        return _save_task(request, plan_import, form, task)
    if request.method == "POST" and wants_json(request):
        return JsonResponse({}, status=422)
    context = step_context(request, plan_import, Step.TASKS)
    context |= {
        "form": form,
        "task": task,
        "labels": _labels(task),
        "source": _task_source(task),
        "where": _where(task),
        "next_task": _next_to_review(draft, key),
        "waiting": [one for one in draft.in_order_of_doubt if one.needs_review],
        "rest": [one for one in draft.in_order_of_doubt if not one.needs_review],
        "removed": _removed(plan_import, draft),
        "about": [one for one in context["problems"] if one.task_key == key and one.is_blocking],
    }
    return render(request, "plans/import_task.html", context, status=page_status(form))


def _save_task(
    request: SignedInRequest, plan_import: PlanImport, form: DraftTaskForm, task: DraftTask
) -> HttpResponse:
    """Keep the task; then stay, go to the next doubtful one, or split it."""
    go, split = "go" in request.POST, "split" in request.POST
    made: list[str] = []

    def change(draft: Draft) -> Draft:
        kept = draft.task(task.key)
        if kept is None:
            raise Http404(_("Không có nhiệm vụ này trong bản nhập."))
        changed = replace(kept, **form.changed_task(kept), is_reviewed=kept.is_reviewed or go)
        draft = with_task(draft, changed)
        if split:
            draft, copy = with_task_split(draft, task.key)
            made.append(copy.key)
        return draft

    if go:
        following = _next_to_review(queries.draft_of(plan_import), task.key)
        if following is None:
            return save_draft(request, plan_import, form, change, "plans:import_bodies")
        return save_draft(request, plan_import, form, change, "plans:import_task", following.key)
    answer = save_draft(request, plan_import, form, change, "plans:import_task", task.key)
    if made:
        messages.success(
            request, _("Đã tách. Sửa nội dung ở từng nhiệm vụ, giữ lại phần thuộc về nó.")
        )
        return redirect("plans:import_task", import_id=plan_import.pk, key=made[0])
    return answer


@require_POST
def add_task(request: SignedInRequest, import_id: int) -> HttpResponse:
    """An empty task after the one on the page."""
    plan_import = import_or_404(request, import_id)
    made: list[str] = []

    def change(draft: Draft) -> Draft:
        draft, task = with_new_task(draft, after=request.POST.get("after", ""))
        made.append(task.key)
        return draft

    change_draft(request, plan_import, change)
    return redirect("plans:import_task", import_id=import_id, key=made[0])


@require_http_methods(["GET", "HEAD", "POST"])
def remove_task(request: SignedInRequest, import_id: int, key: str) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    task = queries.draft_of(plan_import).task(key)
    if task is None:
        raise Http404(_("Không có nhiệm vụ này trong bản nhập."))
    if request.method == "POST":
        change_draft(request, plan_import, lambda draft: without_task(draft, key))
        messages.success(request, _("Đã bỏ nhiệm vụ %s khỏi bản nhập.") % task.code)
        return redirect("plans:import_tasks", import_id=import_id)
    return confirm(
        request,
        title=_("Bỏ nhiệm vụ %s khỏi bản nhập?") % task.code,
        action=_("Bỏ nhiệm vụ"),
        back_url=reverse("plans:import_task", args=[import_id, key]),
        lines=[
            task.short_text,
            _("Nhiệm vụ đọc được từ tệp có thể khôi phục trước khi phê duyệt."),
        ],
        is_destructive=True,
    )


@require_POST
def restore_task(request: SignedInRequest, import_id: int, key: str) -> HttpResponse:
    """Put back a task as the parser read it."""
    plan_import = import_or_404(request, import_id)
    read = amendments.fresh_draft_of(plan_import)
    task = read.task(key)
    if task is None:
        raise Http404(_("Tệp không có nhiệm vụ này."))

    def change(draft: Draft) -> Draft:
        if draft.task(key):
            return draft
        order = [one.key for one in read.tasks]
        before = set(order[: order.index(key)])
        position = sum(one.key in before for one in draft.tasks)
        return replace(draft, tasks=(*draft.tasks[:position], task, *draft.tasks[position:]))

    change_draft(request, plan_import, change)
    return redirect("plans:import_task", import_id=import_id, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_points(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Sections and points of the decision's body, as lines."""
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    draft = queries.draft_of(plan_import)
    form = PointsForm(
        request.POST or None,
        initial={
            "version": plan_import.version,
            "sections": lines_of(draft.sections),
            "body_points": lines_of(draft.body_points),
        },
    )
    if request.method == "POST" and form.is_valid():
        sections: tuple[Titled, ...] = form.cleaned_data["sections"]
        points: tuple[Titled, ...] = form.cleaned_data["body_points"]
        return save_draft(
            request,
            plan_import,
            form,
            lambda kept: replace(kept, sections=sections, body_points=points),
            "plans:import_tasks",
        )
    if request.method == "POST" and wants_json(request):
        return JsonResponse({}, status=422)
    context = step_context(request, plan_import, Step.TASKS) | {"form": form}
    return render(request, "plans/import_points.html", context, status=page_status(form))


def _labels(task: DraftTask) -> dict[str, SafeString]:
    """Labels with the letter of the field in the source, and what the parser was not sure of."""
    doubted = {doubt.field for doubt in task.doubts}
    names = {
        "text": _("Nội dung"),
        "lead": _("Cơ quan chủ trì"),
        "coordinating": _("Cơ quan phối hợp"),
        "time_text": _("Thời gian ghi trong quyết định"),
    }
    sure = {"text", "lead", "coordinating", "time_text"} - doubted
    if doubted & {"due", "time"}:
        sure.discard("time_text")
    return {
        name: format_html(
            '{} <span class="ref-mark{} num">{}</span>',
            label,
            " sure" if name in sure else "",
            LETTERS[name],
        )
        for name, label in names.items()
    }


def _task_source(task: DraftTask) -> Source | None:
    if not task.excerpt:
        return None
    doubted = {doubt.field for doubt in task.doubts}
    return Source(
        task.excerpt,
        [
            Mark(one.start, one.end, LETTERS[one.field], is_sure=one.field not in doubted)
            for one in stretches_of(task.excerpt, task)
        ],
    )


def _where(task: DraftTask) -> str:
    if task.source_line is None:
        return ""
    if task.source_page is None:
        return _("Dòng %s") % task.source_line
    return _("Trang %(page)s, dòng %(line)s") % {
        "page": task.source_page,
        "line": task.source_line,
    }


def _next_to_review(draft: Draft, key: str) -> DraftTask | None:
    return next(
        (one for one in draft.in_order_of_doubt if one.needs_review and one.key != key), None
    )


def _removed(plan_import: PlanImport, draft: Draft) -> list[DraftTask]:
    kept = {task.key for task in draft.tasks}
    return [task for task in amendments.fresh_draft_of(plan_import).tasks if task.key not in kept]
