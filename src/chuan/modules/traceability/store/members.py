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
                told = members_of(event, document.namespaces_of(event))
                rows |= {(lot, item, event_id, eid) for lot, item in told}
        if rows:
            lots, items, numbers, eids = zip(*sorted(rows, key=lambda row: row[:3]), strict=True)
            cursor.execute(
                "SELECT count(*) FROM traceability_intern(%s::text[])",
                [sorted({*lots, *items})],
            )
            cursor.execute(
                "INSERT INTO traceability_lot_member (lot, item, event_id, eid)"
                " SELECT lot.id, item.id, told.event_id, told.eid"
                " FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::uuid[])"
                " AS told (lot, item, event_id, eid)"
                " JOIN traceability_ident lot ON lot.uri = told.lot"
                " JOIN traceability_ident item ON item.uri = told.item"
                " WHERE NOT EXISTS (SELECT 1 FROM traceability_lot_member m"
                " WHERE m.lot = lot.id AND m.item = item.id AND m.eid = told.eid)",
                [list(lots), list(items), list(numbers), list(eids)],
            )
    return int(events[-1][0]) if len(events) == most else None
