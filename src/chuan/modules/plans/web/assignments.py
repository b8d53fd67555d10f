"""One assignment: what is asked, how far it is, what proves it; and the forms to say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.calendar.engine import WorkingCalendar
from chuan.core.calendar.queries import working_calendar
from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Event, FileRow
from chuan.core.ui.views import Difference
from chuan.lib.periods import Period
from chuan.lib.vietnamese import format_date
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import rules
from chuan.modules.plans.enums import Achievement, EvidenceKind, PartyRole
from chuan.modules.plans.models import Assignment, Evidence, ProgressUpdate, Task
from chuan.modules.plans.operations import deliverables as deliverable_operations
from chuan.modules.plans.queries import assignments as queries
from chuan.modules.plans.queries.any_of import companions_of
from chuan.modules.plans.queries.difficulties import difficulties_visible_to
from chuan.modules.plans.queries.extensions import extensions_of
from chuan.modules.plans.queries.overdue import letters_about
from chuan.modules.plans.web.fates import provenance_of
from chuan.modules.plans.web.finding import (
    assignment_or_404,
    name_day,
    name_of,
    short_names,
    show_conflict,
    task_or_404,
)
from chuan.modules.plans.web.forms.progress import DeliverableFormSet, wanted_of
from chuan.modules.plans.web.plans import standing_key
from chuan.modules.plans.web.requests import asked_for, asked_of
from chuan.modules.plans.web.subtasks import shared_out

LISTED = 6


@dataclass(frozen=True, slots=True)
class Contribution:
    """One coordinator of the same task, and the last thing it told."""

    assignment: Assignment
    name: str
    update: ProgressUpdate | None


@require_safe
def show_assignment(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    assignment = assignment_or_404(request, assignment_id)
    task, plan = assignment.task, assignment.task.plan
    today = timezone.localdate()
    proof = queries.proofs([assignment])[assignment.pk]
    updates = list(queries.updates_of([assignment.pk]))
    evidence = list(
        assignment.evidence.select_related(
            "upload__file", "added_by", "withdrawn_by", "deliverable"
        ).order_by("-added_at", "-pk")
    )
    difficulties = list(
        difficulties_visible_to(request.user)
        .filter(organisation=assignment.organisation_id, task=task)
        .order_by("-raised_at", "-pk")
    )
    name = name_of(assignment.organisation_id, name_day(assignment))
    may_write = rules.post_update.allows(request.user, assignment, today)
    may_withdraw = assignment.organisation_id in rules.own_organisation_ids(request.user)
    beside = _contributions(assignment) if assignment.role == PartyRole.LEAD else []
    told = [one for one in beside if one.update]
    deliverables = list(task.deliverables.order_by("position", "pk"))
    extensions = list(extensions_of(assignment))
    waiting = next((one for one in extensions if one.is_waiting), None)
    context = {
        "assignment": assignment,
        "task": task,
        "plan": plan,
        "name": name,
        "waiting_extension": waiting,
        "closed_extensions": [one for one in extensions if not one.is_waiting],
        "may_extend": waiting is None
        and rules.ask_for_extension.allows(request.user, assignment, today),
        "head_may_extend": waiting is None
        and request.user.holds(Role.UNIT_CLERK, organisation_id=assignment.organisation_id)
        and rules.more_time_can_be_asked.allows(request.user, assignment, today),
        "may_decide": waiting is not None
        and plan.managed_by_id in rules.managed_organisation_ids(request.user),
        "standing": standing_key(assignment, today),
        "days_left": _days_left(assignment, today),
        "proof": proof,
        "percent": shown_percent(assignment, proof),
        "deliverables": deliverables,
        "files": [
            _file_row(
                row,
                may_withdraw=may_withdraw,
                may_replace=may_write,
                names_deliverable=len(deliverables) > 1,
                older=_older(row, evidence),
            )
            for row in evidence
            if row.withdrawn_at is None
        ],
        "timeline": _timeline(assignment, updates, evidence),
        "difficulties": difficulties,
        "contributions": told[:LISTED],
        "more_contributions": told[LISTED:],
        "contributed": len(told),
        "coordinator_count": len(beside),
        "leads": _leads(assignment) if assignment.role == PartyRole.COORDINATING else [],
        "other_leads": _other_leads(assignment),
        "requests": asked_for(assignment, today),
        "asked": asked_of(request.user, assignment, today),
        "may_ask": bool(beside) and rules.ask_for_part.allows(request.user, assignment, today),
        "urged": list(letters_about(assignment)[:LISTED]),
        "may_write": may_write,
        "refusal": rules.post_update.refusal(request.user, assignment, today),
        "is_own": may_withdraw,
        "last_day": assignment.period_end - timedelta(days=1),
        "task_url": f"{reverse('plans:task', args=[plan.pk, task.pk])}?nam={assignment.year}",
    }
    context |= provenance_of(assignment) | {"companions": companions_of(assignment)}
    context |= shared_out(request.user, assignment)
    return render(request, "plans/assignment.html", context)


def shown_percent(assignment: Assignment, proof: queries.Proof) -> int:
    """All of it when complete, else what the body says, else what its evidence shows."""
    if assignment.achievement == Achievement.COMPLETE:
        return 100
    return proof.percent if assignment.percent is None else assignment.percent


def _days_left(assignment: Assignment, today: date) -> str:
    """How long there is, or for how long it is late, in working days."""
    if assignment.due_on is None or assignment.done_on or assignment.relieved_on:
        return ""
    calendar: WorkingCalendar = working_calendar(on=today)
    if assignment.due_on >= today:
        left = calendar.working_days_between(today, assignment.due_on)
        if not left:
            return _("Hết hạn hôm nay")
        return ngettext("Còn %s ngày làm việc", "Còn %s ngày làm việc", left) % left
    if assignment.is_paused:
        return _("Đang xin gia hạn")
    late = calendar.working_days_between(assignment.due_on, today)
    return ngettext("Quá %s ngày làm việc", "Quá %s ngày làm việc", late) % late


def _older(row: Evidence, evidence: Iterable[Evidence]) -> list[Evidence]:
    """Versions before this one, the latest first."""
    known = {one.pk: one for one in evidence}
    found = []
    while row.replaces_id in known:
        row = known[row.replaces_id]
        found.append(row)
    return found


def _address_of(row: Evidence) -> str:
    return row.link or reverse("files:download", args=[row.upload_id])


def _file_row(
    row: Evidence,
    *,
    may_withdraw: bool,
    may_replace: bool,
    names_deliverable: bool,
    older: Sequence[Evidence],
) -> FileRow:
    notes: list[Any] = [str(EvidenceKind(row.kind).label), row.added_by.full_name]
    if row.deliverable and names_deliverable:
        notes.insert(1, row.deliverable.title)
    notes.append(row.upload.name if row.upload else row.link)
    if row.reused_from_id is not None:
        notes.append(_("dùng lại"))
    for one in older:
        words = _("bản trước, %s") % format_date(timezone.localdate(one.added_at))
        notes.append(format_html('<a href="{}">{}</a>', _address_of(one), words))
    replace = (_("Thay bản mới"), reverse("plans:replace_evidence", args=[row.pk]))
    return FileRow(
        name=row.title,
        url=_address_of(row),
        size=row.upload.file.size if row.upload else None,
        notes=notes,
        links=[replace] if may_replace else [],
        remove_url=reverse("plans:withdraw_evidence", args=[row.pk]) if may_withdraw else "",
    )


def _timeline(
    assignment: Assignment, updates: Iterable[ProgressUpdate], evidence: Iterable[Evidence]
) -> list[Event]:
    events = [
        Event(
            title=_("Ghi tiến độ: %s") % Achievement(update.achievement).label,
            at=update.made_at,
            icon="pencil",
            text=update.narrative,
            meta=_told(update),
        )
        for update in updates
    ]
    evidence = list(evidence)
    replaced = {row.replaces_id for row in evidence}
    for row in evidence:
        added = _("Thay minh chứng: %s") if row.replaces_id else _("Thêm minh chứng: %s")
        events.append(
            Event(
                title=added % row.title,
                at=row.added_at,
                icon="link" if row.link else "paperclip",
                meta=[row.added_by.full_name],
            )
        )
        if row.withdrawn_at and row.withdrawn_by and row.pk not in replaced:
            events.append(
                Event(
                    title=_("Rút minh chứng: %s") % row.title,
                    at=row.withdrawn_at,
                    icon="corner-up-left",
                    tone="bad",
                    text=_("Lý do: %s") % row.withdrawn_reason,
                    meta=[row.withdrawn_by.full_name],
                )
            )
    begun = Event(
        title=_("Giao nhiệm vụ năm %s") % assignment.year,
        # Cycles are written down years ahead; each is given out when it begins.
        at=max(timezone.localdate(assignment.created_at), assignment.period_start),
        icon="clipboard-list",
        meta=[_("Theo kế hoạch")],
    )
    return [*sorted(events, key=lambda event: event.at, reverse=True), begun]  # type: ignore[arg-type,return-value]


def _told(update: ProgressUpdate) -> list[str]:
    meta = [update.made_by.full_name]
    if update.percent is not None:
        meta.append(_("Tiến độ %s%%") % update.percent)
    if update.percent_reason:
        meta.append(update.percent_reason)
    return meta


def _contributions(assignment: Assignment) -> list[Contribution]:
    rows = list(queries.with_body_name(queries.coordinating_beside(assignment)))
    latest = queries.latest_updates([row.pk for row in rows])
    found = [Contribution(row, row.body_name, latest.get(row.pk)) for row in rows]  # type: ignore[attr-defined]
    return sorted(found, key=lambda one: (one.update is None, one.assignment.body_sort_key))  # type: ignore[attr-defined]


def _leads(assignment: Assignment) -> list[str]:
    """Whom a coordinator helps; a few names are enough."""
    return _names(_leading_beside(assignment)[:LISTED], assignment)


def _other_leads(assignment: Assignment) -> int:
    """How many more lead the same task in the same days."""
    total = len(_leading_beside(assignment))
    if assignment.role == PartyRole.LEAD:
        return total - 1
    return max(total - LISTED, 0)


def _leading_beside(assignment: Assignment) -> list[int]:
    return list(
        Assignment.objects.filter(
            queries.in_period(Period(assignment.period_start, assignment.period_end)),
            task=assignment.task_id,
            role=PartyRole.LEAD,
        )
        .order_by("organisation")
        .values_list("organisation_id", flat=True)
        .distinct()
    )


def _names(ids: list[int], assignment: Assignment) -> list[str]:
    return list(short_names(ids, name_day(assignment)).values())


@require_http_methods(["GET", "HEAD", "POST"])
def edit_deliverables(request: SignedInRequest, plan_id: int, task_id: int) -> HttpResponse:
    task = task_or_404(request, plan_id, task_id)
    rules.edit_deliverables.require(request.user, task, timezone.localdate())
    stored = list(task.deliverables.order_by("position", "pk"))
    initial: list[dict[str, Any]] = [
        {
            "id": item.pk,
            "title": item.title,
            "weight": item.weight,
            "kinds": list(item.evidence_kinds),
        }
        for item in stored
    ]
    back_url = reverse("plans:task", args=[plan_id, task_id])
    version = str(request.POST.get("version") or task.version)
    adding = "add" in request.POST
    if request.method == "POST" and not adding:
        formset = DeliverableFormSet(request.POST, prefix="kq")
        if formset.is_valid() and (seen := whole_number(version)) is not None:
            try:
                deliverable_operations.set_deliverables(
                    actor=request.user,
                    task=task,
                    version=seen,
                    wanted=wanted_of(formset),
                )
            except rules.Conflict:
                return _deliverables_conflict(request, task.pk, back_url, wanted_of(formset))
            except ValidationError as faults:
                formset.non_form_errors().extend(faults.messages)
            else:
                messages.success(request, _("Đã lưu kết quả đầu ra."))
                return redirect(back_url)
    elif adding:
        formset = DeliverableFormSet(_with_one_more(request.POST), prefix="kq")
        formset.is_bound = True
    else:
        formset = DeliverableFormSet(initial=initial, prefix="kq")
    has_errors = request.method == "POST" and not adding
    context = {
        "task": task,
        "plan": task.plan,
        "formset": formset,
        "version": version,
        "has_errors": has_errors,
        "adding": adding,
        "back_url": back_url,
    }
    return render(request, "plans/deliverables.html", context, status=422 if has_errors else 200)


def _with_one_more(data: Any) -> Any:
    more = data.copy()
    total = int(more.get("kq-TOTAL_FORMS") or 0)
    more["kq-TOTAL_FORMS"] = str(total + 1)
    return more


def _deliverables_conflict(
    request: SignedInRequest, task_id: int, back_url: str, wanted: list[Any]
) -> HttpResponse:
    rows = Task.objects.get(pk=task_id).deliverables.order_by("position")
    stored = "\n".join(f"{row.title}: {row.weight}" for row in rows)
    written = "\n".join(
        item.title if item.weight is None else f"{item.title}: {item.weight}" for item in wanted
    )
    return show_conflict(
        request,
        back_url=back_url,
        differences=[Difference(_("Kết quả đầu ra"), stored, written)],
    )


def page_status(form: BaseForm) -> int:
    return 422 if form.errors else 200
