import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("documents", "0002_signed_files_are_compared"),
        ("documents", "0003_drafts_held_back"),
    ]

    initial = True

    dependencies = [
        ("ui", "0001_fold_function"),
        ("files", "0001_initial"),
        ("orgs", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="NumberSeries",
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
                            ("BC", "Báo cáo"),
                            ("KH", "Kế hoạch"),
                            ("QĐ", "Quyết định"),
                            ("TTr", "Tờ trình"),
                            ("TB", "Thông báo"),
                            ("GM", "Giấy mời"),
                            ("BB", "Biên bản"),
                            ("HD", "Hướng dẫn"),
                            ("CT", "Chỉ thị"),
                            ("NQ", "Nghị quyết"),
                            ("CV", "Công văn"),
                        ],
                        max_length=4,
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("last_number", models.PositiveIntegerField(default=0)),
                (
                    "issuer",
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
                        fields=("issuer", "kind", "year"), name="documents_one_series_per_year"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficialDocument",
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
                            ("BC", "Báo cáo"),
                            ("KH", "Kế hoạch"),
                            ("QĐ", "Quyết định"),
                            ("TTr", "Tờ trình"),
                            ("TB", "Thông báo"),
                            ("GM", "Giấy mời"),
                            ("BB", "Biên bản"),
                            ("HD", "Hướng dẫn"),
                            ("CT", "Chỉ thị"),
                            ("NQ", "Nghị quyết"),
                            ("CV", "Công văn"),
                        ],
                        max_length=4,
                    ),
                ),
                ("is_ours", models.BooleanField(default=False)),
                ("number", models.PositiveIntegerField(blank=True, null=True)),
                ("notation", models.CharField(blank=True, max_length=64)),
                ("printed_symbol", models.CharField(blank=True, max_length=100)),
                ("issued_on", models.DateField(blank=True, null=True)),
                ("issuer_name", models.CharField(max_length=300)),
                ("signer", models.CharField(blank=True, max_length=200)),
                ("subject", models.CharField(max_length=1000)),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("received_on", models.DateField(blank=True, null=True)),
                ("registered_at", models.DateTimeField()),
                ("issued_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_reason", models.CharField(blank=True, max_length=300)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "search_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.Func(
                                models.F("subject"),
                                models.Value(" "),
                                models.F("issuer_name"),
                                models.Value(" "),
                                django.db.models.functions.comparison.Coalesce(
                                    django.db.models.functions.comparison.Cast(
                                        "number", models.TextField()
                                    ),
                                    models.Value(""),
                                ),
                                models.Value("/"),
                                models.F("notation"),
                                models.Value(" "),
                                models.F("printed_symbol"),
                                arg_joiner=" || ",
                                template="(%(expressions)s)",
                            ),
                            function="chuan_fold",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "held_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
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
                    "issuer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("held_back", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["held_by", "-issued_on"], name="documents_register"),
                    models.Index(fields=["number", "notation"], name="documents_by_symbol"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("issuer"),
                        models.F("kind"),
                        django.db.models.functions.datetime.ExtractYear("issued_on"),
                        models.F("number"),
                        condition=models.Q(("is_ours", True), ("number__isnull", False)),
                        name="documents_number_once_a_year",
                        violation_error_message="Số này đã cấp cho một văn bản khác trong năm.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_ours", False),
                            models.Q(
                                ("issued_at__isnull", True),
                                ("issued_by__isnull", True),
                                ("number__isnull", True),
                            ),
                            models.Q(
                                ("issued_at__isnull", False),
                                ("issued_by__isnull", False),
                                ("issued_on__isnull", False),
                                ("issuer__isnull", False),
                                ("number__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="documents_issued_whole",
                        violation_error_message="Văn bản đã cấp số phải có cơ quan, ngày ban hành và người cấp số.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("cancelled_at__isnull", True),
                                ("cancelled_by__isnull", True),
                                ("cancelled_reason", ""),
                            ),
                            models.Q(
                                ("cancelled_at__isnull", False),
                                ("cancelled_by__isnull", False),
                                models.Q(("cancelled_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="documents_cancelled_whole",
                        violation_error_message="Hủy văn bản cần người hủy và lý do.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Addressee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addressees",
                        to="documents.officialdocument",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("document", "organisation"), name="documents_addressed_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("original", "Bản gốc"),
                            ("draft_docx", "Văn bản (DOCX)"),
                            ("draft_pdf", "Văn bản (PDF)"),
                            ("annex_xlsx", "Phụ lục (XLSX)"),
                            ("signed", "Bản đã ký"),
                        ],
                        max_length=16,
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
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="documents.officialdocument",
                    ),
                ),
                (
                    "added_words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "agreement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("same_file", "Ký trên đúng tệp đã trình"),
                            ("same_words", "Còn nguyên chữ của bản trình"),
                            ("different", "Khác bản trình"),
                            ("unreadable", "Không đọc được chữ để đối chiếu"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "missing_words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("upload",), name="documents_upload_belongs_to_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentRelation",
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
                            ("based_on", "căn cứ"),
                            ("implements", "triển khai"),
                            ("replaces", "thay thế"),
                            ("amends", "sửa đổi, bổ sung"),
                        ],
                        max_length=16,
                    ),
                ),
                ("target_symbol", models.CharField(max_length=100)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relations",
                        to="documents.officialdocument",
                    ),
                ),
                (
                    "target",
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
                    models.UniqueConstraint(
                        fields=("document", "kind", "target_symbol"),
                        name="documents_one_relation_of_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("target__isnull", True),
                            models.Q(("target", models.F("document")), _negated=True),
                            _connector="OR",
                        ),
                        name="documents_not_related_to_itself",
                        violation_error_message="Một văn bản không thể liên quan đến chính nó.",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="officialdocument",
            trigger=pgtrigger.compiler.Trigger(
                name="number_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.is_ours AND OLD.number IS NOT NULL AND (OLD.is_ours, OLD.number, OLD.notation, OLD.issued_on, OLD.issuer_id, OLD.kind) IS DISTINCT FROM (NEW.is_ours, NEW.number, NEW.notation, NEW.issued_on, NEW.issuer_id, NEW.kind))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="538deb3996a3a54db2021032d6a5a89409d5a02d",
                    operation="UPDATE",
                    pgid="pgtrigger_number_stays_d422b",
                    table="documents_officialdocument",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="officialdocument",
            trigger=pgtrigger.compiler.Trigger(
                name="numbered_is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."is_ours" AND OLD."number" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="da4c93350d302a332a4eec5a814d207c3277ab1e",
                    operation="DELETE",
                    pgid="pgtrigger_numbered_is_never_deleted_aca1f",
                    table="documents_officialdocument",
                    when="BEFORE",
                ),
            ),
        ),
    ]
