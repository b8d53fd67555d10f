"""Whose accounts belong to a holder stands in the register of parties; goods are found by their link."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("traceability", "0011_lots_and_transformations")]

    operations = [
        migrations.RemoveField(model_name="accesskey", name="organisation"),
        migrations.AddIndex(
            model_name="recallitem",
            index=models.Index(fields=["uri"], name="traceability_items_by_link"),
        ),
    ]
