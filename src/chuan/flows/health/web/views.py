from __future__ import annotations

import ipaddress
from secrets import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chuan.core.people.http import SignedInRequest
from chuan.flows.health import queries, rules


@require_safe
def show_health(request: SignedInRequest) -> HttpResponse:
    rules.see_health.require(request.user)
    at = timezone.now()
    found = queries.checks(at)
    context = {
        "at": at,
        "checks": found,
        "fault_count": sum(not one.is_fine for one in found),
    }
    return render(request, "health/show.html", context)


@login_not_required
@require_safe
def show_metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, by key or by address; to anybody else there is nothing here."""
    if not (_has_key(request) or _comes_from_a_known_place(request)):
        raise Http404
    response = HttpResponse(
        queries.metrics(timezone.now()), content_type="text/plain; version=0.0.4; charset=utf-8"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _has_key(request: HttpRequest) -> bool:
    key = settings.CHUAN_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(key) and compare_digest(given.encode(), key.encode())


def _comes_from_a_known_place(request: HttpRequest) -> bool:
    """By the address of the connection itself: what a visitor says of theirs opens nothing, and what
    comes through the proxy has the proxy's."""
    if "X-Forwarded-For" in request.headers:
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in settings.CHUAN_METRICS_FROM)
