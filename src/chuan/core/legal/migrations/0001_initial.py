import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LegalSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=64, unique=True)),
                ("notation", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=500)),
                ("issuer", models.CharField(max_length=200)),
                ("issued_on", models.DateField(blank=True, null=True)),
                ("effective_from", models.DateField(blank=True, null=True)),
                ("effective_to", models.DateField(blank=True, null=True)),
                ("is_verified", models.BooleanField(default=False)),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("effective_to__isnull", True),
                            ("effective_from__isnull", True),
                            ("effective_to__gt", models.F("effective_from")),
                            _connector="OR",
                        ),
                        name="legal_source_ends_after_it_begins",
                        violation_error_message="Ngày hết hiệu lực phải sau ngày có hiệu lực.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SourceRelation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("replaces", "thay thế"),
                            ("amends", "sửa đổi, bổ sung"),
                            ("guides", "hướng dẫn"),
                            ("implements", "triển khai"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relations",
                        to="legal.legalsource",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.legalsource",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "kind", "target"), name="legal_one_relation_of_a_kind"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StatutoryParameter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=100)),
                ("title", models.CharField(max_length=300)),
                ("value", models.JSONField()),
                ("clause", models.CharField(blank=True, max_length=100)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parameters",
                        to="legal.legalsource",
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.Func(
                                        models.F("code"),
                                        models.Value(0),
                                        function="hashtextextended",
                                    ),
                                    models.Func(
                                        models.F("code"),
                                        models.Value(0),
                                        function="hashtextextended",
                                    ),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            ("valid", "&&"),
                        ],
                        name="legal_parameter_has_one_value_a_day",
                        violation_error_message="Tham số này đã có giá trị trong khoảng ngày đó.",
                    )
                ],
            },
        ),
    ]
