"""Dashboards: the whole plan, one body, one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuan.core.orgs.queries import names_on
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Choice, Part
from chuan.core.ui.past import Look, look
from chuan.flows.annual_report import facade as reports
from chuan.flows.overview import queries, rules
from chuan.flows.overview.engine.charts import Chart
from chuan.flows.overview.queries import Asked, Whose
from chuan.flows.overview.web.files import CHART, EXPORT, changes_workbook, download
from chuan.flows.overview.web.forms import FROM, TO, BetweenForm
from chuan.lib.vietnamese import format_date
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import facade as plans

PLAN, YEAR, GROUP, KIND = "ke-hoach", "nam", "nhom", "loai"
# Names the one table that is only drawn when it is asked for.
TABLE = "bang"
# Every body of a province stands on one page; a register ten times as large takes more pages.
BODIES_ON_A_PAGE = 160
ROWS_ON_A_PAGE, MOVED_SHOWN = 50, 50


@require_safe
def show_home(request: SignedInRequest) -> HttpResponse:
    """The whole plan for whoever sees it; others are led to their own body's page."""
    rules.see_overview.require(request.user)
    plan = _chosen_plan(request)
    if plan is None:
        return render(request, "overview/empty.html")
    if not rules.see_whole_plan.allows(request.user, plan.managed_by_id):
        at_work = request.user.organisation_ids(*rules.UNIT_ROLES)
        own = sorted(at_work or rules.readable_organisation_ids(request.user))
        target = reverse("overview:body", args=own[:1]) if own else reverse("overview:person")
        return redirect(f"{target}?{request.GET.urlencode()}" if request.GET else target)
    asked, looked = _asked(request, plan, Whose.WHOLE, group=_chosen_group(request))
    return _show(request, plan, asked, looked, title=_("Tình hình thực hiện"))


@require_safe
def show_body(request: SignedInRequest, organisation_id: int) -> HttpResponse:
    """One body's own work in a plan."""
    rules.see_overview.require(request.user)
    plan = _chosen_plan(request)
    if plan is None:
        return render(request, "overview/empty.html")
    rules.see_body.require(request.user, plan.managed_by_id, organisation_id)
    name = names_on([organisation_id], timezone.localdate()).get(organisation_id)
    if name is None:
        raise Http404
    asked, looked = _asked(request, plan, Whose.BODY, organisation_ids=frozenset({organisation_id}))
    return _show(request, plan, asked, looked, title=name.name)


@require_safe
def show_person(request: SignedInRequest) -> HttpResponse:
    """What the reader told progress of, as far as they see it today."""
    rules.see_overview.require(request.user)
    plan = _chosen_plan(request)
    if plan is None:
        return render(request, "overview/empty.html")
    sees_all = rules.see_whole_plan.allows(request.user, plan.managed_by_id)
    own = None if sees_all else rules.readable_organisation_ids(request.user)
    asked, looked = _asked(request, plan, Whose.PERSON, organisation_ids=own, told_by=request.user)
    return _show(request, plan, asked, looked, title=_("Việc tôi đã ghi tiến độ"))


# ---------------------------------------------------------------- what was asked


def _chosen_plan(request: SignedInRequest) -> plans.PlanRef | None:
    """The plan in the address; else the newest the reader may see, those in force first.

    :raises Http404: there is no such plan.
    """
    known = _plans(request)
    asked = request.GET.get(PLAN, "")
    if not asked:
        return known[0] if known else None
    for plan in known:
        if str(plan.id) == asked:
            return plan
    raise Http404


def _plans(request: SignedInRequest) -> Sequence[plans.PlanRef]:
    return plans.plans_seen_by(request.user, on=timezone.localdate())


def _chosen_group(request: SignedInRequest) -> str:
    asked = request.GET.get(GROUP, "")
    if asked and asked not in plans.BodyGroup:
        raise Http404
    return asked


def _asked(
    request: SignedInRequest, plan: plans.PlanRef, whose: Whose, **which: Any
) -> tuple[Asked, Look]:
    looked = look(request, since=plans.history_begins(plan.id))
    asked = request.GET.get(YEAR, "")
    years = range(plan.first_day.year, plan.last_day.year + 1)
    wanted = whole_number(asked)
    if asked and wanted not in years:
        raise Http404
    year = wanted or min(max(looked.on.year, years[0]), years[-1])
    return Asked(whose, plan.id, year, looked.on, looked.past, **which), looked


# ---------------------------------------------------------------- the page


