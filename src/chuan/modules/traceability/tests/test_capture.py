import threading
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, OperationalError, connection
from psycopg.errors import DeadlockDetected

from chuan.core.audit.models import Entry
from chuan.lib.rules import Denied
from chuan.modules.traceability.engine.facts import facts_of
from chuan.modules.traceability.enums import ErrorBehaviour, Scope
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.operations import capture as operations
from chuan.modules.traceability.operations.capture import (
    AlreadyThere,
    Refused,
    TooMany,
    capture_document,
    capture_event,
)
from chuan.modules.traceability.operations.keys import add_key, revoke_key
from chuan.modules.traceability.testing import (
    PartyFactory,
    PlaceFactory,
    at,
    document,
    event,
    item,
    make_key,
    one,
    revoked,
)

pytestmark = [pytest.mark.django_db, pytest.mark.citus]

ROLLBACK, PROCEED = ErrorBehaviour.ROLLBACK, ErrorBehaviour.PROCEED


def count():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM traceability_event")
        return cursor.fetchone()[0]


@pytest.fixture
def key():
    return make_key()[0]


def test_a_document_is_stored_whole_with_a_job_and_a_line_in_the_ledger(key):
    job = capture_document(key=key, document=document(event(1), event(2)), behaviour=ROLLBACK)

    assert (job.success, job.event_count, job.duplicate_count, count()) == (True, 2, 0, 2)
    line = Entry.objects.get(action="traceability.document_captured")
    assert (line.actor_name, line.subject_id) == (key.name, str(job.pk))


def test_one_wrong_event_keeps_all_out_when_rolling_back(key):
    with pytest.raises(Refused) as refused:
        capture_document(
            key=key, document=document(event(1), event(2, action="LOOK")), behaviour=ROLLBACK
        )

    assert [(fault.event, fault.path) for fault in refused.value.faults] == [(1, "$.action")]
    assert count() == 0


def test_proceeding_stores_what_is_right_and_tells_what_is_not(key):
    held = document(event(1), event(2, action="LOOK"))

    job = capture_document(key=key, document=held, behaviour=PROCEED)

    assert (job.success, job.event_count, count()) == (False, 1, 1)
    assert [(error["event"], error["path"]) for error in job.errors] == [(1, "$.action")]


def test_a_wrong_envelope_is_refused_even_when_proceeding(key):
    held = document(event(1))
    del held.envelope["creationDate"]

    with pytest.raises(Refused):
        capture_document(key=key, document=held, behaviour=PROCEED)


def test_a_document_sent_twice_is_stored_once(key):
    for duplicates in (0, 2):
        held = document(event(1), event(2))
        job = capture_document(key=key, document=held, behaviour=ROLLBACK)
        assert (job.success, job.duplicate_count, count()) == (True, duplicates, 2)


def test_another_event_under_a_known_id_is_an_error(key):
    known = event(1, eventID="urn:uuid:1")
    capture_document(key=key, document=document(known), behaviour=ROLLBACK)
    held = document({**known, "bizStep": "shipping"}, event(2))

    with pytest.raises(Refused):
        capture_document(key=key, document=held, behaviour=ROLLBACK)
    assert count() == 1
    job = capture_document(key=key, document=held, behaviour=PROCEED)
    assert (job.success, job.event_count, count()) == (False, 1, 2)
    assert job.errors[0]["path"] == "$.eventID"


def test_too_many_events_are_refused(key, monkeypatch):
    monkeypatch.setattr(operations, "MOST_EVENTS", 1)

    with pytest.raises(TooMany):
        capture_document(key=key, document=document(event(1), event(2)), behaviour=ROLLBACK)


def test_a_single_event_is_stored_and_known_the_second_time(key):
    uri = capture_event(key=key, document=one(event(1)))

    assert uri.startswith("ni:///sha-256;")
    with pytest.raises(AlreadyThere):
        capture_event(key=key, document=one(event(1)))
    with pytest.raises(Refused):
        capture_event(key=key, document=one(event(1, action="LOOK")))
    assert count() == 1


@pytest.mark.parametrize("make", [lambda: make_key(Scope.QUERY)[0], lambda: revoked(make_key()[0])])
def test_nobody_captures_without_a_key_for_it(make):
    key = make()

    with pytest.raises(Denied):
        capture_document(key=key, document=document(event(1)), behaviour=ROLLBACK)
    with pytest.raises(Denied):
        capture_event(key=key, document=one(event(1)))
    assert count() == 0


def test_a_key_is_shown_once_and_only_its_digest_kept():
    key, text = add_key(name="Cảng", scopes=[Scope.CAPTURE], by="a test", sees_everything=True)

    assert text.startswith("chuan_")
    assert len(text) > 40
    assert text.encode() not in bytes(key.digest)
    assert Entry.objects.get(action="traceability.key_added").actor_name == "a test"
    with pytest.raises(ValidationError):
        add_key(name="Cảng", scopes=[Scope.CAPTURE], by="a test", sees_everything=True)
    revoke_key(name="Cảng", by="a test")
    add_key(name="Cảng", scopes=[Scope.CAPTURE], by="a test", sees_everything=True)


def test_one_event_that_the_database_refuses_does_not_spoil_the_others(monkeypatch):
    stored = []

    def store(batch):
        if len(batch) > 1 or batch[0] == "bad":
            raise DatabaseError
        stored.extend(batch)

    class Ticket(str):
        done, error, stored = False, None, None
        captured_by = AccessKey(pk=1)

    batch = [Ticket("good"), Ticket("bad"), Ticket("fine")]
    monkeypatch.setattr(operations, "_store", store)

    operations._commit(batch)

    assert stored == ["good", "fine"]
    assert [ticket.error is not None for ticket in batch] == [False, True, False]


