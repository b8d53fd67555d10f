"""Which items are of which lot, and transformations that are told in several events."""

from django.db import migrations

CREATE = """
CREATE TABLE traceability_lot_member (
    lot bigint NOT NULL,
    item bigint NOT NULL,
    event_id bigint NOT NULL,
    eid uuid NOT NULL
);
CREATE INDEX traceability_lot_member_lot ON traceability_lot_member (lot) INCLUDE (item, eid);
CREATE INDEX traceability_lot_member_item ON traceability_lot_member (item) INCLUDE (lot, eid);
CREATE INDEX traceability_event_transformation ON traceability_event (transformation)
    WHERE transformation IS NOT NULL;
"""
DROP = """
DROP INDEX traceability_event_transformation;
DROP TABLE traceability_lot_member;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0010_recalls_and_master_data")]

    operations = [migrations.RunSQL(CREATE, DROP)]
