"""The tables of events. They are partitioned by month and written by COPY, so they have no models:
`store/` is the only code that knows them."""

from django.db import migrations

CREATE = """
CREATE SEQUENCE traceability_ident_id CACHE 1000;
CREATE TABLE traceability_ident (
    id bigint PRIMARY KEY DEFAULT nextval('traceability_ident_id'),
    uri text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX traceability_ident_uri ON traceability_ident (uri) INCLUDE (id);

CREATE SEQUENCE traceability_event_id CACHE 100;
CREATE TABLE traceability_event_key (
    eid uuid PRIMARY KEY,
    event_id bigint NOT NULL DEFAULT nextval('traceability_event_id'),
    record_time timestamptz NOT NULL,
    content uuid NOT NULL
);

CREATE TABLE traceability_event (
    event_id bigint NOT NULL,
    record_time timestamptz NOT NULL,
    event_time timestamptz NOT NULL,
    eid uuid NOT NULL,
    event_uri text NOT NULL,
    kind smallint NOT NULL,
    action smallint,
    declared_at timestamptz,
    biz_step bigint,
    disposition bigint,
    read_point bigint,
    biz_location bigint,
    transformation bigint,
    parent bigint,
    things bigint[] NOT NULL,
    children bigint[] NOT NULL,
    inputs bigint[] NOT NULL,
    outputs bigint[] NOT NULL,
    captured_by bigint,
    namespaces text,
    body text NOT NULL
) PARTITION BY RANGE (record_time);
CREATE INDEX traceability_event_place ON traceability_event (event_id);
CREATE INDEX traceability_event_declared ON traceability_event (eid)
    WHERE declared_at IS NOT NULL;
CREATE INDEX traceability_event_recorded ON traceability_event (record_time, event_id);
CREATE INDEX traceability_event_happened ON traceability_event (event_time, event_id);
CREATE INDEX traceability_event_step ON traceability_event (biz_step, event_time);
CREATE INDEX traceability_event_location ON traceability_event (biz_location, event_time);
CREATE TABLE traceability_event_default PARTITION OF traceability_event DEFAULT;

CREATE TABLE traceability_event_ident (
    ident bigint NOT NULL,
    event_time timestamptz NOT NULL,
    event_id bigint NOT NULL,
    record_time timestamptz NOT NULL,
    role smallint NOT NULL,
    quantity double precision,
    uom text
) PARTITION BY RANGE (event_time);
CREATE INDEX traceability_event_ident_key ON traceability_event_ident (ident, event_time)
    INCLUDE (event_id, role, record_time);
CREATE TABLE traceability_event_ident_default PARTITION OF traceability_event_ident DEFAULT;

CREATE TABLE traceability_move (
    child bigint,
    parent bigint NOT NULL,
    happened timestamptz NOT NULL,
    opens boolean NOT NULL,
    event_id bigint NOT NULL,
    eid uuid NOT NULL
);
COMMENT ON COLUMN traceability_move.child IS 'null: everything that is inside';
CREATE INDEX traceability_move_key ON traceability_move (parent, child, happened);
CREATE INDEX traceability_move_event ON traceability_move (event_id);

CREATE TABLE traceability_containment (
    child bigint NOT NULL,
    parent bigint NOT NULL,
    t_from timestamptz NOT NULL,
    t_to timestamptz NOT NULL,
    open_event bigint NOT NULL,
    close_event bigint
);
CREATE INDEX traceability_containment_child ON traceability_containment (child, t_from)
    INCLUDE (parent, t_to);
CREATE INDEX traceability_containment_parent ON traceability_containment (parent, t_from)
    INCLUDE (child, t_to);

CREATE TABLE traceability_erratum (
    eid uuid NOT NULL,
    event_id bigint NOT NULL,
    PRIMARY KEY (eid, event_id)
);

CREATE TABLE traceability_ident_state (
    ident bigint PRIMARY KEY,
    last_event bigint NOT NULL,
    last_time timestamptz NOT NULL,
    location bigint,
    disposition bigint
) WITH (fillfactor = 70);
"""

