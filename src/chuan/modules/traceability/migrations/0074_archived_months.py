"""Which months lie in files."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("traceability", "0073_quotas_of_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchivedMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(unique=True)),
                ("event_count", models.PositiveBigIntegerField()),
                ("files", models.JSONField()),
                ("archived_at", models.DateTimeField()),
            ],
        ),
    ]
