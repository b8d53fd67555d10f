"""Difficulties: the list, one of them, and what its body, the department and the province do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Choice, Event
from chuan.core.ui.reasons import add_faults, end_with_reason
from chuan.core.ui.tables import Column, link
from chuan.core.ui.templatetags.pieces import status
from chuan.core.ui.views import Difference
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import rules
from chuan.modules.plans.enums import DifficultyState
from chuan.modules.plans.models import Difficulty, Plan
from chuan.modules.plans.operations import difficulties as operations
from chuan.modules.plans.queries import difficulties as queries
from chuan.modules.plans.queries.plans import plans_in_force
from chuan.modules.plans.queries.versions import tasks_on
from chuan.modules.plans.web.finding import (
    difficulty_or_404,
    name_of,
    own_choices,
    plan_or_404,
    show_conflict,
)
from chuan.modules.plans.web.forms.difficulties import (
    AnswerForm,
    EscalateForm,
    RaiseForm,
    SettleForm,
)
from chuan.modules.plans.web.forms.filters import DifficultyFilters
from chuan.modules.plans.web.tables import OfPlansTable


class DifficultyTable(OfPlansTable):
    name = "vuong-mac"
    caption = gettext_lazy("Vướng mắc")
    noun = gettext_lazy("vướng mắc")
    search_hint = gettext_lazy("tên cơ quan")
    default_order = "-raised_at"
    empty_title = gettext_lazy("Chưa có vướng mắc nào")
    empty_text = gettext_lazy(
        "Khi gặp khó khăn trong thực hiện, cơ quan nêu bằng văn bản tại đây để được hướng dẫn."
    )
    empty_icon = "message-question"
    filters = DifficultyFilters
    way_to_plan = "plan"
    named_on = "raised_at__date"

    columns = (
        Column(
            "title",
            gettext_lazy("Vướng mắc"),
            is_header=True,
            css="wide",
            cell=lambda row: link(reverse("plans:difficulty", args=[row.pk]), row.title, row.whose),
        ),
        Column("body_name", gettext_lazy("Cơ quan"), on_page=False, order="body_sort_key"),
        Column("plan", gettext_lazy("Kế hoạch"), on_page=False),
        Column(
            "task", gettext_lazy("Nhiệm vụ"), value=lambda row: row.task.code if row.task else ""
        ),
        Column(
            "raised_at",
            gettext_lazy("Ngày nêu"),
            value=lambda row: timezone.localdate(row.raised_at),
            order="raised_at",
        ),
        Column("answer_due_on", gettext_lazy("Hạn trả lời"), order="answer_due_on"),
        Column(
            "state",
            gettext_lazy("Trạng thái"),
            cell=lambda row: status(_state_key(row)),
            export=lambda row: row.get_state_display(),
            order="state",
        ),
    )


def _state_key(row: Difficulty) -> str:
    late = row.answer_due_on is not None and row.answer_due_on < timezone.localdate()
    if row.state == DifficultyState.RAISED and late:
        return "overdue"
    return f"difficulty_{row.state}"


@require_safe
def list_difficulties(request: SignedInRequest) -> HttpResponse:
    rules.see_plans.require(request.user)
    today = timezone.localdate()
    rows = queries.difficulties_visible_to(request.user)
    may_raise = bool(rules.own_organisation_ids(request.user))
    action = (_("Nêu vướng mắc"), reverse("plans:raise_difficulty")) if may_raise else None
    table = DifficultyTable(request, rows, empty_action=action)
    context = {
        "table": table,
        "may_raise": may_raise,
        "waiting": rows.filter(queries.waiting_for_answer()).count(),
        "late": rows.filter(queries.answer_overdue(today)).count(),
    }
    return table.download() or render(request, "plans/difficulties.html", context)


@require_safe
def show_difficulty(request: SignedInRequest, difficulty_id: int) -> HttpResponse:
    difficulty = difficulty_or_404(request, difficulty_id)
    user = request.user
    acts = [
        (name, label, css)
        for name, label, css, rule in (
            ("answer", _("Trả lời"), "btn-go", rules.answer_difficulty),
            ("escalate", _("Trình UBND tỉnh"), "", rules.escalate_difficulty),
            ("settle", _("Ghi ý kiến chỉ đạo"), "btn-go", rules.settle_difficulty),
            ("withdraw_difficulty", _("Rút vướng mắc"), "btn-danger", rules.withdraw_difficulty),
        )
        if rule.allows(user, difficulty)
    ]
    raised_on = timezone.localdate(difficulty.raised_at)
    name = name_of(difficulty.organisation_id, raised_on)
    context = {
        "difficulty": difficulty,
        "state_key": _state_key(difficulty),
        "name": name,
        "plan": difficulty.plan,
        "task": difficulty.task,
        "timeline": _timeline(difficulty, name),
        "actions": [
            (reverse(f"plans:{act}", args=[difficulty.pk]), label, css) for act, label, css in acts
        ],
    }
    return render(request, "plans/difficulty.html", context)


def _timeline(difficulty: Difficulty, name: str) -> list[Event]:
    told = Difficulty.objects.select_related(
        "raised_by", "answered_by", "escalated_by", "settled_by", "withdrawn_by"
    ).get(pk=difficulty.pk)
    events = [
        Event(
            title=_("Nêu vướng mắc"),
            at=told.raised_at,
            icon="message-question",
            meta=[name, told.raised_by.full_name],
        )
    ]
    for at, by, title, text, icon in (
        (told.answered_at, told.answered_by, _("Trả lời, hướng dẫn"), told.answer, "message-reply"),
        (told.escalated_at, told.escalated_by, _("Trình UBND tỉnh"), told.escalation, "send"),
        (told.settled_at, told.settled_by, _("UBND tỉnh chỉ đạo"), told.direction, "gavel"),
        (told.withdrawn_at, told.withdrawn_by, _("Rút vướng mắc"), told.withdrawn_reason, "x"),
    ):
        if at and by:
            events.append(Event(title=title, at=at, icon=icon, text=text, meta=[by.full_name]))
    return sorted(events, key=lambda event: str(event.at), reverse=True)


@require_http_methods(["GET", "HEAD", "POST"])
def raise_difficulty(request: SignedInRequest) -> HttpResponse:
    plan = _plan_asked(request)
    own = rules.own_organisation_ids(request.user)
    organisations = own_choices(own)
    if not organisations:
        raise Denied(_("Chỉ cán bộ đầu mối và thủ trưởng nêu vướng mắc của cơ quan mình."))
    today = timezone.localdate()
    tasks = list(tasks_on(plan, today).filter(heading_only=False))
    form = RaiseForm(
        request.POST or None,
        organisations=organisations,
        tasks=[(str(task.pk), f"{task.code} {task.short_text}") for task in tasks],
        initial={
            "task": request.GET.get("nhiem-vu", ""),
            "organisation": request.GET.get("co-quan") or organisations[0][0],
        },
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            difficulty = operations.raise_difficulty(
                actor=request.user,
                plan=plan,
                organisation_id=int(data["organisation"]),
                task=next((task for task in tasks if str(task.pk) == data["task"]), None),
                title=data["title"],
                text=data["text"],
                proposal=data["proposal"],
                at=timezone.now(),
            )
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, _("Đã gửi vướng mắc đến cơ quan theo dõi kế hoạch."))
            return redirect("plans:difficulty", difficulty_id=difficulty.pk)
    context = {
        "form": form,
        "plan": plan,
        "others": [
            Choice(other.short_title, f"?ke-hoach={other.pk}", is_current=other.pk == plan.pk)
            for other in plans_in_force(timezone.localdate())
        ],
        "managed_by": name_of(plan.managed_by_id, timezone.localdate()),
    }
    return render(request, "plans/raise.html", context, status=422 if form.errors else 200)


def _plan_asked(request: SignedInRequest) -> Plan:
    """The plan in the address, or the newest in force.

    :raises Http404: there is none.
    """
    asked = whole_number(request.GET.get("ke-hoach", ""))
    if asked is not None:
        return plan_or_404(request, asked)
    newest = plans_in_force(timezone.localdate()).first()
    if newest is None:
        raise Http404(_("Chưa có kế hoạch nào đang thực hiện."))
    return newest


Operation = Callable[..., Difficulty]


def _deal(
    request: SignedInRequest,
    difficulty_id: int,
    *,
    rule: Any,
    form_class: type[Any],
    operation: Operation,
    field: str,
    page: tuple[str, str, str],
) -> HttpResponse:
    """One form with one text: look, rule, form, operation, back; a conflict shows both texts."""
    difficulty = difficulty_or_404(request, difficulty_id)
    back_url = reverse("plans:difficulty", args=[difficulty.pk])
    form = form_class(request.POST or None, initial={"version": difficulty.version})
    title, action, done = page
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data[field]
        try:
            operation(
                actor=request.user,
                difficulty=difficulty,
                version=form.cleaned_data["version"],
                at=timezone.now(),
                **{field: text},
            )
        except rules.Conflict:
            return _conflict(request, difficulty, back_url, text)
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, done)
            return redirect(back_url)
    elif request.method != "POST":
        rule.require(request.user, difficulty)
    context = {
        "form": form,
        "difficulty": difficulty,
        "name": name_of(difficulty.organisation_id, timezone.localdate(difficulty.raised_at)),
        "title": title,
        "action": action,
        "back_url": back_url,
    }
    return render(request, "plans/deal.html", context, status=422 if form.errors else 200)


def _conflict(
    request: SignedInRequest, difficulty: Difficulty, back_url: str, written: str
) -> HttpResponse:
    difficulty.refresh_from_db()
    latest = max(
        (
            (at, by)
            for at, by in (
                (difficulty.answered_at, difficulty.answered_by),
                (difficulty.escalated_at, difficulty.escalated_by),
                (difficulty.settled_at, difficulty.settled_by),
                (difficulty.withdrawn_at, difficulty.withdrawn_by),
            )
            if at and by
        ),
        key=lambda pair: pair[0],
        default=None,
    )
    stored = difficulty.direction or difficulty.escalation or difficulty.answer
    return show_conflict(
        request,
        back_url=back_url,
        by=latest[1].full_name if latest else "",
        at=latest[0] if latest else None,
        differences=[
            Difference(_("Trạng thái"), difficulty.get_state_display(), ""),
            Difference(_("Nội dung"), stored or difficulty.withdrawn_reason, written),
        ],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def answer_difficulty(request: SignedInRequest, difficulty_id: int) -> HttpResponse:
    return _deal(
        request,
        difficulty_id,
        rule=rules.answer_difficulty,
        form_class=AnswerForm,
        operation=operations.answer_difficulty,
        field="answer",
        page=(_("Trả lời vướng mắc"), _("Gửi trả lời"), _("Đã gửi trả lời.")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def escalate_difficulty(request: SignedInRequest, difficulty_id: int) -> HttpResponse:
    return _deal(
        request,
        difficulty_id,
        rule=rules.escalate_difficulty,
        form_class=EscalateForm,
        operation=operations.escalate_difficulty,
        field="escalation",
        page=(
            _("Trình UBND tỉnh"),
            _("Ghi nhận đã trình"),
            _("Đã ghi nhận trình UBND tỉnh."),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def settle_difficulty(request: SignedInRequest, difficulty_id: int) -> HttpResponse:
    return _deal(
        request,
        difficulty_id,
        rule=rules.settle_difficulty,
        form_class=SettleForm,
        operation=operations.settle_difficulty,
        field="direction",
        page=(
            _("Ý kiến chỉ đạo của UBND tỉnh"),
            _("Lưu ý kiến chỉ đạo"),
            _("Đã lưu ý kiến chỉ đạo."),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_difficulty(request: SignedInRequest, difficulty_id: int) -> HttpResponse:
    difficulty = difficulty_or_404(request, difficulty_id)
    back_url = reverse("plans:difficulty", args=[difficulty.pk])
    if request.method != "POST":
        rules.withdraw_difficulty.require(request.user, difficulty)
    return end_with_reason(
        request,
        version=difficulty.version,
        end=partial(
            operations.withdraw_difficulty,
            actor=request.user,
            difficulty=difficulty,
            at=timezone.now(),
        ),
        conflict=rules.Conflict,
        on_conflict=lambda reason: _conflict(request, difficulty, back_url, reason),
        done=_("Đã rút vướng mắc."),
        title=_("Rút vướng mắc “%s”?") % difficulty.title,
        action=_("Rút vướng mắc"),
        back_url=back_url,
    )
