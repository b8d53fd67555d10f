from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chuan.core.audit import queries, rules
from chuan.core.audit.web.tables import EntryTable


@require_safe
def list_entries(request: HttpRequest) -> HttpResponse:
    """Who did what, for those who may read the ledger; everybody else is told why not."""
    rules.read_ledger.require(request.user)
    table = EntryTable(request, queries.entries())
    return table.download() or render(
        request, "audit/list.html", {"table": table, "head": queries.head()}
    )
