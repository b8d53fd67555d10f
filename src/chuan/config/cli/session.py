"""The database for the length of one command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg
from django.db import connections

from chuan.config import environment
from chuan.config.cli.terminal import say_aside
from chuan.config.postgres import programs
from chuan.config.postgres.server import EmbeddedServer
from chuan.config.trouble import Trouble


@contextmanager
def database(say: Callable[[str], None] = say_aside) -> Iterator[None]:
    """The server named by DATABASE_URL, or the embedded one, started if need be.

    :raises Trouble: it cannot be reached, or is older than we support.
    """
    _close_to_others(environment.var_folder())
    if os.environ.get("DATABASE_URL"):
        _check_server(say)
        yield
        return
    with EmbeddedServer(environment.var_folder(), say=say):
        yield


@contextmanager
def ready(say: Callable[[str], None] = say_aside) -> Iterator[None]:
    """The database, and Django set up to use it."""
    with database(say):
        set_up_django()
        try:
            yield
        finally:
            connections.close_all()


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuan.config.settings")
    django.setup()


def _close_to_others(var: Path) -> None:
    """Uploads, and mail in the log, are for nobody else on this machine to read."""
    try:
        for name in ("files", "log"):
            (var / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"Không ghi được vào {var} ({error.strerror}). chuan must be able to write there; "
            "set CHUAN_VAR to use another folder."
        ) from None


def _check_server(say: Callable[[str], None]) -> None:
    try:
        with environment.connect(environment.var_folder()) as connection:
            version, host = connection.info.server_version, connection.info.host
    except psycopg.OperationalError as error:
        raise Trouble(
            f"Không kết nối được cơ sở dữ liệu nêu trong DATABASE_URL. "
            f"The server named by DATABASE_URL cannot be reached: {error}"
        ) from None
    if version // 10000 < programs.OLDEST:
        raise Trouble(
            f"The server at {host} runs PostgreSQL {version // 10000}; "
            f"Chuẩn needs {programs.OLDEST} or newer."
        )
    say(f"Dùng máy chủ PostgreSQL {version // 10000} tại {host} (DATABASE_URL).")
