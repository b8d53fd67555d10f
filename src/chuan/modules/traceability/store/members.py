"""Which items are of which lot, read anew out of events that were stored before that was kept."""

from __future__ import annotations

import json
from uuid import UUID

from django.db import connection

from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.facts import members_of

PIECE = 2_000


def fill_members(*, after: int = 0, most: int = PIECE) -> int | None:
    """Note the lots of one piece of events; what is noted already is left as it is.

    :param after: the number of an event: those behind it are read.
    :returns: where the next piece begins; None when there is none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id, eid, namespaces, body, declared_at IS NULL FROM traceability_event"
            " WHERE event_id > %s ORDER BY event_id LIMIT %s",
            [after, most],
        )
        events = cursor.fetchall()
        rows: set[tuple[str, str, int, UUID]] = set()
        for event_id, eid, namespaces, body, stands in events:
            if stands:
                event = json.loads(body)
                document = Document([event], namespaces=json.loads(namespaces or "{}"))
                rows |= {
                    (lot, item, event_id, eid)
                    for lot, item in members_of(event, document.namespaces_of(event))
                }
        if rows:
            cursor.execute(
                "SELECT uri, id FROM traceability_intern(%s::text[])",
                [sorted({uri for row in rows for uri in row[:2]})],
            )
            ids = dict(cursor.fetchall())
            told = {(ids[lot], ids[item], event_id, eid) for lot, item, event_id, eid in rows}
            cursor.execute(
                "SELECT lot, item, event_id, eid FROM traceability_lot_member WHERE lot = ANY(%s)",
                [sorted({row[0] for row in told})],
            )
            fresh = sorted(told - set(cursor.fetchall()), key=lambda row: row[:3])
            cursor.execute(
                "INSERT INTO traceability_lot_member (lot, item, event_id, eid)"
                " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::uuid[])",
                [[row[at] for row in fresh] for at in range(4)],
            )
    return int(events[-1][0]) if len(events) == most else None
