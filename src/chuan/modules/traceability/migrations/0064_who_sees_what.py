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
    actors bigint[] NOT NULL,
    told bigint NOT NULL
);
COMMENT ON COLUMN traceability_handover.told IS
    'the first event of those that were told together: what was told before is not displaced';
CREATE INDEX traceability_handover_key ON traceability_handover (ident, event_time, event_id);
"""

FUNCTIONS = """
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
DROP TABLE traceability_sight, traceability_handover;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0063_always_said_whose")]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
