"""The consolidated texts, edited beside what the bodies wrote."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import Form
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import (
    ConsolidatedTask,
    Consolidation,
)
from chuan.flows.annual_report.operations import consolidation as operations
from chuan.flows.annual_report.queries import rollup
from chuan.flows.annual_report.queries.days import last_data_day
from chuan.flows.annual_report.queries.rollup import Content
from chuan.flows.annual_report.queries.slices import Paragraphs
from chuan.flows.annual_report.web.common import (
    consolidation_or_404,
    kept,
    not_saved,
    refuse,
    saved,
    show_conflict,
)
from chuan.flows.annual_report.web.consolidation.common import PARAGRAPHS_ON_A_PAGE, SHOWN
from chuan.flows.annual_report.web.forms import TaskTextForm, TextsForm
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
def edit_texts(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    if request.method == "POST":
        form = TextsForm(request.POST, is_yearly=made.period.is_yearly)
        if form.is_valid():
            try:
                _save_texts(request, made, form)
            except rules.Conflict as conflict:
                return show_conflict(
                    request,
                    conflict.stored,
                    [
                        (name, str(form.fields[name].label), text)
                        for name, text in form.texts().items()
                    ],
                    reverse("annual_report:texts", args=[made.pk]),
                )
            except Denied as denied:
                return _texts_page(request, made, form, refusal=str(denied))
            messages.success(request, _("Đã lưu lời văn."))
            return redirect("annual_report:consolidation", made.pk)
    else:
        form = TextsForm(
            is_yearly=made.period.is_yearly,
            initial={
                "version": made.version,
                **{name: getattr(made, name) for name in operations.TEXTS},
            },
        )
    return _texts_page(request, made, form)


def _texts_page(
    request: SignedInRequest, made: Consolidation, form: TextsForm, *, refusal: str = ""
) -> HttpResponse:
    context = {
        "made": made,
        "period": made.period,
        "form": form,
        "can_edit": rules.edit_consolidation.allows(request.user, made),
        "coverage": made.snapshot["coverage"],
        "refusal": refusal,
        "typed": kept(form) if refusal else [],
    }
    return render(request, "annual_report/texts.html", context, status=_status(form, refusal))


def _status(form: Form, refusal: str) -> int:
    if refusal:
        return 403
    return 422 if form.errors else 200


@require_POST
def autosave_texts(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    form = TextsForm(request.POST, is_yearly=made.period.is_yearly)
    if not form.is_valid():
        return not_saved(_("Có ô chưa đúng."), 422)
    try:
        made = _save_texts(request, made, form)
    except rules.Conflict:
        return not_saved(_("Người khác vừa sửa lời văn."), 409)
    except Denied as denied:
        return not_saved(str(denied), 403)
    return saved(made.updated_at, made.version)


def _save_texts(request: SignedInRequest, made: Consolidation, form: TextsForm) -> Consolidation:
    return operations.save_consolidation_texts(
        actor=request.user,
        consolidation=made,
        version=form.cleaned_data["version"],
        texts=form.texts(),
        at=timezone.now(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_task(request: SignedInRequest, consolidation_id: int, task_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    row = _task_row(made, task_id)
    if request.method == "POST":
        form = TaskTextForm(request.POST)
        if form.is_valid():
            try:
                row = _save_task(request, row, form)
            except rules.Conflict as conflict:
                return _task_conflict(request, made, conflict, form)
            except Denied as denied:
                return _task_page(request, made, row, form, refusal=str(denied))
            messages.success(request, _("Đã lưu bản ghép."))
            return redirect(_after_task(request, made, task_id))
    else:
        form = TaskTextForm(initial={"version": row.version, "narrative": row.narrative})
    return _task_page(request, made, row, form)


def _task_page(
    request: SignedInRequest,
    made: Consolidation,
    row: ConsolidatedTask,
    form: TaskTextForm,
    *,
    refusal: str = "",
) -> HttpResponse:
    tasks = made.snapshot["tasks"]
    place = next((n for n, one in enumerate(tasks) if one["task_id"] == row.task_id), 0)
    page = Paginator(Paragraphs(row), PARAGRAPHS_ON_A_PAGE).get_page(request.GET.get("trang"))
    sources = _sources(row, page.object_list)
    context = {
        "made": made,
        "period": made.period,
        "row": row,
        "task": tasks[place],
        "form": form,
        "can_edit": rules.edit_consolidation.allows(request.user, made),
        "sources": sources[:SHOWN],
        "more_sources": sources[SHOWN:],
        "page": page,
        "source_count": page.paginator.count,
        "data_until": last_data_day(made.period),
        "refusal": refusal,
        "typed": kept(form) if refusal else [],
        "previous_task": tasks[place - 1] if place else None,
        "next_task": tasks[place + 1] if place + 1 < len(tasks) else None,
    }
    return render(request, "annual_report/task_text.html", context, status=_status(form, refusal))


def _task_row(made: Consolidation, task_id: int) -> ConsolidatedTask:
    row = get_object_or_404(made.tasks.defer("sources", "merged"), task=task_id)
    row.consolidation = made
    return row


def _sources(row: ConsolidatedTask, shown: Iterable[Content]) -> list[dict[str, Any]]:
    """Paragraphs with the groups they stand under, and whether the text already carries them."""
    sources = []
    group = ""
    marks = rollup.marks_in(row.narrative)
    for source in shown:
        sources.append(
            {
                **source,
                "new_group": source["group"] if source["group"] != group else "",
                "is_in": source["mark"] in marks,
            }
        )
        group = source["group"]
    return sources


@require_POST
def autosave_task(request: SignedInRequest, consolidation_id: int, task_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    form = TaskTextForm(request.POST)
    if not form.is_valid():
        return not_saved(_("Có ô chưa đúng."), 422)
    try:
        row = _save_task(request, _task_row(made, task_id), form)
    except rules.Conflict:
        return not_saved(_("Người khác vừa sửa bản ghép này."), 409)
    except Denied as denied:
        return not_saved(str(denied), 403)
    return saved(timezone.now(), row.version)


def _save_task(
    request: SignedInRequest, row: ConsolidatedTask, form: TaskTextForm
) -> ConsolidatedTask:
    return operations.save_consolidated_task(
        actor=request.user,
        row=row,
        version=form.cleaned_data["version"],
        narrative=form.cleaned_data["narrative"],
        at=timezone.now(),
    )


def _task_conflict(
    request: SignedInRequest, made: Consolidation, conflict: rules.Conflict, form: TaskTextForm
) -> HttpResponse:
    stored = conflict.stored
    return show_conflict(
        request,
        stored,
        [("narrative", _("Bản ghép"), form.cleaned_data["narrative"])],
        reverse("annual_report:task_text", args=[made.pk, stored.task_id]),  # type: ignore[attr-defined]
    )


def _after_task(request: SignedInRequest, made: Consolidation, task_id: int) -> str:
    tasks = [one["task_id"] for one in made.snapshot["tasks"]]
    place = tasks.index(task_id) if task_id in tasks else len(tasks)
    then = request.POST.get("then", "")
    if then == "next" and place + 1 < len(tasks):
        return reverse("annual_report:task_text", args=[made.pk, tasks[place + 1]])
    if then.isdecimal():
        return _paragraphs(made, task_id, then)
    return reverse("annual_report:consolidation", args=[made.pk]) + "#thuyet-minh"


def _paragraphs(made: Consolidation, task_id: int, page: str) -> str:
    """The page of a task where so many paragraphs were passed over."""
    address = reverse("annual_report:task_text", args=[made.pk, task_id])
    return f"{address}?trang={page}" if page.isdecimal() else address


@require_POST
def bring_in_source(request: SignedInRequest, consolidation_id: int, task_id: int) -> HttpResponse:
    """Add one body's paragraph. What was typed in the box beside it comes along and is saved too."""
    made = consolidation_or_404(request, consolidation_id)
    row = _task_row(made, task_id)
    form = TaskTextForm(request.POST)
    mark = whole_number(request.POST.get("mark", ""))
    if mark is None or not form.is_valid():
        raise Http404
    try:
        if form.cleaned_data["narrative"] != row.narrative:
            row = _save_task(request, row, form)
            row.consolidation = made
            version = row.version
        else:
            version = form.cleaned_data["version"]
        operations.bring_in_source(
            actor=request.user, row=row, version=version, mark=mark, at=timezone.now()
        )
    except rules.Conflict as conflict:
        return _task_conflict(request, made, conflict, form)
    except Denied as denied:
        return _task_page(request, made, row, form, refusal=str(denied))
    return redirect(_paragraphs(made, task_id, request.GET.get("trang", "")))


@require_POST
def merge_again(request: SignedInRequest, consolidation_id: int, task_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    row = _task_row(made, task_id)
    version = request.POST.get("version", "")
    try:
        operations.merge_again(
            actor=request.user,
            row=row,
            version=whole_number(version) or 0,
            at=timezone.now(),
        )
    except rules.Conflict:
        messages.error(request, _("Người khác vừa sửa bản ghép này. Hãy xem lại."))
    except Denied as denied:
        return refuse(request, denied, "annual_report:task_text", made.pk, task_id)
    else:
        messages.success(request, _("Đã ghép lại từ nội dung các đơn vị gửi."))
    return redirect("annual_report:task_text", made.pk, task_id)
