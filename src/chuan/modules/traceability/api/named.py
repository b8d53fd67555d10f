"""Questions kept under a name: `/queries` and what is below it."""

from __future__ import annotations

import json
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from chuan.modules.traceability import rules
from chuan.modules.traceability.api import answers
from chuan.modules.traceability.api.answers import Problem, in_json
from chuan.modules.traceability.api.door import resource
from chuan.modules.traceability.api.views import answer_query, extensions, page_size
from chuan.modules.traceability.engine.query import BadParameter, BadQuestion, read_question
from chuan.modules.traceability.models import AccessKey, NamedQuery
from chuan.modules.traceability.operations import asking

# What stands in an address as it is; a name of dots alone would lead elsewhere.
_NAME = re.compile(r"(?!\.+$)[\w.~ -]{1,200}")
# What asks for a subscription by WebSocket.
SCHEDULING = frozenset(
    (
        *("stream", "second", "minute", "hour", "dayOfMonth", "month", "dayOfWeek"),
        *("reportIfEmpty", "initialRecordTime"),
    )
)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent.

    :raises Problem: it is another thing, or has letters no table can hold.
    """
    kind = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if kind not in ("application/json", "application/ld+json"):
        raise Problem(415, "UnsupportedMediaTypeException", "JSON expected")
    try:
        body = json.loads(request.body)
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        has_zero = _has_zero(body)
    except (ValueError, RecursionError):
        raise Problem(400, "ValidationException", "the body is no JSON") from None
    if not isinstance(body, dict):
        raise Problem(400, "ValidationException", "a JSON object expected")
    if has_zero:
        raise Problem(400, "ValidationException", "a zero byte is no part of any text")
    return body


def _has_zero(told: Any) -> bool:
    if isinstance(told, dict):
        return any("\0" in name or _has_zero(value) for name, value in told.items())
    if isinstance(told, list):
        return any(map(_has_zero, told))
    return isinstance(told, str) and "\0" in told


def query_of(key: AccessKey, name: str) -> NamedQuery:
    """:raises Problem: this key keeps none of this name."""
    rules.keep_queries.require(key)
    found = NamedQuery.objects.filter(key=key, name=name).first()
    if found is None:
        raise Problem(404, "NoSuchNameException", f"no query {name}")
    return found


def _of_query(query: NamedQuery) -> dict[str, Any]:
    return {"name": query.name, "query": query.question}


def _queries(request: HttpRequest, key: AccessKey) -> HttpResponse:
    """The queries of this key, by name."""
    rules.keep_queries.require(key)
    answers.accepts_json(request)
    found = NamedQuery.objects.filter(key=key).order_by("pk")
    token, size = request.GET.get("nextPageToken"), page_size(request)
    if token:
        found = found.filter(pk__gt=answers.place_from(token, of="queries")[0])
    shown = list(found[: size + 1])
    answer = in_json([_of_query(one) for one in shown[:size]])
    if len(shown) > size:
        token = answers.token_for((shown[size - 1].pk,), of="queries")
        answers.link_next(answer, request, token)
    return answer


def _keep(request: HttpRequest, key: AccessKey) -> HttpResponse:
    rules.keep_queries.require(key)
    body = body_of(request)
    name: object = body.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Problem(
            400,
            "ValidationException",
            "name: 1 to 200 letters, digits, spaces and . _ - ~ expected",
        )
    try:
        asking.keep_query(
            key=key,
            name=name,
            question=body.get("query"),
            namespaces=extensions(request),
        )
    except BadQuestion as bad:
        raise Problem(400, "QueryValidationException", str(bad)) from None
    except BadParameter as bad:
        raise Problem(400, "QueryParameterException", str(bad)) from None
    except asking.TooManyQueries as many:
        raise Problem(403, "SecurityException", str(many)) from None
    except asking.NameTaken:
        raise Problem(409, "ResourceAlreadyExistsException", f"there is a query {name}") from None
    answer = HttpResponse(status=201)
    answer["Location"] = request.build_absolute_uri(
        reverse("epcis:query", kwargs={"query_name": name})
    )
    return answer


def _query(request: HttpRequest, key: AccessKey, *, query_name: str) -> HttpResponse:
    """With the prefixes of its extension fields, as they were sent with it."""
    answers.accepts_json(request)
    found = query_of(key, query_name)
    answer = in_json(_of_query(found))
    if found.namespaces:
        told = [f"{prefix}={uri}" for prefix, uri in sorted(found.namespaces.items())]
        answer["GS1-Extensions"] = ", ".join(told)
    return answer


def _forget(request: HttpRequest, key: AccessKey, *, query_name: str) -> HttpResponse:
    try:
        asking.forget_query(key=key, name=query_name)
    except NamedQuery.DoesNotExist:
        raise Problem(404, "NoSuchNameException", f"no query {query_name}") from None
    return HttpResponse(status=204)


def _events_of_query(request: HttpRequest, key: AccessKey, *, query_name: str) -> HttpResponse:
    named = query_of(key, query_name)
    if request.headers.get("Upgrade", "").lower() == "websocket":
        raise Problem(
            400,
            "SubscriptionControlsException",
            f"WebSockets are answered at {settings.CHUAN_LINES}: ask there"
            if settings.CHUAN_LINES
            else "no WebSockets here (chuan serve --lines-port): POST a webhook to …/subscriptions",
        )
    if SCHEDULING & set(request.GET):
        raise Problem(
            400, "SubscriptionControlsException", "schedules are for subscriptions, not for pages"
        )
    unknown = sorted(set(request.GET) - set(answers.PAGING))
    if unknown:
        raise Problem(400, "ValidationException", f"{unknown[0]}: the query is kept, as it is")
    try:
        # What it was kept by may know less by now than it did then.
        query = read_question(named.question, named.namespaces)
    except BadQuestion as bad:
        raise Problem(400, "QueryValidationException", str(bad)) from None
    except BadParameter as bad:
        raise Problem(400, "QueryParameterException", str(bad)) from None
    return answer_query(request, key, query, question=f"query {named.pk}", query_name=named.name)


queries = resource(GET=_queries, POST=_keep)
query = resource(GET=_query, DELETE=_forget)
events_of_query = resource(GET=_events_of_query)
