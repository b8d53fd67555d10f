"""Asking coordinators for their part, and answering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from chuan.core.people.http import SignedInRequest
from chuan.core.people.models import Person
from chuan.core.ui.reasons import add_faults, end_with_reason
from chuan.core.ui.views import Difference
from chuan.modules.plans import rules
from chuan.modules.plans.enums import Achievement, RequestState
from chuan.modules.plans.models import Assignment, ContributionRequest
from chuan.modules.plans.operations import requests as operations
from chuan.modules.plans.queries.requests import (
    coordinators_to_ask,
    requests_of,
    requests_visible_to,
    waiting_for,
    why_nobody_to_ask,
)
from chuan.modules.plans.web.finding import (
    assignment_or_404,
    name_day,
    name_of,
    short_names,
    show_conflict,
    show_progress_conflict,
)
from chuan.modules.plans.web.forms.requests import AskForm, PartForm


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request as one of its two sides reads it: `name` is the other side."""

    request: ContributionRequest
    name: str
    status: str
    may_answer: bool = False

    @property
    def title(self) -> str:
        return _("%s đề nghị góp phần") % self.name


def status_of(request: ContributionRequest, on: date) -> str:
    return "request_overdue" if request.is_overdue(on) else f"request_{request.state}"


def asked_for(assignment: Assignment, on: date) -> list[RequestLine]:
    """What a lead asked for here: what waits first."""
    rows = list(requests_of(assignment))
    names = short_names({row.assignment.organisation_id for row in rows}, name_day(assignment))
    return [
        RequestLine(row, names.get(row.assignment.organisation_id, ""), status_of(row, on))
        for row in rows
    ]


def asked_of(person: Person, assignment: Assignment, on: date) -> list[RequestLine]:
    """What a coordinator is asked for here and has not answered."""
    rows = [
        row
        for row in waiting_for([assignment.organisation_id], on)
        if row.assignment_id == assignment.pk
    ]
    names = short_names({row.lead.organisation_id for row in rows}, name_day(assignment))
    return [
        RequestLine(
            row,
            names.get(row.lead.organisation_id, ""),
            status_of(row, on),
            may_answer=rules.decline_request.allows(person, row),
        )
        for row in rows
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_parts(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """Whom, for what, by when."""
    lead = assignment_or_404(request, assignment_id)
    today = timezone.localdate()
    rules.ask_for_part.require(request.user, lead, today)
    back_url = reverse("plans:assignment", args=[lead.pk])
    bodies = [(str(row.pk), row.body_name) for row in coordinators_to_ask(lead, today)]  # type: ignore[attr-defined]
    form = AskForm(request.POST or None, bodies=bodies, earliest=today)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = operations.ask_for_parts(
                actor=request.user,
                lead=lead,
                assignment_ids=[int(pk) for pk in data["bodies"]],
                text=data["text"],
                due_on=data["due_on"],
                at=timezone.now(),
            )
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(
                request,
                ngettext(
                    "Đã gửi đề nghị đến %(count)s cơ quan.",
                    "Đã gửi đề nghị đến %(count)s cơ quan.",
                    len(made),
                )
                % {"count": len(made)},
            )
            return redirect(back_url)
    context = {
        "form": form,
        "assignment": lead,
        "task": lead.task,
        "back_url": back_url,
        "why_nobody": None if bodies else why_nobody_to_ask(lead, today),
    }
    return render(request, "plans/ask.html", context, status=422 if form.errors else 200)


def request_or_404(request: SignedInRequest, request_id: int) -> ContributionRequest:
    return get_object_or_404(requests_visible_to(request.user), pk=request_id)


@require_http_methods(["GET", "HEAD", "POST"])
def answer_request(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = request_or_404(request, request_id)
    back_url = reverse("plans:assignment", args=[asked.assignment_id])
    begun = {Achievement.NOT_STARTED, Achievement.NO_EVIDENCE}
    standing = Achievement(asked.assignment.achievement)
    form = PartForm(
        request.POST or None,
        initial={
            "version": asked.version,
            "assignment_version": asked.assignment.version,
            "achievement": Achievement.LIMITED if standing in begun else standing,
        },
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            operations.answer_request(
                actor=request.user,
                request=asked,
                version=data["version"],
                assignment_version=data["assignment_version"],
                narrative=data["narrative"],
                achievement=Achievement(data["achievement"]),
                at=timezone.now(),
            )
        except rules.Conflict as found:
            if isinstance(found.stored, Assignment):
                return show_progress_conflict(
                    request,
                    asked.assignment,
                    data,
                    reverse("plans:answer_request", args=[asked.pk]),
                )
            return _conflict(request, asked, data["narrative"])
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, _("Đã gửi phần góp của cơ quan bạn."))
            return redirect(back_url)
    elif request.method != "POST":
        rules.answer_request.require(request.user, asked, timezone.localdate())
    context = {
        "form": form,
        "asked": asked,
        "task": asked.assignment.task,
        "lead_name": name_of(asked.lead.organisation_id, name_day(asked.lead)),
        "back_url": back_url,
    }
    return render(request, "plans/answer_request.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def decline_request(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = request_or_404(request, request_id)
    if request.method != "POST":
        rules.decline_request.require(request.user, asked)
    return _close(
        request,
        asked,
        operations.decline_request,
        title=_("Từ chối góp phần?"),
        action=_("Từ chối"),
        done=_("Đã gửi từ chối đến cơ quan chủ trì."),
        back_url=reverse("plans:assignment", args=[asked.assignment_id]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_request(request: SignedInRequest, request_id: int) -> HttpResponse:
    asked = request_or_404(request, request_id)
    if request.method != "POST":
        rules.withdraw_request.require(request.user, asked)
    return _close(
        request,
        asked,
        operations.withdraw_request,
        title=_("Rút đề nghị góp phần?"),
        action=_("Rút đề nghị"),
        done=_("Đã rút đề nghị."),
        back_url=reverse("plans:assignment", args=[asked.lead_id]),
    )


def _close(
    request: SignedInRequest,
    asked: ContributionRequest,
    operation: operations.Closing,
    *,
    title: str,
    action: str,
    done: str,
    back_url: str,
) -> HttpResponse:
    return end_with_reason(
        request,
        version=asked.version,
        end=partial(operation, actor=request.user, request=asked, at=timezone.now()),
        conflict=rules.Conflict,
        on_conflict=lambda reason: _conflict(request, asked, reason),
        done=done,
        title=title,
        action=action,
        back_url=back_url,
        lines=[asked.text],
    )


def _conflict(request: SignedInRequest, asked: ContributionRequest, written: str) -> HttpResponse:
    stored = ContributionRequest.objects.select_related("closed_by", "update").get(pk=asked.pk)
    said = stored.update.narrative if stored.update else stored.reason
    mine = rules.own_organisation_ids(request.user)
    side = asked.lead_id if asked.lead.organisation_id in mine else asked.assignment_id
    return show_conflict(
        request,
        back_url=reverse("plans:assignment", args=[side]),
        by=stored.closed_by.full_name if stored.closed_by else "",
        at=stored.closed_at,
        differences=[
            Difference(_("Trạng thái"), RequestState(stored.state).label, ""),
            Difference(_("Nội dung"), said, written),
        ],
    )
