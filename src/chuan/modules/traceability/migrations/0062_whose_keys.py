"""Each key is that of a party or of an authority, and may end by itself."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

FORM = "form "


def link_of(key):
    """By which link or code a key says whose it is; nothing for one that saw everything. A key may
    happen to be called as those of forms are."""
    if not key.name.startswith(FORM):
        return key.party_link
    try:
        return f"urn:uuid:{uuid.UUID(key.name.removeprefix(FORM))}"
    except ValueError:
        return key.party_link


def say_whose(apps, schema_editor):
    """Keys of parties had its link; those of forms, its code in their name; all others saw everything."""
    keys = apps.get_model("traceability", "AccessKey")
    parties = apps.get_model("traceability", "Party")
    by_link = {f"https://id.gs1.org/417/{one.gln}": one for one in parties.objects.exclude(gln="")}
    by_link |= {f"urn:uuid:{one.code}": one for one in parties.objects.all()}
    for key in keys.objects.all():
        link = link_of(key)
        key.party = by_link.get(link)
        # A link nobody registered opened no more than what that party sees: now nothing.
        key.remit = None if key.party else [] if link else ["*"]
        key.save(update_fields=["party", "remit"])


class Migration(migrations.Migration):
    dependencies = [("traceability", "0061_recall_items_with_fewer_indexes")]

    operations = [
        migrations.RenameField("accesskey", "party", "party_link"),
        migrations.AddField(
            "accesskey",
            "party",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="traceability.party",
            ),
        ),
        migrations.AddField("accesskey", "remit", models.JSONField(blank=True, null=True)),
        migrations.AddField("accesskey", "expires_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "accesskey",
            "previous_digest",
            models.BinaryField(blank=True, max_length=32, null=True, unique=True),
        ),
        migrations.AddField(
            "accesskey", "previous_until", models.DateTimeField(blank=True, null=True)
        ),
        migrations.RunPython(say_whose, migrations.RunPython.noop, elidable=True),
    ]
