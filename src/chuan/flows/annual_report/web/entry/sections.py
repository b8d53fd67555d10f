"""The parts of a report that are not about one task: summary, difficulties, proposals."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import (
    ReportSection,
)
from chuan.flows.annual_report.models import (
    UnitReport,
)
from chuan.flows.annual_report.operations import entry as operations
from chuan.flows.annual_report.operations.entry import NotFinished
from chuan.flows.annual_report.queries import reports as queries
from chuan.flows.annual_report.queries.entry import SECTION_FIELDS, needed_sections
from chuan.flows.annual_report.web.common import (
    kept,
    not_saved,
    read_replies,
    report_or_404,
    saved,
    show_conflict,
)
from chuan.flows.annual_report.web.entry.common import frame, last_year, page_status
from chuan.flows.annual_report.web.forms import (
    SectionForm,
)
from chuan.lib.periods import Period
from chuan.lib.rules import Denied
from chuan.modules.plans import facade as plans


@require_http_methods(["GET", "HEAD", "POST"])
def edit_section(request: SignedInRequest, report_id: int, section: str) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report = opened.report
    part = _section_or_404(report, section)
    names = SECTION_FIELDS[part]
    refusal, typed = "", []
    if request.method == "POST":
        form = SectionForm(request.POST, section=part)
        if form.is_valid():
            try:
                _save_section(request, report, part, form, read_replies(request))
            except rules.Conflict as conflict:
                return _section_conflict(request, report, part, conflict, form)
            except NotFinished as unfinished:
                for fault in unfinished.faults:
                    form.add_error(fault.field or None, fault.text)
            except Denied as denied:
                refusal, typed = str(denied), kept(form)
            else:
                messages.success(request, _("Đã lưu phần “%(part)s”.") % {"part": part.label})
                return redirect("annual_report:show", report.pk)
    else:
        form = SectionForm(
            section=part,
            initial={
                "version": report.version,
                "is_finished": part in report.finished_sections,
                **{name: getattr(report, name) for name in names},
            },
        )
    days = Period(report.period.data_from, report.period.data_to)
    context = frame(opened) | {
        "section": part,
        "form": form,
        "can_enter": rules.enter_report.allows(request.user, report, on=timezone.localdate()),
        "comments": list(
            report.comments.filter(item__isnull=True, field__in=names, sent_at__isnull=False)
            .select_related("made_by", "resolved_by")
            .order_by("resolved_at", "pk")
        ),
        "difficulties": (
            plans.difficulties_of(report.period.plan_id, report.organisation_id, days)
            if part == ReportSection.DIFFICULTIES
            else []
        ),
        "late_difficulties": (
            queries.raised_after(report) if part == ReportSection.DIFFICULTIES else []
        ),
        "last_year": _last_year_texts(report, names),
        "refusal": refusal,
        "typed": typed,
    }
    return render(request, "annual_report/section.html", context, status=page_status(form, refusal))


@require_POST
def autosave_section(request: SignedInRequest, report_id: int, section: str) -> HttpResponse:
    report = report_or_404(request, report_id).report
    part = _section_or_404(report, section)
    form = SectionForm(request.POST, section=part)
    if not form.is_valid():
        return not_saved(_("Có ô chưa đúng."), 422)
    form.cleaned_data["is_finished"] = (
        part in report.finished_sections and form.cleaned_data["is_finished"]
    )
    try:
        report = _save_section(request, report, part, form)
    except rules.Conflict:
        return not_saved(_("Người khác vừa sửa phần này."), 409)
    except NotFinished:
        return not_saved(_("Phần đã đánh dấu xong còn thiếu nội dung."), 422)
    except Denied as denied:
        return not_saved(str(denied), 403)
    return saved(report.updated_at, report.version)


def _save_section(
    request: SignedInRequest,
    report: UnitReport,
    part: ReportSection,
    form: SectionForm,
    replies: dict[int, str] | None = None,
) -> UnitReport:
    return operations.save_section(
        actor=request.user,
        report=report,
        section=part,
        version=form.cleaned_data["version"],
        texts=form.texts(),
        is_finished=form.cleaned_data["is_finished"],
        replies=replies,
        at=timezone.now(),
    )


def _section_conflict(
    request: SignedInRequest,
    report: UnitReport,
    part: ReportSection,
    conflict: rules.Conflict,
    form: SectionForm,
) -> HttpResponse:
    labels = SectionForm.FIELDS[part]
    current = UnitReport.objects.select_related("entered_by").get(pk=report.pk)
    return show_conflict(
        request,
        conflict.stored,
        [(name, str(labels[name][0]), text) for name, text in form.texts().items()],
        reverse("annual_report:section", args=[report.pk, part.value]),
        by=str(current.entered_by or ""),
        at=current.updated_at,
    )


def _section_or_404(report: UnitReport, section: str) -> ReportSection:
    found = next((one for one in needed_sections(report.period) if one == section), None)
    if found is None:
        raise Http404(section)
    return found


def _last_year_texts(report: UnitReport, names: Sequence[str]) -> list[tuple[str, str]]:
    last = last_year(report)
    if last is None:
        return []
    return [(name, getattr(last, name)) for name in names if getattr(last, name)]
