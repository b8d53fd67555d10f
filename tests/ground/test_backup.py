"""A backup brings everything back, and a bad one harms nothing."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from chuan.config import archive, environment
from chuan.config.archive import BadArchive
from chuan.config.postgres import programs
from chuan.config.postgres.locks import Lock
from chuan.config.postgres.server import EmbeddedServer
from chuan.config.testing import new_folder
from chuan.config.trouble import Trouble

pytestmark = [pytest.mark.slow, pytest.mark.data_layer]

VERSION = int(os.environ.get("CHUAN_TEST_PG") or programs.NEWEST)
LETTER = "Công văn số 05/SKHCN-TĐC".encode()


def quiet(_text: str) -> None:
    pass


@pytest.fixture(scope="module")
def folder():
    made = new_folder("chuan-backup-")
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def installation(folder):
    """A migrated installation with ledger lines and stored files, and its backup."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        with EmbeddedServer(folder, version=VERSION, durable=False) as server:
            url = f"postgresql:///chuan?user=chuan&host={server.socket_folder}"
            subprocess.run(
                [sys.executable, "-m", "chuan.config.cli", "migrate"],
                env=os.environ | {"CHUAN_VAR": str(folder), "DATABASE_URL": url},
                check=True,
                capture_output=True,
            )
            store(folder, LETTER)
            for number in range(3):
                add_line(folder, f"dòng {number}")
            archive.write(folder / "first.tar", var=folder, say=quiet)
            yield folder


@pytest.fixture
def var(installation):
    archive.restore(installation / "first.tar", var=installation, replace=True, say=quiet)
    return installation


def store(var: Path, content: bytes) -> str:
    name = hashlib.sha256(content).hexdigest()
    path = var / "files" / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with environment.connect(var) as connection:
        connection.execute(
            "INSERT INTO files_storedfile (sha256, size, media_type, stored_at)"
            " VALUES (%s, %s, 'text/plain', now())",
            [name, len(content)],
        )
    return name


def add_line(var: Path, subject: str) -> None:
    with environment.connect(var) as connection:
        connection.execute(
            "INSERT INTO audit_entry (action, actor_name, subject_model, subject_id, subject_name,"
            " details, recorded_at) VALUES ('tests.told', 'máy', 'tests.Thing', '1', %s, '{}', now())",
            [subject],
        )


def facts(var: Path) -> archive.Facts:
    with environment.connect(var) as connection:
        return archive._facts(connection)


def lines_since(var: Path) -> int:
    """How many ledger lines there are now beyond those of the first backup."""
    kept = archive.verify(var / "first.tar")["facts"]["ledger_position"]
    return facts(var).ledger_position - kept


