"""Finding events in the tables. Pages go by the last row seen, never by counting rows."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from chuan.modules.traceability.engine.facts import OTHER_KIND, eid_of
from chuan.modules.traceability.engine.patterns import Pattern
from chuan.modules.traceability.engine.query import Query
from chuan.modules.traceability.store.distribution import is_distributed
from chuan.modules.traceability.store.rows import MANY, fetched, fetched_as_planned, numbers
from chuan.modules.traceability.store.sight import Sight, Stretch, clause, seen

CHUNK = 500
# Of the events one party sees: among how many is looked first, and how many are asked for at most.
_FIRST, _WIDEST = 200, 10_000
MOST_LOOKED_AT = 100_000
_NUMBERED = "event_id = ANY(%s::bigint[])"
# Of lists for whoever sees very many events: values looked at in one question, and how long one page
# goes on looking.
_SLICE = 500
_PATIENCE = 2.0


class TooComplex(ValueError):
    """A question that would read too many events to find its own."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_LOOKED_AT} events to look at")


@dataclass(frozen=True, slots=True)
class Row:
    """One stored event: its place in the order, and its text."""

    event_id: int
    event_time: datetime
    record_time: datetime
    namespaces: str | None
    body: str

    def place(self, query: Query) -> tuple[datetime, int]:
        return (
            self.event_time if query.order_by == "event_time" else self.record_time,
            self.event_id,
        )


def find(
    query: Query,
    *,
    sight: Sight | None = None,
    after: tuple[datetime, int] | None = None,
    chunk: int = CHUNK,
) -> Iterator[Row]:
    """Events that satisfy all of a query that indexes know, in its order, from a place on.

    :param sight: of whom; None sees everything.
    :param chunk: how many are read at once.
    :raises TooComplex: somebody who does not see everything sees too many events among which to look.
    """
    if _names_things_alone(query) and not is_distributed():
        yield from _naming(query, sight, after, chunk)
        return
    where, values = _conditions(query)
    if where is None:
        return
    if sight is not None:
        if not query.matches and query.event_uris is None:
            yield from _seen(query, sight, where, values, after, chunk)
            return
        where.append(sight.of("traceability_event"))
    direction, sign = ("DESC", "<") if query.descending else ("ASC", ">")
    while True:
        here, here_values = list(where), list(values)
        if after is not None:
            here.append(f"({query.order_by}, event_id) {sign} (%s, %s)")
            here_values += after
        sql = (
            "SELECT event_id, event_time, record_time, namespaces, body FROM traceability_event"  # noqa: S608
            f" WHERE {' AND '.join(here) or 'true'}"
            f" ORDER BY {query.order_by} {direction}, event_id {direction} LIMIT {chunk}"
        )
        rows = [Row(*row) for row in fetched(sql, here_values)]
        yield from rows
        if len(rows) < chunk:
            return
        after = rows[-1].place(query)


def _names_things_alone(query: Query) -> bool:
    """Whether nothing else is asked of indexes: that question is kept planned."""
    return len(query.matches) == 1 and (
        replace(
            query,
            matches=[],
            conditions=[],
            order_by="event_time",
            descending=True,
            limit=None,
            most=None,
        )
        == Query()
    )


def _naming(
    query: Query, sight: Sight | None, after: tuple[datetime, int] | None, chunk: int
) -> Iterator[Row]:
    ((roles, patterns),) = query.matches
    exact = sorted({uri for pattern in patterns for uri in pattern.exact})
    named = numbers(one for pattern in patterns for one in _beginning(pattern))
    while True:
        rows = fetched_as_planned(
            "SELECT * FROM traceability_events_naming(%s::text[], %s::bigint[], %s::smallint[],"
            " %s::bigint[], %s, %s, %s::timestamptz, %s::bigint, %s)",
            [
                exact,
                named,
                numbers(roles),
                None if sight is None else numbers(sight.who),
                query.order_by == "record_time",
                query.descending,
                *(after or (None, None)),
                chunk,
            ],
            of_many=len(named) > MANY or len(exact) > MANY,
        )
        found = [Row(*row) for row in rows]
        yield from found
        if len(found) < chunk:
            return
        after = found[-1].place(query)


