"""A short way for machines: they have no session, no language, no form and no page to protect."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import resolve, reverse
from django.utils import translation

from chuan.core.ui.middleware import GetResponse, ReadsDoNotWrite

# No browser shows what is told here, and should it be made to, nothing in it runs.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


class AnswerMachines:
    """Answer what lies under the address of the binding here; let everything else go its usual way.

    Half of what a small request cost was asking who the person is and what they prefer. What machines
    need of that way is here: answers for slow lines are packed, and reading writes nothing. An address
    that people sign in for goes their way, should there be one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.answer = GZipMiddleware(ReadsDoNotWrite(_view))

    @cached_property
    def root(self) -> str:
        return reverse("epcis:start").rstrip("/") + "/"

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.root):
            return self.get_response(request)
        # A server that others reach by another name is not this one.
        request.get_host()
        request.resolver_match = resolve(request.path_info)
        if getattr(request.resolver_match.func, "login_required", True):
            return self.get_response(request)
        with translation.override(settings.LANGUAGE_CODE):
            answer = self.answer(request)
        assert isinstance(answer, HttpResponseBase)  # noqa: S101 - nothing here is awaited
        for name, value in _HEADERS.items():
            answer.headers[name] = value
        if isinstance(answer, HttpResponse):
            answer.headers["Content-Length"] = str(len(answer.content))
        return answer


def _view(request: HttpRequest) -> HttpResponse:
    called = request.resolver_match
    assert called is not None  # noqa: S101 - resolved just before
    found: HttpResponse = called.func(request, *called.args, **called.kwargs)
    return found
