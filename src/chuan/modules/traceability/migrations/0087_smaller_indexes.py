"""What nobody asks of indexes and rows is left out of them, a ninth of all there is.

Packing, and which item is of which lot, is asked by thing alone: rows of one container or lot lie together,
so a list of them in the index is enough, and it is a quarter as long. The id of an event stands in its
text; rows written before keep the room it took until their month is written anew.
"""

from django.db import migrations

SMALLER = """
CREATE INDEX traceability_move_things ON traceability_move (parent, child);
DROP INDEX traceability_move_key;
DROP INDEX traceability_containment_child, traceability_containment_parent;
CREATE INDEX traceability_containment_child ON traceability_containment (child);
CREATE INDEX traceability_containment_parent ON traceability_containment (parent);
DROP INDEX traceability_lot_member_lot, traceability_lot_member_item;
CREATE INDEX traceability_lot_member_lot ON traceability_lot_member (lot);
CREATE INDEX traceability_lot_member_item ON traceability_lot_member (item);
ALTER TABLE traceability_event DROP COLUMN event_uri;
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0086_plans_kept_for_pages")]

    operations = [migrations.RunSQL(SMALLER, migrations.RunSQL.noop)]
