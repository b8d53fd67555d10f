"""`make bench`: measures at one province's size and at ten times that, writes bench/out/results.json.

Promises are those of docs/performance.md. Both sizes are looked at in turn, a few rounds of a page
at a time, so that what else the machine does falls on both alike; the exit code is 1 when a promise
is broken. `python -m bench national` measures dashboards at the size of the country alone,
`python -m bench traceability` what is promised of traceability.
`python -m bench machines` compares databases on one machine and on several.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import machines, national, traceability

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench" / "out" / "results.json"
SEED = ROOT / "samples" / "quyet-dinh-1029-2025.txt"

PAGE_MS, PAGE_GROWTH = 200, 1.5
CONSOLIDATION_S, CONSOLIDATION_GROWTH = 3, 12
DOCUMENTS_S, PARSING_S, COMMAND_S = 4, 1, 2
REFORM_S = 60


# Each page: so many rounds of so many looks, the two sizes in turn.
ROUNDS, LOOKS = 5, 5


def main() -> int:
    if sys.argv[1:] == ["national"]:
        return national.main()
    if sys.argv[1:2] == ["machines"]:
        return machines.main(sys.argv[2:])
    if sys.argv[1:2] == ["traceability"]:
        return traceability.main(sys.argv[2:])
    # What takes seconds comes first.
    documents, parsing, reform = _documents(), _parsing(), _reform()
    dashboards = national.measure()
    with _Size(160, 50_000) as province, _Size(1600, 500_000) as ten_times:
        pages = {name: _looked_at(name, province, ten_times) for name in province.pages}
    small = {**province.told, "pages": {name: found[0] for name, found in pages.items()}}
    large = {**ten_times.told, "pages": {name: found[1] for name, found in pages.items()}}
    results: dict[str, Any] = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "province": small,
        "ten_times": large,
        "growth": {
            "consolidation": round(large["consolidation_s"] / small["consolidation_s"], 2),
            "pages_p50": {
                name: round(at_ten["p50_ms"] / at_one["p50_ms"], 2)
                for name, (at_one, at_ten) in pages.items()
            },
        },
        "documents": documents,
        "parsing": parsing,
        "reform": reform,
        "dashboards": dashboards,
    }
    promises = _promises(results)
    results["promises"] = promises
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _print(results)
    return 0 if all(promise["kept"] for promise in promises) else 1


class _Size:
    """One size, set up in a process of its own that then answers about its pages."""

    def __init__(self, bodies: int, evidence: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-W", "ignore", "-m", "bench.measure", str(bodies), str(evidence)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        # One is set up after the other: consolidation is measured on its way.
        self.told = self._heard()
        self.pages: list[str] = self.told["pages"]

    def __enter__(self) -> _Size:
        return self

    def __exit__(self, *_trouble: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def look(self, name: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, LOOKS]) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"bench.measure ended with {self._process.wait()}")
        return dict(json.loads(line))


def _looked_at(name: str, *sizes: _Size) -> list[dict[str, Any]]:
    """The same page at each size: half its looks are faster than p50, one in twenty slower than p95."""
    print(f"  {name}", file=sys.stderr, flush=True)
    rounds = [[size.look(name) for size in sizes] for _ in range(ROUNDS)]
    found = []
    for of_size in zip(*rounds, strict=True):
        times = sorted(ms for one in of_size for ms in one["ms"])
        found.append(
            {
                "p50_ms": round(statistics.median(times), 1),
                "p95_ms": round(times[int(len(times) * 0.95)], 1),
                "queries": of_size[0]["queries"],
                "kilobytes": of_size[0]["kilobytes"],
            }
        )
    return found


def _documents() -> dict[str, Any]:
    """A consolidated report with 1,000 rows of annex, as DOCX and as PDF."""
    from chuan.config.cli import session  # noqa: PLC0415 - slow to import, first here

    with tempfile.TemporaryDirectory(prefix="chuan-bench-", dir="/tmp") as folder:
        # Drawing needs the settings and no database.
        with _environment(CHUAN_VAR=folder, CHUAN_SECRET_KEY="bench"):  # noqa: S106 - nobody signs in
            session.set_up_django()
        return _drawn()


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= values
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _drawn() -> dict[str, Any]:
    from chuan.core.documents.layout import render_docx, render_pdf  # noqa: PLC0415 - once set up
    from chuan.core.documents.testing import a_report, a_wide_table, an_annex  # noqa: PLC0415 - once set up

    document = a_report(paragraphs=60, annexes=(an_annex(blocks=(a_wide_table(1000),)),))
    began = time.perf_counter()
    docx = render_docx(document)
    middle = time.perf_counter()
    pdf = render_pdf(document)
    end = time.perf_counter()
    return {
        "docx_s": round(middle - began, 2),
        "pdf_s": round(end - middle, 2),
        "docx_kb": len(docx) // 1024,
        "pdf_kb": len(pdf) // 1024,
    }


def _parsing() -> dict[str, float]:
    from chuan.modules.plans.parsing import read_plan  # noqa: PLC0415 - once set up

    began = time.perf_counter()
    read_plan(SEED)
    inside = time.perf_counter() - began
    command = [str(Path(sys.executable).parent / "chuan"), "plan", "parse", str(SEED), "--json"]
    whole = []
    with tempfile.TemporaryFile() as nowhere:
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=nowhere)  # noqa: S603 - our own command
            whole.append(time.perf_counter() - began)
    return {"seed_s": round(inside, 3), "command_s": round(sorted(whole)[len(whole) // 2], 3)}


def _reform() -> dict[str, Any]:
    """The national list of the reform of 2025, where it is at hand; {} where it is not."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.reform"], cwd=ROOT, check=False, stdout=subprocess.PIPE
    )
    return dict(json.loads(done.stdout or "{}"))


