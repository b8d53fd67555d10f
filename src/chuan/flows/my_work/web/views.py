from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chuan.core.notices.queries import inbox
from chuan.core.orgs.queries import events_to_confirm, names_on
from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Choice, Part
from chuan.flows.annual_report import facade as reports
from chuan.flows.my_work import queries
from chuan.flows.my_work.queries import Desk, View, Watch
from chuan.modules.plans import facade as plans
from chuan.modules.traceability import facade as traceability

# A list this long is shown whole; a longer one begins with its first rows.
WHOLE, SHOWN = 30, 15
NEWS = 5
PROBLEMS = 8


@require_GET
def go_to_work(request: SignedInRequest) -> HttpResponse:
    """The address people type: straight to their work."""
    return redirect("my_work:list")


@require_GET
def show_desk(request: SignedInRequest) -> HttpResponse:
    person, today = request.user, timezone.localdate()
    is_unit = bool(person.organisation_ids(*queries.UNIT_ROLES))
    desk = queries.desk_of(person, on=today) if is_unit else None
    view = _view(request)
    rows = desk.of(view) if desk else ()
    is_whole = request.GET.get("xem") == "tat-ca"
    watched = queries.watched_plans(person, on=today)
    is_clerk = person.holds(Role.UNIT_CLERK)
    first = _first_report(desk, is_clerk=is_clerk)
    context: dict[str, Any] = {
        "today": today,
        "places": _places(request),
        "desk": desk,
        "view": view,
        "choices": _choices(desk, view) if desk else [],
        "rows": rows if is_whole or len(rows) <= WHOLE else rows[:SHOWN],
        "row_count": len(rows),
        "first_report": first,
        "report_distance": queries.distance(first.due_on, on=today) if first else "",
        "is_clerk": is_clerk,
        "news": list(inbox(person)[:NEWS]),
        "watched": [_watch_context(one, today.year) for one in watched],
        "recalls": traceability.recall_work_of(person),
        "closable": reports.consolidations_to_close(person),
        "to_confirm": events_to_confirm(person),
        "left": queries.left_where(person, on=today),
        "taken_over": queries.taken_over(person, on=today) if is_unit else [],
    }
    if person.holds(*queries.DEPARTMENT_ROLES):
        context |= {
            "is_department": True,
            "may_accept": person.holds(Role.DEPARTMENT_COORDINATOR),
            "to_review": reports.reports_to_review(person),
            "to_review_count": reports.count_reports_to_review(person),
            "problem_count": plans.count_difficulties_waiting_for(person),
            "imports": plans.open_imports_of(person),
            "questions": plans.questions_waiting_for(person),
            "extensions": _extension_rows(plans.extensions_waiting_for(person), today),
            "duties": plans.duties_waiting_for(person),
            "left_reports": reports.waiting_for_decision(person, today),
        }
        problems = plans.difficulties_waiting_for(person, limit=PROBLEMS)
        context["problem_rows"] = _problem_rows(problems, today)
    return render(request, "my_work/desk.html", context)


def _view(request: SignedInRequest) -> View:
    asked = request.GET.get("loc", View.TODO.value)
    return View(asked) if asked in set(View) else View.TODO


def _places(request: SignedInRequest) -> list[str]:
    """Where this person works, by name."""
    ids = request.user.organisation_ids()
    found = names_on(ids, timezone.localdate())
    return sorted(name.name for name in found.values())


def _choices(desk: Desk, view: View) -> list[Choice]:
    labels = {
        View.TODO: _("Cần làm"),
        View.OVERDUE: _("Quá hạn"),
        View.WAITING: _("Chờ người khác"),
        View.DONE: _("Đã xong"),
    }
    return [
        Choice(
            label,
            reverse("my_work:list") + (f"?loc={key.value}" if key != View.TODO else ""),
            len(desk.of(key)),
            is_current=key == view,
        )
        for key, label in labels.items()
    ]


def _first_report(desk: Desk | None, *, is_clerk: bool) -> reports.ReportCard | None:
    """The report that presses most: still with the unit, due first. For a clerk, what lies with the
    head comes after what is still to be written."""
    if desk is None:
        return None
    open_ones = [card for card in desk.reports if card.is_with_unit]
    return min(
        open_ones,
        key=lambda card: (is_clerk and card.waits_for_signature, card.due_on),
        default=None,
    )


def _watch_context(watch: Watch, year: int) -> dict[str, Any]:
    counts = watch.counts
    return {
        "plan": watch.plan,
        "counts": counts,
        "long_late": watch.long_late,
        "bar": [
            Part("accent", counts.on_time, _("Đúng hạn")),
            Part("warn", counts.late, _("Hoàn thành trễ hạn")),
            Part("mute", counts.in_time, _("Còn hạn")),
            Part("bad", counts.overdue, _("Quá hạn trong năm %s") % year),
        ],
        "standings": [(standing, _report_bar(standing)) for standing in watch.standings],
    }


def _report_bar(standing: reports.PeriodStanding) -> list[Part]:
    return [
        Part("accent", standing.accepted, _("Đã duyệt")),
        Part("info", standing.to_review, _("Chờ duyệt")),
        Part("soft", standing.returned, _("Đang chỉnh lý")),
        Part("warn", standing.excluded, _("Loại trừ")),
        Part("mute", standing.missing, _("Chưa gửi")),
    ]


def _extension_rows(
    extensions: list[plans.ExtensionRef], today: Any
) -> list[tuple[plans.ExtensionRef, str, str]]:
    """Each with its body, and its plan where they are of several."""
    names = names_on({one.organisation_id for one in extensions}, today)
    of_plan = plans.names_if_several({one.plan_id for one in extensions})
    return [
        (
            one,
            names[one.organisation_id].name if one.organisation_id in names else "",
            of_plan.get(one.plan_id, ""),
        )
        for one in extensions
    ]


def _problem_rows(problems: list[plans.DifficultyRef], today: Any) -> list[dict[str, Any]]:
    names = names_on({one.organisation_id for one in problems}, today)
    of_plan = plans.names_if_several({one.plan_id for one in problems})
    return [
        {
            "problem": one,
            "plan": of_plan.get(one.plan_id, ""),
            "name": names[one.organisation_id].name if one.organisation_id in names else "",
            "is_late": one.answer_due_on is not None and one.answer_due_on < today,
        }
        for one in problems
    ]
