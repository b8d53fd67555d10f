"""Public answers: no sign-in, no cookie, the language of the address, kept by every cache on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from chuan import __version__
from chuan.flows.portal.queries import public

# Seconds for which an answer is used without asking; taking something back shows after at most these.
FRESH = 300
ENGLISH = "portal-en"

View = Callable[..., HttpResponseBase]


def language_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return "en" if match is not None and match.namespace == ENGLISH else settings.LANGUAGE_CODE


def shown_to_everybody(view: View) -> View:
    """A view whose answer depends on its address and on what is public, and on nothing else.

    Two queries tell whether the reader's copy still holds.
    """

    @login_not_required
    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        edition = public.edition()
        words = f"{__version__}|{edition.tag}|{request.get_full_path()}"
        etag = quote_etag(hashlib.sha256(words.encode()).hexdigest()[:32])
        modified = int(edition.at.timestamp()) if edition.at else None
        kept = get_conditional_response(request, etag=etag, last_modified=modified)
        response = kept if kept is not None else _answered(view, request, args, kwargs)
        if response.status_code in {200, 304}:
            response["ETag"] = etag
            if modified:
                response["Last-Modified"] = http_date(modified)
            patch_cache_control(response, public=True, max_age=FRESH)
        return response

    return answer


def _answered(
    view: View, request: HttpRequest, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    language = language_of(request)
    with translation.override(language):
        response = view(request, *args, **kwargs)
        response["Content-Language"] = language
    return response
