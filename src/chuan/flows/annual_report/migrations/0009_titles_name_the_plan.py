from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annual_report", "0008_years_closed_before_are_locked"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reportingperiod",
            name="title",
            field=models.CharField(max_length=400),
        ),
    ]
