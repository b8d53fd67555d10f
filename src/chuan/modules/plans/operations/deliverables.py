"""What a task must bring forth, and what proves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.enums import EvidenceKind
from chuan.modules.plans.models import Deliverable, Evidence, Task


@dataclass(frozen=True, slots=True)
class Wanted:
    """One deliverable as it should be; `id` of the one it changes, none for a new one.

    Without a weight on any of a task's deliverables, they weigh the same.
    """

    title: str
    weight: int | None = None
    evidence_kinds: tuple[EvidenceKind, ...] = field(default=())
    id: int | None = None


@transaction.atomic
def set_deliverables(*, actor: Person, task: Task, version: int, wanted: Sequence[Wanted]) -> Task:
    """Make these, in this order, the deliverables of a task.

    What bodies completed before stays complete.

    :raises Denied: the actor does not run the plan, or the task is followed by its heading alone.
    :raises Conflict: somebody changed them since that version.
    :raises ValidationError: none, weights that do not sum to 100, or one would go that has
        evidence.
    """
    task = Task.objects.select_for_update(of=("self",)).select_related("plan").get(pk=task.pk)
    rules.edit_deliverables.require(actor, task, timezone.localdate())
    if task.version != version:
        raise rules.Conflict(task)
    weights = checked_weights(wanted)
    stored = {item.pk: item for item in task.deliverables.all()}
    kept = {item.id for item in wanted if item.id is not None}
    if not kept <= stored.keys():
        raise ValidationError(_("Kết quả đầu ra không thuộc nhiệm vụ này. Tải lại trang."))
    _remove([item for pk, item in stored.items() if pk not in kept])
    for position, (item, weight) in enumerate(zip(wanted, weights, strict=True), start=1):
        row = stored[item.id] if item.id is not None else Deliverable(task=task)
        row.title, row.weight, row.position = item.title, weight, position
        row.evidence_kinds = [str(kind) for kind in item.evidence_kinds]
        row.save()
    task.version += 1
    task.save(update_fields=["version"])
    record(
        action="plans.deliverables_set",
        actor=actor,
        subject=task,
        deliverables=[[item.title, weight] for item, weight in zip(wanted, weights, strict=True)],
    )
    return task


def checked_weights(wanted: Sequence[Wanted]) -> list[int]:
    """Percent of each: as given when they sum to 100, the same for all when none is given.

    :raises ValidationError: otherwise.
    """
    if not wanted:
        raise ValidationError(_("Nhiệm vụ cần ít nhất một kết quả đầu ra."))
    if any(not item.title for item in wanted):
        raise ValidationError(_("Nhập tên cho từng kết quả đầu ra."))
    given = [item.weight for item in wanted if item.weight is not None]
    if not given:
        share, rest = divmod(100, len(wanted))
        return [share + (1 if position < rest else 0) for position in range(len(wanted))]
    if len(given) < len(wanted):
        raise ValidationError(_("Nhập tỷ trọng cho mọi kết quả đầu ra, hoặc để trống tất cả."))
    if sum(given) != 100 or any(weight < 1 for weight in given):
        raise ValidationError(
            _("Tỷ trọng phải từ 1 trở lên và cộng lại bằng 100; hiện là %(sum)s.")
            % {"sum": sum(given)}
        )
    return given


def _remove(items: list[Deliverable]) -> None:
    with_evidence = set(
        Evidence.objects.filter(deliverable__in=items).values_list("deliverable_id", flat=True)
    )
    for item in items:
        if item.pk in with_evidence:
            raise ValidationError(
                _("“%(title)s” đã có minh chứng nên không bỏ được.") % {"title": item.title}
            )
        item.delete()
