"""Traceability: `python -m bench traceability`, or `… traceability --events 3000000`.

A database of its own with so many events (chains of `bench.chains`), `chuan serve` with two processes,
and clients on the same machine; commits are durable. Writes bench/out/traceability.json and ends with
1 when a promise is broken. Times by the clock are those of whatever else the machine does; the work of
server and database beside them hardly is.

CHUAN_BENCH_PEERS    a python of a venv with peers installed (see bench/peers.py); without it they
                     are left out
CHUAN_EPCIS_SCHEMA   GS1's EPCIS-JSON-Schema.json, for `jsonschema`
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench import serving
from bench.serving import JSON, XML, Line, Measured, Running, measured

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench" / "out" / "traceability.json"

LINES, SINGLES = 4, 16
A_DOCUMENT = 100
# Rounds of JSON and XML in turn, so many documents each.
ROUNDS, DOCUMENTS = 4, 25
SINGLE_EVENTS = 3_000
LOOKS = 200
RECALLED = 10_000
RECALLS = 3
REDIRECTS = 3_000
# Seconds of tracing while others capture.
BESIDE_S = 10

CAPTURE, CAPTURE_OF_COPY, XML_OF_JSON, SINGLES_S = 3_000, 0.25, 0.6, 800
EPC_MS, TRACE_MS, PAGE_MS, RECALL_MS, BESIDE_MS = 5, 15, 20, 1_000, 60
REDIRECTS_PER_CORE = 1_000
HOSTILE_MS = 1_500
CPUS = 2


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench traceability")
    parser.add_argument("--events", type=int, default=60_000, help="how many are there already")
    parser.add_argument("--load", type=int, nargs=2, help=argparse.SUPPRESS)
    wanted = parser.parse_args(arguments)
    if wanted.load:
        return _load(*wanted.load)
    found = measure(wanted.events)
    found["promises"] = promises(found)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(serving.as_json(found) + "\n", encoding="utf-8")
    _print(found)
    return 0 if all(row["kept"] for row in found["promises"]) else 1


def measure(events: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="chuan-bench-", dir="/tmp") as folder:
        var = Path(folder)
        var.chmod(0o711)
        os.environ |= {"CHUAN_VAR": folder, "CHUAN_SECRET_KEY": "bench", "CHUAN_DEMO": "1"}
        os.environ |= {"CHUAN_LOG": "json"}
        from chuan.config.cli import session  # noqa: PLC0415 - reads the environment set above

        with session.ready(_aside):
            world = World(events)
            with serving.running(var) as server:
                server.key = world.key
                return world.measured(server)


def _aside(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _load(first: int, count: int) -> int:
    """Chains by number, through the product's own capture, in a process of its own."""
    from chuan.config.cli import session  # noqa: PLC0415 - reads the environment

    with session.ready(lambda _text: None):
        from bench import chains  # noqa: PLC0415 - once set up
        from chuan.modules.traceability.models import AccessKey  # noqa: PLC0415 - once set up

        key = AccessKey.objects.get()
        numbers = range(first, first + count)
        told = (event for number in numbers for event in chains.chain(number).events)
        for part in serving.cut(told, 1_000):
            _captured(key, part)
    return 0


def _captured(key: Any, events: list[dict[str, Any]]) -> None:
    from bench import chains  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.engine.reading_json import read_json  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.enums import ErrorBehaviour  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.operations.capture import capture_document  # noqa: PLC0415 - once set up

    document = read_json(chains.in_json(events))
    capture_document(key=key, document=document, behaviour=ErrorBehaviour.ROLLBACK)


