"""Ending a plan before its time."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.reasons import add_faults
from chuan.core.ui.views import Difference
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.models import Plan
from chuan.modules.plans.operations import ending as operations
from chuan.modules.plans.queries.ending import ending_of, plans_to_follow
from chuan.modules.plans.web.finding import (
    plan_or_404,
    show_conflict,
)
from chuan.modules.plans.web.forms.deadlines import EndForm


@require_http_methods(["GET", "HEAD", "POST"])
def end_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """By which day and on what basis; what it takes away; then the decision."""
    plan = plan_or_404(request, plan_id)
    today = timezone.localdate()
    form = EndForm(
        request.POST or None, plan=plan, others=_others(plan), initial={"version": plan.version}
    )
    ending = None
    if request.method != "POST":
        rules.end_plan.require(request.user, plan, today)
    elif form.is_valid():
        if "decide" in request.POST:
            try:
                return _end(request, plan, form)
            except rules.Conflict:
                return _conflict(request, plan, form)
            except ValidationError as faults:
                add_faults(form, faults)
        if not form.errors:
            ending = ending_of(plan, form.cleaned_data["last_day"], today)
    context = {"plan": plan, "form": form, "ending": ending}
    return render(request, "plans/end.html", context, status=422 if form.errors else 200)


def _others(plan: Plan) -> list[Plan]:
    """Plans that could follow: the operation compares their days with the day chosen."""
    return list(plans_to_follow(plan, timezone.localdate()))


def _end(request: SignedInRequest, plan: Plan, form: EndForm) -> HttpResponse:
    operations.end_plan(
        actor=request.user,
        plan=plan,
        version=form.cleaned_data["version"],
        last_day=form.cleaned_data["last_day"],
        basis=form.cleaned_data["basis"],
        replaced_by=form.chosen_plan,
        at=timezone.now(),
    )
    messages.success(
        request,
        _("Kế hoạch kết thúc vào ngày %(day)s.")
        % {"day": format_date(form.cleaned_data["last_day"])},
    )
    return redirect("plans:show", plan_id=plan.pk)


def _conflict(request: SignedInRequest, plan: Plan, form: EndForm) -> HttpResponse:
    stored = Plan.objects.select_related("ended_by").get(pk=plan.pk)
    return show_conflict(
        request,
        back_url=reverse("plans:end", args=[plan.pk])
        if stored.ended_at is None
        else reverse("plans:show", args=[plan.pk]),
        by=stored.ended_by.full_name if stored.ended_by else "",
        at=stored.ended_at,
        differences=[
            Difference(
                _("Ngày cuối của kế hoạch"),
                format_date(stored.last_day),
                format_date(form.cleaned_data["last_day"]),
            )
        ],
    )