def changed(source: Path, target: Path, change) -> Path:
    """A copy of an archive with `change(name, bytes)` applied to every member."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            name, content = change(member.name, old.extractfile(member).read())
            info = tarfile.TarInfo(name)
            info.size = len(content)
            new.addfile(info, io.BytesIO(content))
    return target


def test_backup_wipe_restore_gives_the_same_ledger_and_the_same_rows(var, tmp_path):
    before = facts(var)
    assert before.ledger_position == before.tables["audit_entry"] > 3
    written = archive.write(tmp_path / "backup.tar", var=var, say=quiet)
    assert (written.facts, written.file_count, written.damaged_files) == (before, 1, [])

    shutil.rmtree(var / "files")
    with environment.connect(var, database="postgres") as maintenance:
        archive._drop(maintenance, "chuan")
        maintenance.execute("CREATE DATABASE chuan")
    assert facts(var).tables == {}

    archive.restore(tmp_path / "backup.tar", var=var, replace=False, say=quiet)
    assert facts(var) == before
    name = hashlib.sha256(LETTER).hexdigest()
    assert (var / "files" / name[:2] / name).read_bytes() == LETTER


def test_the_ledger_goes_on_after_a_restoration(var):
    add_line(var, "sau khi khôi phục")
    assert lines_since(var) == 1
    with (
        environment.connect(var) as connection,
        pytest.raises(Exception, match="audit_entry"),
    ):
        connection.execute("UPDATE audit_entry SET subject_name = 'khác'")


def test_data_are_not_replaced_unless_asked(var):
    add_line(var, "mới")
    with pytest.raises(Trouble, match="--replace"):
        archive.restore(var / "first.tar", var=var, replace=False, say=quiet)
    assert lines_since(var) == 1


def test_what_was_replaced_is_kept_until_the_next_time(var):
    add_line(var, "mới")
    replaced = facts(var)
    archive.restore(var / "first.tar", var=var, replace=True, say=quiet)
    assert lines_since(var) == 0
    with environment.connect(var, database="chuan_before_restore") as connection:
        assert archive._facts(connection) == replaced


def test_an_existing_file_is_not_overwritten(var, tmp_path):
    (tmp_path / "backup.tar").write_text("something dear")
    with pytest.raises(Trouble, match="exists already"):
        archive.write(tmp_path / "backup.tar", var=var, say=quiet)
    assert (tmp_path / "backup.tar").read_text() == "something dear"


def test_a_backup_is_readable_by_its_owner_alone_and_leaves_nothing_beside_it(var, tmp_path):
    archive.write(tmp_path / "backup.tar", var=var, say=quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["backup.tar"]
    assert (tmp_path / "backup.tar").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"changed")])
def test_a_lost_or_changed_original_is_named(var, tmp_path, damage):
    name = store(var, b"will be lost")
    damage(var / "files" / name[:2] / name)
    assert archive.write(tmp_path / "b.tar", var=var, say=quiet).damaged_files == [name]


def test_what_no_row_knows_is_left_out(var, tmp_path):
    (var / "files" / "tmp").mkdir()
    (var / "files" / "tmp" / "half-an-upload").write_bytes(b"half")
    assert archive.write(tmp_path / "b.tar", var=var, say=quiet).file_count == 1
    shutil.rmtree(var / "files" / "tmp")


def flip(name, content):
    return name, content[:-1] + bytes([content[-1] ^ 1]) if name == "database.dump" else content


def lose_file(name, content):
    return (name.replace("files/", "other/"), content)


def count_wrongly(name, content):
    if name != "manifest.json":
        return name, content
    manifest = json.loads(content)
    manifest["facts"]["tables"]["audit_entry"] += 1
    return name, json.dumps(manifest).encode()


def come_from_the_future(name, content):
    if name != "manifest.json":
        return name, content
    return name, json.dumps(json.loads(content) | {"version": "99.0.0"}).encode()


def climb_out(name, content):
    return (name.replace("files/", "../files/"), content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (flip, "database.dump"),
        (lose_file, "other/"),
        (count_wrongly, "audit_entry"),
        (come_from_the_future, "99.0.0"),
        (climb_out, "lạ"),
    ],
)
def test_an_archive_that_was_changed_is_refused_and_harms_nothing(var, tmp_path, change, message):
    add_line(var, "mới")
    before = facts(var)
    bad = changed(var / "first.tar", tmp_path / "bad.tar", change)
    with pytest.raises(Trouble, match=message):
        archive.restore(bad, var=var, replace=True, say=quiet)
    assert facts(var) == before
    assert not (var.parent / "files").exists()


@pytest.mark.parametrize("share", [0, 0.3, 0.9])
def test_an_archive_that_was_cut_off_is_refused(var, tmp_path, share):
    whole = (var / "first.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadArchive):
        archive.restore(tmp_path / "cut.tar", var=var, replace=True, say=quiet)
    assert lines_since(var) == 0


@pytest.mark.parametrize("content", [b"", b"MZ not a tar at all", b"\0" * 20480])
def test_a_file_that_is_no_archive_is_refused(var, tmp_path, content):
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(BadArchive, match="Không phải"):
        archive.verify(tmp_path / "x.tar")


def test_a_restoration_that_was_killed_can_be_begun_again(var):
    with environment.connect(var, database="postgres") as maintenance:
        maintenance.execute("CREATE DATABASE chuan_restoring")
        maintenance.execute("ALTER DATABASE chuan WITH ALLOW_CONNECTIONS false")
    with EmbeddedServer(var, version=VERSION, durable=False):
        assert lines_since(var) == 0
    archive.restore(var / "first.tar", var=var, replace=True, say=quiet)
    assert lines_since(var) == 0


def test_nothing_is_restored_under_a_running_demo(var):
    demo = Lock(var / "demo.lock")
    assert demo.try_alone()
    try:
        with pytest.raises(Trouble, match="running demo"):
            archive.restore(var / "first.tar", var=var, replace=True, say=quiet)
    finally:
        demo.release()


def test_what_an_operator_reads_names_the_head_of_the_ledger(var):
    summary = archive.restore(var / "first.tar", var=var, replace=True, say=quiet)
    assert summary.facts == facts(var)
    assert any(summary.facts.ledger_hash in line for line in summary.lines())
