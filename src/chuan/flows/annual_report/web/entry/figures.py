"""The figures of a report: counted by the system, overridden with a reason, estimated for the year."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from chuan.core.indicators.registry import Unit
from chuan.core.people.http import SignedInRequest
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import (
    ReportFigure,
    UnitReport,
)
from chuan.flows.annual_report.operations import entry as operations
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    OpenReport,
    refuse,
    report_or_404,
    show_conflict,
)
from chuan.flows.annual_report.web.entry.common import frame, open_comments
from chuan.flows.annual_report.web.entry.report import moved_figures
from chuan.flows.annual_report.web.forms import (
    EstimateForm,
    OverrideCountForm,
    OverrideShareForm,
)
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number


@require_GET
def show_figures(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report = opened.report
    figures = list(report.figures.order_by("title", "pk"))
    comments = open_comments(report)
    commented = {one.field.removeprefix("figure:") for one in comments if not one.item_id}
    context = frame(opened) | {
        "figures": [
            (figure, presenting.lineage_of(figure), figure.code in commented) for figure in figures
        ],
        "can_enter": rules.enter_report.allows(request.user, report, on=timezone.localdate()),
        "moved": moved_figures(report, figures),
    }
    return render(request, "annual_report/figures.html", context)


@require_GET
def show_figure(request: SignedInRequest, report_id: int, figure_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    figure = get_object_or_404(opened.report.figures, pk=figure_id)
    return _figure_page(request, opened, figure)


@require_POST
def override_figure(request: SignedInRequest, report_id: int, figure_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    figure = get_object_or_404(opened.report.figures, pk=figure_id)
    figure.report = opened.report
    form = _override_form(figure)(request.POST)
    if not form.is_valid():
        return _figure_page(request, opened, figure, override=form)
    given = dict(form.cleaned_data)
    try:
        operations.override_figure(actor=request.user, figure=figure, at=timezone.now(), **given)
    except rules.Conflict as conflict:
        return _figure_conflict(request, opened.report, conflict, given)
    except Denied as denied:
        form.add_error(None, str(denied))
        return _figure_page(request, opened, figure, override=form)
    messages.success(
        request, _("Đã ghi số của đơn vị. Số hệ thống đếm vẫn hiện bên cạnh, cùng lý do.")
    )
    return redirect("annual_report:figure", opened.report.pk, figure.pk)


@require_POST
def drop_override(request: SignedInRequest, report_id: int, figure_id: int) -> HttpResponse:
    report = report_or_404(request, report_id).report
    figure = get_object_or_404(report.figures, pk=figure_id)
    figure.report = report
    try:
        operations.drop_override(
            actor=request.user, figure=figure, version=_version(request), at=timezone.now()
        )
    except rules.Conflict as conflict:
        return _figure_conflict(request, report, conflict, {})
    except Denied as denied:
        return refuse(request, denied, "annual_report:figure", report.pk, figure.pk)
    messages.success(request, _("Đã dùng lại số của hệ thống."))
    return redirect("annual_report:figure", report.pk, figure.pk)


@require_POST
def estimate_year(request: SignedInRequest, report_id: int, figure_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    figure = get_object_or_404(opened.report.figures, pk=figure_id)
    figure.report = opened.report
    form = EstimateForm(request.POST)
    if not form.is_valid():
        return _figure_page(request, opened, figure, estimate=form)
    try:
        operations.estimate_year(
            actor=request.user,
            figure=figure,
            version=form.cleaned_data["version"],
            outlook=form.cleaned_data["outlook"],
            at=timezone.now(),
        )
    except rules.Conflict as conflict:
        return _figure_conflict(request, opened.report, conflict, form.cleaned_data)
    except Denied as denied:
        form.add_error("outlook", str(denied))
        return _figure_page(request, opened, figure, estimate=form)
    messages.success(request, _("Đã lưu ước cả năm."))
    return redirect("annual_report:figure", opened.report.pk, figure.pk)


def _figure_page(
    request: SignedInRequest,
    opened: OpenReport,
    figure: ReportFigure,
    *,
    override: OverrideCountForm | OverrideShareForm | None = None,
    estimate: EstimateForm | None = None,
) -> HttpResponse:
    report = opened.report
    has_errors = bool((override and override.errors) or (estimate and estimate.errors))
    if override is None:
        override = _override_form(figure)(initial=_override_initial(figure))
    if estimate is None:
        estimate = EstimateForm(initial={"version": figure.version, "outlook": figure.outlook})
    context = frame(opened) | {
        "figure": figure,
        "lineage": presenting.lineage_of(figure, with_url=False),
        "unit": presenting.UNIT_WORDS.get(figure.unit, figure.unit),
        "is_share": figure.unit == Unit.PERCENT,
        "override_form": override,
        "estimate_form": estimate,
        "has_errors": has_errors,
        "can_enter": rules.enter_report.allows(request.user, report, on=timezone.localdate()),
        "moved": moved_figures(report, [figure]),
        "comments": list(
            report.comments.filter(field=f"figure:{figure.code}", sent_at__isnull=False)
            .select_related("made_by", "resolved_by")
            .order_by("resolved_at", "pk")
        ),
    }
    return render(request, "annual_report/figure.html", context, status=422 if has_errors else 200)


def _override_form(figure: ReportFigure) -> type[OverrideCountForm] | type[OverrideShareForm]:
    return OverrideShareForm if figure.unit == Unit.PERCENT else OverrideCountForm


def _override_initial(figure: ReportFigure) -> dict[str, Any]:
    given: dict[str, Any] = {"version": figure.version, "reason": figure.override_reason}
    if figure.unit == Unit.PERCENT:
        given["numerator"] = figure.override_numerator
        given["denominator"] = figure.override_denominator
    else:
        given["value"] = figure.override
    return given


def _figure_conflict(
    request: SignedInRequest,
    report: UnitReport,
    conflict: rules.Conflict,
    given: dict[str, Any],
) -> HttpResponse:
    current = UnitReport.objects.select_related("entered_by").get(pk=report.pk)
    fields = [
        ("override", _("Số đơn vị báo cáo"), given.get("value")),
        ("override_numerator", _("Tử số"), given.get("numerator")),
        ("override_denominator", _("Mẫu số"), given.get("denominator")),
        ("override_reason", _("Lý do"), given.get("reason")),
        ("outlook", _("Ước cả năm"), given.get("outlook")),
    ]
    return show_conflict(
        request,
        conflict.stored,
        [row for row in fields if row[2] is not None],
        reverse("annual_report:figure", args=[report.pk, conflict.stored.pk]),
        by=str(current.entered_by or ""),
        at=current.updated_at,
    )


def _version(request: SignedInRequest) -> int:
    text = request.POST.get("version", "")
    return whole_number(text) or 0
