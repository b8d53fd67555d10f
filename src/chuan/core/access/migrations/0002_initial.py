import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("access", "0002_viewings"), ("access", "0003_bodies_agreed_to")]

    dependencies = [
        ("access", "0001_cache_table"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Viewing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=300)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("is_granted", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "bodies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "-asked_at"], name="access_viewings_of"),
                    models.Index(fields=["asked_by", "-asked_at"], name="access_viewings_by"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("asked_by")), _negated=True),
                        name="access_nobody_views_as_themselves",
                        violation_error_message="Không ai xin xem như chính mình.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at", None), ("answered_by", None), ("is_granted", False)
                            ),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("answered_by", models.F("asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="access_viewing_is_answered_by_another",
                        violation_error_message="Người xin xem không tự đồng ý cho mình.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ends_at", None), ("started_at", None)),
                            models.Q(
                                ("ends_at__gt", models.F("started_at")),
                                ("is_granted", True),
                                ("started_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="access_viewing_starts_when_granted",
                        violation_error_message="Chỉ xem khi đã được đồng ý, và có giờ kết thúc.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="access_viewing_ended_by_somebody",
                        violation_error_message="Kết thúc cần cả người và thời điểm.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ViewedPage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=500)),
                ("status", models.PositiveSmallIntegerField()),
                (
                    "viewing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to="access.viewing",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["viewing", "at"], name="access_pages_of_viewing")],
            },
        ),
    ]
