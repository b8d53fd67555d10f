"""What events were about that are declared wrong."""

from __future__ import annotations

from collections.abc import Collection

from chuan.modules.traceability.store import archive
from chuan.modules.traceability.store.rows import OF_EIDS, fetched


def things_of(eids: Collection[str]) -> set[int]:
    """The things of events that are declared wrong, whatever things the declarations name.

    :param eids: in hexadecimal digits; none is as good as unknown ones.
    """
    if not eids:
        return set()
    rows = fetched(
        f"{OF_EIDS} SELECT DISTINCT"  # noqa: S608
        " unnest(e.things || e.children || e.inputs || e.outputs || e.parent) FROM k"
        " JOIN traceability_event e ON e.event_id = k.event_id AND e.record_time = k.record_time",
        [list(eids)],
    )
    things = {row[0] for row in rows if row[0] is not None}
    months = archive.months_away()
    if not months:
        return things
    told = fetched(
        "SELECT event_id, record_time FROM traceability_event_key WHERE eid = ANY(%s::uuid[])",
        [list(eids)],
    )
    away = [event_id for event_id, moment in told if archive.month_in(moment) in months]
    if away:
        # Handovers and states stay. Only authorities come here, too seldom for an index.
        for table, column in (
            ("traceability_handover", "event_id"),
            ("traceability_ident_state", "last_event"),
        ):
            rows = fetched(
                f"SELECT DISTINCT ident FROM {table} WHERE {column} = ANY(%s::bigint[])",  # noqa: S608
                [away],
            )
            things.update(ident for (ident,) in rows)
    return things
