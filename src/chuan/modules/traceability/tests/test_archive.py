import gzip
import os
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from chuan.core.audit.models import Entry
from chuan.modules.traceability import facade
from chuan.modules.traceability.models import ArchivedMonth
from chuan.modules.traceability.operations import archive
from chuan.modules.traceability.store import archive as store
from chuan.modules.traceability.store.archive import TABLES, after, months_before
from chuan.modules.traceability.store.rows import fetched
from chuan.modules.traceability.testing import PartyFactory, capture, case, event, item, make_key
from chuan.modules.traceability.testing import packing as packed

pytestmark = [pytest.mark.django_db, pytest.mark.citus]
OLD, NEXT = date(2025, 2, 1), date(2025, 3, 1)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def recorded(on, *told, key=None):
    """Events as if they had been recorded on a day."""
    before = {row[0] for row in fetched("SELECT event_id FROM traceability_event", [])}
    capture(*told, key=key)
    new = [
        row[0]
        for row in fetched("SELECT event_id FROM traceability_event", [])
        if row[0] not in before
    ]
    with connection.cursor() as cursor:
        for table in (*TABLES, "traceability_event_key", "traceability_handover"):
            cursor.execute(
                f"UPDATE {table} SET record_time = %s WHERE event_id = ANY(%s)",  # noqa: S608
                [on, new],
            )


def rows():
    return {
        table: sorted(fetched(f"SELECT t::text FROM {table} t", []))  # noqa: S608
        for table in TABLES
    }


@pytest.fixture
def events():
    with connection.cursor() as cursor:
        cursor.execute("SELECT traceability_make_months('2025-01-01', '2025-03-31')")
    key = make_key(party=PartyFactory())[0]
    strange = {"ex:note": 'Xoài "chín" \\ ngon\n\t€', "ex:n": 0.1}
    quantity = [{"epcClass": "urn:epc:class:lgtin:8934567.012345.L", "quantity": 0.1 + 0.2}]
    recorded(
        datetime(2025, 2, 10, 23, 59, 59, 123456, tzinfo=UTC),
        {
            **event(1, epcList=[item(1)], quantityList=quantity),
            "eventID": "urn:x:old",
            **strange,
            "@context": [{"ex": "https://ex.example/"}],
        },
        packed(2, "ADD", case(1), item(1)),
        # happened in the month itself
        event(0, epcList=[item(2)], eventTime="2025-02-09T00:00:00Z"),
        key=key,
    )
    # recorded later, of the month before
    recorded(
        datetime(2025, 3, 2, tzinfo=UTC),
        event(3, epcList=[item(3)], eventTime="2025-02-11T00:00:00Z"),
        key=key,
    )
    capture(event(4, epcList=[item(1)]))
    return key


def test_a_month_goes_into_files_and_comes_back_as_it_was(events, tmp_path):
    before = rows()
    kept = fetched("SELECT c::text FROM traceability_containment c", [])
    (put_away,) = archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)

    assert (put_away.month, put_away.event_count) == (OLD, 3)
    assert fetched("SELECT to_regclass('traceability_event_202502')", []) == [(None,)]
    left = rows()
    assert [len(left[table]) for table in TABLES] == [2, 2, 1]
    assert fetched("SELECT c::text FROM traceability_containment c", []) == kept
    assert months_before(NEXT) == []

    assert archive.restore_month(month=OLD, folder=tmp_path, by="a test") == 3
    assert rows() == before
    assert not ArchivedMonth.objects.exists()
    told = [line.action for line in Entry.objects.filter(action__contains="month_").order_by("pk")]
    assert told == ["traceability.month_archived", "traceability.month_restored"]
    # And again, from partitions that were made anew.
    archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)
    archive.restore_month(month=OLD, folder=tmp_path, by="a test")
    assert rows() == before


def test_whoever_asks_is_told_that_a_period_is_archived(events, client, tmp_path):
    authority = make_key()[1]

    def ask(path, text=authority, **parameters):
        return client.get(
            f"/epcis/v2/{path}", parameters, headers={"authorization": f"Bearer {text}"}
        )

    event_of = f"events/{quote('urn:x:old', safe='')}"
    assert "GS1-Query-Min-Record-Time" not in ask("events")
    assert ask(event_of).status_code == 200
    archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)

    for answer in (ask("events"), ask(f"trace/{quote(item(1), safe='')}")):
        assert answer["GS1-Query-Min-Record-Time"] == "2025-03-01T00:00:00+00:00"
        assert answer["Warning"] == '299 - "events recorded before 2025-03-01 are archived"'
    gone = ask(event_of)
    assert gone.status_code == 404
    assert gone.json()["detail"] == "no event urn:x:old: recorded in 2025-02, which is archived"
    # Who might not have seen it is not told that it was ever there.
    stranger = make_key(party=PartyFactory())[1]
    assert ask(event_of, text=stranger).json()["detail"] == "no event urn:x:old"
    # What comes once more is known still.
    same = event(0, epcList=[item(2)], eventTime="2025-02-09T00:00:00Z")
    assert capture(same).duplicate_count == 1


