"""Sending subscribers what is new, at least once, in the order it was committed.

A receiver has had something when it said so with a 2xx; only then its place in the feed moves on. No
transaction is open while somebody is called: who delivers has the subscription to itself by a lease,
which ends by itself should the worker die.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import chuan
from chuan.core.jobs.registry import job
from chuan.lib import outgoing
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.schedule import read_schedule
from chuan.modules.traceability.models import Subscription
from chuan.modules.traceability.queries.messages import MOST_EVENTS, Found, cut
from chuan.modules.traceability.queries.messages import message as message_of
from chuan.modules.traceability.queries.standing import matching, subscriptions_to_wake
from chuan.modules.traceability.store import feed
from chuan.modules.traceability.store.feed import Entry, Spot
from chuan.modules.traceability.store.reading import Row
from chuan.modules.traceability.store.rows import fetched

LEASE: Final = timedelta(seconds=60)
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=6)
# Events looked at in one go, and seconds after which others have their turn.
CHUNK = 500
TURN = 20.0
_TOO_LARGE: Final = 413
_ANY_STREAM: Final = (
    f"SELECT true FROM {Subscription._meta.db_table} WHERE schedule = '{{}}'::jsonb LIMIT 1"  # noqa: S608
)

logger = logging.getLogger(__name__)


class NotTaken(Exception):
    """The receiver did not say yes; the message is what went wrong."""


@dataclass(slots=True)
class _Turn:
    """One worker's time with one subscription."""

    subscription: Subscription
    at: datetime
    sent: int = 0
    most: int = field(default_factory=lambda: MOST_EVENTS)


@job()
def deliver(*, subscription_id: int) -> None:
    """Send one subscriber what is new to it, if it is time. Done twice, the second finds nothing."""
    subscription = _claim(subscription_id, at=timezone.now())
    if subscription is None:
        return
    turn = _Turn(subscription, timezone.now())
    try:
        is_done = _send_news(turn)
    except NotTaken as reason:
        _note_failure(turn, str(reason))
        return
    _note_done(turn, is_done=is_done)


@job()
def deliver_streams() -> None:
    """Have every subscriber served whose time it is, or who waits for what has just come in."""
    wake(at=timezone.now())


def wake(*, at: datetime) -> int:
    """Ask for a delivery to everybody who waits for one; returns how many."""
    last = feed.number()
    waiting = list(subscriptions_to_wake(at=at, last=last).values_list("pk", flat=True))
    for pk in waiting:
        deliver.after_commit(subscription_id=pk)
    return len(waiting)


def tell_streams() -> None:
    """Have streams told once the caller's transaction is committed."""
    # Asked with every commit of events; put together by Django it took a fifth of storing them.
    if fetched(_ANY_STREAM, []):
        deliver_streams.after_commit()


@transaction.atomic
def _claim(subscription_id: int, *, at: datetime) -> Subscription | None:
    """The subscription, for this worker alone; None when it is gone, busy or not due."""
    subscription = (
        Subscription.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("query__key")
        .filter(pk=subscription_id)
        .first()
    )
    if subscription is None or (subscription.busy_until and subscription.busy_until > at):
        return None
    if subscription.due_at and subscription.due_at > at:
        return None
    if not rules.keep_queries.allows(subscription.query.key):
        return None
    subscription.busy_until = at + LEASE
    subscription.save(update_fields=["busy_until"])
    return subscription


def _send_news(turn: _Turn) -> bool:
    """Send until nothing is left, or the turn is over; returns whether nothing is left.

    :raises NotTaken: a receiver did not say yes.
    """
    subscription, ends = turn.subscription, time.monotonic() + TURN
    while entries := _news(subscription):
        try:
            found: Found = matching(subscription.query, subscription.initial_record_time, entries)
        except ValueError as error:  # a query of another time, or too much to look at
            raise NotTaken(f"query: {error}") from None
        while found:
            message = cut(found, turn.most)
            if _send(turn, message):
                found = found[len(message) :]
        if not _move_on(subscription, entries[-1].spot, at=timezone.now()):
            return True
        if time.monotonic() > ends:
            return False
    if not turn.sent and subscription.report_if_empty:
        _send(turn, [])
    return True


