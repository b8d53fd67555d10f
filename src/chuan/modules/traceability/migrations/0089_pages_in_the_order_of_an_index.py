"""Pages of one word or one place, in the order of time: by the index alone, which had no number to tell apart
what happened at one instant. Without, PostgreSQL went through everything that happened, whatever it was, ten
events for each that it found."""

from django.db import migrations

IN_ORDER = """
DROP INDEX traceability_event_step, traceability_event_location;
CREATE INDEX traceability_event_step ON traceability_event (biz_step, event_time, event_id);
CREATE INDEX traceability_event_location ON traceability_event (biz_location, event_time, event_id);
"""


class Migration(migrations.Migration):
    dependencies = [("traceability", "0088_states_in_any_order")]

    operations = [migrations.RunSQL(IN_ORDER, migrations.RunSQL.noop)]
