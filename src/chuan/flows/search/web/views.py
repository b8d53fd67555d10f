from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Choice
from chuan.core.ui.finding import Finder, finders_for
from chuan.lib.vietnamese import clean

FIRST, WHOLE = 5, 50
LONGEST = 200


@require_safe
def results(request: SignedInRequest) -> HttpResponse:
    """Everything the words find, a few of each kind; `loai` shows one kind, page by page."""
    asked = clean(request.GET.get("q", ""))[:LONGEST]
    finders = finders_for(request.user)
    chosen = next((one for one in finders if one.key == request.GET.get("loai")), None)
    page = _page_of(request) if chosen else 1
    groups = [_group(request, one, asked, chosen, page) for one in finders] if asked else []
    shown = [one for one in groups if one["count"] and (chosen is None or one["key"] == chosen.key)]
    context = {
        "asked": asked,
        "chosen": chosen,
        "groups": shown,
        "chips": _chips(request, groups, chosen),
        "count": sum(one["count"] for one in groups),
        "kinds": [str(one.title) for one in finders],
        "page": page,
    }
    return render(request, "search/results.html", context)


def _group(
    request: SignedInRequest, finder: Finder, asked: str, chosen: Finder | None, page: int
) -> dict[str, Any]:
    is_chosen = finder is chosen
    start, limit = ((page - 1) * WHOLE, WHOLE) if is_chosen else (0, FIRST)
    found = finder.find(request.user, asked, start, limit)
    return {
        "key": finder.key,
        "title": finder.title,
        "icon": finder.icon,
        "hits": found.hits,
        "count": found.count,
        "has_more": found.count > start + len(found.hits),
    }


def _chips(
    request: SignedInRequest, groups: list[dict[str, Any]], chosen: Finder | None
) -> list[Choice]:
    query = request.GET.copy()
    query.pop("trang", None)
    query.pop("loai", None)
    chips = []
    for one in groups:
        if one["count"]:
            query["loai"] = one["key"]
            is_current = chosen is not None and chosen.key == one["key"]
            chips.append(Choice(one["title"], f"?{query.urlencode()}", one["count"], is_current))
    return chips


def _page_of(request: SignedInRequest) -> int:
    asked = request.GET.get("trang", "1")
    return min(max(int(asked), 1), 1000) if asked.isdecimal() and len(asked) < 6 else 1
