"""Checking a report, handing it to the head, sending and withdrawing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Answer
from chuan.core.ui.views import confirm
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import (
    ReportFigure,
    ReportItem,
    UnitReport,
)
from chuan.flows.annual_report.operations import submission
from chuan.flows.annual_report.queries import reports as queries
from chuan.flows.annual_report.queries.entry import doubts_of, needed_sections
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    refuse,
    report_or_404,
)
from chuan.flows.annual_report.web.entry.common import frame, in_order
from chuan.flows.annual_report.web.entry.report import moved_figures
from chuan.flows.annual_report.web.forms import (
    NoteForm,
    SectionForm,
    WithdrawForm,
)
from chuan.lib.language import shown_number
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import facade as plans


@require_GET
def check_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report, person = opened.report, request.user
    assignments = queries.assignments_behind(report)
    items = in_order(list(report.items.all()), assignments)
    can_enter = rules.enter_report.allows(person, report, on=timezone.localdate())
    figures = list(report.figures.order_by("title", "pk"))
    evidence = queries.evidence_behind(report, [one.assignment_id for one in items])
    rows = [
        _check_item(
            one,
            assignments.get(one.assignment_id),
            evidence.get(one.assignment_id, ()),
            reverse("annual_report:item", args=[report.pk, one.pk]) if can_enter else "",
        )
        for one in items
    ]
    context = frame(opened) | {
        "items": rows,
        "doubtful_count": sum(1 for row in rows if row["doubts"]),
        "figure_answers": _figure_answers(report, figures, can_enter=can_enter),
        "section_answers": _section_answers(report, can_enter=can_enter),
        "late_difficulties": queries.raised_after(report),
        "missing": queries.missing_from(report) if report.started_at else [],
        "can_enter": can_enter,
        "can_sign": rules.submit_report.allows(person, report, on=timezone.localdate()),
        "sign_refusal": rules.submit_report.refusal(person, report, on=timezone.localdate()),
        "is_head": rules.give_back_report.allows(person, report),
        "moved": moved_figures(report, figures),
    }
    return render(request, "annual_report/check.html", context)


def _check_item(
    item: ReportItem,
    assignment: plans.AssignmentRef | None,
    evidence: Sequence[tuple[plans.EvidenceRef, bool]],
    change_url: str,
) -> dict[str, Any]:
    """One task as the head reads it before signing, with what proves it and what looks wrong."""
    heading_only = assignment is not None and assignment.heading_only
    return {
        "item": item,
        "assignment": assignment,
        "evidence": evidence,
        "standing": queries.standing_of(item, assignment),
        "doubts": doubts_of(item, assignment, evidence),
        "heading_only": heading_only,
        # Who only helps has nothing to prove.
        "needs_evidence": not heading_only and item.role == plans.PartyRole.LEAD,
        "change_url": change_url,
    }


def _figure_answers(
    report: UnitReport, figures: Sequence[ReportFigure], *, can_enter: bool
) -> list[Answer]:
    return [
        Answer(
            label=figure.title,
            value=_figure_text(figure),
            change_url=(
                reverse("annual_report:figure", args=[report.pk, figure.pk]) if can_enter else ""
            ),
            status="overridden" if figure.override is not None else "",
        )
        for figure in figures
    ]


def _figure_text(figure: ReportFigure) -> str:
    value = presenting.reported_value(figure)
    if value is None:
        return _("Không có gì để tính")
    text = presenting.amount(value, figure.unit, presenting.reported_parts(figure))
    if figure.override is not None:
        text += "\n" + _("Lý do sửa: %(reason)s") % {"reason": figure.override_reason}
    if figure.outlook is not None:
        estimate = shown_number(figure.outlook, 0)
        text += "\n" + _("Ước cả năm: %(number)s") % {"number": estimate}
    return text


def _section_answers(report: UnitReport, *, can_enter: bool) -> list[Answer]:
    return [
        Answer(
            label=label,
            value=getattr(report, name),
            change_url=(
                reverse("annual_report:section", args=[report.pk, section.value])
                if can_enter
                else ""
            ),
        )
        for section in needed_sections(report.period)
        for name, (label, _hint) in SectionForm.FIELDS[section].items()
    ]


@require_POST
def make_ready(request: SignedInRequest, report_id: int) -> HttpResponse:
    report = report_or_404(request, report_id).report
    try:
        submission.make_ready(actor=request.user, report=report, at=timezone.now())
    except Denied as denied:
        return refuse(request, denied, "annual_report:check", report.pk)
    messages.success(request, _("Đã trình thủ trưởng. Bạn được báo khi báo cáo được ký gửi."))
    return redirect("annual_report:show", report.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: SignedInRequest, report_id: int) -> HttpResponse:
    report = report_or_404(request, report_id).report
    rules.give_back_report.require(request.user, report)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        submission.give_back(
            actor=request.user, report=report, note=form.cleaned_data["note"], at=timezone.now()
        )
        messages.success(request, _("Đã chuyển lại cán bộ đầu mối."))
        return redirect("annual_report:show", report.pk)
    return confirm(
        request,
        title=_("Chuyển lại báo cáo cho cán bộ sửa?"),
        action=_("Chuyển lại cán bộ"),
        back_url=reverse("annual_report:check", args=[report.pk]),
        form=form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def submit_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report = opened.report
    rules.submit_report.require(request.user, report, on=timezone.localdate())
    missing = queries.missing_from(report) if report.started_at else []
    if request.method == "POST":
        try:
            report = submission.submit_report(
                actor=request.user,
                report=report,
                revision=_revision(request),
                at=timezone.now(),
            )
        except rules.Conflict:
            messages.error(
                request,
                _("Báo cáo vừa được sửa sau khi bạn mở trang ký. Hãy xem lại rồi ký gửi."),
            )
            return redirect("annual_report:check", report.pk)
        except Denied as denied:
            return refuse(request, denied, "annual_report:check", report.pk)
        messages.success(
            request,
            _("Đã gửi %(title)s lúc %(time)s.")
            % {
                "title": report.period.title_in_text,
                "time": f"{timezone.localtime(report.submitted_at):%H:%M, %d/%m/%Y}",
            },
        )
        return redirect("annual_report:show", report.pk)
    context = frame(opened) | {"missing": missing}
    return render(request, "annual_report/submit.html", context)


def _revision(request: SignedInRequest) -> int:
    text = request.POST.get("revision", "")
    return whole_number(text) or 0


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_submission(request: SignedInRequest, report_id: int) -> HttpResponse:
    report = report_or_404(request, report_id).report
    rules.withdraw_submission.require(request.user, report, on=timezone.localdate())
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        submission.withdraw_submission(
            actor=request.user, report=report, note=form.cleaned_data["note"], at=timezone.now()
        )
        messages.success(request, _("Đã rút lại báo cáo. Nhớ gửi lại trước hạn."))
        return redirect("annual_report:show", report.pk)
    return confirm(
        request,
        title=_("Rút lại báo cáo đã gửi để sửa?"),
        action=_("Rút lại báo cáo"),
        back_url=reverse("annual_report:show", args=[report.pk]),
        consequences=[
            _("Cơ quan tổng hợp không xem được báo cáo cho đến khi bạn gửi lại."),
            _("Thời điểm gửi tính theo lần gửi sau."),
        ],
        form=form,
    )
