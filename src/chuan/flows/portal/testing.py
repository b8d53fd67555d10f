"""Bringing what a situation holds before the public, by the operations themselves."""

from __future__ import annotations

from datetime import datetime

from chuan.flows.annual_report.models import Consolidation
from chuan.flows.annual_report.testing import IN_TIME, Situation
from chuan.flows.portal import operations
from chuan.flows.portal.models import Publication
from chuan.flows.portal.queries.drafts import plan_draft, results_draft
from chuan.modules.plans import facade as plans


def publish_plan(world: Situation, at: datetime = IN_TIME) -> Publication:
    plan_id = world.period.plan_id
    return operations.publish_plan(
        actor=world.leader, plan_id=plan_id, seen=plan_draft(plan_id).sha256, at=at
    )


def publish_results(world: Situation, made: Consolidation, at: datetime = IN_TIME) -> Publication:
    made = Consolidation.objects.select_related("period").get(pk=made.pk)
    return operations.publish_results(
        actor=world.leader, consolidation=made, seen=results_draft(made).sha256, at=at
    )


def publish_answers(
    world: Situation,
    at: datetime = IN_TIME,
    question: str = "Kinh phí thử nghiệm lấy từ đâu?",
    answer: str = "Lấy từ nguồn sự nghiệp khoa học.",
) -> list[Publication]:
    """Every answered difficulty of the plan, in words of its own."""
    return [
        operations.publish_answer(
            actor=world.leader,
            difficulty_id=one.id,
            plan_id=one.plan_id,
            question=question,
            answer=answer,
            at=at,
        )
        for one in plans.difficulties_of(world.period.plan_id)
        if one.answered_at is not None
    ]


def open_to_everybody(world: Situation) -> None:
    """The plan and its answers; of a consolidation nobody closed there is nothing to open."""
    publish_plan(world)
    publish_answers(world)
