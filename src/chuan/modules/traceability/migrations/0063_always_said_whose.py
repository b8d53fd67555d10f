"""No key without somebody whose it is."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("traceability", "0062_whose_keys")]

    operations = [
        migrations.RemoveField("accesskey", "party_link"),
        migrations.AddConstraint(
            "accesskey",
            models.CheckConstraint(
                condition=Q(party__isnull=False, remit__isnull=True)
                | Q(party=None, remit__isnull=False),
                name="traceability_key_of_party_or_authority",
                violation_error_message="Khóa là của một đơn vị, hoặc của một cơ quan quản lý.",
            ),
        ),
        migrations.AddConstraint(
            "accesskey",
            models.CheckConstraint(
                condition=Q(previous_digest=None, previous_until=None)
                | Q(previous_digest__isnull=False, previous_until__isnull=False),
                name="traceability_old_key_has_an_end",
            ),
        ),
    ]
