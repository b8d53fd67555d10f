"""Traceability: `python -m bench traceability`, or `… traceability --events 3000000 --keep /tmp/three`.

A database of its own with so many events (chains of `bench.chains`), `chuan serve` with two processes,
and clients on the same machine; commits are durable. Events that are there before go through the
product's own capture without HTTP; whatever is measured goes through HTTP. Writes
bench/out/traceability.json and ends with 1 when a promise is broken. Times by the clock are those of
whatever else the machine does; the work of server and database beside them hardly is.

--copies N           besides, so many copies of all chains under other numbers (bench/multiplied.py): ten million events
                     of three in minutes
--keep DIR           the database stays in this folder: made by the first run, measured again by the
                     next, with what the runs before captured
--only PART …        of what is measured: capture, single, reads, beside, recall, resolver, hostile
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
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench import hostile, serving
from bench.inspector import Inspector
from bench.promises import as_table, promises
from bench.serving import JSON, XML, Line, Measured, Running, measured

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench" / "out" / "traceability.json"
# In a folder that is kept: what a later run must know of it.
KEPT = "bench.json"

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
CPUS = 2
# Who sees everything, and who sees what concerns one plant of many.
AUTHORITY, PARTY = "an authority", "a party"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench traceability")
    parser.add_argument("--events", type=int, default=60_000, help="how many are there already")
    parser.add_argument("--keep", type=Path, help="a folder whose database is made or used again")
    parser.add_argument("--only", nargs="+", choices=World.PARTS, default=World.PARTS)
    parser.add_argument("--copies", type=int, default=0, help="of all chains, under other numbers")
    parser.add_argument("--copy", type=int, nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--load", type=int, nargs=2, help=argparse.SUPPRESS)
    wanted = parser.parse_args(arguments)
    if wanted.load:
        return _load(*wanted.load)
    if wanted.copy:
        return _copy(*wanted.copy)
    with _folder(wanted.keep) as folder:
        found = measure(wanted.events, folder, wanted.only, wanted.copies)
    kept = promises(found)
    found["promises"] = [one.told() for one in kept]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(serving.as_json(found) + "\n", encoding="utf-8")
    _print(found)
    print(as_table(kept))
    return 0 if all(one.kept for one in kept) else 1


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="chuan-bench-", dir="/tmp") as made:
        Path(made).chmod(0o711)
        yield Path(made)


def measure(events: int, var: Path, parts: list[str], copies: int = 0) -> dict[str, Any]:
    os.environ |= {"CHUAN_VAR": str(var), "CHUAN_SECRET_KEY": "bench", "CHUAN_DEMO": "1"}
    os.environ |= {"CHUAN_LOG": "json"}
    from chuan.config.cli import session  # noqa: PLC0415 - reads the environment set above

    with session.ready(_aside):
        world = World(events, var, copies)
        with serving.running(var) as server:
            return world.measured(server, parts)


def _aside(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _load(first: int, count: int) -> int:
    """Chains by number, through the product's own capture, in a process of its own."""
    from chuan.config.cli import session  # noqa: PLC0415 - reads the environment

    with session.ready(lambda _text: None):
        from bench import chains  # noqa: PLC0415 - once set up

        numbers = range(first, first + count)
        told = (event for number in numbers for event in chains.chain(number).events)
        for part in serving.cut(told, 1_000):
            _captured(part)
    return 0


def _copy(count: int, number: int, idents: int, events: int) -> int:
    """One copy of the first so many chains, in a process of its own."""
    from chuan.config.cli import session  # noqa: PLC0415 - reads the environment

    with session.ready(lambda _text: None):
        from django.db import connection, transaction  # noqa: PLC0415 - once set up

        from bench import multiplied  # noqa: PLC0415 - once set up

        with connection.cursor() as cursor:
            multiplied.choose(cursor, count)
            with transaction.atomic():
                multiplied.copy(cursor, count, number, idents=idents, events=events)
    return 0


def _captured(events: list[dict[str, Any]]) -> None:
    from bench import chains  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.engine.reading_json import read_json  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.enums import ErrorBehaviour  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.models import AccessKey  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.operations.capture import capture_document  # noqa: PLC0415 - once set up

    key = AccessKey.objects.get(name=AUTHORITY)
    document = read_json(chains.in_json(events))
    capture_document(key=key, document=document, behaviour=ErrorBehaviour.ROLLBACK)


