import io
import os
import stat
import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import DatabaseError, connection, transaction

from chuan.core.audit.models import Entry
from chuan.core.files import operations, queries, store
from chuan.core.files.models import StoredFile, Upload
from chuan.core.files.operations import store_upload, sweep_orphans
from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.files.queries import Damage, Fault
from chuan.core.files.testing import EXE, PDF, PNG, UploadFactory
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"


def test_a_file_is_kept_as_it_came_with_who_and_when():
    person = PersonFactory()

    upload = store_upload(actor=person, name="C:\\tai lieu\\Quyết định.pdf", content=PDF)

    assert (upload.name, upload.uploaded_by) == ("Quyết định.pdf", person)
    assert (upload.file.size, upload.file.media_type) == (len(PDF), "application/pdf")
    assert queries.read_bytes(upload) == PDF
    entry = Entry.objects.get()
    assert (entry.action, entry.actor, entry.subject_id) == (
        "files.uploaded",
        person,
        str(upload.pk),
    )
    assert entry.details == {"sha256": upload.file.sha256, "size": len(PDF)}


def test_the_same_bytes_are_kept_once_for_two_deliveries():
    one = store_upload(actor=PersonFactory(), name="a.pdf", content=PDF)
    two = store_upload(actor=PersonFactory(), name="b.pdf", content=io.BytesIO(PDF))

    assert one.file == two.file
    assert Upload.objects.count() == 2
    assert len(list(store.everything())) == 1


@pytest.mark.parametrize("carrier", [SimpleUploadedFile, None])
def test_what_a_form_hands_over_is_taken(carrier):
    if carrier:
        content = carrier("a.png", PNG)
    else:
        content = TemporaryUploadedFile("a.png", "image/png", len(PNG), None)
        content.write(PNG)

    upload = store_upload(actor=PersonFactory(), name="a.png", content=content)

    assert queries.read_bytes(upload) == PNG


def test_kept_files_can_be_read_by_their_owner_only_and_written_by_nobody():
    upload = UploadFactory()
    mode = stat.S_IMODE(store.path_of(upload.file.sha256).stat().st_mode)
    assert mode == 0o400


def test_a_refused_file_leaves_nothing_behind():
    with pytest.raises(FileRefused):
        store_upload(actor=PersonFactory(), name="a.pdf", content=EXE)

    assert not Upload.objects.exists()
    assert not Entry.objects.exists()
    assert list(store.everything()) == list(store.abandoned()) == []


def test_somebody_without_a_role_hands_in_nothing():
    with pytest.raises(Denied, match="chưa có vai trò"):
        store_upload(actor=PersonFactory(role=None), name="a.pdf", content=PDF)

    assert not Upload.objects.exists()


def test_a_file_the_system_made_names_its_job():
    upload = store_upload(actor=None, name="a.pdf", content=PDF, made_by="annual_report.render")

    assert upload.uploaded_by is None
    assert Entry.objects.get().actor_name == "annual_report.render"


@pytest.mark.data_layer
@pytest.mark.parametrize("model", [StoredFile, Upload])
def test_the_database_refuses_to_change_a_file(model):
    UploadFactory()
    changes = {"size": 1} if model is StoredFile else {"name": "khac.pdf"}
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        model.objects.update(**changes)


def test_missing_and_changed_files_are_found():
    whole, missing, changed, cut = (
        UploadFactory(name=f"{n}.txt", content=n.encode()) for n in ["một", "hai", "ba", "bốn"]
    )
    store.path_of(missing.file.sha256).unlink()
    for upload, bytes_now in [(changed, "bà".encode()), (cut, b"b")]:
        path = store.path_of(upload.file.sha256)
        path.chmod(0o600)
        path.write_bytes(bytes_now)

    assert queries.damaged_files() == [
        Damage(missing.file.sha256, Fault.MISSING, ("hai.txt",)),
        Damage(changed.file.sha256, Fault.CHANGED, ("ba.txt",)),
        Damage(cut.file.sha256, Fault.CHANGED, ("bốn.txt",)),
    ]
    assert queries.read_bytes(whole) == "một".encode()
    assert len(queries.damaged_files(limit=1)) == 1


def test_handing_in_the_same_bytes_again_mends_a_damaged_file():
    upload = UploadFactory(name="a.pdf")
    path = store.path_of(upload.file.sha256)
    path.chmod(0o600)
    path.write_bytes(b"hong")

    store_upload(actor=PersonFactory(), name="a.pdf", content=PDF)

    assert queries.damaged_files() == []


def age(path, days):
    seconds = path.stat().st_mtime - days * 86400
    os.utime(path, (seconds, seconds))


def test_what_a_rolled_back_upload_left_is_swept_a_day_later():
    kept = UploadFactory(content=PDF)
    with transaction.atomic():
        store_upload(actor=PersonFactory(), name="a.png", content=PNG)
        transaction.set_rollback(True)
    (orphan,) = (path for path in store.everything() if path.name != kept.file.sha256)
    half = store.folder() / "tmp" / "half"
    half.write_bytes(b"half")

    assert sweep_orphans() == 0
    for path in (orphan, half, store.path_of(kept.file.sha256)):
        age(path, days=2)
    assert sweep_orphans() == 2
    assert [path.name for path in store.everything()] == [kept.file.sha256]
    assert sweep_orphans() == 0


@pytest.mark.django_db(transaction=True)
def test_looking_for_orphans_holds_up_no_upload_and_an_upload_no_looking():
    kept = UploadFactory(content=PDF)
    age(store.path_of(kept.file.sha256), days=2)
    swept = []

    def sweep():
        try:
            swept.append(sweep_orphans(older_than=timedelta(days=1)))
        finally:
            connection.close()

    with transaction.atomic():
        operations.store_upload(actor=PersonFactory(), name="a.png", content=PNG)
        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        sweeper.join(timeout=10)
        assert swept == [0]


@pytest.mark.django_db(transaction=True)
def test_sweeping_waits_for_an_upload_that_is_not_committed_yet():
    """An old orphan that somebody just handed in again has a row only after the commit."""
    orphan = store.put(io.BytesIO(PDF))
    age(store.path_of(orphan.sha256), days=2)
    person = PersonFactory()
    swept = []

    def sweep():
        try:
            swept.append(sweep_orphans(older_than=timedelta(days=1)))
        finally:
            connection.close()

    with transaction.atomic():
        upload = operations.store_upload(actor=person, name="a.pdf", content=PDF)
        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        sweeper.join(timeout=0.5)
        assert sweeper.is_alive()
    sweeper.join(timeout=10)

    assert swept == [0]
    assert queries.read_bytes(upload) == PDF
