"""More time for a report: asking, deciding, taking back; and asking to open a lock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuan.core.calendar.web.extensions import end_extension, granted_from
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.reasons import add_faults
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import ReportExtension
from chuan.flows.annual_report.operations import extensions as operations
from chuan.flows.annual_report.queries import bodies, reports
from chuan.flows.annual_report.web.common import report_or_404, show_conflict
from chuan.flows.annual_report.web.entry.common import frame
from chuan.flows.annual_report.web.forms import (
    ExtensionForm,
    GrantForm,
    OpenLockForm,
)
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans


@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_more_time(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report = opened.report
    rules.ask_for_more_time.require(request.user, report)
    form = ExtensionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            operations.ask_for_more_time(
                actor=request.user,
                report=report,
                reason=data["reason"],
                proposed_due_on=data["proposed_due_on"],
                at=timezone.now(),
            )
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, _("Đã gửi đề nghị gia hạn đến cơ quan tổng hợp."))
            return redirect("annual_report:show", report.pk)
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


def _extension_or_404(request: SignedInRequest, more_time_id: int) -> ReportExtension:
    rows = ReportExtension.objects.filter(
        report__in=reports.reports_visible_to(request.user).order_by()
    ).select_related("report__period", "asked_by", "closed_by")
    found = get_object_or_404(rows, pk=more_time_id)
    may_look = request.user.holds(
        *rules.UNIT_ROLES, organisation_id=found.report.organisation_id
    ) or rules.see_consolidations.allows(request.user, found.report.period)
    return found if may_look else get_object_or_404(rows.none())


@require_http_methods(["GET", "HEAD", "POST"])
def show_extension(request: SignedInRequest, more_time_id: int) -> HttpResponse:
    extension = _extension_or_404(request, more_time_id)
    report = extension.report
    form = GrantForm(
        request.POST or None,
        initial={"version": extension.version, "due_on": extension.proposed_due_on},
    )
    answer = granted_from(
        request,
        form,
        extension,
        operations.grant_more_time,
        outdated=rules.Conflict,
        on_conflict=partial(_conflict, request, extension),
        back=redirect("annual_report:extension", extension.pk),
    )
    if answer is not None:
        return answer
    context = {
        "extension": extension,
        "report": report,
        "period": report.period,
        "body": bodies.body(report.organisation_id, on=report.period.due_on),
        "form": form,
        "may_decide": rules.decide_extension.allows(request.user, extension),
        "may_withdraw": rules.withdraw_extension.allows(request.user, extension),
    }
    return render(
        request, "annual_report/extension.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def refuse_more_time(request: SignedInRequest, more_time_id: int) -> HttpResponse:
    extension = _extension_or_404(request, more_time_id)
    if request.method != "POST":
        rules.decide_extension.require(request.user, extension)
    return end_extension(
        request,
        extension,
        operations.refuse_more_time,
        title=_("Không đồng ý gia hạn?"),
        action=_("Không đồng ý"),
        done=_("Đã báo cho cơ quan: không đồng ý gia hạn."),
        back_url=reverse("annual_report:extension", args=[extension.pk]),
        conflict=rules.Conflict,
        on_conflict=lambda reason: _conflict(request, extension, reason),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_extension(request: SignedInRequest, more_time_id: int) -> HttpResponse:
    extension = _extension_or_404(request, more_time_id)
    if request.method != "POST":
        rules.withdraw_extension.require(request.user, extension)
    return end_extension(
        request,
        extension,
        operations.withdraw_extension,
        title=_("Rút đề nghị gia hạn?"),
        action=_("Rút đề nghị"),
        done=_("Đã rút đề nghị gia hạn."),
        back_url=reverse("annual_report:extension", args=[extension.pk]),
        conflict=rules.Conflict,
        on_conflict=lambda reason: _conflict(request, extension, reason),
    )


def _conflict(request: SignedInRequest, extension: ReportExtension, written: str) -> HttpResponse:
    stored = ReportExtension.objects.select_related("closed_by").get(pk=extension.pk)
    return show_conflict(
        request,
        stored,
        [("answer", _("Căn cứ hoặc lý do"), written)],
        reverse("annual_report:extension", args=[extension.pk]),
        by=stored.closed_by.full_name if stored.closed_by else "",
        at=stored.closed_at,
    )
