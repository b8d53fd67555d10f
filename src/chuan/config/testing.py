"""The pytest plugin that gives every run a folder of its own, for its data and its PostgreSQL.

The run's first process makes it before Django reads its settings; xdist's workers inherit it.
The databases in it are the business of the root `conftest.py`.

CHUAN_TEST_PG    16 or 18: which of the wheel's servers to use (default: 18)
CHUAN_TEST_CITUS 1: spread the tables of events; DATABASE_URL is a server with Citus
DATABASE_URL     a server to use instead; its role must be allowed to create databases
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from chuan.config.postgres import programs
from chuan.config.postgres.locks import Lock
from chuan.config.postgres.server import EmbeddedServer, ServerTrouble

FOLDER = "CHUAN_TEST_FOLDER"
MEMORY = Path("/dev/shm")  # noqa: S108
# Several times what a run has written at its fullest.
ROOM = 4 * 2**30


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Before pytest-django reads the settings: a folder of this run's own."""
    if FOLDER not in os.environ:
        _give_memory_back()
        folder = new_folder("chuan-test-")
        os.environ[FOLDER] = str(folder)
        early_config.add_cleanup(lambda: _tidy_up(folder))
    os.environ["CHUAN_VAR"] = os.environ[FOLDER]
    os.environ["CHUAN_SECRET_KEY"] = "only for tests"
    # What a failed test shows is what happened, not every request answered.
    os.environ.setdefault("CHUAN_LOG", "text")
    for name in ("CHUAN_DEBUG", "CHUAN_HOSTS", "CHUAN_HTTPS", "CHUAN_EMAIL_URL", "CHUAN_POOL"):
        os.environ.pop(name, None)
    return (yield)


def pytest_configure() -> None:
    from django.conf import settings  # noqa: PLC0415 - reads the settings, not before their time

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Thousands of collected tests and all modules stay until the end: not to be looked through
    at every round of the collector."""
    gc.collect()
    gc.freeze()


def _tidy_up(folder: Path) -> None:
    """Stop a server that a killed worker may have left, and remove the run's folder."""
    if (folder / "pg").exists():
        throw_away_server().leave()
    del os.environ[FOLDER]
    shutil.rmtree(folder, ignore_errors=True)


def new_folder(prefix: str) -> Path:
    """A folder for the data of a server, which nobody will miss when the machine goes down.

    In memory where there is room: a database is a thousand files, and every file of tests has one
    made and thrown away. Else straight under /tmp: the path of a socket is short, and the server's
    account must get in.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if _has_room(MEMORY) else "/tmp"))  # noqa: S108
    folder.chmod(0o711)
    return folder


def _has_room(memory: Path) -> bool:
    """Told by the file system and by the machine: the one promises more than the other has."""
    if not os.access(memory, os.W_OK):
        return False
    return min(shutil.disk_usage(memory).free, psutil.virtual_memory().available) >= ROOM


def _give_memory_back() -> None:
    """What runs left in memory that were killed an hour ago or more: nobody uses their server."""
    for users in MEMORY.glob("chuan-test-*/pg.users"):
        with suppress(OSError, ServerTrouble):  # somebody else's, or gone by now
            is_old = time.time() - users.stat().st_mtime > 3600
            lock = Lock(users)
            is_left = is_old and lock.try_alone()
            lock.release()
            if is_left:
                EmbeddedServer(users.parent, durable=False).leave()
                shutil.rmtree(users.parent, ignore_errors=True)


def run_folder() -> Path:
    """The folder of this run, the same for all of xdist's workers."""
    return Path(os.environ[FOLDER])


def throw_away_server() -> EmbeddedServer:
    version = int(os.environ.get("CHUAN_TEST_PG") or programs.NEWEST)
    return EmbeddedServer(run_folder(), version=version, durable=False)
