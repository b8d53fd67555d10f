"""What a body writes on one task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import (
    FigurePlacement,
    ReportItem,
    UnitReport,
)
from chuan.flows.annual_report.operations import entry as operations
from chuan.flows.annual_report.operations.entry import NotFinished
from chuan.flows.annual_report.queries import reports as queries
from chuan.flows.annual_report.queries.days import (
    periods_a_year_before,
)
from chuan.flows.annual_report.queries.entry import doubts_of
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    kept,
    not_saved,
    read_replies,
    report_or_404,
    saved,
    show_conflict,
)
from chuan.flows.annual_report.web.entry.common import code_of, frame, in_order, page_status
from chuan.flows.annual_report.web.forms import (
    ACHIEVEMENT_HINTS,
    ItemForm,
)
from chuan.lib.periods import Period
from chuan.lib.rules import Denied
from chuan.modules.plans import facade as plans

# Of what was asked of coordinators, what has not come yet.
MISSING = ("request_asked", "request_overdue")


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
                    request, _("Đã lưu mục %(code)s.") % {"code": code_of(saved_item, assignments)}
                )
                return redirect(_after_item(request, report, saved_item, assignments))
    else:
        form = ItemForm(initial=_item_initial(item))
    context = frame(opened) | {
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
    return render(request, "annual_report/item.html", context, status=page_status(form, refusal))


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
    asked: Sequence[plans.PartAsked] = ()
    if assignment is not None:
        updates = queries.updates_behind(report, {assignment.id: assignment}).get(assignment.id, ())
        if assignment.role == plans.PartyRole.LEAD:
            days = Period(period.data_from, period.data_to)
            told = plans.contributions_to(ids, days).get(assignment.id, ())
            contributions = [one for one in told if one.updates]
            asked = plans.parts_asked_for(assignment.id, on=timezone.localdate())
    wordings = plans.wordings_of(item.task_id)
    placed = FigurePlacement.objects.filter(plan_id=period.plan_id, task_id__in=wordings).values(
        "code"
    )
    last = (
        ReportItem.objects.filter(
            report__organisation=report.organisation_id,
            report__period__in=periods_a_year_before(period),
            task__in=wordings,
            role=item.role,
        )
        .exclude(narrative="")
        .first()
    )
    names = queries.names_of_bodies(
        {
            *(one.assignment.organisation_id for one in contributions),
            *(one.organisation_id for one in asked),
        },
        on=period.due_on,
    )
    evidence = queries.evidence_behind(report, ids).get(item.assignment_id, ())
    return {
        "updates": list(reversed(updates)),
        "late_updates": list(reversed(queries.told_after(report, ids).get(item.assignment_id, ()))),
        "evidence": evidence,
        "doubts": doubts_of(item, assignment, evidence),
        "standing": queries.standing_of(item, assignment),
        "contributions": [
            (names[one.assignment.organisation_id], one.updates[-1]) for one in contributions
        ],
        "asked": [(names[one.organisation_id], one) for one in asked],
        "missing_parts": sum(one.status in MISSING for one in asked),
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
    ordered = in_order(list(report.items.all()), assignments)
    place = next(n for n, one in enumerate(ordered) if one.pk == item.pk)
    following = ordered[place + 1] if place + 1 < len(ordered) else None
    return {
        "next_item": following,
        "next_code": code_of(following, assignments) if following else "",
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
