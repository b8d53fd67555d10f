"""The unit's pages: the report as a task list, its parts, its figures, and sending it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chuan.core.indicators.registry import Unit
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Answer, Task
from chuan.core.ui.forms import Form
from chuan.core.ui.views import confirm
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import (
    HAS_ACCEPTED_CONTENT,
    ReportSection,
    ReportState,
)
from chuan.flows.annual_report.models import (
    FigurePlacement,
    ReportFigure,
    ReportItem,
    ReturnComment,
    UnitReport,
)
from chuan.flows.annual_report.operations import entry as operations
from chuan.flows.annual_report.operations import submission
from chuan.flows.annual_report.operations.entry import NotFinished
from chuan.flows.annual_report.queries import reports as queries
from chuan.flows.annual_report.queries.days import (
    counted_on,
    last_data_day,
    periods_a_year_before,
)
from chuan.flows.annual_report.queries.entry import doubts_of, needed_sections
from chuan.flows.annual_report.queries.figures import figures_moved_since
from chuan.flows.annual_report.queries.owing import why_owed
from chuan.flows.annual_report.queries.parts import is_on_time
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    OpenReport,
    kept,
    not_saved,
    read_replies,
    refuse,
    report_or_404,
    saved,
    show_conflict,
)
from chuan.flows.annual_report.web.forms import (
    ACHIEVEMENT_HINTS,
    EstimateForm,
    ItemForm,
    NoteForm,
    OverrideCountForm,
    OverrideShareForm,
    SectionForm,
    WithdrawForm,
)
from chuan.lib.language import shown_number
from chuan.lib.periods import Period
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans

# ---------------------------------------------------------------- the report


@require_GET
def show_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report, person = opened.report, request.user
    assignments = queries.assignments_behind(report)
    items = _ordered(list(report.items.all()), assignments)
    comments = _open_comments(report)
    by_item: dict[int | None, int] = defaultdict(int)
    for comment in comments:
        by_item[comment.item_id] += 1
    enter_refusal = rules.enter_report.refusal(person, report, on=timezone.localdate())
    progress = queries.progress_of(report, items)
    figures = list(report.figures.order_by("title", "pk"))
    context = _frame(opened) | {
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
        "last_year": _last_year(report),
        "why_owed": why_owed(report),
        "moved": _moved_figures(report, figures),
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


# ---------------------------------------------------------------- one task


@require_http_methods(["GET", "HEAD", "POST"])
def edit_item(request: SignedInRequest, report_id: int, item_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report = opened.report
    item = get_object_or_404(report.items, pk=item_id)
    item.report = report
    assignments = queries.assignments_behind(report)
    assignment = assignments.get(item.assignment_id)
    can_enter = rules.enter_report.allows(request.user, report, on=timezone.localdate())
    refusal, typed = "", []
    if request.method == "POST":
        form = ItemForm(request.POST)
        if form.is_valid():
            try:
                saved_item = _save_item(request, item, form, read_replies(request))
            except rules.Conflict as conflict:
                return _item_conflict(request, report, conflict, form)
            except NotFinished as unfinished:
                for fault in unfinished.faults:
                    form.add_error(fault.field or None, fault.text)
            except Denied as denied:
                refusal, typed = str(denied), kept(form)
            else:
                messages.success(
                    request, _("Đã lưu mục %(code)s.") % {"code": _code(saved_item, assignments)}
                )
                return redirect(_after_item(request, report, saved_item, assignments))
    else:
        form = ItemForm(initial=_item_initial(item))
    context = _frame(opened) | {
        "item": item,
        "assignment": assignment,
        "form": form,
        "can_enter": can_enter,
        "achievement_hints": {kind.value: ACHIEVEMENT_HINTS[kind] for kind in plans.Achievement},
        **_around_item(report, item, assignment),
        **_neighbours(report, item, assignments),
        "refusal": refusal,
        "typed": typed,
    }
    return render(request, "annual_report/item.html", context, status=_status(form, refusal))


@require_POST
def autosave_item(request: SignedInRequest, report_id: int, item_id: int) -> HttpResponse:
    report = report_or_404(request, report_id).report
    item = get_object_or_404(report.items, pk=item_id)
    item.report = report
    form = ItemForm(request.POST)
    if not form.is_valid():
        return not_saved(_("Có ô chưa đúng."), 422)
    try:
        # A half-written item is kept as it is: only the person's own “Lưu” calls it finished and
        # comments dealt with.
        form.cleaned_data["is_finished"] = item.is_finished and form.cleaned_data["is_finished"]
        item = _save_item(request, item, form)
    except rules.Conflict:
        return not_saved(_("Người khác vừa sửa mục này."), 409)
    except NotFinished:
        return not_saved(_("Mục đã đánh dấu xong còn thiếu nội dung."), 422)
    except Denied as denied:
        return not_saved(str(denied), 403)
    return saved(item.updated_at, item.version)


def _save_item(
    request: SignedInRequest,
    item: ReportItem,
    form: ItemForm,
    replies: dict[int, str] | None = None,
) -> ReportItem:
    given = form.cleaned_data
    return operations.save_item(
        actor=request.user,
        item=item,
        version=given["version"],
        narrative=given["narrative"],
        outlook=given["outlook"],
        achievement=given["achievement"],
        percent=given["percent"],
        is_finished=given["is_finished"],
        replies=replies,
        at=timezone.now(),
    )


def _status(form: Form, refusal: str) -> int:
    if refusal:
        return 403
    return 422 if form.errors else 200


def _item_initial(item: ReportItem) -> dict[str, Any]:
    return {
        "version": item.version,
        "narrative": item.narrative,
        "outlook": item.outlook,
        "achievement": item.achievement,
        "percent": item.percent,
        "is_finished": item.is_finished,
    }


def _item_conflict(
    request: SignedInRequest, report: UnitReport, conflict: rules.Conflict, form: ItemForm
) -> HttpResponse:
    given, stored = form.cleaned_data, conflict.stored
    current = UnitReport.objects.select_related("entered_by").get(pk=report.pk)
    return show_conflict(
        request,
        stored,
        [
            ("narrative", _("Kết quả thực hiện"), given["narrative"]),
            ("outlook", _("Ước cả năm"), given["outlook"]),
            ("percent", _("Tiến độ"), given["percent"]),
        ],
        reverse("annual_report:item", args=[report.pk, stored.pk]),
        by=str(current.entered_by or ""),
        at=current.updated_at,
    )


def _around_item(
    report: UnitReport, item: ReportItem, assignment: plans.AssignmentRef | None
) -> dict[str, Any]:
    """What helps while writing: progress told, evidence, others' contributions, last year's text."""
    ids = [item.assignment_id]
    period = report.period
    updates: Sequence[plans.UpdateRef] = ()
    contributions: Sequence[plans.Contribution] = ()
    if assignment is not None:
        updates = queries.updates_behind(report, {assignment.id: assignment}).get(assignment.id, ())
        if assignment.role == plans.PartyRole.LEAD:
            days = Period(period.data_from, period.data_to)
            told = plans.contributions_to(ids, days).get(assignment.id, ())
            contributions = [one for one in told if one.updates]
    placed = FigurePlacement.objects.filter(plan_id=period.plan_id, task_id=item.task_id).values(
        "code"
    )
    last = (
        ReportItem.objects.filter(
            report__organisation=report.organisation_id,
            report__period__in=periods_a_year_before(period),
            task=item.task_id,
            role=item.role,
        )
        .exclude(narrative="")
        .first()
    )
    names = queries.names_of_contributors(contributions, on=period.due_on)
    evidence = plans.evidence_for(ids).get(item.assignment_id, ())
    return {
        "updates": list(reversed(updates)),
        "late_updates": list(reversed(queries.told_after(report, ids).get(item.assignment_id, ()))),
        "evidence": evidence,
        "doubts": doubts_of(item, assignment, evidence),
        "standing": queries.standing_of(item, assignment),
        "contributions": [
            (names[one.assignment.organisation_id], one.updates[-1]) for one in contributions
        ],
        "figures": [
            (figure, presenting.lineage_of(figure))
            for figure in report.figures.filter(code__in=placed).order_by("title", "pk")
        ],
        "last_year_text": last.narrative if last else "",
        "comments": list(
            report.comments.filter(item=item, sent_at__isnull=False)
            .select_related("made_by", "resolved_by")
            .order_by("resolved_at", "pk")
        ),
    }


def _neighbours(
    report: UnitReport, item: ReportItem, assignments: dict[int, plans.AssignmentRef]
) -> dict[str, Any]:
    ordered = _ordered(list(report.items.all()), assignments)
    place = next(n for n, one in enumerate(ordered) if one.pk == item.pk)
    following = ordered[place + 1] if place + 1 < len(ordered) else None
    return {
        "next_item": following,
        "next_code": _code(following, assignments) if following else "",
    }


def _after_item(
    request: SignedInRequest,
    report: UnitReport,
    item: ReportItem,
    assignments: dict[int, plans.AssignmentRef],
) -> str:
    if request.POST.get("then") == "next":
        following = _neighbours(report, item, assignments)["next_item"]
        if following is not None:
            return reverse("annual_report:item", args=[report.pk, following.pk])
    return reverse("annual_report:show", args=[report.pk])


# ---------------------------------------------------------------- other parts


@require_http_methods(["GET", "HEAD", "POST"])
def edit_section(request: SignedInRequest, report_id: int, section: str) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report = opened.report
    part = _section_or_404(report, section)
    names = operations.SECTION_FIELDS[part]
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
    context = _frame(opened) | {
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
        "last_year": _last_year_texts(report, names),
        "refusal": refusal,
        "typed": typed,
    }
    return render(request, "annual_report/section.html", context, status=_status(form, refusal))


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
    last = _last_year(report)
    if last is None:
        return []
    return [(name, getattr(last, name)) for name in names if getattr(last, name)]


# ---------------------------------------------------------------- figures


@require_GET
def show_figures(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report = opened.report
    figures = list(report.figures.order_by("title", "pk"))
    comments = _open_comments(report)
    commented = {one.field.removeprefix("figure:") for one in comments if not one.item_id}
    context = _frame(opened) | {
        "figures": [
            (figure, presenting.lineage_of(figure), figure.code in commented) for figure in figures
        ],
        "can_enter": rules.enter_report.allows(request.user, report, on=timezone.localdate()),
        "moved": _moved_figures(report, figures),
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
    context = _frame(opened) | {
        "figure": figure,
        "lineage": presenting.lineage_of(figure, with_url=False),
        "unit": presenting.UNIT_WORDS.get(figure.unit, figure.unit),
        "is_share": figure.unit == Unit.PERCENT,
        "override_form": override,
        "estimate_form": estimate,
        "has_errors": has_errors,
        "can_enter": rules.enter_report.allows(request.user, report, on=timezone.localdate()),
        "moved": _moved_figures(report, [figure]),
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
    return int(text) if text.isdecimal() else 0


# ---------------------------------------------------------------- checking and sending


@require_GET
def check_report(request: SignedInRequest, report_id: int) -> HttpResponse:
    opened = report_or_404(request, report_id)
    report, person = opened.report, request.user
    assignments = queries.assignments_behind(report)
    items = _ordered(list(report.items.all()), assignments)
    can_enter = rules.enter_report.allows(person, report, on=timezone.localdate())
    figures = list(report.figures.order_by("title", "pk"))
    evidence = plans.evidence_for([one.assignment_id for one in items])
    rows = [
        _check_item(
            one,
            assignments.get(one.assignment_id),
            evidence.get(one.assignment_id, ()),
            reverse("annual_report:item", args=[report.pk, one.pk]) if can_enter else "",
        )
        for one in items
    ]
    context = _frame(opened) | {
        "items": rows,
        "doubtful_count": sum(1 for row in rows if row["doubts"]),
        "figure_answers": _figure_answers(report, figures, can_enter=can_enter),
        "section_answers": _section_answers(report, can_enter=can_enter),
        "missing": queries.missing_from(report) if report.started_at else [],
        "can_enter": can_enter,
        "can_sign": rules.submit_report.allows(person, report, on=timezone.localdate()),
        "sign_refusal": rules.submit_report.refusal(person, report, on=timezone.localdate()),
        "is_head": rules.give_back_report.allows(person, report),
        "moved": _moved_figures(report, figures),
    }
    return render(request, "annual_report/check.html", context)


def _check_item(
    item: ReportItem,
    assignment: plans.AssignmentRef | None,
    evidence: Sequence[plans.EvidenceRef],
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
        # Where nothing was done, nothing has to be shown.
        "needs_evidence": not heading_only
        and (item.role == plans.PartyRole.LEAD or bool(item.narrative)),
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
                "title": report.period.title[:1].lower() + report.period.title[1:],
                "time": f"{timezone.localtime(report.submitted_at):%H:%M, %d/%m/%Y}",
            },
        )
        return redirect("annual_report:show", report.pk)
    context = _frame(opened) | {
        "missing": missing,
        "days_left": presenting.days_left(report.period.due_on, timezone.localdate()),
    }
    return render(request, "annual_report/submit.html", context)


def _revision(request: SignedInRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() else 0


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
    context = _frame(opened) | {
        "events": presenting.history_events(steps),
        "snapshots": list(
            opened.report.snapshots.select_related("made_by")
            .defer("content", "rows")
            .order_by("-number")
        ),
    }
    return render(request, "annual_report/history.html", context)


# ---------------------------------------------------------------- shared by the pages


def _frame(opened: OpenReport) -> dict[str, Any]:
    """What every page of one report shows at its top."""
    report = opened.report
    today = timezone.localdate()
    due_on = report.returned_due_on if report.state == ReportState.RETURNED else None
    is_open = report.state in {ReportState.DRAFT, ReportState.RETURNED}
    return {
        "report": report,
        "period": report.period,
        "body": opened.body,
        "state_key": presenting.state_key(report),
        "due_on": due_on or report.period.due_on,
        "days_left": (
            presenting.days_left(due_on or report.period.due_on, today) if is_open else ""
        ),
        "is_late": is_open and today > (due_on or report.period.due_on),
        "was_on_time": is_on_time(report, report.period),
        "data_until": last_data_day(report.period),
        "counted_until": counted_on(report.period),
    }


def _ordered(
    items: list[ReportItem], assignments: dict[int, plans.AssignmentRef]
) -> list[ReportItem]:
    """Leading tasks first, each in the order of the plan; what left the plan comes last."""
    places = {pk: place for place, pk in enumerate(assignments)}
    return sorted(items, key=lambda item: (places.get(item.assignment_id, len(places)), item.pk))


def _code(item: ReportItem, assignments: dict[int, plans.AssignmentRef]) -> str:
    assignment = assignments.get(item.assignment_id)
    return assignment.task_code if assignment else ""


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
        fields = operations.SECTION_FIELDS[section]
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


def _open_comments(report: UnitReport) -> list[ReturnComment]:
    return list(
        report.comments.filter(sent_at__isnull=False, resolved_at__isnull=True)
        .select_related("made_by")
        .order_by("pk")
    )


def _last_year(report: UnitReport) -> UnitReport | None:
    return (
        UnitReport.objects.filter(
            organisation=report.organisation_id, period__in=periods_a_year_before(report.period)
        )
        .select_related("period")
        .first()
    )


def _moved_figures(report: UnitReport, figures: Sequence[ReportFigure]) -> list[Any]:
    """Figures that would be counted differently now, once the report is out of the unit's hands."""
    state = ReportState(report.state)
    if state not in HAS_ACCEPTED_CONTENT and state != ReportState.SUBMITTED:
        return []
    return figures_moved_since(report, figures)
