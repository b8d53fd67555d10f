"""Find at once the few assignments that dashboards do not count."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0001_initial"),
        ("plans", "0002_clock_and_locks"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("role", "lead"), ("tally__isnull", True)),
                fields=["task", "organisation"],
                name="plans_untallied",
            ),
        ),
        migrations.AddIndex(
            model_name="assignmentstate",
            index=models.Index(
                condition=models.Q(("role", "lead"), ("tally__isnull", True)),
                fields=["task", "organisation"],
                name="plans_state_untallied",
            ),
        ),
    ]
