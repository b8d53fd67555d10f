"""Every operation × every role × own or another body: one table, and nobody gets in beside it."""

import inspect
import itertools
from functools import partial

import pytest

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory, lets_in
from chuan.modules.plans.operations import (
    amendments,
    assignments,
    central,
    deliverables,
    difficulties,
    ending,
    extensions,
    fates,
    imports,
    locks,
    progress,
    requests,
    substitutions,
    subtasks,
    update_drafts,
    urging,
)
from chuan.modules.plans.tests import each_operation as do
from chuan.modules.plans.tests.each_operation import Scene

pytestmark = pytest.mark.django_db

UNIT = {Role.UNIT_CLERK, Role.UNIT_HEAD}
HEAD = {Role.UNIT_HEAD}
DEPARTMENT = {Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER}
COORDINATOR = {Role.DEPARTMENT_COORDINATOR}

# operation: (roles it is for, the body they must hold them in; None: wherever)
TABLE = {
    do.take_in_decision: (COORDINATOR, "department"),
    do.start_import: (COORDINATOR, "department"),
    do.import_again: (COORDINATOR, "department"),
    do.save_import_step: (COORDINATOR, "department"),
    do.abandon_import: (COORDINATOR, "department"),
    do.reopen_import: (COORDINATOR, "department"),
    do.approve_import: (COORDINATOR, "department"),
    do.start_amendment: (COORDINATOR, "department"),
    do.approve_amendment: (COORDINATOR, "department"),
    do.set_central_links: (COORDINATOR, "department"),
    do.decide_substitution: (COORDINATOR, "department"),
    do.propose_fates: (COORDINATOR, "department"),
    do.approve_fates: (DEPARTMENT, "department"),
    do.hand_back_fates: (DEPARTMENT, "department"),
    do.undo_fates: (DEPARTMENT, "department"),
    do.end_plan: (COORDINATOR, "department"),
    do.urge: (COORDINATOR, "department"),
    do.set_deliverables: (COORDINATOR, "department"),
    do.post_update: (UNIT, "body"),
    do.keep_update_draft: (UNIT, "body"),
    do.add_subtask: (UNIT, "body"),
    do.change_subtask: (UNIT, "body"),
    do.finish_subtask: (UNIT, "body"),
    do.reopen_subtask: (UNIT, "body"),
    do.drop_subtask: (UNIT, "body"),
    do.restore_subtask: (UNIT, "body"),
    do.add_evidence: (UNIT, "body"),
    do.withdraw_evidence: (UNIT, "body"),
    do.replace_evidence: (UNIT, "body"),
    do.reuse_evidence: (UNIT, "body"),
    do.ask_for_parts: (UNIT, "body"),
    do.answer_request: (UNIT, "body"),
    do.decline_request: (UNIT, "body"),
    do.withdraw_request: (UNIT, "body"),
    do.ask_for_extension: (HEAD, "body"),
    do.grant_extension: (DEPARTMENT, "department"),
    do.refuse_extension: (DEPARTMENT, "department"),
    do.withdraw_extension: (HEAD, "body"),
    do.approve_exception: (DEPARTMENT, "department"),
    do.close_exception: (DEPARTMENT, "department"),
    do.ask_for_exception: (UNIT, "body"),
    do.raise_difficulty: (UNIT, "body"),
    do.withdraw_difficulty: (UNIT, "body"),
    do.answer_difficulty: (DEPARTMENT, "department"),
    do.escalate_difficulty: (DEPARTMENT, "department"),
    do.settle_difficulty: (DEPARTMENT, "department"),
}
# Whoever leads the province directs it, whichever body they sit in.
ANYWHERE = {do.settle_difficulty: {Role.PROVINCIAL_LEADER}}

PLACES = ("body", "department", "elsewhere")
ALSO = {do.ask_for_exception: {(Role.DEPARTMENT_COORDINATOR, "department")}}


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.__name__)
def test_each_operation_is_for_its_roles_in_their_own_body(operation):
    roles, place = TABLE[operation]
    expected = {(role, place) for role in roles} | ALSO.get(operation, set())
    expected |= set(itertools.product(ANYWHERE.get(operation, set()), PLACES))

    scene = Scene()
    got_in = set()
    for role, where in itertools.product(Role, PLACES):
        organisation = OrganisationFactory() if where == "elsewhere" else getattr(scene, where)
        actor = PersonFactory(role=role, organisation=organisation, second_factor=False)
        if lets_in(partial(operation, scene, actor)):
            got_in.add((role, where))
            scene = Scene()  # what was done is undone, but what was read of it may be left

    assert got_in == expected


def test_the_table_covers_every_operation():
    written = {
        name
        for module in (
            amendments,
            assignments,
            central,
            deliverables,
            difficulties,
            ending,
            extensions,
            fates,
            imports,
            locks,
            progress,
            requests,
            substitutions,
            subtasks,
            update_drafts,
            urging,
        )
        for name, thing in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_")
        and thing.__module__ == module.__name__
        and "actor" in inspect.signature(thing).parameters
    }

    # Reconciling is asked for by the clock, not by a person; what is outlived is closed by those
    # who decided what outlived it; a year by those who close its consolidated report; what one has
    # typed is dropped by oneself alone.
    others = {"reconcile_assignments", "close_outlived", "lock_year", "drop_update_draft"}
    assert written - others == {one.__name__ for one in TABLE}