FUNCTIONS = """
CREATE FUNCTION traceability_intern(uris text[]) RETURNS TABLE (id bigint, uri text)
LANGUAGE plpgsql AS $$
BEGIN
    -- Sorted, so that two documents with the same identifiers wait for each other in one order.
    INSERT INTO traceability_ident (uri)
    SELECT g.u FROM (SELECT DISTINCT u COLLATE "C" AS u FROM unnest(uris) u) g
    WHERE NOT EXISTS (SELECT 1 FROM traceability_ident i WHERE i.uri = g.u)
    ORDER BY g.u
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT i.id, i.uri FROM traceability_ident i WHERE i.uri = ANY(uris);
END $$;

CREATE FUNCTION traceability_claim(eids uuid[], contents uuid[])
RETURNS TABLE (eid uuid, event_id bigint, record_time timestamptz, content uuid,
               fresh boolean, taken_back boolean)
LANGUAGE plpgsql AS $$
DECLARE mine uuid[];
BEGIN
    WITH claimed AS (
        INSERT INTO traceability_event_key (eid, content, record_time)
        SELECT g.e, g.c, now() FROM unnest(eids, contents) g(e, c) ORDER BY g.e
        ON CONFLICT DO NOTHING RETURNING traceability_event_key.eid AS e
    ) SELECT array_agg(claimed.e) INTO mine FROM claimed;
    RETURN QUERY SELECT k.eid, k.event_id, k.record_time, k.content,
                        k.eid = ANY(coalesce(mine, '{}')),
                        EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = k.eid)
                 FROM traceability_event_key k WHERE k.eid = ANY(eids);
END $$;

CREATE FUNCTION traceability_settle(
    declared uuid[], declarations bigint[], parents bigint[], emptied bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE many_children bigint[]; many_parents bigint[];
BEGIN
    INSERT INTO traceability_erratum (eid, event_id)
    SELECT * FROM unnest(declared, declarations) ON CONFLICT DO NOTHING;
    -- Two documents may move the same things; the second must see what the first did.
    PERFORM pg_advisory_xact_lock(7301, bucket) FROM (
        SELECT DISTINCT (p % 1024)::int AS bucket FROM unnest(parents) p ORDER BY 1) b;
    -- Fenced into arrays: joined directly, the planner may read a whole table.
    SELECT array_agg(t.child), array_agg(t.parent) INTO many_children, many_parents FROM (
        SELECT DISTINCT m.child, m.parent FROM traceability_move m
        WHERE m.child IS NOT NULL AND m.parent = ANY(ARRAY(
            SELECT e.parent FROM traceability_move e JOIN traceability_event_key k
                ON k.event_id = e.event_id WHERE k.eid = ANY(declared)
            UNION SELECT unnest(emptied)))
    ) t;
    PERFORM traceability_derive(many_children, many_parents);
END $$;

CREATE FUNCTION traceability_derive(children bigint[], parents bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM traceability_containment c USING unnest(children, parents) p(child, parent)
    WHERE c.child = p.child AND c.parent = p.parent;
    INSERT INTO traceability_containment (child, parent, t_from, t_to, open_event, close_event)
    SELECT o.child, o.parent, min(o.happened), o.t_to,
           (array_agg(o.event_id ORDER BY o.happened, o.event_id))[1], o.close_event
    FROM (
        SELECT m.child, m.parent, m.happened, m.event_id,
               coalesce(closing.happened, 'infinity') AS t_to, closing.event_id AS close_event
        FROM (SELECT DISTINCT child, parent FROM unnest(children, parents) u(child, parent)) p
        JOIN traceability_move m ON m.parent = p.parent AND m.child = p.child AND m.opens
        LEFT JOIN LATERAL (
            SELECT * FROM (
                (SELECT d.happened, d.event_id FROM traceability_move d
                 WHERE d.parent = m.parent AND d.child = m.child
                   AND NOT d.opens AND d.happened > m.happened
                   AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = d.eid)
                 ORDER BY d.happened, d.event_id LIMIT 1)
                UNION ALL
                (SELECT d.happened, d.event_id FROM traceability_move d
                 WHERE d.parent = m.parent AND d.child IS NULL
                   AND NOT d.opens AND d.happened > m.happened
                   AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = d.eid)
                 ORDER BY d.happened, d.event_id LIMIT 1)
            ) ends ORDER BY happened, event_id LIMIT 1) closing ON true
        WHERE NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = m.eid)
    ) o GROUP BY o.child, o.parent, o.t_to, o.close_event;
END $$;

CREATE FUNCTION traceability_note_state(
    idents bigint[], events bigint[], times timestamptz[], locations bigint[], dispositions bigint[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO traceability_ident_state AS s (ident, last_event, last_time, location, disposition)
    SELECT * FROM unnest(idents, events, times, locations, dispositions) g(i, e, t, l, d)
    ORDER BY g.i
    ON CONFLICT (ident) DO UPDATE SET
        last_event = excluded.last_event, last_time = excluded.last_time,
        location = coalesce(excluded.location, s.location),
        disposition = coalesce(excluded.disposition, s.disposition)
    WHERE (excluded.last_time, excluded.last_event) > (s.last_time, s.last_event)
$$;

CREATE FUNCTION traceability_restate(idents bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM traceability_ident_state WHERE ident = ANY(idents);
    INSERT INTO traceability_ident_state (ident, last_event, last_time, location, disposition)
    SELECT h.ident, (array_agg(h.event_id ORDER BY h.event_time DESC, h.event_id DESC))[1],
           max(h.event_time),
           (array_agg(h.location ORDER BY h.event_time DESC, h.event_id DESC)
                FILTER (WHERE h.location IS NOT NULL))[1],
           (array_agg(h.disposition ORDER BY h.event_time DESC, h.event_id DESC)
                FILTER (WHERE h.disposition IS NOT NULL))[1]
    FROM (
        SELECT r.ident, r.event_id, r.event_time, e.disposition,
               coalesce(e.biz_location, e.read_point) AS location
        FROM traceability_event_ident r
        JOIN traceability_event e ON e.event_id = r.event_id AND e.record_time = r.record_time
        WHERE r.ident = ANY(idents)
          AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = e.eid)
    ) h GROUP BY h.ident;
END $$;

CREATE FUNCTION traceability_make_month(parent text, by_column text, first date)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE part text := parent || to_char(first, '_YYYYMM');
        after date := (first + interval '1 month')::date;
BEGIN
    IF to_regclass(part) IS NOT NULL THEN RETURN false; END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
    -- What came too early lies in the default partition, and would forbid the new one.
    EXECUTE format('WITH early AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *)
                    INSERT INTO %I SELECT * FROM early',
                   parent || '_default', by_column, first, by_column, after, part);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   parent, part, first, after);
    RETURN true;
END $$;

CREATE FUNCTION traceability_make_months(first date, last date)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE made integer := 0; month date := date_trunc('month', first)::date;
BEGIN
    WHILE month <= last LOOP
        made := made + traceability_make_month('traceability_event', 'record_time', month)::int
              + traceability_make_month('traceability_event_ident', 'event_time', month)::int;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$;
SELECT traceability_make_months((now() - interval '2 months')::date, (now() + interval '3 months')::date);
"""

DROP = """
DROP FUNCTION traceability_make_months, traceability_make_month, traceability_restate,
    traceability_note_state, traceability_derive, traceability_settle, traceability_claim,
    traceability_intern;
DROP TABLE traceability_event_ident, traceability_event, traceability_move,
    traceability_containment, traceability_erratum, traceability_ident_state,
    traceability_event_key, traceability_ident;
DROP SEQUENCE traceability_ident_id, traceability_event_id;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0001_initial")]

    operations = [
        migrations.RunSQL(CREATE, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