class World:
    """The database as it is before anything is measured, and what is asked of it."""

    PARTS = ("capture", "single", "reads", "beside", "recall", "resolver", "hostile", "peers")

    def __init__(self, events: int, var: Path, copies: int = 0) -> None:
        from bench import chains  # noqa: PLC0415 - once set up
        from chuan.config import schema  # noqa: PLC0415 - once set up

        schema.migrate(_aside)
        from chuan.modules.traceability.store.writing import make_months  # noqa: PLC0415 - once set up

        self.chains = chains
        self.chance = random.Random(7)
        # One of so many chains is asked about.
        self.step = 1
        self.big = chains.big_lot(RECALLED)
        self.note = var / KEPT
        if self.note.exists():
            self.known = json.loads(self.note.read_text(encoding="utf-8"))
            _aside(f"the database of {var}, asked for {self.known['events']} events")
        else:
            self.known = self._made(events)
            self._keep()
        self.count = self.known["chains"]
        if copies > self.known.get("copies", 0):
            self._multiply(copies)
        first = chains.FIRST + chains.BETWEEN * self.known["next_chain"]
        make_months(first, first + timedelta(days=90))
        self.keys: dict[str, str] = self.known["keys"]
        self._settle()
        self.sizes = self._sizes()

    def _made(self, events: int) -> dict[str, Any]:
        from chuan.modules.traceability.store.writing import make_months  # noqa: PLC0415 - once set up

        chains = self.chains
        self.count = -(-events // chains.EVENTS_OF_A_CHAIN)
        keys = {AUTHORITY: _key(AUTHORITY, sees_everything=True), PARTY: _key_of_a_plant()}
        make_months(chains.FIRST, chains.FIRST + chains.BETWEEN * self.count)
        began = time.perf_counter()
        _aside(f"{self.count} chains of {chains.EVENTS_OF_A_CHAIN} events…")
        self._fill()
        for part in serving.cut(self.big.events, 1_000):
            _captured(part)
        seconds = time.perf_counter() - began
        stored = self.count * chains.EVENTS_OF_A_CHAIN + len(self.big.events)
        loaded = {"seconds": round(seconds, 1), "per_second": round(stored / seconds)}
        _aside(f"loaded in {seconds:.0f} s")
        return {
            "events": events,
            "chains": self.count,
            "next_chain": self.count,
            "keys": keys,
            "loaded": loaded,
        }

    def _keep(self) -> None:
        self.note.write_text(json.dumps(self.known), encoding="utf-8")

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

    def _multiply(self, copies: int) -> None:
        """Two copies at a time; numbers of what is told later lie behind them all."""
        from bench import multiplied  # noqa: PLC0415 - once set up
        from chuan.modules.traceability.store.writing import make_months  # noqa: PLC0415 - once set up

        chains, there = self.chains, self.known.get("copies", 0)
        stride = multiplied.stride(self.count)
        if not there and self.known["next_chain"] > self.count:
            raise SystemExit("chains told since would have the numbers of copies: make it anew")
        make_months(chains.FIRST, chains.FIRST + chains.BETWEEN * stride * (copies + 1))
        if not there:
            idents, events = _rows(multiplied.SPANS)[0]
            self.known |= {"idents": idents, "of_events": events}
        _aside(f"{copies - there} copies of {self.count} chains…")
        began = time.perf_counter()
        command = [sys.executable, "-W", "ignore", "-m", "bench", "traceability", "--copy"]
        for pair in serving.cut(range(there + 1, copies + 1), CPUS):
            told = [
                [self.count, number, self.known["idents"], self.known["of_events"]]
                for number in pair
            ]
            copying = [
                subprocess.Popen([*command, *map(str, one)], cwd=ROOT)  # noqa: S603 - our own module
                for one in told
            ]
            if any([one.wait() for one in copying]):
                raise SystemExit("copying failed")
            self.known["copies"] = pair[-1]
            self._keep()
        _executed(multiplied.GO_ON_BEHIND)
        self.known["next_chain"] = stride * (copies + 1)
        self._keep()
        _aside(f"copied in {time.perf_counter() - began:.0f} s")

    def _number(self) -> int:
        """Of a chain that is there, a copy or not."""
        from bench import multiplied  # noqa: PLC0415 - once set up

        copy = self.chance.randrange(self.known.get("copies", 0) + 1)
        first = copy * multiplied.stride(self.count)
        return first + self.chance.randrange(0, self.count, self.step)

    def _settle(self) -> None:
        """What autovacuum and the nights do on a server that has run for a while."""
        from chuan.modules.traceability.tasks import tidy_months  # noqa: PLC0415 - once set up

        tidy_months()
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
    def measured(self, server: Running, parts: list[str]) -> dict[str, Any]:
        steps: dict[str, Callable[[Running], dict[str, Any]]] = {
            "capture": self._capture,
            "single": self._single,
            "reads": self._reads,
            "beside": self._beside,
            "recall": self._recall,
            "resolver": self._resolver,
            "hostile": hostile.measure,
        }
        found: dict[str, Any] = {
            "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
            "load_before": round(os.getloadavg()[0], 1),
            "a_loop_cpu_ms": {},
            "loaded": self.known["loaded"],
            "sizes": self.sizes,
        }
        server.key = self.keys[AUTHORITY]
        for name, step in steps.items():
            if name in parts:
                _aside(f"{name}…")
                found["a_loop_cpu_ms"][name] = round(_loop(), 1)
                found[name] = step(server)
        if "peers" in parts:
            from bench import peers_beside  # noqa: PLC0415 - once set up

            found["peers"] = peers_beside.measure(self, found, _aside)
        return found

    def new_events(self, count: int) -> list[dict[str, Any]]:
        """Events nobody has told yet."""
        told: list[dict[str, Any]] = []
        while len(told) < count:
            told += self.chains.chain(self.known["next_chain"]).events
            self.known["next_chain"] += 1
        # A later run on the same database begins behind these.
        self._keep()
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
        from bench import bare_copy  # noqa: PLC0415 - once set up

        bare = bare_copy.measure(before, known, stored, of_a_document=A_DOCUMENT)
        told = {"json": json_.told(A_DOCUMENT), "xml": xml.told(A_DOCUMENT), "bare_copy": bare}
        told["of_bare_copy"] = round(told["json"]["per_second"] / bare["per_second"], 2)
        told["of_bare_copy_by_work"] = round(
            bare["cpu_us"] / (1e6 * json_.work_s / (json_.count * A_DOCUMENT)), 2
        )
        told["of_bare_copy_in_documents"] = round(
            told["json"]["per_second"] / bare["in_documents"]["per_second"], 2
        )
        told["xml_of_json"] = round(told["xml"]["per_second"] / told["json"]["per_second"], 2)
        told["xml_of_json_by_work"] = round(json_.work_s / xml.work_s, 2)
        told["by_work_per_second"] = _by_work(json_, A_DOCUMENT)
        return told

    def _single(self, server: Running) -> dict[str, Any]:
        told = {AUTHORITY: self.new_events(SINGLE_EVENTS), PARTY: self._events_of_the_plant()}
        return {who: self._singles_of(server.of(self.keys[who]), told[who]) for who in told}

    def _events_of_the_plant(self) -> list[dict[str, Any]]:
        """What its own machines tell: of every chain what happens there."""
        plant, found = self.chains.plant_of(0), []
        number = -(-self.known["next_chain"] // self.chains.PLANTS) * self.chains.PLANTS
        while len(found) < SINGLE_EVENTS:
            told = self.chains.chain(number).events
            found += [one for one in told if one["readPoint"]["id"] == plant]
            number += self.chains.PLANTS
        self.known["next_chain"] = number
        self._keep()
        return found[:SINGLE_EVENTS]

    def _singles_of(self, server: Running, told: list[dict[str, Any]]) -> dict[str, Any]:
        bodies = [
            (json.dumps({"@context": self.chains.CONTEXT, **one}).encode(), JSON) for one in told
        ]
        take = serving.expecting(201, "POST", "/epcis/v2/events")
        begun = 10 * SINGLES
        measured(server, bodies[:begun], take, lines=SINGLES)
        found = measured(server, bodies[begun:], take, lines=SINGLES)
        return {**found.told(), "by_work_per_second": _by_work(found)}

    def _reads(self, server: Running) -> dict[str, Any]:
        questions = {
            "events of one EPC": self._epc,
            "events of a kind of goods, by wildcard": self._wildcard,
            "upstream trace": self._trace,
            "upstream trace, strict": self._strict_trace,
            "page by bizStep and time": self._page,
        }
        found: dict[str, Any] = {}
        for who, key in self.keys.items():
            # A party is asked about goods that went through its plant.
            self.step = self.chains.PLANTS if who == PARTY else 1
            for name, question in questions.items():
                asked = [question() for _ in range(LOOKS + 10)]
                measured(server.of(key), asked[:10], serving.looking)
                told = measured(server.of(key), asked[10:], serving.looking).told()
                found.setdefault(who, {})[name] = told
        self.step = 1
        return found

    def item(self) -> str:
        """An item that was sold at the end of its chain."""
        return self.chains.chain(self._number()).items[self.chance.randrange(self.chains.SOLD)]

    def _epc(self) -> str:
        return "/epcis/v2/events?" + urlencode({"MATCH_anyEPC": self.item()})

    def _wildcard(self) -> str:
        beginning = self.item().replace(":id:", ":idpat:").rpartition(".")[0]
        return "/epcis/v2/events?" + urlencode({"MATCH_epc": f"{beginning}.*"})

    def _trace(self) -> str:
        return f"/epcis/v2/trace/{quote(self.item(), safe=':')}"

    def _strict_trace(self) -> str:
        return f"{self._trace()}?mode=strict"

    def _page(self) -> str:
        since = self.chains.FIRST + self.chains.BETWEEN * self._number()
        words = ["shipping", "receiving", "packing", "retail_selling"]
        # Nothing is sold in a plant.
        step = self.chance.choice(words if self.step == 1 else words[:3])
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
        visitor = Inspector(server)
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


def _told_where_they_lead(item: str) -> None:
    from chuan.modules.traceability.engine.keys import read  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.models import Link, Product  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.testing import ProductFactory  # noqa: PLC0415 - once set up

    key = read(item)
    assert key is not None
    if Product.objects.filter(gtin=key.gtin).exists():
        return
    product = ProductFactory(gtin=key.gtin)
    Link.objects.create(
        anchor=product.uri,
        party=product.party,
        link_type="pip",
        href="https://example.vn/{gtin}",
        title="Xoài sấy",
        is_default=True,
    )


def _rows(sql: str) -> list[Any]:
    from django.db import connection  # noqa: PLC0415 - once set up

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _key(name: str, **whose: Any) -> str:
    from chuan.modules.traceability import facade  # noqa: PLC0415 - once set up

    return facade.add_key(
        name=name, scopes=["capture", "query"], by="bench", quota="unlimited", **whose
    )


def _key_of_a_plant() -> str:
    """Of the party whose plant the first chain went through, and every one of so many after it."""
    from bench import chains  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.engine.keys import read  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.testing import PartyFactory  # noqa: PLC0415 - once set up

    plant = read(chains.plant_of(0))
    assert plant is not None
    party = PartyFactory(name=PARTY, gln=plant.value)
    return _key(PARTY, party=party.gln)


def _executed(sql: str) -> None:
    from django.db import connection  # noqa: PLC0415 - once set up

    with connection.cursor() as cursor:
        cursor.execute(sql)


def _print(found: dict[str, Any]) -> None:
    sizes = found["sizes"]
    print(f"{sizes['events']} events, {sizes['references']} identifiers in them,", end=" ")
    print(f"{sizes['bytes_of_an_event']} bytes each; load before {found['load_before']},", end=" ")
    print(f"a loop of Python takes so many ms before each: {found['a_loop_cpu_ms']}")
    print(f"loaded without HTTP: {found['loaded']}")
    for part in World.PARTS:
        for name, told in found.get(part, {}).items():
            if part == "reads":
                for question, times in told.items():
                    print(f"{part}, {name}, {question}: {times}")
            else:
                print(f"{part}, {name}: {told}")
