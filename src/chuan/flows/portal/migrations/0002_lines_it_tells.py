import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


def say_which_tasks(apps, schema_editor):
    """What is public already: the tasks its content has rows for, those an opened document counts,
    or the one its question is about."""
    follows = dict(apps.get_model("plans", "Task").objects.values_list("pk", "follows"))
    publications = apps.get_model("portal", "Publication").objects
    for one in publications.select_related("difficulty", "consolidation"):
        content = one.content
        lines = {row["id"] for row in content.get("tasks", []) if not row["heading_only"]}
        lines |= {row["task_id"] for row in content.get("task_results", [])}
        named = []
        if one.consolidation is not None and content.get("documents"):
            named += [task["task_id"] for task in one.consolidation.snapshot["tasks"]]
        if one.difficulty is not None and one.difficulty.task_id is not None:
            named.append(one.difficulty.task_id)
        for first in named:
            while follows.get(first) is not None:
                first = follows[first]
            lines.add(first)
        one.lines = sorted(lines)
        one.save(update_fields=["lines"])


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0016_urging_letters"),
        ("portal", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="publication",
            name="content_stays",
        ),
        migrations.AddField(
            model_name="publication",
            name="lines",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, size=None
            ),
        ),
        migrations.RunPython(say_which_tasks, migrations.RunPython.noop, elidable=True),
        pgtrigger.migrations.AddTrigger(
            model_name="publication",
            trigger=pgtrigger.compiler.Trigger(
                name="content_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.withdrawn_at IS NOT NULL OR (OLD.content, OLD.sha256, OLD.lines, OLD.plan_id) IS DISTINCT FROM (NEW.content, NEW.sha256, NEW.lines, NEW.plan_id))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="5eeb2b7c60a9a407565b8a6ebf668ac9981564f2",
                    operation="UPDATE",
                    pgid="pgtrigger_content_stays_7426d",
                    table="portal_publication",
                    when="BEFORE",
                ),
            ),
        ),
    ]
