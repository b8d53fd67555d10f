"""`make bench`: measures at one province's size and at ten times that, writes bench/out/results.json.

Promises are those of docs/performance.md. Ratios are taken within this one run; the exit code is 1
when one is broken.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench" / "out" / "results.json"
SEED = ROOT / "samples" / "quyet-dinh-1029-2025.txt"

PAGE_MS, PAGE_GROWTH = 200, 1.5
CONSOLIDATION_S, CONSOLIDATION_GROWTH = 3, 12
DOCUMENTS_S, PARSING_S, COMMAND_S = 4, 1, 2


def main() -> int:
    province, ten_times = _size(160, 50_000), _size(1600, 500_000)
    results: dict[str, Any] = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "province": province,
        "ten_times": ten_times,
        "growth": {
            "consolidation": round(ten_times["consolidation_s"] / province["consolidation_s"], 2),
            "pages_p50": {
                name: round(ten_times["pages"][name]["p50_ms"] / page["p50_ms"], 2)
                for name, page in province["pages"].items()
            },
        },
        "documents": _documents(),
        "parsing": _parsing(),
    }
    promises = _promises(results)
    results["promises"] = promises
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _print(results)
    return 0 if all(promise["kept"] for promise in promises) else 1


def _size(bodies: int, evidence: int) -> dict[str, Any]:
    """Each size in a process and a database of its own."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.measure", str(bodies), str(evidence)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(done.stdout))


def _documents() -> dict[str, Any]:
    """A consolidated report with 1,000 rows of annex, as DOCX and as PDF."""
    from chuan.core.documents.layout import render_docx, render_pdf  # noqa: PLC0415
    from chuan.core.documents.testing import a_report, a_wide_table, an_annex  # noqa: PLC0415

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
    from chuan.modules.plans.parsing import read_plan  # noqa: PLC0415

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
    return [
        {"promise": name, "measured": value, "at_most": limit, "kept": value <= limit}
        for name, value, limit in rows
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
