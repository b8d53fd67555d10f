"""The department's desk: who is in, what it adds up to, the text, comparing and closing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Part as BarPart
from chuan.core.ui.forms import Form
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import (
    HAS_ACCEPTED_CONTENT,
    NOT_SENT,
    Audience,
    ConsolidationState,
    ReportState,
)
from chuan.flows.annual_report.models import (
    ConsolidatedTask,
    Consolidation,
    ConsolidationEntry,
    ReportingPeriod,
)
from chuan.flows.annual_report.operations import consolidation as operations
from chuan.flows.annual_report.queries import reports as report_queries
from chuan.flows.annual_report.queries import rollup
from chuan.flows.annual_report.queries.days import day_counted, last_data_day
from chuan.flows.annual_report.queries.parts import newly_accepted, reports_changed, revision_of
from chuan.flows.annual_report.queries.rollup import Content
from chuan.flows.annual_report.queries.slices import Paragraphs, with_reports
from chuan.flows.annual_report.queries.standing import Standing, in_order, lines, standing_now
from chuan.flows.annual_report.queries.urging import last_urged
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    consolidation_or_404,
    kept,
    not_saved,
    period_or_404,
    refuse,
    saved,
    show_conflict,
)
from chuan.flows.annual_report.web.forms import TaskTextForm, TextsForm
from chuan.lib.rules import Denied
from chuan.modules.plans import facade as plans

# So many bodies stand on the page; the list has the rest.
SHOWN = 12
# Of those one may tick, or that stand with their reasons.
CHOSEN_AMONG = 50
# Reports behind a figure, and paragraphs on a task, are read by pages.
REPORTS_ON_A_PAGE = PARAGRAPHS_ON_A_PAGE = 50


# ---------------------------------------------------------------- finding the way


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
        "share": _share(coverage, "waiting"),
        "counted_on": timezone.localdate(),
        "is_before": True,
        "headline": coverage["waiting"],
        "headline_words": _("báo cáo đã duyệt, sẵn sàng tổng hợp"),
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


# ---------------------------------------------------------------- the desk


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
        "share": _share(coverage),
        "headline": coverage["included"],
        "headline_words": _("cơ quan đã có trong bản này"),
        "later_count": len(later),
        "figures": [_figure_row(made, figure) for figure in made.snapshot["figures"]],
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
        **(
            _standing_lists(_outside(period, later), later)
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


def _outside(period: ReportingPeriod, later: Sequence[int]) -> Standing:
    """Where the bodies stand that are not in the draft."""
    return standing_now(period, ~Q(state__in=HAS_ACCEPTED_CONTENT) | Q(pk__in=later))


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
    return [{**group, "share": _share(group, counted)} for group in coverage["groups"]]


def _share(counts: Content, counted: str = "included") -> Decimal | None:
    """Of what is expected, how much is in; before the first consolidation, how much is accepted."""
    value = rollup.share(counts[counted], counts["expected"])
    return None if value is None else Decimal(value)


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


def _figure_row(made: Consolidation, figure: Content) -> dict[str, Any]:
    difference = figure["difference"]
    return {
        "code": figure["code"],
        "title": figure["title"],
        "reported": _amount(figure, figure["reported"]),
        "counted": _amount(figure, figure["counted"]),
        "difference": presenting.change(_decimal(difference), figure["unit"]),
        "province": presenting.amount(
            _decimal(made.snapshot.get("province", {}).get(figure["code"])), figure["unit"]
        ),
        "outlook": _decimal(figure["outlook"]),
        "report_count": figure["report_count"],
        "override_count": len(figure["overrides"]),
        "definition_count": figure["definition_count"],
        "is_equal": difference in {None, "0"},
    }


def _amount(figure: Content, value: Content) -> str:
    parts = (value["numerator"], value["denominator"])
    return presenting.amount(_decimal(value["value"]), figure["unit"], parts)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


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
    chosen = [int(value) for value in request.POST.getlist("bao-cao") if value.isdecimal()]
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


# ---------------------------------------------------------------- texts


@require_http_methods(["GET", "HEAD", "POST"])
def edit_texts(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    if request.method == "POST":
        form = TextsForm(request.POST, is_yearly=made.period.is_yearly)
        if form.is_valid():
            try:
                _save_texts(request, made, form)
            except rules.Conflict as conflict:
                return show_conflict(
                    request,
                    conflict.stored,
                    [
                        (name, str(form.fields[name].label), text)
                        for name, text in form.texts().items()
                    ],
                    reverse("annual_report:texts", args=[made.pk]),
                )
            except Denied as denied:
                return _texts_page(request, made, form, refusal=str(denied))
            messages.success(request, _("Đã lưu lời văn."))
            return redirect("annual_report:consolidation", made.pk)
    else:
        form = TextsForm(
            is_yearly=made.period.is_yearly,
            initial={
                "version": made.version,
                **{name: getattr(made, name) for name in operations.TEXTS},
            },
        )
    return _texts_page(request, made, form)


def _texts_page(
    request: SignedInRequest, made: Consolidation, form: TextsForm, *, refusal: str = ""
) -> HttpResponse:
    context = {
        "made": made,
        "period": made.period,
        "form": form,
        "can_edit": rules.edit_consolidation.allows(request.user, made),
        "coverage": made.snapshot["coverage"],
        "refusal": refusal,
        "typed": kept(form) if refusal else [],
    }
    return render(request, "annual_report/texts.html", context, status=_status(form, refusal))


def _status(form: Form, refusal: str) -> int:
    if refusal:
        return 403
    return 422 if form.errors else 200


@require_POST
def autosave_texts(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    form = TextsForm(request.POST, is_yearly=made.period.is_yearly)
    if not form.is_valid():
        return not_saved(_("Có ô chưa đúng."), 422)
    try:
        made = _save_texts(request, made, form)
    except rules.Conflict:
        return not_saved(_("Người khác vừa sửa lời văn."), 409)
    except Denied as denied:
        return not_saved(str(denied), 403)
    return saved(made.updated_at, made.version)


def _save_texts(request: SignedInRequest, made: Consolidation, form: TextsForm) -> Consolidation:
    return operations.save_consolidation_texts(
        actor=request.user,
        consolidation=made,
        version=form.cleaned_data["version"],
        texts=form.texts(),
        at=timezone.now(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_task(request: SignedInRequest, consolidation_id: int, task_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    row = _task_row(made, task_id)
    if request.method == "POST":
        form = TaskTextForm(request.POST)
        if form.is_valid():
            try:
                row = _save_task(request, row, form)
            except rules.Conflict as conflict:
                return _task_conflict(request, made, conflict, form)
            except Denied as denied:
                return _task_page(request, made, row, form, refusal=str(denied))
            messages.success(request, _("Đã lưu bản ghép."))
            return redirect(_after_task(request, made, task_id))
    else:
        form = TaskTextForm(initial={"version": row.version, "narrative": row.narrative})
    return _task_page(request, made, row, form)


def _task_page(
    request: SignedInRequest,
    made: Consolidation,
    row: ConsolidatedTask,
    form: TaskTextForm,
    *,
    refusal: str = "",
) -> HttpResponse:
    tasks = made.snapshot["tasks"]
    place = next((n for n, one in enumerate(tasks) if one["task_id"] == row.task_id), 0)
    page = Paginator(Paragraphs(row), PARAGRAPHS_ON_A_PAGE).get_page(request.GET.get("trang"))
    sources = _sources(row, page.object_list)
    context = {
        "made": made,
        "period": made.period,
        "row": row,
        "task": tasks[place],
        "form": form,
        "can_edit": rules.edit_consolidation.allows(request.user, made),
        "sources": sources[:SHOWN],
        "more_sources": sources[SHOWN:],
        "page": page,
        "source_count": page.paginator.count,
        "data_until": last_data_day(made.period),
        "refusal": refusal,
        "typed": kept(form) if refusal else [],
        "previous_task": tasks[place - 1] if place else None,
        "next_task": tasks[place + 1] if place + 1 < len(tasks) else None,
    }
    return render(request, "annual_report/task_text.html", context, status=_status(form, refusal))


def _task_row(made: Consolidation, task_id: int) -> ConsolidatedTask:
    row = get_object_or_404(made.tasks.defer("sources", "merged"), task=task_id)
    row.consolidation = made
    return row


def _sources(row: ConsolidatedTask, shown: Iterable[Content]) -> list[dict[str, Any]]:
    """Paragraphs with the groups they stand under, and whether the text already carries them."""
    sources = []
    group = ""
    marks = rollup.marks_in(row.narrative)
    for source in shown:
        sources.append(
            {
                **source,
                "new_group": source["group"] if source["group"] != group else "",
                "is_in": source["mark"] in marks,
            }
        )
        group = source["group"]
    return sources


@require_POST
def autosave_task(request: SignedInRequest, consolidation_id: int, task_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    form = TaskTextForm(request.POST)
    if not form.is_valid():
        return not_saved(_("Có ô chưa đúng."), 422)
    try:
        row = _save_task(request, _task_row(made, task_id), form)
    except rules.Conflict:
        return not_saved(_("Người khác vừa sửa bản ghép này."), 409)
    except Denied as denied:
        return not_saved(str(denied), 403)
    return saved(timezone.now(), row.version)


def _save_task(
    request: SignedInRequest, row: ConsolidatedTask, form: TaskTextForm
) -> ConsolidatedTask:
    return operations.save_consolidated_task(
        actor=request.user,
        row=row,
        version=form.cleaned_data["version"],
        narrative=form.cleaned_data["narrative"],
        at=timezone.now(),
    )


def _task_conflict(
    request: SignedInRequest, made: Consolidation, conflict: rules.Conflict, form: TaskTextForm
) -> HttpResponse:
    stored = conflict.stored
    return show_conflict(
        request,
        stored,
        [("narrative", _("Bản ghép"), form.cleaned_data["narrative"])],
        reverse("annual_report:task_text", args=[made.pk, stored.task_id]),  # type: ignore[attr-defined]
    )


def _after_task(request: SignedInRequest, made: Consolidation, task_id: int) -> str:
    tasks = [one["task_id"] for one in made.snapshot["tasks"]]
    place = tasks.index(task_id) if task_id in tasks else len(tasks)
    then = request.POST.get("then", "")
    if then == "next" and place + 1 < len(tasks):
        return reverse("annual_report:task_text", args=[made.pk, tasks[place + 1]])
    if then.isdecimal():
        return _paragraphs(made, task_id, then)
    return reverse("annual_report:consolidation", args=[made.pk]) + "#thuyet-minh"


def _paragraphs(made: Consolidation, task_id: int, page: str) -> str:
    """The page of a task where so many paragraphs were passed over."""
    address = reverse("annual_report:task_text", args=[made.pk, task_id])
    return f"{address}?trang={page}" if page.isdecimal() else address


@require_POST
def bring_in_source(request: SignedInRequest, consolidation_id: int, task_id: int) -> HttpResponse:
    """Add one body's paragraph. What was typed in the box beside it comes along and is saved too."""
    made = consolidation_or_404(request, consolidation_id)
    row = _task_row(made, task_id)
    form = TaskTextForm(request.POST)
    mark = request.POST.get("mark", "")
    if not mark.isdecimal() or not form.is_valid():
        raise Http404(mark)
    try:
        if form.cleaned_data["narrative"] != row.narrative:
            row = _save_task(request, row, form)
            row.consolidation = made
            version = row.version
        else:
            version = form.cleaned_data["version"]
        operations.bring_in_source(
            actor=request.user, row=row, version=version, mark=int(mark), at=timezone.now()
        )
    except rules.Conflict as conflict:
        return _task_conflict(request, made, conflict, form)
    except Denied as denied:
        return _task_page(request, made, row, form, refusal=str(denied))
    return redirect(_paragraphs(made, task_id, request.GET.get("trang", "")))


