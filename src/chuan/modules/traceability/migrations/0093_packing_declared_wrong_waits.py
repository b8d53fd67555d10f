"""What packing events did that are declared wrong is undone under the lock of those who pack the same things:
until now the undoing did not see what was being packed, nor the packing what was being undone."""

from django.db import migrations

CREATE = """
CREATE OR REPLACE FUNCTION traceability_settle(
    declared uuid[], declarations bigint[], parents bigint[], emptied bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE wrong bigint[]; undone bigint[]; touched bigint[] := emptied;
        many_children bigint[]; many_parents bigint[];
BEGIN
    -- Fenced into arrays: joined directly, the planner may read a whole table.
    IF cardinality(declared) > 0 THEN
        INSERT INTO traceability_erratum (eid, event_id)
        SELECT * FROM unnest(declared, declarations) ON CONFLICT DO NOTHING;
        SELECT array_agg(k.event_id) INTO wrong
        FROM traceability_event_key k WHERE k.eid = ANY(declared);
        SELECT array_agg(DISTINCT m.parent) INTO undone
        FROM traceability_move m WHERE m.event_id = ANY(wrong);
        touched := touched || undone;
    END IF;
    -- Two documents may move the same things; the second must see what the first did.
    PERFORM pg_advisory_xact_lock(7301, bucket) FROM (
        SELECT DISTINCT (p % 1024)::int AS bucket FROM unnest(parents || undone) p ORDER BY 1) b;
    IF coalesce(cardinality(touched), 0) = 0 THEN RETURN; END IF;
    SELECT array_agg(t.child), array_agg(t.parent) INTO many_children, many_parents FROM (
        SELECT DISTINCT m.child, m.parent FROM traceability_move m
        WHERE m.child IS NOT NULL AND m.parent = ANY(touched)
    ) t;
    PERFORM traceability_derive(many_children, many_parents);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0092_recalls_of_what_is_scanned")]

    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]
