import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ui", "0001_fold_function"),
        ("files", "0001_initial"),
        ("orgs", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchivedMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(unique=True)),
                ("event_count", models.PositiveBigIntegerField()),
                ("files", models.JSONField()),
                ("archived_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ChainCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateTimeField()),
                ("thing_count", models.PositiveIntegerField()),
                ("found_count", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ForgottenToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["until"], name="traceability_tokens_until")],
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
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=300)),
                ("name_en", models.CharField(blank=True, max_length=300)),
                ("tax_code", models.CharField(blank=True, max_length=14)),
                ("gln", models.CharField(blank=True, max_length=13)),
                ("company_prefix", models.CharField(blank=True, max_length=12)),
                ("address", models.CharField(max_length=300)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("website", models.URLField(blank=True)),
                ("shipment_count", models.PositiveIntegerField(default=0)),
                ("is_demo", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("sort_key", models.CharField(db_collation="C", editable=False, max_length=600)),
                (
                    "search_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.Func(
                                models.F("name"),
                                models.Value(" "),
                                models.F("name_en"),
                                models.Value(" "),
                                models.F("tax_code"),
                                models.Value(" "),
                                models.F("gln"),
                                models.Value(" "),
                                models.F("address"),
                                arg_joiner=" || ",
                                template="(%(expressions)s)",
                            ),
                            function="chuan_fold",
                        ),
                        output_field=models.TextField(),
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation"], name="traceability_party_of_body")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("gln", ""), _negated=True),
                        fields=("gln",),
                        name="traceability_one_party_of_a_gln",
                        violation_error_message="Đã có đơn vị khác mang mã GLN này.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("tax_code", ""), _negated=True),
                        fields=("tax_code",),
                        name="traceability_one_party_of_a_tax_code",
                        violation_error_message="Đã có đơn vị khác mang mã số thuế này.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("company_prefix", ""), _negated=True),
                        fields=("company_prefix",),
                        name="traceability_one_party_of_a_prefix",
                        violation_error_message="Đã có đơn vị khác mang mã doanh nghiệp GS1 này.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("links", models.JSONField()),
                ("sent_at", models.DateTimeField()),
                ("loaded_at", models.DateTimeField(blank=True, null=True)),
                ("added", models.JSONField(blank=True, default=list)),
                ("changed", models.JSONField(blank=True, default=list)),
                ("versions", models.JSONField(blank=True, default=dict)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "loaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.party",
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
                (
                    "undone_by",
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
                    models.Index(fields=["party", "-loaded_at"], name="traceability_link_files")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("loaded_at", None)),
                        fields=("party", "sent_by"),
                        name="traceability_one_waiting_link_file",
                        violation_error_message="Đã có một tệp liên kết đang chờ của bạn.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("loaded_at", None), ("loaded_by", None), ("undone_at", None)),
                            models.Q(("loaded_at__isnull", False), ("loaded_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="traceability_link_file_loaded_by_somebody",
                        violation_error_message="Tệp đã ghi cần cả người ghi và thời điểm.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at", None), ("undone_by", None)),
                            models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="traceability_link_file_undone_by_somebody",
                        violation_error_message="Tệp đã hoàn tác cần cả người làm và thời điểm.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("anchor", models.CharField(db_collation="C", max_length=200)),
                ("link_type", models.CharField(max_length=60)),
                ("href", models.CharField(max_length=1000)),
                ("title", models.CharField(max_length=200)),
                ("language", models.CharField(blank=True, max_length=35)),
                ("media_type", models.CharField(blank=True, max_length=100)),
                ("context", models.CharField(blank=True, max_length=50)),
                ("is_default", models.BooleanField(default=False)),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.party",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("anchor", "link_type", "language", "media_type", "context", "href"),
                        name="traceability_link_told_once",
                        violation_error_message="Liên kết này đã có.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FaultyWorkbook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sent_at", models.DateTimeField()),
                ("name", models.CharField(max_length=255)),
                ("content", models.BinaryField()),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.party",
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
                        fields=("party", "sent_by"),
                        name="traceability_one_faulty_workbook_each",
                        violation_error_message="Đã có một tệp cần sửa của bạn.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("farm", "Vùng trồng, vùng nuôi"),
                            ("boat", "Tàu cá"),
                            ("port", "Cảng cá, bến bãi"),
                            ("plant", "Cơ sở sơ chế, chế biến"),
                            ("packhouse", "Cơ sở đóng gói"),
                            ("warehouse", "Kho"),
                            ("shop", "Nơi bán"),
                            ("other", "Nơi khác"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=300)),
                ("gln", models.CharField(blank=True, max_length=13)),
                ("local_code", models.CharField(blank=True, max_length=40)),
                ("address", models.CharField(max_length=300)),
                (
                    "latitude",
                    models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True),
                ),
                (
                    "longitude",
                    models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True),
                ),
                ("is_public", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("sort_key", models.CharField(db_collation="C", editable=False, max_length=600)),
                (
                    "search_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.Func(
                                models.F("name"),
                                models.Value(" "),
                                models.F("gln"),
                                models.Value(" "),
                                models.F("local_code"),
                                models.Value(" "),
                                models.F("address"),
                                arg_joiner=" || ",
                                template="(%(expressions)s)",
                            ),
                            function="chuan_fold",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="traceability.party",
                    ),
                ),
                ("is_confirmed", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("gln", ""), _negated=True),
                        fields=("gln",),
                        name="traceability_one_place_of_a_gln",
                        violation_error_message="Đã có địa điểm khác mang mã GLN này.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude", None), ("longitude", None)),
                            models.Q(
                                ("latitude__isnull", False),
                                ("latitude__range", (-90, 90)),
                                ("longitude__isnull", False),
                                ("longitude__range", (-180, 180)),
                            ),
                            _connector="OR",
                        ),
                        name="traceability_place_has_both_degrees",
                        violation_error_message="Tọa độ cần cả vĩ độ và kinh độ, tính bằng độ.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProblemReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("uri", models.CharField(db_collation="C", max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fake", "Nghi hàng giả, tem giả"),
                            ("wrong", "Thông tin không đúng"),
                            ("unsafe", "Hàng hỏng, không an toàn"),
                            ("other", "Việc khác"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.TextField()),
                ("where_bought", models.CharField(blank=True, max_length=300)),
                ("contact", models.CharField(blank=True, max_length=200)),
                ("sent_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Chờ xử lý"), ("closed", "Đã xử lý")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("outcome", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
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
                ("is_bulk", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "-sent_at"], name="traceability_open_problems"),
                    models.Index(fields=["uri"], name="traceability_problems_of_key"),
                    models.Index(fields=["sent_at"], name="traceability_problems_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", None), ("state", "open")),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("contact", ""),
                                ("state", "closed"),
                            ),
                            _connector="OR",
                        ),
                        name="traceability_problem_closed_by_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gtin", models.CharField(max_length=14, unique=True)),
                ("name", models.CharField(max_length=300)),
                ("name_en", models.CharField(blank=True, max_length=300)),
                ("brand", models.CharField(blank=True, max_length=200)),
                ("description", models.TextField(blank=True)),
                ("category", models.CharField(max_length=200)),
                ("net_content", models.CharField(blank=True, max_length=100)),
                ("origin", models.CharField(max_length=200)),
                ("target_market", models.CharField(max_length=200)),
                ("standard", models.CharField(blank=True, max_length=300)),
                ("safety_note", models.TextField(blank=True)),
                ("picture_text", models.CharField(blank=True, max_length=200)),
                ("version", models.PositiveIntegerField(default=1)),
                ("sort_key", models.CharField(db_collation="C", editable=False, max_length=600)),
                (
                    "search_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.Func(
                                models.F("name"),
                                models.Value(" "),
                                models.F("name_en"),
                                models.Value(" "),
                                models.F("brand"),
                                models.Value(" "),
                                models.F("gtin"),
                                models.Value(" "),
                                models.F("category"),
                                arg_joiner=" || ",
                                template="(%(expressions)s)",
                            ),
                            function="chuan_fold",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="traceability.party",
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.upload",
                    ),
                ),
                ("is_confirmed", models.BooleanField(default=True)),
            ],
            options={
                "indexes": [models.Index(fields=["party"], name="traceability_product_of_party")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("gtin__regex", "^[0-9]{14}$")),
                        name="traceability_gtin_has_14_digits",
                        violation_error_message="GTIN được lưu đủ 14 chữ số.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20)),
                ("made_at", models.DateTimeField()),
                ("expires_on", models.DateField(blank=True, null=True)),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=14)),
                ("uom", models.CharField(blank=True, max_length=3)),
                (
                    "made_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.place",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="traceability.product",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("product", "number"),
                        name="traceability_one_lot_of_a_number",
                        violation_error_message="Sản phẩm này đã có lô mang số đó.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)),
                        name="traceability_lot_has_something",
                        violation_error_message="Số lượng phải lớn hơn 0.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lot", models.CharField(blank=True, max_length=20)),
                ("title", models.CharField(max_length=300)),
                ("number", models.CharField(blank=True, max_length=100)),
                ("issuer", models.CharField(max_length=300)),
                ("issued_on", models.DateField()),
                ("valid_until", models.DateField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "file",
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
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="traceability.product",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["product"], name="traceability_papers_of_product")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None),
                            ("valid_until__gte", models.F("issued_on")),
                            _connector="OR",
                        ),
                        name="traceability_paper_ends_after_it_begins",
                        violation_error_message="Ngày hết hiệu lực phải từ ngày cấp trở đi.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                            models.Q(
                                ("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="traceability_paper_withdrawn_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("reason", models.TextField()),
                ("advice", models.TextField(blank=True)),
                (
                    "identifiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=500)),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("until", models.DateTimeField(blank=True, null=True)),
                (
                    "mode",
                    models.CharField(
                        choices=[("gdst", "gdst"), ("strict", "strict")],
                        default="strict",
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Đang truy tìm"),
                            ("issued", "Đang thu hồi"),
                            ("ended", "Đã kết thúc"),
                            ("abandoned", "Đã bỏ"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("issued_at", models.DateTimeField(blank=True, null=True)),
                ("basis", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("conclusion", models.TextField(blank=True)),
                ("version", models.PositiveIntegerField(default=1)),
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
                    "issued_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("public_text", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organisation", "-id"], name="traceability_recalls_of_body"
                    ),
                    models.Index(fields=["state"], name="traceability_recall_state"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("identifiers", []), _negated=True),
                            models.Q(("place", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="traceability_recall_begins_somewhere",
                        violation_error_message="Hãy nêu mã hàng hoặc địa điểm để bắt đầu truy tìm.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since", None),
                            ("until", None),
                            ("since__lt", models.F("until")),
                            _connector="OR",
                        ),
                        name="traceability_recall_since_before_until",
                        violation_error_message="Thời điểm đầu phải trước thời điểm cuối.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("issued_at__isnull", True), ("issued_by__isnull", True)),
                            models.Q(("issued_at__isnull", False), ("issued_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="traceability_recall_issued_by_somebody",
                        violation_error_message="Ban hành thu hồi cần cả người và thời điểm.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="traceability_recall_ended_by_somebody",
                        violation_error_message="Kết thúc thu hồi cần cả người và thời điểm.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecallNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("holder", models.CharField(blank=True, db_collation="C", max_length=500)),
                ("holder_name", models.CharField(blank=True, max_length=300)),
                ("item_count", models.PositiveIntegerField()),
                ("told_count", models.PositiveIntegerField()),
                ("sent_at", models.DateTimeField()),
                (
                    "recall",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="traceability.recall",
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
                "indexes": [
                    models.Index(fields=["recall", "holder"], name="traceability_notices_to_holder")
                ],
            },
        ),
        migrations.CreateModel(
            name="RecallRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("run_at", models.DateTimeField()),
                ("item_count", models.PositiveIntegerField()),
                ("new_count", models.PositiveIntegerField()),
                ("gone_count", models.PositiveIntegerField()),
                ("changed_count", models.PositiveIntegerField()),
                ("truncated", models.BooleanField()),
                ("by_fate", models.JSONField(default=dict)),
                (
                    "recall",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="traceability.recall",
                    ),
                ),
                (
                    "run_by",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recall", "number"),
                        name="traceability_one_run_of_a_number",
                        violation_error_message="Lần truy tìm này đã có.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecallStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("open", "Chưa xử lý"),
                            ("found", "Đã tìm thấy"),
                            ("returned", "Đã thu về"),
                            ("destroyed", "Đã tiêu hủy"),
                            ("lost", "Không thu được"),
                        ],
                        max_length=10,
                    ),
                ),
                ("happened_on", models.DateField()),
                ("note", models.TextField(blank=True)),
                (
                    "item_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("where", models.CharField(blank=True, max_length=300)),
                ("recorded_at", models.DateTimeField()),
                (
                    "recall",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="traceability.recall",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["recall", "-id"], name="traceability_steps_of_recall")
                ],
            },
        ),
        migrations.CreateModel(
            name="RecallItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ident", models.BigIntegerField()),
                ("uri", models.CharField(db_collation="C", max_length=500)),
                ("product", models.CharField(blank=True, db_collation="C", max_length=500)),
                ("product_name", models.CharField(blank=True, max_length=300)),
                ("is_lot", models.BooleanField()),
                ("is_source", models.BooleanField()),
                ("place", models.CharField(blank=True, db_collation="C", max_length=500)),
                ("place_name", models.CharField(blank=True, max_length=300)),
                ("holder", models.CharField(blank=True, db_collation="C", max_length=500)),
                ("holder_name", models.CharField(blank=True, max_length=300)),
                ("inside", models.CharField(blank=True, db_collation="C", max_length=500)),
                (
                    "fate",
                    models.CharField(
                        choices=[
                            ("held", "Đang lưu giữ"),
                            ("in_transit", "Đang vận chuyển"),
                            ("sold", "Đã bán lẻ"),
                            ("exported", "Đã xuất khẩu"),
                            ("consumed", "Đã dùng để chế biến"),
                            ("destroyed", "Đã tiêu hủy"),
                            ("ended", "Đã ngừng dùng mã"),
                        ],
                        max_length=12,
                    ),
                ),
                ("seen_at", models.DateTimeField()),
                ("quantity", models.FloatField(blank=True, null=True)),
                ("uom", models.CharField(blank=True, max_length=3)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("open", "Chưa xử lý"),
                            ("found", "Đã tìm thấy"),
                            ("returned", "Đã thu về"),
                            ("destroyed", "Đã tiêu hủy"),
                            ("lost", "Không thu được"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "search_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.Func(
                                "uri",
                                models.Value(" "),
                                "product_name",
                                models.Value(" "),
                                "place_name",
                                models.Value(" "),
                                "holder_name",
                                arg_joiner=" || ",
                                template="(%(expressions)s)",
                            ),
                            function="chuan_fold",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "recall",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="traceability.recall",
                    ),
                ),
                (
                    "found_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.recallrun",
                    ),
                ),
                (
                    "last_in",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.recallrun",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.recallstep",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["recall", "holder", "place", "fate"],
                        name="traceability_items_by_place",
                    ),
                    models.Index(fields=["uri"], name="traceability_items_by_link"),
                    models.Index(fields=["product"], name="traceability_items_of_product"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recall", "ident"),
                        name="traceability_item_once_in_a_recall",
                        violation_error_message="Mã này đã có trong lần thu hồi.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "open"), ("step", None)),
                            models.Q(
                                models.Q(("outcome", "open"), _negated=True),
                                ("step__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="traceability_item_outcome_was_told",
                        violation_error_message="Kết quả xử lý cần có người ghi.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uri", models.CharField(db_collation="C", max_length=200, unique=True)),
                ("sent_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(blank=True, null=True)),
                (
                    "received_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.place",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.party",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.party",
                    ),
                ),
                (
                    "sent_from",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.place",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("received_at", None)),
                        fields=["receiver", "sent_at"],
                        name="traceability_shipments_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("received_at", None), ("received_in", None)),
                            models.Q(
                                ("received_at__isnull", False), ("received_in__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="traceability_shipment_received_somewhere",
                        violation_error_message="Nhận hàng cần cả nơi nhận và thời điểm.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("received_at", None),
                            ("received_at__gt", models.F("sent_at")),
                            _connector="OR",
                        ),
                        name="traceability_shipment_comes_after_it_left",
                        violation_error_message="Thời điểm nhận phải sau thời điểm xuất.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShippedLot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=14)),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.lot",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="traceability.shipment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)),
                        name="traceability_shipped_something",
                        violation_error_message="Số lượng phải lớn hơn 0.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField(max_length=40)),
                ("uri", models.CharField(db_collation="C", max_length=500)),
                ("text", models.TextField()),
                ("place_name", models.CharField(blank=True, max_length=300)),
                ("happened_at", models.DateTimeField()),
                (
                    "event_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("found_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Chưa xem xét"),
                            ("closed", "Đã xem xét"),
                            ("gone", "Không còn"),
                        ],
                        default="open",
                        max_length=6,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "search_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.Func(
                                "uri",
                                models.Value(" "),
                                "text",
                                models.Value(" "),
                                "place_name",
                                arg_joiner=" || ",
                                template="(%(expressions)s)",
                            ),
                            function="chuan_fold",
                        ),
                        output_field=models.TextField(),
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
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["state", "-happened_at"], name="traceability_findings_by_state"
                    ),
                    models.Index(fields=["uri"], name="traceability_findings_of_thing"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("state", "closed"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True),
                                ("closed_at", None),
                                ("closed_by", None),
                                ("reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="traceability_finding_closed_by_somebody",
                        violation_error_message="Kết thúc xem xét cần người, thời điểm và lý do.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("scopes", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.party",
                    ),
                ),
                ("remit", models.JSONField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "previous_digest",
                    models.BinaryField(blank=True, max_length=32, null=True, unique=True),
                ),
                ("previous_until", models.DateTimeField(blank=True, null=True)),
                ("quota", models.CharField(default="standard", max_length=20)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("name",),
                        name="traceability_one_key_of_a_name",
                        violation_error_message="Đã có khóa đang dùng với tên này.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("party__isnull", False), ("remit__isnull", True)),
                            models.Q(("party", None), ("remit__isnull", False)),
                            _connector="OR",
                        ),
                        name="traceability_key_of_party_or_authority",
                        violation_error_message="Khóa là của một đơn vị, hoặc của một cơ quan quản lý.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("previous_digest", None), ("previous_until", None)),
                            models.Q(
                                ("previous_digest__isnull", False),
                                ("previous_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="traceability_old_key_has_an_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NamedQuery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("question", models.JSONField()),
                ("namespaces", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.accesskey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "name"), name="traceability_one_query_of_a_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subscription_id",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
                ("dest", models.CharField(max_length=2000)),
                ("signature_token", models.CharField(blank=True, max_length=500)),
                ("schedule", models.JSONField(blank=True, default=dict)),
                ("report_if_empty", models.BooleanField(default=False)),
                ("initial_record_time", models.DateTimeField(blank=True, null=True)),
                ("epc_format", models.CharField(max_length=30)),
                ("created_at", models.DateTimeField()),
                ("position", models.BigIntegerField()),
                ("taken", models.IntegerField()),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("notified_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("busy_until", models.DateTimeField(blank=True, null=True)),
                ("failure_count", models.PositiveIntegerField(default=0)),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                ("failure", models.CharField(blank=True, max_length=300)),
                (
                    "query",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.namedquery",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["due_at"], name="traceability_subscriptions_due"),
                    models.Index(
                        condition=models.Q(("schedule", {})),
                        fields=["position"],
                        name="traceability_streams",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("failed_at", None), ("failure", ""), ("failure_count", 0)),
                            models.Q(
                                ("failed_at__isnull", False),
                                ("failure_count__gt", 0),
                                models.Q(("failure", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="traceability_failures_together",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaptureJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("capture_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "behaviour",
                    models.CharField(
                        choices=[("rollback", "Rollback"), ("proceed", "Proceed")], max_length=10
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField()),
                ("success", models.BooleanField()),
                ("event_count", models.PositiveIntegerField()),
                ("duplicate_count", models.PositiveIntegerField()),
                ("errors", models.JSONField(default=list)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.accesskey",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["key", "-id"], name="traceability_jobs_of_key")],
            },
        ),
        migrations.CreateModel(
            name="KeyUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "span",
                    models.CharField(choices=[("minute", "Minute"), ("day", "Day")], max_length=6),
                ),
                ("since", models.DateTimeField()),
                ("requests", models.PositiveBigIntegerField()),
                ("events", models.PositiveBigIntegerField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="traceability.accesskey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "span", "since"), name="traceability_one_count_of_a_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MasterRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uri", models.CharField(db_collation="C", max_length=500)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("place", "Địa điểm"),
                            ("party", "Tổ chức, cá nhân"),
                            ("product", "Sản phẩm"),
                        ],
                        max_length=10,
                    ),
                ),
                ("attributes", models.JSONField(default=dict)),
                (
                    "children",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500), default=list, size=None
                    ),
                ),
                ("first_told_at", models.DateTimeField()),
                ("told_at", models.DateTimeField()),
                (
                    "told_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.accesskey",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["children"], name="traceability_master_children"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("uri", "kind", "told_by"),
                        name="traceability_master_told_once_by_each",
                        violation_error_message="Dữ liệu này đã có.",
                    )
                ],
            },
        ),
    ]
