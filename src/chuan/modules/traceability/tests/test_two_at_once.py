"""Two captures of the same things at the same moment leave what one after the other would leave."""

import threading

import pytest
from django.db import connection, transaction

from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.operations import archive
from chuan.modules.traceability.store import states
from chuan.modules.traceability.store.rows import fetched
from chuan.modules.traceability.testing import (
    PartyFactory,
    capture,
    case,
    event,
    item,
    make_key,
    packing,
    place,
)
from chuan.modules.traceability.tests.test_archive import NEXT, NOW, OLD, recorded
from chuan.modules.traceability.tests.test_archived_states import LONG_AGO
from chuan.modules.traceability.tests.test_states import WRONG

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def overlapping(first, second):
    """The second begins when the first has said all and has not committed yet."""
    has_said, is_over, faults = threading.Event(), threading.Event(), []

    def one():
        try:
            with transaction.atomic():
                first()
                has_said.set()
                is_over.wait(1)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    def other():
        try:
            has_said.wait(30)
            second()
        except Exception as error:
            faults.append(error)
        finally:
            is_over.set()
            connection.close()

    threads = [threading.Thread(target=work) for work in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []


def packed():
    return sorted(
        fetched(
            "SELECT child, parent, t_from, t_to::text, open_event FROM traceability_containment", []
        )
    )


def packed_anew():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT traceability_derive(array_agg(child), array_agg(parent)) FROM"
            " (SELECT DISTINCT child, parent FROM traceability_move WHERE child IS NOT NULL) m"
        )
    return packed()


def noted():
    return sorted(
        fetched("SELECT ident, last_event, location, disposition FROM traceability_ident_state", [])
    )


def noted_anew():
    return sorted(
        fetched(
            "SELECT s.ident, s.last_event, s.location, s.disposition FROM traceability_states_of("
            " ARRAY(SELECT DISTINCT ident FROM traceability_event_ident)) s",
            [],
        )
    )


def across():
    """How many events of the first thing somebody sees because they are on the other side."""
    rows = fetched(
        "SELECT count(*) FROM traceability_sight s JOIN traceability_ident i ON i.id = s.ident"
        " WHERE i.uri = %s",
        [canonical(item(1))],
    )
    return rows[0][0]


@pytest.fixture
def authority():
    return make_key(sees_everything=True)[0]


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(
    "told",
    [
        packing(5, "DELETE", case(1), item(1)),
        packing(5, "ADD", case(1), item(1)),
        packing(5, "DELETE", case(1)),
    ],
)
def test_packing_while_the_packing_before_is_declared_wrong(authority, told, is_turned):
    wrong = {**packing(1, "ADD", case(1), item(1)), "eventID": "urn:x:wrong"}
    capture(wrong, key=authority)

    acts = [
        lambda: capture(told, key=authority),
        lambda: capture({**wrong, **WRONG}, key=authority),
    ]
    overlapping(*(acts[::-1] if is_turned else acts))

    assert packed() == packed_anew()
    assert noted() == noted_anew()


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_state_while_the_last_one_is_declared_wrong(authority, is_turned):
    wrong = event(5, epcList=[item(1)], bizLocation={"id": place(1)}, eventID="urn:x:wrong")
    capture(wrong, key=authority)
    older = event(2, epcList=[item(1)], bizLocation={"id": place(2)}, disposition="active")

    acts = [
        lambda: capture(older, key=authority),
        lambda: capture({**wrong, **WRONG}, key=authority),
    ]
    overlapping(*(acts[::-1] if is_turned else acts))

    assert noted() == noted_anew()


@pytest.mark.parametrize("is_turned", [False, True])
def test_both_sides_of_a_handover(is_turned):
    sender, receiver = (make_key(party=PartyFactory())[0] for _side in "ab")
    left = event(1, epcList=[item(1)], bizStep="shipping")
    came = event(2, epcList=[item(1)], bizStep="receiving")

    acts = [lambda: capture(left, key=sender), lambda: capture(came, key=receiver)]
    overlapping(*(acts[::-1] if is_turned else acts))

    assert across() == 2


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_month_comes_back_while_something_is_told_of_it(tmp_path, is_turned):
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-03-31')")
    sender, receiver = (make_key(party=PartyFactory())[0] for _side in "ab")
    then = {"eventTime": "2025-02-11T00:00:00Z", "epcList": [item(1)]}
    recorded(LONG_AGO, event(1, bizStep="shipping", **then), key=sender)
    archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)
    came = event(2, bizStep="receiving", **{**then, "eventTime": "2025-02-12T00:00:00Z"})

    acts = [
        lambda: archive.restore_month(month=OLD, folder=tmp_path, by="a test"),
        lambda: capture(came, key=receiver),
    ]
    overlapping(*(acts[::-1] if is_turned else acts))

    assert across() == 2


def test_others_read_while_a_month_comes_back(tmp_path, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-03-31')")
    recorded(LONG_AGO, event(1, epcList=[item(1)], eventTime="2025-02-11T00:00:00Z"))
    archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)
    read = []

    def reading():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
                cursor.execute("SELECT count(*) FROM traceability_event_ident")
                read.append(cursor.fetchone()[0])
        finally:
            connection.close()

    def read_by_others(_month):
        other = threading.Thread(target=reading)
        other.start()
        other.join()

    monkeypatch.setattr(states, "note_month", read_by_others)
    archive.restore_month(month=OLD, folder=tmp_path, by="a test")

    assert read == [0]


def test_of_one_instant_what_was_told_last_counts_whoever_told_it(authority):
    """Each connection has numbers of its own for events: those of the second may be lower."""
    has_numbers, is_told = threading.Event(), threading.Event()

    def second():
        try:
            capture(event(1, epcList=[item(9)]), key=authority)
            has_numbers.set()
            is_told.wait(30)
            capture(event(5, epcList=[item(1)], bizLocation={"id": place(2)}), key=authority)
        finally:
            connection.close()

    other = threading.Thread(target=second)
    other.start()
    has_numbers.wait(30)
    capture(event(5, epcList=[item(1)], bizLocation={"id": place(1)}), key=authority)
    is_told.set()
    other.join(60)

    rows = fetched(
        "SELECT i.uri, l.uri FROM traceability_ident_state s JOIN traceability_ident i"
        " ON i.id = s.ident JOIN traceability_ident l ON l.id = s.location",
        [],
    )
    assert rows == [(canonical(item(1)), canonical(place(2)))]
    assert noted() == noted_anew()
