"""Peers on the same machine and the same events, beside what was measured of this."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SHAPE = """
DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;
CREATE TABLE peer.event (id int PRIMARY KEY, event_time timestamptz, biz_step text, body text);
CREATE TABLE peer.epc (event_id int, type smallint, id varchar(256), quantity double precision,
    PRIMARY KEY (event_id, type, id));
INSERT INTO peer.event SELECT e.event_id, e.event_time, s.uri, e.body FROM traceability_event e
    LEFT JOIN traceability_ident s ON s.id = e.biz_step;
INSERT INTO peer.epc SELECT r.event_id, r.role, i.uri, r.quantity FROM traceability_event_ident r
    JOIN traceability_ident i ON i.id = r.ident ON CONFLICT DO NOTHING;
ANALYZE peer.event; ANALYZE peer.epc
"""
LOOKS = 20
A_DOCUMENT, DOCUMENTS = 100, 20


def measure(world: Any, found: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    """Those that are at hand; what is not is said and left out."""
    say("peers…")
    told = {"table shape of FasTnT, MATCH_epc": _without_index(world, found)}
    python = os.environ.get("CHUAN_BENCH_PEERS")
    if not python:
        say("CHUAN_BENCH_PEERS names no python: hash package and jsonschema are left out")
        return told
    documents = [world.new_events(A_DOCUMENT) for _ in range(DOCUMENTS)]
    told["epcis-event-hash-generator"] = _beside(python, "hash", _hashed, documents)
    if os.environ.get("CHUAN_EPCIS_SCHEMA"):
        told["jsonschema, with formats"] = _beside(python, "schema", _checked, documents)
    else:
        say("CHUAN_EPCIS_SCHEMA names no file: jsonschema is left out")
    told["quartet-epcis, capture"] = _captured(python, documents, found)
    return told


def _captured(python: str, documents: list[Any], found: dict[str, Any]) -> dict[str, Any]:
    """Events a second of one processor: of the peer in its own process, without HTTP; of ours what was
    measured through HTTP, server and database together."""
    from bench import chains  # noqa: PLC0415 - once set up

    peer = _told_by(python, "capture", [chains.in_json(events) for events in documents])
    if "capture" not in found:
        return peer
    ours = found["capture"]["json"]
    own = 1e6 / (ours["server_cpu_us"] + ours["database_cpu_us"])
    return {**peer, "ours_per_second": round(own), "times": round(own / peer["per_second"], 1)}


def _told_by(python: str, name: str, bodies: list[bytes]) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - named by whoever measures
        [python, "-W", "ignore", str(Path(__file__).with_name("peers.py")), name],
        input=b"\n".join(bodies),
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _beside(
    python: str, name: str, ours: Callable[[list[Any]], None], told: list[Any]
) -> dict[str, Any]:
    """Events a second of one processor, of the peer and of ours, on the same documents."""
    from bench import chains  # noqa: PLC0415 - once set up
    from chuan.modules.traceability.engine.reading_json import read_json  # noqa: PLC0415 - once set up

    bodies = [chains.in_json(events) for events in told]
    documents = [read_json(body) for body in bodies]
    peer = float(_told_by(python, name, bodies)["per_second"])
    began = time.process_time()
    ours(documents)
    own = sum(map(len, told)) / (time.process_time() - began)
    return {"per_second": peer, "ours_per_second": round(own), "times": round(own / peer, 1)}


def _hashed(documents: list[Any]) -> None:
    from chuan.modules.traceability.engine.hashing import event_hash  # noqa: PLC0415 - once set up

    for one in documents:
        for event in one.events:
            event_hash(event, one.namespaces_of(event))


def _checked(documents: list[Any]) -> None:
    from chuan.modules.traceability.engine.validation import faults_of  # noqa: PLC0415 - once set up

    for one in documents:
        assert not faults_of(one)


def _without_index(world: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Texts of identifiers beside the number of their event, as FasTnT's migrations make them: no index
    begins with the identifier. Asked of PostgreSQL itself; ours is asked through HTTP."""
    from django.db import connection  # noqa: PLC0415 - once set up

    from chuan.modules.traceability.engine.keys import canonical  # noqa: PLC0415 - once set up

    times = []
    with connection.cursor() as cursor:
        for statement in SHAPE.split(";"):
            cursor.execute(statement)
        for _ in range(LOOKS):
            asked = canonical(world.item())
            began = time.perf_counter()
            cursor.execute(
                "SELECT * FROM peer.event e WHERE EXISTS (SELECT 1 FROM peer.epc p"
                " WHERE p.event_id = e.id AND p.id = %s) ORDER BY event_time LIMIT 30",
                [asked],
            )
            assert cursor.fetchall()
            times.append(1000 * (time.perf_counter() - began))
        cursor.execute("DROP SCHEMA peer CASCADE")
    p50 = statistics.median(times)
    if "reads" not in found:
        return {"p50_ms": round(p50, 1)}
    ours = found["reads"]["an authority"]["events of one EPC"]["p50_ms"]
    return {"p50_ms": round(p50, 1), "ours_p50_ms": ours, "times": round(p50 / ours, 1)}
