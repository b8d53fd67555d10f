"""Every operation of the core × every role × own or another body: one table.

The tables of plans and of the yearly report lie beside their own code.
"""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from chuan.core.access import operations as access
from chuan.core.files import operations as files
from chuan.core.notices import operations as notices
from chuan.core.orgs.testing import (
    OrganisationFactory,
)
from chuan.core.people import operations as people
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.reminders.operations import feeds
from chuan.lib.rules import Denied
from chuan.modules.plans.operations import update_drafts
from tests.permissions import of_bodies, of_papers, of_people
from tests.permissions.scene import Scene, Table

pytestmark = pytest.mark.django_db

TABLE: Table = of_people.TABLE | of_papers.TABLE | of_bodies.TABLE
# What people do with what is their own, or with nothing that is anybody's.
OF_ONES_OWN = {
    people.choose_preferences,
    access.note_event,
    access.end_session,
    access.end_other_sessions,
    # Who asked looks, the one looked in on stops it: each role is tried in the tests of access.
    access.start_viewing,
    access.end_viewing,
    files.continue_upload,
    files.cancel_upload,
    notices.mark_read,
    notices.mark_all_read,
    notices.choose_mail,
    feeds.make_feed,
    feeds.withdraw_feed,
    update_drafts.drop_update_draft,
}


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.__name__)
def test_each_operation_is_for_its_roles_in_their_place(operation, settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"
    call, roles, places = TABLE[operation]
    scene = Scene()
    got_in = {
        (role, where)
        for role in Role
        for where, body in (("own", scene.body), ("elsewhere", OrganisationFactory()))
        if lets_in(call, scene, PersonFactory(role=role, organisation=body, second_factor=False))
    }

    assert got_in == {(role, where) for role in roles for where in places}


def lets_in(call, scene, actor):
    """Whether the operation begins; what it did is undone."""
    try:
        with transaction.atomic():
            with suppress(ValidationError):  # let in, and told what is wrong
                call(scene, actor)
            transaction.set_rollback(True)
    except Denied:
        return False
    return True


def test_somebody_without_a_role_gets_in_nowhere(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"
    scene, nobody = Scene(), PersonFactory(role=None)

    assert [op.__name__ for op, (call, _, _) in TABLE.items() if lets_in(call, scene, nobody)] == []
