"""Having the answers to a query sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chuan.core.audit.operations import record
from chuan.lib import outgoing
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.schedule import BadSchedule, read_schedule
from chuan.modules.traceability.engine.values import instant
from chuan.modules.traceability.models import AccessKey, NamedQuery, Subscription
from chuan.modules.traceability.operations.delivery import deliver
from chuan.modules.traceability.queries.standing import question_of
from chuan.modules.traceability.store import feed
from chuan.modules.traceability.store.feed import Spot

# Of one key.
MOST_SUBSCRIPTIONS = 100


class BadControls(ValueError):
    """What was told cannot be subscribed to; the message says why."""


class ForbiddenDestination(ValueError):
    """Events are not sent there."""


class TooManySubscriptions(ValueError):
    """This key has as many subscriptions as one may."""


@dataclass(frozen=True, slots=True)
class Controls:
    """When and how a subscriber is told: by a schedule, or as events come in if that is empty."""

    schedule: Mapping[str, object]
    report_if_empty: bool
    initial_record_time: datetime | None
    epc_format: str


@dataclass(frozen=True, slots=True)
class Wanted(Controls):
    """What a subscriber by webhook asks for."""

    dest: str
    signature_token: str


def controls_told(
    *,
    is_stream: bool,
    schedule: Mapping[str, object],
    report_if_empty: bool,
    initial: str | None,
    epc_format: str,
) -> Controls:
    """What a subscriber asks for, as it was told.

    :raises BadControls: it contradicts itself, or has no instant where it should have one.
    """
    if is_stream is bool(schedule):
        raise BadControls("either stream: true or a schedule expected")
    if report_if_empty and is_stream:
        raise BadControls("reportIfEmpty: with a schedule alone")
    since = instant(initial) if initial is not None else None
    if initial is not None and since is None:
        raise BadControls("initialRecordTime: a date and time with zone expected")
    return Controls(schedule, report_if_empty, since, epc_format)


def subscribe(*, key: AccessKey, name: str, wanted: Wanted) -> Subscription:
    """Send what satisfies a query to an address, from now on or from an instant on.

    :raises Denied: the key is not for querying.
    :raises NamedQuery.DoesNotExist: it keeps no query of this name.
    :raises BadControls: the address or the schedule cannot be followed, or the query has a limit.
    :raises ForbiddenDestination: the address leads into a private network, or has no TLS.
    :raises TooManySubscriptions: see `MOST_SUBSCRIPTIONS`.
    """
    rules.keep_queries.require(key)
    # Before anything is locked: whoever knows the name may take seconds to say.
    _require_destination(wanted.dest)
    return _subscribed(key, name, wanted)


@transaction.atomic
def _subscribed(key: AccessKey, name: str, wanted: Wanted) -> Subscription:
    query = NamedQuery.objects.select_for_update().get(key=key, name=name)
    now = timezone.now()
    due_at = first_time(wanted.schedule, now)
    require_endless(query)
    if Subscription.objects.filter(query__key=key).count() >= MOST_SUBSCRIPTIONS:
        raise TooManySubscriptions(f"at most {MOST_SUBSCRIPTIONS} subscriptions of one key")
    start = place_from(wanted.initial_record_time)
    subscription = Subscription.objects.create(
        query=query,
        dest=wanted.dest,
        signature_token=wanted.signature_token,
        schedule=dict(wanted.schedule),
        report_if_empty=wanted.report_if_empty,
        initial_record_time=wanted.initial_record_time,
        epc_format=wanted.epc_format,
        created_at=now,
        position=start.position,
        taken=start.taken,
        due_at=due_at,
    )
    record(
        action="traceability.subscribed",
        actor=None,
        by=key.name,
        subject=subscription,
        query=query.name,
        # Without its path: some receivers keep a password there.
        host=outgoing.destination(wanted.dest).authority,
    )
    if due_at is not None:
        deliver.not_before(due_at)(subscription_id=subscription.pk)
    else:
        deliver.after_commit(subscription_id=subscription.pk)
    return subscription


@transaction.atomic
def unsubscribe(*, key: AccessKey, name: str, subscription_id: UUID) -> None:
    """Send nothing more.

    :raises Denied: the key is not for querying.
    :raises Subscription.DoesNotExist: it has no such subscription to this query.
    """
    rules.keep_queries.require(key)
    subscription = Subscription.objects.select_for_update().get(
        query__key=key, query__name=name, subscription_id=subscription_id
    )
    record(
        action="traceability.unsubscribed",
        actor=None,
        by=key.name,
        subject=subscription,
        query=name,
    )
    subscription.delete()


def _require_destination(dest: str) -> None:
    try:
        outgoing.judged(outgoing.destination(dest), allowed=settings.CHUAN_WEBHOOKS_TO)
    except outgoing.BadAddress as bad:
        raise BadControls(f"dest: {bad}") from None
    except outgoing.Forbidden as forbidden:
        raise ForbiddenDestination(f"dest: {forbidden}") from None
    except outgoing.Unreachable:
        # Its name may come to be known; every sending looks it up and judges it anew.
        return


def require_endless(query: NamedQuery) -> None:
    """:raises BadControls: it wants so many events and no more."""
    asked = question_of(query)
    if asked.limit is not None or asked.most is not None:
        raise BadControls("a query with eventCountLimit or maxEventCount is for pages alone")


def first_time(schedule: Mapping[str, object], now: datetime) -> datetime | None:
    """When a schedule calls for the first time; None for a stream.

    :raises BadControls: nobody can follow it.
    """
    if not schedule:
        return None
    try:
        found = read_schedule(schedule).next_after(timezone.localtime(now))
    except BadSchedule as bad:
        raise BadControls(str(bad)) from None
    if found is None:
        raise BadControls("schedule: no day has this date")
    return found


def place_from(since: datetime | None) -> Spot:
    """From where in the feed. What commits after this is behind it, however early it began."""
    last = feed.number()
    earlier = feed.before(since) if since is not None else None
    return earlier if earlier is not None else Spot(last)