def deadlocked(times):
    """Storing that has to give way so many times."""
    left = [times]

    def store(*told, **more):
        if left[0]:
            left[0] -= 1
            raise OperationalError("deadlock detected") from DeadlockDetected()
        return stored(*told, **more)

    stored = operations.store
    return store


def test_whoever_gave_way_to_another_transaction_stores_once_more(key, monkeypatch):
    monkeypatch.setattr(operations, "store", deadlocked(1))
    assert capture_document(key=key, document=document(event(1)), behaviour=ROLLBACK).success
    monkeypatch.setattr(operations, "store", deadlocked(1))
    capture_event(key=key, document=one(event(2)))
    assert count() == 2
    monkeypatch.setattr(operations, "store", deadlocked(2))
    with pytest.raises(OperationalError):
        capture_document(key=key, document=document(event(3)), behaviour=ROLLBACK)
    assert count() == 2


def _tickets(*keys):
    told = [one(event(number)) for number in range(len(keys))]
    return [
        operations._Ticket(facts_of(held, held.events[0]), key)
        for held, key in zip(told, keys, strict=True)
    ]


def test_no_transaction_holds_the_things_of_one_key_and_waits_for_those_of_another(
    key, monkeypatch
):
    calls, stored = [], operations.store

    def store(told, **more):
        calls.append((more["captured_by"], len(told), connection.savepoint_ids[-1]))
        return stored(told, **more)

    monkeypatch.setattr(operations, "store", store)
    other = make_key()[0]
    batch = _tickets(key, other, key)

    operations._commit(batch)

    assert sorted(call[:2] for call in calls) == sorted([(key.pk, 2), (other.pk, 1)])
    assert len({inside for _key, _count, inside in calls}) == 2
    assert all(ticket.stored.fresh for ticket in batch)


@pytest.mark.parametrize("wrong", [ValueError, KeyboardInterrupt])
def test_whatever_goes_wrong_reaches_everybody_who_waits(key, monkeypatch, wrong):
    def store(*_told, **_more):
        raise wrong

    monkeypatch.setattr(operations, "store", store)
    batch = _tickets(key, make_key()[0], key)

    with suppress(KeyboardInterrupt):
        operations._commit(batch)

    assert all(ticket.done and isinstance(ticket.error, wrong) for ticket in batch)


def test_what_speaks_against_one_event_of_many_is_told_to_its_sender_alone(monkeypatch):
    mine, theirs = PlaceFactory(), PlaceFactory()
    key = make_key(party=mine.party)[0]
    places = [mine, theirs, mine]
    told = [one(event(at, readPoint={"id": place.uri})) for at, place in enumerate(places)]
    batch = [operations._Ticket(facts_of(held, held.events[0]), key) for held in told]

    operations._commit(batch)

    assert [bool(ticket.stored and ticket.stored.fresh) for ticket in batch] == [True, False, True]
    assert isinstance(batch[1].error, Refused)
    assert batch[1].error.faults[0].event == 0
    assert count() == 2


def test_nobody_declares_wrong_what_somebody_else_is_only_just_telling(key):
    party = make_key(party=PartyFactory())[0]
    wrong = event(1, eventID="urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8")
    declared = {
        **wrong,
        "errorDeclaration": {"declarationTime": at(90), "reason": "did_not_occur"},
    }
    sent = [(wrong, key), (declared, party), (declared, key)]
    batch = [
        operations._Ticket(facts_of(held, held.events[0]), who)
        for held, who in ((one(told), who) for told, who in sent)
    ]

    operations._commit(batch)

    assert [ticket.error is not None for ticket in batch] == [False, True, False]


def test_what_was_found_out_before_a_commit_failed_is_told_to_nobody(key, monkeypatch):
    def record(**_told):
        raise KeyboardInterrupt

    monkeypatch.setattr(operations, "record", record)
    batch = _tickets(key, key)

    with suppress(KeyboardInterrupt):
        operations._commit(batch)

    assert count() == 0
    assert all(ticket.stored is None and ticket.error is not None for ticket in batch)


def test_whoever_is_alone_waits_for_nobody(key, monkeypatch):
    monkeypatch.setattr(operations, "GATHER_S", 600)
    monkeypatch.setattr(operations, "_counter", operations._Counter())
    for number in range(3):
        capture_event(key=key, document=one(event(number)))
    assert count() == 3


@pytest.mark.parametrize("wrong", [None, ValueError])
def test_those_who_come_together_are_committed_together_and_woken_whatever_happens(
    monkeypatch, wrong
):
    sizes, people, rounds = [], 6, 5

    def commit(batch):
        sizes.append(len(batch))
        for ticket in batch:
            ticket.stored, ticket.error, ticket.done = "stored", wrong and wrong(), True
        if wrong:
            raise wrong

    monkeypatch.setattr(operations, "GATHER_S", 600)
    monkeypatch.setattr(operations, "_commit", commit)
    counter, answers = operations._Counter(), []
    counter.expected = people

    def send():
        for _round in range(rounds):
            try:
                answers.append(counter.hand_in(operations._Ticket(None, None)))
            except ValueError as error:
                answers.append(type(error))

    threads = [threading.Thread(target=send, daemon=True) for _ in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert answers == [wrong or "stored"] * (people * rounds)
    assert sizes == [people] * rounds
    assert not counter.is_busy


@pytest.mark.django_db(transaction=True)
def test_events_sent_at_the_same_moment_are_all_stored_and_each_once():
    key = make_key()[0]
    answers = []

    def send(number):
        try:
            answers.append(capture_event(key=key, document=one(event(1, epcList=[item(number)]))))
        except AlreadyThere:
            answers.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number % 10,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert count() == 10
    assert answers.count(None) == 10
    assert len(set(answers)) == 11
