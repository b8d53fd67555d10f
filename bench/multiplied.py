"""Chains once more under other numbers, by statements about all of them at once: ten times faster than capture.

A copy has the rows that capture would have written, had the same been told of goods, cases and lots of other
numbers so much later (tests/ground/test_copies_of_the_bench.py compares them one by one). What capture takes from the hash
of an event, its id, is made of the id of the original instead. Everything is recorded when the original
was; of captures there are no jobs.
"""

from __future__ import annotations

from typing import Any

from bench import chains

# Chains that share product, farm and plant come so often; so a copy is named as a chain of its number.
ROUND = 3_600

_NUMBERS = r"""
CREATE OR REPLACE FUNCTION pg_temp.chain_of(uri text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        substring(uri FROM '/01/[0-9]{14}/21/([0-9]{7})[0-9]{3}$'),
        substring(uri FROM '/01/[0-9]{14}/10/[LR]([0-9]+)[AB]?$'),
        substring(uri FROM '/00/1{prefix}([0-9]{8})[0-9]{2}$'),
        substring(uri FROM '/00/2{prefix}([0-9]{9})[0-9]$'))::integer
$$;
CREATE OR REPLACE FUNCTION pg_temp.with_check_digit(digits text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT digits || (10 - sum(substr(digits, at, 1)::integer * CASE at % 2 WHEN 1 THEN 3 ELSE 1 END)
                           % 10) % 10
    FROM generate_series(1, length(digits)) at
$$;
CREATE OR REPLACE FUNCTION pg_temp.renamed(uri text, n integer, other integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE substring(uri FROM '/(21|10|00)/')
        WHEN '21' THEN replace(uri, '/21/' || lpad(n::text, 7, '0'),
                               '/21/' || lpad(other::text, 7, '0'))
        WHEN '10' THEN regexp_replace(uri, '([LR])' || n || '([AB]?)$', '\1' || other || '\2')
        ELSE substring(uri FROM '^.*/00/') || pg_temp.with_check_digit(
            substring(uri FROM '/00/([12]{prefix})') || CASE substring(uri FROM '/00/(.)')
            WHEN '1' THEN lpad(other::text, 8, '0') || substring(uri FROM '([0-9])[0-9]$')
            ELSE lpad(other::text, 9, '0') END)
    END
$$;
-- The same in the words of documents.
CREATE OR REPLACE FUNCTION pg_temp.retold(body text, n integer, other integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT replace(replace(replace(replace(replace(replace(replace(body,
        '.' || lpad(n::text, 7, '0'), '.' || lpad(other::text, 7, '0')),
        '.1' || lpad(n::text, 8, '0'), '.1' || lpad(other::text, 8, '0')),
        '.2' || lpad(n::text, 9, '0'), '.2' || lpad(other::text, 9, '0')),
        'L' || n || '"', 'L' || other || '"'),
        'R' || n || 'A"', 'R' || other || 'A"'), 'R' || n || 'B"', 'R' || other || 'B"'),
        '000015:' || n || '"', '000015:' || other || '"')
$$;
CREATE OR REPLACE FUNCTION pg_temp.short(uri text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(substring(sha256(convert_to(uri, 'UTF8')) FOR 16), 'hex')::uuid
$$;
CREATE OR REPLACE FUNCTION pg_temp.moved(idents bigint[], by bigint) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN idents = '{}' THEN idents ELSE ARRAY(
        SELECT i + by FROM unnest(idents) WITH ORDINALITY u(i, o) ORDER BY o) END
$$;
""".replace("{prefix}", chains.PREFIX)

# The things of these chains, and the events that name any of them, with the number of the chain.
_CHOSEN = """
CREATE TEMP TABLE things AS
SELECT * FROM (SELECT id, uri, pg_temp.chain_of(uri) AS n FROM traceability_ident
               WHERE uri LIKE 'https://id.gs1.org/0%%' OFFSET 0) i WHERE n < %(chains)s;
CREATE UNIQUE INDEX ON things (id);
ANALYZE things;
CREATE TEMP TABLE chosen AS
SELECT r.event_id, min(t.n) AS n
FROM traceability_event_ident r JOIN things t ON t.id = r.ident GROUP BY r.event_id;
CREATE UNIQUE INDEX ON chosen (event_id);
ANALYZE chosen;
"""

# How many numbers the identifiers and the events there are take.
SPANS = """
SELECT (SELECT max(id) FROM traceability_ident),
       (SELECT max(event_id) FROM traceability_event_key)
"""

# Numbers that are given from now on lie behind those of the copies.
GO_ON_BEHIND = """
SELECT setval('traceability_ident_id', (SELECT max(id) + 1 FROM traceability_ident)),
       setval('traceability_event_id', (SELECT max(event_id) + 1 FROM traceability_event_key))
"""

