"""How much each key may ask and tell, and what it asked and told."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("traceability", "0072_forgotten_tokens"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesskey",
            name="quota",
            field=models.CharField(default="standard", max_length=20),
        ),
        migrations.CreateModel(
            name="KeyUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "span",
                    models.CharField(choices=[("minute", "Minute"), ("day", "Day")], max_length=6),
                ),
                ("since", models.DateTimeField()),
                ("requests", models.PositiveBigIntegerField()),
                ("events", models.PositiveBigIntegerField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="traceability.accesskey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "span", "since"), name="traceability_one_count_of_a_time"
                    )
                ],
            },
        ),
        # Who saw everything had no limits so far.
        migrations.RunSQL(
            "UPDATE traceability_accesskey SET quota = 'unlimited' WHERE remit @> '[\"*\"]'",
            migrations.RunSQL.noop,
        ),
    ]
