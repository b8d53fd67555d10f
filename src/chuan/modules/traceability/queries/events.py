"""Answers to queries: pages of events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.model import BUILT_IN, CONTEXT, Event
from chuan.modules.traceability.engine.query import Query
from chuan.modules.traceability.queries.master import within
from chuan.modules.traceability.store import reading
from chuan.modules.traceability.store.reading import Row, TooComplex
from chuan.modules.traceability.store.sight import Sight

__all__ = ["Page", "TooComplex", "TooLarge", "document_of", "page", "told"]


# Of the texts of events on one page.
MOST_LETTERS = 32 * 1024 * 1024


class TooLarge(ValueError):
    """More events than the query said it can take."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events, and the place of the last of them when there are more."""

    rows: list[Row]
    after: tuple[datetime, int] | None


def page(
    query: Query, *, sight: Sight | None, after: tuple[datetime, int] | None, size: int
) -> Page:
    """One page of what satisfies a query.

    :param sight: of who asks, from `queries.sight`; None sees everything.
    :raises TooLarge: there are more than `maxEventCount`.
    :raises TooComplex: it would look at more than `MOST_LOOKED_AT` events.
    """
    rows: list[Row] = []
    most = query.most
    for column, places in query.within.items():
        inside = within(places)
        named = query.columns.get(column)
        query.columns[column] = sorted(inside if named is None else inside & set(named))
    # Where every event read is one of the page, no more are read.
    chunk = min(max(size, most or 0) + 1, reading.CHUNK) if not query.conditions else reading.CHUNK
    weight = 0
    for row in _satisfying(query, sight, after, chunk):
        weight += len(row.body)
        if rows and weight > MOST_LETTERS:
            if most is not None:
                raise TooLarge(f"more than {MOST_LETTERS} letters of events")
            # Large events make short pages.
            return Page(rows, rows[-1].place(query))
        rows.append(row)
        if len(rows) > (max(size, most) if most is not None else size):
            break
    if most is not None and len(rows) > most:
        raise TooLarge(f"more than {most} events")
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, rows[-1].place(query) if more else None)


def _satisfying(
    query: Query, sight: Sight | None, after: tuple[datetime, int] | None, chunk: int
) -> Iterator[Row]:
    rows = reading.find(query, sight=sight, after=after, chunk=chunk)
    for looked_at, row in enumerate(rows):
        if looked_at >= reading.MOST_LOOKED_AT:
            raise TooComplex
        if query.conditions:
            event = json.loads(row.body)
            namespaces = {**BUILT_IN, **json.loads(row.namespaces or "{}")}
            if not all(holds(event, namespaces) for holds in query.conditions):
                continue
        yield row


def document_of(
    rows: list[Row], *, at: datetime, query_name: str, translate: Callable[[Event], Event]
) -> Document:
    """The answer as a document. Prefixes that mean one thing throughout stand at its top; an event
    that means another by one has its own."""
    namespaces: dict[str, str] = {}
    events = []
    for row in rows:
        own = json.loads(row.namespaces) if row.namespaces else {}
        event = translate(json.loads(row.body))
        event["recordTime"] = told(row.record_time)
        if any(namespaces.get(prefix, meaning) != meaning for prefix, meaning in own.items()):
            event["@context"] = [CONTEXT, own]
        else:
            namespaces.update(own)
        events.append(event)
    context: list[Any] = [CONTEXT, *({prefix: uri} for prefix, uri in namespaces.items())]
    envelope = {
        "@context": context,
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": told(at),
        "epcisBody": {"queryResults": {"queryName": query_name, "resultsBody": {}}},
    }
    return Document(events, namespaces, envelope)


def told(moment: datetime) -> str:
    """An instant as documents write it."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
