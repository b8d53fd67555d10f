"""More time: asking for it, the department's list, deciding, taking back."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.calendar.web.extensions import ExtensionPages, asked_from
from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.tables import Column, link
from chuan.core.ui.templatetags.pieces import status
from chuan.modules.plans import rules
from chuan.modules.plans.models import DeadlineExtension
from chuan.modules.plans.operations import extensions as operations
from chuan.modules.plans.queries.extensions import extensions_visible_to, waiting_for_decision
from chuan.modules.plans.web.finding import (
    assignment_or_404,
    name_day,
    name_of,
)
from chuan.modules.plans.web.forms.deadlines import ExtensionForm
from chuan.modules.plans.web.forms.filters import ExtensionFilters
from chuan.modules.plans.web.tables import OfPlansTable


class ExtensionTable(OfPlansTable):
    name = "gia-han"
    caption = gettext_lazy("Đề nghị gia hạn")
    noun = gettext_lazy("đề nghị gia hạn")
    search_hint = gettext_lazy("tên cơ quan")
    default_order = "-asked_at"
    empty_title = gettext_lazy("Chưa có đề nghị gia hạn nào")
    empty_text = gettext_lazy(
        "Thủ trưởng cơ quan được giao xin gia hạn ở trang phân công; cơ quan theo dõi kế hoạch "
        "quyết định tại đây."
    )
    empty_icon = "calendar-due"
    filters = ExtensionFilters
    way_to_plan = "assignment__task__plan"
    of_body = "assignment__organisation"
    named_on = "assignment__resolved_on"
    columns = (
        Column(
            "task",
            gettext_lazy("Nhiệm vụ"),
            is_header=True,
            css="wide",
            cell=lambda row: link(
                reverse("plans:extension", args=[row.pk]),
                f"{row.assignment.task.code} {row.assignment.task.short_text}",
                row.whose,
            ),
            export=lambda row: row.assignment.task.code,
        ),
        Column("body_name", gettext_lazy("Cơ quan"), on_page=False, order="body_sort_key"),
        Column(
            "plan",
            gettext_lazy("Kế hoạch"),
            value=lambda row: row.assignment.task.plan,
            on_page=False,
        ),
        Column("due_on_before", gettext_lazy("Hạn khi xin"), order="due_on_before"),
        Column("proposed_due_on", gettext_lazy("Đề nghị đến"), order="proposed_due_on"),
        Column("granted_due_on", gettext_lazy("Gia hạn đến"), order="granted_due_on"),
        Column(
            "asked_at",
            gettext_lazy("Ngày xin"),
            value=lambda row: row.asked_on,
            order="asked_at",
        ),
        Column(
            "state",
            gettext_lazy("Trạng thái"),
            cell=lambda row: status(f"extension_{row.state}"),
            export=lambda row: row.get_state_display(),
            order="state",
        ),
    )


@require_safe
def list_extensions(request: SignedInRequest) -> HttpResponse:
    rules.see_plans.require(request.user)
    rows = extensions_visible_to(request.user).order_by()
    table = ExtensionTable(request, rows)
    context = {"table": table, "to_decide": waiting_for_decision(request.user).count()}
    return table.download() or render(request, "plans/extensions.html", context)


def _extension_or_404(request: SignedInRequest, extension_id: int) -> DeadlineExtension:
    return get_object_or_404(extensions_visible_to(request.user), pk=extension_id)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_extension(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    assignment = assignment_or_404(request, assignment_id)
    today = timezone.localdate()
    rules.ask_for_extension.require(request.user, assignment, today)
    back_url = reverse("plans:assignment", args=[assignment.pk])
    form = ExtensionForm(request.POST or None, request.FILES or None)
    answer = asked_from(
        request,
        form,
        partial(_ask, actor=request.user, assignment=assignment),
        done=_("Đã gửi đề nghị gia hạn đến cơ quan theo dõi kế hoạch."),
        back_url=back_url,
    )
    if answer is not None:
        return answer
    context = {
        "form": form,
        "assignment": assignment,
        "task": assignment.task,
        "name": name_of(assignment.organisation_id, name_day(assignment)),
        "is_in_time": assignment.due_on is not None and today <= assignment.due_on,
        "back_url": back_url,
    }
    return render(request, "plans/ask_extension.html", context, status=422 if form.errors else 200)


def _ask(*, content: UploadedFile[Any] | None, **asked: Any) -> None:
    try:
        operations.ask_for_extension(
            **asked, name=(content.name or "") if content else "", content=content
        )
    except FileRefused as refused:
        raise ValidationError({"content": str(refused)}) from refused


def _shown(request: SignedInRequest, extension: DeadlineExtension) -> dict[str, Any]:
    assignment = extension.assignment
    plan = assignment.task.plan
    watches = plan.managed_by_id in rules.managed_organisation_ids(request.user)
    return {
        "assignment": assignment,
        "task": assignment.task,
        "plan": plan,
        "body_name": name_of(assignment.organisation_id, name_day(assignment)),
        "original_due_on": assignment.original_due_on,
        "decide_refusal": rules.decide_extension.refusal(request.user, extension)
        if watches
        else None,
        "grant_refusal": rules.grant_extension.refusal(request.user, extension),
    }


extension_pages = ExtensionPages(
    namespace="plans",
    template="plans/extension.html",
    find=_extension_or_404,
    shown=_shown,
    may_decide=rules.decide_extension,
    may_withdraw=rules.withdraw_extension,
    grant=operations.grant_extension,
    refuse=operations.refuse_extension,
    withdraw=operations.withdraw_extension,
    outdated=rules.Conflict,
    list_url=lambda _extension: reverse("plans:extensions"),
    owner_url=lambda extension: reverse("plans:assignment", args=[extension.assignment_id]),
)