def _show(
    request: SignedInRequest, plan: plans.PlanRef, asked: Asked, looked: Look, *, title: str
) -> HttpResponse:
    found = queries.dashboard(asked)
    charts: list[Chart] = list(found.charts)
    context: dict[str, Any] = {}
    if asked.whose == Whose.WHOLE:
        context = _bodies(request, asked, found.overview)
        charts += [context["by_body"]] if context["by_body"] else []
    subject = f"{title}, {plan.short_title}, {asked.year}"
    file = download(request, charts, subject=subject, looked=looked)
    if file is not None:
        return file
    by_year, by_age, by_achievement, by_task = found.charts
    context |= {
        "title": title,
        "plan": plan,
        "asked": asked,
        "looked": looked,
        "counts": found.overview.counts,
        "four": list(zip(queries.four_series(), found.numbers, strict=True)),
        "total": found.total,
        "bar": [
            Part(series.tone, number.value, series.label)
            for series, number in zip(queries.four_series(), found.numbers, strict=True)
        ],
        "by_year": by_year,
        "by_age": by_age,
        "by_achievement": by_achievement,
        "by_task": by_task,
        "charts": charts,
        "scopes": _scopes(request, plan, asked, looked),
        "plans": _plan_choices(request, plan, looked),
        "years": [
            Choice(str(year), _query(request, **{YEAR: year}), is_current=year == asked.year)
            for year in range(plan.first_day.year, plan.last_day.year + 1)
        ],
        "groups": _group_choices(request, asked) if asked.whose == Whose.WHOLE else [],
        "reports": _reports(request, plan, asked, looked),
        "changes_url": _changes_url(asked),
        "xlsx_url": _query(request, **{EXPORT: "xlsx"}),
        "files": {
            chart.key: (
                _query(request, **{EXPORT: "xlsx", CHART: chart.key}),
                _query(request, **{EXPORT: "png", CHART: chart.key}),
            )
            for chart in charts
        },
        "matrix_url": (
            f"{reverse('plans:matrix', args=[plan.id])}?nam={asked.year}{looked.tail}"
            if asked.whose == Whose.WHOLE
            else ""
        ),
    }
    return render(request, "overview/show.html", context)


def _bodies(request: SignedInRequest, asked: Asked, overview: plans.Overview) -> dict[str, Any]:
    """One page of bodies on the map, and in their table when it is open; files take all of them."""
    page_number = request.GET.get("trang", "1")
    # No list has a million pages, and the database counts no further than some digits.
    first = (min(whole_number(page_number) or 1, 10**6) - 1) * BODIES_ON_A_PAGE
    whole = bool(request.GET.get(EXPORT))
    is_open = whole or TABLE in request.GET or "trang" in request.GET
    count, found = queries.bodies(
        asked,
        overview,
        first=0 if whole else max(first, 0),
        most=None if whole else BODIES_ON_A_PAGE,
        with_table=is_open,
    )
    page = Paginator(range(count), BODIES_ON_A_PAGE).get_page(page_number)
    return {
        "by_body": found.chart,
        "blocks": found.blocks,
        "page": page,
        "body_count": count,
        "open_url": f"{_query(request, **{TABLE: 'co-quan'})}#bieu-co-quan",
    }


def _reports(
    request: SignedInRequest, plan: plans.PlanRef, asked: Asked, looked: Look
) -> list[reports.PeriodStanding]:
    if asked.whose != Whose.WHOLE or looked.past:
        return []
    watched = reports.periods_watched(request.user, year=asked.year)
    return [one for one in watched if one.plan_id == plan.id]


def _scopes(
    request: SignedInRequest, plan: plans.PlanRef, asked: Asked, looked: Look
) -> list[Choice]:
    """The dashboards this person has, side by side."""
    kept = urlencode({PLAN: plan.id, YEAR: asked.year, **looked.query})
    found = []
    if rules.see_whole_plan.allows(request.user, plan.managed_by_id):
        found.append(
            Choice(
                _("Toàn kế hoạch"),
                f"{reverse('overview:home')}?{kept}",
                is_current=asked.whose == Whose.WHOLE,
            )
        )
    own = rules.readable_organisation_ids(request.user)
    here = asked.organisation_ids if asked.whose == Whose.BODY else frozenset()
    shown = sorted(own | (here or frozenset()))
    names = names_on(shown, timezone.localdate())
    found += [
        Choice(
            names[pk].short_name,
            f"{reverse('overview:body', args=[pk])}?{kept}",
            is_current=pk in (here or ()),
        )
        for pk in shown
        if pk in names
    ]
    found.append(
        Choice(
            _("Của tôi"),
            f"{reverse('overview:person')}?{kept}",
            is_current=asked.whose == Whose.PERSON,
        )
    )
    return found


