"""Capture while the server and PostgreSQL are killed again and again: what was acknowledged is there.

Real processes on a durable database of their own. Many machines send documents and single events
without pause; `chuan serve`, one of its processes, PostgreSQL's first process or one that serves a
connection gets SIGKILL in the middle, twenty times in all.
"""

import http.client
import itertools
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil
import psycopg
import pytest
from django.db import connection

from chuan.config import environment
from chuan.config.postgres import programs
from chuan.config.postgres.server import ROLE, EmbeddedServer
from chuan.config.testing import new_folder, run_folder
from chuan.modules.traceability.engine.model import CONTEXT
from chuan.modules.traceability.operations.keys import digest_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

KILLS = 20
# Documents that must be acknowledged between two kills, so that each comes in the middle of work.
BETWEEN = 6
A_DOCUMENT = 25
# Seconds: a machine that runs other tests beside takes minutes to start a server.
PATIENCE = 240
KEY = "chuan_killed"


@pytest.fixture
def var():
    folder = new_folder("chuan-killed-")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def database(var):
    """A server of its own, migrated by taking over what the tests' own database was made from."""
    dump = var / "migrated.dump"
    where, password = environment.client_options(
        run_folder(), database=connection.settings_dict["NAME"]
    )
    server = connection.pg_version // 10000
    options = [
        "--format=custom",
        "--exclude-schema=pg_temp*",
        f"--file={dump}",
        f"--dbname={where}",
    ]
    programs.run([programs.client("pg_dump", server=server), *options], environment=password)
    own = EmbeddedServer(var)
    with own:
        restore = programs.client("pg_restore", server=programs.NEWEST)
        programs.run(
            [restore, "--no-owner", "--exit-on-error", f"--dbname={address(own)}", str(dump)]
        )
        with own.connect() as plain:
            plain.execute(
                "INSERT INTO traceability_accesskey (name, digest, scopes, remit, quota, created_at)"
                " VALUES ('killed', %s, '[\"capture\"]', '[\"*\"]', 'unlimited', now())",
                [digest_of(KEY)],
            )
        yield own


def address(server):
    return f"host={server.socket_folder} user={ROLE} dbname=chuan"


class Serving:
    """`chuan serve` on that database, started again whenever it was killed."""

    def __init__(self, var):
        self.var = var
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self):
        command = ["serve", "--port", str(self.port), "--workers", "2", "--threads", "4"]
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        with (self.var / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chuan.config.cli", *command, f"--parent={os.getpid()}"],
                env=kept
                | {"CHUAN_VAR": str(self.var), "PYTHONPATH": os.pathsep.join(sys.path)}
                | {"CHUAN_LOG": "json"},
                stdout=log,
                stderr=log,
            )

    def revive(self):
        """Start it again where it has ended, as a service is: whose processes die twice in a few
        seconds gives up by itself."""
        if self.process.poll() is not None:
            self.start()

    def workers(self):
        self.revive()
        return [
            one
            for one in psutil.Process(self.process.pid).children(recursive=True)
            if "resource_tracker" not in command_of(one)
        ]

    def kill(self):
        """All of it, as a machine that runs out of memory does."""
        for one in [psutil.Process(self.process.pid), *self.workers()]:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        self.process.wait(timeout=PATIENCE)

    def stop(self):
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=20)
        if self.process.poll() is None:
            self.kill()


def command_of(process):
    """Empty for one that has just ended."""
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


class Machine(threading.Thread):
    """Somebody's system: sends one thing after the other, and notes what was acknowledged.

    What was not acknowledged it sends again every other time, as machines do, and else gives up.
    """

    numbers = itertools.count()

    def __init__(self, port, size):
        super().__init__()
        self.port, self.size = port, size
        self.sent, self.acknowledged, self.trouble = {}, set(), []
        self.stopping = threading.Event()

    def run(self):
        number = next(Machine.numbers)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while not self.stopping.is_set():
            self.sent[number] = self.size
            status = self.send(line, number)
            # 409: this very event had come through before its answer was lost.
            if status in (201, 202, 409):
                self.acknowledged.add(number)
            elif status and status < 500:
                return
            elif number % 2:
                continue
            number = next(Machine.numbers)
        line.close()

    def send(self, line, number):
        path, body = self.told(number)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        try:
            line.request("POST", f"/epcis/v2/{path}", body, headers)
            answer = line.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            line.close()
            time.sleep(0.05)
            return 0
        if 400 <= answer.status < 500 and answer.status != 409:
            self.trouble.append(said)
            line.close()
        return answer.status

    def told(self, number):
        events = [an_event(number, at) for at in range(self.size)]
        if self.size == 1:
            return "events", json.dumps({"@context": CONTEXT, **events[0]}).encode()
        document = {
            "@context": [CONTEXT],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-01T00:00:00Z",
            "epcisBody": {"eventList": events},
        }
        return "capture", json.dumps(document).encode()


