"""Messages to whoever subscribed: so many events, told as documents of answers are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from chuan.modules.traceability.engine.reading_json import write_json
from chuan.modules.traceability.engine.translation import in_form
from chuan.modules.traceability.queries.events import document_of
from chuan.modules.traceability.store.feed import Spot
from chuan.modules.traceability.store.reading import Row

# Events in one message, and bytes of their text.
MOST_EVENTS = 100
MOST_BYTES = 1_000_000

Found = Sequence[tuple[Spot, Row]]


def cut(found: Found, most: int = MOST_EVENTS) -> Found:
    """The beginning that makes one message: one event at least."""
    size = 0
    for count, (_spot, row) in enumerate(found[:most]):
        size += len(row.body)
        if count and size > MOST_BYTES:
            return found[:count]
    return found[:most]


def message(rows: list[Row], *, query_name: str, subscription_id: UUID, epc_format: str) -> str:
    """These events, in JSON."""
    document = document_of(
        rows,
        at=timezone.now(),
        query_name=query_name,
        translate=lambda event: in_form(event, epc_format),
    )
    told: Any = write_json(document)
    told["epcisBody"]["queryResults"]["subscriptionID"] = str(subscription_id)
    return json.dumps(told, ensure_ascii=False)
