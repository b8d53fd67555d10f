"""A reorganisation says of what its bodies will not be reminded any more."""

from datetime import date

import pytest

from chuan.core.orgs import queries
from chuan.core.orgs.testing import a_merger
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report.testing import Shelf, a_situation

pytestmark = pytest.mark.django_db


def reminded(event, reader):
    look = queries.preview(event, reader)
    found = [one.found for one in look.consequences if one.key == "reminders-owed"]
    return found[0] if found else None


def test_a_preview_lists_what_is_reminded_of_and_will_not_be(monkeypatch):
    Shelf(counts={}, shares={}).put(monkeypatch)
    world = a_situation(bodies=2, tasks=1)
    soon = a_merger(actor=world.coordinator, before=world.bodies[:1], on=date(2026, 12, 10))
    early = a_merger(actor=world.coordinator, before=world.bodies[1:], on=date(2026, 3, 1))

    found = reminded(soon, world.coordinator)

    assert found.samples[0].title == "Báo cáo năm 2026"
    assert [str(one.text) for one in found.samples] == ["19/11/2026", "31/12/2026"]
    assert reminded(soon, PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)).samples == ()
    assert reminded(early, world.coordinator) is None
