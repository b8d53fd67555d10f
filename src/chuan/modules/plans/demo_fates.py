"""What was decided about the duties of the bodies that ended in 2025: most of it, so that there is
something to look at in every state, and not all, so that there is something to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chuan.core.people.models import Person
from chuan.modules.plans.enums import FateKind, PartyRole
from chuan.modules.plans.models import Assignment, FateDecision, Plan
from chuan.modules.plans.operations import fates as operations
from chuan.modules.plans.queries import fates as queries

RESOLUTION = "Nghị quyết số 202/2025/QH15"
DISTRICTS = "Nghị quyết số 1664/NQ-UBTVQH15 ngày 16/6/2025"
REPORTED = "Phần phối hợp đã nêu trong báo cáo năm 2025 đã chốt nên không ai làm tiếp."
# Bodies nobody has decided about, and those whose proposal waits for approval, counted from the end.
LEFT_OPEN, WAITING = 2, 3


@dataclass(frozen=True, slots=True)
class _Duties:
    """Open assignments of a kind, by the bodies that left them."""

    rows: Sequence[Assignment]
    heirs: dict[int, tuple[int, ...]]

    def of(self, bodies: Collection[int], role: PartyRole) -> list[Assignment]:
        return [row for row in self.rows if row.organisation_id in bodies and row.role == role]


@transaction.atomic
def decide_fates(
    plan_id: int, *, coordinator: Person, leader: Person, at: datetime, say: Callable[[str], None]
) -> None:
    """Proposals of the coordinator, approved by the leader in the days before `at`; one was handed
    back, one undone, some wait and some duties have none yet."""
    plan = Plan.objects.get(pk=plan_id)
    on = timezone.localdate(at)
    ended = {one.organisation_id: one.ended_on for one in queries.bodies_of(plan, on)}
    suggestions = queries.suggestions_for(ended, on)
    open_rows = queries.undecided(queries.left_over(ended, plan)).select_related("task")
    duties = _Duties(
        list(open_rows.order_by("pk")), {pk: one.heirs for pk, one in suggestions.items()}
    )
    merged = [pk for pk in ended if suggestions[pk].kind == FateKind.TRANSFER]
    split = [pk for pk in ended if suggestions[pk].kind == FateKind.CLONE]

    def propose(
        kind: FateKind, rows: Sequence[Assignment], *, days_ago: int, basis: str, note: str = ""
    ) -> FateDecision | None:
        if not rows:
            return None
        bodies = {row.organisation_id for row in rows}
        passes_on = kind in {FateKind.TRANSFER, FateKind.CLONE}
        return operations.propose_fates(
            actor=coordinator,
            plan=plan,
            kind=kind,
            assignment_ids=[row.pk for row in rows],
            basis=basis,
            note=note,
            receivers={pk: duties.heirs[pk] for pk in bodies} if passes_on else None,
            at=at - timedelta(days=days_ago),
        )

    def approve(decision: FateDecision | None, *, days_ago: int) -> FateDecision | None:
        if decision is None:
            return None
        return operations.approve_fates(
            actor=leader,
            decision=decision,
            version=decision.version,
            at=at - timedelta(days=days_ago),
        )

    mine, theirs = merged[:-LEFT_OPEN], split[:-WAITING]
    lead, beside = PartyRole.LEAD, PartyRole.COORDINATING
    wrong = propose(FateKind.LAPSE, duties.of(mine, beside), days_ago=20, basis=RESOLUTION)
    if wrong:
        operations.hand_back_fates(
            actor=leader,
            decision=wrong,
            at=at - timedelta(days=19),
            reason="Nghị quyết không bãi bỏ nghĩa vụ. Đề xuất đóng.",
        )
    approve(
        propose(
            FateKind.CLOSE, duties.of(mine, beside), days_ago=18, basis=RESOLUTION, note=REPORTED
        ),
        days_ago=17,
    )
    closed = approve(
        propose(FateKind.CLOSE, duties.of(mine, lead), days_ago=16, basis=RESOLUTION),
        days_ago=15,
    )
    if closed:
        operations.undo_fates(
            actor=leader,
            decision=closed,
            version=closed.version,
            at=at - timedelta(days=13),
            reason="Nhiệm vụ chủ trì chưa xong cần có cơ quan làm tiếp.",
        )
    approve(
        propose(FateKind.TRANSFER, duties.of(mine, lead), days_ago=12, basis=RESOLUTION),
        days_ago=11,
    )
    approve(
        propose(
            FateKind.CLOSE, duties.of(theirs, beside), days_ago=10, basis=DISTRICTS, note=REPORTED
        ),
        days_ago=9,
    )
    approve(
        propose(FateKind.CLONE, duties.of(theirs[:1], lead), days_ago=8, basis=DISTRICTS),
        days_ago=7,
    )
    propose(FateKind.CLONE, duties.of(theirs[1:], lead), days_ago=4, basis=DISTRICTS)
    propose(
        FateKind.CLOSE,
        duties.of(split[-WAITING:-1], beside),
        days_ago=3,
        basis=DISTRICTS,
        note=REPORTED,
    )
    total = queries.sum_of(on, plan)
    say(
        f"{total.total} nghĩa vụ của cơ quan đã kết thúc: {total.approved} đã quyết định, "
        f"{total.proposed} chờ duyệt, {total.undecided} chưa quyết định"
    )
