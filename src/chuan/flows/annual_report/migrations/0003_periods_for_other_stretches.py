from typing import Any

from django.db import migrations, models


def name_the_years(apps: Any, schema_editor: Any) -> None:
    """Until now there were yearly periods only."""
    for period in apps.get_model("annual_report", "ReportingPeriod").objects.filter(phrase=""):
        period.phrase = f"năm {period.year}"
        period.save(update_fields=["phrase"])


class Migration(migrations.Migration):
    dependencies = [
        ("annual_report", "0002_standing_versions_and_locks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reportingperiod",
            name="kind",
            field=models.CharField(
                choices=[
                    ("yearly", "Báo cáo năm"),
                    ("quarterly", "Báo cáo quý"),
                    ("ad_hoc", "Báo cáo đột xuất"),
                ],
                default="yearly",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="reportingperiod",
            name="basis",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="reportingperiod",
            name="phrase",
            field=models.CharField(default="", max_length=100),
            preserve_default=False,
        ),
        migrations.RunPython(name_the_years, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="reportingperiod",
            constraint=models.UniqueConstraint(
                condition=~models.Q(kind="yearly"),
                fields=["plan", "kind", "data_from", "data_to"],
                name="annual_report_one_period_for_its_days",
                violation_error_message=(
                    "Đã mở kỳ báo cáo cùng loại cho đúng các ngày số liệu này."
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="reportingperiod",
            constraint=models.CheckConstraint(
                condition=~models.Q(phrase=""),
                name="annual_report_period_is_named",
                violation_error_message="Ghi cụm từ chỉ kỳ báo cáo.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportingperiod",
            constraint=models.CheckConstraint(
                condition=~models.Q(kind="ad_hoc") | ~models.Q(basis=""),
                name="annual_report_ad_hoc_has_a_basis",
                violation_error_message="Ghi văn bản yêu cầu báo cáo đột xuất.",
            ),
        ),
    ]
