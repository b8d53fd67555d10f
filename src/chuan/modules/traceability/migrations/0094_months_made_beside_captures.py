"""A month is made while nobody writes to what it is made of: an event that was being told of it meanwhile made the
making fail, so that a month could not be restored."""

from django.db import migrations

CREATE = """
CREATE OR REPLACE FUNCTION traceability_make_month(parent text, by_column text, first date)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE part text := parent || to_char(first, '_YYYYMM');
        after date := (first + interval '1 month')::date;
BEGIN
    -- Where parts lie on several machines: one after the other, or they wait for each other forever.
    PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
    IF to_regclass(part) IS NOT NULL THEN RETURN false; END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
    -- As attaching does, but before anything is moved.
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
    -- What came too early lies in the default partition, and would forbid the new one.
    EXECUTE format('WITH early AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *)
                    INSERT INTO %I SELECT * FROM early',
                   parent || '_default', by_column, first, by_column, after, part);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   parent, part, first, after);
    RETURN true;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0093_packing_declared_wrong_waits")]

    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]
