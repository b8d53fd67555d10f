"""One figure of the province, opened down to the reports behind it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from chuan.core.people.http import SignedInRequest
from chuan.flows.annual_report.models import (
    ConsolidationEntry,
)
from chuan.flows.annual_report.queries.days import last_data_day
from chuan.flows.annual_report.web.common import (
    consolidation_or_404,
)
from chuan.flows.annual_report.web.consolidation.common import REPORTS_ON_A_PAGE, amount_of
from chuan.flows.annual_report.web.consolidation.desk import figure_row


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
        "row": figure_row(made, figure),
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
        "counted": amount_of(found, found["counted"]),
        "reported": amount_of(found, found["reported"]),
        "is_overridden": found["is_overridden"],
        "reason": found["override_reason"],
        "row_count": found["row_count"],
    }
