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
    table = EntryTable(request, queries.readable_actions(request.user))
    context = {
        "table": table,
        "head": queries.head(),
        "only_some": rules.read_whole_ledger.refusal(request.user),
    }
    return table.download() or render(request, "audit/list.html", context)
