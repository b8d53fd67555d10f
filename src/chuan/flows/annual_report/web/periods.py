"""Opening a reporting period, changing its days, and placing figures at tasks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from chuan.core.calendar.engine import add_months
from chuan.core.indicators.registry import every_indicator
from chuan.core.legal.queries import NoStatutoryValue
from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Choice
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import PeriodKind
from chuan.flows.annual_report.models import ReportingPeriod
from chuan.flows.annual_report.operations import periods as operations
from chuan.flows.annual_report.queries import reports as queries
from chuan.flows.annual_report.queries.days import ProposedDays, days_reported, proposed_days
from chuan.flows.annual_report.queries.left_behind import count_open
from chuan.flows.annual_report.queries.owing import bodies_owing
from chuan.flows.annual_report.queries.places import places_of
from chuan.flows.annual_report.queries.stretches import (
    Stretch,
    last_stretch,
    phrase_of,
    stretches_of,
)
from chuan.flows.annual_report.web.common import period_or_404, show_conflict
from chuan.flows.annual_report.web.forms import ChangeDaysForm, OtherPeriodForm, PeriodForm
from chuan.lib.language import in_vietnamese
from chuan.lib.periods import Period
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import facade as plans

ONE_DAY = timedelta(days=1)


@require_http_methods(["GET", "HEAD", "POST"])
def open_period(request: SignedInRequest, plan_id: int, year: int) -> HttpResponse:
    plan = plans.plans([plan_id]).get(plan_id)
    if plan is None:
        raise Http404(f"plan {plan_id}")
    rules.open_period.require(request.user, plan.managed_by_id)
    existing = ReportingPeriod.objects.filter(
        plan=plan_id, year=year, kind=PeriodKind.YEARLY
    ).first()
    if existing is not None:
        return redirect("annual_report:period", existing.pk)
    try:
        proposed = proposed_days(plan, year)
    except NoStatutoryValue as missing:
        raise Denied(str(missing)) from missing
    form = PeriodForm(request.POST or None, initial=_initial(proposed))
    if request.method == "POST" and form.is_valid():
        try:
            period = operations.open_period(
                actor=request.user,
                plan_id=plan_id,
                year=year,
                at=timezone.now(),
                days=_chosen_days(form.cleaned_data, proposed),
            )
        except operations.AlreadyOpen as clash:
            messages.warning(request, clash.messages[0])
            return redirect(request.path)
        except ValidationError as invalid:
            form.add_error(None, invalid.messages)
        else:
            messages.success(
                request,
                _("Đã mở %(title)s cho %(count)s cơ quan.")
                % {"title": period.title_in_text, "count": period.reports.count()},
            )
            return redirect("annual_report:collection", period.pk)
    context = {
        "plan": plan,
        "year": year,
        "proposed": proposed,
        "form": form,
        "owing_count": len(bodies_owing(plan_id, year)),
    }
    return render(
        request, "annual_report/open_period.html", context, status=422 if form.errors else 200
    )


def _initial(days: ProposedDays) -> dict[str, Any]:
    return {
        "data_from": days.data_from,
        "data_until": days.data_to - ONE_DAY,
        "opens_on": days.opens_on,
        "due_on": days.due_on,
        "grace_until": days.grace_until,
        "last_day": days.locks_on - ONE_DAY,
    }


@in_vietnamese
def _chosen_days(given: dict[str, Any], proposed: ProposedDays) -> ProposedDays:
    """The person's days; where they differ from those proposed, the explanation says who chose."""
    data_to, locks_on = given["data_until"] + ONE_DAY, given["last_day"] + ONE_DAY
    own = [{"text": _("Chuyên viên tổng hợp đặt khi mở kỳ."), "rule": "", "source": ""}]
    same_data = (given["data_from"], data_to) == (proposed.data_from, proposed.data_to)
    return ProposedDays(
        data_from=given["data_from"],
        data_to=data_to,
        data_why=proposed.data_why if same_data else own,
        opens_on=given["opens_on"],
        due_on=given["due_on"],
        due_why=proposed.due_why if given["due_on"] == proposed.due_on else own,
        grace_until=given["grace_until"],
        locks_on=locks_on,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def open_other_period(request: SignedInRequest) -> HttpResponse:
    """A quarter's report, or one that was asked for out of turn."""
    rules.open_periods.require(request.user)
    today = timezone.localdate()
    departments = request.user.organisation_ids(Role.DEPARTMENT_COORDINATOR)
    offered = plans.plans_managed_by(departments)
    if request.method == "POST":
        form = OtherPeriodForm(request.POST, plans_offered=offered)
        if form.is_valid():
            opened = _open_other(request, form)
            if opened is not None:
                return opened
    else:
        form = OtherPeriodForm(
            plans_offered=offered, initial=_other_initial(request, offered, today)
        )
    context = {"form": form, "choices": _stretch_choices(request, today)}
    return render(
        request,
        "annual_report/open_other_period.html",
        context,
        status=422 if form.errors else 200,
    )


def _stretch_choices(request: SignedInRequest, today: date) -> list[Choice]:
    """Stretches of this year and the last quarter, each a link that fills the days in."""
    asked = (request.GET.get("tu", ""), request.GET.get("den", ""))
    stretches = stretches_of(today.year)
    last = last_stretch(today)
    if last.days.start.year < today.year:
        stretches = [last, *stretches]
    stretches = [*stretches, *_years_to_review(request, today)]
    chosen = asked if any(asked) else (str(last.days.start), str(last.last_day))
    return [
        Choice(
            one.phrase[:1].upper() + one.phrase[1:],
            f"?tu={one.days.start}&den={one.last_day}",
            is_current=(str(one.days.start), str(one.last_day)) == chosen,
        )
        for one in stretches
    ]


def _years_to_review(request: SignedInRequest, today: date) -> list[Stretch]:
    """From the beginning of each plan to the end of this year, and to its own end."""
    found: dict[Period, Stretch] = {}
    for plan in plans.plans_managed_by(request.user.organisation_ids(Role.DEPARTMENT_COORDINATOR)):
        for last in (min(date(today.year, 12, 31), plan.last_day), plan.last_day):
            if last.year > plan.first_day.year:
                days = Period(plan.first_day, last + ONE_DAY)
                found[days] = Stretch(phrase_of(days), days)
    return list(found.values())


def _open_other(request: SignedInRequest, form: OtherPeriodForm) -> HttpResponse | None:
    """Where to go next; None where the form says what is wrong."""
    called = form.called()
    try:
        period = operations.open_other_period(
            actor=request.user,
            plan_id=int(form.cleaned_data["plan"]),
            kind=PeriodKind(called.kind),
            phrase=called.phrase,
            basis=called.basis,
            days=_days_called(form.cleaned_data, called.basis),
            at=timezone.now(),
        )
    except ValidationError as invalid:
        for field, texts in _by_field(invalid).items():
            for text in texts:
                form.say(field, text)
        return None
    messages.success(
        request,
        _("Đã mở %(title)s cho %(count)s cơ quan.")
        % {
            "title": period.title_in_text,
            "count": period.reports.count(),
        },
    )
    return redirect("annual_report:period", period.pk)


def _by_field(invalid: ValidationError) -> dict[str, list[str]]:
    if hasattr(invalid, "error_dict"):
        return {
            field
            if field in OtherPeriodForm.base_fields or field in OtherPeriodForm.NAMES
            else "": texts
            for field, texts in invalid.message_dict.items()
        }
    return {"": invalid.messages}


def _other_initial(
    request: SignedInRequest, offered: list[plans.PlanRef], today: date
) -> dict[str, Any]:
    """The days chosen beside the form, else the last whole quarter, with what they are called."""
    first, last = _day(request.GET.get("tu", "")), _day(request.GET.get("den", ""))
    days = last_stretch(today).days
    if first and last and first <= last:
        days = Period(first, last + ONE_DAY)
    is_quarter = any(one.days == days and one.is_quarter for one in stretches_of(days.start.year))
    kind = PeriodKind.QUARTERLY if is_quarter else PeriodKind.AD_HOC
    if days.end > add_months(days.start, 12):
        ends = {plan.last_day for plan in offered}
        kind = PeriodKind.FINAL if days.end - ONE_DAY in ends else PeriodKind.MID_TERM
    return {
        "plan": str(offered[0].id) if len(offered) == 1 else "",
        "kind": kind.value,
        "data_from": days.start,
        "data_until": days.end - ONE_DAY,
        "phrase": phrase_of(days),
        "opens_on": today,
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@in_vietnamese
def _days_called(given: dict[str, Any], basis: str) -> ProposedDays:
    own = [{"text": _("Chuyên viên tổng hợp đặt khi mở kỳ."), "rule": "", "source": ""}]
    asked = [{"text": _("Theo %(basis)s.") % {"basis": basis}, "rule": "", "source": ""}]
    return ProposedDays(
        data_from=given["data_from"],
        data_to=given["data_until"] + ONE_DAY,
        data_why=own,
        opens_on=given["opens_on"],
        due_on=given["due_on"],
        due_why=asked if basis else own,
        grace_until=given["grace_until"],
        locks_on=given["last_day"] + ONE_DAY,
    )


@require_GET
def show_period(request: SignedInRequest, period_id: int) -> HttpResponse:
    period = period_or_404(request, period_id)
    context = {
        "period": period,
        "plan": plans.plan(period.plan_id),
        "data_until": period.data_to - ONE_DAY,
        "last_day": period.locks_on - ONE_DAY,
        "counts": queries.counts_of([period])[period.pk],
        "left_count": count_open(period, timezone.localdate()),
        "can_change": rules.change_period.allows(request.user, period),
    }
    return render(request, "annual_report/period.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_days(request: SignedInRequest, period_id: int) -> HttpResponse:
    period = period_or_404(request, period_id)
    rules.change_period.require(request.user, period)
    form = ChangeDaysForm(
        request.POST or None,
        initial={
            "version": period.version,
            "opens_on": period.opens_on,
            "grace_until": period.grace_until,
            "last_day": period.locks_on - ONE_DAY,
        },
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            operations.change_period_days(
                actor=request.user,
                period=period,
                version=given["version"],
                opens_on=given["opens_on"],
                grace_until=given["grace_until"],
                locks_on=given["last_day"] + ONE_DAY,
                reason=given["reason"],
                at=timezone.now(),
            )
        except rules.Conflict as conflict:
            return _days_conflict(request, period, conflict, given)
        except ValidationError as invalid:
            form.add_error(None, invalid.messages)
        else:
            messages.success(request, _("Đã đổi các ngày của kỳ báo cáo."))
            return redirect("annual_report:period", period.pk)
    context = {"period": period, "form": form}
    return render(
        request, "annual_report/change_days.html", context, status=422 if form.errors else 200
    )


def _days_conflict(
    request: SignedInRequest,
    period: ReportingPeriod,
    conflict: rules.Conflict,
    given: dict[str, Any],
) -> HttpResponse:
    return show_conflict(
        request,
        conflict.stored,
        [
            ("opens_on", _("Mở từ ngày"), given["opens_on"]),
            ("grace_until", _("Gia hạn chung đến hết ngày"), given["grace_until"]),
            ("locks_on", _("Khóa từ ngày"), given["last_day"] + ONE_DAY),
        ],
        reverse("annual_report:change_days", args=[period.pk]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def place_figures(request: SignedInRequest, period_id: int) -> HttpResponse:
    """At which task units find each indicator."""
    period = period_or_404(request, period_id)
    rules.change_period.require(request.user, period)
    tasks = plans.tasks_of(period.plan_id, days_reported(period))
    placed = places_of(period, tasks)
    offered = sorted(every_indicator(), key=lambda one: str(one.title))
    if request.method == "POST":
        known = {str(task.id): task.id for task in tasks}
        places = {one.code: known.get(request.POST.get(one.code, "")) for one in offered}
        version = request.POST.get("version", "")
        try:
            operations.place_figures(
                actor=request.user,
                period=period,
                version=whole_number(version) or 0,
                places=places,
            )
        except rules.Conflict:
            messages.error(
                request,
                _(
                    "Người khác vừa đổi chỗ đặt chỉ tiêu. Trang này đã lấy bản mới; chọn lại rồi lưu."
                ),
            )
            return redirect("annual_report:placements", period.pk)
        messages.success(request, _("Đã lưu chỗ đặt chỉ tiêu."))
        return redirect("annual_report:period", period.pk)
    context = {
        "period": period,
        "tasks": tasks,
        "offered": [(one, placed.get(one.code)) for one in offered],
    }
    return render(request, "annual_report/placements.html", context)
