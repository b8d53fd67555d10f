"""What bodies that are no more left to be done: the list, proposals, approval, undoing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuan.core.orgs.queries import names_on, told_apart_on
from chuan.core.orgs.web.searching import BodySearch
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.reasons import add_faults
from chuan.core.ui.tables import Column, link
from chuan.core.ui.templatetags.pieces import status
from chuan.core.ui.views import Difference, confirm
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date, format_number
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import rules
from chuan.modules.plans.enums import FateKind, FateState
from chuan.modules.plans.models import Fate, FateDecision, Plan
from chuan.modules.plans.operations import fates as operations
from chuan.modules.plans.queries import fates as queries
from chuan.modules.plans.queries.fates import FatePreview, VanishedBody
from chuan.modules.plans.web.fate_forms import BodyFilters, ProposeForm, ReasonForm
from chuan.modules.plans.web.finding import (
    plan_or_404,
    show_conflict,
)
from chuan.modules.plans.web.import_forms import KnownNames
from chuan.modules.plans.web.plans import plan_tabs, standing_key

BODY = "co-quan"


# ---------------------------------------------------------------- all bodies of a plan


class BodyTable(BodySearch):
    name = "co-quan-da-ket-thuc"
    caption = gettext_lazy("Cơ quan đã kết thúc còn nghĩa vụ")
    noun = gettext_lazy("cơ quan")
    filter_form = BodyFilters
    search = ("name",)
    of_body = "organisation_id"
    empty_title = gettext_lazy("Không cơ quan đã kết thúc nào còn nghĩa vụ")
    empty_text = gettext_lazy(
        "Khi một cơ quan kết thúc mà còn phân công chưa xong, cơ quan đó hiện ở đây."
    )

    def __init__(self, request: SignedInRequest, plan: Plan, rows: Sequence[VanishedBody]) -> None:
        super().__init__(request, rows)
        self.plan = plan

    def filter(self, rows: Any, chosen: dict[str, Any]) -> Any:
        return [row for row in rows if _fits(row, chosen.get("con", ""))]

    @property
    def columns(self) -> Sequence[Column]:  # type: ignore[override]
        return (
            Column(
                "name",
                _("Cơ quan"),
                order=True,
                is_header=True,
                cell=lambda row: link(
                    reverse("plans:fates_of_body", args=[self.plan.pk, row.organisation_id]),
                    row.name,
                ),
            ),
            Column("ended_on", _("Từ ngày không còn"), order=True, css="nowrap"),
            Column(
                "event",
                _("Sự kiện"),
                value=lambda row: row.event.title if row.event else "",
                cell=lambda row: (
                    link(
                        reverse("orgs:event", args=[row.event.pk]), row.event.title, row.event.basis
                    )
                    if row.event
                    else "–"
                ),
            ),
            Column("undecided", _("Chưa quyết định"), order=True, is_numeric=True),
            Column("proposed", _("Chờ duyệt"), order=True, is_numeric=True),
            Column("approved", _("Đã quyết định"), order=True, is_numeric=True),
        )


def _fits(row: VanishedBody, wanted: str) -> bool:
    if wanted == "chua":
        return bool(row.undecided)
    if wanted == "cho":
        return bool(row.proposed)
    return wanted != "xong" or not (row.undecided or row.proposed)


@require_safe
def list_fates(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """Bodies that left duties behind, how many are decided, and that none is lost."""
    plan = plan_or_404(request, plan_id)
    rules.see_whole_plan.require(request.user, plan)
    today = timezone.localdate()
    bodies = queries.bodies_of(plan, today)
    table = BodyTable(request, plan, bodies)
    refusal = rules.propose_fates.refusal(request.user, plan, today)
    context = {
        "suggested": _suggested(plan, bodies, today) if refusal is None else [],
        "plan": plan,
        "table": table,
        "sum": queries.sum_of(today, plan),
        "decisions": [_shown(one) for one in queries.decisions_of(plan)],
        "refusal": refusal,
        "tabs": plan_tabs(plan, today.year, "fates", sees_all=True),
    }
    return table.download() or render(request, "plans/fates.html", context)


@dataclass(frozen=True, slots=True)
class Suggested:
    """Bodies for which the register suggests the same, and the form filled in for them."""

    kind: str
    bodies: int
    count: int
    url: str


def _suggested(plan: Plan, bodies: Sequence[VanishedBody], today: date) -> list[Suggested]:
    open_ones = [one for one in bodies if one.undecided]
    ended = {one.organisation_id: one.ended_on for one in open_ones}
    suggestions = queries.suggestions_for(ended, today)
    found = []
    for kind in FateKind:
        mine = [one for one in open_ones if suggestions[one.organisation_id].kind == kind]
        if mine:
            chosen = urlencode([(BODY, one.organisation_id) for one in mine])
            found.append(
                Suggested(
                    str(kind.label),
                    len(mine),
                    sum(one.undecided for one in mine),
                    f"{reverse('plans:propose_fates', args=[plan.pk])}?{chosen}",
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision in a list."""

    decision: FateDecision
    status: str
    fate_count: int
    body_count: int


