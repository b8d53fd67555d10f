"""Who sees the events that were captured before 0064, in pieces."""

from django.db import migrations, transaction

from chuan.modules.traceability.store.sight import fill_sight


def fill(apps, schema_editor):
    after: int | None = 0
    while after is not None:
        with transaction.atomic():
            after = fill_sight(after=after)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("traceability", "0064_who_sees_what")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
