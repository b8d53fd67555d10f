"""Nobody holds another's company prefix; numbers outside every known prefix wait to be confirmed."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("traceability", "0040_holders_by_the_register")]

    operations = [
        migrations.AddField(
            model_name="place",
            name="is_confirmed",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="product",
            name="is_confirmed",
            field=models.BooleanField(default=True),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                fields=["company_prefix"],
                condition=~Q(company_prefix=""),
                name="traceability_one_party_of_a_prefix",
                violation_error_message="Đã có đơn vị khác mang mã doanh nghiệp GS1 này.",
            ),
        ),
    ]
