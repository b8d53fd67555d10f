"""Sharing out an assignment inside the body: the list is on the assignment's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from chuan.core.people.http import SignedInRequest
from chuan.core.people.models import Person
from chuan.core.people.queries import colleagues
from chuan.core.ui.reasons import add_faults
from chuan.core.ui.views import Difference
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.models import Assignment, Subtask
from chuan.modules.plans.operations import subtasks as operations
from chuan.modules.plans.queries.subtasks import shared_of, subtasks_of, subtasks_visible_to
from chuan.modules.plans.web.finding import (
    assignment_or_404,
    show_conflict,
)
from chuan.modules.plans.web.forms.subtasks import SubtaskForm


def shared_out(person: Person, assignment: Assignment) -> dict[str, Any]:
    """What the assignment's page shows of it, to the body's own people alone."""
    today = timezone.localdate()
    rows = subtasks_of(assignment, person)
    return {
        "subtasks": [
            (row, "subtask_overdue" if row.is_overdue(today) else _state(row))
            for row in rows
            if row.dropped_at is None
        ],
        "dropped_subtasks": [row for row in rows if row.dropped_at is not None],
        "shared": shared_of(rows),
        "sees_subtasks": rules.see_subtasks.allows(person, assignment)
        and not assignment.task.heading_only,
        "may_share_out": rules.share_out.allows(person, assignment, today),
    }


def _state(row: Subtask) -> str:
    return "subtask_open" if row.done_on is None else "subtask_done"


@require_http_methods(["GET", "HEAD", "POST"])
def add_subtask(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    assignment = assignment_or_404(request, assignment_id)
    rules.share_out.require(request.user, assignment, timezone.localdate())

    def act(data: dict[str, Any]) -> None:
        operations.add_subtask(actor=request.user, assignment=assignment, at=timezone.now(), **data)

    return _form(request, assignment, act, done=_("Đã chia phần việc."))


@require_http_methods(["GET", "HEAD", "POST"])
def change_subtask(request: SignedInRequest, subtask_id: int) -> HttpResponse:
    subtask = _subtask_or_404(request, subtask_id)
    if request.method != "POST":
        rules.change_subtask.require(request.user, subtask, timezone.localdate())

    def act(data: dict[str, Any]) -> None:
        operations.change_subtask(
            actor=request.user,
            subtask=subtask,
            version=_version(request, subtask),
            at=timezone.now(),
            **data,
        )

    return _form(request, subtask.assignment, act, done=_("Đã sửa phần việc."), subtask=subtask)


def _version(request: SignedInRequest, subtask: Subtask) -> int:
    asked = request.POST.get("version", "")
    return int(asked) if asked.isdecimal() else 0


def _form(
    request: SignedInRequest,
    assignment: Assignment,
    act: Callable[[dict[str, Any]], None],
    *,
    done: str,
    subtask: Subtask | None = None,
) -> HttpResponse:
    initial: dict[str, Any] = {}
    if subtask is not None:
        initial = {
            "version": subtask.version,
            "title": subtask.title,
            "person": str(subtask.person_id or ""),
            "division": subtask.division,
            "due_on": subtask.due_on,
        }
    people = colleagues(assignment.organisation_id).order_by("full_name", "pk")
    form = SubtaskForm(request.POST or None, people=people, initial=initial)
    back_url = reverse("plans:assignment", args=[assignment.pk]) + "#chia-viec"
    if request.method == "POST" and form.is_valid():
        try:
            act(form.asked)
        except rules.Conflict as found:
            return _conflict(request, found.stored, form.asked, back_url)
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, done)
            return redirect(back_url)
    context = {
        "form": form,
        "assignment": assignment,
        "task": assignment.task,
        "subtask": subtask,
        "back_url": back_url,
    }
    return render(request, "plans/subtask.html", context, status=422 if form.errors else 200)


def _conflict(
    request: SignedInRequest, stored: object, written: dict[str, Any], back_url: str
) -> HttpResponse:
    assert isinstance(stored, Subtask)  # noqa: S101 - what the operation locks
    mine = written["person"]
    differences = [
        Difference(_("Phần việc"), stored.title, written["title"]),
        Difference(
            _("Người làm"),
            stored.person.full_name if stored.person else "",
            mine.full_name if mine else "",
        ),
        Difference(_("Phòng, bộ phận"), stored.division, written["division"]),
        Difference(
            _("Cần xong chậm nhất hết ngày"),
            format_date(stored.due_on) if stored.due_on else "",
            format_date(written["due_on"]) if written["due_on"] else "",
        ),
    ]
    return show_conflict(
        request,
        back_url=back_url,
        differences=[one for one in differences if one.stored != one.written],
    )


def _subtask_or_404(request: SignedInRequest, subtask_id: int) -> Subtask:
    return get_object_or_404(subtasks_visible_to(request.user), pk=subtask_id)


# What a button of the list does, and what is said then.
_MOVES: dict[str, tuple[Callable[..., Subtask], Any]] = {
    "xong": (operations.finish_subtask, gettext_lazy("Đã ghi xong phần việc.")),
    "chua-xong": (operations.reopen_subtask, gettext_lazy("Đã ghi lại là chưa xong.")),
    "bo": (
        operations.drop_subtask,
        gettext_lazy("Đã bỏ phần việc. Có thể khôi phục ở cuối danh sách."),
    ),
    "khoi-phuc": (operations.restore_subtask, gettext_lazy("Đã khôi phục phần việc.")),
}


@require_POST
def move_subtask(request: SignedInRequest, subtask_id: int, move: str) -> HttpResponse:
    """Done, not done, dropped, taken up again: each is undone by its opposite."""
    subtask = _subtask_or_404(request, subtask_id)
    if move not in _MOVES:
        raise Http404(_("Không có thao tác này."))
    operation, said = _MOVES[move]
    try:
        operation(actor=request.user, subtask=subtask, at=timezone.now())
    except Denied as denied:
        messages.error(request, str(denied))
    else:
        messages.success(request, said)
    return redirect(reverse("plans:assignment", args=[subtask.assignment_id]) + "#chia-viec")
