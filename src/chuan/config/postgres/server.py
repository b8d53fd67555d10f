"""The embedded server: started by the first process that needs it, stopped by the last one to leave.

Who uses the server is known to the kernel, not to a list of process numbers: every user holds a
shared lock on `pg.users`, which goes with the process even after kill -9. Starting and stopping
take turns on `pg.gate`.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import signal
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

import psutil
import psycopg
from psycopg import sql

from chuan.config.postgres import accounts, programs
from chuan.config.postgres.accounts import Account, AccountTrouble
from chuan.config.postgres.locks import Lock, alone
from chuan.config.postgres.programs import ProgramFailed
from chuan.config.trouble import Trouble

ROLE = DATABASE = "chuan"
# sun_path holds 108 bytes on Linux, 104 on macOS, with the closing zero.
LONGEST_SOCKET_PATH = 103
SOCKET_NAME = ".s.PGSQL.5432"
# Recovery after a crash reads back all that was written since the last checkpoint: minutes on a
# slow disk.
START_SECONDS = 900
STOP_SECONDS = 60
# Of the machine's memory, what PostgreSQL keeps pages in: an eighth, from its own 128 MB on. What is not
# among them comes from the system, which takes a call and a checksum for each page.
SHARE_OF_MEMORY = 8
LEAST_BUFFERS_MB, MOST_BUFFERS_MB = 128, 8192
_LIMIT = Path("/sys/fs/cgroup/memory.max")

# The data of a province lie in memory: a row at random costs hardly more than the next one. A checkpoint
# comes by the clock; every gigabyte, as PostgreSQL would have it, pages are written whole again and again
# while much is captured.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
}
THROW_AWAY = {
    "random_page_cost": "1.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "autovacuum": "off",
}


class ServerTrouble(Trouble):
    """The embedded server cannot be had; the message says why and what to do."""


class EmbeddedServer:
    """PostgreSQL with its data under one folder, on a Unix socket that only its owner can open.

    :param var: the folder of the installation; data go to `var/pg`.
    :param durable: False only for data nobody will miss (tests).
    :param say: told about things that take long.
    """

    def __init__(
        self,
        var: Path,
        *,
        version: int = programs.NEWEST,
        durable: bool = True,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.var = var
        self.version = version
        self._settings = DURABLE if durable else THROW_AWAY
        self._durable = durable
        self._say = say
        self._users = Lock(var / "pg.users")

    # ------------------------------------------------------------ for those who use the server

    def join(self) -> None:
        """Start the server if nobody has, and count among its users until `leave`.

        :raises ServerTrouble: it cannot be started.
        """
        try:
            with self._turn():
                self._users.share()
                self._ensure_running()
        except PermissionError as error:
            self._users.release()
            raise ServerTrouble(
                f"Không ghi được vào {error.filename}. chuan must be able to write to {self.var}; "
                "set CHUAN_VAR to use another folder."
            ) from error
        except AccountTrouble:
            self._users.release()
            raise
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Stop counting among the users; the last one to leave stops the server."""
        with _undisturbed(), self._turn():
            self._users.release()
            last = Lock(self.var / "pg.users")
            try:
                if last.try_alone():
                    self._stop()
            finally:
                last.release()

    def __enter__(self) -> EmbeddedServer:
        self.join()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    @property
    def data(self) -> Path:
        return accounts.data_folder(self.var)

    @property
    def socket_folder(self) -> Path:
        return socket_folder(self.var)

    def connect(self, database: str = DATABASE) -> psycopg.Connection:
        """A connection that commits every statement by itself."""
        return psycopg.connect(
            host=str(self.socket_folder), user=ROLE, dbname=database, autocommit=True
        )

    # ------------------------------------------------------------ starting

    def _turn(self) -> AbstractContextManager[None]:
        return alone(
            self.var / "pg.gate",
            waiting=lambda: self._say("Đang chờ một lệnh chuan khác mở hoặc đóng cơ sở dữ liệu…"),
        )

    def _ensure_running(self) -> None:
        data = accounts.place_data_folder(self.var)
        account = accounts.account_for(data)
        binaries = accounts.programs_for(account, self.version)
        if not (data / "PG_VERSION").exists():
            self._say("Tạo cơ sở dữ liệu lần đầu…")
            self._initialise(data, account, binaries)
        found = int((data / "PG_VERSION").read_text())
        if found != self.version:
            raise ServerTrouble(
                f"The data in {data} were written by PostgreSQL {found}, this release of Chuẩn "
                f"starts {self.version}. Take a backup with the release that wrote them, then "
                "`chuan restore` it into a new CHUAN_VAR with this one."
            )
        if _postmaster(data) is None:
            self._start(data, account, binaries)
        self._wait_until_it_answers(data)
        self._ensure_database()

    def _initialise(self, data: Path, account: Account, binaries: Path) -> None:
        fresh = data.with_name(f"{data.name}.new-{os.getpid()}")
        for leftover in data.parent.glob(f"{data.name}.new-*"):
            shutil.rmtree(leftover)
        fresh.mkdir(mode=0o700)
        account.own(fresh)
        provider = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.version >= 17 else []
        )
        try:
            account.run(
                [
                    *(binaries / "initdb", f"--pgdata={fresh}", f"--username={ROLE}"),
                    *("--encoding=UTF8", "--locale=C", *provider, "--data-checksums"),
                    *("--auth-local=trust", "--auth-host=reject"),
                    *([] if self._durable else ["--no-sync"]),
                ]
            )
        except ProgramFailed as failed:
            shutil.rmtree(fresh, ignore_errors=True)
            raise ServerTrouble(f"The database could not be created in {data}. {failed}") from None
        fresh.rename(data)

    def _start(self, data: Path, account: Account, binaries: Path) -> None:
        # The number in postmaster.pid may by now belong to any other process (after a reboot, in a
        # container); PostgreSQL would then believe it is already running.
        crashed = (data / "postmaster.pid").exists()
        (data / "postmaster.pid").unlink(missing_ok=True)
        if crashed:
            self._say("Cơ sở dữ liệu bị tắt đột ngột lần trước, đang khôi phục…")
        settings = self._settings | {
            "shared_buffers": f"{buffers_mb() if self._durable else LEAST_BUFFERS_MB}MB",
            "listen_addresses": "",
            "unix_socket_directories": str(self._make_socket_folder(account)),
            "unix_socket_permissions": "0700",
            "logging_collector": "on",
            "log_directory": "log",
            "log_filename": "postgresql-%d.log",
            "log_truncate_on_rotation": "on",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        for attempt in range(3):
            try:
                account.run(
                    [
                        *(binaries / "pg_ctl", "start", f"--pgdata={data}", "--wait", "--silent"),
                        *(f"--timeout={START_SECONDS}", f"--log={data / 'start.log'}"),
                        f"--options={shlex.join(options)}",
                    ],
                    timeout=START_SECONDS + 30,
                )
                return
            except ProgramFailed as failed:
                # Backends of a killed server hold its shared memory for a moment longer.
                if attempt == 2:
                    raise ServerTrouble(
                        f"The database in {data} could not be started. {failed}\n"
                        f"{_last_lines(data / 'start.log')}"
                    ) from None
                time.sleep(2)

    def _wait_until_it_answers(self, data: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg.OperationalError as error:
                if _postmaster(data) is None or time.monotonic() > deadline:
                    raise ServerTrouble(
                        f"The database in {data} does not answer: {error}\n"
                        f"{_last_lines(data / 'start.log')}"
                    ) from None
            time.sleep(0.1)

    def _ensure_database(self) -> None:
        with self.connect("postgres") as connection:
            name = sql.Identifier(DATABASE)
            known = connection.execute(
                "SELECT datallowconn FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
            elif not known[0]:  # a restoration was killed at the moment of taking over
                connection.execute(
                    sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true").format(name)
                )

    def _make_socket_folder(self, account: Account) -> Path:
        folder = self.socket_folder
        if folder == self.data:
            return folder
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if found.st_uid in {0, os.geteuid()}:
            account.own(folder)
        elif found.st_uid != account.owner:
            raise ServerTrouble(f"{folder} belongs to somebody else. Remove it.")
        if not stat.S_ISDIR(found.st_mode) or folder.lstat().st_mode & 0o077:
            raise ServerTrouble(f"{folder} is not a folder closed to others. Remove it.")
        return folder

    # ------------------------------------------------------------ stopping

    def _stop(self) -> None:
        data = self.data
        if _postmaster(data) is None:
            return
        account = accounts.account_for(data)
        pg_ctl = accounts.programs_for(account, self.version) / "pg_ctl"
        for mode in ("fast", "immediate"):
            try:
                account.run(
                    [
                        *(pg_ctl, "stop", f"--pgdata={data}", "--wait", "--silent"),
                        *(f"--mode={mode}", f"--timeout={STOP_SECONDS}"),
                    ]
                )
                return
            except ProgramFailed:
                if _postmaster(data) is None:
                    return
        raise ServerTrouble(f"The database in {data} could not be stopped.")


def buffers_mb() -> int:
    """Megabytes for PostgreSQL's pages, by the memory of the machine or of the container."""
    memory = int(psutil.virtual_memory().total)
    if _LIMIT.exists() and (limit := _LIMIT.read_text().strip()).isdigit():
        memory = min(memory, int(limit))
    return min(max(memory // SHARE_OF_MEMORY // 2**20, LEAST_BUFFERS_MB), MOST_BUFFERS_MB)


def socket_folder(var: Path) -> Path:
    """Where the socket of this installation's server is: with the data, or under /tmp when that
    path is longer than a socket's may be."""
    data = accounts.data_folder(var)
    if len(os.fsencode(data / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return data
    return Path("/tmp") / f"chuan-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"  # noqa: S108


def _postmaster(data: Path) -> psutil.Process | None:
    """The server process that runs on these data, if one does."""
    try:
        pid = int((data / "postmaster.pid").read_text().split(maxsplit=1)[0])
        process = psutil.Process(pid)
        if process.name().startswith("postgres") and Path(process.cwd()) == data:
            return process
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):
        pass
    return None


def _last_lines(log: Path, count: int = 15) -> str:
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C must not interrupt the orderly stop the first one asked for."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {name: signal.signal(name, signal.SIG_IGN) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
