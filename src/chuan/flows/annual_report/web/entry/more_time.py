"""More time for a report: asking, deciding, taking back; and asking to open a lock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuan.core.calendar.web.extensions import ExtensionPages, asked_from
from chuan.core.calendar.web.forms import ExtensionForm
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.reasons import add_faults
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import ReportExtension
from chuan.flows.annual_report.operations import extensions as operations
from chuan.flows.annual_report.queries import bodies, reports
from chuan.flows.annual_report.web.common import report_or_404
from chuan.flows.annual_report.web.entry.common import frame
from chuan.flows.annual_report.web.forms import OpenLockForm
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans


@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_more_time(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report = opened.report
    rules.ask_for_more_time.require(request.user, report)
    form = ExtensionForm(request.POST or None)
    answer = asked_from(
        request,
        form,
        partial(operations.ask_for_more_time, actor=request.user, report=report),
        done=_("Đã gửi đề nghị gia hạn đến cơ quan tổng hợp."),
        back_url=reverse("annual_report:show", args=[report.pk]),
    )
    if answer is not None:
        return answer
    context = frame(opened) | {
        "form": form,
        "title": _("Xin gia hạn gửi báo cáo"),
        "action": _("Gửi đề nghị"),
        "lead": _(
            "Gửi trong hạn thì từ lúc gửi đến khi có quyết định, báo cáo không bị tính quá hạn."
        ),
    }
    return render(
        request, "annual_report/more_time.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def ask_to_open(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Ask to open the lock of a period for one body; the plan's page lists it for everybody."""
    opened = report_or_404(request, report_id)
    report = opened.report
    rules.ask_to_open.require(request.user, report, timezone.localdate())
    form = OpenLockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        end = datetime.combine(
            data["until"] + timedelta(days=1), time.min, tzinfo=timezone.get_default_timezone()
        )
        try:
            url = plans.ask_to_open_reports(
                actor=request.user,
                plan_id=report.period.plan_id,
                organisation_id=report.organisation_id,
                period_id=report.period_id,
                title=report.period.title,
                reason=data["reason"],
                expires_at=end,
                at=timezone.now(),
            )
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, _("Đã gửi đề nghị mở khóa. Người khác duyệt thì mới mở."))
            return redirect(url)
    context = frame(opened) | {
        "form": form,
        "title": _("Xin mở khóa báo cáo"),
        "action": _("Gửi đề nghị"),
        "lead": _("Kỳ báo cáo đã khóa từ ngày %s.") % format_date(report.period.locks_on),
    }
    return render(
        request, "annual_report/more_time.html", context, status=422 if form.errors else 200
    )


def _extension_or_404(request: SignedInRequest, extension_id: int) -> ReportExtension:
    rows = ReportExtension.objects.filter(
        report__in=reports.reports_visible_to(request.user).order_by()
    ).select_related("report__period", "asked_by", "closed_by")
    found = get_object_or_404(rows, pk=extension_id)
    may_look = request.user.holds(
        *rules.UNIT_ROLES, organisation_id=found.report.organisation_id
    ) or rules.see_consolidations.allows(request.user, found.report.period)
    return found if may_look else get_object_or_404(rows.none())


def _shown(request: SignedInRequest, extension: ReportExtension) -> dict[str, Any]:
    report = extension.report
    body = bodies.body(report.organisation_id, on=report.period.due_on)
    return {"report": report, "period": report.period, "body": body, "body_name": body.name}


def _extension_url(extension: ReportExtension) -> str:
    return reverse("annual_report:extension", args=[extension.pk])


extension_pages = ExtensionPages(
    namespace="annual_report",
    template="annual_report/extension.html",
    find=_extension_or_404,
    shown=_shown,
    may_decide=rules.decide_extension,
    may_withdraw=rules.withdraw_extension,
    grant=operations.grant_more_time,
    refuse=operations.refuse_more_time,
    withdraw=operations.withdraw_extension,
    outdated=rules.Conflict,
    list_url=_extension_url,
    owner_url=_extension_url,
)
