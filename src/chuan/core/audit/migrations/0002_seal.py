"""Seal every ledger line into the hash chain when its transaction commits.

In two steps, so that the chain's lock is the last thing a transaction takes: sealing in the first
deferred trigger would hold the lock while the foreign keys of later rows wait for other people's
row locks, and whoever holds those may be waiting for the chain.
"""

from django.db import migrations

CREATE = r"""
-- One row while a transaction that wrote to the ledger commits; otherwise empty.
CREATE TABLE audit_sealing (transaction xid8 PRIMARY KEY, first_entry bigint NOT NULL);

CREATE FUNCTION chuan_ask_for_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_sealing VALUES (pg_current_xact_id(), NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION chuan_seal_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry record;
    last_position bigint;
    last_hash bytea;
    this_hash bytea;
BEGIN
    -- One transaction seals at a time; held until it has committed, which is a moment.
    PERFORM pg_advisory_xact_lock(7306086801);
    SELECT position, hash INTO last_position, last_hash
      FROM audit_seal ORDER BY position DESC LIMIT 1;
    last_position := coalesce(last_position, 0);
    last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
    -- Lines of others are sealed or not visible, so these are this transaction's own.
    FOR entry IN
        SELECT e.id, jsonb_build_array(e.id, e.action, e.actor_id, e.actor_name, e.subject_model,
                   e.subject_id, e.subject_name, e.details,
                   (extract(epoch FROM e.recorded_at) * 1000000)::bigint)::text AS text
          FROM audit_entry e
         WHERE e.id >= NEW.first_entry
           AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.entry_id = e.id)
         ORDER BY e.id
    LOOP
        last_position := last_position + 1;
        this_hash := sha256(last_hash || convert_to(entry.text, 'UTF8'));
        INSERT INTO audit_seal (position, entry_id, previous_hash, hash)
        VALUES (last_position, entry.id, last_hash, this_hash);
        last_hash := this_hash;
    END LOOP;
    DELETE FROM audit_sealing WHERE transaction = NEW.transaction;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER audit_seal_at_commit
    AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION chuan_ask_for_seal();

CREATE CONSTRAINT TRIGGER audit_seal_last
    AFTER INSERT ON audit_sealing DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION chuan_seal_entries();

CREATE FUNCTION chuan_keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is kept: % cannot be emptied', TG_TABLE_NAME;
END $$;

CREATE TRIGGER audit_entry_is_kept BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION chuan_keep_ledger();
CREATE TRIGGER audit_seal_is_kept BEFORE TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION chuan_keep_ledger();
"""

DROP = """
DROP TRIGGER audit_seal_is_kept ON audit_seal;
DROP TRIGGER audit_entry_is_kept ON audit_entry;
DROP FUNCTION chuan_keep_ledger();
DROP TRIGGER audit_seal_at_commit ON audit_entry;
DROP TABLE audit_sealing;
DROP FUNCTION chuan_seal_entries();
DROP FUNCTION chuan_ask_for_seal();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
