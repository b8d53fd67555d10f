"""The headings of an annex: which column holds the tasks, who leads, until when."""

from __future__ import annotations

import enum
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from chuan.modules.plans.parsing.spelling import fold, squeeze


class Column(enum.StrEnum):
    NUMBER = "number"
    TASK = "task"
    LEAD = "lead"
    COORDINATING = "coordinating"
    BOTH = "both"
    PRODUCT = "product"
    DUE = "due"
    BUDGET = "budget"
    NOTE = "note"


LONGEST_HEADING = 90
"""Letters of a cell that can still be the heading of a column."""

_EDGES = " .:;,-–*()"


@dataclass(frozen=True, slots=True)
class _Heading:
    kind: Column
    whole: frozenset[str]
    parts: re.Pattern[str] | None


@dataclass(frozen=True)
class Vocabulary:
    headings: tuple[_Heading, ...]
    gather: re.Pattern[str]
    labels: dict[Column, re.Pattern[str]]
    any_label: re.Pattern[str]
    products: re.Pattern[str]
    phrases: tuple[tuple[str, Column], ...]
    """Every known heading with its kind, the longest first."""


def read_heading(text: str) -> Column | None:
    """The kind of column a heading announces, or None."""
    squeezed = fold(squeeze(text)).strip(_EDGES)
    if not squeezed or len(squeezed) > LONGEST_HEADING:
        return None
    for heading in vocabulary().headings:
        if squeezed in heading.whole:
            return heading.kind
        if heading.parts and heading.parts.search(squeezed):
            return heading.kind
    return None


@cache
def vocabulary() -> Vocabulary:
    data = tomllib.loads(
        files("chuan.modules.plans.parsing").joinpath("columns.toml").read_text("utf-8")
    )
    headings = tuple(
        _Heading(
            Column(entry["kind"]),
            frozenset(map(fold, entry.get("whole", []))),
            any_of(entry["parts"]) if entry.get("parts") else None,
        )
        for entry in data["column"]
    )
    labels = {Column(kind): _label(words) for kind, words in data["labels"].items()}
    every_label = [word for words in data["labels"].values() for word in words]
    phrases = [
        (fold(phrase), Column(entry["kind"]))
        for entry in data["column"]
        for phrase in [*entry.get("whole", []), *entry.get("parts", [])]
    ]
    return Vocabulary(
        headings=headings,
        gather=any_of(data["gather"]["parts"]),
        labels=labels,
        any_label=_label(every_label),
        products=re.compile(any_of(data["products"]["words"]).pattern),
        phrases=tuple(sorted(phrases, key=lambda phrase: len(phrase[0]), reverse=True)),
    )


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted({fold(phrase) for phrase in phrases}, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


def _label(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted({fold(phrase) for phrase in phrases}, key=len, reverse=True)
    words = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<!\w)(?:các\s+)?(?P<label>{words})(?:\s*\([^)]*\))?\s*:\s*")
