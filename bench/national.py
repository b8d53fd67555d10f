"""Dashboards at the size of the country, as they are and as they were: `python -m bench.national`.

3,500 bodies × 21 tasks × 6 years = 441,000 assignments with their history, in a database of its own;
then one province's size, for the number of queries. JSON on standard output; ends with 1 when a
promise is broken.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
NATIONAL, PROVINCE = 3500, 160
# A dashboard at the size of the country, p95; as it was, compared with as it is, p50.
MOST_MS, MOST_GROWTH = 300, 2.0
LOOKS = 30


def main() -> int:
    if sys.argv[-1].isdecimal():
        print(json.dumps(_measured(int(sys.argv[1])), ensure_ascii=False))
        return 0
    found = measure()
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0 if all(row["kept"] for row in promises(found)) else 1


def measure() -> dict[str, Any]:
    """Both sizes, each in a process of its own."""
    return {"national": _asked(NATIONAL), "province": _asked(PROVINCE)}


def promises(found: dict[str, Any]) -> list[dict[str, Any]]:
    national, province = found["national"]["pages"], found["province"]["pages"]
    slowest = max(page["p95_ms"] for page in national.values())
    growth = max(page["growth"] for page in national.values() if "growth" in page)
    more = [name for name in national if national[name]["queries"] != province[name]["queries"]]
    rows = [
        ("dashboards at the size of the country, slowest p95, ms", slowest, MOST_MS),
        ("dashboards as they were, times as they are", growth, MOST_GROWTH),
        ("dashboards whose queries grow", len(more), 0),
    ]
    return [
        {"promise": name, "measured": value, "at_most": limit, "kept": value <= limit}
        for name, value, limit in rows
    ]


def _asked(bodies: int) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-W", "ignore", "-m", "bench.national", str(bodies)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(done.stdout))


def _aside(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _measured(bodies: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="chuan-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        os.environ |= {"CHUAN_VAR": folder, "CHUAN_SECRET_KEY": "bench", "CHUAN_DEMO": "1"}
        from chuan.config.cli import session  # noqa: PLC0415 - reads the environment set above

        with session.ready(_aside):
            return _looked_at(bodies)


def _looked_at(bodies: int) -> dict[str, Any]:
    from chuan.config import schema  # noqa: PLC0415 - once set up

    schema.migrate(_aside)
    from django.db import connection  # noqa: PLC0415 - once set up

    from bench import data, pages  # noqa: PLC0415 - once set up
    from bench.measure import View  # noqa: PLC0415 - once set up
    from chuan.config.memory import keep_what_is_loaded  # noqa: PLC0415 - once set up
    from chuan.modules.plans.models import Assignment, AssignmentState  # noqa: PLC0415 - once set up

    # The server starts without statistics and without a visibility map: `settle` does what autovacuum
    # does on a server that has run for a while.
    began = time.perf_counter()
    volume = data.make(bodies, evidence=0)
    data.settle()
    set_up = time.perf_counter() - began
    _aside(f"{bodies} bodies in {set_up:.0f} s")
    with connection.cursor() as cursor:
        # One process answers, so that its work can be measured and no other processor helps.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    # As servers do.
    keep_what_is_loaded()
    found: dict[str, Any] = {}
    for asked in pages.dashboards(volume):
        views = [View(page.url, page.reader) for page in asked]
        looks: list[list[Look]] = [[] for _ in asked]
        # In turn, so that what else the machine does falls on both alike.
        for _ in range(LOOKS):
            for view, kept in zip(views, looks, strict=True):
                kept.append(_timed(view))
        for page, view, kept in zip(asked, views, looks, strict=True):
            times = sorted(look.ms for look in kept)
            found[page.name] = {
                "p50_ms": round(statistics.median(times), 1),
                "p95_ms": round(times[int(len(times) * 0.95)], 1),
                "cpu_ms": round(statistics.mean(look.cpu_ms for look in kept), 1),
                "queries": view.look(1)["queries"],
            }
        _aside(f"{asked[0].name}: {[found[page.name] for page in asked]}")
        for live, past in itertools.pairwise(asked):
            growth = found[past.name]["p50_ms"] / found[live.name]["p50_ms"]
            found[past.name]["growth"] = round(growth, 2)
    return {
        "bodies": bodies,
        "assignments": Assignment.objects.count(),
        "states": AssignmentState.objects.count(),
        "set_up_s": round(set_up, 1),
        "load": [round(load, 1) for load in os.getloadavg()],
        "pages": found,
    }


@dataclass(frozen=True, slots=True)
class Look:
    """How long one look at a page took, and how much work it was for both processes: a busy machine
    makes the one longer and hardly the other."""

    ms: float
    cpu_ms: float


def _timed(view: Any) -> Look:
    worked = _worked()
    (ms,) = view.look(1)["ms"]
    return Look(ms, 1000 * (_worked() - worked))


def _worked() -> float:
    """Seconds of processor time of this process and of PostgreSQL's that serves it."""
    from django.db import connection  # noqa: PLC0415 - once set up

    connection.ensure_connection()
    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return time.process_time() + times.user + times.system


if __name__ == "__main__":
    sys.exit(main())
