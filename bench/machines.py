"""One machine and several: `python -m bench machines`, against whatever database DATABASE_URL names.

The database is migrated, and distributed or not, before; what it has stays, and chains of `bench.chains`
come on top. In one process and without HTTP: what is compared is the database. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

A_DOCUMENT = 100
TRACES = 200


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench machines")
    parser.add_argument("--events", type=int, default=30_000, help="how many to add")
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--traces", type=int, default=TRACES)
    wanted = parser.parse_args(arguments)
    os.environ.setdefault("CHUAN_SECRET_KEY", "bench")
    first = _ready()
    found: dict[str, Any] = {}
    if wanted.events:
        found["capture"] = _captured(first, wanted.events, wanted.writers)
    count = _ready()
    found["chains"] = count
    found["reads"] = _reads(count, wanted.traces)
    print(json.dumps(found, indent=1))
    return 0


def _ready() -> int:
    """How many chains were told so far."""
    from chuan.config.cli import session  # noqa: PLC0415 - reads the environment

    with session.ready(lambda _text: None):
        from django.db import connection  # noqa: PLC0415 - once set up

        from bench import chains  # noqa: PLC0415 - once set up
        from chuan.modules.traceability import facade  # noqa: PLC0415 - once set up
        from chuan.modules.traceability.models import AccessKey  # noqa: PLC0415 - once set up
        from chuan.modules.traceability.store.writing import make_months  # noqa: PLC0415 - once set up

        if not AccessKey.objects.filter(name="bench").exists():
            facade.add_key(
                name="bench",
                scopes=["capture", "query"],
                by="bench",
                sees_everything=True,
                quota="unlimited",
            )
            make_months(chains.FIRST, chains.FIRST + chains.BETWEEN * 60_000)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM traceability_event_key")
            told = int(cursor.fetchone()[0])
        connection.close()
        return -(-told // chains.EVENTS_OF_A_CHAIN)


def _captured(first: int, events: int, writers: int) -> dict[str, float]:
    """Events a second of so many processes, each with chains of its own."""
    from bench import chains  # noqa: PLC0415 - once set up

    each = -(-events // chains.EVENTS_OF_A_CHAIN // writers)
    began = time.perf_counter()
    with get_context("spawn").Pool(writers) as pool:
        told = pool.starmap(_write, [(first + at * each, each) for at in range(writers)])
    wall = time.perf_counter() - began
    count = sum(one[0] for one in told)
    return {
        "events": count,
        "writers": writers,
        # Without starting Python: each by its own clock.
        "events_a_second": round(sum(one[0] / one[1] for one in told)),
        "ms_of_a_document": round(statistics.median(one[2] for one in told), 1),
        "with_starting_s": round(wall, 1),
    }


def _write(first: int, count: int) -> tuple[int, float, float]:
    from chuan.config.cli import session  # noqa: PLC0415 - reads the environment

    with session.ready(lambda _text: None):
        from bench import chains, serving  # noqa: PLC0415 - once set up
        from chuan.modules.traceability.engine.reading_json import read_json  # noqa: PLC0415
        from chuan.modules.traceability.enums import ErrorBehaviour  # noqa: PLC0415
        from chuan.modules.traceability.models import AccessKey  # noqa: PLC0415
        from chuan.modules.traceability.operations.capture import capture_document  # noqa: PLC0415

        key = AccessKey.objects.get(name="bench")
        told = (event for at in range(first, first + count) for event in chains.chain(at).events)
        parts = [read_json(chains.in_json(part)) for part in serving.cut(told, A_DOCUMENT)]
        took = [
            _ms(
                lambda document=part: capture_document(  # type: ignore[misc]
                    key=key, document=document, behaviour=ErrorBehaviour.ROLLBACK
                )
            )
            for part in parts
        ]
    return count * chains.EVENTS_OF_A_CHAIN, sum(took) / 1_000, statistics.median(took)


def _reads(count: int, looks: int) -> dict[str, Any]:
    """Milliseconds: median and the slowest twentieth."""
    from chuan.config.cli import session  # noqa: PLC0415 - reads the environment

    with session.ready(lambda _text: None):
        from bench import chains  # noqa: PLC0415 - once set up
        from chuan.modules.traceability.engine.keys import canonical  # noqa: PLC0415
        from chuan.modules.traceability.engine.walk import (  # noqa: PLC0415
            Direction,
            Mode,
            walk,
        )
        from chuan.modules.traceability.store import tracing  # noqa: PLC0415

        def traced(link: str, direction: Direction) -> Callable[[], Any]:
            def once() -> Any:
                start = dict.fromkeys(tracing.idents_of([canonical(link)]).values())
                found = walk(start, tracing.StoredChain(), direction=direction, mode=Mode.STRICT)
                assert found.events, link
                return found

            return once

        asked = [chains.chain(at * max(count // looks, 1)) for at in range(min(looks, count - 1))]
        items = [traced(one.items[0], Direction.UPSTREAM) for one in asked]
        lots = [traced(one.raw, Direction.DOWNSTREAM) for one in asked[: looks // 4]]
        for warm in items[:5]:
            warm()
        return {
            "trace_of_an_item_upstream": _spread([_ms(one) for one in items]),
            "trace_of_a_lot_downstream": _spread([_ms(one) for one in lots]),
        }


def _ms(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


def _spread(took: list[float]) -> dict[str, float]:
    took.sort()
    return {
        "p50": round(statistics.median(took), 2),
        "p95": round(took[int(len(took) * 0.95)], 2),
        "slowest": round(took[-1], 2),
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
