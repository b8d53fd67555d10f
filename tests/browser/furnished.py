"""Databases a test may begin with that take long to fill: each is filled once for the whole run.

A test gets a copy under its worker's own name; what it writes is gone with the next test.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from chuan.config import environment
from chuan.config.postgres.locks import alone
from chuan.config.testing import run_folder


def start_from(name: str, fill: Callable[[], object]) -> None:
    """Replace this worker's database by a copy of the one that `fill` wrote into."""
    own = connection.settings_dict["NAME"]
    kept = _kept(name)
    try:
        _fill_once(name, kept, fill)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
    _copy(kept, own)


def _fill_once(name: str, kept: str, fill: Callable[[], object]) -> None:
    """Into a copy of the migrated, empty database of the root `conftest.py`."""
    begun, done = run_folder() / f"{name}-is-begun", run_folder() / f"{name}-is-furnished"
    with alone(run_folder() / f"{name}.lock", waiting=lambda: None):
        if done.exists():
            return
        if begun.exists():
            pytest.fail(f"“{name}” could not be filled: the first test that asked for it says why")
        begun.touch()
        connection.close()
        _copy(f"{_run()}_template", kept)
        connection.settings_dict["NAME"] = kept
        fill()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # the server of tests does not do it by itself
        done.touch()


def drop_what_is_kept(names: Iterable[str]) -> None:
    """On a server that outlives the run, the last worker leaves nothing behind."""
    if not os.environ.get("DATABASE_URL"):
        return
    with _maintenance() as maintenance:
        workers = maintenance.execute(
            "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)"
            " AND right(datname, 9) <> '_template'",
            [_run()],
        ).fetchone()
        if workers and workers[0] <= 1:
            for name in names:
                _drop(maintenance, _kept(name))


def _run() -> str:
    return run_folder().name.replace("-", "_")


def _kept(name: str) -> str:
    return f"kept_{_run()}_{name}"


def _copy(source: str, target: str) -> None:
    with _maintenance() as maintenance:
        _drop(maintenance, target)
        maintenance.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(target), sql.Identifier(source)
            )
        )


def _drop(maintenance: psycopg.Connection, name: str) -> None:
    maintenance.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


def _maintenance() -> psycopg.Connection:
    return environment.connect(run_folder(), database="postgres")
