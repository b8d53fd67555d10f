"""What is promised of traceability, and a table of what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

CAPTURE, CAPTURE_OF_COPY, XML_OF_JSON, SINGLES_S = 3_000, 0.25, 0.6, 800
EPC_MS, TRACE_MS, PAGE_MS, RECALL_MS, BESIDE_MS = 5, 15, 20, 1_000, 60
REDIRECTS_PER_CORE = 1_000
HOSTILE_MS = 1_500


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that was measured, and its limit: at least or at most."""

    name: str
    measured: float
    limit: float
    at_least: bool

    @property
    def kept(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def told(self) -> dict[str, Any]:
        bound = "at_least" if self.at_least else "at_most"
        found = {"promise": self.name, "measured": self.measured, bound: self.limit}
        return {**found, "kept": self.kept}


def promises(found: dict[str, Any]) -> list[Promise]:
    """Of the parts that were measured."""
    return [
        Promise(name, value, limit, at_least)
        for part, of in _PARTS.items()
        if part in found
        for name, value, limit, at_least in of(found[part])
    ]


Row = tuple[str, float, float, bool]


def _capture(found: dict[str, Any]) -> Iterator[Row]:
    yield "capture, events/s by the clock", found["json"]["per_second"], CAPTURE, True
    yield "capture, events/s by work", found["by_work_per_second"], CAPTURE, True
    yield "capture, share of a bare COPY", found["of_bare_copy"], CAPTURE_OF_COPY, True
    yield "XML, share of JSON by work", found["xml_of_json_by_work"], XML_OF_JSON, True


def _single(found: dict[str, Any]) -> Iterator[Row]:
    for who, told in found.items():
        of = f"single events of {who}, 16 connections, events/s"
        yield f"{of} by the clock", told["per_second"], SINGLES_S, True
        yield f"{of} by work", told["by_work_per_second"], SINGLES_S, True


def _reads(found: dict[str, Any]) -> Iterator[Row]:
    limits = {
        "events of one EPC": EPC_MS,
        "upstream trace": TRACE_MS,
        "page by bizStep and time": PAGE_MS,
    }
    for who, told in found.items():
        for name, limit in limits.items():
            yield f"{name}, {who}, p95, ms", told[name]["p95_ms"], limit, False


def _beside(found: dict[str, Any]) -> Iterator[Row]:
    yield "trace while capturing, p99, ms", found["trace"]["p99_ms"], BESIDE_MS, False


def _recall(found: dict[str, Any]) -> Iterator[Row]:
    yield "recall of a lot to 10,000 items, ms", found["ms"], RECALL_MS, False


def _resolver(found: dict[str, Any]) -> Iterator[Row]:
    yield "redirects/s of one core", found["per_core"], REDIRECTS_PER_CORE, True


def _hostile(found: dict[str, Any]) -> Iterator[Row]:
    dearest = max(one["cpu_ms"] for one in found.values())
    yield "hostile bodies, the dearest, ms of work", dearest, HOSTILE_MS, False
    unrefused = sum(not 400 <= one["status"] < 500 for one in found.values())
    yield "hostile bodies that were not refused", unrefused, 0, False


_PARTS = {
    "capture": _capture,
    "single": _single,
    "reads": _reads,
    "beside": _beside,
    "recall": _recall,
    "resolver": _resolver,
    "hostile": _hostile,
}


def as_table(found: list[Promise]) -> str:
    width = max(len(one.name) for one in found)
    lines = [f"{'promise':{width}}  {'measured':>10}  {'limit':>8}"]
    for one in found:
        bound = f"{'≥' if one.at_least else '≤'} {one.limit:g}"
        kept = "kept" if one.kept else "BROKEN"
        lines.append(f"{one.name:{width}}  {one.measured:10,.6g}  {bound:>8}  {kept}")
    return "\n".join(lines)
