from datetime import date

import pytest
from django.core.exceptions import ValidationError

from chuan.core.audit.models import Entry
from chuan.core.calendar.models import DayException
from chuan.core.calendar.operations import forget_day, set_day
from chuan.core.calendar.testing import DayExceptionFactory
from chuan.core.legal.testing import LegalSourceFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

Kind = DayException.Kind
A_FRIDAY, A_SATURDAY = date(2027, 9, 3), date(2027, 9, 11)


def keeper():
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR)


def test_a_proposed_day_becomes_decided_and_the_ledger_has_both():
    DayExceptionFactory(day=A_FRIDAY, is_confirmed=False)
    actor, source = keeper(), LegalSourceFactory()
    set_day(
        actor=actor,
        day=A_FRIDAY,
        kind=Kind.SWAP_OFF,
        title="Nghỉ hoán đổi",
        source=source,
        is_confirmed=True,
    )
    row = DayException.objects.get()
    assert (row.kind, row.source, row.is_confirmed) == (Kind.SWAP_OFF, source, True)
    entry = Entry.objects.get()
    assert (entry.action, entry.details["before"]) == ("calendar.day_set", Kind.HOLIDAY)


@pytest.mark.parametrize(
    ("day", "kind", "why"),
    [
        (A_FRIDAY, Kind.SWAP_ON, "vốn là ngày làm việc"),
        (A_SATURDAY, Kind.SWAP_OFF, "vốn là ngày nghỉ hằng tuần"),
    ],
)
def test_a_swap_that_changes_nothing_is_refused(day, kind, why):
    with pytest.raises(ValidationError, match=why):
        set_day(actor=keeper(), day=day, kind=kind, title="x", is_confirmed=True)
    assert not DayException.objects.exists()


def test_a_day_that_was_not_decided_follows_the_week_again():
    DayExceptionFactory(day=A_FRIDAY)
    forget_day(actor=keeper(), day=A_FRIDAY)
    assert not DayException.objects.exists()
    assert Entry.objects.get().action == "calendar.day_forgotten"


def test_others_may_not_touch_the_calendar():
    DayExceptionFactory(day=A_FRIDAY)
    actor = PersonFactory(role=Role.UNIT_HEAD)
    with pytest.raises(Denied, match="sửa lịch nghỉ"):
        set_day(actor=actor, day=A_SATURDAY, kind=Kind.SWAP_ON, title="x", is_confirmed=True)
    with pytest.raises(Denied):
        forget_day(actor=actor, day=A_FRIDAY)
    assert [row.day for row in DayException.objects.all()] == [A_FRIDAY]
