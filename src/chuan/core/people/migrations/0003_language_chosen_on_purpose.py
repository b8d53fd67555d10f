from django.db import migrations, models

# Nothing tells who chose Vietnamese from who never chose: for either, pages stay Vietnamese unless
# their browser was told otherwise.
FORGET = "UPDATE people_person SET language = '' WHERE language = 'vi'"
REMEMBER = "UPDATE people_person SET language = 'vi' WHERE language = ''"


class Migration(migrations.Migration):
    dependencies = [("people", "0002_membership_delegation")]

    operations = [
        migrations.AlterField(
            model_name="person",
            name="language",
            field=models.CharField(
                blank=True, choices=[("vi", "Tiếng Việt"), ("en", "Tiếng Anh")], max_length=5
            ),
        ),
        migrations.RunSQL(FORGET, REMEMBER),
    ]
