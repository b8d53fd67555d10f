"""`chuan demo`: database, sample data, worker and server in one command, until Ctrl-C."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import psutil

from chuan.config import environment
from chuan.config.cli import session
from chuan.config.cli.terminal import say
from chuan.config.postgres.locks import Lock
from chuan.config.trouble import Trouble

HEALTH = "/-/health"
START_SECONDS = 60
STOP_SECONDS = 15
# A process that dies more often than this is not worth starting again.
RESTARTS = 3
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Account(Protocol):
    """What is printed of an account."""

    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def where(self) -> str: ...


def run(options: argparse.Namespace) -> int:
    started = time.monotonic()
    var = environment.var_folder()
    with _only_one(var, options):
        _require_free_port(options.host, options.port)
        options.lines_port = _free_port_beside(options)
        _set_environment(options)
        say("Đang khởi động Chuẩn (Ctrl-C để dừng)…")
        with session.ready(say):
            accounts = _prepare(options, started)
            with _Processes(var / "log", options) as processes:
                processes.wait_until_they_answer()
                with suppress(KeyboardInterrupt, SystemExit):
                    _welcome(options, accounts, var)
                    processes.watch()
            say("Đang dừng…")
    say("Đã dừng. Dữ liệu còn nguyên trong " + str(var))
    return 0


def _prepare(options: argparse.Namespace, started: float) -> Sequence[Account]:
    """Tables, static files, sample data; returns the accounts to print."""

    def progress(text: str) -> None:
        say(f"  [{time.monotonic() - started:5.1f} s] {text}")

    # What follows imports models: only now is Django set up.
    from chuan.config import schema, statics  # noqa: PLC0415
    from chuan.config.cli import people  # noqa: PLC0415
    from chuan.flows.demo.operations import load_demo, load_reference_data  # noqa: PLC0415

    schema.migrate(progress)
    statics.collect(progress)
    if not options.empty:
        return load_demo(progress)
    load_reference_data(progress)
    first = people.make_first_administrator()
    if first is None:
        say("  Dữ liệu từ lần trước vẫn còn. To begin clean: CHUAN_VAR=var-new make demo EMPTY=1")
        return []
    say("  Mật khẩu dưới đây chỉ hiện một lần | this password is shown once")
    return [first]


def _set_environment(options: argparse.Namespace) -> None:
    """What settings of this process and of those it starts must know of this demo."""
    if not options.empty:
        os.environ["CHUAN_DEMO"] = "1"
    os.environ.setdefault("CHUAN_URL", _address(options))
    if options.lines_port:
        address = f"ws://{_in_url(_reachable(options.host))}:{options.lines_port}"
        os.environ.setdefault("CHUAN_LINES", address)
    if options.host not in LOOPBACK:
        addresses = {
            address.address.partition("%")[0]
            for found in psutil.net_if_addrs().values()
            for address in found
            if address.family in {socket.AF_INET, socket.AF_INET6}
        }
        names = {"localhost", socket.gethostname(), socket.getfqdn(), *map(_in_url, addresses)}
        os.environ.setdefault("CHUAN_HOSTS", ",".join(sorted(names)))


@contextmanager
def _only_one(var: Path, options: argparse.Namespace) -> Iterator[None]:
    """One demo per data folder; the second learns where the first one is."""
    lock = Lock(var / "demo.lock")
    try:
        alone = lock.try_alone()
    except PermissionError:
        raise Trouble(
            f"Không ghi được vào {var}. chuan must be able to write there; "
            "set CHUAN_VAR to use another folder."
        ) from None
    if not alone:
        with suppress(ValueError, KeyError):
            first = json.loads(lock.read())
            raise Trouble(
                f"Bản demo này đang chạy rồi (tiến trình {first['pid']}): mở {first['address']}\n"
                "Another demo is running, or being prepared, on the same data. To run a second one "
                "beside it:\n  CHUAN_VAR=var-2 make demo PORT=8123"
            )
        raise Trouble("Another demo is being prepared on the same data. Wait a moment.")
    lock.write(json.dumps({"pid": os.getpid(), "address": _address(options)}))
    try:
        yield
    finally:
        lock.release()


def _require_free_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            return
        except PermissionError:
            raise Trouble(
                f"Cổng {port} cần quyền quản trị. Ports below 1024 are for root: try PORT=8123."
            ) from None
        except OSError as error:
            reason = error.strerror
    holder = "một bản Chuẩn khác | another Chuẩn" if _answers(host, port) else reason
    raise Trouble(
        f"Cổng {port} trên {host} đã có chương trình khác dùng ({holder}).\n"
        f"Choose another port: make demo PORT={port + 123}"
    )


def _free_port_beside(options: argparse.Namespace) -> int | None:
    """The port after the site's, for lines that stay open; None when somebody else has it."""
    with suppress(Trouble, OverflowError):
        _require_free_port(options.host, options.port + 1)
        return int(options.port) + 1
    return None


