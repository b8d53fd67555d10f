"""Every operation × every role × own or another department."""

from functools import partial

import pytest

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory, lets_in
from chuan.flows.annual_report.models import Consolidation
from chuan.flows.annual_report.testing import IN_TIME
from chuan.flows.portal import operations
from chuan.flows.portal.queries.drafts import plan_draft, results_draft
from chuan.flows.portal.testing import publish_plan
from chuan.modules.plans.testing import Difficulty

LEADER = {Role.DEPARTMENT_LEADER}
DEPARTMENT = {Role.DEPARTMENT_LEADER, Role.DEPARTMENT_COORDINATOR}


def _plan(world, actor):
    plan_id = world.period.plan_id
    return operations.publish_plan(
        actor=actor, plan_id=plan_id, seen=plan_draft(plan_id).sha256, at=IN_TIME
    )


def _results(world, actor):
    publish_plan(world)
    made = Consolidation.objects.select_related("period").get(pk=world.closed.pk)
    return operations.publish_results(
        actor=actor, consolidation=made, seen=results_draft(made).sha256, at=IN_TIME
    )


def _answer(world, actor):
    publish_plan(world)
    answered = Difficulty.objects.get(answered_at__isnull=False)
    return operations.publish_answer(
        actor=actor,
        difficulty_id=answered.pk,
        plan_id=answered.plan_id,
        question="Hỏi?",
        answer="Đáp.",
        at=IN_TIME,
    )


def _withdraw(world, actor):
    return operations.withdraw_publication(
        actor=actor, publication=publish_plan(world), reason="Nhầm", at=IN_TIME
    )


TABLE = {
    operations.publish_plan: (_plan, LEADER),
    operations.publish_results: (_results, LEADER),
    operations.publish_answer: (_answer, LEADER),
    operations.withdraw_publication: (_withdraw, DEPARTMENT),
}


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.__name__)
def test_only_the_department_that_watches_over_the_plan_may(world, operation):
    call, roles = TABLE[operation]
    let_in = {
        (role, where)
        for role in Role
        for where, home in (("own", {"organisation": world.department}), ("elsewhere", {}))
        if lets_in(partial(call, world, PersonFactory(role=role, **home)))
    }
    assert let_in == {(role, "own") for role in roles}