class World:
    """The database as it is before anything is measured, and what is asked of it."""

    def __init__(self, events: int) -> None:
        from bench import chains  # noqa: PLC0415 - once set up
        from chuan.config import schema  # noqa: PLC0415 - once set up

        schema.migrate(_aside)
        from chuan.modules.traceability import facade  # noqa: PLC0415 - once set up
        from chuan.modules.traceability.models import AccessKey  # noqa: PLC0415 - once set up
        from chuan.modules.traceability.store.writing import make_months  # noqa: PLC0415 - once set up

        self.chains = chains
        self.count = -(-events // chains.EVENTS_OF_A_CHAIN)
        self.next_chain = self.count
        self.chance = random.Random(7)
        self.key = facade.add_key(
            name="bench",
            scopes=["capture", "query"],
            by="bench",
            sees_everything=True,
            quota="unlimited",
        )
        make_months(chains.FIRST, chains.FIRST + chains.BETWEEN * self.count + timedelta(days=60))
        began = time.perf_counter()
        _aside(f"{self.count} chains of {chains.EVENTS_OF_A_CHAIN} events…")
        self._fill()
        self.big = chains.big_lot(RECALLED)
        for part in serving.cut(self.big.events, 1_000):
            _captured(AccessKey.objects.get(), part)
        self.filled_s = time.perf_counter() - began
        self._settle()
        self.sizes = self._sizes()

    def _fill(self) -> None:
        half = -(-self.count // 2)
        parts = [(first, min(half, self.count - first)) for first in range(0, self.count, half)]
        command = [sys.executable, "-W", "ignore", "-m", "bench", "traceability", "--load"]
        loading = [
            subprocess.Popen([*command, *map(str, part)], cwd=ROOT)  # noqa: S603 - our own module
            for part in parts
        ]
        for one in loading:
            if one.wait():
                raise SystemExit("loading failed")

    def _settle(self) -> None:
        """What autovacuum does on a server that has run for a while."""
        _executed("VACUUM ANALYZE")

    def _sizes(self) -> dict[str, Any]:
        """Bytes on disk, indexes included, by table; of an event and of an identifier in one."""
        tables = _rows(
            "SELECT coalesce(p.relname, c.relname), sum(pg_total_relation_size(c.oid))::bigint"
            " FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid"
            " LEFT JOIN pg_class p ON p.oid = i.inhparent WHERE c.relkind = 'r'"
            " AND c.relname LIKE 'traceability%%' GROUP BY 1 ORDER BY 2 DESC"
        )
        ((events,),) = _rows("SELECT count(*) FROM traceability_event")
        ((references,),) = _rows("SELECT count(*) FROM traceability_event_ident")
        ((idents,),) = _rows("SELECT count(*) FROM traceability_ident")
        total = sum(size for _name, size in tables)
        return {
            "events": events,
            "references": references,
            "identifiers": idents,
            "bytes": total,
            "bytes_of_an_event": round(total / events),
            "bytes_by_table": {name: size for name, size in tables if size > total / 200},
        }

    # ------------------------------------------------------------ what is asked
    def measured(self, server: Running) -> dict[str, Any]:
        steps: dict[str, Callable[[Running], dict[str, Any]]] = {
            "capture": self._capture,
            "single": self._single,
            "reads": self._reads,
            "beside": self._beside,
            "recall": self._recall,
            "resolver": self._resolver,
            "hostile": self._hostile,
        }
        found: dict[str, Any] = {
            "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
            "load_before": round(os.getloadavg()[0], 1),
            "a_loop_cpu_ms": round(_loop(), 1),
            "filled_s": round(self.filled_s, 1),
            "sizes": self.sizes,
        }
        for name, step in steps.items():
            _aside(f"{name}…")
            found[name] = step(server)
        from bench import peers_beside  # noqa: PLC0415 - once set up

        found["peers"] = peers_beside.measure(self, found, _aside)
        return found

    def new_events(self, count: int) -> list[dict[str, Any]]:
        """Events nobody has told yet."""
        told: list[dict[str, Any]] = []
        while len(told) < count:
            told += self.chains.chain(self.next_chain).events
            self.next_chain += 1
        return told[:count]

    def _documents(self, write: Callable[[list[Any]], bytes], kind: str) -> list[tuple[bytes, str]]:
        parts = serving.cut(self.new_events(DOCUMENTS * A_DOCUMENT), A_DOCUMENT)
        return [(write(part), kind) for part in parts]

    def _capture(self, server: Running) -> dict[str, Any]:
        take = serving.expecting(202, "POST", "/epcis/v2/capture")
        for write, kind in ((self.chains.in_json, JSON), (self.chains.in_xml, XML)):
            measured(server, self._documents(write, kind)[:10], take, lines=LINES)
        ((before,),) = _rows("SELECT coalesce(max(event_id), 0) FROM traceability_event_key")
        ((known,),) = _rows("SELECT coalesce(max(id), 0) FROM traceability_ident")

        def of(write: Callable[[list[Any]], bytes], kind: str) -> Callable[[], Measured]:
            def once() -> Measured:
                return measured(server, self._documents(write, kind), take, lines=LINES)

            return once

        json_, xml = serving.in_turn(
            of(self.chains.in_json, JSON), of(self.chains.in_xml, XML), times=ROUNDS
        )
        stored = 2 * ROUNDS * DOCUMENTS * A_DOCUMENT
        bare = _bare_copy(before, known, stored)
        told = {"json": json_.told(A_DOCUMENT), "xml": xml.told(A_DOCUMENT), "bare_copy": bare}
        told["of_bare_copy"] = round(told["json"]["per_second"] / bare["per_second"], 2)
        told["of_bare_copy_by_work"] = round(
            bare["cpu_us"] / (1e6 * json_.work_s / (json_.count * A_DOCUMENT)), 2
        )
        told["xml_of_json"] = round(told["xml"]["per_second"] / told["json"]["per_second"], 2)
        told["xml_of_json_by_work"] = round(json_.work_s / xml.work_s, 2)
        told["by_work_per_second"] = _by_work(json_, A_DOCUMENT)
        return told

    def _single(self, server: Running) -> dict[str, Any]:
        bodies = [
            (json.dumps({"@context": self.chains.CONTEXT, **one}).encode(), JSON)
            for one in self.new_events(SINGLE_EVENTS)
        ]
        take = serving.expecting(201, "POST", "/epcis/v2/events")
        found = measured(server, bodies, take, lines=SINGLES)
        return {**found.told(), "by_work_per_second": _by_work(found)}

    def _reads(self, server: Running) -> dict[str, Any]:
        questions = {
            "events of one EPC": self._epc,
            "events of a kind of goods, by wildcard": self._wildcard,
            "upstream trace": self._trace,
            "upstream trace, strict": self._strict_trace,
            "page by bizStep and time": self._page,
        }
        found = {}
        for name, question in questions.items():
            asked = [question() for _ in range(LOOKS + 10)]
            measured(server, asked[:10], serving.looking)
            found[name] = measured(server, asked[10:], serving.looking).told()
        return found

    def _item(self) -> str:
        """An item that was sold at the end of its chain."""
        one = self.chains.chain(self.chance.randrange(self.count))
        return one.items[self.chance.randrange(self.chains.SOLD)]

    def _epc(self) -> str:
        return "/epcis/v2/events?" + urlencode({"MATCH_anyEPC": self._item()})

    def _wildcard(self) -> str:
        beginning = self._item().replace(":id:", ":idpat:").rpartition(".")[0]
        return "/epcis/v2/events?" + urlencode({"MATCH_epc": f"{beginning}.*"})

    def _trace(self) -> str:
        return f"/epcis/v2/trace/{quote(self._item(), safe=':')}"

    def _strict_trace(self) -> str:
        return f"{self._trace()}?mode=strict"

    def _page(self) -> str:
        since = self.chains.FIRST + self.chains.BETWEEN * self.chance.randrange(self.count)
        step = self.chance.choice(["shipping", "receiving", "packing", "retail_selling"])
        told = {"EQ_bizStep": step, "GE_eventTime": since.isoformat().replace("+00:00", "Z")}
        return "/epcis/v2/events?" + urlencode({**told, "orderDirection": "ASC", "perPage": 30})

    def _beside(self, server: Running) -> dict[str, Any]:
        """Tracing while others capture at full rate."""
        stop = threading.Event()
        bodies = self._documents(self.chains.in_json, JSON)
        captured: list[Measured] = []

        def documents() -> Any:
            waiting = list(bodies)
            while not stop.is_set():
                if not waiting:
                    waiting = self._documents(self.chains.in_json, JSON)
                yield waiting.pop()

        take = serving.expecting(202, "POST", "/epcis/v2/capture")
        behind = threading.Thread(
            target=lambda: captured.append(measured(server, documents(), take, lines=LINES))
        )
        asked = [self._trace() for _ in range(4 * LOOKS)]
        behind.start()
        until = time.monotonic() + BESIDE_S
        found = measured(
            server, (one for one in asked if time.monotonic() < until), serving.looking
        )
        stop.set()
        behind.join()
        return {"trace": found.told(), "capture_per_second": captured[0].told(100)["per_second"]}

    def _recall(self, server: Running) -> dict[str, Any]:
        visitor = _Inspector(server)
        times, work, page = [], [], []
        for number in range(RECALLS):
            before = sum(server.worked())
            began = time.perf_counter()
            address = visitor.open_recall(f"{number}", self.big.raw)
            times.append(1000 * (time.perf_counter() - began))
            work.append(1000 * (sum(server.worked()) - before))
            began = time.perf_counter()
            visitor.look(address)
            page.append(1000 * (time.perf_counter() - began))
        ((items,),) = _rows(
            "SELECT item_count FROM traceability_recallrun ORDER BY id DESC LIMIT 1"
        )
        return {
            "items": items,
            "ms": round(statistics.median(times)),
            "cpu_ms": round(statistics.median(work)),
            "page_ms": round(statistics.median(page)),
            "load": round(os.getloadavg()[0], 1),
        }

    def _resolver(self, server: Running) -> dict[str, Any]:
        """Items of a product whose owner leads to a page of their own."""
        _told_where_they_lead(self.chains.chain(0).items[0])
        from chuan.modules.traceability.engine.keys import ROOT as LINKS  # noqa: PLC0415 - once set up
        from chuan.modules.traceability.engine.keys import canonical  # noqa: PLC0415 - once set up

        items = self.chains.chain(0).items
        asked = [
            "/id/" + canonical(items[at % len(items)]).removeprefix(LINKS)
            for at in range(REDIRECTS)
        ]
        measured(server, asked[:50], _redirected)
        found = measured(server, asked, _redirected, lines=LINES)
        return {**found.told(), "per_core": round(found.count / found.work_s)}

    def _hostile(self, server: Running) -> dict[str, Any]:
        found = {}
        for name, (body, kind) in _hostile_bodies().items():
            before = sum(server.worked())
            began = time.perf_counter()
            status = _refused(server, body, kind)
            found[name] = {
                "status": status,
                "megabytes": round(len(body) / 1e6, 1),
                "ms": round(1000 * (time.perf_counter() - began)),
                "cpu_ms": round(1000 * (sum(server.worked()) - before)),
            }
        return found


def _loop() -> float:
    """A plain loop's milliseconds of work: how fast this processor is, whatever else it does."""
    began, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number & 7
    return 1000 * (time.process_time() - began)


def _by_work(found: Measured, per: int = 1) -> float:
    """What two processors would do at rest: everybody's work, the clients' with it."""
    return round(CPUS * found.count * per / (found.work_s + found.client_s), 1)


def _redirected(line: Line, path: str) -> None:
    status = line.ask("GET", path)[0]
    if status != 307:
        raise SystemExit(f"GET {path} answered {status}")


def _refused(server: Running, body: bytes, kind: str) -> int:
    """The answer, which may come before the body was taken: whoever has read it all hears nothing."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=serving.PATIENCE) as line:
        head = (
            "POST /epcis/v2/capture HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {server.key}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        said = b""
        with suppress(OSError):
            line.sendall(head.encode())
            for start in range(0, len(body), 1_000_000):
                if select.select([line], [], [], 0)[0]:
                    break
                line.sendall(body[start : start + 1_000_000])
        with suppress(OSError):
            said = line.recv(100)
    return int(said.split()[1]) if said.startswith(b"HTTP/1.1 ") else 0


def _hostile_bodies() -> dict[str, tuple[bytes, str]]:
    entities = "".join(
        f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' if at else '<!ENTITY e0 "ha">'
        for at in range(12)
    )
    return {
        "100 MB of JSON": (b'{"a": "' + b"x" * 100_000_000 + b'"}', JSON),
        "100 MB of XML": (b"<a>" + b"x" * 100_000_000 + b"</a>", XML),
        "a bomb of entities": (f"<!DOCTYPE a [{entities}]><a>&e11;</a>".encode(), XML),
        "9 MB of brackets": (b"[" * 9_000_000, JSON),
        "9 MB of elements in each other": (b"<a>" * 3_000_000, XML),
        "9 MB of empty events": (
            b'{"@context":[],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":'
            b'"2026-01-01T00:00:00Z","epcisBody":{"eventList":['
            + b",".join([b"{}"] * 3_000_000)
            + b"]}}",
            JSON,
        ),
        "9 MB of broken UTF-8": (b"{" + b"\xff" * 9_000_000, JSON),
        "9 MB of a number": (b'{"a":' + b"9" * 9_000_000 + b"}", JSON),
    }


class _Inspector:
    """Somebody of a department, in a browser."""

    def __init__(self, server: Running) -> None:
        from django.test import Client  # noqa: PLC0415 - once set up

        from chuan.core.orgs.testing import OrganisationFactory  # noqa: PLC0415 - once set up
        from chuan.core.people.enums import Role  # noqa: PLC0415 - once set up
        from chuan.core.people.testing import PersonFactory  # noqa: PLC0415 - once set up

        body = OrganisationFactory(notation="SKHCN")
        person = PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=body)
        client = Client(SERVER_NAME="localhost")
        client.force_login(person)
        self.organisation = body.pk
        self.cookie = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
        self.line = Line(server.port, "")
        status, _body, headers = self.line.ask("GET", "/thu-hoi/moi/", Cookie=self.cookie)
        assert status == 200, status
        self.secret = headers["Set-Cookie"].partition("chuan-csrf=")[2].partition(";")[0]
        self.cookie += f"; chuan-csrf={self.secret}"

    def open_recall(self, title: str, lot: str) -> str:
        from chuan.modules.traceability.engine.keys import canonical  # noqa: PLC0415 - once set up

        told = {
            "organisation": self.organisation,
            "title": title,
            "reason": "Đo tốc độ",
            "identifiers": canonical(lot),
            "mode": "strict",
            "csrfmiddlewaretoken": self.secret,
        }
        status, said, headers = self.line.ask(
            "POST",
            "/thu-hoi/moi/",
            urlencode(told).encode(),
            Content_Type="application/x-www-form-urlencoded",
            Cookie=self.cookie,
        )
        assert status == 302, (status, said[:2000].decode())
        return str(headers["Location"])

    def look(self, address: str) -> None:
        assert self.line.ask("GET", address, Cookie=self.cookie)[0] == 200


def _told_where_they_lead(item: str) -> None:
    from chuan.modules.traceability.engine.keys import read  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.models import Link  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.testing import ProductFactory  # noqa: PLC0415 - once set up

    key = read(item)
    assert key is not None
    product = ProductFactory(gtin=key.gtin)
    Link.objects.create(
        anchor=product.uri,
        party=product.party,
        link_type="pip",
        href="https://example.vn/{gtin}",
        title="Xoài sấy",
        is_default=True,
    )


# ---------------------------------------------------------------- a bare COPY
_COPIED = {
    "traceability_ident": "SELECT * FROM traceability_ident WHERE id > {known}",
    "traceability_event_key": "SELECT * FROM traceability_event_key WHERE event_id > {before}",
    "traceability_event": "SELECT * FROM traceability_event WHERE event_id > {before}",
    "traceability_event_ident": "SELECT * FROM traceability_event_ident WHERE event_id > {before}",
    "traceability_lot_member": "SELECT * FROM traceability_lot_member WHERE event_id > {before}",
    "traceability_move": "SELECT * FROM traceability_move WHERE event_id > {before}",
    "traceability_containment": "SELECT * FROM traceability_containment"
    " WHERE open_event > {before}",
    "traceability_ident_state": "SELECT * FROM traceability_ident_state"
    " WHERE last_event > {before}",
}


def _bare_copy(before: int, known: int, stored: int) -> dict[str, Any]:
    """The rows of what was just captured, as they are, into empty tables with the same indexes: one
    connection, one COPY a table, one durable commit."""
    from django.db import connection, transaction  # noqa: PLC0415 - once set up

    rows: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bare")
        for table, select in _COPIED.items():
            cursor.execute(f"CREATE TABLE bare.{table} (LIKE {table} INCLUDING ALL)")
            asked = select.format(before=before, known=known)
            with cursor.copy(f"COPY ({asked}) TO STDOUT") as copy:
                rows[table] = [bytes(part) for part in copy]
        times, work = [], []
        for _ in range(3):
            for table in _COPIED:
                cursor.execute(f"TRUNCATE bare.{table}")
            worked, began = _worked(), time.perf_counter()
            with transaction.atomic():
                for table, parts in rows.items():
                    with cursor.copy(f"COPY bare.{table} FROM STDIN") as copy:
                        copy.write(b"".join(parts))
            times.append(time.perf_counter() - began)
            work.append(_worked() - worked)
        ((copied,),) = _rows("SELECT count(*) FROM bare.traceability_event")
        assert copied == stored, (copied, stored)
        cursor.execute("DROP SCHEMA bare CASCADE")
    return {
        "per_second": round(stored / statistics.median(times), 1),
        "cpu_us": round(1e6 * statistics.median(work) / stored),
    }


def _worked() -> float:
    """Seconds of processor time of the connection that serves this process."""
    import psutil  # noqa: PLC0415 - beside Django's
    from django.db import connection  # noqa: PLC0415 - once set up

    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return float(times.user + times.system)


def _rows(sql: str) -> list[Any]:
    from django.db import connection  # noqa: PLC0415 - once set up

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _executed(sql: str) -> None:
    from django.db import connection  # noqa: PLC0415 - once set up

    with connection.cursor() as cursor:
        cursor.execute(sql)


# ---------------------------------------------------------------- what was promised
def promises(found: dict[str, Any]) -> list[dict[str, Any]]:
    capture, reads = found["capture"], found["reads"]
    at_least = [
        ("capture, events/s by the clock", capture["json"]["per_second"], CAPTURE),
        ("capture, events/s by work", capture["by_work_per_second"], CAPTURE),
        ("capture, share of a bare COPY", capture["of_bare_copy"], CAPTURE_OF_COPY),
        ("XML, share of JSON by work", capture["xml_of_json_by_work"], XML_OF_JSON),
        ("single events, 16 connections, events/s", found["single"]["per_second"], SINGLES_S),
        ("single events, events/s by work", found["single"]["by_work_per_second"], SINGLES_S),
        ("redirects/s of one core", found["resolver"]["per_core"], REDIRECTS_PER_CORE),
    ]
    at_most = [
        ("events of one EPC, p95, ms", reads["events of one EPC"]["p95_ms"], EPC_MS),
        ("upstream trace, p95, ms", reads["upstream trace"]["p95_ms"], TRACE_MS),
        ("page by bizStep and time, p95, ms", reads["page by bizStep and time"]["p95_ms"], PAGE_MS),
        ("recall of a lot to 10,000 items, ms", found["recall"]["ms"], RECALL_MS),
        ("trace while capturing, p99, ms", found["beside"]["trace"]["p99_ms"], BESIDE_MS),
        (
            "hostile bodies, the dearest, ms of work",
            max(one["cpu_ms"] for one in found["hostile"].values()),
            HOSTILE_MS,
        ),
        (
            "hostile bodies that were not refused",
            sum(not 400 <= one["status"] < 500 for one in found["hostile"].values()),
            0,
        ),
    ]
    return [
        *(
            {"promise": name, "measured": value, "at_least": limit, "kept": value >= limit}
            for name, value, limit in at_least
        ),
        *(
            {"promise": name, "measured": value, "at_most": limit, "kept": value <= limit}
            for name, value, limit in at_most
        ),
    ]


def _print(found: dict[str, Any]) -> None:
    sizes = found["sizes"]
    print(f"{sizes['events']} events, {sizes['references']} identifiers in them,", end=" ")
    print(f"{sizes['bytes_of_an_event']} bytes each; load before {found['load_before']}")
    for name in ("json", "xml"):
        print(f"capture {name}: {found['capture'][name]}")
    for name in ("single", "beside", "recall", "resolver"):
        print(f"{name}: {found[name]}")
    for part in ("reads", "hostile", "peers"):
        for name, told in found[part].items():
            print(f"{part}, {name}: {told}")
    for row in found["promises"]:
        limit = f"at least {row['at_least']}" if "at_least" in row else f"at most {row['at_most']}"
        print(
            f"{'kept  ' if row['kept'] else 'BROKEN'} {row['promise']}: {row['measured']} ({limit})"
        )