_COPY = """
CREATE TEMP TABLE copied AS
SELECT c.event_id, c.n, g.uri, pg_temp.short(g.uri) AS eid FROM (
    SELECT c.event_id, c.n, 'ni:///sha-256;'
        || encode(sha256(convert_to(e.eid || ' ' || %(other)s, 'UTF8')), 'hex') || '?ver=CBV2.0' AS uri
    FROM chosen c JOIN traceability_event e ON e.event_id = c.event_id) g
    JOIN chosen c ON c.event_id = g.event_id;
CREATE UNIQUE INDEX ON copied (event_id);
ANALYZE copied;
INSERT INTO traceability_ident (id, uri)
SELECT id + %(idents)s, pg_temp.renamed(uri, n, n + %(other)s) FROM things ORDER BY id;
INSERT INTO traceability_event_key (eid, event_id, record_time, content)
SELECT c.eid, k.event_id + %(events)s, k.record_time, c.eid
FROM traceability_event_key k JOIN copied c ON c.event_id = k.event_id;
INSERT INTO traceability_event (event_id, record_time, event_time, eid, kind, action, declared_at,
    biz_step, disposition, read_point, biz_location, transformation, parent, things, children, inputs,
    outputs, captured_by, namespaces, body)
SELECT e.event_id + %(events)s, e.record_time, e.event_time + %(later)s, c.eid, e.kind, e.action,
    e.declared_at, e.biz_step, e.disposition, e.read_point, e.biz_location, e.transformation,
    e.parent + %(idents)s, pg_temp.moved(e.things, %(idents)s), pg_temp.moved(e.children, %(idents)s),
    pg_temp.moved(e.inputs, %(idents)s), pg_temp.moved(e.outputs, %(idents)s), e.captured_by,
    e.namespaces,
    -- Its id is at its end.
    replace(pg_temp.retold(substring(e.body FOR position('"eventID":"' IN e.body) + 10),
                           c.n, c.n + %(other)s),
        to_char(e.event_time, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        to_char(e.event_time + %(later)s, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) || c.uri || '"}'
FROM traceability_event e JOIN copied c ON c.event_id = e.event_id;
INSERT INTO traceability_event_ident
    (ident, event_time, event_id, record_time, role, quantity, uom)
SELECT r.ident + %(idents)s, r.event_time + %(later)s, r.event_id + %(events)s, r.record_time, r.role,
    r.quantity, r.uom
FROM traceability_event_ident r JOIN chosen c ON c.event_id = r.event_id;
INSERT INTO traceability_lot_member (lot, item, event_id, eid)
SELECT m.lot + %(idents)s, m.item + %(idents)s, m.event_id + %(events)s, c.eid
FROM traceability_lot_member m JOIN copied c ON c.event_id = m.event_id;
INSERT INTO traceability_move (child, parent, happened, opens, event_id, eid)
SELECT m.child + %(idents)s, m.parent + %(idents)s, m.happened + %(later)s, m.opens,
    m.event_id + %(events)s, c.eid
FROM traceability_move m JOIN copied c ON c.event_id = m.event_id;
INSERT INTO traceability_containment (child, parent, t_from, t_to, open_event, close_event)
SELECT t.child + %(idents)s, t.parent + %(idents)s, t.t_from + %(later)s, t.t_to + %(later)s,
    t.open_event + %(events)s, t.close_event + %(events)s
FROM traceability_containment t JOIN chosen c ON c.event_id = t.open_event;
INSERT INTO traceability_ident_state
    (ident, last_event, last_time, location, location_time, disposition, disposition_time)
SELECT s.ident + %(idents)s, s.last_event + %(events)s, s.last_time + %(later)s, s.location,
    s.location_time + %(later)s, s.disposition, s.disposition_time + %(later)s
FROM traceability_ident_state s JOIN things t ON t.id = s.ident;
INSERT INTO traceability_sight (who, event_time, event_id, record_time, ident)
SELECT s.who, s.event_time + %(later)s, s.event_id + %(events)s, s.record_time, s.ident + %(idents)s
FROM traceability_sight s JOIN chosen c ON c.event_id = s.event_id;
INSERT INTO traceability_handover
    (ident, event_time, event_id, record_time, eid, leaves, is_addressed, actors, told)
SELECT h.ident + %(idents)s, h.event_time + %(later)s, h.event_id + %(events)s, h.record_time, c.eid,
    h.leaves, h.is_addressed, h.actors, h.told + %(events)s
FROM traceability_handover h JOIN copied c ON c.event_id = h.event_id;
INSERT INTO traceability_feed (recorded_at, event_ids)
SELECT f.recorded_at, array_agg(c.event_id + %(events)s ORDER BY u.o)
FROM traceability_feed f CROSS JOIN unnest(f.event_ids) WITH ORDINALITY u(event_id, o)
    JOIN chosen c ON c.event_id = u.event_id GROUP BY f.id, f.recorded_at ORDER BY f.id;
DROP TABLE copied;
"""


def stride(count: int) -> int:
    """From a chain to its next copy, in numbers, where there are so many chains."""
    return -(-count // ROUND) * ROUND


def choose(cursor: Any, count: int) -> None:
    """Note for this connection what belongs to the first so many chains."""
    cursor.execute(_NUMBERS)
    cursor.execute(_CHOSEN, {"chains": count})


def copy(cursor: Any, count: int, number: int, *, idents: int, events: int) -> None:
    """Copy all that was chosen, in the caller's transaction; months must be there.

    :param number: of the copy, from 1 on.
    :param idents: how far the numbers of its identifiers lie from those of the originals,
    :param events: and those of its events.
    """
    other = number * stride(count)
    later = other * chains.BETWEEN
    values = {"other": other, "later": later, "idents": idents * number, "events": events * number}
    cursor.execute(_COPY, values)