def _seen(
    query: Query,
    sight: Sight,
    where: list[str],
    values: list[Any],
    after: tuple[datetime, int] | None,
    chunk: int,
) -> Iterator[Row]:
    """The same for whoever sees a part: first the events seen, in order, then which of them fit."""
    looked_at, size = 0, chunk
    if len(where) > len(query.times):
        # Only some of what is seen fits: a page of the one is no page of the other.
        chunk = max(chunk, _FIRST)
    while True:
        stretches = seen(
            sight,
            order_by=query.order_by,
            descending=query.descending,
            after=after,
            bounds=[one for one in query.times if one[0] != "declared_at"],
            count=chunk,
            # Places of ten thousand events are small; their texts are read a few hundred at a time.
            piece=CHUNK,
        )
        for one in stretches:
            yield from _fitting(query, one, where, values, size)
        if sum(one.count for one in stretches) < chunk:
            return
        after = stretches[-1].last
        looked_at += chunk
        if looked_at >= MOST_LOOKED_AT:
            raise TooComplex
        chunk = min(chunk * 4, _WIDEST)


def _fitting(
    query: Query, stretch: Stretch, where: list[str], values: list[Any], size: int
) -> Iterator[Row]:
    """Those of a stretch that fit, a page at a time: hundreds may, and nobody may ask for them."""
    direction, sign = ("DESC", "<") if query.descending else ("ASC", ">")
    more: list[Any] = []
    while True:
        here = [*where, _NUMBERED, "record_time BETWEEN %s AND %s"]
        if more:
            here.append(f"({query.order_by}, event_id) {sign} (%s, %s)")
        found = fetched(
            "SELECT event_id, event_time, record_time, namespaces, body"  # noqa: S608
            f" FROM traceability_event WHERE {' AND '.join(here)}"
            f" ORDER BY {query.order_by} {direction}, event_id {direction} LIMIT %s",
            [*values, stretch.event_ids, stretch.recorded_from, stretch.recorded_to, *more, size],
        )
        rows = [Row(*row) for row in found]
        yield from rows
        if len(rows) < size:
            return
        more = list(rows[-1].place(query))


def with_id(uri: str, *, sight: Sight | None = None) -> list[Row]:
    """The event of this id, then what declared it wrong; what is not seen is not there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id, event_time, record_time, namespaces, body FROM traceability_event e"  # noqa: S608
            " WHERE (event_id IN (SELECT event_id FROM traceability_event_key WHERE eid = %s)"
            f" OR (eid = %s AND declared_at IS NOT NULL)){clause(sight, 'e')} ORDER BY event_id",
            [_uuid(uri), _uuid(uri)],
        )
        return [Row(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored event, its id, and the number of the key it came with."""

    row: Row
    uri: str
    captured_by: int | None


def kept(numbered: Collection[int], *, sight: Sight | None = None) -> list[Kept]:
    """Events by number, the newest first; what is not seen is not there."""
    rows = fetched(
        "SELECT event_id, event_time, record_time, namespaces, body, captured_by"  # noqa: S608
        f" FROM traceability_event e WHERE event_id = ANY(%s::bigint[]){clause(sight, 'e')}"
        " ORDER BY event_time DESC, event_id DESC",
        [numbers(numbered)],
    )
    return [Kept(Row(*row[:5]), json.loads(row[4])["eventID"], row[5]) for row in rows]


def numbers_of(uris: Collection[str], *, sight: Sight | None = None) -> dict[str, int]:
    """The numbers of the events of these ids, as far as they are seen."""
    by_key = {eid_of(uri).hex(): uri for uri in uris}
    rows = fetched(
        "SELECT e.eid, e.event_id FROM traceability_event e WHERE e.event_id = ANY(ARRAY("  # noqa: S608
        " SELECT event_id FROM traceability_event_key WHERE eid = ANY(%s::uuid[])))"
        f"{clause(sight, 'e')}",
        [list(by_key)],
    )
    return {by_key[eid.hex]: number for eid, number in rows}


