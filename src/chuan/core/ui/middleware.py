"""What every request goes through: a name, a language, refusals in words, and GET that never writes."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from chuan.core.ui import views
from chuan.lib import logs
from chuan.lib.rules import Denied

View = TypeVar("View", bound=Callable[..., Any])
logger = logging.getLogger("chuan.request")
_REQUEST_NAME = re.compile(r"[A-Za-z0-9-]{8,64}")

GetResponse = Callable[[HttpRequest], HttpResponse]

_READS = ("SELECT", "WITH", "VALUES", "TABLE ", "EXPLAIN", "SHOW")
_CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "START TRANSACTION", "SET ",
            "RESET", "DECLARE", "FETCH", "CLOSE", "DISCARD")  # fmt: skip
_LITERALS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
# A query can write too: WITH … AS (DELETE …), SELECT … INTO, a function that queues a job.
_WRITES_INSIDE = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+(ONLY\s+)?\S+\s+(AS\s+\S+\s+)?SET|DELETE\s+FROM|MERGE\s+INTO"
    r"|SELECT\b[^;]*\bINTO\s+(?!STRICT)|procrastinate_\w*(defer|retry|cancel|finish|fetch)\w*\s*\()",
    re.IGNORECASE,
)
_TARGET = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?([A-Za-z0-9_]+)"?', re.IGNORECASE)


class WroteWhileReading(RuntimeError):
    """A page that people only look at tried to change something."""


def writes_on_get(view: View) -> View:
    """Let one view write on GET, for a protocol that leaves no choice. Say why where you use it."""
    view.writes_on_get = True  # type: ignore[attr-defined]
    return view


class NameRequests:
    """Give every request a name of its own, so that what people report can be found in the log.

    A proxy's name is taken where it looks like one. Each answer is a line of the log: which route, not
    which address, because some addresses carry keys and what people looked for.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if _REQUEST_NAME.fullmatch(given) else uuid4().hex
        token = logs.request_id.set(name)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = name
            logger.info(
                "answered",
                extra={
                    "facts": {
                        "method": request.method,
                        "route": request.resolver_match.route if request.resolver_match else "",
                        "status": response.status_code,
                        "milliseconds": round((time.perf_counter() - began) * 1000),
                    }
                },
            )
            return response
        finally:
            logs.request_id.reset(token)


class ChosenLanguage:
    """Vietnamese, unless the person chose another language here; what the browser prefers is no choice.

    Offices share machines whose browsers were installed in English.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if chosen not in dict(settings.LANGUAGES):
            chosen = settings.LANGUAGE_CODE
        with translation.override(chosen):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        return response


class ReadsDoNotWrite:
    """Make GET and HEAD pages read-only, in the database and not only in our heads.

    A prefetching browser, a crawler or a link in an e-mail may open any GET address, so none may
    change a record. Put it last in MIDDLEWARE: it watches the view and its template, and leaves
    session and sign-in bookkeeping of the others alone. Sessions and cache, which a view may touch
    directly, are no records and stay writable.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._bookkeeping = {Session._meta.db_table, *_cache_tables()}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)

        def guard(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            match = request.resolver_match
            exempt = match is not None and getattr(match.func, "writes_on_get", False)
            if not exempt and self._writes(str(sql)):
                raise WroteWhileReading(f"{request.path}: {str(sql)[:120]}")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(guard):
            return self.get_response(request)

    def _writes(self, sql: str) -> bool:
        statement = sql.lstrip(" \t\r\n(").upper()
        if statement.startswith(_CONTROL):
            return False
        if statement.startswith(_READS):
            return bool(_WRITES_INSIDE.search(_LITERALS.sub('""', sql)))
        target = _TARGET.match(sql.lstrip())
        return target is None or target.group(1) not in self._bookkeeping


class ExplainDenied:
    """A refusal nobody handled becomes the 403 page with its reason, not an error."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Denied):
            return views.forbidden(request, exception)
        return None


def _cache_tables() -> set[str]:
    caches = settings.CACHES.values()
    return {c["LOCATION"] for c in caches if c["BACKEND"].endswith("DatabaseCache")}
