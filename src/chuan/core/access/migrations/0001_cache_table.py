from django.db import migrations


class Migration(migrations.Migration):
    """The table behind CACHES: counters of failed sign-ins, the same for every server process.

    `manage.py createcachetable` would be one more step that a server can be started without.
    """

    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            sql=[
                """
                CREATE TABLE IF NOT EXISTS chuan_cache (
                    cache_key varchar(255) NOT NULL PRIMARY KEY,
                    value text NOT NULL,
                    expires timestamp with time zone NOT NULL
                )
                """,
                "CREATE INDEX IF NOT EXISTS chuan_cache_expires ON chuan_cache (expires)",
            ],
            reverse_sql="DROP TABLE IF EXISTS chuan_cache",
        )
    ]
