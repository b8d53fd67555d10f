"""The functions of the store in forms that a distributed database takes as well, and contents apart
from containment: a view here, a table of its own where packing lies on several machines."""

from django.db import migrations

CREATE = """
CREATE VIEW traceability_content AS SELECT * FROM traceability_containment;
COMMENT ON VIEW traceability_content IS
    'containment, asked by parent; on several machines the same rows once more, by parent';

-- An insert that minds conflicts costs a distributed database fifty times one that does not: they
-- are minded once there is one, which another machine reports as an internal error.
CREATE OR REPLACE FUNCTION traceability_claim(eids uuid[], contents uuid[])
RETURNS TABLE (eid uuid, event_id bigint, record_time timestamptz, content uuid,
               fresh boolean, taken_back boolean)
LANGUAGE plpgsql AS $$
DECLARE numbers bigint[]; mine uuid[];
BEGIN
    SELECT array_agg(nextval('traceability_event_id') ORDER BY n) INTO numbers
    FROM generate_series(1, cardinality(eids)) n;
    BEGIN
        -- Sorted, so that two documents with the same events wait for each other in one order.
        INSERT INTO traceability_event_key (eid, content, event_id, record_time)
        SELECT g.e, g.c, g.n, now() FROM unnest(eids, contents, numbers) g(e, c, n) ORDER BY g.e;
        mine := eids;
    EXCEPTION WHEN unique_violation OR internal_error THEN
        WITH claimed AS (
            INSERT INTO traceability_event_key (eid, content, event_id, record_time)
            SELECT g.e, g.c, g.n, now() FROM unnest(eids, contents, numbers) g(e, c, n)
            ORDER BY g.e ON CONFLICT DO NOTHING RETURNING traceability_event_key.eid AS e
        ) SELECT coalesce(array_agg(claimed.e), '{}') INTO mine FROM claimed;
    END;
    IF cardinality(mine) = cardinality(eids)
       AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = ANY(eids)) THEN
        RETURN QUERY SELECT g.e, g.n, now(), g.c, true, false
                     FROM unnest(eids, numbers, contents) g(e, n, c);
        RETURN;
    END IF;
    RETURN QUERY SELECT k.eid, k.event_id, k.record_time, k.content, k.eid = ANY(mine),
                        EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = k.eid)
                 FROM traceability_event_key k WHERE k.eid = ANY(eids);
END $$;

CREATE OR REPLACE FUNCTION traceability_intern(uris text[]) RETURNS TABLE (id bigint, uri text)
LANGUAGE plpgsql AS $$
DECLARE ids bigint[]; known text[]; missing text[];
BEGIN
    SELECT coalesce(array_agg(i.id), '{}'), coalesce(array_agg(i.uri), '{}') INTO ids, known
    FROM traceability_ident i WHERE i.uri = ANY(uris);
    RETURN QUERY SELECT * FROM unnest(ids, known);
    -- Sorted, so that two documents with the same identifiers wait for each other in one order.
    SELECT array_agg(DISTINCT u COLLATE "C" ORDER BY u COLLATE "C") INTO missing
    FROM unnest(uris) u WHERE u <> ALL(known);
    IF missing IS NULL THEN RETURN; END IF;
    SELECT array_agg(nextval('traceability_ident_id')) INTO ids
    FROM generate_series(1, cardinality(missing));
    BEGIN
        INSERT INTO traceability_ident (id, uri) SELECT * FROM unnest(ids, missing);
        RETURN QUERY SELECT * FROM unnest(ids, missing);
    EXCEPTION WHEN unique_violation OR internal_error THEN
        -- Somebody else told of some of them since we looked.
        INSERT INTO traceability_ident (id, uri) SELECT * FROM unnest(ids, missing)
        ON CONFLICT DO NOTHING;
        RETURN QUERY SELECT i.id, i.uri FROM traceability_ident i WHERE i.uri = ANY(missing);
    END;
END $$;

CREATE OR REPLACE FUNCTION traceability_note_state(
    idents bigint[], events bigint[], times timestamptz[], locations bigint[], dispositions bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE known bigint[];
BEGIN
    -- In order, so that two documents about the same things wait for each other in one order.
    SELECT coalesce(array_agg(s.ident), '{}') INTO known
    FROM traceability_ident_state s WHERE s.ident = ANY(idents);
    IF cardinality(known) > 0 THEN
        UPDATE traceability_ident_state s SET
            last_event = g.e, last_time = g.t,
            location = coalesce(g.l, s.location), disposition = coalesce(g.d, s.disposition)
        FROM (SELECT * FROM unnest(idents, events, times, locations, dispositions)
                  g(i, e, t, l, d) ORDER BY g.i) g
        WHERE s.ident = g.i AND (g.t, g.e) > (s.last_time, s.last_event);
    END IF;
    IF cardinality(known) = cardinality(idents) THEN RETURN; END IF;
    BEGIN
        INSERT INTO traceability_ident_state AS s (ident, last_event, last_time, location, disposition)
        SELECT * FROM unnest(idents, events, times, locations, dispositions) g(i, e, t, l, d)
        WHERE g.i <> ALL(known) ORDER BY g.i;
    EXCEPTION WHEN unique_violation OR internal_error THEN
        INSERT INTO traceability_ident_state AS s (ident, last_event, last_time, location, disposition)
        SELECT * FROM unnest(idents, events, times, locations, dispositions) g(i, e, t, l, d)
        WHERE g.i <> ALL(known) ORDER BY g.i
        ON CONFLICT (ident) DO UPDATE SET
            last_event = excluded.last_event, last_time = excluded.last_time,
            location = coalesce(excluded.location, s.location),
            disposition = coalesce(excluded.disposition, s.disposition)
        WHERE (excluded.last_time, excluded.last_event) > (s.last_time, s.last_event);
    END;
END $$;

CREATE OR REPLACE FUNCTION traceability_settle(
    declared uuid[], declarations bigint[], parents bigint[], emptied bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE wrong bigint[]; touched bigint[] := emptied; many_children bigint[]; many_parents bigint[];
BEGIN
    IF cardinality(declared) > 0 THEN
        INSERT INTO traceability_erratum (eid, event_id)
        SELECT * FROM unnest(declared, declarations) ON CONFLICT DO NOTHING;
    END IF;
    -- Two documents may move the same things; the second must see what the first did.
    PERFORM pg_advisory_xact_lock(7301, bucket) FROM (
        SELECT DISTINCT (p % 1024)::int AS bucket FROM unnest(parents) p ORDER BY 1) b;
    -- Fenced into arrays: joined directly, the planner may read a whole table.
    IF cardinality(declared) > 0 THEN
        SELECT array_agg(k.event_id) INTO wrong
        FROM traceability_event_key k WHERE k.eid = ANY(declared);
        SELECT touched || array_agg(DISTINCT m.parent) INTO touched
        FROM traceability_move m WHERE m.event_id = ANY(wrong);
    END IF;
    IF coalesce(cardinality(touched), 0) = 0 THEN RETURN; END IF;
    SELECT array_agg(t.child), array_agg(t.parent) INTO many_children, many_parents FROM (
        SELECT DISTINCT m.child, m.parent FROM traceability_move m
        WHERE m.child IS NOT NULL AND m.parent = ANY(touched)
    ) t;
    PERFORM traceability_derive(many_children, many_parents);
END $$;

CREATE FUNCTION traceability_values(of_column text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE found bigint[] := '{}'; latest bigint;
BEGIN
    -- From one value to the next by the index, however many events have each.
    LOOP
        EXECUTE format('SELECT min(%1$I) FROM traceability_event'
                       ' WHERE $1 IS NULL OR %1$I > $1', of_column) INTO latest USING latest;
        IF latest IS NULL THEN RETURN found; END IF;
        found := found || latest;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION traceability_derive(children bigint[], parents bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE r_children bigint[]; r_parents bigint[]; r_opens bigint[]; r_closes bigint[];
        r_from timestamptz[]; r_to timestamptz[]; known boolean;
        apart boolean := (SELECT relkind <> 'v' FROM pg_class
                          WHERE oid = 'traceability_content'::regclass);
BEGIN
    IF coalesce(cardinality(children), 0) = 0 THEN RETURN; END IF;
    WITH m AS MATERIALIZED (
        SELECT d.parent, d.child, d.happened, d.opens, d.event_id FROM traceability_move d
        WHERE d.parent = ANY(parents) AND d.child = ANY(children)
          AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = d.eid)
        UNION ALL
        SELECT d.parent, d.child, d.happened, d.opens, d.event_id FROM traceability_move d
        WHERE d.parent = ANY(parents) AND d.child IS NULL
          AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = d.eid)
    ), told AS (
        SELECT p.child, p.parent, m.happened, m.opens, m.event_id
        FROM (SELECT DISTINCT u.child, u.parent FROM unnest(children, parents) u(child, parent)) p
        JOIN m ON m.parent = p.parent AND coalesce(m.child, p.child) = p.child
    ), stays AS (
        -- What goes in belongs to the next that comes out later: to the same count of what came out.
        SELECT t.*, count(*) FILTER (WHERE NOT t.opens) OVER (
                   PARTITION BY t.child, t.parent ORDER BY t.happened, t.opens, t.event_id
               ) - CASE WHEN t.opens THEN 0 ELSE 1 END AS stay
        FROM told t
    )
    SELECT array_agg(s.child), array_agg(s.parent), array_agg(s.t_from), array_agg(s.t_to),
           array_agg(s.open_event), array_agg(s.close_event)
    INTO r_children, r_parents, r_from, r_to, r_opens, r_closes FROM (
        SELECT child, parent, min(happened) FILTER (WHERE opens) AS t_from,
               coalesce(min(happened) FILTER (WHERE NOT opens), 'infinity') AS t_to,
               (array_agg(event_id ORDER BY happened, event_id) FILTER (WHERE opens))[1]
                   AS open_event,
               min(event_id) FILTER (WHERE NOT opens) AS close_event
        FROM stays GROUP BY child, parent, stay HAVING bool_or(opens)
    ) s;
    known := EXISTS (SELECT 1 FROM traceability_containment c
                     WHERE c.child = ANY(children) AND c.parent = ANY(parents));
    IF known THEN
        DELETE FROM traceability_containment c USING unnest(children, parents) p(child, parent)
        WHERE c.child = p.child AND c.parent = p.parent;
    END IF;
    INSERT INTO traceability_containment (child, parent, t_from, t_to, open_event, close_event)
    SELECT * FROM unnest(r_children, r_parents, r_from, r_to, r_opens, r_closes);
    IF apart THEN
        IF known THEN
            DELETE FROM traceability_content c USING unnest(children, parents) p(child, parent)
            WHERE c.child = p.child AND c.parent = p.parent;
        END IF;
        INSERT INTO traceability_content (child, parent, t_from, t_to, open_event, close_event)
        SELECT * FROM unnest(r_children, r_parents, r_from, r_to, r_opens, r_closes);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION traceability_restate(idents bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM traceability_ident_state WHERE ident = ANY(idents);
    INSERT INTO traceability_ident_state (ident, last_event, last_time, location, disposition)
    WITH r AS MATERIALIZED (
        SELECT ident, event_id, event_time, record_time
        FROM traceability_event_ident WHERE ident = ANY(idents)
    )
    SELECT h.ident, (array_agg(h.event_id ORDER BY h.event_time DESC, h.event_id DESC))[1],
           max(h.event_time),
           (array_agg(h.location ORDER BY h.event_time DESC, h.event_id DESC)
                FILTER (WHERE h.location IS NOT NULL))[1],
           (array_agg(h.disposition ORDER BY h.event_time DESC, h.event_id DESC)
                FILTER (WHERE h.disposition IS NOT NULL))[1]
    FROM (
        SELECT r.ident, r.event_id, r.event_time, e.disposition,
               coalesce(e.biz_location, e.read_point) AS location
        FROM r
        JOIN traceability_event e ON e.event_id = r.event_id AND e.record_time = r.record_time
        WHERE NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = e.eid)
    ) h GROUP BY h.ident;
END $$;

CREATE OR REPLACE FUNCTION traceability_make_month(parent text, by_column text, first date)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE part text := parent || to_char(first, '_YYYYMM');
        after date := (first + interval '1 month')::date;
BEGIN
    -- Where parts lie on several machines: one after the other, or they wait for each other forever.
    PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
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
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0083_plans_kept_for_traces")]

    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]
