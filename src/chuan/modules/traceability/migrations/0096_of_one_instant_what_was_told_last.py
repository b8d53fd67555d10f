"""Of two events of one instant what was told last says where a thing is and in what state, and is its last event: until
now the number of an event decided on that, which connections take a hundred at a time."""

from django.db import migrations

CREATE = """
CREATE OR REPLACE FUNCTION traceability_note_state(
    idents bigint[], events bigint[], times timestamptz[], locations bigint[],
    location_times timestamptz[], dispositions bigint[], disposition_times timestamptz[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE known bigint[]; updated integer;
BEGIN
    -- In order, so that two documents about the same things wait for each other in one order.
    SELECT coalesce(array_agg(s.ident), '{}') INTO known
    FROM traceability_ident_state s WHERE s.ident = ANY(idents);
    IF cardinality(known) > 0 THEN
        -- What came late is written as well, though it says nothing new: whoever takes back
        -- something at this moment must wait for it.
        UPDATE traceability_ident_state s SET
            last_event = CASE WHEN g.t >= s.last_time THEN g.e ELSE s.last_event END,
            last_time = greatest(g.t, s.last_time),
            location = CASE WHEN g.lt >= coalesce(s.location_time, '-infinity') THEN g.l
                            ELSE s.location END,
            location_time = greatest(g.lt, s.location_time),
            disposition = CASE WHEN g.dt >= coalesce(s.disposition_time, '-infinity') THEN g.d
                               ELSE s.disposition END,
            disposition_time = greatest(g.dt, s.disposition_time)
        FROM (SELECT * FROM unnest(idents, events, times, locations, location_times, dispositions,
                  disposition_times) g(i, e, t, l, lt, d, dt) ORDER BY g.i) g
        WHERE s.ident = g.i;
        GET DIAGNOSTICS updated = ROW_COUNT;
        IF updated < cardinality(known) THEN
            -- All that was told of some was taken back since we looked.
            PERFORM traceability_note_state(idents, events, times, locations, location_times,
                dispositions, disposition_times);
            RETURN;
        END IF;
    END IF;
    IF cardinality(known) = cardinality(idents) THEN RETURN; END IF;
    BEGIN
        INSERT INTO traceability_ident_state (ident, last_event, last_time, location, location_time,
            disposition, disposition_time)
        SELECT * FROM unnest(idents, events, times, locations, location_times, dispositions,
            disposition_times) g(i, e, t, l, lt, d, dt)
        WHERE g.i <> ALL(known) ORDER BY g.i;
    EXCEPTION WHEN unique_violation OR internal_error THEN
        -- Somebody else told of some of them since we looked.
        INSERT INTO traceability_ident_state (ident, last_event, last_time, location, location_time,
            disposition, disposition_time)
        SELECT * FROM unnest(idents, events, times, locations, location_times, dispositions,
            disposition_times) g(i, e, t, l, lt, d, dt)
        WHERE g.i <> ALL(known) ORDER BY g.i ON CONFLICT (ident) DO NOTHING;
        PERFORM traceability_note_state(idents, events, times, locations, location_times,
            dispositions, disposition_times);
    END;
END $$;

CREATE OR REPLACE FUNCTION traceability_states_of(idents bigint[])
RETURNS TABLE (ident bigint, last_event bigint, last_time timestamptz, location bigint,
               location_time timestamptz, disposition bigint, disposition_time timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH r AS MATERIALIZED (
        SELECT i.ident, i.event_id, i.event_time, i.record_time
        FROM traceability_event_ident i WHERE i.ident = ANY(idents)
    )
    SELECT h.ident,
           (array_agg(h.event_id ORDER BY h.event_time DESC, h.record_time DESC, h.event_id DESC))[1],
           max(h.event_time),
           (array_agg(h.location ORDER BY h.event_time DESC, h.record_time DESC, h.event_id DESC)
                FILTER (WHERE h.location IS NOT NULL))[1],
           max(h.event_time) FILTER (WHERE h.location IS NOT NULL),
           (array_agg(h.disposition ORDER BY h.event_time DESC, h.record_time DESC, h.event_id DESC)
                FILTER (WHERE h.disposition IS NOT NULL))[1],
           max(h.event_time) FILTER (WHERE h.disposition IS NOT NULL)
    FROM (
        SELECT r.ident, r.event_id, r.event_time, r.record_time, e.disposition,
               coalesce(e.biz_location, e.read_point) AS location
        FROM r
        JOIN traceability_event e ON e.event_id = r.event_id AND e.record_time = r.record_time
        WHERE NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = e.eid)
    ) h GROUP BY h.ident;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0095_one_rule_of_what_is_recalled")]

    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]
