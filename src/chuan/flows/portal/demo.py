"""What the demonstration opens to the public: the plan, what is closed, and some answers."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from chuan.core.people.models import Person
from chuan.flows.annual_report.enums import ConsolidationState
from chuan.flows.annual_report.models import Consolidation
from chuan.flows.portal import operations
from chuan.flows.portal.models import Publication
from chuan.flows.portal.queries.drafts import plan_draft, results_draft
from chuan.modules.plans import facade as plans

ANSWERS = 8


def open_to_the_public(plan_id: int, *, leader: Person, say: Callable[[str], None]) -> None:
    """Once; what somebody took back afterwards stays taken back."""
    if Publication.objects.filter(plan=plan_id).exists():
        return
    now = timezone.now()
    operations.publish_plan(actor=leader, plan_id=plan_id, seen=plan_draft(plan_id).sha256, at=now)
    closed = Consolidation.objects.filter(
        period__plan=plan_id, state=ConsolidationState.CLOSED
    ).select_related("period")
    for made in closed.order_by("period", "number"):
        operations.publish_results(
            actor=leader, consolidation=made, seen=results_draft(made).sha256, at=now
        )
    secret = {task.id for task in plans.every_wording_of(plan_id) if task.heading_only}
    answered = [
        one
        for one in plans.difficulties_of(plan_id)
        if one.answered_at is not None and one.task_id not in secret
    ]
    # The same question of several bodies is answered to the public once.
    for one in list({one.title: one for one in answered}.values())[:ANSWERS]:
        operations.publish_answer(
            actor=leader,
            difficulty_id=one.id,
            plan_id=plan_id,
            question=one.title,
            answer=one.answer,
            at=now,
        )
    opened = ["kế hoạch", "kết quả đã chốt" if closed else "", "hỏi đáp" if answered else ""]
    say(f"{plans.plan(plan_id).symbol} lên trang công khai: {', '.join(filter(None, opened))}")
