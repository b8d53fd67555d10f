"""One row of a lost table: which words belong to which column."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from chuan.modules.plans.parsing.bodies import Item, ListReader, letters_of_names
from chuan.modules.plans.parsing.columns import Column, vocabulary
from chuan.modules.plans.parsing.deadlines import is_deadline
from chuan.modules.plans.parsing.gazetteer import Text
from chuan.modules.plans.parsing.plan import Doubt
from chuan.modules.plans.parsing.refusals import gettext_noop
from chuan.modules.plans.parsing.sheet import Line
from chuan.modules.plans.parsing.spelling import fold

DEADLINE_LETTERS = 90

MOST_TAIL_LINES = 25

MOST_ROW_LINES = 80

_ENDS_OPEN = re.compile(r"(?:[,;:(-]|\b(?:và|của|các|về|cho|với|theo|tại|trong|là|để|từ|đến))\s*$")

_PLACE_LIKE = re.compile(r"(?:[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ][a-zà-ỹăđĩũơư]+\s+){2}")


def may_open(text: str) -> bool:
    return text[:1].isupper() or text[:1].isdigit()


def split_row(
    lines: list[Line], columns: tuple[Column, ...]
) -> tuple[dict[Column, str], list[Doubt]]:
    """The cells of one row, by the best of all ways to cut it in the order of the columns."""
    cells, doubts = _Splitter(lines[:MOST_ROW_LINES], columns).cells()
    rest = " ".join(line.text for line in lines[MOST_ROW_LINES:])
    if rest:
        cells[Column.TASK] = f"{cells.get(Column.TASK, '')}\n{rest}".strip()
        message = gettext_noop("Dòng dài bất thường; có thể đã nối nhầm nhiều dòng.")
        doubts.append(Doubt("long_text", message, "text"))
    return cells, doubts


@dataclass(slots=True)
class _Best:
    score: float
    cuts: tuple[int, ...]


class _Splitter:
    """Finds the cuts between the cells of one row, by dynamic programming over the columns."""

    def __init__(self, lines: list[Line], columns: tuple[Column, ...]) -> None:
        self._columns = columns
        texts = [line.text for line in lines if line.text]
        self._plain = " ".join(texts)
        self._starts: set[int] = {0}
        at = 0
        for text in texts[:-1]:
            at += len(text) + 1
            self._starts.add(at)
        self._has_tail = bool(columns) and columns[-1] is Column.DUE
        self._text = Text.of(self._plain, frozenset(start - 1 for start in self._starts if start))
        self._line_ends = {start - 1 for start in self._starts if start} | {len(self._plain)}
        self._deadlines = self._find_deadlines()
        self._items_from: dict[int, list[Item]] = {}
        self._points = self._find_points()
        self._scores: dict[tuple[Column, int, int], float] = {}

    def cells(self) -> tuple[dict[Column, str], list[Doubt]]:
        if not self._plain:
            return {}, []
        cuts = self._best_cuts()
        cells: dict[Column, str] = {}
        for column, (start, end) in zip(self._columns, itertools.pairwise(cuts), strict=False):
            cells[column] = self._lines_between(start, end)
        doubts = []
        tail_at = cuts[len(self._columns)]
        if self._plain[tail_at:].strip():
            for column, tail in self._tails(tail_at, cells):
                cells[column] = f"{cells.get(column, '')}\n{tail}".strip()
            doubts.append(
                Doubt(
                    "split_row",
                    gettext_noop("Dòng bị ngắt sang trang sau; phần cuối đã được nối lại."),
                    "text",
                )
            )
        return cells, doubts

    def _tails(self, start: int, cells: dict[Column, str]) -> list[tuple[Column, str]]:
        """What follows the deadline of a split row: the rest of its task, lead and coordinators."""
        total = len(self._plain)
        marks = [mark for mark in sorted(self._starts) if mark >= start] + [total]
        bodies = [c for c in self._columns if c in (Column.LEAD, Column.COORDINATING)]
        best: tuple[float, list[tuple[Column, str]]] = (
            0.0,
            [(Column.TASK, self._lines_between(start, total))],
        )
        if len(marks) > MOST_TAIL_LINES:
            return best[1]
        for cuts in itertools.combinations_with_replacement(marks, len(bodies)):
            parts = [(Column.TASK, self._lines_between(start, cuts[0] if cuts else total))]
            score = 0.0
            for column, (a, b) in zip(bodies, itertools.pairwise([*cuts, total]), strict=True):
                part = self._lines_between(a, b)
                if part:
                    score += self._gain(cells.get(column, ""), part, a)
                    parts.append((column, part))
            if score > best[0]:
                best = (score, [(column, part) for column, part in parts if part])
        return best[1]

    def _gain(self, cell: str, tail: str, start: int) -> float:
        """How much better a cell of bodies reads with a tail than without."""
        gain = letters_of_names(f"{cell}\n{tail}") - letters_of_names(cell) - 0.7 * len(tail)
        if _ENDS_OPEN.search(fold(self._plain[:start])):
            gain -= 20.0
        if tail[:1].islower() and not _ENDS_OPEN.search(fold(cell)):
            gain -= 0.0 if tail.startswith("và ") else 5.0
        return gain

    def _lines_between(self, start: int, end: int) -> str:
        marks = sorted({start, end} | {s for s in self._starts if start < s < end})
        pieces = [self._plain[a:b].strip() for a, b in itertools.pairwise(marks)]
        return "\n".join(piece for piece in pieces if piece)

    def _find_deadlines(self) -> dict[int, int]:
        """Start → end of everything that is a deadline and ends with a line."""
        found: dict[int, int] = {}
        for end in sorted(self._line_ends):
            lowest = max(0, end - DEADLINE_LETTERS)
            for start in range(lowest, end):
                if start and self._plain[start - 1] != " ":
                    continue
                if start not in self._starts and not may_open(self._plain[start:]):
                    continue
                if is_deadline(self._plain[start:end]):
                    found[start] = max(found.get(start, 0), end)
        # "Quý II" and "năm 2025" each are one, and so are both together: the longest counts.
        return {
            start: end
            for start, end in found.items()
            if not any(s < start and e >= end for s, e in found.items())
        }

    def _find_points(self) -> list[int]:
        """Letters where a cell may begin."""
        points = set(self._starts) | set(self._deadlines) | {len(self._plain)}
        for end in self._deadlines.values():
            points.add(min(end + 1, len(self._plain)))
        for start in sorted(self._starts):
            if self._plain[start : start + 1].isupper():
                for item in self._items(start):
                    if not item.known:
                        break
                    after = item.end + 1
                    if (
                        self._plain[item.end : after] == " "
                        and self._plain[after : after + 1].isupper()
                    ):
                        points.add(after)
        return sorted(points)

    def _items(self, at: int) -> list[Item]:
        if at not in self._items_from:
            reader = ListReader(self._text, frozenset(self._deadlines))
            items = []
            unknown = 0
            for item in reader.items(at):
                items.append(item)
                unknown += 0 if item.known else item.end - item.begin
                if unknown > 120:
                    break
            self._items_from[at] = items
        return self._items_from[at]

    def _best_cuts(self) -> list[int]:
        """Cuts p0 ≤ p1 … ≤ pk: column i holds the letters between pi and pi+1."""
        points = self._points
        best: dict[int, _Best] = {0: _Best(0.0, (0,))}
        for column in self._columns:
            following: dict[int, _Best] = {}
            for start, state in best.items():
                for end in points:
                    if end < start:
                        continue
                    score = state.score + self._score(column, start, end)
                    if end not in following or score > following[end].score:
                        following[end] = _Best(score, (*state.cuts, end))
            best = following
        total = len(self._plain)
        final = max(
            best.items(), key=lambda entry: entry[1].score + self._tail_score(entry[0], total)
        )
        return list(final[1].cuts)

    def _tail_score(self, start: int, end: int) -> float:
        rest = self._plain[start:end].strip()
        if not rest:
            return 0.0
        if not self._has_tail or start not in self._starts:
            return -12.0
        return -0.5 if rest[:1].islower() else -5.0

    def _score(self, column: Column, start: int, end: int) -> float:
        key = (column, start, end)
        if key not in self._scores:
            self._scores[key] = self._judge(column, start, end)
        return self._scores[key]

    def _judge(self, column: Column, start: int, end: int) -> float:
        text = self._plain[start:end].strip()
        if not text:
            return _EMPTY[column]
        score = 0.5 if start in self._starts else -0.5
        if column is not Column.TASK and self._ends_open(end):
            score -= 4.0
        if column in (Column.LEAD, Column.COORDINATING, Column.BOTH):
            return score + self._judge_bodies(start, end, text)
        if column is Column.DUE:
            return score + self._judge_deadline(start, end, text)
        if column is Column.TASK:
            return score + self._judge_task(start, end, text)
        if column is Column.PRODUCT:
            return score + self._judge_product(start, end, text)
        money = column is Column.BUDGET and re.search(r"\d", text)
        return score - len(text) / 60 + (2.0 if money else -1.0)

    def _ends_open(self, end: int) -> bool:
        """Whether the words before a cut ask for more: a comma, "và", "của"."""
        return _ENDS_OPEN.search(self._text.fold[max(0, end - 12) : end]) is not None

    def _judge_bodies(self, start: int, end: int, text: str) -> float:
        known, joints, last = self._cover(start, end)
        cover = known / len(text)
        score = 6.0 * cover - 3.0 * (1 - cover)
        score += 1.0 if text[:1].isupper() else -1.5
        score -= 1.5 * joints
        if last is not None and last > end:
            score -= 4.0
        return score - max(0, len(text) * (1 - cover) - 60) / 20

    def _cover(self, start: int, end: int) -> tuple[int, int, int | None]:
        """Letters of known bodies, joints without a separator, and where the last item ends."""
        known = joints = 0
        previous: Item | None = None
        last: int | None = None
        for item in self._items(start):
            if item.begin >= end:
                break
            within = min(item.end, end) - item.begin
            gap = item.begin - (previous.end if previous else start)
            whole = item.end <= end
            if item.known and whole:
                found = item.found
                exact = found.end - item.begin if found and not found.goes_on else within
                known += gap + min(within, exact)
                joints += bool(previous and gap <= 1)
            elif item.found and item.found.goes_on and item.found.end <= end:
                # Where an open name ends nothing tells; a line's end is as good a guess as any.
                ends_well = whole or end in self._starts
                known += int(within * (0.8 if ends_well else 0.4)) + gap
                whole = whole or ends_well
            previous = item
            last = min(item.end, end) if whole else item.end
        return known, joints, last

    def _judge_deadline(self, start: int, end: int, text: str) -> float:
        if self._deadlines.get(start) == end or self._deadlines.get(start) == end - 1:
            return 7.0 if may_open(text) else 3.0
        if is_deadline(text):
            return 5.0 if may_open(text) else 1.0
        return -3.0 - len(text) / 40

    def _judge_task(self, start: int, end: int, text: str) -> float:
        score = 1.0
        score += 1.0 if text[0].isupper() or text[0].isdigit() or text[0] in "\"'“-–+(" else -1.0
        if self._ends_open(end):
            score -= 3.0
        following = self._plain[end:].lstrip()
        if following[:1].islower() and end not in self._deadlines:
            score -= 1.5
        known, _joints, _last = self._cover(start, end)
        if known > 0.8 * len(text):
            score -= 4.0
        return score

    def _judge_product(self, start: int, end: int, text: str) -> float:
        score = 1.0 if text[:1].isupper() else -1.0
        if vocabulary().products.match(self._text.fold, start):
            score += 3.0
        if _PLACE_LIKE.match(text):
            score -= 2.0
        known, _joints, _last = self._cover(start, end)
        return score - 6.0 * known / len(text) - len(text) / 200


_EMPTY = {
    Column.TASK: -9.0,
    Column.LEAD: -4.0,
    Column.COORDINATING: -2.5,
    Column.BOTH: -4.0,
    Column.DUE: -4.0,
    Column.PRODUCT: -2.0,
    Column.BUDGET: 0.0,
    Column.NOTE: 0.0,
}
