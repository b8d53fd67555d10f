"""Seal every ledger line into the hash chain when its transaction commits."""

from django.db import migrations

CREATE = r"""
CREATE FUNCTION chuan_seal_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_position bigint;
    last_hash bytea;
BEGIN
    -- One transaction seals at a time; the lock is taken at commit, so it is held for a moment.
    PERFORM pg_advisory_xact_lock(7306086801);
    SELECT position, hash INTO last_position, last_hash
      FROM audit_seal ORDER BY position DESC LIMIT 1;
    last_position := coalesce(last_position, 0);
    last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
    INSERT INTO audit_seal (position, entry_id, previous_hash, hash)
    SELECT last_position + 1, e.id, last_hash,
           sha256(last_hash || convert_to(concat_ws(chr(31), e.id::text, e.action,
               coalesce(e.actor_id::text, ''), e.actor_name, e.subject_model, e.subject_id,
               e.subject_name, e.details::text,
               (extract(epoch from e.recorded_at) * 1000000)::bigint::text), 'UTF8'))
      FROM audit_entry e WHERE e.id = NEW.id;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER audit_seal_at_commit
    AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION chuan_seal_entry();
"""

DROP = """
DROP TRIGGER audit_seal_at_commit ON audit_entry;
DROP FUNCTION chuan_seal_entry();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
