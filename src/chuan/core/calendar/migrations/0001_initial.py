import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("legal", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("holiday", "Nghỉ lễ, tết"),
                            ("swap_off", "Nghỉ hoán đổi"),
                            ("swap_on", "Làm bù"),
                        ],
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("is_confirmed", models.BooleanField(default=False)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.legalsource",
                    ),
                ),
            ],
        ),
    ]
