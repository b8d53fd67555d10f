import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("people", "0002_person_version")]

    dependencies = [
        ("orgs", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Membership",
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
                        choices=[
                            ("unit_clerk", "Cán bộ đầu mối của đơn vị"),
                            ("unit_head", "Thủ trưởng đơn vị"),
                            ("department_coordinator", "Chuyên viên theo dõi, tổng hợp"),
                            ("department_leader", "Lãnh đạo cơ quan thường trực"),
                            ("provincial_leader", "Lãnh đạo tỉnh"),
                            ("auditor", "Kiểm toán, giám sát"),
                            ("system_administrator", "Quản trị hệ thống"),
                        ],
                        max_length=32,
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "granted_by",
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "role"], name="people_by_organisation")
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("person"),
                                    models.F("person"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("organisation"),
                                    models.F("organisation"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.Func(
                                        models.F("role"),
                                        models.Value(0),
                                        function="hashtextextended",
                                    ),
                                    models.Func(
                                        models.F("role"),
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
                        name="people_one_such_role_a_day",
                        violation_error_message="Người này đã có vai trò đó ở cơ quan đó trong thời gian ấy.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("KT.", "KT. – ký thay cấp trưởng"),
                            ("TL.", "TL. – thừa lệnh"),
                            ("TUQ.", "TUQ. – thừa ủy quyền"),
                            ("Q.", "Q. – quyền cấp trưởng"),
                        ],
                        max_length=4,
                    ),
                ),
                ("basis", models.CharField(max_length=300)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("given_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "delegate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to="people.membership",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["delegate"], name="people_delegation_to")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoked_at__isnull", True), ("revoked_by__isnull", True)),
                            models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="people_revocation_has_a_person_and_a_time",
                        violation_error_message="Thu hồi ủy quyền cần cả người và thời điểm.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid__isempty", False),
                            ("valid__lower_inf", False),
                            ("valid__upper_inf", False),
                        ),
                        name="people_delegation_ends",
                        violation_error_message="Ủy quyền phải có ngày bắt đầu và ngày kết thúc.",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        expressions=[
                            (
                                models.Func(
                                    models.F("membership"),
                                    models.F("membership"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("delegate"),
                                    models.F("delegate"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            ("valid", "&&"),
                        ],
                        name="people_one_delegation_to_a_person_a_day",
                        violation_error_message="Người này đã được ủy quyền vai trò đó trong thời gian ấy.",
                    ),
                ],
            },
        ),
    ]
