"""The two processes of a running system: one answers browsers, one does the jobs."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import threading
import time

from django.db import DatabaseError, connection
from django.utils import timezone
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from chuan.config.cli import session
from chuan.config.cli.terminal import say
from chuan.config.schema import pending_migrations
from chuan.config.statics import collect
from chuan.config.trouble import Trouble

# Seconds a request may take to end once the server was asked to stop.
PATIENCE = 8
RESTART_SECONDS = 3
LOOK_SECONDS = 60

logger = logging.getLogger(__name__)


def serve(options: argparse.Namespace) -> int:
    _end_with(options.parent)
    os.environ["CHUAN_POOL"] = str(options.threads)  # one connection for each, kept open
    beside: dict[str, list[str]] = {}
    if options.with_worker:
        beside["worker"] = []
    if options.parent is None:  # a demonstration is watched by whoever tries it
        beside["watch"] = []
    if options.lines_port:
        beside["lines"] = [f"--host={options.host}", f"--port={options.lines_port}"]
        host = f"[{options.host}]" if ":" in options.host else options.host
        os.environ.setdefault("CHUAN_LINES", f"ws://{host}:{options.lines_port}")
    with session.ready():
        _require_migrated()
        collect(say)
        # The server forks: its processes must not inherit connections, nor a pool whose threads
        # stay behind.
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        for name, arguments in beside.items():
            threading.Thread(target=_keep, args=[name, arguments], daemon=True).start()
        Server(
            "chuan.config.wsgi:application",
            address=options.host,
            port=options.port,
            interface=Interfaces.WSGI,
            workers=options.workers,
            blocking_threads=options.threads,
            respawn_failed_workers=True,
            workers_kill_timeout=PATIENCE,
            log_level=LogLevels.warning,
            websockets=False,
        ).serve()
    return 0


def lines(options: argparse.Namespace) -> int:
    """Keep lines open (WebSocket), which the processes that answer requests cannot."""
    _end_with(options.parent)
    os.environ["CHUAN_POOL"] = "4"  # as many as its threads
    with session.ready():
        _require_migrated()
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        Server(
            "chuan.config.lines:application",
            address=options.host,
            port=options.port,
            interface=Interfaces.RSGI,
            workers=1,
            respawn_failed_workers=True,
            workers_kill_timeout=PATIENCE,
            log_level=LogLevels.warning,
            websockets=True,
        ).serve()
    return 0


def work(options: argparse.Namespace) -> int:
    _end_with(options.parent)
    with session.ready():
        _require_migrated()
        from chuan.core.jobs.worker import run_worker  # noqa: PLC0415 - needs Django set up

        run_worker(concurrency=options.concurrency, wait=not options.until_empty)
    return 0


def watch(options: argparse.Namespace) -> int:
    """Beside the server and not in the worker: whoever tells that the worker died must not be it."""
    if options.parent is not None:
        # It ends when its server has ended. Ended with it by the same Ctrl-C, it would be started anew.
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, signal.SIG_IGN)
    with session.ready():
        _require_migrated()
        from chuan.flows.health.operations import Watch  # noqa: PLC0415 - needs Django set up

        watcher = Watch()
        while _is_there(options.parent):
            try:
                watcher.look(at=timezone.now())
            except DatabaseError:
                # It is restarted, or gone, which the load balancer sees.
                logger.exception("The watch could not look")
            connection.close()
            _wait(LOOK_SECONDS, options.parent)
    return 0


def _is_there(parent: int | None) -> bool:
    return parent is None or os.getppid() == parent


def _wait(seconds: float, parent: int | None) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and _is_there(parent):
        time.sleep(0.5)


def _keep(command_name: str, arguments: list[str]) -> None:
    """Keep a process going for as long as this one lives; it ends by itself after that."""
    command = [sys.executable, "-m", "chuan.config.cli", command_name, f"--parent={os.getpid()}"]
    command += arguments
    while True:
        subprocess.run(command, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
        time.sleep(RESTART_SECONDS)


def _require_migrated() -> None:
    if pending := pending_migrations():
        raise Trouble(
            f"Cơ sở dữ liệu chưa đúng phiên bản ({len(pending)} bước chưa làm). "
            "Run `chuan migrate` first."
        )


def _end_with(parent: int | None) -> None:
    """Stop in an orderly way when the process that started this one is gone, however it went."""
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
