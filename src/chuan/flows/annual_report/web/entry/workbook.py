"""Writing a report offline: the workbook to download, sending it back, what it would change."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chuan.core.files.parsing.names import safe_name
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.table_files import XLSX
from chuan.core.workbooks.drawing import draw
from chuan.core.workbooks.marking import mark
from chuan.core.workbooks.opening import BookRefused
from chuan.core.workbooks.reading import Change
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import FilledWorkbook, UnitReport
from chuan.flows.annual_report.operations import workbook as operations
from chuan.flows.annual_report.queries import workbook as queries
from chuan.flows.annual_report.web.common import OpenReport, refuse, report_or_404
from chuan.flows.annual_report.web.entry.common import frame
from chuan.flows.annual_report.web.forms import WorkbookForm
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number

# Faults a page lists; the file lists all of them.
MOST_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def send_back(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report = opened.report
    rules.fill_in_workbook.require(request.user, report, on=timezone.localdate())
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = WorkbookForm(request.POST, request.FILES)
        if form.is_valid():
            content = form.cleaned_data["workbook"]
            try:
                operations.send_back_workbook(
                    actor=request.user,
                    report=report,
                    name=content.name,
                    content=content.read(),
                    at=timezone.now(),
                )
            except BookRefused as refused:
                form.add_error("workbook", str(refused))
            else:
                return redirect("annual_report:workbook_preview", report.pk)
    context = frame(opened) | {"form": form, "waiting": _waiting(request, report)}
    status = 422 if form.errors else 200
    return render(request, "annual_report/workbook.html", context, status=status)


@require_GET
def download(request: SignedInRequest, report_id: int) -> HttpResponseBase:
    opened = report_or_404(request, report_id)
    report = opened.report
    try:
        rules.fill_in_workbook.require(request.user, report, on=timezone.localdate())
    except Denied as denied:
        return refuse(request, denied, "annual_report:show", report.pk)
    name = f"{report.period.title} – {opened.body.short_name}.xlsx"
    return _file(draw(queries.workbook_of(report)), name)


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: SignedInRequest, report_id: int) -> HttpResponse:
    """What the file would change; a POST takes it over."""
    opened = report_or_404(request, report_id)
    filled = _filled_or_404(request, opened.report)
    rules.use_workbook.require(request.user, filled, on=timezone.localdate())
    if request.method == "POST":
        return _take_over(request, opened, filled)
    return _preview_page(request, opened, filled)


def _take_over(
    request: SignedInRequest, opened: OpenReport, filled: FilledWorkbook
) -> HttpResponse:
    chosen = {
        name.removeprefix("giu-"): request.POST.get(name, "")
        for name in request.POST
        if name.startswith("giu-")
    }
    revision = request.POST.get("revision", "")
    try:
        count = operations.take_over_workbook(
            actor=request.user,
            filled=filled,
            revision=whole_number(revision) or 0,
            chosen=chosen,
            at=timezone.now(),
        )
    except rules.Conflict:
        fresh = report_or_404(request, opened.report.pk)
        filled.report = fresh.report
        return _preview_page(request, fresh, filled, has_moved=True, chosen=chosen, status=409)
    except operations.Undecided as undecided:
        return _preview_page(
            request,
            opened,
            filled,
            chosen=chosen,
            undecided=frozenset(undecided.keys),
            status=422,
        )
    except BookRefused as refused:
        messages.error(request, str(refused))
        return redirect("annual_report:workbook", opened.report.pk)
    except operations.NotTakenOver:
        return _preview_page(request, opened, filled, chosen=chosen, is_chosen=True, status=422)
    text = ngettext(
        "Đã ghi %(count)s ô từ bảng tính vào báo cáo.",
        "Đã ghi %(count)s ô từ bảng tính vào báo cáo.",
        count,
    )
    messages.success(request, text % {"count": count})
    return redirect("annual_report:show", opened.report.pk)


@require_GET
def download_marked(request: SignedInRequest, report_id: int) -> HttpResponseBase:
    """The person's own file, with comments where something is wrong."""
    opened = report_or_404(request, report_id)
    filled = _filled_or_404(request, opened.report)
    rules.use_workbook.require(request.user, filled, on=timezone.localdate())
    try:
        intake = queries.look_at(opened.report, filled)
        marked = mark(bytes(filled.content), intake.faults, name=filled.name)
    except BookRefused as refused:
        messages.error(request, str(refused))
        return redirect("annual_report:workbook", opened.report.pk)
    stem = filled.name.rpartition(".")[0] or filled.name
    return _file(marked, f"{stem} – {_('cần sửa')}.xlsx")


