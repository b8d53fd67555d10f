"""One size measured in a process of its own: `python -m bench.measure 160 50000`, JSON on standard output."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WARM_UP, ROUNDS = 3, 25
YEAR = 2026


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("bodies", type=int)
    arguments.add_argument("evidence", type=int)
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="chuan-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        os.environ |= {"CHUAN_VAR": folder, "CHUAN_SECRET_KEY": "bench", "CHUAN_DEMO": "1"}
        from chuan.config.cli import session  # noqa: PLC0415 - reads the environment set above

        with session.ready(_aside):
            json.dump(_measure(wanted.bodies, wanted.evidence), sys.stdout, ensure_ascii=False)


def _aside(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _measure(bodies: int, evidence: int) -> dict[str, Any]:
    from chuan.config import schema  # noqa: PLC0415

    schema.migrate(_aside)
    from bench import data, pages, reporting  # noqa: PLC0415

    began = time.perf_counter()
    _aside(f"{bodies} bodies, {evidence} pieces of evidence…")
    volume = data.make(bodies, evidence=evidence)
    data.analyse()
    _aside("reports…")
    period = reporting.reports(volume, year=YEAR)
    unanswered = reporting.unanswered(volume, year=YEAR - 1)
    data.analyse()
    set_up = time.perf_counter() - began
    _aside("consolidation…")
    _first, seconds = reporting.consolidation(volume, period)
    consolidation, again = reporting.consolidation(volume, period)
    data.analyse()
    _aside("pages…")
    return {
        "bodies": bodies,
        "assignments": bodies * 21 * 6,
        "evidence": evidence,
        "reports": bodies,
        "set_up_s": round(set_up, 1),
        "consolidation_s": round(seconds, 3),
        "consolidation_again_s": round(again, 3),
        "pages": {
            page.name: look_at(page.url, page.reader)
            for page in pages.pages(volume, period, unanswered, consolidation)
        },
    }


def look_at(address: str, reader: Any) -> dict[str, Any]:
    """Milliseconds in the server for one page, and how many queries it takes."""
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client = Client(SERVER_NAME="localhost")
    client.force_login(reader)

    def ask() -> int:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
        return len(b"".join(answer) if answer.streaming else answer.content)

    for _ in range(WARM_UP):
        ask()
    with CaptureQueriesContext(connection) as captured:
        size = ask()
        # The next request forgets them.
        queries = len(captured)
    times = sorted(_seconds(ask) for _ in range(ROUNDS))
    return {
        "p50_ms": round(1000 * statistics.median(times), 1),
        "p95_ms": round(1000 * times[int(ROUNDS * 0.95)], 1),
        "queries": queries,
        "kilobytes": round(size / 1024),
    }


def _seconds(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
