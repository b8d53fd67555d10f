"""What stood here is said better by 0095; tables that know it by its name go on."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("traceability", "0091_recalls_and_their_holders")]