@require_POST
def drop(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    filled = _filled_or_404(request, opened.report)
    try:
        operations.drop_workbook(actor=request.user, filled=filled, at=timezone.now())
    except Denied as denied:
        return refuse(request, denied, "annual_report:show", opened.report.pk)
    messages.success(request, _("Đã bỏ bảng tính. Báo cáo không thay đổi."))
    return redirect("annual_report:workbook", opened.report.pk)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A cell that would change, as the page shows it."""

    key: str
    row: str
    column: str
    place: str
    stored: str
    written: str
    is_conflict: bool
    chosen: str
    is_undecided: bool


def _preview_page(
    request: SignedInRequest,
    opened: OpenReport,
    filled: FilledWorkbook,
    *,
    chosen: dict[str, str] | None = None,
    is_chosen: bool = False,
    undecided: frozenset[str] = frozenset(),
    has_moved: bool = False,
    status: int = 200,
) -> HttpResponse:
    try:
        intake = queries.look_at(opened.report, filled, chosen if is_chosen else None)
    except BookRefused as refused:
        messages.error(request, str(refused))
        return redirect("annual_report:workbook", opened.report.pk)
    shown = [_shown(change, chosen or {}, undecided) for change in intake.changes]
    context: dict[str, Any] = frame(opened) | {
        "filled": filled,
        "notices": intake.reading.notices,
        "faults": intake.faults[:MOST_SHOWN],
        "fault_count": len(intake.faults),
        "changes": [one for one in shown if not one.is_conflict],
        "conflicts": [one for one in shown if one.is_conflict],
        "change_count": len(shown),
        "has_moved": has_moved,
        "undecided": [one for one in shown if one.is_undecided],
        "has_errors": bool(undecided),
        "form": WorkbookForm(),
        "back_url": reverse("annual_report:workbook", args=[opened.report.pk]),
    }
    return render(request, "annual_report/workbook_preview.html", context, status=status)


def _shown(change: Change, chosen: dict[str, str], undecided: frozenset[str]) -> ShownChange:
    written = change.written
    values, kind = written.row.values, written.column.kind
    names = [values.get("code"), values.get("task") or values.get("title")]
    return ShownChange(
        key=change.key,
        row=" ".join(str(name) for name in names if name),
        column=written.column.title,
        place=f"{written.place.sheet}, {written.place.cell}",
        stored=kind.shown(change.stored),
        written=kind.shown(written.value),
        is_conflict=change.is_conflict,
        chosen=chosen.get(change.key, ""),
        is_undecided=change.key in undecided,
    )


def _waiting(request: SignedInRequest, report: UnitReport) -> FilledWorkbook | None:
    return report.workbooks.filter(sent_by=request.user).defer("content").first()


def _filled_or_404(request: SignedInRequest, report: UnitReport) -> FilledWorkbook:
    filled = get_object_or_404(report.workbooks, sent_by=request.user)
    filled.report = report
    return filled


def _file(content: bytes, name: str) -> FileResponse:
    # A period may be called by the number of its decision, which has a slash.
    name = safe_name(name.replace("/", "-"))
    response = FileResponse(io.BytesIO(content), as_attachment=True, filename=name)
    response["Content-Type"] = XLSX
    response["Cache-Control"] = "private, no-store"
    return response
