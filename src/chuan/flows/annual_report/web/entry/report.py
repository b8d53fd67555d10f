"""The report as a list of tasks, opening it, bringing figures in, its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Task
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import (
    HAS_ACCEPTED_CONTENT,
    OPEN_FOR_ENTRY,
    ReportSection,
    ReportState,
)
from chuan.flows.annual_report.models import (
    ReportFigure,
    ReportItem,
    ReturnComment,
    UnitReport,
)
from chuan.flows.annual_report.operations import entry as operations
from chuan.flows.annual_report.queries import reports as queries
from chuan.flows.annual_report.queries.days import (
    last_data_day,
)
from chuan.flows.annual_report.queries.entry import SECTION_FIELDS, needed_sections
from chuan.flows.annual_report.queries.figures import figures_moved_since
from chuan.flows.annual_report.queries.owing import why_owed
from chuan.flows.annual_report.queries.years import years_of_body
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    refuse,
    report_or_404,
)
from chuan.flows.annual_report.web.entry.common import frame, in_order, last_year, open_comments
from chuan.flows.annual_report.web.years import years_context
from chuan.lib.language import shown_number
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans


@require_GET
def show_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report, person = opened.report, request.user
    assignments = queries.assignments_behind(report)
    items = in_order(list(report.items.all()), assignments)
    comments = open_comments(report)
    by_item: dict[int | None, int] = defaultdict(int)
    for comment in comments:
        by_item[comment.item_id] += 1
    enter_refusal = rules.enter_report.refusal(person, report, on=timezone.localdate())
    progress = queries.progress_of(report, items)
    figures = list(report.figures.order_by("title", "pk"))
    today = timezone.localdate()
    waiting = report.extensions.filter(state="waiting").first()
    context = frame(opened) | {
        "extension": waiting,
        "may_ask_time": waiting is None and rules.ask_for_more_time.allows(person, report),
        "is_locked": report.state in OPEN_FOR_ENTRY and rules.is_locked(report, today),
        "may_open": rules.ask_to_open.allows(person, report, today),
        "can_enter": enter_refusal is None,
        "enter_refusal": enter_refusal,
        "is_mine": person.holds(*rules.UNIT_ROLES, organisation_id=report.organisation_id),
        "can_sign": rules.submit_report.allows(person, report, on=timezone.localdate()),
        "can_withdraw": rules.withdraw_submission.allows(person, report, on=timezone.localdate()),
        "may_review": rules.comment_on_report.allows(person, report),
        "leading": _item_rows(report, items, assignments, by_item, role=plans.PartyRole.LEAD),
        "coordinating": _item_rows(
            report, items, assignments, by_item, role=plans.PartyRole.COORDINATING
        ),
        "figures_row": [_figures_row(report, figures, comments)],
        "sections": _section_rows(report, comments),
        "check_row": [
            _check_row(report, is_open=progress.is_complete or enter_refusal is not None)
        ],
        "progress": progress,
        "comments": [one for one in comments if one.item_id is None and not one.field],
        "comment_count": len(comments),
        "road": presenting.road_of(report),
        "last_year": last_year(report),
        **years_context(years_of_body(report) if report.period.is_review else None),
        "why_owed": why_owed(report),
        "moved": moved_figures(report, figures),
        "overridden_count": sum(1 for one in figures if one.override is not None),
        "figure_count": len(figures),
    }
    return render(request, "annual_report/report.html", context)


@require_POST
def start_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    report = report_or_404(request, report_id).report
    try:
        report = operations.start_report(actor=request.user, report=report, at=timezone.now())
    except Denied as denied:
        return refuse(request, denied, "annual_report:show", report.pk)
    messages.success(
        request, _("Đã mở báo cáo. Kết quả và số liệu có trong hệ thống được điền sẵn.")
    )
    late = queries.told_after(report, queries.assignments_behind(report))
    _say_left_out(request, report, sum(len(told) for told in late.values()))
    return redirect("annual_report:show", report.pk)


@require_POST
def sync_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    report = report_or_404(request, report_id).report
    try:
        synced = operations.sync_report(actor=request.user, report=report, at=timezone.now())
    except Denied as denied:
        return refuse(request, denied, "annual_report:show", report.pk)
    _say_left_out(request, report, synced.left_out)
    if synced.is_change:
        messages.success(
            request,
            _(
                "Đã đồng bộ: %(items)s mục mới, %(texts)s đoạn văn và %(figures)s số liệu cập nhật. "
                "Nội dung và số liệu bạn đã sửa được giữ nguyên."
            )
            % {
                "items": synced.items_added,
                "texts": synced.texts_refreshed,
                "figures": synced.figures_changed,
            },
        )
    else:
        messages.success(request, _("Đã đồng bộ: không có gì thay đổi từ lần trước."))
    return redirect(_next(request) or reverse("annual_report:show", args=[report.pk]))


def _say_left_out(request: SignedInRequest, report: UnitReport, count: int) -> None:
    if not count:
        return
    messages.warning(
        request,
        ngettext(
            "%(count)s lần ghi tiến độ sau ngày chốt số liệu %(day)s không đưa vào báo cáo này; "
            "nội dung đó thuộc kỳ báo cáo sau.",
            "%(count)s lần ghi tiến độ sau ngày chốt số liệu %(day)s không đưa vào báo cáo này; "
            "nội dung đó thuộc kỳ báo cáo sau.",
            count,
        )
        % {"count": shown_number(count), "day": format_date(last_data_day(report.period))},
    )


def _next(request: SignedInRequest) -> str:
    """Only addresses of this app: where the button stood."""
    asked = request.POST.get("next", "")
    return asked if asked.startswith("/bao-cao/") else ""


@require_POST
def resolve_comment(request: SignedInRequest, report_id: int, comment_id: int) -> HttpResponse:
    report = report_or_404(request, report_id).report
    comment = get_object_or_404(report.comments.filter(sent_at__isnull=False), pk=comment_id)
    comment.report = report
    try:
        operations.resolve_comment(
            actor=request.user,
            comment=comment,
            reply=request.POST.get("reply", ""),
            at=timezone.now(),
        )
    except Denied as denied:
        return refuse(request, denied, "annual_report:show", report.pk)
    messages.success(request, _("Đã đánh dấu đã sửa."))
    return redirect(_next(request) or reverse("annual_report:show", args=[report.pk]))


@require_GET
def show_history(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    steps = list(opened.report.steps.select_related("made_by").order_by("-made_at", "-pk"))
    context = frame(opened) | {
        "events": presenting.history_events(steps),
        "snapshots": list(
            opened.report.snapshots.select_related("made_by")
            .defer("content", "rows")
            .order_by("-number")
        ),
    }
    return render(request, "annual_report/history.html", context)


def _item_rows(
    report: UnitReport,
    items: Sequence[ReportItem],
    assignments: dict[int, plans.AssignmentRef],
    comment_counts: dict[int | None, int],
    *,
    role: plans.PartyRole,
) -> list[Task]:
    rows = []
    for item in items:
        assignment = assignments.get(item.assignment_id)
        if item.role != role or assignment is None:
            continue
        count = comment_counts.get(item.pk, 0)
        hints = []
        if count:
            hints.append(_("%(count)s ý kiến cần chỉnh lý.") % {"count": count})
        elif assignment.heading_only:
            hints.append(_("Chỉ theo dõi đầu mục, không ghi nội dung."))
        rows.append(
            Task(
                title=assignment.task_short_text,
                ref=assignment.task_code,
                status=presenting.item_key(item, comment_count=count, assignment=assignment),
                url=reverse("annual_report:item", args=[report.pk, item.pk]),
                hint=" ".join(hints),
            )
        )
    return rows


def _figures_row(
    report: UnitReport, figures: Sequence[ReportFigure], comments: Sequence[ReturnComment]
) -> Task:
    count = sum(1 for one in comments if one.field.startswith("figure:"))
    if count:
        status, hint = "returned", _("%(count)s ý kiến cần chỉnh lý.") % {"count": count}
    elif report.synced_at is None:
        status, hint = "not_started", ""
    else:
        status = "synced"
        overridden = sum(1 for one in figures if one.override is not None)
        hint = _("%(count)s số liệu, đồng bộ lúc %(time)s.") % {
            "count": len(figures),
            "time": f"{timezone.localtime(report.synced_at):%H:%M, %d/%m/%Y}",
        }
        if overridden:
            hint += " " + _("%(count)s số đã sửa tay.") % {"count": overridden}
    return Task(
        title=_("Số liệu từ hệ thống"),
        status=status,
        url=reverse("annual_report:figures", args=[report.pk]),
        hint=hint,
    )


def _section_rows(report: UnitReport, comments: Sequence[ReturnComment]) -> list[Task]:
    rows = []
    for section in needed_sections(report.period):
        fields = SECTION_FIELDS[section]
        count = sum(1 for one in comments if one.item_id is None and one.field in fields)
        if count:
            status = "returned"
        elif section in report.finished_sections:
            status = "written"
        else:
            status = "in_entry" if any(getattr(report, f) for f in fields) else "not_started"
        rows.append(
            Task(
                title=(
                    _("Phương hướng năm %(year)s") % {"year": report.period.year + 1}
                    if section == ReportSection.NEXT_YEAR
                    else section.label
                ),
                status=status,
                url=reverse("annual_report:section", args=[report.pk, section.value]),
                hint=_("%(count)s ý kiến cần chỉnh lý.") % {"count": count} if count else "",
            )
        )
    return rows


def _check_row(report: UnitReport, *, is_open: bool) -> Task:
    title = _("Kiểm tra rồi gửi báo cáo %(period)s") % {"period": report.period.phrase}
    if report.state not in {ReportState.DRAFT, ReportState.RETURNED}:
        return Task(
            title=_("Xem toàn bộ báo cáo"),
            status=presenting.state_key(report),
            url=reverse("annual_report:check", args=[report.pk]),
        )
    if not is_open:
        return Task(title=title, status="cannot_start", hint=_("Mở khi các mục trên đã xong."))
    if report.ready_at is not None:
        return Task(
            title=title,
            status="submitted",
            url=reverse("annual_report:check", args=[report.pk]),
            hint=_("Đã trình thủ trưởng, chờ ký gửi."),
        )
    return Task(
        title=title,
        status="not_started",
        url=reverse("annual_report:check", args=[report.pk]),
    )


def moved_figures(report: UnitReport, figures: Sequence[ReportFigure]) -> list[Any]:
    """Figures that would be counted differently now, once the report is out of the unit's hands."""
    state = ReportState(report.state)
    if state not in HAS_ACCEPTED_CONTENT and state != ReportState.SUBMITTED:
        return []
    return figures_moved_since(report, figures)
