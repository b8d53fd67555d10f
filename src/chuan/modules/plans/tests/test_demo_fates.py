"""The demonstration shows duties in every state, and each of them once."""

import pytest

from chuan.core.orgs.enums import ChangeKind, Share
from chuan.core.orgs.testing import ChangeEventFactory, OrganisationFactory, SuccessionLinkFactory
from chuan.modules.plans.demo_fates import decide_fates
from chuan.modules.plans.enums import FateState, PartyRole
from chuan.modules.plans.models import FateDecision
from chuan.modules.plans.queries import fates as queries
from chuan.modules.plans.testing import (
    AssignmentFactory,
    PlanFactory,
    TaskFactory,
    coordinator_of,
    leader_of,
)
from chuan.modules.plans.tests.fates_scene import GONE, NOW, TODAY

pytestmark = pytest.mark.django_db


def a_body_with_duties(tasks, *, heirs):
    body = OrganisationFactory(district=heirs > 1, valid_to=GONE)
    event = ChangeEventFactory(kind=ChangeKind.MERGE, effective_on=GONE)
    for _ in range(heirs):
        SuccessionLinkFactory(
            event=event,
            predecessor=body,
            successor=OrganisationFactory(valid_from=GONE),
            share=Share.PARTIAL if heirs > 1 else Share.FULL,
        )
    for task, role in zip(tasks, (PartyRole.LEAD, PartyRole.COORDINATING), strict=True):
        AssignmentFactory(task=task, organisation=body, role=role)


def test_the_demonstration_decides_most_duties_and_has_every_state():
    plan = PlanFactory()
    tasks = [TaskFactory(plan=plan) for _ in range(2)]
    for heirs in (1, 1, 1, 1, 2, 2, 2, 2, 2):
        a_body_with_duties(tasks, heirs=heirs)

    decide_fates(
        plan.pk, coordinator=coordinator_of(plan), leader=leader_of(plan), at=NOW, say=print
    )

    assert {one.state for one in FateDecision.objects.all()} == set(FateState)
    total = queries.sum_of(TODAY, plan)
    assert (total.total, total.undecided, total.proposed) == (18, 8, 3)
    assert total.adds_up
