"""Databases for tests: one throw-away server per run, one database per worker.

Migrations run once, into a template that every worker clones, and clones again after each test that
committed: flushing would empty the tables that migrations fill, and the ledger forbids it.
"""

import os

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

from chuan.config import environment
from chuan.config.postgres.locks import alone
from chuan.config.testing import run_folder, throw_away_server


@pytest.fixture(scope="session")
def database_server():
    """The run's PostgreSQL, counted as used by this process."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with throw_away_server():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, database_server, worker_id):
    """This worker's own database, cloned from the template."""
    run = run_folder().name.replace("-", "_")
    template, own = f"{run}_template", f"{run}_{worker_id}"
    with django_db_blocker.unblock():
        _build_template(template)
    connection.settings_dict["NAME"] = own
    _clone(template, own)

    def start_over(_case: TransactionTestCase) -> None:
        connection.close()
        _clone(template, own)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", start_over)
        yield
    with django_db_blocker.unblock():
        connection.close()
    with _maintenance() as maintenance:
        _drop(maintenance, own)
        if os.environ.get("DATABASE_URL") and not _others(maintenance, run, template):
            _drop(maintenance, template)


def _build_template(name: str) -> None:
    """Migrate an empty database once for the whole run."""
    folder = run_folder()
    done = folder / "template-is-built"
    with alone(folder / "template.lock", waiting=lambda: None):
        if done.exists():
            return
        with _maintenance() as maintenance:
            _drop(maintenance, name)
            maintenance.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(name)
                )
            )
        connection.settings_dict["NAME"] = name
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        connection.close()
        done.touch()


def _clone(template: str, name: str) -> None:
    with _maintenance() as maintenance:
        _drop(maintenance, name)
        maintenance.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def _drop(maintenance: psycopg.Connection, name: str) -> None:
    maintenance.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


def _others(maintenance: psycopg.Connection, run: str, template: str) -> list[str]:
    rows = maintenance.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname <> %s",
        [run, template],
    ).fetchall()
    return [row[0] for row in rows]


def _maintenance() -> psycopg.Connection:
    return environment.connect(run_folder(), database="postgres")
