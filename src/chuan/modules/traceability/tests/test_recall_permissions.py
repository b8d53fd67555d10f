"""Every operation on recalls × every role × own or another body."""

from datetime import date

import pytest

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.traceability.enums import Outcome
from chuan.modules.traceability.operations import recalls
from chuan.modules.traceability.testing import (
    A_MONTH_LATER,
    capture,
    event,
    issued,
    item,
    opened,
)

pytestmark = pytest.mark.django_db

NOW = A_MONTH_LATER
DEPARTMENT = {Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER}
LEADER = {Role.DEPARTMENT_LEADER}


class Scene:
    def __init__(self):
        self.department = OrganisationFactory(notation="SKHCN")
        self.opener = PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=self.department)
        self.leader = PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=self.department)
        capture(event(1, epcList=[item(1)]))

    def a_recall(self):
        return opening(self, self.opener)

    def in_force(self):
        return issued(self.a_recall(), self.leader)


def opening(scene, actor):
    return opened(actor, item(1), organisation_id=scene.department.pk)


def ending(operation, recall, actor):
    return operation(actor=actor, recall=recall, conclusion="Xong.", version=recall.version, at=NOW)


def noting(recall, actor):
    return recalls.record_outcome(
        actor=actor,
        recall=recall,
        items=recall.items.all(),
        outcome=Outcome.FOUND,
        happened_on=date(2026, 3, 1),
        at=NOW,
    )


# operation: (how it is called, the roles it is for in the department of the recall)
TABLE = {
    recalls.open_recall: (opening, DEPARTMENT),
    recalls.run_recall: (
        lambda s, a: recalls.run_recall(actor=a, recall=s.a_recall(), at=NOW),
        DEPARTMENT,
    ),
    recalls.issue_recall: (lambda s, a: issued(s.a_recall(), a), LEADER),
    recalls.abandon_recall: (
        lambda s, a: ending(recalls.abandon_recall, s.a_recall(), a),
        DEPARTMENT,
    ),
    recalls.end_recall: (lambda s, a: ending(recalls.end_recall, s.in_force(), a), LEADER),
    recalls.record_outcome: (lambda s, a: noting(s.in_force(), a), DEPARTMENT),
    recalls.notify_holders: (
        lambda s, a: recalls.notify_holders(actor=a, recall=s.in_force(), wanted=None, at=NOW),
        DEPARTMENT,
    ),
}


@pytest.mark.parametrize("operation", TABLE, ids=lambda one: one.__name__)
@pytest.mark.parametrize("where", ["own", "elsewhere"])
def test_each_operation_is_for_its_roles_in_their_own_department(operation, where):
    scene = Scene()
    call, roles = TABLE[operation]
    allowed = set()
    for role in Role:
        body = scene.department if where == "own" else OrganisationFactory()
        actor = PersonFactory(role=role, organisation=body)
        try:
            call(scene, actor)
        except Denied:
            continue
        allowed.add(role)

    assert allowed == (roles if where == "own" else set())
