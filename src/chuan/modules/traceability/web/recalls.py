"""Recalls: the list, one of them by place and by identifier, and what its department does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuan.core.documents.layout import render_pdf
from chuan.core.orgs.queries import names_on
from chuan.core.people.http import SignedInRequest
from chuan.core.people.models import Person
from chuan.core.ui.components import Event, Part
from chuan.core.ui.views import conflict
from chuan.lib.rules import Rule
from chuan.lib.whole_numbers import whole_number
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.walk import Mode
from chuan.modules.traceability.enums import Fate, Outcome, RecallState
from chuan.modules.traceability.models import Recall, RecallItem, RecallStep
from chuan.modules.traceability.operations import recalls as operations
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries import recalls as queries
from chuan.modules.traceability.queries.archive import left_out_before
from chuan.modules.traceability.queries.recall_report import recall_report
from chuan.modules.traceability.queries.registry import words_of_places
from chuan.modules.traceability.web.recall_forms import (
    ConclusionForm,
    IssueForm,
    OpenRecallForm,
    OutcomeForm,
    as_on_a_label,
)
from chuan.modules.traceability.web.recall_picture import recall_svg
from chuan.modules.traceability.web.recall_tables import (
    ItemTable,
    PlaceTable,
    RecallTable,
    items_address,
)

_STEPS_SHOWN = 10
_RUNS_SHOWN = 10
_FATE_TONES = {
    Fate.HELD: "accent",
    Fate.IN_TRANSIT: "info",
    Fate.SOLD: "warn",
    Fate.EXPORTED: "bad",
    Fate.CONSUMED: "soft",
    Fate.PACKED: "soft",
    Fate.DESTROYED: "mute",
    Fate.ENDED: "mute",
}


@require_safe
def list_recalls(request: SignedInRequest) -> HttpResponse:
    rules.see_chains.require(request.user)
    may_open = bool(request.user.organisation_ids(*rules.INSPECTION))
    action = (_("Mở đợt thu hồi"), reverse("chains:open_recall")) if may_open else None
    table = RecallTable(request, queries.in_list(request.user), empty_action=action)
    context = {"table": table, "may_open": may_open}
    return table.download() or render(request, "traceability/recalls.html", context)


def _recall_or_404(request: SignedInRequest, recall_id: int) -> Recall:
    rows = queries.recalls_visible_to(request.user).select_related(
        "opened_by", "issued_by", "ended_by"
    )
    return get_object_or_404(rows, pk=recall_id)


@require_http_methods(["GET", "HEAD", "POST"])
def open_recall(request: SignedInRequest) -> HttpResponse:
    bodies = request.user.organisation_ids(*rules.INSPECTION)
    rules.open_recall.require(request.user, min(bodies, default=0))
    names = names_on(bodies, timezone.localdate())
    form = OpenRecallForm(
        request.POST or None,
        organisations=[(str(pk), str(name)) for pk, name in names.items()],
        initial={
            "identifiers": as_on_a_label(request.GET.get("ma", "")),
            "mode": Mode.STRICT.value,
        },
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            recall = operations.open_recall(
                actor=request.user,
                organisation_id=int(data["organisation"]),
                title=data["title"],
                reason=data["reason"],
                identifiers=data["identifiers"],
                place=data["place"],
                since=form.begins_at,
                until=form.ends_at,
                mode=Mode(data["mode"]),
                at=timezone.now(),
            )
        except ValidationError as faults:
            form.add_error(None, ValidationError(faults.messages))
        else:
            count = recall.items.count()
            messages.success(
                request,
                ngettext(
                    "Đã truy tìm: %(count)d mã hàng.", "Đã truy tìm: %(count)d mã hàng.", count
                )
                % {"count": count},
            )
            return redirect("chains:recall", recall_id=recall.pk)
    context = {"form": form, "places": words_of_places()}
    return render(
        request, "traceability/recall_open.html", context, status=422 if form.errors else 200
    )


@require_safe
def show_recall(request: SignedInRequest, recall_id: int) -> HttpResponse:
    recall = _recall_or_404(request, recall_id)
    table = PlaceTable(request, list(queries.places_of(recall)), recall=recall)
    answer = table.download()
    if answer is not None:
        return answer
    user = request.user
    progress = queries.progress_of(recall)
    runs = list(recall.runs.select_related("run_by").order_by("-number")[:_RUNS_SHOWN])
    steps = list(recall.steps.select_related("recorded_by").order_by("-pk")[:_STEPS_SHOWN])
    name = names_on([recall.organisation_id], timezone.localdate(recall.opened_at))
    context = {
        "recall": recall,
        "state_key": f"recall_{recall.state}",
        "department": name.get(recall.organisation_id, ""),
        "table": table,
        "progress": progress,
        "picture": recall_svg(recall),
        "fates": [
            Part(_FATE_TONES[fate], progress.by_fate[fate], fate.label)
            for fate in Fate
            if progress.by_fate[fate]
        ],
        "settled": progress.total - progress.still_out,
        "outcomes": [(one.label, progress.by_outcome[one]) for one in Outcome],
        "runs": [(run, items_address(recall, run=str(run.number))) for run in runs],
        "truncated": bool(runs and runs[0].truncated),
        "looked_from": left_out_before(runs[0].run_at) if runs else None,
        "timeline": _timeline(recall, steps),
        "holders": queries.holders_of(recall) if recall.state == RecallState.ISSUED else [],
        "begins": [master.shown(one) for one in recall.identifiers],
        "place": _place_name(recall),
        "mode_note": dict(OpenRecallForm.base_fields["mode"].choices)[recall.mode],  # type: ignore[attr-defined]
        "may_run": rules.run_recall.allows(user, recall),
        "may_issue": rules.issue_recall.allows(user, recall),
        "issue_refusal": _why_not_yet(user, recall),
        "may_abandon": rules.abandon_recall.allows(user, recall),
        "may_end": rules.end_recall.allows(user, recall),
        "may_work": rules.work_on_recall.allows(user, recall),
        "items_url": reverse("chains:recall_items", args=[recall.pk]),
    }
    return render(request, "traceability/recall.html", context)


def _why_not_yet(person: Person, recall: Recall) -> str:
    """Why this person cannot order a recall that waits for it, and who was asked."""
    if recall.state != RecallState.DRAFT or not rules.run_recall.allows(person, recall):
        return ""
    refusal = rules.issue_recall.refusal(person, recall)
    if refusal is None:
        return ""
    return f"{refusal} {_('Lãnh đạo cơ quan đã được báo và thấy đợt này trong thông báo.')}"


def _place_name(recall: Recall) -> str:
    if not recall.place:
        return ""
    told = master.names_of([recall.place])
    return told.get(recall.place) or master.shown(recall.place)


def _timeline(recall: Recall, steps: list[RecallStep]) -> list[Event]:
    events = [
        Event(
            title=_("Mở đợt thu hồi"),
            at=recall.opened_at,
            icon="flag",
            meta=[recall.opened_by.full_name],
        )
    ]
    if recall.issued_by:
        events.append(
            Event(
                title=_("Ban hành thu hồi"),
                at=recall.issued_at,
                icon="gavel",
                text=recall.basis,
                meta=[recall.issued_by.full_name],
            )
        )
    events += [
        Event(
            title=ngettext("%(what)s: %(n)d mã hàng", "%(what)s: %(n)d mã hàng", len(step.item_ids))
            % {"what": step.get_outcome_display(), "n": len(step.item_ids)},
            at=step.recorded_at,
            icon="package",
            text=step.note,
            meta=[one for one in (step.where, step.recorded_by.full_name) if one],
        )
        for step in steps
    ]
    events += [
        Event(
            title=_("%(party)s trả lời") % {"party": one.holder_name},
            at=one.answered_at,
            icon="message-question",
            text=one.text,
            meta=[one.answered_by.full_name],
        )
        for one in recall.answers.select_related("answered_by").order_by("-pk")[:_STEPS_SHOWN]
    ]
    if recall.ended_by:
        events.append(
            Event(
                title=recall.get_state_display(),
                at=recall.ended_at,
                icon="check",
                text=recall.conclusion,
                meta=[recall.ended_by.full_name],
            )
        )
    return sorted(events, key=lambda event: str(event.at), reverse=True)


@require_safe
def report(request: SignedInRequest, recall_id: int) -> HttpResponse:
    """The state of now on paper, as a draft for the clerk."""
    recall = _recall_or_404(request, recall_id)
    now = timezone.now()
    pdf = render_pdf(recall_report(recall, at=now))
    answer = HttpResponse(pdf, "application/pdf")
    name = _("Báo cáo thu hồi %(number)s ngày %(day)s.pdf") % {
        "number": recall.pk,
        "day": f"{timezone.localtime(now):%d-%m-%Y}",
    }
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Cache-Control"] = "private, no-store"
    return answer


# ---------------------------------------------------------------- its goods
def _chosen_items(request: SignedInRequest, recall: Recall) -> QuerySet[RecallItem]:
    """The goods the address narrows to: of one holder, at one place, new in one search."""
    rows = queries.items_of(recall)
    for name, field in (("co-so", "holder"), ("ten-co-so", "holder_name"), ("noi", "place")):
        if name in request.GET:
            rows = rows.filter(**{field: request.GET[name]})
    run = whole_number(request.GET.get("lan", ""))
    return rows.filter(found_in__number=run) if run is not None else rows


@require_safe
def list_items(request: SignedInRequest, recall_id: int) -> HttpResponse:
    recall = _recall_or_404(request, recall_id)
    table = ItemTable(request, _chosen_items(request, recall))
    return table.download() or _items_page(request, recall, table, None)


def _items_page(
    request: SignedInRequest, recall: Recall, table: ItemTable, form: OutcomeForm | None
) -> HttpResponse:
    first = table.all_rows.first()
    run = whole_number(request.GET.get("lan", ""))
    context = {
        "recall": recall,
        "table": table,
        "where": _where(first) if first and "noi" in request.GET else "",
        "run": run,
        "query": request.GET.urlencode(),
        "shown": f"{table.count}-{_run_number(recall)}",
        "may_work": rules.work_on_recall.allows(request.user, recall),
        "form": form or OutcomeForm(initial={"happened_on": timezone.localdate()}),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "traceability/recall_items.html", context, status=status)


def _run_number(recall: Recall) -> int:
    run = queries.last_run(recall)
    return run.number if run else 0


def _shown(text: str) -> tuple[int, int]:
    """How many goods the page showed, after which search; what no page sends is nothing shown."""
    count, _dash, run = text.partition("-")
    return whole_number(count) or 0, whole_number(run) or 0


def _where(item: RecallItem) -> str:
    return ", ".join(one for one in (item.place_name or _("Không rõ nơi"), item.holder_name) if one)


@require_POST
def record_outcome(request: SignedInRequest, recall_id: int) -> HttpResponse:
    """Of the goods that were ticked, or of all that the list shows."""
    recall = _recall_or_404(request, recall_id)
    rules.work_on_recall.require(request.user, recall)
    rows = _chosen_items(request, recall)
    table = ItemTable(request, rows)
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _items_page(request, recall, table, form)
    data = form.cleaned_data
    shown = None
    if "tat-ca" in request.POST:
        found: QuerySet[RecallItem] = table.rows
        shown = _shown(request.POST["tat-ca"])
    else:
        ticked = [whole_number(one) for one in request.POST.getlist("ma")]
        found = rows.filter(pk__in=[pk for pk in ticked if pk is not None])
    first = found.first()
    try:
        step = operations.record_outcome(
            actor=request.user,
            recall=recall,
            items=RecallItem.objects.filter(pk__in=found.order_by().values("pk")),
            outcome=Outcome(data["outcome"]),
            happened_on=data["happened_on"],
            note=data["note"],
            where=_where(first) if first and "noi" in request.GET else "",
            shown=shown,
            at=timezone.now(),
        )
    except ValidationError as faults:
        form.add_error(None, ValidationError(faults.messages))
        return _items_page(request, recall, table, form)
    count = len(step.item_ids)
    messages.success(
        request,
        ngettext("Đã ghi kết quả cho %(n)d mã hàng.", "Đã ghi kết quả cho %(n)d mã hàng.", count)
        % {"n": count},
    )
    return redirect(f"{reverse('chains:recall_items', args=[recall.pk])}?{request.GET.urlencode()}")


# ---------------------------------------------------------------- what its department does
@require_POST
def run_recall(request: SignedInRequest, recall_id: int) -> HttpResponse:
    recall = _recall_or_404(request, recall_id)
    run = operations.run_recall(actor=request.user, recall=recall, at=timezone.now())
    messages.success(
        request,
        _(
            "Đã truy tìm lần %(number)d: %(new)d mã mới, %(changed)d mã đổi chỗ, %(gone)d mã không còn thuộc "
            "diện thu hồi."
        )
        % {
            "number": run.number,
            "new": run.new_count,
            "changed": run.changed_count,
            "gone": run.gone_count,
        },
    )
    return redirect("chains:recall", recall_id=recall.pk)


@require_POST
def notify_holders(request: SignedInRequest, recall_id: int) -> HttpResponse:
    recall = _recall_or_404(request, recall_id)
    try:
        notices = operations.notify_holders(
            actor=request.user, recall=recall, wanted=None, at=timezone.now()
        )
    except ValidationError as faults:
        messages.error(request, " ".join(faults.messages))
    else:
        on_paper = sum(1 for notice in notices if not notice.told_count)
        messages.success(
            request,
            _("Đã thông báo %(count)d cơ sở; %(paper)d cơ sở chưa có tài khoản, cần gửi văn bản.")
            % {"count": len(notices), "paper": on_paper},
        )
    return redirect("chains:recall", recall_id=recall.pk)


def _decide(
    request: SignedInRequest,
    recall_id: int,
    *,
    rule: Rule[[Person, Recall]],
    form_class: type[Any],
    operation: Callable[..., Recall],
    words: tuple[str, str, str],
) -> HttpResponse:
    """One form, one decision: look, rule, form, operation, back; a conflict shows who was first."""
    recall = _recall_or_404(request, recall_id)
    back_url = reverse("chains:recall", args=[recall.pk])
    rule.require(request.user, recall)
    form = form_class(
        request.POST or None, initial={"version": recall.version, "advice": recall.advice}
    )
    title, action, done = words
    if request.method == "POST" and form.is_valid():
        try:
            operation(actor=request.user, recall=recall, at=timezone.now(), **form.cleaned_data)
        except rules.Conflict:
            return conflict(request, back_url=back_url)
        messages.success(request, done)
        return redirect(back_url)
    context = {
        "recall": recall,
        "form": form,
        "title": title,
        "action": action,
        "back_url": back_url,
        "progress": queries.progress_of(recall),
    }
    return render(
        request, "traceability/recall_decide.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def issue_recall(request: SignedInRequest, recall_id: int) -> HttpResponse:
    return _decide(
        request,
        recall_id,
        rule=rules.issue_recall,
        form_class=IssueForm,
        operation=operations.issue_recall,
        words=(
            _("Ban hành thu hồi"),
            _("Ban hành thu hồi"),
            _("Đã ban hành thu hồi. Hãy thông báo cho các cơ sở đang giữ hàng."),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def abandon_recall(request: SignedInRequest, recall_id: int) -> HttpResponse:
    return _decide(
        request,
        recall_id,
        rule=rules.abandon_recall,
        form_class=ConclusionForm,
        operation=operations.abandon_recall,
        words=(_("Bỏ đợt truy tìm"), _("Bỏ đợt truy tìm"), _("Đã bỏ đợt truy tìm.")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def end_recall(request: SignedInRequest, recall_id: int) -> HttpResponse:
    return _decide(
        request,
        recall_id,
        rule=rules.end_recall,
        form_class=ConclusionForm,
        operation=operations.end_recall,
        words=(
            _("Kết thúc thu hồi"),
            _("Kết thúc thu hồi"),
            _("Đã kết thúc đợt thu hồi."),
        ),
    )
