"""How a plan was amended, version after version; and the page on which an amendment begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.documents.queries import documents_visible_to
from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.people.http import SignedInRequest
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.engine.amending import Change, ChangeKind
from chuan.modules.plans.engine.draft import Draft, DraftTask
from chuan.modules.plans.enums import DueKind, ImportState
from chuan.modules.plans.models import Plan
from chuan.modules.plans.operations import amendments as operations
from chuan.modules.plans.parsing import UnreadableFile
from chuan.modules.plans.queries.amendments import Edition, editions_of
from chuan.modules.plans.web.finding import chosen_year, may_see_all, plan_or_404
from chuan.modules.plans.web.forms.imports import AmendForm
from chuan.modules.plans.web.plans import plan_tabs


@dataclass(frozen=True, slots=True)
class ShownField:
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One task of a comparison: for a new or a removed one, what it says."""

    code: str
    name: str
    state: str
    fields: tuple[ShownField, ...]
    is_new: bool = False
    is_gone: bool = False


def shown_changes(changes: Iterable[Change], base: Draft, draft: Draft) -> list[ShownChange]:
    return [
        ShownChange(
            code=one.code,
            name=one.name,
            state=f"task_{one.kind}",
            fields=tuple(_fields(one, base, draft)),
            is_new=one.kind == ChangeKind.ADDED,
            is_gone=one.kind == ChangeKind.REMOVED,
        )
        for one in changes
    ]


_SAID_OF_ONE_SIDE = ("text", "lead", "coordinating", "due_kind")


def _fields(change: Change, base: Draft, draft: Draft) -> Iterable[ShownField]:
    names = change.fields if change.kind == ChangeKind.CHANGED else _SAID_OF_ONE_SIDE
    labels = {
        "code": _("Mã"),
        "section": _("Nhóm nhiệm vụ"),
        "text": _("Nội dung"),
        "short_text": _("Tên gọi ngắn"),
        "lead": _("Chủ trì"),
        "lead_mode": _("Khi nhiều cơ quan chủ trì"),
        "coordinating": _("Phối hợp"),
        "time_text": _("Thời gian ghi trong quyết định"),
        "due_kind": _("Loại thời hạn"),
        "due_on": _("Ngày hết hạn"),
        "product": _("Sản phẩm"),
        "deliverables": _("Kết quả đầu ra"),
        "body_points": _("Điểm trong phần chính"),
        "heading_only": _("Chỉ theo dõi đầu mục"),
    }
    for name in names:
        old, new = _said(base, change.old, name), _said(draft, change.new, name)
        if old or new:
            yield ShownField(labels[name], old, new)


def _said(draft: Draft, task: DraftTask | None, name: str) -> str:
    if task is None:
        return ""
    if name == "section":
        titles = {one.code: f"{one.code}. {one.text}" for one in draft.sections}
        return titles.get(task.section, task.section)
    if name == "deliverables":
        return "; ".join(f"{one.title} ({one.weight or 0}%)" for one in task.deliverables)
    if name == "due_kind":
        return str(DueKind(task.due_kind).label) if task.due_kind else ""
    if name == "due_on":
        return format_date(task.due_on) if task.due_on else ""
    if name == "lead_mode":
        return str(task.lead_mode.label)
    if name == "heading_only":
        return _("Có") if task.heading_only else _("Không")
    value = getattr(task, name)
    return "; ".join(value) if isinstance(value, tuple) else str(value)


@require_safe
def show_versions(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """The versions of a plan, the latest first, and what replaced it or what it replaced."""
    plan = plan_or_404(request, plan_id)
    year = chosen_year(request, plan)
    today = timezone.localdate()
    editions = editions_of(plan)
    shown = [_shown(one, today, is_last=one is editions[-1]) for one in reversed(editions)]
    deciding = [one.version.document_id for one in editions]
    readable = set(
        documents_visible_to(request.user).filter(pk__in=deciding).values_list("pk", flat=True)
    )
    context = {
        "plan": plan,
        "year": year,
        "shown": shown,
        "readable": readable,
        "replaces": Plan.objects.filter(replaced_by=plan).select_related("document"),
        "open_drafts": plan.amendments.filter(state=ImportState.OPEN).select_related("upload")
        if rules.amend_plan.allows(request.user, plan, today)
        else [],
        "amend_refusal": rules.amend_plan.refusal(request.user, plan, today),
        "tabs": plan_tabs(plan, year, "versions", sees_all=may_see_all(request, plan)),
    }
    return render(request, "plans/versions.html", context)


def _shown(edition: Edition, today: date, *, is_last: bool) -> dict[str, Any]:
    state = "version_past"
    if edition.version.from_day > today:
        state = "version_ahead"
    elif is_last:
        state = "version_now"
    changes = []
    if edition.base is not None:
        changes = shown_changes(edition.changes, edition.base, edition.draft)
    return {
        "version": edition.version,
        "years": ", ".join(str(year) for year in edition.years),
        "task_count": len(edition.draft.tasks),
        "changes": changes,
        "summary": _in_numbers(edition.changes),
        "is_first": edition.base is None,
        "state": state,
    }


def _in_numbers(changes: Iterable[Change]) -> str:
    counted = Counter(one.kind for one in changes)
    said = {
        ChangeKind.CHANGED: _("%s nhiệm vụ sửa đổi"),
        ChangeKind.ADDED: _("%s nhiệm vụ bổ sung"),
        ChangeKind.REMOVED: _("%s nhiệm vụ bãi bỏ"),
    }
    return ", ".join(text % counted[kind] for kind, text in said.items() if counted[kind])


@require_http_methods(["GET", "HEAD", "POST"])
def amend_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """The file of the decision that amends a plan; a draft of the next version begins from it."""
    plan = plan_or_404(request, plan_id)
    rules.amend_plan.require(request.user, plan, timezone.localdate())
    form = AmendForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["content"]
        try:
            made = operations.start_amendment(
                actor=request.user,
                plan=plan,
                name=content.name,
                content=content.read(),
                is_whole=form.cleaned_data["covers"] == "whole",
                at=timezone.now(),
            )
        except operations.AlreadyRead as already:
            messages.warning(request, str(already))
            return redirect("plans:import", import_id=already.found.pk)
        except UnreadableFile as unreadable:
            form.add_error("content", unreadable.message)
        except FileRefused as refused:
            form.add_error("content", str(refused))
        else:
            return redirect("plans:import", import_id=made.pk)
    context = {"plan": plan, "form": form}
    return render(request, "plans/amend.html", context, status=422 if form.errors else 200)