def _uuid(uri: str) -> str:
    return eid_of(uri).hex()


def _conditions(query: Query) -> tuple[list[str] | None, list[Any]]:
    """What to ask of the table of events; None when nothing can satisfy it."""
    where: list[str] = []
    values: list[Any] = []

    def add(sql: str, *more: Any) -> None:
        where.append(sql)
        values.extend(more)

    if query.kinds is not None:
        kinds = "kind = ANY(%s)"
        if query.other_kinds:
            add(
                f"({kinds} OR (kind = %s AND body::jsonb ->> 'type' = ANY(%s)))",
                query.kinds,
                OTHER_KIND,
                query.other_kinds,
            )
        else:
            add(kinds, query.kinds)
    if query.event_ids is not None:
        add("event_id = ANY(%s)", query.event_ids)
    for column, compare, moment in query.times:
        add(f"{column} {'>=' if compare == 'GE' else '<'} %s", moment)
    if query.actions is not None:
        add("action = ANY(%s)", query.actions)
    if query.declared:
        add("declared_at IS NOT NULL")
    if query.event_uris is not None:
        eids = [_uuid(uri) for uri in query.event_uris]
        add(
            "(event_id = ANY(ARRAY(SELECT event_id FROM traceability_event_key"
            " WHERE eid = ANY(%s::uuid[]))) OR (eid = ANY(%s::uuid[]) AND declared_at IS NOT NULL))",
            eids,
            eids,
        )
    for column, uris in query.columns.items():
        ids = _ids(uris)
        if not ids:
            return None, []
        if len(ids) == 1:
            # So an index has them in the order of time.
            add(f"{column} = %s", *ids)
        else:
            add(f"{column} = ANY(%s)", ids)
    for roles, patterns in query.matches:
        found = [one for pattern in patterns for one in matched(pattern)]
        if not found:
            return None, []
        # Fenced into an array: joined, the planner may read all of the references.
        add(
            "event_id = ANY(ARRAY(SELECT event_id FROM traceability_event_ident"
            " WHERE ident = ANY(%s) AND role = ANY(%s)))",
            found,
            [int(role) for role in roles],
        )
    return where, values


def _ids(uris: list[str]) -> list[int]:
    return [
        row[0] for row in fetched("SELECT id FROM traceability_ident WHERE uri = ANY(%s)", [uris])
    ]


def matched(pattern: Pattern) -> list[int]:
    """Identifiers a pattern matches: equal to some, or between a beginning and what follows it."""
    found = _ids(list(pattern.exact)) if pattern.exact else []
    return found + _beginning(pattern)


def _beginning(pattern: Pattern) -> list[int]:
    found: list[int] = []
    for beginning in pattern.beginnings:
        rows = fetched(
            "SELECT id FROM traceability_ident WHERE uri >= %s AND uri < %s"
            " AND (%s = '' OR uri ~ %s)",
            [
                beginning,
                beginning[:-1] + chr(ord(beginning[-1]) + 1),
                pattern.shape,
                f"^({pattern.shape})$",
            ],
        )
        found += [row[0] for row in rows]
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """Some values in order, and from where the next page goes on; None: there are no more."""

    uris: list[str]
    after: str | None


def values_of(column: str, *, after: str, count: int, sight: Sight | None = None) -> Listed:
    """The words or places that events have in a column, in order, from one on.

    :raises TooComplex: see `_walked`.
    """
    if sight is not None and (seen_few := _told_in(f"e.{column}", "", sight, after, count)):
        return seen_few
    ((ids,),) = fetched("SELECT traceability_values(%s)", [column])
    told = (
        "SELECT id, uri FROM traceability_ident"  # noqa: S608 - numbers
        f" WHERE id = ANY('{numbers(ids)}'::bigint[]) AND uri > %s ORDER BY uri LIMIT %s"
    )
    if sight is None:
        return _listed(fetched(told, [after, count + 1]), count)
    seen_here = f"traceability_event e WHERE e.{column} = i.id AND {sight.of('e')}"
    return _walked(told, seen_here, after, count)


