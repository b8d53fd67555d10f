"""Databases for tests: one throw-away server per run, one database per worker.

Migrations run once, into a template that every worker clones, and clones again after each test that
committed: flushing would empty the tables that migrations fill, and the ledger forbids it. It clones
again after each file, too, since the server does not vacuum: what was rolled back would fill the tables,
and what autovacuum counts between two tests (nothing) makes the planner read them row by row. Outside
of build servers a dump of the template is kept in var/ for the next run, named by what it is made of.
"""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase
from psycopg import sql

from chuan.config import environment
from chuan.config.postgres import programs
from chuan.config.postgres.locks import alone
from chuan.config.testing import run_folder, throw_away_server

# What takes minutes, longest first: begun last, it would leave the other workers waiting.
LONGEST = (
    "tests/browser/test_every_page.py",
    "tests/browser/test_story.py",
    "tests/architecture/test_doors.py",
    "tests/ground/",
    "tests/browser/",
    "src/chuan/modules/plans/tests/test_merger.py",
    "tests/architecture/test_viewing.py",
    "tests/across/",
)

# All their tests are slow, and to make them takes seconds too.
SLOW_TO_COLLECT = ("src/chuan/modules/traceability/tests/test_schemathesis.py",)


def pytest_ignore_collect(collection_path, config):
    """Where slow tests are left out, the files that would make them for nothing are not read."""
    if "not slow" not in config.option.markexpr:
        return None
    path = collection_path.relative_to(Path(__file__).resolve().parent).as_posix()
    return True if path in SLOW_TO_COLLECT else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """After pytest-django, which would put whatever commits last; no test here sees another's rows."""
    root = Path(__file__).resolve().parent

    def turn(item):
        path = item.path.relative_to(root).as_posix()
        return next(
            (at for at, begins in enumerate(LONGEST) if path.startswith(begins)), len(LONGEST)
        )

    items.sort(key=turn)


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
        patch.setattr(TestCase, "tearDownClass", classmethod(_roll_back))
        yield
    with django_db_blocker.unblock():
        connection.close()
    with _maintenance() as maintenance:
        _drop(maintenance, own)
        if os.environ.get("DATABASE_URL") and not _others(maintenance, run, template):
            _drop(maintenance, template)


def _roll_back(case: type[TestCase]) -> None:
    """As Django does, without closing: the next test need not connect and read the catalogue anew."""
    case._rollback_atomics(case.cls_atomics)
    super(TestCase, case).tearDownClass()


@pytest.fixture(scope="module")
def around_the_file(django_db_setup, django_db_blocker):
    """A transaction around a file's tests, for what all of them begin with and none may change:
    module-wide fixtures write into it, `with around_the_file():`, and the end of the file undoes it.

    Of no use where a test commits (`transaction=True`).
    """
    around = transaction.atomic()
    around._from_testcase = True  # as Django's own: operations that must be outermost are let in
    with django_db_blocker.unblock():
        around.__enter__()
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """The next file begins with tables as migrations left them."""
    if nextitem is not None and nextitem.path != item.path and connection.connection is not None:
        own = connection.settings_dict["NAME"]
        connection.close()
        _clone(own.rpartition("_")[0] + "_template", own)


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
        kept = _kept_template()
        if kept and kept.exists():
            _run_client("pg_restore", "--exit-on-error", "--no-owner", str(kept), database=name)
        else:
            connection.settings_dict["NAME"] = name
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            if os.environ.get("CHUAN_TEST_CITUS"):
                _distribute()
            connection.close()
            if kept:
                with suppress(OSError):  # a checkout that may only be read
                    _keep_template(name, kept)
        done.touch()


def _distribute() -> None:
    """Spread the tables of events, with all parts on the server itself: so the parts are cloned too."""
    from chuan.modules.traceability import facade  # noqa: PLC0415 - needs Django set up

    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION citus")
        settings = connection.settings_dict
        here = [settings["HOST"], int(settings["PORT"])]
        cursor.execute("SELECT citus_set_coordinator_host(%s, %s)", here)
        cursor.execute("SELECT citus_set_node_property(%s, %s, 'shouldhaveshards', true)", here)
    facade.distribute(shards=4)


def _kept_template() -> Path | None:
    """Where the dump of this template is, or goes; None on a build server."""
    if os.environ.get("CI") == "true" or os.environ.get("DATABASE_URL"):
        return None
    root = Path(__file__).resolve().parent
    made_of = [
        root / "requirements" / "base.txt",
        root / "src" / "chuan" / "config" / "settings.py",
        *sorted((root / "src").glob("**/migrations/*.py")),
        *sorted((root / "src" / "chuan" / "lib").glob("**/*.py")),
    ]
    digest = hashlib.sha256()
    for path in made_of:
        digest.update(f"{path}\0".encode() + path.read_bytes())
    version = os.environ.get("CHUAN_TEST_PG") or "default"
    return root / "var" / "test-templates" / f"{version}-{digest.hexdigest()[:20]}.dump"


def _keep_template(name: str, kept: Path) -> None:
    version = kept.name.partition("-")[0]
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob(f"{version}-*"):
        old.unlink(missing_ok=True)
    dump = run_folder() / "template.dump"
    _run_client("pg_dump", "--format=custom", f"--file={dump}", database=name)
    shutil.copy(dump, kept.with_suffix(f".{os.getpid()}"))
    kept.with_suffix(f".{os.getpid()}").rename(kept)


def _run_client(program: str, *options: str, database: str) -> None:
    where, password = environment.client_options(run_folder(), database=database)
    with _maintenance() as maintenance:
        server = maintenance.info.server_version // 10000
    command = [programs.client(program, server=server), f"--dbname={where}", *options]
    programs.run(command, environment=password)


def _clone(template: str, name: str) -> None:
    with _maintenance() as maintenance:
        _drop(maintenance, name)
        # What Citus keeps running in each database, which would not let it be cloned.
        maintenance.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template]
        )
        maintenance.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        # Tests tell of days near and far; locks are set by the day only where a test says which it is.
        maintenance.execute(
            sql.SQL("ALTER DATABASE {} SET chuan.clock = '2020-01-01'").format(sql.Identifier(name))
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
