"""Which tasks of documents from above the tasks of a plan carry out."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record, record_many
from chuan.core.legal.models import LegalSource
from chuan.core.people.models import Person
from chuan.lib.vietnamese import nfc
from chuan.modules.plans import rules
from chuan.modules.plans.models import CentralLink, CentralTask, Task

DATA = Path(__file__).parent.parent / "data" / "central.toml"
LOADER = "plans.load_central_tasks"


@transaction.atomic
def set_central_links(
    *, actor: Person, task: Task, seen: Collection[int], wanted: Collection[int], at: datetime
) -> Task:
    """Say which central tasks a task carries out: these and no others.

    :param seen: ids of those the page was drawn with.
    :raises Denied: the actor does not run the plan.
    :raises Conflict: somebody changed them since.
    :raises ValidationError: one of them is no central task.
    """
    task = Task.objects.select_for_update(of=("self",)).select_related("plan").get(pk=task.pk)
    rules.link_central_tasks.require(actor, task, timezone.localdate(at))
    stored = set(task.central_links.values_list("central", flat=True))
    if stored != set(seen):
        raise rules.Conflict(task)
    known = CentralTask.objects.filter(pk__in=wanted).values_list("pk", flat=True)
    if set(known) != set(wanted):
        raise ValidationError(_("Có nhiệm vụ cấp trên không còn trong danh mục. Tải lại trang."))
    added, gone = set(wanted) - stored, stored - set(wanted)
    task.central_links.filter(central__in=gone).delete()
    CentralLink.objects.bulk_create(
        CentralLink(task=task, central_id=pk, linked_by=actor, linked_at=at) for pk in sorted(added)
    )
    if added or gone:
        record(
            action="plans.central_tasks_linked",
            actor=actor,
            subject=task,
            added=sorted(added),
            removed=sorted(gone),
        )
    return task


@transaction.atomic
def load_central_tasks(file: Path = DATA) -> int:
    """Add the central tasks the data file has and the table lacks; how many those were.

    Those there are stay as people left them. Sources the law does not have yet are passed over.
    """
    rows = tomllib.loads(nfc(file.read_text("utf-8")))["task"]
    sources = {one.code: one for one in LegalSource.objects.all()}
    known = set(CentralTask.objects.values_list("source__code", "code"))
    made = CentralTask.objects.bulk_create(
        CentralTask(
            source=sources[row["source"]],
            code=row["code"],
            position=place,
            text=row["text"],
            clause=row.get("clause", ""),
            known_from=row["known_from"],
            is_compared=row.get("is_compared", False),
        )
        for place, row in enumerate(rows, start=1)
        if row["source"] in sources and (row["source"], row["code"]) not in known
    )
    record_many(action="plans.central_task_loaded", actor=None, by=LOADER, subjects=list(made))
    return len(made)