_IN_ORDER = "SELECT id, uri FROM traceability_ident i WHERE uri > %s ORDER BY uri LIMIT %s"


def things(*, after: str, count: int, sight: Sight | None = None) -> Listed:
    """Identifiers that took part in events, in order, from one on.

    :raises TooComplex: see `_walked`.
    """
    if sight is None:
        return _listed(_taking_part(after, count + 1), count)
    everybody = ", unnest(e.things || e.children || e.inputs || e.outputs || e.parent) AS thing"
    seen_here = f"traceability_event_ident r WHERE r.ident = i.id AND {sight.of('r')}"
    return _told_in("thing", everybody, sight, after, count) or _walked(
        _IN_ORDER, seen_here, after, count
    )


def _taking_part(after: str, count: int) -> list[tuple[int, str]]:
    """Words and places are identifiers too, but nothing takes part in events as one of them."""
    found: list[tuple[int, str]] = []
    while len(found) < count:
        names = fetched(_IN_ORDER, [after, count])
        rows = fetched(
            "SELECT DISTINCT ident FROM traceability_event_ident WHERE ident = ANY(%s)",
            [numbers(ident for ident, _uri in names)],
        )
        there = {ident for (ident,) in rows}
        found += [name for name in names if name[0] in there]
        if len(names) < count:
            break
        after = names[-1][1]
    return found[:count]


def _listed(rows: list[Any], count: int) -> Listed:
    uris = [uri for _id, uri in rows]
    return Listed(uris[:count], uris[count - 1] if len(uris) > count else None)


def _told_in(what: str, of: str, sight: Sight, after: str, count: int) -> Listed | None:
    """What stands in the events somebody sees; None where they see too many to look at each."""
    found = seen(
        sight,
        order_by="event_time",
        descending=True,
        after=None,
        bounds=(),
        count=MOST_LOOKED_AT + 1,
        piece=MOST_LOOKED_AT + 1,
    )
    if not found:
        return _listed([], count)
    (whole,) = found
    if whole.count > MOST_LOOKED_AT:
        return None
    rows = fetched(
        "SELECT id, uri FROM traceability_ident WHERE id = ANY(ARRAY("  # noqa: S608
        f"  SELECT DISTINCT {what} FROM traceability_event e{of}"
        "  WHERE e.event_id = ANY(%s::bigint[]) AND e.record_time BETWEEN %s AND %s))"
        " AND uri > %s ORDER BY uri LIMIT %s",
        [whole.event_ids, whole.recorded_from, whole.recorded_to, after, count + 1],
    )
    return _listed(rows, count)


def _walked(told: str, seen_here: str, after: str, count: int) -> Listed:
    """Values one after the other, those kept that stand in an event that is seen. A page that has
    looked long enough ends before it is full, and the next goes on behind the last value looked at.

    :param told: values and their numbers, from one on, so many.
    :param seen_here: rows in which the value `i.id` is seen.
    :raises TooComplex: several machines do not take that question.
    """
    if is_distributed():
        raise TooComplex
    ends = time.monotonic() + _PATIENCE
    found: list[str] = []
    while True:
        looked_at = fetched(told, [after, _SLICE])
        kept = fetched(
            "SELECT i.uri FROM unnest(%s::bigint[], %s::text[]) AS i(id, uri)"  # noqa: S608
            f' WHERE EXISTS (SELECT 1 FROM {seen_here}) ORDER BY i.uri COLLATE "C"',
            [[one for one, _uri in looked_at], [uri for _one, uri in looked_at]],
        )
        found += [uri for (uri,) in kept]
        if len(found) > count:
            return Listed(found[:count], found[count - 1])
        if len(looked_at) < _SLICE:
            return Listed(found, None)
        after = looked_at[-1][1]
        if time.monotonic() > ends:
            return Listed(found, after)
