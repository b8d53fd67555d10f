"""Events of one document get their numbers in the order they were told."""

from django.db import migrations

CLAIM = """
CREATE OR REPLACE FUNCTION traceability_claim(eids uuid[], contents uuid[])
RETURNS TABLE (eid uuid, event_id bigint, record_time timestamptz, content uuid,
               fresh boolean, taken_back boolean)
LANGUAGE plpgsql AS $$
DECLARE mine uuid[];
BEGIN
    WITH numbered AS MATERIALIZED (
        SELECT t.e, t.c, nextval('traceability_event_id') AS n FROM (
            SELECT * FROM unnest(eids, contents) WITH ORDINALITY g(e, c, o) ORDER BY g.o) t
    ), claimed AS (
        -- Sorted, so that two documents with the same events wait for each other in one order.
        INSERT INTO traceability_event_key (eid, content, event_id, record_time)
        SELECT d.e, d.c, d.n, now() FROM numbered d ORDER BY d.e
        ON CONFLICT DO NOTHING RETURNING traceability_event_key.eid AS e
    ) SELECT array_agg(claimed.e) INTO mine FROM claimed;
    RETURN QUERY SELECT k.eid, k.event_id, k.record_time, k.content,
                        k.eid = ANY(coalesce(mine, '{}')),
                        EXISTS (SELECT 1 FROM traceability_erratum x WHERE x.eid = k.eid)
                 FROM traceability_event_key k WHERE k.eid = ANY(eids);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0002_events")]

    operations = [migrations.RunSQL(CLAIM, migrations.RunSQL.noop)]