def _plan_choices(request: SignedInRequest, plan: plans.PlanRef, looked: Look) -> list[Choice]:
    """The plans to choose from, when there is a choice."""
    known = _plans(request)
    if len(known) < 2:
        return []
    return [
        Choice(
            one.short_title,
            f"?{urlencode({PLAN: one.id, **looked.query})}",
            is_current=one.id == plan.id,
        )
        for one in known
    ]


def _group_choices(request: SignedInRequest, asked: Asked) -> list[Choice]:
    every = Choice(_("Mọi cơ quan"), _query(request, **{GROUP: None}), is_current=not asked.group)
    return [
        every,
        *(
            Choice(
                group.label,
                _query(request, **{GROUP: group.value}),
                is_current=group.value == asked.group,
            )
            for group in plans.BodyGroup
        ),
    ]


def _query(request: SignedInRequest, **changes: object) -> str:
    """This address with parameters changed, the page of bodies forgotten; None removes one."""
    query = request.GET.copy()
    for name, value in {"trang": None, **changes}.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


# ---------------------------------------------------------------- between two days


@require_safe
def show_changes(request: SignedInRequest) -> HttpResponse:
    """What changed between the ends of two days: of the whole plan, or of the reader's own bodies."""
    rules.see_overview.require(request.user)
    plan = _chosen_plan(request)
    if plan is None:
        return render(request, "overview/empty.html")
    sees_all = rules.see_whole_plan.allows(request.user, plan.managed_by_id)
    among = None if sees_all else rules.readable_organisation_ids(request.user)
    asked, looked = _asked(request, plan, Whose.WHOLE)
    form = BetweenForm(request.GET if FROM in request.GET else None, today=looked.today)
    start, end = looked.today - timedelta(days=30), looked.today
    if form.is_bound and form.is_valid():
        start, end = form.cleaned_data[FROM], form.cleaned_data[TO] or looked.today
    context: dict[str, Any] = {
        "plan": plan,
        "asked": asked,
        "form": form,
        "start": start,
        "end": end,
        "since": looked.since,
        "is_before_history": looked.since is None or start < looked.since,
        "plans": _plan_choices(request, plan, looked),
        "years": [
            Choice(str(year), _query(request, **{YEAR: year}), is_current=year == asked.year)
            for year in range(plan.first_day.year, plan.last_day.year + 1)
        ],
        "home_url": reverse("overview:home"),
    }
    if not context["is_before_history"]:
        changes = plans.Changes(plan.id, asked.year, start, end, among=among)
        moved = reports.reports_moved(request.user, plan.id, start, end)
        if request.GET.get(EXPORT) == "xlsx":
            return changes_workbook(changes, moved, f"{plan.short_title}, {asked.year}", start, end)
        context |= _changes(request, changes, moved)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "overview/changes.html", context, status=status)


def _changes(
    request: SignedInRequest, changes: plans.Changes, moved: Sequence[reports.Moved]
) -> dict[str, Any]:
    counts = changes.counts
    asked = request.GET.get(KIND, "")
    first = next((kind for kind in plans.Change if counts[kind]), plans.Change.DONE)
    kind = plans.Change(asked) if asked in plans.Change else first
    page = Paginator(range(counts[kind]), ROWS_ON_A_PAGE).get_page(request.GET.get("trang"))
    start = page.start_index() - 1 if counts[kind] else 0
    return {
        "kinds": [
            Choice(one.label, _query(request, **{KIND: one.value}), counts[one], one == kind)
            for one in plans.Change
        ],
        "kind": kind,
        "rows": changes.of(kind, first=start, most=ROWS_ON_A_PAGE),
        "page": page,
        "moved": moved[:MOVED_SHOWN],
        "moved_count": len(moved),
        "sent": sum(one.is_sent for one in moved),
        "accepted": sum(not one.is_sent for one in moved),
        "xlsx_url": _query(request, **{EXPORT: "xlsx"}),
    }


def _changes_url(asked: Asked) -> str:
    query: dict[str, Any] = {PLAN: asked.plan_id, YEAR: asked.year}
    if asked.past:
        # What makes the day looked back on differ from today.
        query |= {FROM: format_date(asked.past)}
    return f"{reverse('overview:changes')}?{urlencode(query)}"
