import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("documents", "0001_initial"),
        ("orgs", "0001_initial"),
        ("people", "__first__"),
        ("plans", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="FigurePlacement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=100)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.plan",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.task",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "code"), name="annual_report_one_place_per_figure"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportingPeriod",
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
                            ("yearly", "Báo cáo năm"),
                            ("quarterly", "Báo cáo quý"),
                            ("ad_hoc", "Báo cáo đột xuất"),
                            ("mid_term", "Báo cáo sơ kết"),
                            ("final", "Báo cáo tổng kết"),
                        ],
                        default="yearly",
                        max_length=16,
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=400)),
                ("data_from", models.DateField()),
                ("data_to", models.DateField()),
                ("data_why", models.JSONField(blank=True, default=list)),
                ("opens_on", models.DateField()),
                ("due_on", models.DateField()),
                ("due_why", models.JSONField(blank=True, default=list)),
                ("grace_until", models.DateField()),
                ("locks_on", models.DateField()),
                ("opened_at", models.DateTimeField()),
                (
                    "managed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                ("version", models.PositiveIntegerField(default=1)),
                ("basis", models.CharField(blank=True, max_length=200)),
                ("phrase", models.CharField(max_length=100)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "yearly")),
                        fields=("plan", "year"),
                        name="annual_report_one_yearly_period",
                        violation_error_message="Năm này đã mở kỳ báo cáo.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "yearly"), _negated=True),
                        fields=("plan", "kind", "data_from", "data_to"),
                        name="annual_report_one_period_for_its_days",
                        violation_error_message="Đã mở kỳ báo cáo cùng loại cho đúng các ngày số liệu này.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("phrase", ""), _negated=True),
                        name="annual_report_period_is_named",
                        violation_error_message="Ghi cụm từ chỉ kỳ báo cáo.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["ad_hoc", "mid_term", "final"]), _negated=True),
                            models.Q(("basis", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="annual_report_ad_hoc_has_a_basis",
                        violation_error_message="Ghi văn bản yêu cầu báo cáo đột xuất, sơ kết, tổng kết.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("data_to__gt", models.F("data_from")),
                            ("due_on__gte", models.F("opens_on")),
                            ("grace_until__gte", models.F("due_on")),
                            ("locks_on__gt", models.F("grace_until")),
                        ),
                        name="annual_report_days_in_order",
                        violation_error_message="Các ngày phải theo thứ tự: mở, hạn gửi, hết gia hạn chung, khóa.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consolidation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Đang tổng hợp"),
                            ("superseded", "Đã có bản sau"),
                            ("closed", "Đã chốt"),
                        ],
                        default="draft",
                        max_length=16,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("snapshot", models.JSONField()),
                ("snapshot_hash", models.CharField(max_length=64)),
                ("opening", models.TextField(blank=True)),
                ("overall", models.TextField(blank=True)),
                ("difficulties", models.TextField(blank=True)),
                ("proposals", models.TextField(blank=True)),
                ("next_year", models.TextField(blank=True)),
                (
                    "edited_texts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField()),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consolidations",
                        to="annual_report.reportingperiod",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("period", "number"), name="annual_report_numbered"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")),
                        fields=("period",),
                        name="annual_report_one_open_draft",
                        violation_error_message="Đang có một bản tổng hợp chưa chốt.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("state", "closed"),
                            ),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True),
                                ("closed_at__isnull", True),
                                ("closed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="annual_report_closing_has_a_person_and_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_by__isnull", True),
                            models.Q(("closed_by", models.F("made_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="annual_report_closed_by_somebody_else",
                        violation_error_message="Người chốt không thể là người lập bản tổng hợp.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Output",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("province", "Ủy ban nhân dân tỉnh"),
                            ("ministry", "Bộ Khoa học và Công nghệ"),
                        ],
                        max_length=8,
                    ),
                ),
                ("snapshot_hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                (
                    "consolidation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outputs",
                        to="annual_report.consolidation",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.officialdocument",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["consolidation", "audience", "-made_at"],
                        name="annual_report_outputs",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsolidatedTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sources", models.JSONField(default=list)),
                ("merged", models.TextField(blank=True)),
                ("narrative", models.TextField(blank=True)),
                ("is_edited", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.task",
                    ),
                ),
                (
                    "consolidation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="annual_report.consolidation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("consolidation", "task"), name="annual_report_one_text_per_task"
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consolidation",
            trigger=pgtrigger.compiler.Trigger(
                name="closed_stays_closed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"state\" IN ('closed', 'superseded'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="21bf78a85954d3391a613aef35b9b4494424c08e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_closed_stays_closed_6156e",
                    table="annual_report_consolidation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consolidatedtask",
            trigger=pgtrigger.compiler.Trigger(
                name="task_of_draft",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE consolidation_state text;",
                    func="\n            SELECT state INTO consolidation_state FROM annual_report_consolidation\n            WHERE id IN (NEW.consolidation_id, OLD.consolidation_id) AND state <> 'draft'\n            LIMIT 1;\n            IF consolidation_state IS NOT NULL THEN\n                RAISE EXCEPTION 'annual_report: consolidation % is %',\n                    COALESCE(NEW.consolidation_id, OLD.consolidation_id), consolidation_state;\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="33556aa3fd3a431fb50059fe4fdc7890ab1da1a9",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_task_of_draft_239c1",
                    table="annual_report_consolidatedtask",
                    when="BEFORE",
                ),
            ),
        ),
    ]