@require_POST
def merge_again(request: SignedInRequest, consolidation_id: int, task_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    row = _task_row(made, task_id)
    version = request.POST.get("version", "")
    try:
        operations.merge_again(
            actor=request.user,
            row=row,
            version=int(version) if version.isdecimal() else 0,
            at=timezone.now(),
        )
    except rules.Conflict:
        messages.error(request, _("Người khác vừa sửa bản ghép này. Hãy xem lại."))
    except Denied as denied:
        return refuse(request, denied, "annual_report:task_text", made.pk, task_id)
    else:
        messages.success(request, _("Đã ghép lại từ nội dung các đơn vị gửi."))
    return redirect("annual_report:task_text", made.pk, task_id)


# ---------------------------------------------------------------- figures, comparing, closing


@require_GET
def show_figure(request: SignedInRequest, consolidation_id: int, code: str) -> HttpResponse:
    """One figure of the whole province, down to each report."""
    made = consolidation_or_404(request, consolidation_id)
    figure = next((one for one in made.snapshot["figures"] if one["code"] == code), None)
    if figure is None:
        raise Http404(code)
    entries = (
        made.entries.filter(is_included=True)
        .select_related("content")
        .defer("content__rows")
        .order_by("pk")
    )
    page = Paginator(entries, REPORTS_ON_A_PAGE).get_page(request.GET.get("trang"))
    context = {
        "made": made,
        "period": made.period,
        "figure": figure,
        "row": _figure_row(made, figure),
        "page": page,
        "rows": [row for entry in page.object_list if (row := _figure_of(entry, code)) is not None],
        "data_until": last_data_day(made.period),
    }
    return render(request, "annual_report/rolled_figure.html", context)


def _figure_of(entry: ConsolidationEntry, code: str) -> dict[str, Any] | None:
    """What one report says for a figure; None where it has no such figure."""
    content = entry.content.content if entry.content else {}
    found = next((one for one in content.get("figures", ()) if one["code"] == code), None)
    if found is None:
        return None
    return {
        "report_id": entry.report_id,
        "name": content["organisation"]["name"],
        "counted": _amount(found, found["counted"]),
        "reported": _amount(found, found["reported"]),
        "is_overridden": found["is_overridden"],
        "reason": found["override_reason"],
        "row_count": found["row_count"],
    }


@require_GET
def compare(request: SignedInRequest, consolidation_id: int, number: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    other = get_object_or_404(made.period.consolidations.defer("snapshot"), number=number)
    both = Consolidation.objects.filter(pk__in=(made.pk, other.pk))
    told = dict(with_reports(reports_changed(other, made), both).values_list("pk", "in_short"))
    changes = rollup.compare(told[other.pk], told[made.pk])
    coverage_words = {
        "expected": _("Phải gửi"),
        "included": _("Đã đưa vào"),
        "waiting": _("Đã duyệt, chưa đưa vào"),
        "in_review": _("Chờ duyệt"),
        "returned": _("Trả lại, đang chỉnh lý"),
        "excluded": _("Loại trừ"),
        "missing": _("Chưa gửi"),
    }
    context = {
        "made": made,
        "other": other,
        "period": made.period,
        "changes": changes,
        "coverage": [
            {"label": coverage_words[key], "before": was, "after": now, "difference": now - was}
            for key, (was, now) in changes["coverage"].items()
        ],
        "figures": [
            {
                **row,
                "before": presenting.amount(_decimal(row["before"]), row["unit"]),
                "after": presenting.amount(_decimal(row["after"]), row["unit"]),
                "difference": presenting.change(_decimal(row["difference"]), row["unit"]),
            }
            for row in changes["figures"]
        ],
        "achievement": [
            {**row, "label": plans.Achievement(row["key"]).label} for row in changes["achievement"]
        ],
        "timeliness": [
            {**row, "label": plans.Timeliness(row["key"]).label} for row in changes["timeliness"]
        ],
        "texts": _changed_texts(other, made),
        "others": list(
            made.period.consolidations.exclude(pk=made.pk).order_by("-number").only("pk", "number")
        ),
    }
    return render(request, "annual_report/compare.html", context)


def _changed_texts(before: Consolidation, after: Consolidation) -> list[dict[str, str]]:
    """Tasks whose consolidated text is not the same in the two."""
    old = {row.task_id: row.narrative for row in before.tasks.defer("sources", "merged")}
    new = {row.task_id: row.narrative for row in after.tasks.defer("sources", "merged")}
    return [
        {
            "code": task["code"],
            "title": task["title"],
            "before": old.get(task["task_id"], ""),
            "after": new.get(task["task_id"], ""),
        }
        for task in after.snapshot["tasks"]
        if old.get(task["task_id"], "") != new.get(task["task_id"], "")
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    rules.close_consolidation.require(request.user, made)
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            operations.close_consolidation(
                actor=request.user,
                consolidation=made,
                revision=int(revision) if revision.isdecimal() else 0,
                at=timezone.now(),
            )
        except rules.Conflict:
            messages.error(
                request,
                _("Số liệu hoặc lời văn vừa thay đổi sau khi bạn mở trang chốt. Hãy xem lại."),
            )
            return redirect("annual_report:consolidation", made.pk)
        except Denied as denied:
            return refuse(request, denied, "annual_report:consolidation", made.pk)
        messages.success(request, _("Đã chốt bản tổng hợp %(number)s.") % {"number": made.number})
        return redirect("annual_report:outputs", made.pk)
    later = newly_accepted(made)
    context = {
        "made": made,
        "period": made.period,
        "coverage": made.snapshot["coverage"],
        "share": _share(made.snapshot["coverage"]),
        "later_count": len(later),
        "left_out": _left_out(made.period, _outside(made.period, later)),
        "revision": revision_of(made),
    }
    return render(request, "annual_report/close.html", context)


def _left_out(period: ReportingPeriod, standing: Standing) -> list[tuple[str, int, str]]:
    """Bodies a closed consolidation will be without: in words, how many, and where they are listed."""
    listed = reverse("annual_report:list") + f"?ky={period.pk}&trang_thai="
    rows = [
        (_("chờ duyệt"), standing.of(ReportState.SUBMITTED), ReportState.SUBMITTED.value),
        (
            _("trả lại, đang chỉnh lý"),
            standing.of(ReportState.RETURNED),
            ReportState.RETURNED.value,
        ),
        (_("chưa gửi"), standing.of(*NOT_SENT), "missing"),
        (_("loại trừ có lý do"), standing.of(ReportState.EXCLUDED), ReportState.EXCLUDED.value),
    ]
    return [(words, len(found), listed + state) for words, found, state in rows if found]