def _news(subscription: Subscription) -> list[Entry]:
    """What was committed behind its place until now."""
    feed.number()
    return feed.following(Spot(subscription.position, subscription.taken), count=CHUNK)


def _send(turn: _Turn, message: Found) -> bool:
    """Send one message; False when it has to be cut smaller.

    :raises NotTaken: the receiver did not say yes, or the subscription is gone.
    """
    subscription = turn.subscription
    answer = _post(subscription, _body(subscription, [row for _spot, row in message]))
    if answer.status == _TOO_LARGE and len(message) > 1:
        turn.most = len(message) // 2
        return False
    if not 200 <= answer.status < 300:
        raise NotTaken(f"HTTP {answer.status} {answer.beginning}")
    turn.sent += len(message)
    now = timezone.now()
    subscription.notified_at = now
    spot = message[-1][0] if message else Spot(subscription.position, subscription.taken)
    if not _move_on(subscription, spot, at=now):
        raise NotTaken("the subscription has ended")
    return True


def _body(subscription: Subscription, rows: list[Row]) -> bytes:
    return message_of(
        rows,
        query_name=subscription.query.name,
        subscription_id=subscription.subscription_id,
        epc_format=subscription.epc_format,
    ).encode()


def _post(subscription: Subscription, body: bytes) -> outgoing.Answer:
    """:raises NotTaken: nobody answered, or the address is none to send to."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"chuan/{chuan.__version__}",
        "GS1-EPCIS-Version": "2.0.0",
        "GS1-CBV-Version": "2.0.0",
        "GS1-EPC-Format": subscription.epc_format,
    }
    if subscription.signature_token:
        headers["GS1-Signature"] = signature(subscription.signature_token, body)
    try:
        return outgoing.post(subscription.dest, body, headers, allowed=settings.CHUAN_WEBHOOKS_TO)
    except (outgoing.Unreachable, outgoing.Forbidden, outgoing.BadAddress) as error:
        raise NotTaken(str(error)) from None


def signature(token: str, body: bytes) -> str:
    """HMAC-SHA256 of the body, in hexadecimal digits."""
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


def _move_on(subscription: Subscription, spot: Spot, *, at: datetime) -> bool:
    """Note that everything up to a place was sent; False when the subscription is gone, or a worker
    that was thought dead has lost it to another."""
    lease, subscription.busy_until = subscription.busy_until, at + LEASE
    subscription.position, subscription.taken = spot.position, spot.taken
    return bool(
        Subscription.objects.filter(pk=subscription.pk, busy_until=lease).update(
            position=spot.position,
            taken=spot.taken,
            busy_until=subscription.busy_until,
            notified_at=subscription.notified_at,
        )
    )


@transaction.atomic
def _note_done(turn: _Turn, *, is_done: bool) -> None:
    subscription = turn.subscription
    due_at = timezone.now() if not is_done else None
    if is_done and not subscription.is_stream:
        schedule = read_schedule(subscription.schedule)
        due_at = schedule.next_after(timezone.localtime(turn.at))
    kept = Subscription.objects.filter(pk=subscription.pk, busy_until=subscription.busy_until)
    if not kept.update(
        asked_at=turn.at,
        due_at=due_at,
        busy_until=None,
        failure_count=0,
        failed_at=None,
        failure="",
    ):
        return
    if due_at is not None:
        deliver.not_before(due_at)(subscription_id=subscription.pk)


@transaction.atomic
def _note_failure(turn: _Turn, reason: str) -> None:
    """Try again later, each time twice as much later."""
    subscription, now = turn.subscription, timezone.now()
    # Once the receiver said yes in between, it counts anew.
    failures = (0 if turn.sent else subscription.failure_count) + 1
    due_at = now + min(FIRST_WAIT * 2 ** min(failures - 1, 20), LONGEST_WAIT)
    printable = "".join(letter if letter.isprintable() else " " for letter in reason)
    kept = Subscription.objects.filter(pk=subscription.pk, busy_until=subscription.busy_until)
    if not kept.update(
        asked_at=turn.at,
        due_at=due_at,
        busy_until=None,
        failure_count=failures,
        failed_at=now,
        failure=printable[:300] or "?",
    ):
        return
    logger.warning("Subscription %s was not taken: %s", subscription, printable[:300])
    deliver.not_before(due_at)(subscription_id=subscription.pk)
