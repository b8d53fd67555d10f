"""Which points of the body a row of the annex carries out, by how alike their words are."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from chuan.modules.plans.parsing.plan import ReadBodyPoint
from chuan.modules.plans.parsing.spelling import words

ENOUGH = 0.22
"""Likeness below which a point belongs to no row."""

IN_PLACE = 0.12
"""What the right order among the points of one part adds to likeness."""


def match_points(
    points: Sequence[ReadBodyPoint], tasks: Sequence[tuple[str, str, str]]
) -> list[tuple[str, ...]]:
    """For every task the codes of the points it carries out; several points may share a task.

    `tasks` are (section code, section title, text).
    """
    point_bags = [_pairs(point.text) for point in points]
    task_bags = [_pairs(text) for _section, _title, text in tasks]
    groups = _groups(points)
    sections = list(dict.fromkeys(section for section, _title, _text in tasks))
    found: list[list[str]] = [[] for _ in tasks]
    for index, point in enumerate(points):
        scores = []
        for number, (section, _title, _text) in enumerate(tasks):
            score = _alike(point_bags[index], task_bags[number])
            if len(groups) == len(sections):
                same_part = groups.index(_group(point.code)) == sections.index(section)
                score += IN_PLACE if same_part else -IN_PLACE
            scores.append(score)
        if scores and max(scores) >= ENOUGH:
            found[scores.index(max(scores))].append(point.code)
    return [tuple(codes) for codes in found]


def _groups(points: Sequence[ReadBodyPoint]) -> list[str]:
    return list(dict.fromkeys(_group(point.code) for point in points))


def _group(code: str) -> str:
    return code.rpartition(".")[0]


def _pairs(text: str) -> Counter[tuple[str, str]]:
    """Words in pairs: single words say little in Vietnamese."""
    found = words(text)
    return Counter(itertools.pairwise(found))


def _alike(one: Counter[tuple[str, str]], other: Counter[tuple[str, str]]) -> float:
    """From 0 to 1: the share of the shorter text that is in the other, weighed with both."""
    if not one or not other:
        return 0.0
    common = (one & other).total()
    within = common / min(one.total(), other.total())
    both = 2 * common / (one.total() + other.total())
    return 0.6 * within + 0.4 * both
