"""Scanning for officers and producers: by camera where the browser can, else by typing."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.scanned import Scanned, is_mistyped, read_text
from chuan.modules.traceability.models import Lot
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries import registry as queries
from chuan.modules.traceability.queries.contents import Contents, contents_of, warnings_about
from chuan.modules.traceability.queries.findings import open_findings_of
from chuan.modules.traceability.queries.links import is_told, name_of
from chuan.modules.traceability.web.frame import page, require_part

LONGEST = 500


@require_safe
def scan(request: SignedInRequest) -> HttpResponse:
    """Inspectors choose where to go on; for everybody else there is the page of whoever scans."""
    require_part(request.user, queries.takes_part)
    asked = request.GET.get("ma", "")[:LONGEST].strip()
    scanned = read_text(asked) if asked else None
    name = name_of(scanned) if scanned is not None else None
    if scanned is not None and name is not None:
        if not rules.see_chains.allows(request.user):
            return redirect("scan:show", path=scanned.path)
        return page(request, "scanner", "scanner", **_found(request, scanned, name))
    return page(
        request,
        "scanner",
        "scanner",
        status=404 if asked else 200,
        asked=asked,
        is_key=scanned is not None,
        is_mistyped=is_mistyped(asked),
    )


def _found(request: SignedInRequest, scanned: Scanned, name: str) -> dict[str, Any]:
    inside = Contents() if scanned.key.is_class else contents_of(scanned.link)
    warnings = warnings_about(scanned.levels, inside)
    has_lot = Lot.objects.filter(product__gtin=scanned.gtin, number=scanned.lot).exists()
    return {
        "scanned": scanned,
        "shown": master.shown(scanned.link),
        "name": name,
        "warnings": warnings,
        "is_recalled": any(one.is_recall for one in warnings),
        "is_told": is_told(scanned, has_lot=has_lot),
        "finding_count": open_findings_of(scanned.levels).count(),
        "may_recall": bool(request.user.organisation_ids(*rules.INSPECTION)),
    }
