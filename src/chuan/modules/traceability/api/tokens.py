"""Short-lived tokens for machines: OAuth 2.0 client credentials (RFC 6749, section 4.4).

The id of a client is what `chuan traceability key list` says, its secret the text of the key. Only
the token travels with requests then, and it ends after minutes, or when the key is changed or
revoked.
"""

from __future__ import annotations

import base64
from urllib.parse import unquote_plus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from chuan.core.ui.answers import JsonAnswer
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.operations.keys import give_token
from chuan.modules.traceability.operations.metering import QuotaUsedUp, take
from chuan.modules.traceability.queries.keys import TOKENS_LAST, client_of


class _Error(Exception):
    """One of the errors of RFC 6749, section 5.2."""

    def __init__(self, name: str, why: str, *, status: int = 400) -> None:
        super().__init__(why)
        self.name, self.status = name, status


@csrf_exempt  # nothing a browser sends on its own opens this
@login_not_required
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """`grant_type=client_credentials`, with the client in `Authorization: Basic` or in the form."""
    try:
        key = _client(request)
        take(key, requests=1)
        answer = JsonAnswer(_given(request, key))
    except QuotaUsedUp as used_up:
        answer = JsonAnswer(
            {"error": "temporarily_unavailable", "error_description": str(used_up)}, status=429
        )
        answer["Retry-After"] = str(used_up.retry_after)
    except _Error as error:
        answer = JsonAnswer(
            {"error": error.name, "error_description": str(error)}, status=error.status
        )
        if error.status == 401:
            answer["WWW-Authenticate"] = 'Basic realm="chuan"'
    answer["Cache-Control"] = "no-store"
    answer["Pragma"] = "no-cache"
    return answer


def _given(request: HttpRequest, key: AccessKey) -> dict[str, object]:
    grant = request.POST.get("grant_type")
    if not grant:
        raise _Error("invalid_request", "grant_type is missing")
    if grant != "client_credentials":
        raise _Error("unsupported_grant_type", "client_credentials alone")
    wanted = set(request.POST.get("scope", " ".join(key.scopes)).split())
    if not wanted or not wanted <= set(key.scopes):
        raise _Error("invalid_scope", f"of {' '.join(key.scopes)}")
    return {
        "access_token": give_token(key=key, scopes=wanted),
        "token_type": "Bearer",
        "expires_in": int(TOKENS_LAST.total_seconds()),
        "scope": " ".join(sorted(wanted)),
    }


def _client(request: HttpRequest) -> AccessKey:
    name, secret = request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    scheme, _, told = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        if secret:
            raise _Error("invalid_request", "a client shows itself in one way")
        try:
            name, _, secret = base64.b64decode(told, validate=True).decode().partition(":")
        except ValueError:  # no base64, or not of UTF-8
            name = secret = ""
        # Section 2.3.1: both are encoded as in forms.
        name, secret = unquote_plus(name), unquote_plus(secret)
    key = client_of(name, secret, at=timezone.now())
    if key is None:
        raise _Error("invalid_client", "no such client, or not its secret", status=401)
    return key


@login_not_required
@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """What this server gives tokens for, and how (RFC 8414)."""
    return JsonAnswer(
        {
            "issuer": request.build_absolute_uri("/").rstrip("/"),
            "token_endpoint": request.build_absolute_uri(reverse("token")),
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "response_types_supported": [],
            "scopes_supported": sorted(Scope.values),
        }
    )