def _promises(results: dict[str, Any]) -> list[dict[str, Any]]:
    province, ten = results["province"], results["ten_times"]
    slowest = max(page["p95_ms"] for page in province["pages"].values())
    growth = max(results["growth"]["pages_p50"].values())
    more_queries = [
        name
        for name, page in province["pages"].items()
        if page["queries"] != ten["pages"][name]["queries"]
    ]
    documents = results["documents"]["docx_s"] + results["documents"]["pdf_s"]
    rows = [
        ("slowest page, p95, ms", slowest, PAGE_MS),
        ("pages, growth at ten times", growth, PAGE_GROWTH),
        ("pages whose queries grow", len(more_queries), 0),
        ("consolidation of 160, s", province["consolidation_s"], CONSOLIDATION_S),
        (
            "consolidation, growth at ten times",
            results["growth"]["consolidation"],
            CONSOLIDATION_GROWTH,
        ),
        ("DOCX and PDF, 1,000 rows, s", round(documents, 2), DOCUMENTS_S),
        ("parsing the seed, s", results["parsing"]["seed_s"], PARSING_S),
        ("chuan plan parse, whole process, s", results["parsing"]["command_s"], COMMAND_S),
    ]
    if results["reform"]:
        rows.append(("the national reform taken over, s", results["reform"]["seconds"], REFORM_S))
    return [
        *(
            {"promise": name, "measured": value, "at_most": limit, "kept": value <= limit}
            for name, value, limit in rows
        ),
        *national.promises(results["dashboards"]),
    ]


def _print(results: dict[str, Any]) -> None:
    print(f"{'page':34}{'160: p95':>10}{'queries':>9}{'1600: p95':>11}{'queries':>9}{'growth':>8}")
    for name, page in results["province"]["pages"].items():
        ten = results["ten_times"]["pages"][name]
        growth = results["growth"]["pages_p50"][name]
        print(
            f"{name:34}{page['p95_ms']:>8} ms{page['queries']:>9}"
            f"{ten['p95_ms']:>8} ms{ten['queries']:>9}{growth:>8}"
        )
    for promise in results["promises"]:
        mark = "kept  " if promise["kept"] else "BROKEN"
        print(f"{mark} {promise['promise']}: {promise['measured']} (at most {promise['at_most']})")


if __name__ == "__main__":
    sys.exit(main())