def test_files_that_were_changed_are_not_put_back(events, tmp_path):
    archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)
    (path,) = tmp_path.glob("*.traceability_event.jsonl.gz")
    whole = path.read_bytes()
    changed = gzip.decompress(whole).replace(b"Xo", b"Xa")
    half = len(whole) // 2
    rotten = (
        whole[:half] + bytes(one ^ 0xFF for one in whole[half : half + 60]) + whole[half + 60 :]
    )
    before = rows()
    for bad in (gzip.compress(changed), whole[:-20], rotten, b"", None):
        if bad is None:
            path.unlink()
        else:
            path.write_bytes(bad)
        with pytest.raises(facade.CannotArchive):
            facade.restore_month(month=OLD, folder=tmp_path, by="a test")
        assert rows() == before
    path.write_bytes(whole)
    assert facade.restore_month(month=OLD, folder=tmp_path, by="a test") == 3


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (date(2026, 12, 1), "2026-12 has not begun a day ago; name a month up to 2026-11"),
        (date(2025, 3, 15), "2025-03-15 is not the first day of a month"),
    ],
)
def test_what_may_be_written_to_is_not_archived(events, tmp_path, end, why):
    with pytest.raises(facade.CannotArchive, match=why):
        facade.archive_before(end=end, folder=tmp_path, by="a test", at=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_month_rests_for_a_day_before_it_is_archived(events, tmp_path):
    asked = {"end": NEXT, "folder": tmp_path, "by": "a test"}
    with pytest.raises(facade.CannotArchive, match="name a month up to 2025-02"):
        facade.archive_before(**asked, at=datetime(2025, 3, 1, 23, 59, tzinfo=UTC))
    assert facade.archive_before(**asked, at=datetime(2025, 3, 2, tzinfo=UTC)) == [("2025-02", 3)]


def test_what_is_here_is_not_put_back(events, tmp_path):
    with pytest.raises(facade.CannotArchive, match="2025-02 is not archived"):
        facade.restore_month(month=OLD, folder=tmp_path, by="a test")


LATE = datetime(2025, 2, 28, 23, 59, 59, tzinfo=UTC)


def test_what_is_not_in_the_files_is_not_taken_out(events, tmp_path, monkeypatch):
    check = store.check

    def late(path, written):
        check(path, written)
        if "traceability_sight" in path.name:
            recorded(LATE, event(50, epcList=[item(50)]))

    monkeypatch.setattr(store, "check", late)
    before = rows()
    with pytest.raises(facade.CannotArchive, match="has 4 rows, the file 3"):
        facade.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)
    assert rows() == before
    assert not ArchivedMonth.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_writes_into_a_month_that_goes_into_files(events):
    done = threading.Event()

    def write():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
            cursor.execute(
                "INSERT INTO traceability_event SELECT * FROM traceability_event LIMIT 0"
            )
            cursor.execute(
                "UPDATE traceability_event SET action = action WHERE record_time < '2025-03-01'"
            )
        done.set()
        connection.close()

    late = threading.Thread(target=write)
    with transaction.atomic():
        store.hold(OLD)
        late.start()
        assert not done.wait(0.5)
    late.join()
    assert done.is_set()


def test_the_files_of_an_archived_month_are_not_written_over(events, tmp_path):
    archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)
    recorded(LATE, event(50, epcList=[item(50)]))
    with pytest.raises(facade.CannotArchive, match="2025-02 is archived already"):
        facade.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)
    assert facade.restore_month(month=OLD, folder=tmp_path, by="a test") == 3
    # With what came meanwhile.
    assert facade.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW) == [("2025-02", 4)]


def test_files_are_on_the_disk_before_partitions_are_dropped(events, tmp_path, monkeypatch):
    synced, fsync, take_out = [], os.fsync, store.take_out

    def noted(number):
        synced.append(Path(f"/proc/self/fd/{number}").readlink().name)
        fsync(number)

    def dropped(*told):
        synced.append("dropped")
        take_out(*told)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(store, "take_out", dropped)
    archive.archive_before(end=NEXT, folder=tmp_path, by="a test", at=NOW)
    files = [f"2025-02.{table}.jsonl.part" for table in TABLES]
    assert synced == [*(name for file in files for name in (file, tmp_path.name)), "dropped"]


def test_the_month_after_december_is_january():
    assert after(date(2025, 12, 1)) == date(2026, 1, 1)
    assert after(date(2025, 1, 1)) == date(2025, 2, 1)
