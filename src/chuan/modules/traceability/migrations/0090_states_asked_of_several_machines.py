"""What stood here is part of 0088; tables that know it by its name go on."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("traceability", "0089_pages_in_the_order_of_an_index")]
