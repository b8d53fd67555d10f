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
CREATE INDEX traceability_event_state ON traceability_event (disposition);
CREATE INDEX traceability_event_read_point ON traceability_event (read_point);
CREATE INDEX traceability_event_transformation ON traceability_event (transformation)
    WHERE transformation IS NOT NULL;
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

-- Which items are of which lot.
CREATE TABLE traceability_lot_member (
    lot bigint NOT NULL,
    item bigint NOT NULL,
    event_id bigint NOT NULL,
    eid uuid NOT NULL
);
CREATE INDEX traceability_lot_member_lot ON traceability_lot_member (lot) INCLUDE (item, eid);
CREATE INDEX traceability_lot_member_item ON traceability_lot_member (item) INCLUDE (lot, eid);

-- Who sees which event, asked with every answer to a party.
CREATE TABLE traceability_sight (
    who bigint NOT NULL,
    event_time timestamptz NOT NULL,
    event_id bigint NOT NULL,
    record_time timestamptz NOT NULL,
    ident bigint
) PARTITION BY RANGE (event_time);
COMMENT ON COLUMN traceability_sight.who IS 'a name: of a party, or of a place';
COMMENT ON COLUMN traceability_sight.ident IS
    'null: named in the event or told it; else the thing that was handed over';
CREATE INDEX traceability_sight_key ON traceability_sight (who, event_time, event_id)
    INCLUDE (record_time);
CREATE INDEX traceability_sight_recorded ON traceability_sight (who, record_time, event_id)
    INCLUDE (event_time);
CREATE INDEX traceability_sight_ident ON traceability_sight (ident) WHERE ident IS NOT NULL;
CREATE TABLE traceability_sight_default PARTITION OF traceability_sight DEFAULT;

CREATE TABLE traceability_handover (
    ident bigint NOT NULL,
    event_time timestamptz NOT NULL,
    event_id bigint NOT NULL,
    record_time timestamptz NOT NULL,
    eid uuid NOT NULL,
    leaves boolean NOT NULL,
    is_addressed boolean NOT NULL,
    actors bigint[] NOT NULL,
    told bigint NOT NULL
);
COMMENT ON COLUMN traceability_handover.told IS
    'the first event of those that were told together: what was told before is not displaced';
CREATE INDEX traceability_handover_key ON traceability_handover (ident, event_time, event_id);

-- What came in, in the order it was committed, for those who are told of it. Neither numbers of events
-- nor their times say that order: both are taken before a transaction commits. Numbers of transactions
-- would, but not after a restore into another server. So a row has no position when it is written;
-- whoever reads gives positions, one reader at a time, to what is committed by then.
CREATE TABLE traceability_feed (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    position bigint,
    recorded_at timestamptz NOT NULL,
    event_ids bigint[] NOT NULL
);
CREATE UNIQUE INDEX traceability_feed_position ON traceability_feed (position);
CREATE INDEX traceability_feed_fresh ON traceability_feed (id) WHERE position IS NULL;
CREATE INDEX traceability_feed_recorded ON traceability_feed (recorded_at);
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
DECLARE mine uuid[]; numbers bigint[]; told uuid[];
BEGIN
    WITH numbered AS MATERIALIZED (
        SELECT t.e, t.c, nextval('traceability_event_id') AS n FROM (
            SELECT * FROM unnest(eids, contents) WITH ORDINALITY g(e, c, o) ORDER BY g.o) t
    ), claimed AS (
        -- Sorted, so that two documents with the same events wait for each other in one order.
        INSERT INTO traceability_event_key (eid, content, event_id, record_time)
        SELECT d.e, d.c, d.n, now() FROM numbered d ORDER BY d.e
        ON CONFLICT DO NOTHING
        RETURNING traceability_event_key.eid AS e, traceability_event_key.event_id AS n,
                  traceability_event_key.content AS c
    ) SELECT array_agg(claimed.e), array_agg(claimed.n), array_agg(claimed.c)
        INTO mine, numbers, told FROM claimed;
    IF cardinality(mine) = cardinality(eids)
       AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = ANY(eids)) THEN
        RETURN QUERY SELECT g.e, g.n, now(), g.c, true, false
                     FROM unnest(mine, numbers, told) g(e, n, c);
        RETURN;
    END IF;
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
              + traceability_make_month('traceability_event_ident', 'event_time', month)::int
              + traceability_make_month('traceability_sight', 'event_time', month)::int;
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
    traceability_event_key, traceability_ident, traceability_lot_member, traceability_sight,
    traceability_handover, traceability_feed;
DROP SEQUENCE traceability_ident_id, traceability_event_id;
"""


class Migration(migrations.Migration):
    replaces = [
        ("traceability", "0003_ids_in_the_order_told"),
        ("traceability", "0004_lists_of_words_and_places"),
        ("traceability", "0010_recalls_and_master_data"),
        ("traceability", "0011_lots_and_transformations"),
        ("traceability", "0030_registry"),
        ("traceability", "0040_holders_by_the_register"),
        ("traceability", "0041_whose_numbers_they_are"),
        ("traceability", "0050_recall_for_people"),
        ("traceability", "0051_lots_told_before"),
        ("traceability", "0052_reports_in_bulk"),
        ("traceability", "0060_named_queries"),
        ("traceability", "0061_recall_items_with_fewer_indexes"),
        ("traceability", "0062_whose_keys"),
        ("traceability", "0063_always_said_whose"),
        ("traceability", "0064_who_sees_what"),
        ("traceability", "0065_sight_of_what_was_told"),
        ("traceability", "0066_new_ids_without_looking_again"),
        ("traceability", "0070_feed"),
        ("traceability", "0071_subscriptions"),
        ("traceability", "0072_forgotten_tokens"),
        ("traceability", "0073_quotas_of_keys"),
        ("traceability", "0074_archived_months"),
        ("traceability", "0080_shipments_and_workbooks"),
        ("traceability", "0081_findings"),
        ("traceability", "0082_links_in_files"),
    ]
    dependencies = [("traceability", "0001_initial")]

    operations = [
        migrations.RunSQL(CREATE, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
