import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("annual_report", "0002_standing_versions_and_locks"),
        ("annual_report", "0003_periods_for_other_stretches"),
        ("annual_report", "0004_steps_keep_what_was_returned"),
        ("annual_report", "0005_filled_workbooks"),
        ("annual_report", "0006_locks_and_exceptions"),
        ("annual_report", "0007_reviews_of_several_years"),
        ("annual_report", "0008_years_closed_before_are_locked"),
        ("annual_report", "0009_titles_name_the_plan"),
    ]

    dependencies = [
        ("annual_report", "0001_initial"),
        ("documents", "0001_initial"),
        ("orgs", "0001_initial"),
        ("people", "__first__"),
        ("plans", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnitReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Đang nhập liệu"),
                            ("submitted", "Đã gửi chờ duyệt"),
                            ("returned", "Yêu cầu chỉnh lý"),
                            ("accepted", "Đã duyệt chờ tổng hợp"),
                            ("consolidated", "Đã tổng hợp"),
                            ("closed", "Hoàn thành"),
                            ("excluded", "Loại trừ"),
                        ],
                        default="draft",
                        max_length=16,
                    ),
                ),
                ("summary", models.TextField(blank=True)),
                ("difficulties", models.TextField(blank=True)),
                ("proposals", models.TextField(blank=True)),
                ("next_year", models.TextField(blank=True)),
                ("difficulties_prefilled", models.TextField(blank=True)),
                (
                    "finished_sections",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("figures", "Số liệu từ hệ thống"),
                                ("summary", "Kết quả nổi bật"),
                                ("difficulties", "Khó khăn, vướng mắc và kiến nghị"),
                                ("next_year", "Phương hướng năm sau"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("synced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("ready_at", models.DateTimeField(blank=True, null=True)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("first_submitted_at", models.DateTimeField(blank=True, null=True)),
                ("signing_form", models.CharField(blank=True, max_length=4)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("returned_due_on", models.DateField(blank=True, null=True)),
                ("excluded_reason", models.CharField(blank=True, max_length=500)),
                (
                    "excluded_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "Đang nhập liệu"),
                            ("submitted", "Đã gửi chờ duyệt"),
                            ("returned", "Yêu cầu chỉnh lý"),
                            ("accepted", "Đã duyệt chờ tổng hợp"),
                            ("consolidated", "Đã tổng hợp"),
                            ("closed", "Hoàn thành"),
                            ("excluded", "Loại trừ"),
                        ],
                        max_length=16,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField()),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "excluded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="annual_report.reportingperiod",
                    ),
                ),
                (
                    "ready_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("extended_due_on", models.DateField(blank=True, null=True)),
                ("is_paused", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Urging",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
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
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="urgings",
                        to="annual_report.reportingperiod",
                    ),
                ),
                (
                    "reports",
                    models.ManyToManyField(related_name="urgings", to="annual_report.unitreport"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FilledWorkbook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField()),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="workbooks",
                        to="annual_report.unitreport",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "sent_by"),
                        name="annual_report_one_workbook_of_each_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportExtension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField()),
                ("due_on_before", models.DateField()),
                ("proposed_due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Chờ quyết định"),
                            ("granted", "Đã gia hạn"),
                            ("refused", "Không đồng ý"),
                            ("withdrawn", "Đã rút"),
                        ],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("granted_due_on", models.DateField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="annual_report.unitreport",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("proposed_due_on__gt", models.F("due_on_before"))),
                        name="annual_report_extension_is_for_later",
                        violation_error_message="Ngày đề nghị phải sau hạn hiện tại.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("closed_at__isnull", True),
                                ("closed_by__isnull", True),
                                ("state", "waiting"),
                            ),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="annual_report_closed_extension_says_who_when_and_why",
                        violation_error_message="Quyết định về gia hạn cần người, ngày và căn cứ hoặc lý do.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("granted_due_on__gt", models.F("due_on_before")),
                                ("state", "granted"),
                            ),
                            models.Q(
                                models.Q(("state", "granted"), _negated=True),
                                ("granted_due_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="annual_report_granted_extension_has_its_day",
                        violation_error_message="Gia hạn phải đến một ngày sau hạn hiện tại.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("report",),
                        name="annual_report_one_open_extension",
                        violation_error_message="Báo cáo này đang có đề nghị gia hạn chờ quyết định.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=100)),
                ("title", models.CharField(max_length=255)),
                ("unit", models.CharField(max_length=16)),
                ("definition", models.TextField()),
                ("value", models.DecimalField(decimal_places=4, max_digits=20, null=True)),
                ("numerator", models.BigIntegerField(null=True)),
                ("denominator", models.BigIntegerField(null=True)),
                ("rows", models.JSONField(default=list)),
                ("counted_at", models.DateTimeField()),
                (
                    "override",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True),
                ),
                ("override_numerator", models.BigIntegerField(blank=True, null=True)),
                ("override_denominator", models.BigIntegerField(blank=True, null=True)),
                ("override_reason", models.CharField(blank=True, max_length=500)),
                ("overridden_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outlook",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "overridden_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="annual_report.unitreport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "code"), name="annual_report_one_figure_per_code"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("overridden_by__isnull", True),
                                ("override__isnull", True),
                                ("overridden_at__isnull", True),
                                ("override_reason", ""),
                            ),
                            models.Q(
                                ("overridden_by__isnull", False),
                                ("override__isnull", False),
                                ("overridden_at__isnull", False),
                                models.Q(("override_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="annual_report_override_has_a_reason_and_a_person",
                        violation_error_message="Sửa số liệu phải ghi lý do.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("override_denominator__isnull", True),
                                ("override_numerator__isnull", True),
                            ),
                            models.Q(
                                ("override__isnull", False),
                                ("override_denominator__gt", 0),
                                ("override_numerator__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="annual_report_share_is_overridden_by_its_parts",
                        violation_error_message="Sửa một tỷ lệ bằng cả tử số và mẫu số.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.CharField(max_length=16)),
                ("is_needed", models.BooleanField()),
                ("narrative", models.TextField(blank=True)),
                ("prefilled", models.TextField(blank=True)),
                ("prefilled_at", models.DateTimeField(blank=True, null=True)),
                ("is_edited", models.BooleanField(default=False)),
                ("outlook", models.TextField(blank=True)),
                ("achievement", models.CharField(blank=True, max_length=16)),
                ("percent", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("is_judged", models.BooleanField(default=False)),
                ("is_finished", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField()),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.assignment",
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
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="annual_report.unitreport",
                    ),
                ),
                ("done_on", models.DateField(blank=True, null=True)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("timeliness", models.CharField(blank=True, max_length=16)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "assignment"),
                        name="annual_report_one_item_per_assignment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent__isnull", True), ("percent__lte", 100), _connector="OR"
                        ),
                        name="annual_report_percent_of_a_whole",
                        violation_error_message="Tiến độ từ 0 đến 100 %.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportSnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("rows", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snapshots",
                        to="annual_report.unitreport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "number"), name="annual_report_snapshot_numbered"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportStep",
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
                            ("opened", "Mở báo cáo"),
                            ("started", "Bắt đầu nhập liệu"),
                            ("made_ready", "Trình thủ trưởng ký gửi"),
                            ("given_back", "Thủ trưởng chuyển lại cán bộ"),
                            ("submitted", "Gửi báo cáo"),
                            ("withdrawn", "Rút lại để sửa"),
                            ("returned", "Yêu cầu chỉnh lý"),
                            ("accepted", "Duyệt, chốt số liệu"),
                            ("excluded", "Loại trừ khỏi tổng hợp"),
                            ("readmitted", "Đưa lại vào tổng hợp"),
                            ("consolidated", "Đưa vào bản tổng hợp"),
                            ("left_out", "Đưa ra khỏi bản tổng hợp"),
                            ("closed", "Bản tổng hợp đã chốt"),
                            ("urged", "Đôn đốc"),
                        ],
                        max_length=16,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("signing_form", models.CharField(blank=True, max_length=4)),
                ("note", models.TextField(blank=True)),
                ("due_on", models.DateField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="annual_report.unitreport",
                    ),
                ),
                ("parts", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["report", "-made_at"], name="annual_report_steps")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnComment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(blank=True, max_length=120)),
                ("text", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("reply", models.TextField(blank=True)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="annual_report.reportitem",
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
                    "resolved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="annual_report.unitreport",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["report", "resolved_at"], name="annual_report_to_mend")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolved_at__isnull", True), ("resolved_by__isnull", True)),
                            models.Q(
                                ("resolved_at__isnull", False), ("resolved_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="annual_report_resolution_has_a_person_and_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsolidationEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Đang nhập liệu"),
                            ("submitted", "Đã gửi chờ duyệt"),
                            ("returned", "Yêu cầu chỉnh lý"),
                            ("accepted", "Đã duyệt chờ tổng hợp"),
                            ("consolidated", "Đã tổng hợp"),
                            ("closed", "Hoàn thành"),
                            ("excluded", "Loại trừ"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_included", models.BooleanField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "consolidation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="annual_report.consolidation",
                    ),
                ),
                (
                    "content",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annual_report.reportsnapshot",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="annual_report.unitreport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("consolidation", "report"),
                        name="annual_report_one_entry_per_report",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("content__isnull", False), ("is_included", True)),
                            models.Q(("content__isnull", True), ("is_included", False)),
                            _connector="OR",
                        ),
                        name="annual_report_included_entry_has_its_content",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="unitreport",
            name="accepted",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annual_report.reportsnapshot",
            ),
        ),
        migrations.AddIndex(
            model_name="unitreport",
            index=models.Index(fields=["period", "state"], name="annual_report_by_state"),
        ),
        migrations.AddIndex(
            model_name="unitreport",
            index=models.Index(fields=["organisation", "period"], name="annual_report_by_body"),
        ),
        migrations.AddConstraint(
            model_name="unitreport",
            constraint=models.UniqueConstraint(
                fields=("period", "organisation"), name="annual_report_one_per_body"
            ),
        ),
        migrations.AddConstraint(
            model_name="unitreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("submitted_by__isnull", True),
                    ("entered_by__isnull", True),
                    models.Q(("submitted_by", models.F("entered_by")), _negated=True),
                    _connector="OR",
                ),
                name="annual_report_signer_is_not_the_clerk",
                violation_error_message="Người ký gửi không thể là người nhập báo cáo.",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("submitted_at__isnull", True), ("submitted_by__isnull", True)),
                    models.Q(("submitted_at__isnull", False), ("submitted_by__isnull", False)),
                    _connector="OR",
                ),
                name="annual_report_submission_has_a_person_and_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ready_at__isnull", True), ("ready_by__isnull", True)),
                    models.Q(("ready_at__isnull", False), ("ready_by__isnull", False)),
                    _connector="OR",
                ),
                name="annual_report_readiness_has_a_person_and_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["accepted", "consolidated", "closed"]), _negated=True),
                    models.Q(
                        ("accepted__isnull", False),
                        ("accepted_at__isnull", False),
                        ("accepted_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="annual_report_acceptance_has_its_snapshot",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("excluded_by__isnull", False),
                        ("state", "excluded"),
                        models.Q(("excluded_reason", ""), _negated=True),
                        models.Q(("excluded_from", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "excluded"), _negated=True),
                        ("excluded_by__isnull", True),
                        ("excluded_from", ""),
                        ("excluded_reason", ""),
                    ),
                    _connector="OR",
                ),
                name="annual_report_exclusion_has_a_reason",
                violation_error_message="Loại trừ phải ghi lý do.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="unitreport",
            trigger=pgtrigger.compiler.Trigger(
                name="texts_of_open_report",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE locks_on date;",
                    func="\n            IF OLD.state NOT IN ('draft', 'returned') AND (OLD.summary, OLD.difficulties, OLD.proposals, OLD.next_year, OLD.finished_sections, OLD.difficulties_prefilled, OLD.period_id, OLD.organisation_id) IS DISTINCT FROM (NEW.summary, NEW.difficulties, NEW.proposals, NEW.next_year, NEW.finished_sections, NEW.difficulties_prefilled, NEW.period_id, NEW.organisation_id) THEN\n                RAISE EXCEPTION 'annual_report: report % is % and locked', OLD.id, OLD.state;\n            END IF;\n            IF (OLD.summary, OLD.difficulties, OLD.proposals, OLD.next_year, OLD.finished_sections, OLD.difficulties_prefilled, OLD.period_id, OLD.organisation_id) IS DISTINCT FROM (NEW.summary, NEW.difficulties, NEW.proposals, NEW.next_year, NEW.finished_sections, NEW.difficulties_prefilled, NEW.period_id, NEW.organisation_id)\n                OR (OLD.state IN ('draft', 'returned') AND NEW.state = 'submitted')\n            THEN \n    SELECT period.locks_on INTO locks_on\n    FROM annual_report_unitreport report\n        JOIN annual_report_reportingperiod period ON period.id = report.period_id\n        JOIN plans_plan plan ON plan.id = period.plan_id\n        CROSS JOIN LATERAL (\n            SELECT (plans_clock(plan.is_demo) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS today\n        ) clock\n    WHERE report.id IN (OLD.id) AND today >= period.locks_on\n        AND NOT coalesce(today <= report.returned_due_on, false)\n        AND NOT coalesce(today <= report.extended_due_on, false)\n        AND NOT plans_lock_is_open(\n            period.plan_id, report.organisation_id, 'reports', period.id\n        )\n    LIMIT 1;\n    IF locks_on IS NOT NULL THEN\n        RAISE EXCEPTION 'annual_report: report % is locked: its period was locked on %',\n            OLD.id, locks_on;\n    END IF;\n END IF;\n            RETURN NEW;\n        ",
                    hash="cf58a7f0ec5ad7cfedd53bea2213965e50d7e815",
                    operation="UPDATE",
                    pgid="pgtrigger_texts_of_open_report_626c3",
                    table="annual_report_unitreport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reportfigure",
            trigger=pgtrigger.compiler.Trigger(
                name="figure_of_open_report",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE report_state text; locks_on date;",
                    func="\n            -- A row moved from one report to another concerns both.\n            SELECT state INTO report_state FROM annual_report_unitreport\n            WHERE id IN (NEW.report_id, OLD.report_id) AND state NOT IN ('draft', 'returned')\n            LIMIT 1;\n            IF report_state IS NOT NULL THEN\n                RAISE EXCEPTION 'annual_report: report % is % and locked',\n                    COALESCE(NEW.report_id, OLD.report_id), report_state;\n            END IF;\n            \n    SELECT period.locks_on INTO locks_on\n    FROM annual_report_unitreport report\n        JOIN annual_report_reportingperiod period ON period.id = report.period_id\n        JOIN plans_plan plan ON plan.id = period.plan_id\n        CROSS JOIN LATERAL (\n            SELECT (plans_clock(plan.is_demo) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS today\n        ) clock\n    WHERE report.id IN (NEW.report_id, OLD.report_id) AND today >= period.locks_on\n        AND NOT coalesce(today <= report.returned_due_on, false)\n        AND NOT coalesce(today <= report.extended_due_on, false)\n        AND NOT plans_lock_is_open(\n            period.plan_id, report.organisation_id, 'reports', period.id\n        )\n    LIMIT 1;\n    IF locks_on IS NOT NULL THEN\n        RAISE EXCEPTION 'annual_report: report % is locked: its period was locked on %',\n            COALESCE(NEW.report_id, OLD.report_id), locks_on;\n    END IF;\n\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="6ce11896c8453c9320f1360d44fe5824d85143ab",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_figure_of_open_report_bfebe",
                    table="annual_report_reportfigure",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reportitem",
            trigger=pgtrigger.compiler.Trigger(
                name="item_of_open_report",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE report_state text; locks_on date;",
                    func="\n            -- A row moved from one report to another concerns both.\n            SELECT state INTO report_state FROM annual_report_unitreport\n            WHERE id IN (NEW.report_id, OLD.report_id) AND state NOT IN ('draft', 'returned')\n            LIMIT 1;\n            IF report_state IS NOT NULL THEN\n                RAISE EXCEPTION 'annual_report: report % is % and locked',\n                    COALESCE(NEW.report_id, OLD.report_id), report_state;\n            END IF;\n            \n    SELECT period.locks_on INTO locks_on\n    FROM annual_report_unitreport report\n        JOIN annual_report_reportingperiod period ON period.id = report.period_id\n        JOIN plans_plan plan ON plan.id = period.plan_id\n        CROSS JOIN LATERAL (\n            SELECT (plans_clock(plan.is_demo) AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS today\n        ) clock\n    WHERE report.id IN (NEW.report_id, OLD.report_id) AND today >= period.locks_on\n        AND NOT coalesce(today <= report.returned_due_on, false)\n        AND NOT coalesce(today <= report.extended_due_on, false)\n        AND NOT plans_lock_is_open(\n            period.plan_id, report.organisation_id, 'reports', period.id\n        )\n    LIMIT 1;\n    IF locks_on IS NOT NULL THEN\n        RAISE EXCEPTION 'annual_report: report % is locked: its period was locked on %',\n            COALESCE(NEW.report_id, OLD.report_id), locks_on;\n    END IF;\n\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="50b6c00d65b8fd7f290f42b5983ec4343e07b44c",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_item_of_open_report_46d48",
                    table="annual_report_reportitem",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reportsnapshot",
            trigger=pgtrigger.compiler.Trigger(
                name="snapshot_never_rewritten",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2e3329b20dddc743c21a668e96ff4173c8823d55",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_snapshot_never_rewritten_a2633",
                    table="annual_report_reportsnapshot",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reportstep",
            trigger=pgtrigger.compiler.Trigger(
                name="step_never_rewritten",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f377241214884b15e13f618a9bef53777523f588",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_step_never_rewritten_e2250",
                    table="annual_report_reportstep",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consolidationentry",
            trigger=pgtrigger.compiler.Trigger(
                name="entry_of_draft",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE consolidation_state text;",
                    func="\n            SELECT state INTO consolidation_state FROM annual_report_consolidation\n            WHERE id IN (NEW.consolidation_id, OLD.consolidation_id) AND state <> 'draft'\n            LIMIT 1;\n            IF consolidation_state IS NOT NULL THEN\n                RAISE EXCEPTION 'annual_report: consolidation % is %',\n                    COALESCE(NEW.consolidation_id, OLD.consolidation_id), consolidation_state;\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="a4d8b0a9da31cc86969ef822596cf728bb8f3cfc",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_entry_of_draft_a33b8",
                    table="annual_report_consolidationentry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
