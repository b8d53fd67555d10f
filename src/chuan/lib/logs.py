"""Log lines that machines read: one JSON object each, tied to a request, without personal data.

What people are called, their addresses, what they typed and the secrets in some addresses stay out: a
line names rows by their number and pages by their route. Of an error it tells the kind and the place,
not the words, which quote what was stored.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
_QUERY = re.compile(r"\?[^\s\"']+")
# Keys in addresses: of calendars, of links to choose a password.
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,}")
# Django's own lines end in the address that was asked for.
_WITH_A_PATH = ("django.request", "django.security", "django.server")


class WithRequest(logging.Filter):
    """Puts the request's id on every line, for any format."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get() or "-"
        return True


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrubbed(_said(record)),
        }
        if found := request_id.get():
            line["request_id"] = found
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = _kind(record.exc_info[0])
            line["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False)


def scrubbed(text: str) -> str:
    """A text without mail addresses, query strings and long keys."""
    for pattern, instead in ((_ADDRESS, "…@…"), (_QUERY, "?…"), (_SECRET, "…")):
        text = pattern.sub(instead, text)
    return text


def _said(record: logging.LogRecord) -> str:
    if record.name.startswith(_WITH_A_PATH):
        return record.getMessage().partition(":")[0].partition("/")[0].rstrip()
    # An error given as an argument quotes what was stored.
    if isinstance(record.args, tuple):
        args = tuple(_kind(type(one)) if isinstance(one, Exception) else one for one in record.args)
        return str(record.msg) % args if args else str(record.msg)
    return record.getMessage()


def _kind(error: type[BaseException]) -> str:
    return f"{error.__module__}.{error.__qualname__}".removeprefix("builtins.")
