"""Telling how far an assignment is; what is typed is kept until it is told."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.reasons import add_faults
from chuan.lib.rules import Denied
from chuan.modules.plans import rules
from chuan.modules.plans.enums import Achievement
from chuan.modules.plans.models import Assignment, ProgressUpdate, UpdateDraft
from chuan.modules.plans.operations import progress, update_drafts
from chuan.modules.plans.queries import assignments as queries
from chuan.modules.plans.queries.onward import where_updates_go
from chuan.modules.plans.queries.subtasks import shared_of, subtasks_of
from chuan.modules.plans.queries.update_drafts import update_draft_of
from chuan.modules.plans.web.assignments import page_status
from chuan.modules.plans.web.finding import (
    assignment_or_404,
    name_day,
    name_of,
    show_progress_conflict,
)
from chuan.modules.plans.web.forms.progress import UpdateForm

# The parameter that leads from a piece of evidence back to the update it was added for.
BACK, TO_UPDATE = "tiep", "tien-do"


@require_http_methods(["GET", "HEAD", "POST"])
def post_update(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    assignment = assignment_or_404(request, assignment_id)
    rules.post_update.require(request.user, assignment, timezone.localdate())
    here = reverse("plans:post_update", args=[assignment.pk])
    if request.method == "POST" and "drop" in request.POST:
        update_drafts.drop_update_draft(actor=request.user, assignment=assignment)
        messages.success(request, _("Đã bỏ phần viết dở."))
        return redirect(here)
    if request.method == "POST" and request.POST.get("then") == "evidence":
        _keep(request, assignment, timezone.now())
        add = reverse("plans:add_evidence", args=[assignment.pk])
        return redirect(f"{add}?{BACK}={TO_UPDATE}")
    draft = update_draft_of(assignment, request.user)
    form = _form(request, assignment, draft)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            progress.post_update(
                actor=request.user,
                assignment=assignment,
                version=data["version"],
                at=timezone.now(),
                narrative=data.get("narrative", ""),
                achievement=Achievement(data["achievement"]),
                percent=data.get("percent"),
                percent_reason=data.get("percent_reason", ""),
                finished_on=data["finished_on"],
            )
        except rules.Conflict:
            return show_progress_conflict(request, assignment, data, here)
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, _("Đã ghi tiến độ."))
            return redirect("plans:assignment", assignment_id=assignment.pk)
    latest = queries.latest_updates([assignment.pk]).get(assignment.pk)
    context = {
        "form": form,
        "assignment": assignment,
        "task": assignment.task,
        "name": name_of(assignment.organisation_id, name_day(assignment)),
        "proof": queries.proofs([assignment])[assignment.pk],
        "evidence_count": assignment.evidence.filter(withdrawn_at__isnull=True).count(),
        "shared": shared_of(subtasks_of(assignment, request.user)),
        "latest": latest,
        "draft": draft if request.method != "POST" else None,
        "told_since": _told_since(draft, latest),
        "back_url": reverse("plans:assignment", args=[assignment.pk]),
    }
    return render(request, "plans/update.html", context, status=page_status(form))


def _form(
    request: SignedInRequest, assignment: Assignment, draft: UpdateDraft | None
) -> UpdateForm:
    """Empty, or as it was left; always on the version that stands now."""
    form = UpdateForm(
        request.POST or None,
        heading_only=assignment.task.heading_only,
        initial={
            "achievement": assignment.achievement,
            "percent": assignment.percent,
            "percent_reason": assignment.percent_reason,
            "finished_on": assignment.done_on,
            **(draft.content if draft else {}),
            "version": assignment.version,
        },
    )
    if "narrative" in form.fields:
        onward = where_updates_go(
            assignment.task.plan_id, assignment.organisation_id, timezone.localdate()
        )
        help_text = form.fields["narrative"].help_text
        form.fields["narrative"].help_text = f"{help_text} {onward}".strip()
    return form


def _told_since(draft: UpdateDraft | None, latest: ProgressUpdate | None) -> bool:
    return draft is not None and latest is not None and latest.made_at > draft.saved_at


@require_POST
def autosave_update(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """The form saving itself while somebody writes."""
    assignment = assignment_or_404(request, assignment_id)
    at = timezone.now()
    try:
        _keep(request, assignment, at)
    except Denied as denied:
        return JsonResponse({"error": str(denied)}, status=403)
    return JsonResponse({"saved_at": f"{timezone.localtime(at):%H:%M}"})


def _keep(request: SignedInRequest, assignment: Assignment, at: datetime) -> None:
    fields = UpdateForm(heading_only=assignment.task.heading_only).fields
    typed = {
        name: request.POST.get(name, "")[: getattr(field, "max_length", None) or 100]
        for name, field in fields.items()
        if name != "version"
    }
    update_drafts.keep_update_draft(actor=request.user, assignment=assignment, typed=typed, at=at)
