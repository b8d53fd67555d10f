"""Whether a recall in force may concern what somebody scans, planned once for each connection: every
redirect of the resolver asks it."""

from django.db import migrations

CREATE = """
CREATE FUNCTION traceability_may_be_recalled(levels text[], bare text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM traceability_recall r WHERE r.state = 'issued') THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT 1 FROM traceability_recallitem i JOIN traceability_recall r ON r.id = i.recall_id
        WHERE r.state = 'issued' AND (i.uri = ANY(levels) OR i.product = nullif(bare, ''))
    ) OR EXISTS (
        SELECT 1 FROM traceability_recall r, unnest(r.identifiers) told
        WHERE r.state = 'issued' AND (
            told = ANY(levels)
            OR (right(told, 2) = '/*' AND left(told, -2) = ANY(levels))
            OR (bare <> '' AND starts_with(told, bare || '/')))
    );
END $$;
COMMENT ON FUNCTION traceability_may_be_recalled IS
    'levels: canonical links, the finest first; bare: the link of a product named without lot, or nothing';
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0091_recalls_and_their_holders")]

    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION traceability_may_be_recalled(text[], text)")
    ]