def _shown(decision: Any) -> ShownDecision:
    return ShownDecision(
        decision, f"fate_{decision.state}", decision.fate_count, decision.body_count
    )


# ---------------------------------------------------------------- one body


@require_safe
def show_body(request: SignedInRequest, plan_id: int, organisation_id: int) -> HttpResponse:
    """What one body left behind, each with its decision."""
    plan = plan_or_404(request, plan_id)
    rules.see_whole_plan.require(request.user, plan)
    today = timezone.localdate()
    body = next(
        (one for one in queries.bodies_of(plan, today) if one.organisation_id == organisation_id),
        None,
    )
    if body is None:
        raise Http404(_("Cơ quan này không để lại nghĩa vụ nào của kế hoạch."))
    ended = {organisation_id: body.ended_on}
    rows = queries.undecided(queries.left_over(ended, plan)).select_related("task")
    fates = (
        Fate.objects.filter(assignment__organisation=organisation_id, assignment__task__plan=plan)
        .exclude(state__in=[FateState.HANDED_BACK, FateState.UNDONE])
        .select_related("assignment__task", "decision")
        .prefetch_related("heirs__assignment")
        .order_by("assignment__year", "assignment__task__position", "pk")
    )
    suggestion = queries.suggestions_for(ended, today)[organisation_id]
    names = names_on(
        {*suggestion.heirs, *(heir.organisation_id for fate in fates for heir in fate.heirs.all())},
        today,
    )
    context = {
        "plan": plan,
        "body": body,
        "open": [
            (row, standing_key(row, today)) for row in rows.order_by("year", "task__position", "pk")
        ],
        "fates": [_fate_line(fate, names) for fate in fates],
        "suggestion": FateKind(suggestion.kind).label,
        "heirs": [str(names[pk]) for pk in suggestion.heirs if pk in names],
        "refusal": rules.propose_fates.refusal(request.user, plan, today),
    }
    return render(request, "plans/fates_of_body.html", context)


def _fate_line(fate: Fate, names: Any) -> dict[str, Any]:
    return {
        "fate": fate,
        "status": f"fate_{fate.state}",
        "heirs": [
            {
                "name": str(names.get(heir.organisation_id, "")),
                "assignment": heir.assignment,
                "was_there": heir.was_there,
            }
            for heir in fate.heirs.all()
        ],
    }


# ---------------------------------------------------------------- proposing


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """Choose bodies and tasks and what becomes of them; see what that would do; hand it over."""
    plan = plan_or_404(request, plan_id)
    today = timezone.localdate()
    rules.propose_fates.require(request.user, plan, today)
    listed = [one for one in queries.bodies_of(plan, today) if one.undecided]
    if not listed:
        messages.info(request, _("Không còn nghĩa vụ nào chưa có đề xuất."))
        return redirect("plans:fates", plan_id=plan.pk)
    form = _propose_form(request, plan, listed, today)
    ended = {one.organisation_id: one.ended_on for one in listed}
    preview: FatePreview | None = None
    if request.method == "POST" and form.is_valid():
        preview = queries.preview_of_fates(form.days(ended), form.receivers, today)
        if request.POST.get("decide") == _key(preview):
            try:
                return _propose(request, plan, form)
            except ValidationError as faults:
                add_faults(form, faults)
    context = {
        "plan": plan,
        "form": form,
        "preview": None if form.errors else preview,
        "key": _key(preview) if preview else "",
        "passes_on": bool(preview and preview.heirs),
        "receiving": _receiving(form, today) if preview and not form.errors else [],
        "has_changed": "decide" in request.POST and not form.errors,
        "known": form.known,
    }
    return render(request, "plans/fate_propose.html", context, status=422 if form.errors else 200)


def _propose_form(
    request: SignedInRequest, plan: Plan, listed: Sequence[VanishedBody], today: date
) -> ProposeForm:
    ended = {one.organisation_id: one.ended_on for one in listed}
    rows = list(queries.undecided(queries.left_over(ended, plan)).select_related("task"))
    suggestions = queries.suggestions_for(ended, today)
    asked = [
        pk for pk in map(whole_number, request.GET.getlist(BODY)) if pk is not None and pk in ended
    ]
    bodies = asked or list(ended)
    mine = [row for row in rows if row.organisation_id in bodies]
    return ProposeForm(
        request.POST or None,
        listed=listed,
        rows=rows,
        suggestions=suggestions,
        known=KnownNames.of(today),
        initial={
            "bodies": [str(pk) for pk in bodies],
            "tasks": [str(row.task_id) for row in mine],
            "years": [str(row.year) for row in mine],
            "kind": suggestions[bodies[0]].kind
            if len({suggestions[pk].kind for pk in bodies}) == 1
            else "",
        },
    )


