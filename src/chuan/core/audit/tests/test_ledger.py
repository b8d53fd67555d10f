"""The ledger: written with the change or not at all, in one chain, and every tampering found."""

import threading
from contextlib import suppress

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction

from chuan.core.audit.models import Entry, Seal
from chuan.core.audit.operations import NotInTransaction, record, record_many
from chuan.core.audit.queries import GENESIS, Head, head, verify
from chuan.core.people.testing import MembershipFactory, PersonFactory

committed = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.data_layer


def write(count=1, subject=None, **details):
    subject = subject or PersonFactory(role=None)
    for _ in range(count):
        with transaction.atomic():
            record(action="tests.thing_done", actor=None, by="tests", subject=subject, **details)


def tamper(sql, *parameters):
    """What somebody with the database's own password can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET session_replication_role = DEFAULT")


@committed
def test_every_committed_line_gets_the_next_place_in_the_chain():
    assert head() == Head(0, GENESIS.hex())
    write(3)
    seals = list(Seal.objects.order_by("position"))
    assert [seal.position for seal in seals] == [1, 2, 3]
    assert [bytes(seal.previous_hash) for seal in seals] == [
        GENESIS,
        bytes(seals[0].hash),
        bytes(seals[1].hash),
    ]
    assert verify().is_intact
    assert head() == Head(3, bytes(seals[2].hash).hex())


@committed
def test_lines_of_one_transaction_are_sealed_in_the_order_they_were_written():
    people = [PersonFactory(role=None, full_name=f"Cán bộ {n}") for n in range(4)]
    with transaction.atomic():
        record(action="tests.first", actor=None, by="tests", subject=people[0])
        record_many(action="tests.rest", actor=None, by="tests", subjects=people[1:])
    order = Seal.objects.order_by("position").values_list("entry__subject_name", flat=True)
    assert list(order) == ["Cán bộ 0", "Cán bộ 1", "Cán bộ 2", "Cán bộ 3"]
    assert verify().is_intact


@committed
def test_a_change_that_fails_leaves_no_line_and_no_gap_in_the_chain():
    write()
    with suppress(ZeroDivisionError), transaction.atomic():
        record(action="tests.failed", actor=None, by="tests", subject=PersonFactory(role=None))
        raise ZeroDivisionError
    write()
    assert head().position == 2
    assert not Entry.objects.filter(action="tests.failed").exists()
    assert verify().is_intact


@committed
def test_a_rolled_back_part_of_a_transaction_leaves_no_line():
    person = PersonFactory(role=None)
    with transaction.atomic():
        record(action="tests.kept", actor=None, by="tests", subject=person)
        with suppress(ZeroDivisionError), transaction.atomic():
            record(action="tests.undone", actor=None, by="tests", subject=person)
            raise ZeroDivisionError
        record(action="tests.kept", actor=None, by="tests", subject=person)
    assert head().position == 2
    assert verify().is_intact


@committed
def test_writing_outside_a_transaction_is_refused():
    person = PersonFactory(role=None)
    with pytest.raises(NotInTransaction):
        record(action="tests.thing_done", actor=None, by="tests", subject=person)
    with pytest.raises(NotInTransaction):
        record_many(action="tests.thing_done", actor=None, by="tests", subjects=[person])
    assert not Entry.objects.exists()


@committed
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET actor_name = 'x'",
        "DELETE FROM audit_entry",
        "UPDATE audit_seal SET position = 9",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_entry CASCADE",
        "TRUNCATE audit_seal",
    ],
)
def test_the_database_refuses_to_change_or_empty_the_ledger(sql):
    write(2)
    with (
        pytest.raises((InternalError, ProgrammingError, IntegrityError)),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert head().position == 2
    assert verify().is_intact


@committed
@pytest.mark.parametrize(
    "change",
    [
        "subject_name = 'Người khác'",
        "action = 'tests.other'",
        'details = \'{"note": "other"}\'',
        "recorded_at = recorded_at + interval '1 microsecond'",
        "actor_name = actor_name || ' '",
    ],
)
def test_a_changed_line_is_found(change):
    write(3, note="as it was")
    second = Seal.objects.get(position=2)
    tamper("UPDATE audit_entry SET " + change + " WHERE id = %s", second.entry_id)  # noqa: S608
    [found] = verify().breaks
    assert (found.position, found.entry_id) == (2, second.entry_id)
    assert found.reason == "nội dung dòng đã bị sửa"


@committed
def test_a_deleted_line_is_found():
    write(3)
    second = Seal.objects.get(position=2)
    tamper("DELETE FROM audit_entry WHERE id = %s", second.entry_id)
    [found] = verify().breaks
    assert (found.position, found.entry_id) == (2, second.entry_id)
    assert found.reason == "dòng đã bị xóa"


@committed
def test_a_line_deleted_together_with_its_seal_is_found():
    write(3)
    second = Seal.objects.get(position=2)
    tamper("DELETE FROM audit_seal WHERE position = 2")
    tamper("DELETE FROM audit_entry WHERE id = %s", second.entry_id)
    reasons = [found.reason for found in verify().breaks]
    assert reasons == ["thiếu dấu niêm số 2", "không nối với dấu niêm trước"]


@committed
def test_a_line_written_behind_the_triggers_is_found():
    write()
    tamper(
        "INSERT INTO audit_entry (action, actor_name, subject_model, subject_id, subject_name,"
        " details, recorded_at) VALUES ('tests.forged', '', '', '', '', '{}', now())"
    )
    [found] = verify().breaks
    assert found.position is None
    assert found.reason == "dòng không có dấu niêm"


@committed
def test_a_chain_hashed_anew_after_a_change_is_told_by_a_head_kept_elsewhere():
    write(2)
    kept = head()
    tamper(
        "DELETE FROM audit_seal; DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_sealing SELECT pg_current_xact_id(), min(id) FROM audit_entry"
        )
    assert verify().is_intact
    [found] = verify(known=kept).breaks
    assert found.reason == "mất các dòng cuối: dấu niêm đã ghi lại không còn"


@committed
def test_a_head_kept_elsewhere_that_fits_says_so():
    write(2)
    kept = head()
    write(2)
    assert verify(known=kept).is_intact
    assert not verify(known=Head(kept.position, "00" * 32)).is_intact


def in_threads(*works):
    failures = []

    def run(work):
        try:
            work()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []


@committed
def test_many_people_at_once_make_one_chain_without_gaps():
    person = PersonFactory(role=None)
    in_threads(*[lambda: write(10, subject=person)] * 6)
    assert head().position == 60
    assert verify().is_intact


@committed
def test_a_commit_that_seals_does_not_wait_for_rows_of_one_that_wants_to_seal():
    """One writes a line, then a row pointing at a person the other has locked; both commit."""
    person = PersonFactory(role=None)
    both_ready = threading.Barrier(2, timeout=10)

    def line_then_reference():
        with transaction.atomic():
            record(action="tests.one", actor=None, by="tests", subject=person)
            MembershipFactory(person=person)
            both_ready.wait()

    def lock_then_line():
        with transaction.atomic():
            type(person).objects.select_for_update().get(pk=person.pk)
            record(action="tests.other", actor=None, by="tests", subject=person)
            both_ready.wait()

    in_threads(line_then_reference, lock_then_line)
    assert head().position == 2
    assert verify().is_intact
