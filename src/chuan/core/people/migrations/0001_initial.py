import django.core.validators
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ui", "0001_fold_function"),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "Tên đăng nhập này đã có người dùng."},
                        max_length=150,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9][A-Za-z0-9._@+-]*$",
                                "Tên đăng nhập chỉ gồm chữ cái không dấu, chữ số và các dấu . _ - @ +",
                            )
                        ],
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("full_name", models.CharField(max_length=200)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("is_demo", models.BooleanField(default=False)),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "language",
                    models.CharField(
                        choices=[("vi", "Tiếng Việt"), ("en", "Tiếng Anh")],
                        default="vi",
                        max_length=5,
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        blank=True,
                        choices=[("light", "Nền sáng"), ("dark", "Nền tối")],
                        max_length=8,
                    ),
                ),
                ("sort_key", models.CharField(db_collation="C", editable=False, max_length=1200)),
                (
                    "search_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.Func(
                                models.F("full_name"),
                                models.Value(" "),
                                models.F("username"),
                                models.Value(" "),
                                models.F("email"),
                                models.Value(" "),
                                models.F("title"),
                                arg_joiner=" || ",
                                template="(%(expressions)s)",
                            ),
                            function="chuan_fold",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("username"),
                        name="people_one_account_per_username",
                        violation_error_message="Tên đăng nhập này đã có người dùng.",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="people_one_account_per_email",
                        violation_error_message="Địa chỉ thư này đã gắn với một tài khoản.",
                    ),
                ],
            },
        ),
    ]