def _key(preview: FatePreview) -> str:
    return f"{preview.closed}-{preview.created}-{preview.already}"


def _receiving(form: ProposeForm, today: date) -> list[tuple[str, str]]:
    """For each body that is no more, who would go on."""
    receivers = form.receivers
    names = names_on({pk for heirs in receivers.values() for pk in heirs}, today)
    called = {one.organisation_id: one.name for one in form.listed}
    return [
        (called[pk], ", ".join(str(names[heir]) for heir in heirs if heir in names) or "–")
        for pk, heirs in receivers.items()
    ]


def _propose(request: SignedInRequest, plan: Plan, form: ProposeForm) -> HttpResponse:
    data = form.cleaned_data
    decision = operations.propose_fates(
        actor=request.user,
        plan=plan,
        kind=FateKind(data["kind"]),
        assignment_ids=[row.pk for row in form.chosen],
        receivers=form.receivers,
        from_day=data["from_day"],
        basis=data["basis"],
        clause=data["clause"],
        note=data["note"],
        at=timezone.now(),
    )
    messages.success(request, _("Đã gửi đề xuất. Một người khác trong cơ quan duyệt."))
    return redirect("plans:fate_decision", decision_id=decision.pk)


# ---------------------------------------------------------------- one decision


class FateTable(BodySearch):
    name = "nghia-vu"
    caption = gettext_lazy("Phân công trong quyết định")
    noun = gettext_lazy("phân công")
    search = ("body", "task")
    of_body = "organisation_id"
    columns: ClassVar[Sequence[Column]] = (
        Column(
            "body",
            gettext_lazy("Cơ quan đã kết thúc"),
            order=True,
            is_header=True,
            cell=lambda row: link(row["url"], row["body"], row["task"]),
        ),
        Column("year", gettext_lazy("Năm"), order=True, cell=lambda row: str(row["year"])),
        Column("role", gettext_lazy("Vai trò"), order=True),
        Column("from_day", gettext_lazy("Từ ngày"), order=True, css="nowrap"),
        Column(
            "heirs",
            gettext_lazy("Cơ quan làm tiếp"),
            value=lambda row: "; ".join(name for name, _url in row["heirs"]),
            cell=lambda row: (
                format_html_join("; ", "{}", ((_heir(*one),) for one in row["heirs"])) or "–"
            ),
            css="wide",
        ),
    )
    default_order = "body"


def _heir(name: str, url: str) -> Any:
    return format_html('<a href="{}">{}</a>', url, name) if url else name


@require_safe
def show_decision(request: SignedInRequest, decision_id: int) -> HttpResponse:
    decision = _decision_or_404(request, decision_id)
    fates = list(queries.fates_of(decision))
    bodies = told_apart_on(
        {fate.assignment.organisation_id for fate in fates}, timezone.localdate()
    )
    names = names_on(
        {heir.organisation_id for fate in fates for heir in fate.heirs.all()}, timezone.localdate()
    )
    table = FateTable(
        request,
        [
            {
                "organisation_id": fate.assignment.organisation_id,
                "body": bodies[fate.assignment.organisation_id],
                "task": str(fate.assignment.task),
                "url": reverse("plans:assignment", args=[fate.assignment_id]),
                "year": fate.assignment.year,
                "role": fate.assignment.get_role_display(),
                "from_day": fate.from_day,
                "heirs": [
                    (
                        str(names.get(heir.organisation_id, "")),
                        reverse("plans:assignment", args=[heir.assignment_id])
                        if heir.assignment_id
                        else "",
                    )
                    for heir in fate.heirs.all()
                ],
            }
            for fate in fates
        ],
    )
    preview = None
    if decision.state == FateState.PROPOSED:
        receivers = {
            fate.assignment.organisation_id: [one.organisation_id for one in fate.heirs.all()]
            for fate in fates
        }
        chosen = [(fate.assignment, fate.from_day) for fate in fates]
        preview = queries.preview_of_fates(chosen, receivers, timezone.localdate())
    context = {
        "plan": decision.plan,
        "decision": decision,
        "status": f"fate_{decision.state}",
        "table": table,
        "preview": preview,
        "fate_count": len(fates),
        "body_count": len(bodies),
        "approve_refusal": rules.approve_fates.refusal(request.user, decision),
        "may_hand_back": rules.hand_back_fates.allows(request.user, decision),
        "may_undo": rules.undo_fates.allows(request.user, decision),
        "may_propose": rules.propose_fates.allows(
            request.user, decision.plan, timezone.localdate()
        ),
        "again": "&".join(f"{BODY}={pk}" for pk in bodies),
        "form": ReasonForm(),
    }
    return table.download() or render(request, "plans/fate_decision.html", context)


