"""Who comes in: a machine with a key, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TypeAlias

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from chuan.lib.rules import Denied
from chuan.modules.traceability.api.answers import DISCOVERY, STANDING, Problem, prefers_xml
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.operations.metering import QuotaUsedUp, take
from chuan.modules.traceability.queries.keys import key_shown

LONGEST_ADDRESS = 8000
View: TypeAlias = Callable[..., HttpResponse]


def resource(*, discovery: Mapping[str, str] | None = None, **methods: View) -> View:
    """An address of the binding: a view for each method, the key's holder as second argument.

    Everything that goes wrong is told as a problem, in XML to whoever wants XML first; OPTIONS tells
    what may be asked.

    :param discovery: what OPTIONS tells besides.
    """
    allowed = ", ".join([*methods, "OPTIONS"])

    @wraps(next(iter(methods.values())))
    def view(request: HttpRequest, **arguments: str) -> HttpResponse:
        try:
            answer = _answer(request, methods, allowed, arguments)
            if request.method == "OPTIONS":
                for name, value in {**DISCOVERY, **(discovery or {})}.items():
                    answer[name] = value
        except (Problem, Denied, RequestDataTooBig, QuotaUsedUp) as wrong:
            problem = _problem(wrong)
            answer = problem.response(in_xml=prefers_xml(request))
            if isinstance(wrong, QuotaUsedUp):
                answer["Retry-After"] = str(wrong.retry_after)
            if problem.status == 405:
                answer["Allow"] = allowed
        if not answer.content:
            del answer["Content-Type"]
        for name, value in STANDING.items():
            answer[name] = value
        answer["Cache-Control"] = "no-store"
        return answer

    # Keys are not sent by browsers on their own, so no page can make one send them.
    return csrf_exempt(login_not_required(view))


def _problem(wrong: Exception) -> Problem:
    if isinstance(wrong, Problem):
        return wrong
    if isinstance(wrong, Denied):
        return Problem(403, "SecurityException", str(wrong))
    if isinstance(wrong, QuotaUsedUp):
        return Problem(429, "ImplementationException", str(wrong))
    return Problem(413, "CaptureLimitExceededException", "the body is larger than announced")


def _answer(
    request: HttpRequest, methods: dict[str, View], allowed: str, arguments: dict[str, str]
) -> HttpResponse:
    if len(request.get_full_path()) > LONGEST_ADDRESS:
        raise Problem(414, "URITooLongException", f"at most {LONGEST_ADDRESS} characters")
    key = holder(request)
    take(key, requests=1)
    if "%00" in request.get_full_path():
        raise Problem(400, "QueryParameterException", "a zero byte is no part of any name")
    method = "GET" if request.method == "HEAD" and "GET" in methods else request.method or ""
    if method == "OPTIONS":
        answer = HttpResponse(status=204)
        answer["Allow"] = allowed
        return answer
    if method not in methods:
        raise Problem(405, "ImplementationException", f"only {allowed} here")
    return methods[method](request, key, **arguments)


def holder(request: HttpRequest) -> AccessKey:
    """The key that was shown, or the one whose token was.

    :raises Problem: none, an unknown one, or one that was revoked or has ended.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    key = None
    if scheme.lower() == "bearer" and text:
        key = key_shown(text.strip(), at=timezone.now())
    if key is None:
        # Whoever comes without a key is a person with a terminal: the page says who gives keys. Lines
        # have a port of their own, so it is named without one.
        guide = reverse("scan-en:software")
        detail = f"a valid key is needed: Authorization: Bearer …; who gives one: see {guide}"
        raise Problem(401, "SecurityException", detail)
    return key
