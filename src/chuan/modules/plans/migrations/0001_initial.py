import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ui", "0001_fold_function"),
        ("documents", "0001_initial"),
        ("files", "0001_initial"),
        ("legal", "0001_initial"),
        ("orgs", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="CentralTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=16)),
                ("position", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                ("clause", models.CharField(blank=True, max_length=200)),
                ("known_from", models.CharField(blank=True, max_length=300)),
                ("is_compared", models.BooleanField(default=False)),
                (
                    "source",
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
                        fields=("source", "code"),
                        name="plans_one_central_task_per_code",
                        violation_error_message="Văn bản này đã có nhiệm vụ mang mã đó.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=1000)),
                ("short_title", models.CharField(max_length=200)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("report_due_day", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("report_due_month", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("report_due_inclusive", models.BooleanField(default=False)),
                ("approved_at", models.DateTimeField()),
                ("is_demo", models.BooleanField(default=False)),
                (
                    "approved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "managed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                ("end_basis", models.CharField(blank=True, max_length=500)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
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
                ("open_questions", models.PositiveSmallIntegerField(default=0)),
                (
                    "replaced_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.plan",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("reconciled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("end_basis", ""),
                                ("ended_at__isnull", True),
                                ("ended_by__isnull", True),
                                ("replaced_by__isnull", True),
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                                models.Q(("end_basis", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="plans_end_has_a_person_a_time_and_a_basis",
                        violation_error_message="Kết thúc kế hoạch cần người quyết định và căn cứ.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("report_due_day__isnull", True), ("report_due_month__isnull", True)
                            ),
                            models.Q(
                                ("report_due_day__isnull", False),
                                ("report_due_month__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="plans_report_day_and_month_together",
                        violation_error_message="Hạn báo cáo cần cả ngày và tháng.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("trouble", models.CharField(max_length=16)),
                ("name", models.CharField(max_length=300)),
                ("from_day", models.DateField()),
                (
                    "codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), size=None
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.group",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="plans.plan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", False), ("organisation__isnull", True)),
                            models.Q(("group__isnull", True), ("organisation__isnull", False)),
                            _connector="OR",
                        ),
                        name="plans_question_about_a_group_or_a_body",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LockException",
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
                            ("year", "Kết quả của một năm"),
                            ("reports", "Báo cáo của một kỳ"),
                        ],
                        max_length=8,
                    ),
                ),
                ("number", models.PositiveBigIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("reason", models.TextField()),
                ("expires_at", models.DateTimeField()),
                ("requested_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_reason", models.CharField(blank=True, max_length=500)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
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
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lock_exceptions",
                        to="plans.plan",
                    ),
                ),
                (
                    "requested_by",
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
                        fields=["plan", "kind", "number", "organisation"],
                        name="plans_exception_of_lock",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="plans_exception_has_a_reason",
                        violation_error_message="Ghi lý do mở khóa.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("requested_at"))),
                        name="plans_exception_ends_after_it_is_asked",
                        violation_error_message="Thời điểm khóa lại phải sau lúc xin.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="plans_exception_needs_two_people",
                        violation_error_message="Người xin mở khóa không tự duyệt: người khác phải duyệt.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                            models.Q(
                                ("approved_at__isnull", False), ("approved_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="plans_approved_exception_has_a_person_and_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", True),
                                ("closed_by__isnull", True),
                                ("closed_reason", ""),
                            ),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                models.Q(("closed_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="plans_closed_exception_says_who_when_and_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BodyPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=16)),
                ("text", models.TextField()),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="body_points",
                        to="plans.plan",
                    ),
                ),
                ("since", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "code", "since"), name="plans_one_body_point_per_code"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("from_day", models.DateField()),
                ("approved_at", models.DateTimeField()),
                (
                    "approved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="plans.plan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "number"), name="plans_one_version_of_a_number"
                    ),
                    models.UniqueConstraint(
                        fields=("plan", "from_day"),
                        name="plans_one_version_from_a_day",
                        violation_error_message="Đã có phiên bản áp dụng từ ngày này.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="plans_versions_count_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanImport",
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
                            ("open", "Đang nhập"),
                            ("approved", "Đã phê duyệt"),
                            ("abandoned", "Đã bỏ"),
                        ],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("reading", models.JSONField()),
                ("draft", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "managed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "plan",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.plan",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                (
                    "amends",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="plans.plan",
                    ),
                ),
                ("base_version", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "made_version",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_import",
                        to="plans.planversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["managed_by", "-updated_at"], name="plans_import_latest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("amends__isnull", True),
                                ("made_version__isnull", True),
                                ("plan__isnull", False),
                                ("state", "approved"),
                            ),
                            models.Q(
                                ("amends__isnull", False),
                                ("made_version__isnull", False),
                                ("plan__isnull", True),
                                ("state", "approved"),
                            ),
                            models.Q(
                                models.Q(("state", "approved"), _negated=True),
                                ("made_version__isnull", True),
                                ("plan__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="plans_approved_import_has_its_plan",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amends__isnull", True), ("base_version__isnull", True)),
                            models.Q(("amends__isnull", False), ("base_version__isnull", False)),
                            _connector="OR",
                        ),
                        name="plans_amendment_knows_where_it_began",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Section",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=16)),
                ("title", models.CharField(max_length=1000)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sections",
                        to="plans.plan",
                    ),
                ),
                ("since", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "code", "since"), name="plans_one_section_per_code"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Substitution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_day", models.DateField()),
                ("basis", models.CharField(max_length=500)),
                ("decided_at", models.DateTimeField()),
                (
                    "by_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.group",
                    ),
                ),
                (
                    "by_organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.group",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="substitutions",
                        to="plans.plan",
                    ),
                ),
                (
                    "basis_document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.officialdocument",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", False), ("organisation__isnull", True)),
                            models.Q(("group__isnull", True), ("organisation__isnull", False)),
                            _connector="OR",
                        ),
                        name="plans_substitution_of_a_group_or_a_body",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by_group__isnull", True),
                            ("by_organisation__isnull", True),
                            _connector="OR",
                        ),
                        name="plans_substitution_by_one_at_most",
                        violation_error_message="Chọn một nhóm hoặc một cơ quan thay thế.",
                    ),
                    models.UniqueConstraint(
                        fields=("plan", "group", "from_day"),
                        name="plans_one_group_substitution_a_day",
                    ),
                    models.UniqueConstraint(
                        fields=("plan", "organisation", "from_day"),
                        name="plans_one_body_substitution_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=16)),
                ("position", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                ("short_text", models.CharField(max_length=160)),
                ("product", models.TextField(blank=True)),
                ("time_text", models.CharField(blank=True, max_length=200)),
                (
                    "due_kind",
                    models.CharField(
                        choices=[
                            ("once", "Một lần, có ngày"),
                            ("yearly", "Hằng năm"),
                            ("until", "Nhiều năm, đến một ngày"),
                            ("by_law", "Theo quy định pháp luật"),
                        ],
                        max_length=8,
                    ),
                ),
                ("due_on", models.DateField(blank=True, null=True)),
                ("source_page", models.PositiveIntegerField(blank=True, null=True)),
                ("source_line", models.PositiveIntegerField(blank=True, null=True)),
                ("heading_only", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="plans.plan",
                    ),
                ),
                (
                    "section",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="plans.section",
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="plans.task",
                    ),
                ),
                ("since", models.PositiveSmallIntegerField(default=1)),
                ("until", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "lead_mode",
                    models.CharField(
                        choices=[
                            ("each", "Mỗi cơ quan đều phải làm"),
                            ("any", "Chỉ cần một cơ quan làm"),
                        ],
                        default="each",
                        max_length=4,
                    ),
                ),
                (
                    "body_points",
                    models.ManyToManyField(blank=True, related_name="tasks", to="plans.bodypoint"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("plan", "code"),
                        name="plans_one_task_per_code",
                    ),
                    models.UniqueConstraint(
                        fields=("plan", "code", "since"),
                        name="plans_one_wording_per_code_and_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gt", models.F("since")),
                            _connector="OR",
                        ),
                        name="plans_wording_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("follows__isnull", True), ("since__gt", 1), _connector="OR"
                        ),
                        name="plans_wording_that_follows_comes_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("due_kind__in", ["once", "until"]), ("due_on__isnull", False)
                            ),
                            models.Q(
                                ("due_kind__in", ["yearly", "by_law"]), ("due_on__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="plans_date_goes_with_once_and_until",
                        violation_error_message="Chỉ nhiệm vụ một lần hoặc nhiều năm mới có ngày hết hạn.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("lead", "Chủ trì"), ("coordinating", "Phối hợp")], max_length=16
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("group", "Nhóm cơ quan"),
                            ("named", "Cơ quan đích danh"),
                            ("open", "Không liệt kê được"),
                        ],
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=300)),
                ("text", models.CharField(max_length=500)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.group",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="plans.task",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("group__isnull", False),
                                ("kind", "group"),
                                ("organisation__isnull", True),
                            ),
                            models.Q(
                                ("group__isnull", True),
                                ("kind", "named"),
                                ("organisation__isnull", False),
                            ),
                            models.Q(
                                ("group__isnull", True),
                                ("kind", "open"),
                                ("organisation__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="plans_party_points_where_its_kind_says",
                        violation_error_message="Chọn nhóm hoặc cơ quan ứng với cách gọi trong quyết định.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Difficulty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("proposal", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("raised", "Chờ trả lời"),
                            ("answered", "Đã trả lời"),
                            ("escalated", "Đã trình tỉnh"),
                            ("settled", "Tỉnh đã chỉ đạo"),
                            ("withdrawn", "Đã rút"),
                        ],
                        default="raised",
                        max_length=16,
                    ),
                ),
                ("raised_at", models.DateTimeField()),
                ("answer_due_on", models.DateField(blank=True, null=True)),
                ("answer_due_why", models.JSONField(default=list)),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("escalation", models.TextField(blank=True)),
                ("escalated_at", models.DateTimeField(blank=True, null=True)),
                ("direction", models.TextField(blank=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=300)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
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
                    "escalated_by",
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
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
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
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="difficulties",
                        to="plans.plan",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="difficulties",
                        to="plans.task",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "difficulties",
                "indexes": [
                    models.Index(fields=["plan", "state"], name="plans_difficulty_by_state"),
                    models.Index(
                        fields=["organisation", "-raised_at"], name="plans_difficulty_by_body"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(
                                ("answered_at__isnull", False), ("answered_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="plans_answer_has_a_person_and_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("escalated_at__isnull", True), ("escalated_by__isnull", True)
                            ),
                            models.Q(
                                ("escalated_at__isnull", False), ("escalated_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="plans_escalation_has_a_person_and_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("settled_by__isnull", True)),
                            models.Q(("settled_at__isnull", False), ("settled_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="plans_direction_has_a_person_and_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CentralLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("linked_at", models.DateTimeField()),
                (
                    "linked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="central_links",
                        to="plans.task",
                    ),
                ),
                (
                    "central",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="plans.centraltask",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task", "central"), name="plans_one_link_to_a_central_task"
                    )
                ],
            },
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
                    "made_by",
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
                        related_name="urgings",
                        to="plans.plan",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["plan", "-made_at"], name="plans_urging_latest")],
            },
        ),
        migrations.CreateModel(
            name="YearLock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=300)),
                ("locked_at", models.DateTimeField()),
                (
                    "locked_by",
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
                        related_name="year_locks",
                        to="plans.plan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "year"), name="plans_one_lock_per_year")
                ],
            },
        ),
        migrations.CreateModel(
            name="Deliverable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("position", models.PositiveSmallIntegerField(default=1)),
                (
                    "weight",
                    models.PositiveSmallIntegerField(
                        default=100, validators=[django.core.validators.MaxValueValidator(100)]
                    ),
                ),
                (
                    "evidence_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("document", "Văn bản phát hành"),
                                ("photo", "Ảnh"),
                                ("list", "Danh sách"),
                                ("link", "Liên kết"),
                                ("other", "Tài liệu khác"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliverables",
                        to="plans.task",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("lead", "Chủ trì"), ("coordinating", "Phối hợp")], max_length=16
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                ("resolved_on", models.DateField()),
                ("due_on", models.DateField(blank=True, null=True)),
                ("due_why", models.JSONField(default=list)),
                (
                    "achievement",
                    models.CharField(
                        choices=[
                            ("no_evidence", "Chưa có minh chứng"),
                            ("not_started", "Chưa bắt đầu"),
                            ("limited", "Hạn chế"),
                            ("substantial", "Cơ bản"),
                            ("complete", "Hoàn thành"),
                        ],
                        default="not_started",
                        max_length=16,
                    ),
                ),
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(100)],
                    ),
                ),
                ("percent_reason", models.CharField(blank=True, max_length=500)),
                ("done_on", models.DateField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="plans.task",
                    ),
                ),
                ("is_extra", models.BooleanField(default=False)),
                ("is_paused", models.BooleanField(default=False)),
                ("original_due_on", models.DateField(blank=True, null=True)),
                ("closed_on", models.DateField(blank=True, null=True)),
                ("is_passed_on", models.BooleanField(default=False)),
                (
                    "counted_with",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="counted_here",
                        to="plans.assignment",
                    ),
                ),
                ("relieved_on", models.DateField(blank=True, null=True)),
                (
                    "tally",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                models.Q(
                                    ("closed_on__isnull", True), ("counted_with__isnull", True)
                                ),
                                then=django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.Case(
                                            models.When(
                                                achievement="no_evidence", then=models.Value(0)
                                            ),
                                            models.When(
                                                achievement="not_started", then=models.Value(1)
                                            ),
                                            models.When(
                                                achievement="limited", then=models.Value(2)
                                            ),
                                            models.When(
                                                achievement="substantial", then=models.Value(3)
                                            ),
                                            models.When(
                                                achievement="complete", then=models.Value(4)
                                            ),
                                            default=models.Value(0),
                                        ),
                                        "+",
                                        models.Case(
                                            models.When(
                                                original_due_on__isnull=True, then=models.Value(0)
                                            ),
                                            default=models.Value(8),
                                        ),
                                    ),
                                    "+",
                                    models.Case(
                                        models.When(
                                            done_on__gt=models.F("due_on"), then=models.Value(32)
                                        ),
                                        models.When(
                                            done_on__gt=models.F("original_due_on"),
                                            then=models.Value(96),
                                        ),
                                        models.When(done_on__isnull=False, then=models.Value(64)),
                                        models.When(is_paused=True, then=models.Value(16)),
                                        default=models.Value(0),
                                    ),
                                ),
                            )
                        ),
                        output_field=models.SmallIntegerField(),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organisation", "year", "role"], name="plans_by_body_and_year"
                    ),
                    models.Index(
                        fields=["task", "role", "period_end", "period_start"],
                        include=(
                            "organisation",
                            "due_on",
                            "done_on",
                            "achievement",
                            "resolved_on",
                            "closed_on",
                            "id",
                            "original_due_on",
                            "is_paused",
                            "counted_with",
                        ),
                        name="plans_by_task_and_days",
                    ),
                    models.Index(
                        condition=models.Q(("role", "lead"), ("tally__isnull", False)),
                        fields=[
                            "task",
                            "period_end",
                            "period_start",
                            "tally",
                            "due_on",
                            "organisation",
                        ],
                        name="plans_tallied",
                    ),
                    models.Index(
                        condition=models.Q(("is_extra", True)),
                        fields=["task"],
                        name="plans_extra_by_task",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task", "organisation", "role", "period_start"),
                        name="plans_one_assignment_per_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("achievement", "complete"), ("done_on__isnull", False)),
                            models.Q(
                                models.Q(("achievement", "complete"), _negated=True),
                                ("done_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="plans_done_day_goes_with_complete",
                        violation_error_message="Nhiệm vụ hoàn thành phải có ngày hoàn thành.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period_end__gt", models.F("period_start"))),
                        name="plans_period_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("original_due_on__isnull", True),
                            ("due_on__isnull", True),
                            ("due_on__gt", models.F("original_due_on")),
                            _connector="OR",
                        ),
                        name="plans_extended_day_is_later",
                        violation_error_message="Hạn gia hạn phải sau hạn gốc.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_paused", False), ("due_on__isnull", False), _connector="OR"
                        ),
                        name="plans_only_a_clock_stands_still",
                        violation_error_message="Không có hạn thì không có gì để xin gia hạn.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_on__isnull", True),
                            models.Q(("done_on__isnull", True), ("due_on__isnull", True)),
                            _connector="OR",
                        ),
                        name="plans_closed_assignment_is_not_done_and_not_due",
                        violation_error_message="Phân công đã đóng không còn hạn và không ghi hoàn thành.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("relieved_on__isnull", True),
                            models.Q(("counted_with__isnull", False), ("done_on__isnull", True)),
                            _connector="OR",
                        ),
                        name="plans_relieved_by_another_that_did_it",
                        violation_error_message="Chỉ thôi giao khi cơ quan khác đã làm xong.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeadlineExtension",
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
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="plans.assignment",
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
                    "upload",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.upload",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["state", "asked_at"], name="plans_extension_by_state")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("proposed_due_on__gt", models.F("due_on_before"))),
                        name="plans_extension_is_for_later",
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
                        name="plans_closed_extension_says_who_when_and_why",
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
                        name="plans_granted_extension_has_its_day",
                        violation_error_message="Gia hạn phải đến một ngày sau hạn hiện tại.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("assignment",),
                        name="plans_one_open_extension",
                        violation_error_message="Phân công này đang có đề nghị gia hạn chờ quyết định.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
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
                            ("document", "Văn bản phát hành"),
                            ("photo", "Ảnh"),
                            ("list", "Danh sách"),
                            ("link", "Liên kết"),
                            ("other", "Tài liệu khác"),
                        ],
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("link", models.URLField(blank=True, max_length=1000)),
                ("added_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=300)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="plans.assignment",
                    ),
                ),
                (
                    "deliverable",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.deliverable",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.upload",
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
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="plans.evidence",
                    ),
                ),
                (
                    "reused_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.evidence",
                    ),
                ),
                ("first_added_at", models.DateTimeField()),
                (
                    "search_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(models.F("title"), function="chuan_fold"),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["assignment", "-added_at"], name="plans_evidence_latest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("link", ""), ("upload__isnull", False)),
                            models.Q(
                                ("upload__isnull", True), models.Q(("link", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="plans_evidence_is_a_file_or_a_link",
                        violation_error_message="Minh chứng là một tệp hoặc một liên kết.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="plans_withdrawal_has_a_person_and_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FateDecision",
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
                            ("close", "Đóng"),
                            ("transfer", "Chuyển cho một cơ quan"),
                            ("clone", "Giao cho từng cơ quan kế thừa"),
                            ("department", "Giao cho sở, ngành"),
                            ("lapse", "Chấm dứt"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Chờ duyệt"),
                            ("approved", "Đã duyệt"),
                            ("handed_back", "Đã trả lại"),
                            ("undone", "Đã hoàn tác"),
                        ],
                        default="proposed",
                        max_length=16,
                    ),
                ),
                ("from_day", models.DateField(blank=True, null=True)),
                ("basis", models.CharField(max_length=500)),
                ("clause", models.CharField(blank=True, max_length=200)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.CharField(blank=True, max_length=500)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "basis_document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.officialdocument",
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
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fate_decisions",
                        to="plans.plan",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["plan", "state"], name="plans_fates_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="plans_fates_are_approved_by_another",
                        violation_error_message="Người duyệt phải khác người đề xuất.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("approved_at__isnull", False),
                                ("approved_by__isnull", False),
                                ("state__in", ["approved", "undone"]),
                            ),
                            models.Q(
                                ("approved_at__isnull", True),
                                ("approved_by__isnull", True),
                                ("state__in", ["proposed", "handed_back"]),
                            ),
                            _connector="OR",
                        ),
                        name="plans_approved_fates_have_who_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True),
                                ("ended_by__isnull", True),
                                ("state__in", ("proposed", "approved")),
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("ended_by__isnull", False),
                                ("state__in", ["handed_back", "undone"]),
                            ),
                            _connector="OR",
                        ),
                        name="plans_ended_fates_have_who_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("basis", ""), _negated=True),
                        name="plans_fates_have_a_basis",
                        violation_error_message="Nhập văn bản làm căn cứ.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fate",
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
                            ("proposed", "Chờ duyệt"),
                            ("approved", "Đã duyệt"),
                            ("handed_back", "Đã trả lại"),
                            ("undone", "Đã hoàn tác"),
                        ],
                        default="proposed",
                        max_length=16,
                    ),
                ),
                ("body_ended_on", models.DateField()),
                ("from_day", models.DateField()),
                ("before", models.JSONField(blank=True, default=dict)),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fates",
                        to="plans.assignment",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fates",
                        to="plans.fatedecision",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("proposed", "approved"))),
                        fields=("assignment",),
                        name="plans_one_fate_per_assignment",
                        violation_error_message="Phân công này đã có quyết định xử lý.",
                    ),
                    models.UniqueConstraint(
                        fields=("decision", "assignment"), name="plans_one_fate_per_decision"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_day__gte", models.F("body_ended_on"))),
                        name="plans_fate_begins_once_the_body_is_gone",
                        violation_error_message="Ngày áp dụng không thể trước ngày cơ quan kết thúc.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FateHeir",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("was_there", models.BooleanField(default=False)),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="came_from",
                        to="plans.assignment",
                    ),
                ),
                (
                    "fate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="heirs",
                        to="plans.fate",
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("fate", "organisation"), name="plans_one_heir_per_fate"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgressUpdate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("narrative", models.TextField()),
                (
                    "achievement",
                    models.CharField(
                        choices=[
                            ("no_evidence", "Chưa có minh chứng"),
                            ("not_started", "Chưa bắt đầu"),
                            ("limited", "Hạn chế"),
                            ("substantial", "Cơ bản"),
                            ("complete", "Hoàn thành"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(100)],
                    ),
                ),
                ("percent_reason", models.CharField(blank=True, max_length=500)),
                ("made_at", models.DateTimeField()),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="updates",
                        to="plans.assignment",
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
                    models.Index(fields=["assignment", "-made_at"], name="plans_update_latest")
                ],
            },
        ),
        migrations.CreateModel(
            name="ContributionRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Chờ góp phần"),
                            ("answered", "Đã góp phần"),
                            ("declined", "Từ chối"),
                            ("withdrawn", "Đã rút"),
                        ],
                        default="asked",
                        max_length=16,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=500)),
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
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="plans.assignment",
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
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests_made",
                        to="plans.assignment",
                    ),
                ),
                (
                    "update",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.progressupdate",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "due_on"], name="plans_request_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("lead", "assignment"),
                        name="plans_one_open_request_per_pair",
                        violation_error_message="Đã có đề nghị đang chờ cơ quan này.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", True),
                                ("closed_by__isnull", True),
                                ("state", "asked"),
                            ),
                            models.Q(
                                models.Q(("state", "asked"), _negated=True),
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="plans_closed_request_has_a_person_and_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "answered"), ("update__isnull", False)),
                            models.Q(
                                models.Q(("state", "answered"), _negated=True),
                                ("update__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="plans_answered_request_has_its_contribution",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subtask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("division", models.CharField(blank=True, max_length=200)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("made_at", models.DateTimeField()),
                ("done_on", models.DateField(blank=True, null=True)),
                ("dropped_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subtasks",
                        to="plans.assignment",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dropped_by",
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
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_on__isnull", True), ("dropped_at__isnull", True)),
                        fields=["person", "due_on"],
                        name="plans_subtask_open_of_person",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True),
                        name="plans_subtask_has_a_title",
                        violation_error_message="Nhập tên phần việc.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person__isnull", False),
                            models.Q(("division", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="plans_subtask_is_for_somebody",
                        violation_error_message="Chọn người hoặc nhập phòng, bộ phận làm phần việc này.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_by__isnull", True), ("done_on__isnull", True)),
                            models.Q(("done_by__isnull", False), ("done_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="plans_subtask_done_has_a_day_and_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dropped_at__isnull", True), ("dropped_by__isnull", True)),
                            models.Q(("dropped_at__isnull", False), ("dropped_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="plans_subtask_dropped_has_a_person_and_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AssignmentState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "role",
                    models.CharField(
                        choices=[("lead", "Chủ trì"), ("coordinating", "Phối hợp")], max_length=16
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                ("resolved_on", models.DateField()),
                ("due_on", models.DateField(null=True)),
                (
                    "achievement",
                    models.CharField(
                        choices=[
                            ("no_evidence", "Chưa có minh chứng"),
                            ("not_started", "Chưa bắt đầu"),
                            ("limited", "Hạn chế"),
                            ("substantial", "Cơ bản"),
                            ("complete", "Hoàn thành"),
                        ],
                        max_length=16,
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField(null=True)),
                ("done_on", models.DateField(null=True)),
                ("is_extra", models.BooleanField(default=False)),
                (
                    "assignment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="states",
                        to="plans.assignment",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orgs.organisation",
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
                ("is_paused", models.BooleanField(db_default=False, default=False)),
                ("original_due_on", models.DateField(null=True)),
                ("closed_on", models.DateField(null=True)),
                (
                    "counted_with",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="plans.assignment",
                    ),
                ),
                ("relieved_on", models.DateField(null=True)),
                (
                    "tally",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                models.Q(
                                    ("closed_on__isnull", True), ("counted_with__isnull", True)
                                ),
                                then=django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.Case(
                                            models.When(
                                                achievement="no_evidence", then=models.Value(0)
                                            ),
                                            models.When(
                                                achievement="not_started", then=models.Value(1)
                                            ),
                                            models.When(
                                                achievement="limited", then=models.Value(2)
                                            ),
                                            models.When(
                                                achievement="substantial", then=models.Value(3)
                                            ),
                                            models.When(
                                                achievement="complete", then=models.Value(4)
                                            ),
                                            default=models.Value(0),
                                        ),
                                        "+",
                                        models.Case(
                                            models.When(
                                                original_due_on__isnull=True, then=models.Value(0)
                                            ),
                                            default=models.Value(8),
                                        ),
                                    ),
                                    "+",
                                    models.Case(
                                        models.When(
                                            done_on__gt=models.F("due_on"), then=models.Value(32)
                                        ),
                                        models.When(
                                            done_on__gt=models.F("original_due_on"),
                                            then=models.Value(96),
                                        ),
                                        models.When(done_on__isnull=False, then=models.Value(64)),
                                        models.When(is_paused=True, then=models.Value(16)),
                                        default=models.Value(0),
                                    ),
                                ),
                            )
                        ),
                        output_field=models.SmallIntegerField(),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["assignment", "since"], name="plans_state_by_assignment"),
                    models.Index(fields=["since"], name="plans_state_by_since"),
                    models.Index(
                        condition=models.Q(("until__isnull", False)),
                        fields=["until"],
                        name="plans_state_by_until",
                    ),
                    models.Index(
                        fields=["organisation", "year", "role"], name="plans_state_by_body"
                    ),
                    models.Index(
                        fields=["task", "role", "period_end", "period_start"],
                        include=(
                            "assignment",
                            "since",
                            "until",
                            "organisation",
                            "due_on",
                            "done_on",
                            "achievement",
                            "closed_on",
                            "original_due_on",
                            "is_paused",
                            "counted_with",
                        ),
                        name="plans_state_by_task_and_days",
                    ),
                    models.Index(
                        condition=models.Q(("role", "lead"), ("tally__isnull", False)),
                        fields=[
                            "task",
                            "period_end",
                            "period_start",
                            "tally",
                            "due_on",
                            "organisation",
                            "since",
                            "until",
                        ],
                        name="plans_state_tallied",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("assignment",),
                        name="plans_one_state_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="plans_state_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UpdateDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="plans.assignment",
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
                ("content", models.JSONField()),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assignment", "person"), name="plans_one_update_draft_each"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UrgingLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rows", models.JSONField()),
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.officialdocument",
                    ),
                ),
                (
                    "urging",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="plans.urging",
                    ),
                ),
                (
                    "assignments",
                    models.ManyToManyField(related_name="urging_letters", to="plans.assignment"),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planimport",
            trigger=pgtrigger.compiler.Trigger(
                name="reading_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.reading IS DISTINCT FROM NEW.reading)",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="36a995c4c987205776ed6d9ff34aaba9374fd0ac",
                    operation="UPDATE",
                    pgid="pgtrigger_reading_stays_920f7",
                    table="plans_planimport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="yearlock",
            trigger=pgtrigger.compiler.Trigger(
                name="lock_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8ac0b4c00b57bd6ee82d46ad7f45bafd3cfbe97a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_lock_stays_2add1",
                    table="plans_yearlock",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assignment",
            trigger=pgtrigger.compiler.Trigger(
                name="closed_by_a_decision",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.closed_on IS NOT NULL)",
                    constraint="CONSTRAINT",
                    func="IF EXISTS (SELECT 1 FROM plans_assignment WHERE id = NEW.id AND closed_on IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM plans_fate WHERE assignment_id = NEW.id AND state = 'approved') THEN RAISE EXCEPTION 'assignment % is closed without a decision', NEW.id USING ERRCODE = 'check_violation'; END IF; RETURN NULL;",
                    hash="6b6c11c063db8b015e71c479bb676f2549c68a50",
                    operation='INSERT OR UPDATE OF "closed_on"',
                    pgid="pgtrigger_closed_by_a_decision_c8252",
                    table="plans_assignment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assignment",
            trigger=pgtrigger.compiler.Trigger(
                name="standing_while_open",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE closed_on date;",
                    func="\n    IF (OLD.achievement, OLD.percent, OLD.percent_reason, OLD.done_on, OLD.due_on,\n            OLD.original_due_on)\n        IS NOT DISTINCT FROM (NEW.achievement, NEW.percent, NEW.percent_reason, NEW.done_on,\n            NEW.due_on, NEW.original_due_on) THEN\n        RETURN NEW;\n    END IF;\n    \n    SELECT max((yearlock.locked_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) INTO closed_on\n    FROM plans_task task JOIN plans_yearlock yearlock\n        ON yearlock.plan_id = task.plan_id\n        AND yearlock.year BETWEEN extract(year FROM OLD.period_start)\n            AND extract(year FROM OLD.period_end - 1)\n    WHERE task.id = OLD.task_id AND NOT plans_lock_is_open(\n        task.plan_id, OLD.organisation_id, 'year', yearlock.year\n    );\n\n    IF closed_on IS NOT NULL AND (OLD.done_on < closed_on OR NEW.done_on < closed_on) THEN\n        \n    RAISE EXCEPTION 'plans: assignment % of % is locked: its year was closed on %',\n        OLD.id, OLD.year, closed_on;\n\n    END IF;\n    RETURN NEW;\n",
                    hash="e1270d0ea20fcc0e5d2b5fcde27afa3341872fe2",
                    operation='UPDATE OF "achievement", "percent", "percent_reason", "done_on", "due_on", "original_due_on"',
                    pgid="pgtrigger_standing_while_open_85036",
                    table="plans_assignment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assignment",
            trigger=pgtrigger.compiler.Trigger(
                name="history_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    INSERT INTO plans_assignmentstate (assignment_id, since, task_id, organisation_id, role, year, period_start, period_end, resolved_on, due_on, original_due_on, is_paused, achievement, percent, done_on, is_extra, closed_on, counted_with_id, relieved_on)\n    SELECT added.id, added.updated_at, added.task_id, added.organisation_id, added.role, added.year, added.period_start, added.period_end, added.resolved_on, added.due_on, added.original_due_on, added.is_paused, added.achievement, added.percent, added.done_on, added.is_extra, added.closed_on, added.counted_with_id, added.relieved_on FROM new_rows added;\n    RETURN NULL;\n",
                    hash="23ce8a93d3660c51b34ecbff732bebfbf7799114",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_history_begins_daabc",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="plans_assignment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assignment",
            trigger=pgtrigger.compiler.Trigger(
                name="history_goes_on",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    UPDATE plans_assignmentstate state\n    SET until = CASE\n        WHEN changed.updated_at <> before.updated_at AND changed.updated_at > state.since\n            THEN changed.updated_at\n        WHEN now() > state.since THEN now()\n        ELSE state.since\n    END\n    FROM new_rows changed JOIN old_rows before USING (id)\n    WHERE state.assignment_id = changed.id AND state.until IS NULL\n        AND (changed.task_id, changed.organisation_id, changed.role, changed.year, changed.period_start, changed.period_end, changed.resolved_on, changed.due_on, changed.original_due_on, changed.is_paused, changed.achievement, changed.percent, changed.done_on, changed.is_extra, changed.closed_on, changed.counted_with_id, changed.relieved_on) IS DISTINCT FROM (before.task_id, before.organisation_id, before.role, before.year, before.period_start, before.period_end, before.resolved_on, before.due_on, before.original_due_on, before.is_paused, before.achievement, before.percent, before.done_on, before.is_extra, before.closed_on, before.counted_with_id, before.relieved_on);\n\n    INSERT INTO plans_assignmentstate (assignment_id, since, task_id, organisation_id, role, year, period_start, period_end, resolved_on, due_on, original_due_on, is_paused, achievement, percent, done_on, is_extra, closed_on, counted_with_id, relieved_on)\n    SELECT changed.id, coalesce(last.until, changed.updated_at), changed.task_id, changed.organisation_id, changed.role, changed.year, changed.period_start, changed.period_end, changed.resolved_on, changed.due_on, changed.original_due_on, changed.is_paused, changed.achievement, changed.percent, changed.done_on, changed.is_extra, changed.closed_on, changed.counted_with_id, changed.relieved_on\n    FROM new_rows changed JOIN old_rows before USING (id)\n    LEFT JOIN LATERAL (\n        SELECT state.until FROM plans_assignmentstate state WHERE state.assignment_id = changed.id\n        ORDER BY state.since DESC, state.id DESC LIMIT 1\n    ) last ON true\n    WHERE (changed.task_id, changed.organisation_id, changed.role, changed.year, changed.period_start, changed.period_end, changed.resolved_on, changed.due_on, changed.original_due_on, changed.is_paused, changed.achievement, changed.percent, changed.done_on, changed.is_extra, changed.closed_on, changed.counted_with_id, changed.relieved_on) IS DISTINCT FROM (before.task_id, before.organisation_id, before.role, before.year, before.period_start, before.period_end, before.resolved_on, before.due_on, before.original_due_on, before.is_paused, before.achievement, before.percent, before.done_on, before.is_extra, before.closed_on, before.counted_with_id, before.relieved_on);\n\n    DELETE FROM plans_assignmentstate state USING new_rows changed\n    WHERE state.assignment_id = changed.id AND state.until = state.since;\n    RETURN NULL;\n",
                    hash="c6527fb84736b16e488a605fff65c5ee0ab4b5d9",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_history_goes_on_78d56",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="plans_assignment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assignment",
            trigger=pgtrigger.compiler.Trigger(
                name="history_ends",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    UPDATE plans_assignmentstate state SET until = greatest(state.since, now()) FROM old_rows gone\n    WHERE state.assignment_id = gone.id AND state.until IS NULL;\n    RETURN NULL;\n",
                    hash="ea23f4a9dfdac8c8cfd5fe5b797363da8aa3d67e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_history_ends_9fcf1",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="plans_assignment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="proven_while_open",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE closed_on date; assignment record;",
                    func="\n    FOR assignment IN SELECT * FROM plans_assignment\n        WHERE id IN (NEW.assignment_id, OLD.assignment_id)\n    LOOP\n        closed_on := NULL;\n        \n    SELECT max((yearlock.locked_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) INTO closed_on\n    FROM plans_task task JOIN plans_yearlock yearlock\n        ON yearlock.plan_id = task.plan_id\n        AND yearlock.year BETWEEN extract(year FROM assignment.period_start)\n            AND extract(year FROM assignment.period_end - 1)\n    WHERE task.id = assignment.task_id AND NOT plans_lock_is_open(\n        task.plan_id, assignment.organisation_id, 'year', yearlock.year\n    );\n\n        IF closed_on IS NOT NULL AND (\n            assignment.done_on < closed_on\n            OR (OLD.added_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date < closed_on\n        ) THEN\n            \n    RAISE EXCEPTION 'plans: assignment % of % is locked: its year was closed on %',\n        assignment.id, assignment.year, closed_on;\n\n        END IF;\n    END LOOP;\n    RETURN COALESCE(NEW, OLD);\n",
                    hash="7bc740ca72952d9c803ae3147ce71792e3323913",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_proven_while_open_1a9b0",
                    table="plans_evidence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="progressupdate",
            trigger=pgtrigger.compiler.Trigger(
                name="never_rewritten",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="55c6f491c34c1e3e6fc048df948c8244dd34e7dc",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_never_rewritten_44b81",
                    table="plans_progressupdate",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="progressupdate",
            trigger=pgtrigger.compiler.Trigger(
                name="told_while_open",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE closed_on date; assignment record;",
                    func="\n    FOR assignment IN SELECT * FROM plans_assignment WHERE id = NEW.assignment_id LOOP\n        \n    SELECT max((yearlock.locked_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) INTO closed_on\n    FROM plans_task task JOIN plans_yearlock yearlock\n        ON yearlock.plan_id = task.plan_id\n        AND yearlock.year BETWEEN extract(year FROM assignment.period_start)\n            AND extract(year FROM assignment.period_end - 1)\n    WHERE task.id = assignment.task_id AND NOT plans_lock_is_open(\n        task.plan_id, assignment.organisation_id, 'year', yearlock.year\n    );\n\n        IF assignment.done_on < closed_on THEN\n            \n    RAISE EXCEPTION 'plans: assignment % of % is locked: its year was closed on %',\n        assignment.id, assignment.year, closed_on;\n\n        END IF;\n    END LOOP;\n    RETURN NEW;\n",
                    hash="f12993598f65dfa8cbe99282a15bc198d405bd51",
                    operation="INSERT",
                    pgid="pgtrigger_told_while_open_7de79",
                    table="plans_progressupdate",
                    when="BEFORE",
                ),
            ),
        ),
    ]
