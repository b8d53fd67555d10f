"""Where a thing was last and in what state, whatever order its events come in: place and state each
remember when they were told. What an archive holds is not forgotten when other events are taken back.

What states follow from is no function in SQL: of one, a distributed database plans nothing for the numbers
it is given.
"""

from django.db import migrations

CREATE = """
ALTER TABLE traceability_ident_state ADD COLUMN location_time timestamptz,
    ADD COLUMN disposition_time timestamptz;
-- Noted before this was kept: at the latest then.
UPDATE traceability_ident_state SET
    location_time = CASE WHEN location IS NOT NULL THEN last_time END,
    disposition_time = CASE WHEN disposition IS NOT NULL THEN last_time END;

DROP FUNCTION traceability_note_state(bigint[], bigint[], timestamptz[], bigint[], bigint[]);
DROP FUNCTION traceability_restate(bigint[]);

CREATE FUNCTION traceability_note_state(
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
            last_event = CASE WHEN (g.t, g.e) > (s.last_time, s.last_event) THEN g.e
                              ELSE s.last_event END,
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

CREATE FUNCTION traceability_states_of(idents bigint[])
RETURNS TABLE (ident bigint, last_event bigint, last_time timestamptz, location bigint,
               location_time timestamptz, disposition bigint, disposition_time timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH r AS MATERIALIZED (
        SELECT i.ident, i.event_id, i.event_time, i.record_time
        FROM traceability_event_ident i WHERE i.ident = ANY(idents)
    )
    SELECT h.ident, (array_agg(h.event_id ORDER BY h.event_time DESC, h.event_id DESC))[1],
           max(h.event_time),
           (array_agg(h.location ORDER BY h.event_time DESC, h.event_id DESC)
                FILTER (WHERE h.location IS NOT NULL))[1],
           max(h.event_time) FILTER (WHERE h.location IS NOT NULL),
           (array_agg(h.disposition ORDER BY h.event_time DESC, h.event_id DESC)
                FILTER (WHERE h.disposition IS NOT NULL))[1],
           max(h.event_time) FILTER (WHERE h.disposition IS NOT NULL)
    FROM (
        SELECT r.ident, r.event_id, r.event_time, e.disposition,
               coalesce(e.biz_location, e.read_point) AS location
        FROM r
        JOIN traceability_event e ON e.event_id = r.event_id AND e.record_time = r.record_time
        WHERE NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = e.eid)
    ) h GROUP BY h.ident;
END $$;

CREATE FUNCTION traceability_note_states_of(of_idents bigint[], is_anew boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE idents bigint[]; events bigint[]; times timestamptz[]; locations bigint[];
        location_times timestamptz[]; dispositions bigint[]; disposition_times timestamptz[];
BEGIN
    SELECT array_agg(s.ident), array_agg(s.last_event), array_agg(s.last_time),
           array_agg(s.location), array_agg(s.location_time), array_agg(s.disposition),
           array_agg(s.disposition_time)
    INTO idents, events, times, locations, location_times, dispositions, disposition_times
    FROM traceability_states_of(of_idents) s;
    IF is_anew THEN
        DELETE FROM traceability_ident_state s
        WHERE s.ident = ANY(of_idents) AND s.ident <> ALL(coalesce(idents, '{}'));
        UPDATE traceability_ident_state s SET
            last_event = g.e, last_time = g.t, location = g.l, location_time = g.lt,
            disposition = g.d, disposition_time = g.dt
        FROM unnest(idents, events, times, locations, location_times, dispositions,
            disposition_times) g(i, e, t, l, lt, d, dt)
        WHERE s.ident = g.i;
    END IF;
    IF idents IS NOT NULL THEN
        PERFORM traceability_note_state(idents, events, times, locations, location_times,
            dispositions, disposition_times);
    END IF;
END $$;
COMMENT ON FUNCTION traceability_note_states_of IS
    'is_anew: whatever was noted before; else what was noted stays where it is later';

CREATE FUNCTION traceability_restate(idents bigint[], declared uuid[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE stay bigint[]; lasts bigint[]; here bigint[]; wrong bigint[];
BEGIN
    -- Held until the end: what is told of them meanwhile waits, what was being told is seen.
    UPDATE traceability_ident_state s SET last_event = s.last_event FROM (
        SELECT i FROM unnest(idents) i ORDER BY i) g WHERE s.ident = g.i;
    IF EXISTS (SELECT 1 FROM traceability_archivedmonth) THEN
        -- A state whose last event is in an archive is no poorer for what is taken back here.
        SELECT array_agg(s.last_event) INTO lasts
        FROM traceability_ident_state s WHERE s.ident = ANY(idents);
        SELECT array_agg(e.event_id) INTO here
        FROM traceability_event e WHERE e.event_id = ANY(lasts);
        SELECT array_agg(k.event_id) INTO wrong
        FROM traceability_event_key k WHERE k.eid = ANY(declared);
        SELECT array_agg(s.ident) INTO stay
        FROM traceability_ident_state s WHERE s.ident = ANY(idents)
          AND s.last_event <> ALL(coalesce(here, '{}'))
          AND s.last_event <> ALL(coalesce(wrong, '{}'));
        SELECT array_agg(i) INTO idents FROM unnest(idents) i WHERE i <> ALL(coalesce(stay, '{}'));
    END IF;
    PERFORM traceability_note_states_of(idents, true);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0087_smaller_indexes")]

    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]
