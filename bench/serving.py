"""A running system to measure over HTTP: PostgreSQL, `chuan serve`, and clients that keep their lines."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

JSON, XML = "application/json", "application/xml"
PATIENCE = 120
# Seconds of work in a second.
CALM = 0.03


@dataclass
class Running:
    """A server somebody may talk to, and what its processes and PostgreSQL's have worked so far."""

    port: int
    process: subprocess.Popen[bytes]
    database: psutil.Process
    key: str = ""

    def worked(self) -> tuple[float, float]:
        """Seconds of processor time: of the server's processes, of PostgreSQL's."""
        return _family(psutil.Process(self.process.pid)), _family(self.database)

    def of(self, key: str) -> Running:
        """The same for somebody else."""
        return replace(self, key=key)

    def line(self) -> Line:
        return Line(self.port, self.key)


def _family(head: psutil.Process) -> float:
    total = 0.0
    for one in [head, *head.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    return total


class Line:
    """One connection of one client, kept open."""

    def __init__(self, port: int, key: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._open = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._open.request(method, path, body, {**self.headers, **named})
            answer = self._open.getresponse()
            return answer.status, answer.read(), answer.headers
        except (OSError, http.client.HTTPException):
            self._open.close()
            raise

    def post(self, path: str, body: bytes, kind: str) -> int:
        return self.ask("POST", path, body, Content_Type=kind)[0]


@contextmanager
def running(var: Path, *, workers: int = 2, threads: int = 16) -> Iterator[Running]:
    """The product's own server on this folder's migrated database, as `chuan serve` runs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (var / "serve.log").open("wb")
    process = subprocess.Popen(  # noqa: S603 - our own command
        [
            *(sys.executable, "-m", "chuan.config.cli", "serve", "--port", str(port)),
            *("--workers", str(workers), "--threads", str(threads)),
        ],
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        server = Running(port, process, _database())
        _wait(server, var)
        _wait_until_calm(server)
        yield server
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)
        log.close()


def _database() -> psutil.Process:
    """PostgreSQL's first process: the one that serves this process comes from it."""
    from django.db import connection  # noqa: PLC0415 - once set up

    connection.ensure_connection()
    head = psutil.Process(connection.connection.info.backend_pid).parent()
    assert head is not None
    return head


def _wait(server: Running, var: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.process.poll() is not None:
            break
        with suppress(OSError, http.client.HTTPException):
            if server.line().ask("GET", "/-/health")[0] == 200:
                return
        time.sleep(0.2)
    raise SystemExit(f"the server did not start:\n{(var / 'serve.log').read_text()[-3000:]}")


def _wait_until_calm(server: Running) -> None:
    """What starts beside the server takes seconds of work, which no request asked for."""
    worked = sum(server.worked())
    for _ in range(PATIENCE):
        time.sleep(1)
        before, worked = worked, sum(server.worked())
        if worked - before < CALM:
            return
    raise SystemExit("the server is busy with nobody asking")


# ---------------------------------------------------------------- measuring
@dataclass
class Measured:
    """What many requests took: by the clock, and by the work of everybody who took part."""

    count: int
    seconds: float
    server_s: float
    database_s: float
    client_s: float
    ms: list[float] = field(default_factory=list)

    def told(self, per: int = 1) -> dict[str, Any]:
        """:param per: how many things one request carries."""
        things = self.count * per
        times = sorted(self.ms)
        return {
            "per_second": round(things / self.seconds, 1),
            "p50_ms": round(statistics.median(times), 2),
            "p95_ms": round(at_share(times, 0.95), 2),
            "p99_ms": round(at_share(times, 0.99), 2),
            "server_cpu_us": round(1e6 * self.server_s / things),
            "database_cpu_us": round(1e6 * self.database_s / things),
            "client_cpu_us": round(1e6 * self.client_s / things),
            "load": round(os.getloadavg()[0], 1),
        }

    @property
    def work_s(self) -> float:
        """Server and database."""
        return self.server_s + self.database_s


def at_share(times: list[float], share: float) -> float:
    return times[min(int(len(times) * share), len(times) - 1)]


def added(rounds: Iterable[Measured]) -> Measured:
    found = list(rounds)
    return Measured(
        sum(one.count for one in found),
        sum(one.seconds for one in found),
        sum(one.server_s for one in found),
        sum(one.database_s for one in found),
        sum(one.client_s for one in found),
        [ms for one in found for ms in one.ms],
    )


def measured(
    server: Running, requests: Iterable[Any], do: Callable[[Line, Any], None], *, lines: int = 1
) -> Measured:
    """Have so many clients take request after request, each its next when it has its answer."""
    waiting = iter(requests)
    taking = threading.Lock()
    times: list[float] = []
    trouble: list[BaseException] = []

    def client() -> None:
        line = server.line()
        try:
            while not trouble:
                with taking:
                    request = next(waiting, None)
                if request is None:
                    return
                began = time.perf_counter()
                do(line, request)
                times.append(1000 * (time.perf_counter() - began))
        except BaseException as error:
            trouble.append(error)
            raise

    server_before, database_before = server.worked()
    client_before, began = time.process_time(), time.perf_counter()
    clients = [threading.Thread(target=client) for _ in range(lines)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    seconds, client_s = time.perf_counter() - began, time.process_time() - client_before
    server_after, database_after = server.worked()
    if trouble:
        raise SystemExit(f"a request failed: {trouble[0]!r}")
    return Measured(
        len(times),
        seconds,
        server_after - server_before,
        database_after - database_before,
        client_s,
        times,
    )


def expecting(status: int, method: str, path: str) -> Callable[[Line, Any], None]:
    """A request whose body and kind are given with each."""

    def do(line: Line, request: tuple[bytes, str]) -> None:
        body, kind = request
        found, said, _headers = line.ask(method, path, body, Content_Type=kind)
        if found != status:
            raise SystemExit(f"{method} {path} answered {found}: {said[:500]!r}")

    return do


def looking(line: Line, path: str) -> None:
    found, said, _headers = line.ask("GET", path)
    if found >= 400:
        raise SystemExit(f"GET {path} answered {found}: {said[:500]!r}")


def in_turn(*rounds: Callable[[], Measured], times: int) -> list[Measured]:
    """Each of several measured a part at a time, so that what else the machine does falls on all."""
    parts: list[list[Measured]] = [[] for _ in rounds]
    for _ in range(times):
        for one, kept in zip(rounds, parts, strict=True):
            kept.append(one())
    return [added(kept) for kept in parts]


def cut(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    waiting = iter(things)
    while part := list(itertools.islice(waiting, size)):
        yield part


def as_json(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1)
