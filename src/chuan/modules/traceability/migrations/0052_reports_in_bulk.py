"""Reports beyond what one sender or key has in an hour are kept and marked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("traceability", "0051_lots_told_before")]

    operations = [
        migrations.AddField(
            model_name="problemreport",
            name="is_bulk",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="problemreport",
            index=models.Index(fields=["sent_at"], name="traceability_problems_by_time"),
        ),
    ]
