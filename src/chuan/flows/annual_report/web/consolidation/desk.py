"""The desk of a consolidation: who is in, who is missing, figures and tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Part as BarPart
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import (
    NOT_SENT,
    Audience,
    ConsolidationState,
    ReportState,
)
from chuan.flows.annual_report.models import (
    ConsolidatedTask,
    Consolidation,
)
from chuan.flows.annual_report.operations import consolidation as operations
from chuan.flows.annual_report.queries import reports as report_queries
from chuan.flows.annual_report.queries.days import day_counted, last_data_day
from chuan.flows.annual_report.queries.left_behind import count_open
from chuan.flows.annual_report.queries.parts import newly_accepted
from chuan.flows.annual_report.queries.rollup import Content
from chuan.flows.annual_report.queries.standing import Standing, in_order, lines, standing_now
from chuan.flows.annual_report.queries.urging import last_urged
from chuan.flows.annual_report.queries.years import years_of_plan
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    consolidation_or_404,
    period_or_404,
    refuse,
)
from chuan.flows.annual_report.web.consolidation.common import (
    CHOSEN_AMONG,
    SHOWN,
    amount_of,
    decimal_of,
    outside_of,
    share_of,
)
from chuan.flows.annual_report.web.years import years_context
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import facade as plans


@require_GET
def show_latest(request: SignedInRequest) -> HttpResponse:
    """The newest period this person may see consolidated."""
    period = report_queries.collected_periods(request.user).first()
    if period is None:
        if not request.user.holds(*rules.DEPARTMENT_ROLES, *rules.OVERSIGHT_ROLES):
            raise Denied(_("Chỉ cơ quan tổng hợp và lãnh đạo tỉnh xem được bản tổng hợp."))
        return render(request, "annual_report/no_period.html")
    return redirect("annual_report:collection", period.pk)


@require_GET
def show_period(request: SignedInRequest, period_id: int) -> HttpResponse:
    """The newest consolidation of a period, or how reports are coming in before the first."""
    period = period_or_404(request, period_id)
    newest = period.consolidations.order_by("-number").first()
    if newest is not None:
        return redirect("annual_report:consolidation", newest.pk)
    standing = standing_now(period)
    coverage = standing.coverage
    context = {
        "period": period,
        "periods": list(report_queries.collected_periods(request.user)),
        "coverage": coverage,
        "coverage_rows": _coverage_rows(coverage, "waiting"),
        "bar": _bar_before(coverage),
        "share": share_of(coverage, "waiting"),
        "counted_on": timezone.localdate(),
        "is_before": True,
        "headline": coverage["waiting"],
        "headline_words": _("báo cáo đã duyệt, sẵn sàng tổng hợp"),
        "left_count": count_open(period, timezone.localdate()),
        "can_consolidate": rules.consolidate.allows(request.user, period),
        "accepted_count": coverage["waiting"],
        **_standing_lists(standing),
    }
    return render(request, "annual_report/collection.html", context)


@require_POST
def consolidate(request: SignedInRequest, period_id: int) -> HttpResponse:
    period = period_or_404(request, period_id)
    try:
        made = operations.consolidate(actor=request.user, period=period, at=timezone.now())
    except Denied as denied:
        return refuse(request, denied, "annual_report:collection", period.pk)
    messages.success(request, _("Đã lập bản tổng hợp %(number)s.") % {"number": made.number})
    return redirect("annual_report:consolidation", made.pk)


@require_GET
def show_consolidation(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    period, person = made.period, request.user
    is_draft = made.state == ConsolidationState.DRAFT
    coverage = made.snapshot["coverage"]
    later = newly_accepted(made) if made.state != ConsolidationState.SUPERSEDED else []
    siblings = list(
        period.consolidations.order_by("-number").only("pk", "number", "state", "made_at")
    )
    newest = siblings[0]
    tasks = list(made.tasks.defer("sources", "merged").order_by("pk"))
    context = {
        "made": made,
        "period": period,
        "is_draft": is_draft,
        "is_newest": newest.pk == made.pk,
        "newest": newest,
        "siblings": siblings,
        "before": next((one for one in siblings if one.number < made.number), None),
        "coverage": coverage,
        "coverage_rows": _coverage_rows(coverage),
        "bar": _bar(coverage),
        "share": share_of(coverage),
        "headline": coverage["included"],
        "headline_words": _("cơ quan đã có trong bản này"),
        "later_count": len(later),
        "left_count": count_open(period, timezone.localdate()) if is_draft else 0,
        "figures": [figure_row(made, figure) for figure in made.snapshot["figures"]],
        "task_rows": _task_rows(made, tasks),
        "edited_count": sum(1 for one in tasks if one.is_edited),
        "can_edit": rules.edit_consolidation.allows(person, made),
        "can_consolidate": rules.consolidate.allows(person, period),
        "close_refusal": rules.close_consolidation.refusal(person, made),
        "can_close": rules.close_consolidation.allows(person, made),
        "can_output": rules.make_documents.allows(person, made),
        "audiences": list(Audience),
        "data_until": last_data_day(period),
        "counted_on": day_counted(made),
        "lead_total": sum(task["lead_count"] for task in made.snapshot["tasks"]),
        **years_context(years_of_plan(period) if period.is_review else None),
        **(
            _standing_lists(outside_of(period, later), later)
            if is_draft
            else _stored_lists(made.snapshot)
        ),
    }
    return render(request, "annual_report/consolidation.html", context)


def _standing_lists(standing: Standing, later: Sequence[int] = ()) -> dict[str, Any]:
    """Bodies as they stand now: accepted but not in, in review, left out, and missing.

    Of each the first ones and how many there are.
    """
    ids = {
        "waiting": in_order(standing, later),
        "in_review": standing.of(ReportState.SUBMITTED),
        "excluded": standing.of(ReportState.EXCLUDED),
        "missing": standing.of(*NOT_SENT),
        "returned": standing.of(ReportState.RETURNED),
    }
    shown = {name: found[: _most(name)] for name, found in ids.items()}
    told = lines(pk for found in shown.values() for pk in found)
    urged = last_urged(shown["missing"])
    lists: dict[str, list[Any]] = {
        name: [told[pk] for pk in found] for name, found in shown.items()
    }
    lists["missing"] = [
        {
            "name": line.name,
            "reason": line.reason,
            "state_key": "in_entry" if line.is_started else "not_started",
            "urged_at": urged.get(line.report_id),
        }
        for line in lists["missing"]
    ]
    return {**lists, **{f"{name}_count": len(found) for name, found in ids.items()}}


def _most(name: str) -> int:
    """How many bodies of a list stand on the page: more where something is done with each."""
    return CHOSEN_AMONG if name in {"waiting", "excluded"} else SHOWN


def _stored_lists(snapshot: Content) -> dict[str, Any]:
    """The same as they stood when the consolidation was added up for the last time."""
    rows = [row for row in snapshot["reports"] if not row["is_included"]]
    lists = {
        "waiting": [],
        "in_review": [row for row in rows if row["state"] == ReportState.SUBMITTED],
        "excluded": [row for row in rows if row["state"] == ReportState.EXCLUDED],
        "missing": [row for row in rows if row["state"] in NOT_SENT],
        "returned": [row for row in rows if row["state"] == ReportState.RETURNED],
    }
    return {
        **{name: [_told(row) for row in found[: _most(name)]] for name, found in lists.items()},
        **{f"{name}_count": len(found) for name, found in lists.items()},
    }


def _told(row: Content) -> Content:
    sent = row["submitted_at"]
    return {**row, "sent_at": datetime.fromisoformat(sent) if sent else None}


def _coverage_rows(coverage: Content, counted: str = "included") -> list[Content]:
    return [{**group, "share": share_of(group, counted)} for group in coverage["groups"]]


def _bar(coverage: Content) -> list[BarPart]:
    return [
        BarPart("accent", coverage["included"], _("Đã đưa vào")),
        BarPart("soft", coverage["waiting"], _("Đã duyệt, chưa đưa vào")),
        *_bar_of_others(coverage),
    ]


def _bar_before(coverage: Content) -> list[BarPart]:
    accepted = BarPart("accent", coverage["waiting"], _("Đã duyệt, sẵn sàng tổng hợp"))
    return [accepted, *_bar_of_others(coverage)]


def _bar_of_others(coverage: Content) -> list[BarPart]:
    return [
        BarPart("info", coverage["in_review"], _("Chờ duyệt")),
        BarPart("bad", coverage.get("returned", 0), _("Trả lại, đang chỉnh lý")),
        BarPart("warn", coverage["excluded"], _("Loại trừ có lý do")),
        BarPart("mute", coverage["missing"], _("Chưa gửi")),
    ]


def figure_row(made: Consolidation, figure: Content) -> dict[str, Any]:
    difference = figure["difference"]
    return {
        "code": figure["code"],
        "title": figure["title"],
        "reported": amount_of(figure, figure["reported"]),
        "counted": amount_of(figure, figure["counted"]),
        "difference": presenting.change(decimal_of(difference), figure["unit"]),
        "province": presenting.amount(
            decimal_of(made.snapshot.get("province", {}).get(figure["code"])), figure["unit"]
        ),
        "outlook": decimal_of(figure["outlook"]),
        "report_count": figure["report_count"],
        "override_count": len(figure["overrides"]),
        "definition_count": figure["definition_count"],
        "is_equal": difference in {None, "0"},
    }


def _task_rows(made: Consolidation, tasks: Sequence[ConsolidatedTask]) -> list[dict[str, Any]]:
    by_task = {row.task_id: row for row in tasks}
    rows = []
    section = ""
    for task in made.snapshot["tasks"]:
        row = by_task.get(task["task_id"])
        rows.append(
            {
                **task,
                "is_new_section": task["section"] != section,
                "row": row,
                "url": reverse("annual_report:task_text", args=[made.pk, task["task_id"]]),
                "complete": task["achievement"].get(plans.Achievement.COMPLETE.value, 0),
            }
        )
        section = task["section"]
    return rows


@require_POST
def include_reports(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    given = map(whole_number, request.POST.getlist("bao-cao"))
    chosen = [pk for pk in given if pk is not None]
    try:
        operations.include_reports(
            actor=request.user, consolidation=made, report_ids=chosen, at=timezone.now()
        )
    except Denied as denied:
        return refuse(request, denied, "annual_report:consolidation", made.pk)
    messages.success(
        request, _("Đã đưa %(count)s báo cáo vào bản tổng hợp.") % {"count": len(chosen)}
    )
    return redirect("annual_report:consolidation", made.pk)
