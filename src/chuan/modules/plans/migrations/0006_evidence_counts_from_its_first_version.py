from django.db import migrations, models

# Each version goes back over `replaces` to the one that came first.
FILL = """
    WITH RECURSIVE versions AS (
        SELECT id, added_at AS first FROM plans_evidence WHERE replaces_id IS NULL
        UNION ALL
        SELECT newer.id, versions.first
        FROM plans_evidence newer JOIN versions ON newer.replaces_id = versions.id
    )
    UPDATE plans_evidence SET first_added_at = versions.first
    FROM versions WHERE versions.id = plans_evidence.id
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0005_requests_and_versions")]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="first_added_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="evidence",
            name="first_added_at",
            field=models.DateTimeField(),
        ),
    ]
