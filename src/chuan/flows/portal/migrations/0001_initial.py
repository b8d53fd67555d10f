import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("portal", "0002_lines_it_tells")]

    initial = True

    dependencies = [
        ("annual_report", "0001_initial"),
        ("files", "0001_initial"),
        ("people", "__first__"),
        ("plans", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Publication",
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
                            ("plan", "Kế hoạch"),
                            ("results", "Kết quả thực hiện"),
                            ("answer", "Trả lời vướng mắc"),
                        ],
                        max_length=8,
                    ),
                ),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("published_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=300)),
                (
                    "consolidation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annual_report.consolidation",
                    ),
                ),
                (
                    "difficulty",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.difficulty",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annual_report.reportingperiod",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.plan",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "plan"), ("withdrawn_at__isnull", True)),
                        fields=("plan",),
                        name="portal_one_live_plan",
                        violation_error_message="Kế hoạch này đang được công khai.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "results"), ("withdrawn_at__isnull", True)),
                        fields=("period",),
                        name="portal_one_live_result_a_period",
                        violation_error_message="Kết quả kỳ này đang được công khai.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "answer"), ("withdrawn_at__isnull", True)),
                        fields=("difficulty",),
                        name="portal_one_live_answer",
                        violation_error_message="Trả lời này đang được công khai.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("consolidation__isnull", True),
                                ("difficulty__isnull", True),
                                ("kind", "plan"),
                                ("period__isnull", True),
                            ),
                            models.Q(
                                ("consolidation__isnull", False),
                                ("difficulty__isnull", True),
                                ("kind", "results"),
                                ("period__isnull", False),
                            ),
                            models.Q(
                                ("consolidation__isnull", True),
                                ("difficulty__isnull", False),
                                ("kind", "answer"),
                                ("period__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="portal_points_where_its_kind_says",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at__isnull", True),
                                ("withdrawn_by__isnull", True),
                                ("withdrawn_reason", ""),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="portal_withdrawal_is_whole",
                        violation_error_message="Gỡ công khai cần người gỡ và lý do.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="portal.publication",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.upload",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("publication", "upload"), name="portal_one_such_file_a_publication"
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="cec095d0db0269275b6a5cbe37d73ad0445058dc",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_bdc3b",
                    table="portal_publication",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="content_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.withdrawn_at IS NOT NULL OR (OLD.content, OLD.sha256, OLD.lines, OLD.plan_id) IS DISTINCT FROM (NEW.content, NEW.sha256, NEW.lines, NEW.plan_id))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="5eeb2b7c60a9a407565b8a6ebf668ac9981564f2",
                    operation="UPDATE",
                    pgid="pgtrigger_content_stays_7426d",
                    table="portal_publication",
                    when="BEFORE",
                ),
            ),
        ),
    ]
