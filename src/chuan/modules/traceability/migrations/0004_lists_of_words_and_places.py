"""Which states and places there are can be told without reading every event."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("traceability", "0003_ids_in_the_order_told")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX traceability_event_state ON traceability_event (disposition);"
            "CREATE INDEX traceability_event_read_point ON traceability_event (read_point)",
            "DROP INDEX traceability_event_state, traceability_event_read_point",
        )
    ]
