"""Having the answers to a kept query sent: `/queries/{name}/subscriptions`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from chuan.modules.traceability import rules
from chuan.modules.traceability.api import answers
from chuan.modules.traceability.api.answers import Problem, in_json, wishes_of
from chuan.modules.traceability.api.door import resource
from chuan.modules.traceability.api.named import body_of, query_of
from chuan.modules.traceability.api.views import page_size
from chuan.modules.traceability.models import AccessKey, NamedQuery, Subscription
from chuan.modules.traceability.operations import subscriptions as operations
from chuan.modules.traceability.operations.subscriptions import Wanted
from chuan.modules.traceability.queries.events import told

_LONGEST_TOKEN = 500


def _controls(why: str) -> Problem:
    return Problem(400, "SubscriptionControlsException", why)


def _subscribe(request: HttpRequest, key: AccessKey, *, query_name: str) -> HttpResponse:
    rules.keep_queries.require(key)
    answers.accepts_json(request)
    try:
        subscription = operations.subscribe(
            key=key, name=query_name, wanted=_wanted(request, body_of(request))
        )
    except NamedQuery.DoesNotExist:
        raise Problem(404, "NoSuchNameException", f"no query {query_name}") from None
    except operations.BadControls as bad:
        raise _controls(str(bad)) from None
    except (operations.ForbiddenDestination, operations.TooManySubscriptions) as forbidden:
        raise Problem(403, "SecurityException", str(forbidden)) from None
    answer = in_json(_of_subscription(subscription), status=201)
    answer["Location"] = request.build_absolute_uri(
        reverse(
            "epcis:subscription",
            kwargs={"query_name": query_name, "subscription_id": str(subscription)},
        )
    )
    return answer


def _wanted(request: HttpRequest, body: dict[str, Any]) -> Wanted:
    """:raises Problem: what was told cannot be followed."""
    dest = body.get("dest")
    # GS1's OpenAPI describes `signatureToken` and asks for `secret`.
    token = body.get("signatureToken", body.get("secret", ""))
    if not isinstance(dest, str):
        raise _controls("dest: an address expected")
    if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
        raise _controls(f"signatureToken: at most {_LONGEST_TOKEN} letters expected")
    schedule, stream = body.get("schedule"), body.get("stream", False)
    if schedule is not None and not (isinstance(schedule, dict) and schedule):
        raise _controls("schedule: an object with some of its fields expected")
    empty, initial = body.get("reportIfEmpty", False), body.get("initialRecordTime")
    if not isinstance(stream, bool) or not isinstance(empty, bool):
        raise _controls("stream, reportIfEmpty: true or false expected")
    if initial is not None and not isinstance(initial, str):
        raise _controls("initialRecordTime: a date and time with zone expected")
    try:
        controls = operations.controls_told(
            is_stream=stream,
            schedule=schedule or {},
            report_if_empty=empty,
            initial=initial,
            epc_format=wishes_of(request).epcs,
        )
    except operations.BadControls as bad:
        raise _controls(str(bad)) from None
    return Wanted(**asdict(controls), dest=dest, signature_token=token)


def _of_subscription(subscription: Subscription) -> dict[str, Any]:
    """Everything but the token it is signed with."""
    first = subscription.initial_record_time or subscription.created_at
    told_of: dict[str, Any] = {
        "subscriptionID": str(subscription.subscription_id),
        "dest": subscription.dest,
        "createdAt": told(subscription.created_at),
        "initialRecordTime": told(first),
        "minRecordTime": told(subscription.asked_at or first),
        "epcFormat": subscription.epc_format,
    }
    if subscription.notified_at is not None:
        told_of["lastNotifiedAt"] = told(subscription.notified_at)
    if subscription.is_stream:
        return {**told_of, "stream": True}
    return {
        **told_of,
        "schedule": {name: str(value) for name, value in subscription.schedule.items()},
        "reportIfEmpty": subscription.report_if_empty,
    }


def _subscriptions(request: HttpRequest, key: AccessKey, *, query_name: str) -> HttpResponse:
    """The subscriptions to a query, in the order they were made."""
    answers.accepts_json(request)
    query = query_of(key, query_name)
    found = Subscription.objects.filter(query=query).order_by("pk")
    token, size = request.GET.get("nextPageToken"), page_size(request)
    question = f"subscriptions {query.pk}"
    if token:
        found = found.filter(pk__gt=answers.place_from(token, of=question)[0])
    shown = list(found[: size + 1])
    answer = in_json([_of_subscription(one) for one in shown[:size]])
    if len(shown) > size:
        token = answers.token_for((shown[size - 1].pk,), of=question)
        answers.link_next(answer, request, token)
    return answer


def _subscription(
    request: HttpRequest, key: AccessKey, *, query_name: str, subscription_id: str
) -> HttpResponse:
    answers.accepts_json(request)
    query = query_of(key, query_name)
    found = Subscription.objects.filter(query=query, subscription_id=_id(subscription_id)).first()
    if found is None:
        raise _none_such(subscription_id)
    return in_json(_of_subscription(found))


def _unsubscribe(
    request: HttpRequest, key: AccessKey, *, query_name: str, subscription_id: str
) -> HttpResponse:
    try:
        operations.unsubscribe(key=key, name=query_name, subscription_id=_id(subscription_id))
    except Subscription.DoesNotExist:
        raise _none_such(subscription_id) from None
    return HttpResponse(status=204)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _none_such(text) from None


def _none_such(text: str) -> Problem:
    return Problem(404, "NoSuchNameException", f"no subscription {text}")


subscriptions = resource(GET=_subscriptions, POST=_subscribe)
subscription = resource(GET=_subscription, DELETE=_unsubscribe)