def _answers(host: str, port: int) -> bool:
    """Whether a Chuẩn listens there and reaches its database."""
    caller = http.client.HTTPConnection(_reachable(host), port, timeout=3)
    try:
        caller.request("GET", HEALTH)
        return caller.getresponse().read().startswith(b"chuan: ok")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        caller.close()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _address(options: argparse.Namespace) -> str:
    return f"http://{_in_url(_reachable(options.host))}:{options.port}/"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _welcome(options: argparse.Namespace, accounts: Sequence[Account], var: Path) -> None:
    say()
    say(f"  Mở trình duyệt tại | open:   {_address(options)}")
    if accounts:
        say()
        say("  Tài khoản | accounts:")
        for row in _columns(accounts):
            say(f"    {row}")
    if not options.empty:
        say()
        say("  Quét thử | labels to scan:")
        for words, path in _labels():
            say(f"    {_address(options).rstrip('/')}{path}  ({words})")
    say()
    say(f"  Dữ liệu: {var}    Nhật ký: {var / 'log'}    Dừng: Ctrl-C")


def _labels() -> Sequence[tuple[str, str]]:
    from chuan.flows.demo.operations import labels_to_scan  # noqa: PLC0415

    return labels_to_scan()


def _columns(accounts: Sequence[Account]) -> Iterable[str]:
    rows = [
        (account.username, account.password, account.role, account.where) for account in accounts
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "   ".join(map(str.ljust, row, widths)).rstrip()


class _Processes:
    """The worker and the server, started again when one dies, stopped together."""

    def __init__(self, logs: Path, options: argparse.Namespace) -> None:
        self._logs = logs
        self._options = options
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._deaths: dict[str, int] = {}

    def __enter__(self) -> _Processes:
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            for name in ("serve", "worker", *(["lines"] if self._options.lines_port else [])):
                self._start(name)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop()

    def wait_until_they_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self._options.host, self._options.port):
            if self._running["serve"].poll() is not None or time.monotonic() > deadline:
                raise Trouble(
                    "Máy chủ không khởi động được. The server did not start; the end of "
                    f"{self._logs / 'serve.log'}:\n{self._end_of_log('serve')}"
                )
            time.sleep(0.1)

    def watch(self) -> None:
        """Go on until Ctrl-C or SIGTERM.

        :raises Trouble: a process dies again and again.
        """
        while True:
            for name, process in list(self._running.items()):
                if process.poll() is not None:
                    self._start_again(name)
            time.sleep(0.5)

    def _start_again(self, name: str) -> None:
        self._deaths[name] = self._deaths.get(name, 0) + 1
        if self._deaths[name] > RESTARTS:
            raise Trouble(
                f"Tiến trình {name} dừng nhiều lần. `chuan {name}` keeps ending; the end of "
                f"{self._logs / f'{name}.log'}:\n{self._end_of_log(name)}"
            )
        say(f"Tiến trình {name} vừa dừng, đang chạy lại (xem {self._logs / f'{name}.log'})")
        _signal_group(self._running[name], signal.SIGKILL)  # what its dead leader left behind
        self._start(name)

    def _start(self, name: str) -> None:
        log = self._logs / f"{name}.log"
        if log.exists() and log.stat().st_size > 10_000_000:
            shutil.move(log, log.with_suffix(".old.log"))
        command = [sys.executable, "-m", "chuan.config.cli", name, f"--parent={os.getpid()}"]
        if name == "serve":
            command += [f"--host={self._options.host}", f"--port={self._options.port}"]
        if name == "lines":
            command += [f"--host={self._options.host}", f"--port={self._options.lines_port}"]
        with log.open("ab") as output:
            # A session of its own: Ctrl-C reaches this process alone, which stops the others in
            # order.
            self._running[name] = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _stop(self) -> None:
        for process in self._running.values():
            _signal_group(process, signal.SIGTERM, leader_only=True)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            _signal_group(process, signal.SIGKILL)

    def _end_of_log(self, name: str) -> str:
        text = (self._logs / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-20:])


def _signal_group(
    process: subprocess.Popen[bytes], number: signal.Signals, *, leader_only: bool = False
) -> None:
    send: Callable[[int, int], None] = os.kill if leader_only else os.killpg
    if leader_only and process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        send(process.pid, number)
