"""Which recalls in force concern what somebody holds: the only place that says so.

What is asked of them in SQL becomes part of the question that asks; that of every redirect of the resolver
is planned once for each connection.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION traceability_recalls_of(links text[])
RETURNS TABLE (link text, recall_id bigint) LANGUAGE sql STABLE AS $$
    SELECT i.uri::text, i.recall_id
    FROM traceability_recallitem i JOIN traceability_recall r ON r.id = i.recall_id
    WHERE r.state = 'issued' AND i.uri = ANY(links) AND i.last_in_id = (
        SELECT n.id FROM traceability_recallrun n
        WHERE n.recall_id = i.recall_id ORDER BY n.number DESC LIMIT 1)
    UNION ALL
    SELECT l, b.id
    FROM (
        -- Apart: what is to be known of each is found once, whatever is asked for.
        SELECT r.id, told, right(told, 2) = '/*' AS is_kind
        FROM traceability_recall r, unnest(r.identifiers) told
        WHERE r.state = 'issued' OFFSET 0
    ) b JOIN unnest(links) l
        ON l = b.told OR (b.is_kind AND starts_with(l || '/', left(b.told, -1)))
$$;
COMMENT ON FUNCTION traceability_recalls_of IS
    'What the last search of a recall found, what it begins with, and everything of a kind it begins with';

CREATE FUNCTION traceability_recalls_within(link text)
RETURNS TABLE (recall_id bigint) LANGUAGE sql STABLE AS $$
    SELECT r.id FROM traceability_recall r
    WHERE r.state = 'issued' AND link ~ '^https://id\\.gs1\\.org/01/[0-9]{14}$' AND (EXISTS (
        SELECT 1 FROM traceability_recallitem i
        WHERE i.product = link AND i.recall_id = r.id AND i.last_in_id = (
            SELECT n.id FROM traceability_recallrun n
            WHERE n.recall_id = r.id ORDER BY n.number DESC LIMIT 1)
    ) OR EXISTS (
        SELECT 1 FROM unnest(r.identifiers) told WHERE starts_with(told, link || '/')
    ))
$$;
COMMENT ON FUNCTION traceability_recalls_within IS
    'Recalls of something of a product that was named without lot or serial number; else none';

CREATE FUNCTION traceability_is_recalled(levels text[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM traceability_recall r WHERE r.state = 'issued') THEN
        RETURN false;
    END IF;
    RETURN EXISTS (SELECT 1 FROM traceability_recalls_of(levels))
        OR EXISTS (SELECT 1 FROM traceability_recalls_within(levels[1]));
END $$;
COMMENT ON FUNCTION traceability_is_recalled IS 'levels: canonical links, the finest first';
"""
DROP = """
DROP FUNCTION traceability_is_recalled(text[]);
DROP FUNCTION traceability_recalls_within(text);
DROP FUNCTION traceability_recalls_of(text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0094_months_made_beside_captures")]

    operations = [migrations.RunSQL(CREATE, DROP)]
