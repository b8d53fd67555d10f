"""Subscriptions over WebSockets: `GET /queries/{name}/events` with an upgrade, which keeps a line open.

Spoken to by the server directly (RSGI), for Django's requests end with their answer. What is asked, and
what is wrong with it, is told as at any other address: by headers, and by the status of the handshake.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

from django.db import DatabaseError, connection
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone

from chuan.lib.rules import Denied
from chuan.modules.traceability.api.answers import Problem, wishes_of
from chuan.modules.traceability.api.door import holder
from chuan.modules.traceability.api.named import SCHEDULING
from chuan.modules.traceability.engine.query import BadParameter, BadQuestion
from chuan.modules.traceability.engine.schedule import FIELDS
from chuan.modules.traceability.models import NamedQuery
from chuan.modules.traceability.operations.listening import (
    TICK,
    Ended,
    Listener,
    hang_up,
    listen,
    news,
)
from chuan.modules.traceability.operations.metering import QuotaUsedUp, take
from chuan.modules.traceability.operations.subscriptions import (
    BadControls,
    Controls,
    TooManySubscriptions,
    controls_told,
)

# Threads that ask the database for all lines of a process.
THREADS: Final = 4
_CLOSED: Final = 0  # the kind of a message that ends a line
_YES_NO: Final[Mapping[str, bool]] = {"true": True, "false": False}
_POOL = ThreadPoolExecutor(THREADS, thread_name_prefix="lines")
_T = TypeVar("_T")

logger = logging.getLogger(__name__)


class Transport(Protocol):
    """An open line."""

    async def receive(self) -> Any: ...
    async def send_str(self, text: str) -> None: ...


class Handshake(Protocol):
    """Somebody who asks for a line."""

    async def accept(self) -> Transport: ...
    def close(self, status: int | None) -> Any: ...


class Asked(Protocol):
    """What a server knows of a handshake."""

    path: str
    query_string: str
    headers: Any


async def serve_line(asked: Asked, handshake: Handshake) -> None:
    """Open a line and tell what is new over it, until one of both ends it."""
    try:
        listener = await _aside(lambda: opened(request_of(asked)))
    except Problem as problem:
        handshake.close(problem.status)
        return
    except DatabaseError:
        logger.exception("A line could not be opened")
        handshake.close(500)
        return
    try:
        await _tell(listener, await handshake.accept())
    except Ended as reason:
        logger.info("A line ended: %s", reason)
    finally:
        hang_up(listener)
        # Closing twice is what a client that hung up first looks like.
        with suppress(RuntimeError):
            handshake.close(None)


async def _tell(listener: Listener, line: Transport) -> None:
    """:raises Ended: by this side."""
    ended = asyncio.ensure_future(_until_closed(line))
    try:
        while not ended.done():
            try:
                messages = await _aside(lambda: news(listener, at=timezone.now()))
            except DatabaseError:
                # It is restarted, or gone; nothing was told, so nothing is lost.
                logger.warning("A line waits for the database", exc_info=True)
                messages = []
            if not await _said(line, messages):
                return
            if not messages:
                await asyncio.wait({ended}, timeout=TICK)
    finally:
        ended.cancel()


async def _said(line: Transport, messages: Sequence[str]) -> bool:
    """False when the line broke."""
    try:
        for message in messages:
            await line.send_str(message)
    except (RuntimeError, OSError):
        return False
    return True


async def _until_closed(line: Transport) -> None:
    with suppress(RuntimeError, OSError):
        while (await line.receive()).kind != _CLOSED:
            pass


async def _aside(work: Callable[[], _T]) -> _T:
    """Do what waits for the database in a thread of its own; its connection goes back afterwards."""

    def with_connection() -> _T:
        try:
            return work()
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(_POOL, with_connection)


def request_of(asked: Asked) -> HttpRequest:
    """The handshake as views read requests."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = asked.path
    request.GET = QueryDict(asked.query_string)
    for name, value in asked.headers.items():
        request.META["HTTP_" + name.upper().replace("-", "_")] = value
    return request


def opened(request: HttpRequest) -> Listener:
    """The line that a handshake asks for.

    :raises Problem: as its address answers without an upgrade.
    """
    try:
        match = resolve(request.path)
    except Resolver404:
        raise Problem(404, "NoSuchResourceException", "no such address") from None
    if match.view_name != "epcis:events-of-query" or "\0" in request.path:
        raise Problem(404, "NoSuchResourceException", "events of a query are told over lines")
    key = holder(request)
    try:
        take(key, requests=1)
        return listen(key=key, name=match.kwargs["query_name"], controls=_controls(request))
    except QuotaUsedUp as used_up:
        raise Problem(429, "ImplementationException", str(used_up)) from None
    except NamedQuery.DoesNotExist:
        raise Problem(404, "NoSuchNameException", "no such query") from None
    except (Denied, TooManySubscriptions) as refused:
        raise Problem(403, "SecurityException", str(refused)) from None
    except BadControls as bad:
        raise Problem(400, "SubscriptionControlsException", str(bad)) from None
    except (BadQuestion, BadParameter) as bad:
        raise Problem(400, "QueryValidationException", str(bad)) from None


def _controls(request: HttpRequest) -> Controls:
    """How to be told, from the address.

    :raises BadControls: naming what cannot be followed.
    """
    given = {name: str(value) for name, value in request.GET.items()}
    unknown = sorted(set(given) - SCHEDULING)
    if unknown:
        raise BadControls(f"{unknown[0]}: nothing a line can be asked for")
    schedule = {name: given[name] for name in FIELDS if name in given}
    return controls_told(
        is_stream=_yes_no(given, "stream"),
        schedule=schedule,
        report_if_empty=_yes_no(given, "reportIfEmpty"),
        initial=given.get("initialRecordTime"),
        epc_format=wishes_of(request).epcs,
    )


def _yes_no(given: Mapping[str, str], name: str) -> bool:
    if given.get(name, "false") not in _YES_NO:
        raise BadControls(f"{name}: true or false expected")
    return _YES_NO[given.get(name, "false")]
