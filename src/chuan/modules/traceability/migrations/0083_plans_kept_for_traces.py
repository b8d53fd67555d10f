"""What a trace asks at each of its steps, in functions: their plans are kept for the length of a connection.

The events of a few things are a look into one index, but to find that out PostgreSQL considers every
month there is: of five milliseconds of a trace four were that, with a dozen months. No plan is kept
that reads a month as a whole because it was empty when the plan was made.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION traceability_appearances(
    of_idents bigint[], of_roles smallint[], seen_by bigint[], fan_out integer, at_most integer)
RETURNS TABLE (ident bigint, event_id bigint, event_time timestamptz, role smallint, kind smallint,
               transformation bigint, inputs bigint[], outputs bigint[])
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT r.ident, r.event_id, r.event_time, r.role, e.kind, e.transformation,
           e.inputs[1:fan_out], e.outputs[1:fan_out]
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

CREATE FUNCTION traceability_events_of(of_events bigint[])
RETURNS TABLE (event_id bigint, event_time timestamptz, record_time timestamptz, namespaces text,
               body text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT e.event_id, e.event_time, e.record_time, e.namespaces, e.body FROM traceability_event e
    WHERE e.event_id = ANY(of_events) ORDER BY e.event_time, e.event_id;
END $$;
"""

DROP = "DROP FUNCTION traceability_appearances, traceability_events_of;"


class Migration(migrations.Migration):
    dependencies = [("traceability", "0002_events")]

    operations = [migrations.RunSQL(CREATE, DROP)]
