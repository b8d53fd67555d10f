"""The embedded server, with real processes that come, go and are killed."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from chuan.config.postgres import accounts, programs
from chuan.config.postgres import server as server_module
from chuan.config.postgres.accounts import Account
from chuan.config.postgres.server import (
    LONGEST_SOCKET_PATH,
    SOCKET_NAME,
    EmbeddedServer,
    ServerTrouble,
    socket_folder,
)
from chuan.config.testing import new_folder

pytestmark = [pytest.mark.slow, pytest.mark.data_layer]

VERSION = int(os.environ.get("CHUAN_TEST_PG") or programs.NEWEST)

# Joins the server, says so, does what the lines on its standard input say, leaves at their end.
USER_OF_THE_SERVER = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
from chuan.config.postgres.server import EmbeddedServer
with EmbeddedServer(Path(sys.argv[1]), version=int(sys.argv[2])) as server:
    with server.connect() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        print("joined", flush=True)
        for line in sys.stdin:
            print(connection.execute(line).rowcount, flush=True)
print("left", flush=True)
"""


@pytest.fixture
def var():
    folder = new_folder("chuan-server-")
    yield folder
    for process in postgres_processes(folder):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    shutil.rmtree(folder)


def postgres_processes(var: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == "postgres" and Path(process.cwd()) == (var / "pg").resolve():
                found.append(process)
    return found


def is_running(var: Path) -> bool:
    return bool(postgres_processes(var))


@contextmanager
def user_of(var: Path, **popen):
    process = subprocess.Popen(
        [sys.executable, "-c", USER_OF_THE_SERVER, str(var), str(VERSION)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **popen,
    )
    try:
        assert process.stdout.readline() == "joined\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def tell(process: subprocess.Popen, line: str) -> str:
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def leave(process: subprocess.Popen) -> None:
    process.stdin.close()
    assert process.stdout.readline() == "left\n"
    process.wait(timeout=60)


def rows(var: Path) -> int:
    with EmbeddedServer(var, version=VERSION) as server, server.connect() as connection:
        return connection.execute("SELECT count(*) FROM kept").fetchone()[0]


def test_the_last_process_to_leave_stops_the_server(var):
    with user_of(var) as first, user_of(var) as second:
        leave(first)
        assert tell(second, "INSERT INTO kept VALUES (1)") == "1"
        leave(second)
    assert not is_running(var)


def test_a_killed_process_takes_nothing_from_the_others(var):
    with user_of(var) as first, user_of(var) as second:
        first.kill()
        first.wait()
        assert tell(second, "INSERT INTO kept VALUES (1)") == "1"
        leave(second)
    assert not is_running(var)


def test_when_everything_is_killed_nothing_committed_is_lost(var):
    with user_of(var) as user:
        for _ in range(50):
            assert tell(user, "INSERT INTO kept VALUES (1)") == "1"
        for process in [psutil.Process(user.pid), *postgres_processes(var)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    assert rows(var) == 50
    assert not is_running(var)


def test_a_server_left_running_by_a_killed_process_is_taken_over_and_stopped(var):
    with user_of(var) as user:
        tell(user, "INSERT INTO kept VALUES (1)")
        user.kill()
        user.wait()
    assert is_running(var)
    assert rows(var) == 1
    assert not is_running(var)


def test_the_number_of_a_dead_server_may_belong_to_another_program_by_now(var):
    with user_of(var) as user:
        postmaster = var / "pg" / "postmaster.pid"
        note = postmaster.read_text()
        for process in [psutil.Process(user.pid), *postgres_processes(var)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    old, _, rest = note.partition("\n")
    assert old != str(os.getpid())
    postmaster.write_text(f"{os.getpid()}\n{rest}")
    assert rows(var) == 0


def test_a_creation_that_was_cut_off_is_begun_again(var):
    leftover = var / "pg.new-4711"
    leftover.mkdir()
    (leftover / "PG_VERSION").write_text(str(VERSION))
    with EmbeddedServer(var, version=VERSION):
        assert is_running(var)
    assert not leftover.exists()


def test_many_at_once_create_one_database(var):
    users = [
        subprocess.Popen(
            [sys.executable, "-c", USER_OF_THE_SERVER, str(var), str(VERSION)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert [user.communicate(timeout=120)[0] for user in users] == ["joined\nleft\n"] * 4
    assert not is_running(var)


def test_ctrl_c_reaches_the_command_and_not_the_server(var):
    with user_of(var, start_new_session=True, stderr=subprocess.DEVNULL) as user:
        postmaster = min(postgres_processes(var), key=lambda process: process.pid)
        assert os.getsid(postmaster.pid) != os.getsid(user.pid)
        os.killpg(user.pid, signal.SIGINT)
        user.wait(timeout=60)
    assert not is_running(var)


def test_the_server_is_durable_and_open_to_its_owner_alone(var):
    with EmbeddedServer(var, version=VERSION) as server, server.connect() as connection:
        asked = "SELECT current_setting(name) FROM unnest(%s::text[]) AS name"
        names = ["fsync", "synchronous_commit", "full_page_writes", "listen_addresses"]
        assert [row[0] for row in connection.execute(asked, [names])] == ["on", "on", "on", ""]
        assert connection.info.server_version // 10000 == VERSION
        assert server.data.stat().st_mode & 0o077 == 0
        assert (server.socket_folder / SOCKET_NAME).stat().st_mode & 0o077 == 0
        for text in ("ĐẶNG", "Ạ"):
            assert connection.execute("SELECT length(%s)", [text]).fetchone() == (len(text),)


def test_the_server_keeps_an_eighth_of_the_memory_in_pages(var, monkeypatch, tmp_path):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(server_module, "_LIMIT", limit)
    limit.write_text("4294967296\n")
    assert server_module.buffers_mb() == 512
    with EmbeddedServer(var, version=VERSION) as server, server.connect() as connection:
        assert connection.execute("SHOW shared_buffers").fetchone() == ("512MB",)
    limit.write_text("536870912\n")
    assert server_module.buffers_mb() == 128
    limit.write_text("max\n")
    assert 128 <= server_module.buffers_mb() <= 8192


def test_a_path_too_long_for_a_socket_is_no_obstacle(var):
    deep = var / ("thu-muc-rat-dai-" * 8)
    deep.mkdir()
    deep.chmod(0o711)
    assert len(str(deep / "pg" / SOCKET_NAME)) > LONGEST_SOCKET_PATH
    with EmbeddedServer(deep, version=VERSION) as server, server.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert server.socket_folder.stat().st_mode & 0o077 == 0
        kept = server.socket_folder
    shutil.rmtree(kept)


def test_data_of_another_version_are_refused_and_left_alone(var):
    with EmbeddedServer(var, version=VERSION):
        pass
    (var / "pg" / "PG_VERSION").write_text("15\n")
    with pytest.raises(ServerTrouble, match="written by PostgreSQL 15"):
        EmbeddedServer(var, version=VERSION).join()
    assert not is_running(var)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
class TestAsRoot:
    def test_data_in_a_folder_closed_to_others_are_kept_elsewhere(self, var):
        closed = var / "closed"
        closed.mkdir(mode=0o700)
        with EmbeddedServer(closed, version=VERSION) as server:
            assert server.data.is_relative_to("/var/lib/chuan")
            assert postgres_processes(closed)[0].username() == "chuan-db"
            kept = server.data
        assert closed.stat().st_mode & 0o777 == 0o700
        with EmbeddedServer(closed, version=VERSION) as server:
            assert server.data == kept
        shutil.rmtree(kept.parent)

    def test_programs_in_a_folder_closed_to_others_are_copied_out_of_it(self, var, monkeypatch):
        closed, installed = var / "closed", programs.wheel_folder(VERSION)
        closed.mkdir(mode=0o700)
        libraries = installed.parent.with_name(f"{installed.parent.name}.libs")
        for folder in (installed, libraries):
            shutil.copytree(folder, closed / folder.relative_to(installed.parents[1]))
        moved = closed / installed.relative_to(installed.parents[1])
        monkeypatch.setattr(programs, "wheel_folder", lambda _version: moved)
        monkeypatch.setattr(accounts, "SYSTEM_FOLDER", var / "system")
        with EmbeddedServer(var, version=VERSION) as server, server.connect() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert closed.stat().st_mode & 0o777 == 0o700
        assert len(list((var / "system").iterdir())) == 1

    def test_root_runs_the_server_as_the_owner_of_the_data(self, var):
        nobody = pwd.getpwnam("nobody")
        with EmbeddedServer(var, version=VERSION):
            pass
        for path in [var / "pg", *(var / "pg").rglob("*")]:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        with EmbeddedServer(var, version=VERSION):
            assert postgres_processes(var)[0].username() == "nobody"

    def test_an_ordinary_user_can_do_all_that_root_can(self, var):
        nobody = pwd.getpwnam("nobody")
        os.chown(var, nobody.pw_uid, nobody.pw_gid)

        def use_the_server():
            with EmbeddedServer(var, version=VERSION) as server, server.connect() as connection:
                connection.execute("CREATE TABLE kept (n int)")

        assert outcome_as(nobody, use_the_server) == "done"
        assert (var / "pg").stat().st_uid == nobody.pw_uid
        assert not is_running(var)
        assert outcome_as(nobody, lambda: rows(var)) == "done"

    def test_an_ordinary_user_is_told_whose_data_these_are(self, var):
        with EmbeddedServer(var, version=VERSION):
            pass
        var.chmod(0o777)
        for lock in var.glob("pg.*"):
            lock.chmod(0o666)
        said = outcome_as(pwd.getpwnam("nobody"), EmbeddedServer(var, version=VERSION).join)
        assert "belongs to the account chuan-db" in said


def outcome_as(account: pwd.struct_passwd, work) -> str:
    """What came of a piece of work done by a process of another account: "done", or the error."""
    if not Account(account.pw_uid, account.pw_gid).can_run(
        programs.wheel_folder(VERSION) / "bin" / "postgres"
    ):
        pytest.skip(f"{account.pw_name} cannot reach the programs in this checkout")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            work()
            os.write(writing, b"done")
        except BaseException as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said


def test_joining_is_quick_when_the_server_runs(var):
    with EmbeddedServer(var, version=VERSION):
        started = time.monotonic()
        with EmbeddedServer(var, version=VERSION):
            pass
        assert time.monotonic() - started < 1
        assert is_running(var)


def test_the_folder_of_the_socket_is_found_without_the_server(var):
    with EmbeddedServer(var, version=VERSION) as server:
        host = str(socket_folder(var))
        psycopg.connect(host=host, user="chuan", dbname="chuan").close()
        assert server.socket_folder == Path(host)
