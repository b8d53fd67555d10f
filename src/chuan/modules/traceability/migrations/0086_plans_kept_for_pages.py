"""What a page of events asks about identifiers, and a walk about packing as somebody sees it, in functions,
for the reasons of 0083: their plans are kept for the length of a connection, and PostgreSQL need not
consider every month there is to find a few things in one. A walk also learns in which months its events
were recorded, so that their texts are looked for there alone."""

from django.db import migrations

CREATE = """
CREATE FUNCTION traceability_events_naming(
    of_uris text[], of_idents bigint[], of_roles smallint[], seen_by bigint[],
    by_record boolean, newest_first boolean, after_time timestamptz, after_event bigint,
    at_most integer)
RETURNS TABLE (event_id bigint, event_time timestamptz, record_time timestamptz, namespaces text,
               body text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE idents bigint[] := of_idents;
BEGIN
    IF cardinality(of_uris) > 0 THEN
        idents := idents || ARRAY(SELECT i.id FROM traceability_ident i WHERE i.uri = ANY(of_uris));
    END IF;
    RETURN QUERY
    SELECT e.event_id, e.event_time, e.record_time, e.namespaces, e.body
    FROM (
        SELECT t.*, row_number() OVER () AS place FROM (
            -- An event may name a thing in several roles.
            SELECT d.event_id, d.record_time FROM (
                SELECT DISTINCT r.event_id, r.event_time, r.record_time,
                       CASE WHEN by_record THEN r.record_time ELSE r.event_time END AS moment
                FROM traceability_event_ident r
                WHERE r.ident = ANY(idents) AND r.role = ANY(of_roles)) d
            WHERE (after_time IS NULL
                   OR (newest_first AND (d.moment, d.event_id) < (after_time, after_event))
                   OR (NOT newest_first AND (d.moment, d.event_id) > (after_time, after_event)))
              AND (seen_by IS NULL OR (SELECT true FROM traceability_sight g
                   WHERE g.who = ANY(seen_by) AND g.event_time = d.event_time
                     AND g.event_id = d.event_id LIMIT 1))
            ORDER BY CASE WHEN newest_first THEN d.moment END DESC,
                     CASE WHEN newest_first THEN d.event_id END DESC, d.moment, d.event_id
            LIMIT at_most) t) w
    JOIN traceability_event e ON e.event_id = w.event_id AND e.record_time = w.record_time
    ORDER BY w.place;
END $$;
COMMENT ON FUNCTION traceability_events_naming IS
    'things by name, by number or both; seen_by null: everything; after_time null: from the first on';

CREATE FUNCTION traceability_moves_seen(things bigint[], inside boolean, seen_by bigint[])
RETURNS TABLE (parent bigint, child bigint, happened timestamptz, opens boolean)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE parents bigint[]; children bigint[];
BEGIN
    IF inside THEN
        SELECT array_agg(c.parent), array_agg(c.child) INTO parents, children
        FROM traceability_content c WHERE c.parent = ANY(things);
    ELSE
        SELECT array_agg(c.parent), array_agg(c.child) INTO parents, children
        FROM traceability_containment c WHERE c.child = ANY(things);
    END IF;
    IF parents IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT m.parent, m.child, m.happened, m.opens FROM traceability_move m
    WHERE m.parent = ANY(parents) AND (m.child IS NULL OR m.child = ANY(children))
      AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = m.eid)
      AND (SELECT true FROM traceability_sight g WHERE g.who = ANY(seen_by)
           AND g.event_time = m.happened AND g.event_id = m.event_id LIMIT 1)
    ORDER BY m.happened;
END $$;
COMMENT ON FUNCTION traceability_moves_seen IS
    'inside: of what was in these things; else of what these things were in';

DROP FUNCTION traceability_appearances;
CREATE FUNCTION traceability_appearances(
    of_idents bigint[], of_roles smallint[], seen_by bigint[], fan_out integer, at_most integer)
RETURNS TABLE (ident bigint, event_id bigint, event_time timestamptz, role smallint, kind smallint,
               transformation bigint, inputs bigint[], outputs bigint[], record_time timestamptz)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT r.ident, r.event_id, r.event_time, r.role, e.kind, e.transformation,
           e.inputs[1:fan_out], e.outputs[1:fan_out], r.record_time
    FROM traceability_event_ident r JOIN traceability_event e
        ON e.event_id = r.event_id AND e.record_time = r.record_time
    WHERE r.ident = ANY(of_idents) AND (of_roles IS NULL OR r.role = ANY(of_roles))
      AND e.declared_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = e.eid)
      AND (seen_by IS NULL OR (SELECT true FROM traceability_sight g WHERE g.who = ANY(seen_by)
           AND g.event_time = e.event_time AND g.event_id = e.event_id LIMIT 1))
    LIMIT at_most;
END $$;
COMMENT ON FUNCTION traceability_appearances IS
    'of_roles null: all; seen_by null: everything. Neither declarations nor what was declared wrong';

DROP FUNCTION traceability_events_of;
CREATE FUNCTION traceability_events_of(
    of_events bigint[], recorded_from timestamptz, recorded_to timestamptz)
RETURNS TABLE (event_id bigint, event_time timestamptz, record_time timestamptz, namespaces text,
               body text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT e.event_id, e.event_time, e.record_time, e.namespaces, e.body FROM traceability_event e
    WHERE e.event_id = ANY(of_events) AND e.record_time BETWEEN recorded_from AND recorded_to
    ORDER BY e.event_time, e.event_id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0084_on_several_machines")]

    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]
