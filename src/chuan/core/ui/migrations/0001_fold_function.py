from django.db import migrations

from chuan.lib.vietnamese.sql import DROP_FOLD_FUNCTION_SQL, FOLD_FUNCTION_SQL


class Migration(migrations.Migration):
    """The tone-free search key, before any table that stores one."""

    initial = True
    dependencies = []
    operations = [migrations.RunSQL(FOLD_FUNCTION_SQL, DROP_FOLD_FUNCTION_SQL)]
