"""What becomes of the last that is known of things while months are in an archive."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.operations import archive
from chuan.modules.traceability.testing import capture, event, item, make_key, place
from chuan.modules.traceability.tests.test_archive import NEXT, NOW, OLD, recorded
from chuan.modules.traceability.tests.test_states import WRONG, states

pytestmark = [pytest.mark.django_db, pytest.mark.citus]

LONG_AGO = datetime(2025, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def months():
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-03-31')")


@pytest.fixture
def authority():
    return make_key(sees_everything=True)[0]


def seen(hour, number, **more):
    return event(hour, epcList=[item(1)], bizLocation={"id": place(number)}, **more)


def put_away(folder):
    archive.archive_before(end=NEXT, folder=folder, by="a test", at=NOW)


def bring_back(folder):
    archive.restore_month(month=OLD, folder=folder, by="a test")


def at(hour, number):
    return {canonical(item(1)): (hour, canonical(place(number)), None)}


def test_a_state_told_in_an_archived_month_stays_when_an_older_event_is_taken_back(
    authority, tmp_path
):
    older = seen(2, 2, eventID="urn:x:older")
    recorded(LONG_AGO, seen(9, 1))
    capture(older, seen(1, 3))
    put_away(tmp_path)
    capture({**older, **WRONG}, key=authority)
    assert states() == at(9, 1)


def test_a_state_that_rested_on_what_was_taken_back_is_right_once_its_month_is_here_again(
    authority, tmp_path
):
    last = seen(9, 3, eventID="urn:x:last")
    recorded(LONG_AGO, seen(5, 2))
    capture(seen(1, 1), last)
    put_away(tmp_path)
    capture({**last, **WRONG}, key=authority)
    # As far as is known here.
    assert states() == at(1, 1)
    bring_back(tmp_path)
    assert states() == at(5, 2)


def test_a_thing_that_is_not_known_here_any_more_comes_back_with_its_month(authority, tmp_path):
    last = seen(9, 3, eventID="urn:x:last")
    recorded(LONG_AGO, seen(5, 2))
    capture(last)
    put_away(tmp_path)
    capture({**last, **WRONG}, key=authority)
    assert states() == {}
    bring_back(tmp_path)
    assert states() == at(5, 2)


def test_an_archived_event_that_is_declared_wrong_holds_no_state(authority, tmp_path):
    wrong = seen(5, 2, eventID="urn:x:wrong")
    recorded(LONG_AGO, wrong)
    capture(seen(1, 1))
    put_away(tmp_path)
    capture({**wrong, "epcList": [item(7)], **WRONG}, key=authority)
    assert states() == at(1, 1)
    bring_back(tmp_path)
    assert states() == at(1, 1)
