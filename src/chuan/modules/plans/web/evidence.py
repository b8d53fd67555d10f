"""What shows that an assignment is done: adding it, replacing, using it again, withdrawing."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.files.web.resumable import files_of
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.reasons import add_faults
from chuan.core.ui.views import confirm
from chuan.lib.rules import Denied
from chuan.modules.plans import rules
from chuan.modules.plans.enums import EvidenceKind
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.operations import progress
from chuan.modules.plans.queries import assignments as queries
from chuan.modules.plans.web.assignments import page_status
from chuan.modules.plans.web.finding import (
    assignment_or_404,
    evidence_or_404,
    name_day,
    name_of,
)
from chuan.modules.plans.web.forms.common import ReasonForm
from chuan.modules.plans.web.forms.progress import EvidenceForm, ReplaceForm, ReuseForm
from chuan.modules.plans.web.updates import BACK, TO_UPDATE


@require_http_methods(["GET", "HEAD", "POST"])
def add_evidence(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    assignment = assignment_or_404(request, assignment_id)
    rules.add_evidence.require(request.user, assignment, timezone.localdate())
    deliverables = list(assignment.task.deliverables.order_by("position", "pk"))
    form = EvidenceForm(request.POST or None, files_of(request) or None, deliverables=deliverables)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        content = data["content"]
        try:
            progress.add_evidence(
                actor=request.user,
                assignment=assignment,
                at=timezone.now(),
                kind=EvidenceKind(data["kind"]),
                title=data["title"],
                deliverable=form.chosen_deliverable,
                name=content.name if content else "",
                content=content,
                link=data["link"],
            )
        except ValidationError as faults:
            add_faults(form, faults)
        except FileRefused as refused:
            form.add_error("content", str(refused))
        else:
            messages.success(request, _("Đã thêm minh chứng “%s”.") % data["title"])
            return redirect(_on(request, assignment))
    context = {
        "form": form,
        "for_update": _is_for_update(request),
        "assignment": assignment,
        "task": assignment.task,
        "name": name_of(assignment.organisation_id, name_day(assignment)),
        "deliverables": deliverables,
        "back_url": _on(request, assignment),
        "reuse_url": reverse("plans:reuse_evidence", args=[assignment.pk]) + _tail(request),
    }
    return render(request, "plans/evidence.html", context, status=page_status(form))


def _is_for_update(request: SignedInRequest) -> bool:
    """Whether somebody came here from an update they are writing."""
    return request.GET.get(BACK) == TO_UPDATE


def _tail(request: SignedInRequest) -> str:
    return f"?{BACK}={TO_UPDATE}" if _is_for_update(request) else ""


def _on(request: SignedInRequest, assignment: Assignment) -> str:
    """Where to go on: back to the update, or to the assignment."""
    to = "plans:post_update" if _is_for_update(request) else "plans:assignment"
    return reverse(to, args=[assignment.pk])


@require_http_methods(["GET", "HEAD", "POST"])
def replace_evidence(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    """A corrected version in the place of the one that counts."""
    evidence = evidence_or_404(request, evidence_id)
    rules.replace_evidence.require(request.user, evidence, timezone.localdate())
    back_url = reverse("plans:assignment", args=[evidence.assignment_id])
    form = ReplaceForm(
        request.POST or None, files_of(request) or None, initial={"title": evidence.title}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        content = data["content"]
        try:
            progress.replace_evidence(
                actor=request.user,
                evidence=evidence,
                at=timezone.now(),
                title=data["title"],
                name=content.name if content else "",
                content=content,
                link=data["link"],
            )
        except ValidationError as faults:
            add_faults(form, faults)
        except FileRefused as refused:
            form.add_error("content", str(refused))
        else:
            messages.success(request, _("Đã thay bằng bản mới. Bản trước vẫn được lưu."))
            return redirect(back_url)
    return _evidence_form(
        request,
        form,
        evidence.assignment,
        back_url,
        title=_("Thay minh chứng bằng bản mới"),
        lead=evidence.title,
        action=_("Thay bằng bản mới"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reuse_evidence(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """Evidence the body showed elsewhere, shown here too."""
    assignment = assignment_or_404(request, assignment_id)
    rules.add_evidence.require(request.user, assignment, timezone.localdate())
    back_url = _on(request, assignment)
    known = {str(row.pk): row for row in queries.evidence_to_reuse(assignment)}
    form = ReuseForm(
        request.POST or None,
        known=[
            (key, f"{row.title} ({row.assignment.task.code}, {row.assignment.year})")
            for key, row in known.items()
        ],
        deliverables=list(assignment.task.deliverables.order_by("position", "pk")),
    )
    if request.method == "POST" and form.is_valid():
        try:
            progress.reuse_evidence(
                actor=request.user,
                evidence=known[form.cleaned_data["evidence"]],
                assignment=assignment,
                at=timezone.now(),
                deliverable=form.chosen_deliverable,
            )
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, _("Đã dùng lại minh chứng."))
            return redirect(back_url)
    return _evidence_form(
        request,
        form,
        assignment,
        back_url,
        title=_("Dùng lại minh chứng đã có"),
        lead=_("Chọn minh chứng cơ quan bạn đã thêm cho nhiệm vụ hoặc năm khác."),
        action=_("Dùng lại"),
    )


def _evidence_form(
    request: SignedInRequest,
    form: ReplaceForm | ReuseForm,
    assignment: Assignment,
    back_url: str,
    *,
    title: str,
    lead: str,
    action: str,
) -> HttpResponse:
    context = {
        "form": form,
        "task": assignment.task,
        "back_url": back_url,
        "title": title,
        "lead": lead,
        "action": action,
    }
    return render(request, "plans/evidence_form.html", context, status=page_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_evidence(request: SignedInRequest, evidence_id: int) -> HttpResponse:
    evidence = evidence_or_404(request, evidence_id)
    rules.withdraw_evidence.require(request.user, evidence, timezone.localdate())
    back_url = reverse("plans:assignment", args=[evidence.assignment_id])
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            progress.withdraw_evidence(
                actor=request.user,
                evidence=evidence,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except Denied as denied:
            messages.error(request, str(denied))
        else:
            messages.success(request, _("Đã rút minh chứng “%s”.") % evidence.title)
        return redirect(back_url)
    return confirm(
        request,
        title=_("Rút minh chứng “%s”?") % evidence.title,
        action=_("Rút minh chứng"),
        back_url=back_url,
        lines=[_("Minh chứng không còn được tính. Tệp và lý do rút vẫn được lưu trong hồ sơ.")],
        form=form,
        is_destructive=True,
    )
