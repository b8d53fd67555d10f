import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("orgs", "0002_links_are_confirmed_groups_may_be_open"),
        ("orgs", "0003_reorganisations_by_two_people"),
        ("orgs", "0004_keys_for_apportioning"),
        ("orgs", "0005_initials_of_names"),
    ]

    initial = True

    dependencies = [
        ("ui", "0001_fold_function"),
        ("legal", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Group",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "phrases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("is_open", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=100, unique=True)),
                ("is_home", models.BooleanField(default=False)),
                ("is_demo", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="OrganisationVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("name", models.CharField(max_length=300)),
                ("short_name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("national", "Cơ quan trung ương"),
                            ("province", "Ủy ban nhân dân tỉnh"),
                            ("provincial", "Cơ quan cấp tỉnh"),
                            ("armed", "Công an, quân sự"),
                            ("district", "Ủy ban nhân dân cấp huyện"),
                            ("commune", "Ủy ban nhân dân cấp xã"),
                            ("party_front", "Cơ quan đảng, mặt trận, đoàn thể"),
                            ("press", "Cơ quan báo chí"),
                            ("public_service", "Đơn vị sự nghiệp công lập"),
                            ("school", "Cơ sở giáo dục"),
                            ("association", "Hội, hiệp hội"),
                            ("enterprise", "Doanh nghiệp"),
                        ],
                        max_length=16,
                    ),
                ),
                ("subtype", models.CharField(blank=True, max_length=32)),
                ("code", models.CharField(blank=True, max_length=32)),
                ("eoffice_code", models.CharField(blank=True, max_length=64)),
                ("tax_code", models.CharField(blank=True, max_length=14)),
                ("notation", models.CharField(blank=True, max_length=32)),
                ("head_position", models.CharField(blank=True, max_length=100)),
                ("seat", models.CharField(blank=True, max_length=100)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("sort_key", models.CharField(db_collation="C", editable=False, max_length=600)),
                (
                    "search_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.Func(
                                models.F("name"),
                                models.Value(" "),
                                models.F("short_name"),
                                arg_joiner=" || ",
                                template="(%(expressions)s)",
                            ),
                            function="chuan_fold",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "legal_basis",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.legalsource",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "initials",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.Func(
                                models.Func(
                                    models.Func(models.F("name"), function="chuan_fold"),
                                    models.Value("\\mva\\M"),
                                    models.Value(""),
                                    models.Value("g"),
                                    function="regexp_replace",
                                ),
                                models.Value("[^a-z0-9]*([a-z0-9])[a-z0-9]*[^a-z0-9]*"),
                                models.Value("\\1"),
                                models.Value("g"),
                                function="regexp_replace",
                            ),
                            models.Value(" "),
                            models.Func(
                                models.Func(
                                    models.Func(models.F("short_name"), function="chuan_fold"),
                                    models.Value("\\mva\\M"),
                                    models.Value(""),
                                    models.Value("g"),
                                    function="regexp_replace",
                                ),
                                models.Value("[^a-z0-9]*([a-z0-9])[a-z0-9]*[^a-z0-9]*"),
                                models.Value("\\1"),
                                models.Value("g"),
                                function="regexp_replace",
                            ),
                            arg_joiner=" || ",
                            template="(%(expressions)s)",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        fields=["valid"], name="orgs_version_valid"
                    ),
                    models.Index(fields=["parent", "kind"], name="orgs_version_by_parent"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("organisation"),
                                    models.F("organisation"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            ("valid", "&&"),
                        ],
                        name="orgs_one_version_a_day",
                        violation_error_message="Cơ quan này đã có một phiên bản trong khoảng ngày đó.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reform",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("effective_on", models.DateField()),
                ("basis_text", models.CharField(blank=True, max_length=200)),
                ("text", models.TextField()),
                ("answers", models.JSONField(blank=True, default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Đang đối chiếu"), ("abandoned", "Đã bỏ")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("uploaded_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "legal_basis",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.legalsource",
                    ),
                ),
                (
                    "uploaded_by",
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
                        condition=models.Q(("state", "open")),
                        fields=("sha256", "effective_on"),
                        name="orgs_one_open_reform_per_file",
                        violation_error_message="Tệp này đang được nhập. Mở bản nhập đã có.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChangeEvent",
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
                            ("rename", "Đổi tên"),
                            ("merge", "Hợp nhất, sáp nhập"),
                            ("split", "Chia, tách"),
                            ("dissolve", "Giải thể"),
                            ("reparent", "Chuyển cơ quan cấp trên"),
                            ("transfer", "Chuyển chức năng, nhiệm vụ"),
                        ],
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("effective_on", models.DateField()),
                ("clause", models.CharField(blank=True, max_length=200)),
                (
                    "legal_basis",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.legalsource",
                    ),
                ),
                ("basis_text", models.CharField(blank=True, max_length=200)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("effects", models.JSONField(blank=True, default=dict)),
                (
                    "leans_on",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("prepared_at", models.DateTimeField(blank=True, null=True)),
                (
                    "prepared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("proposal", models.JSONField(blank=True, default=dict)),
                ("reform_code", models.CharField(blank=True, max_length=32)),
                ("remark", models.CharField(blank=True, max_length=500)),
                ("reversal_reason", models.CharField(blank=True, max_length=500)),
                ("reversed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reversed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Đang soạn"),
                            ("proposed", "Chờ xác nhận"),
                            ("committed", "Đã ghi"),
                            ("reversed", "Đã hoàn tác"),
                            ("abandoned", "Đã bỏ"),
                        ],
                        default="committed",
                        max_length=16,
                    ),
                ),
                (
                    "touched",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "reform",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="orgs.reform",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "-effective_on"], name="orgs_event_by_state")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("prepared_at__isnull", True), ("prepared_by__isnull", True)
                                ),
                                models.Q(
                                    ("prepared_at__isnull", False), ("prepared_by__isnull", False)
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(
                                    ("confirmed_at__isnull", True), ("confirmed_by__isnull", True)
                                ),
                                models.Q(
                                    ("confirmed_at__isnull", False), ("confirmed_by__isnull", False)
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(
                                    ("reversed_at__isnull", True), ("reversed_by__isnull", True)
                                ),
                                models.Q(
                                    ("reversed_at__isnull", False), ("reversed_by__isnull", False)
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="orgs_event_has_who_and_when_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            ("prepared_by__isnull", True),
                            models.Q(("confirmed_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="orgs_event_is_confirmed_by_another",
                        violation_error_message="Người xác nhận phải khác người soạn sự kiện.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "reversed"),
                                models.Q(("reversal_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "reversed"), _negated=True),
                                ("reversed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="orgs_event_reversal_has_a_reason",
                        violation_error_message="Hoàn tác cần có lý do.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_member", models.BooleanField()),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exceptions",
                        to="orgs.group",
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
        ),
        migrations.CreateModel(
            name="GroupRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("national", "Cơ quan trung ương"),
                                ("province", "Ủy ban nhân dân tỉnh"),
                                ("provincial", "Cơ quan cấp tỉnh"),
                                ("armed", "Công an, quân sự"),
                                ("district", "Ủy ban nhân dân cấp huyện"),
                                ("commune", "Ủy ban nhân dân cấp xã"),
                                ("party_front", "Cơ quan đảng, mặt trận, đoàn thể"),
                                ("press", "Cơ quan báo chí"),
                                ("public_service", "Đơn vị sự nghiệp công lập"),
                                ("school", "Cơ sở giáo dục"),
                                ("association", "Hội, hiệp hội"),
                                ("enterprise", "Doanh nghiệp"),
                            ],
                            max_length=16,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="orgs.group",
                    ),
                ),
                (
                    "under",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SuccessionLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "share",
                    models.CharField(
                        choices=[("full", "Toàn bộ"), ("partial", "Một phần")], max_length=16
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="orgs.changeevent",
                    ),
                ),
                (
                    "predecessor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successions",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inheritances",
                        to="orgs.organisation",
                    ),
                ),
                ("is_confirmed", models.BooleanField(default=True)),
                ("clause", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event", "predecessor", "successor"), name="orgs_one_link_per_pair"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("predecessor", models.F("successor")), _negated=True),
                        name="orgs_nobody_succeeds_itself",
                        violation_error_message="Một cơ quan không thể kế thừa chính nó.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApportionmentKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("basis", models.CharField(max_length=500)),
                ("stated_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
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
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keys",
                        to="orgs.changeevent",
                    ),
                ),
                (
                    "predecessor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "stated_by",
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
                        condition=models.Q(
                            ("confirmed_at__isnull", False), ("ended_at__isnull", True)
                        ),
                        fields=("event", "predecessor"),
                        name="orgs_one_key_holds",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("confirmed_at__isnull", True), ("ended_at__isnull", True)
                        ),
                        fields=("event", "predecessor"),
                        name="orgs_one_key_waits",
                        violation_error_message="Đã có khóa phân bổ chờ xác nhận. Tải lại trang.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("confirmed_at__isnull", True), ("confirmed_by__isnull", True)
                                ),
                                models.Q(
                                    ("confirmed_at__isnull", False), ("confirmed_by__isnull", False)
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                                models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                                _connector="OR",
                            ),
                        ),
                        name="orgs_key_has_who_and_when_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("stated_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="orgs_key_is_confirmed_by_another",
                        violation_error_message="Người xác nhận phải khác người lập khóa phân bổ.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("basis", ""), _negated=True),
                        name="orgs_key_has_a_basis",
                        violation_error_message="Nhập văn bản làm căn cứ.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApportionedShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("percent", models.DecimalField(decimal_places=3, max_digits=6)),
                (
                    "successor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="orgs.apportionmentkey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "successor"), name="orgs_one_share_each"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gt", 0), ("percent__lte", 100)),
                        name="orgs_share_is_a_part",
                        violation_error_message="Tỷ lệ phải trên 0 và không quá 100%.",
                    ),
                ],
            },
        ),
    ]
