"""Lots of items in events that were captured before 0011 kept them.

In pieces, each kept for itself, so that it may be stopped and begun again. It is over before anybody
searches: no recall is told as whole that misses them.
"""

from django.db import migrations

from chuan.modules.traceability.store.members import fill_members


def fill(apps, schema_editor):
    after: int | None = 0
    while after is not None:
        after = fill_members(after=after)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("traceability", "0050_recall_for_people")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
