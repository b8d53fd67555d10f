"""Tasks of which one of several bodies is enough: who is counted, and who need not do it any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from chuan.core.calendar.enums import ExtensionState
from chuan.core.people.models import Person
from chuan.lib.language import in_vietnamese
from chuan.modules.plans.engine.any_of import Shared, settled
from chuan.modules.plans.enums import RequestState
from chuan.modules.plans.models import Assignment, ContributionRequest, DeadlineExtension
from chuan.modules.plans.operations import telling
from chuan.modules.plans.operations.closing import close_requests
from chuan.modules.plans.operations.extensions import close_outlived
from chuan.modules.plans.queries.any_of import group_of, shared_by_any


def settle_any_of(
    task_ids: Collection[int], *, at: datetime, actor: Person | None = None
) -> list[Assignment]:
    """Work out anew who is counted for tasks of which one body is enough; returns what changed.

    Called by whatever writes, closes or finishes assignments; for other tasks it does nothing.
    Those who need not do it any more, or have to again, are told; what they had asked for
    meanwhile, more time or contributions, is closed: nobody needs it.
    """
    groups: dict[tuple[int, int], list[Assignment]] = defaultdict(list)
    # In the order of `pk`, as everywhere: two bodies may finish at the same moment.
    for row in (
        shared_by_any(task_ids)
        .select_related("task")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    ):
        groups[group_of(row)].append(row)
    changed, relieved, owing = [], [], []
    for rows in groups.values():
        places = settled(Shared(row.pk, row.done_on, row.is_extra) for row in rows)
        for row in rows:
            place = places[row.pk]
            if (row.counted_with_id, row.relieved_on) == (place.counted_with, place.relieved_on):
                continue
            if place.relieved_on and row.relieved_on is None:
                relieved.append(row)
            elif row.relieved_on and place.relieved_on is None and row.done_on is None:
                owing.append(row)
            row.counted_with_id, row.relieved_on = place.counted_with, place.relieved_on
            row.updated_at = at
            changed.append(row)
    Assignment.objects.bulk_update(
        changed, ["counted_with", "relieved_on", "updated_at"], batch_size=500
    )
    if actor is not None:
        _close_what_nobody_needs(relieved, actor, at)
    telling.shared_task_settled(relieved, owing, at=at)
    return changed


@in_vietnamese
def _close_what_nobody_needs(rows: Iterable[Assignment], actor: Person, at: datetime) -> None:
    mine = [row.pk for row in rows]
    if not mine:
        return
    why = telling.done_by_another()
    waiting = DeadlineExtension.objects.filter(assignment__in=mine, state=ExtensionState.WAITING)
    close_outlived(actor=actor, extensions=waiting.order_by("pk"), reason=why, at=at)
    asked = ContributionRequest.objects.filter(lead__in=mine, state=RequestState.ASKED)
    close_requests(asked.order_by("pk"), why=why, actor=actor, at=at)