def _decision_or_404(request: SignedInRequest, decision_id: int) -> FateDecision:
    decision = get_object_or_404(
        FateDecision.objects.select_related(
            "plan", "proposed_by", "approved_by", "ended_by", "basis_document"
        ),
        pk=decision_id,
    )
    rules.see_whole_plan.require(request.user, decision.plan)
    return decision


@require_POST
def approve(request: SignedInRequest, decision_id: int) -> HttpResponse:
    decision = _decision_or_404(request, decision_id)
    version = request.POST.get("version", "")
    try:
        operations.approve_fates(
            actor=request.user,
            decision=decision,
            version=whole_number(version) or 0,
            at=timezone.now(),
        )
    except rules.Conflict:
        return _conflict(request, decision)
    except (Denied, ValidationError) as refused:
        messages.error(request, _said(refused))
    else:
        count = decision.fates.count()
        messages.success(
            request,
            ngettext(
                "Đã duyệt. %(count)s nghĩa vụ đã có quyết định.",
                "Đã duyệt. %(count)s nghĩa vụ đã có quyết định.",
                count,
            )
            % {"count": format_number(count)},
        )
    return redirect("plans:fate_decision", decision_id=decision.pk)


@require_POST
def hand_back(request: SignedInRequest, decision_id: int) -> HttpResponse:
    decision = _decision_or_404(request, decision_id)
    try:
        operations.hand_back_fates(
            actor=request.user,
            decision=decision,
            at=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
    except (Denied, ValidationError) as refused:
        messages.error(request, _said(refused))
    else:
        messages.success(request, _("Đã trả lại đề xuất. Các nghĩa vụ này chờ đề xuất khác."))
    return redirect("plans:fate_decision", decision_id=decision.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: SignedInRequest, decision_id: int) -> HttpResponse:
    decision = _decision_or_404(request, decision_id)
    rules.undo_fates.require(request.user, decision)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].required = True
    if request.method == "POST" and form.is_valid():
        try:
            operations.undo_fates(
                actor=request.user,
                decision=decision,
                version=decision.version,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except (Denied, ValidationError) as refused:
            messages.error(request, _said(refused))
        else:
            messages.success(request, _("Đã hoàn tác. Các phân công trở lại như trước quyết định."))
        return redirect("plans:fate_decision", decision_id=decision.pk)
    created = sum(
        not heir.was_there for fate in queries.fates_of(decision) for heir in fate.heirs.all()
    )
    return confirm(
        request,
        title=_("Hoàn tác quyết định này?"),
        action=_("Hoàn tác"),
        back_url=reverse("plans:fate_decision", args=[decision.pk]),
        lines=[
            f"{decision.get_kind_display()}. {decision.full_basis}",
            _("Duyệt ngày %(day)s")
            % {"day": format_date(timezone.localdate(decision.approved_at))},
        ],
        consequences=[
            _(
                "%(count)s phân công của cơ quan đã kết thúc trở lại như cũ, còn hạn và chờ quyết định."
            )
            % {"count": format_number(decision.fates.count())},
            _("Đến %(count)s phân công đã lập cho cơ quan làm tiếp được gỡ, nếu chưa ai ghi gì.")
            % {"count": format_number(created)},
        ],
        form=form,
        is_destructive=True,
    )


def _said(refused: Denied | ValidationError) -> str:
    return " ".join(refused.messages) if isinstance(refused, ValidationError) else str(refused)


def _conflict(request: SignedInRequest, decision: FateDecision) -> HttpResponse:
    stored = FateDecision.objects.select_related("approved_by", "ended_by").get(pk=decision.pk)
    by = stored.ended_by or stored.approved_by
    return show_conflict(
        request,
        back_url=reverse("plans:fate_decision", args=[decision.pk]),
        by=by.full_name if by else "",
        at=stored.ended_at or stored.approved_at,
        differences=[
            Difference(_("Trạng thái"), stored.get_state_display(), FateState.APPROVED.label)
        ],
    )


# ---------------------------------------------------------------- beside an assignment


def provenance_of(assignment: Any) -> dict[str, Any]:
    """Where an assignment came from and what became of it, for its page."""
    fate = queries.live_fate_of(assignment)
    return {
        "fate": fate,
        "fate_status": status(f"fate_{fate.state}") if fate else "",
        "went_to": queries.went_to(fate) if fate and fate.state == FateState.APPROVED else [],
        "came_from": queries.came_from(assignment) if assignment.is_passed_on else [],
    }
