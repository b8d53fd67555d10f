"""Documents from above and what of them is carried out."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import Form
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import rules
from chuan.modules.plans.models import Task
from chuan.modules.plans.operations.central import set_central_links
from chuan.modules.plans.queries.central import (
    central_tasks_of,
    coverage_of,
    every_central_task,
    parent_documents,
)
from chuan.modules.plans.web.finding import show_conflict, task_or_404


class LinksForm(Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    central = forms.MultipleChoiceField(
        label=_("Nhiệm vụ của văn bản cấp trên"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def offer(self) -> None:
        self.fields["central"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.source.notation}, {one.code}: {one.text}")
            for one in every_central_task()
        ]

    def ids_seen(self) -> set[int]:
        given = map(whole_number, self.cleaned_data["seen"].split(","))
        return {pk for pk in given if pk is not None}


@require_safe
def list_parents(request: SignedInRequest) -> HttpResponse:
    """The documents from above that plans carry out."""
    rules.see_plans.require(request.user)
    return render(request, "plans/parents.html", {"parents": parent_documents()})


@require_safe
def show_parent(request: SignedInRequest, source_id: int) -> HttpResponse:
    """The central tasks of a document, who carries out which, and what nobody does."""
    rules.see_plans.require(request.user)
    source = get_object_or_404(parent_documents(), pk=source_id)
    covered = coverage_of(source)
    context = {
        "source": source,
        "covered": covered,
        "open_count": sum(not one.tasks for one in covered),
        "is_compared": all(one.central.is_compared for one in covered),
    }
    return render(request, "plans/parent.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_links(request: SignedInRequest, plan_id: int, task_id: int) -> HttpResponse:
    task: Task = task_or_404(request, plan_id, task_id)
    rules.link_central_tasks.require(request.user, task, timezone.localdate())
    stored = sorted(central_tasks_of(task).values_list("pk", flat=True))
    form = LinksForm(
        request.POST or None,
        initial={"seen": ",".join(map(str, stored)), "central": [str(pk) for pk in stored]},
    )
    form.offer()
    back_url = reverse("plans:task", args=[plan_id, task_id])
    if request.method == "POST" and form.is_valid():
        try:
            set_central_links(
                actor=request.user,
                task=task,
                seen=form.ids_seen(),
                wanted={int(pk) for pk in form.cleaned_data["central"]},
                at=timezone.now(),
            )
        except rules.Conflict:
            return show_conflict(request, back_url=request.path)
        messages.success(request, _("Đã lưu nhiệm vụ cấp trên mà nhiệm vụ này thực hiện."))
        return redirect(back_url)
    context = {"task": task, "plan": task.plan, "form": form, "back_url": back_url}
    return render(request, "plans/central_links.html", context, status=422 if form.errors else 200)
