"""The printed accounts can sign in whatever somebody tried out in the demonstration before."""

from __future__ import annotations

from datetime import date

import pytest

from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.testing import OrganisationFactory, a_merger, commit
from chuan.core.people.enums import Role
from chuan.core.people.models import Membership, Person
from chuan.core.people.testing import PersonFactory
from chuan.flows.demo.operations import KNOWN, _known_people

pytestmark = pytest.mark.django_db
MERGED_ON = date(2026, 7, 1)


def test_who_worked_in_a_body_that_was_merged_away_is_still_known():
    bodies = {key: OrganisationFactory(key=key) for key in {one.organisation for one in KNOWN}}
    _known_people("mật khẩu cũ")
    commune = bodies["gl-xa-21952"]
    commit(
        a_merger(
            actor=PersonFactory(role=Role.DEPARTMENT_COORDINATOR),
            before=[commune, OrganisationFactory()],
            on=MERGED_ON,
            name="UBND xã Mới",
        ),
        preparer=PersonFactory(role=Role.DEPARTMENT_COORDINATOR),
        confirmer=PersonFactory(role=Role.SYSTEM_ADMINISTRATOR),
    )
    there = OrganisationVersion.objects.going_on(MERGED_ON).values("organisation")
    assert commune.pk not in {one["organisation"] for one in there}

    people = _known_people("mật khẩu mới")

    assert set(people) == {one.username for one in KNOWN}
    assert Person.objects.filter(username__in=people).count() == len(KNOWN)
    clerk = people["canboxa"]
    assert clerk.check_password("mật khẩu mới")
    memberships = Membership.objects.filter(person=clerk, organisation=commune)
    assert [one.role for one in memberships] == [Role.UNIT_CLERK]
