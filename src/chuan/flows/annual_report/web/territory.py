"""Accepted figures of one province over the years, through mergers and splits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Choice
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.queries.territory import Territory, territories, totals_of
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans


@require_GET
def show_territory(request: SignedInRequest) -> HttpResponse:
    """Indicators by years, for the province and the plan chosen; below, the reports behind them."""
    rules.see_territories.require(request.user)
    today = timezone.localdate()
    mine = [
        one
        for one in plans.plans_in_force(today)
        if plans.sees_whole_plan(request.user, one.managed_by_id)
    ]
    places = territories()
    # The newest plan comes first, the body of today last.
    plan = _chosen(mine, request.GET.get("ke-hoach", ""), lambda one: one.id, at=0)
    place = _chosen(places, request.GET.get("dia-ban", ""), lambda one: one.organisation_id, at=-1)
    totals = totals_of(plan.id, place.organisation_id) if plan and place else None
    years = totals.years if totals else []
    context: dict[str, Any] = {
        "plan": plan,
        "place": place,
        "places": [_choice(one, place, plan.id if plan else 0) for one in places],
        "plans": _plan_choices(mine, plan, place),
        "years": [one.year for one in years],
        "rows": [
            {
                "title": title,
                "unit": unit,
                "cells": [
                    _cell(year.year, year.own.get(code), year.apart.get(code)) for year in years
                ],
            }
            for code, title, unit in (totals.codes if totals else [])
        ],
        "sources": totals.sources if totals else [],
        "apart_count": sum(bool(one.apart) for one in totals.sources) if totals else 0,
        "today": today,
    }
    return render(request, "annual_report/territory.html", context)


def _chosen(found: list[Any], asked: str, key: Any, *, at: int) -> Any:
    if not asked:
        return found[at] if found else None
    chosen = next((one for one in found if str(key(one)) == asked), None)
    if chosen is None:
        raise Http404(_("Không có địa bàn hoặc kế hoạch này."))
    return chosen


def _plan_choices(
    found: list[plans.PlanRef], chosen: plans.PlanRef | None, place: Territory | None
) -> list[Choice]:
    """Where there is a choice."""
    here = place.organisation_id if place else 0
    return [
        Choice(
            one.short_title,
            f"{reverse('annual_report:territory')}?dia-ban={here}&ke-hoach={one.id}",
            is_current=one == chosen,
        )
        for one in found
        if len(found) > 1
    ]


def _choice(one: Territory, chosen: Territory | None, plan_id: int) -> Choice:
    label = one.name
    if one.end is not None:
        label = _("%(name)s (đến hết %(day)s)") % {
            "name": one.name,
            "day": format_date(one.end - timedelta(days=1)),
        }
    return Choice(
        label=label,
        url=f"{reverse('annual_report:territory')}?dia-ban={one.organisation_id}&ke-hoach={plan_id}",
        is_current=one == chosen,
    )


def _cell(year: int, own: dict[str, Any] | None, apart: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "year": year,
        "value": own["reported"]["value"] if own else None,
        "reports": own["report_count"] if own else 0,
        "apart": apart["reported"]["value"] if apart else None,
    }