def an_event(number, at):
    """Every fourth packs, into cases that other documents pack too."""
    things = [f"urn:epc:id:sgtin:8934567.012345.{number}-{at}-{one}" for one in range(3)]
    event = {
        "eventID": f"urn:x-killed:{number}:{at}",
        "eventTime": f"2026-03-{1 + number % 28:02}T{at % 24:02}:00:00Z",
        "eventTimeZoneOffset": "+07:00",
        "action": "ADD",
        "bizStep": "packing",
    }
    if at % 4:
        return {**event, "type": "ObjectEvent", "epcList": things}
    case = f"urn:epc:id:sscc:8934567.0{number % 7:09}"
    return {**event, "type": "AggregationEvent", "parentID": case, "childEPCs": things}


class Killer:
    """Kills in turn: the whole server, one of its processes, PostgreSQL, one of its processes."""

    def __init__(self, serving, database):
        self.serving, self.database = serving, database
        self.ways = itertools.cycle(
            [
                self.one_worker,
                self.one_backend,
                self.one_worker,
                self.postgres,
                self.the_server,
            ]
        )

    def kill(self):
        next(self.ways)()

    def the_server(self):
        self.serving.kill()
        self.serving.start()

    def one_worker(self):
        workers = self.serving.workers()
        with suppress(psutil.NoSuchProcess, IndexError):  # it is only just beginning
            random.choice(workers).send_signal(signal.SIGKILL)

    def postgres(self):
        head = self.head()
        family = head.children(recursive=True)
        for one in [head, *family]:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        psutil.wait_procs([head, *family], timeout=PATIENCE)
        self.database.join()

    def one_backend(self):
        """PostgreSQL then ends all the others and recovers by itself."""
        backends = [one for one in self.head().children() if f"{ROLE} chuan" in command_of(one)]
        with suppress(psutil.NoSuchProcess):
            random.choice(backends).send_signal(signal.SIGKILL)

    def head(self):
        pid = (self.database.data / "postmaster.pid").read_text().splitlines()[0]
        return psutil.Process(int(pid))


def wait_for_more(machines, before, serving):
    until = time.monotonic() + PATIENCE
    while sum(len(one.acknowledged) for one in machines) < before + BETWEEN:
        trouble = [said for one in machines for said in one.trouble]
        assert not trouble, trouble
        serving.revive()
        if time.monotonic() > until:
            raise AssertionError((serving.var / "serve.log").read_text()[-3000:])
        time.sleep(0.01)


def asked(database, sql):
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with database.connect() as plain:
                return plain.execute(sql).fetchall()
        except psycopg.OperationalError:  # it may still recover
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def test_what_was_acknowledged_is_there_once_and_no_document_by_half(var, database):
    random.seed(4)
    serving = Serving(var)
    machines = [Machine(serving.port, size) for size in [A_DOCUMENT] * 4 + [1] * 3]
    killer = Killer(serving, database)
    try:
        for one in machines:
            one.start()
        acknowledged = 0
        for _kill in range(KILLS):
            wait_for_more(machines, acknowledged, serving)
            time.sleep(random.random() / 10)
            killer.kill()
            acknowledged = sum(len(one.acknowledged) for one in machines)
        wait_for_more(machines, acknowledged, serving)
    finally:
        for one in machines:
            one.stopping.set()
        for one in machines:
            one.join(timeout=PATIENCE)
        serving.stop()

    sent = {number: size for one in machines for number, size in one.sent.items()}
    stored = {}
    rows = asked(
        database, "SELECT body::jsonb ->> 'eventID', count(*) FROM traceability_event GROUP BY 1"
    )
    for uri, count in rows:
        assert count == 1, uri
        number = int(uri.split(":")[2])
        stored[number] = stored.get(number, 0) + 1
    lost = set().union(*(one.acknowledged for one in machines)) - stored.keys()
    assert not lost
    assert {number for number, count in stored.items() if count != sent[number]} == set()
    # Beside each event all that belongs to it: its id, three things or a case and three.
    assert asked(
        database,
        "SELECT (SELECT count(*) FROM traceability_event_key),"
        " (SELECT count(*) FROM traceability_event_ident),"
        " (SELECT count(*) FROM traceability_containment)",
    ) == [
        (
            len(rows),
            sum(3 if int(uri.split(":")[3]) % 4 else 4 for uri, _count in rows),
            sum(0 if int(uri.split(":")[3]) % 4 else 3 for uri, _count in rows),
        )
    ]
