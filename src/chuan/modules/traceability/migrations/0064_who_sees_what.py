"""Who sees which event, in a table that is asked with every answer to a party."""

from django.db import migrations

CREATE = """
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
    actors bigint[] NOT NULL
);
CREATE INDEX traceability_handover_key ON traceability_handover (ident, event_time, event_id);
"""

FUNCTIONS = """
CREATE FUNCTION traceability_derive_sight(idents bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Two documents may tell of the two sides of one handover; the second must see the first.
    PERFORM pg_advisory_xact_lock(7302, bucket) FROM (
        SELECT DISTINCT (i % 1024)::int AS bucket FROM unnest(idents) i ORDER BY 1) b;
    DELETE FROM traceability_sight WHERE ident = ANY(idents);
    INSERT INTO traceability_sight (who, event_time, event_id, record_time, ident)
    SELECT DISTINCT seer.who, o.event_time, o.event_id, o.record_time, h.ident
    FROM traceability_handover h
    -- The nearest on the other side: the last shipping before a receipt, the first receipt after.
    CROSS JOIN LATERAL (
        (SELECT s.* FROM traceability_handover s
         WHERE NOT h.leaves AND s.leaves AND s.ident = h.ident
           AND (s.event_time, s.event_id) < (h.event_time, h.event_id)
           AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = s.eid)
         ORDER BY s.event_time DESC, s.event_id DESC LIMIT 1)
        UNION ALL
        (SELECT r.* FROM traceability_handover r
         WHERE h.leaves AND NOT r.leaves AND r.ident = h.ident
           AND (r.event_time, r.event_id) > (h.event_time, h.event_id)
           AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = r.eid)
         ORDER BY r.event_time, r.event_id LIMIT 1)
    ) o
    CROSS JOIN LATERAL unnest(h.actors) seer(who)
    WHERE h.ident = ANY(idents) AND NOT o.is_addressed
      AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = h.eid)
      -- Nobody else had it in between.
      AND NOT EXISTS (
        SELECT 1 FROM traceability_handover m
        WHERE m.ident = h.ident AND m.leaves = h.leaves AND NOT m.actors && h.actors
          AND CASE WHEN h.leaves
              THEN (m.event_time, m.event_id) > (h.event_time, h.event_id)
                  AND (m.event_time, m.event_id) < (o.event_time, o.event_id)
              ELSE (m.event_time, m.event_id) < (h.event_time, h.event_id)
                  AND (m.event_time, m.event_id) > (o.event_time, o.event_id) END
          AND NOT EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = m.eid));
END $$;

CREATE OR REPLACE FUNCTION traceability_make_months(first date, last date)
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
-- Wherever references have a month of their own, so has this.
DO $$
DECLARE part text;
BEGIN
    FOR part IN SELECT right(c.relname, 6) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'traceability_event_ident'::regclass AND c.relname ~ '_[0-9]{6}$'
    LOOP
        PERFORM traceability_make_month('traceability_sight', 'event_time', to_date(part, 'YYYYMM'));
    END LOOP;
END $$;
"""

DROP = """
DROP FUNCTION traceability_derive_sight;
DROP TABLE traceability_sight, traceability_handover;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0063_always_said_whose")]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
