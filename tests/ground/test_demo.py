"""`chuan demo`: one command, orderly from start to end, whatever happens in between."""

import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from chuan.config.testing import new_folder

pytestmark = [pytest.mark.slow]

READY = "Mở trình duyệt tại"


@pytest.fixture(scope="module")
def var():
    folder = new_folder("chuan-demo-")
    yield folder
    for process in processes_of(folder):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    shutil.rmtree(folder)


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def processes_of(var: Path) -> list[psutil.Process]:
    """All processes of an installation: its commands and its PostgreSQL."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if (
                process.environ().get("CHUAN_VAR") == str(var)
                or Path(process.cwd()) == (var / "pg").resolve()
            ):
                found.append(process)
    return found


def environment(var: Path) -> dict[str, str]:
    without = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return without | {"CHUAN_VAR": str(var)}


@contextmanager
def demo(var: Path, port: int):
    """A running demo without sample data, and what it said until it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chuan.config.cli", "demo", "--empty", f"--port={port}"],
        env=environment(var),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = ""
    try:
        for line in process.stdout:
            said += line
            if READY in line:
                break
        assert READY in said, said
        yield process, said
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def is_answering(port: int) -> bool:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        caller.request("GET", "/-/health")
        return caller.getresponse().read() == b"chuan: ok\n"
    except OSError:
        return False
    finally:
        caller.close()


def wait_until(condition, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.2)
    return False


def handshake(port: int, path: str) -> int | None:
    """The status with which a WebSocket is answered that nobody let in; None when nobody answers."""
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        caller.request(
            "GET", path, headers={**upgrade, "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        )
        return caller.getresponse().status
    except OSError:
        return None
    finally:
        caller.close()


def another(var: Path, port: int) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "chuan.config.cli", "demo", "--empty", f"--port={port}"],
        env=environment(var),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_starts_from_nothing_answers_and_stops_without_a_trace(var, port):
    with demo(var, port) as (process, said):
        assert f"http://127.0.0.1:{port}/" in said
        assert is_answering(port)
        # Lines that stay open have the port beside it, and a door of their own.
        line = "/epcis/v2/queries/q/events?stream=true"
        assert wait_until(lambda: handshake(port + 1, line) == 401, seconds=120)
        os.killpg(process.pid, signal.SIGINT)  # Ctrl-C reaches the whole group
        assert process.wait(timeout=60) == 0
    assert wait_until(lambda: not processes_of(var))
    assert not is_answering(port)


def test_the_second_start_takes_less_than_ten_seconds(var, port):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with demo(var, port) as (process, _said):
        process.terminate()
        assert process.wait(timeout=60) == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of the processor, all its processes together, since other tests run at the same time.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 10


def test_a_second_one_on_the_same_data_is_told_where_the_first_is(var, port):
    with demo(var, port):
        second = another(var, port + 1)
        assert second.returncode == 1
        assert f"http://127.0.0.1:{port}/" in second.stderr
        assert is_answering(port)


def test_a_second_one_on_the_same_port_is_told_to_take_another(var, port):
    elsewhere = new_folder("chuan-demo-")
    with demo(var, port):
        second = another(elsewhere, port)
        assert second.returncode == 1
        assert "another Chuẩn" in second.stderr
        assert "make demo PORT=" in second.stderr
    shutil.rmtree(elsewhere)


def test_a_port_of_another_program_is_named(var, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        second = another(var, port)
    assert second.returncode == 1
    assert str(port) in second.stderr
    assert not processes_of(var)


def test_when_it_is_killed_its_processes_end_and_the_next_one_starts(var, port):
    with demo(var, port) as (process, _said):
        process.kill()
        process.wait()
        assert wait_until(lambda: not processes_of(var)), processes_of(var)
    with demo(var, port):
        assert is_answering(port)


def test_when_everything_is_killed_the_next_one_starts(var, port):
    with demo(var, port):
        for found in processes_of(var):
            with suppress(psutil.NoSuchProcess):
                found.kill()
    with demo(var, port):
        assert is_answering(port)


def test_a_server_that_dies_is_started_again(var, port):
    with demo(var, port) as (process, _said):
        server = next(
            child for child in psutil.Process(process.pid).children() if "serve" in child.cmdline()
        )
        server.kill()
        assert wait_until(lambda: not is_answering(port), 10)
        assert wait_until(lambda: is_answering(port))
        assert json.loads((var / "demo.lock").read_text())["pid"] == process.pid
