"""Where every id of a document is new, what was claimed is told without being looked up again."""

from django.db import migrations

CLAIM = """
CREATE OR REPLACE FUNCTION traceability_claim(eids uuid[], contents uuid[])
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
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0065_sight_of_what_was_told")]

    operations = [migrations.RunSQL(CLAIM, migrations.RunSQL.noop)]
