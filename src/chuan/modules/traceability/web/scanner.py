"""Scanning for officers and producers: by camera where the browser can, else by typing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.modules.traceability.engine.scanned import read_text
from chuan.modules.traceability.queries import registry as queries
from chuan.modules.traceability.queries.links import name_of
from chuan.modules.traceability.web.frame import page, require_part

LONGEST = 500


@require_safe
def scan(request: SignedInRequest) -> HttpResponse:
    require_part(request.user, queries.takes_part)
    asked = request.GET.get("ma", "")[:LONGEST].strip()
    scanned = read_text(asked) if asked else None
    if scanned is not None and name_of(scanned) is not None:
        return redirect("scan:show", path=scanned.path)
    return page(
        request,
        "scanner",
        "scanner",
        status=404 if asked else 200,
        asked=asked,
        is_key=scanned is not None,
    )
