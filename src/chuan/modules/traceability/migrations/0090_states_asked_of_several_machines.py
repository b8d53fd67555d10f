"""What states follow from, asked in a way that a distributed database takes as well: of a function in SQL
it plans nothing for the numbers it is given."""

from django.db import migrations

CREATE = """
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
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0089_pages_in_the_order_of_an_index")]

    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]
