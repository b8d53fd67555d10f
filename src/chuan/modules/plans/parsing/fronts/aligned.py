"""Tables kept by position alone: spaces in a text (`pdftotext -layout`) or unruled tables of a PDF.

A page is a list of visual lines, each with segments at a place from left to right. Where the
headings of an annex stand beside each other, the white space below them tells the columns.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chuan.modules.plans.parsing.columns import Column, read_heading
from chuan.modules.plans.parsing.gazetteer import Text, gazetteer
from chuan.modules.plans.parsing.labels import LabelKind, read_label
from chuan.modules.plans.parsing.plan import Source
from chuan.modules.plans.parsing.sheet import Cell, Row, Table
from chuan.modules.plans.parsing.spelling import fold, squeeze

HEADING_LINES = 5
_END = re.compile(r"(?:nơi nhận\s*:|phụ lục(?!\w)|tm\.\s|kt\.\s)")


@dataclass(frozen=True, slots=True)
class Segment:
    """Text without a wide gap, over [left, right) in characters or points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class VisualLine:
    """What stands at one height of a page; `after_gap`: more white above it than between lines."""

    source: Source
    segments: tuple[Segment, ...]
    after_gap: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """Headings over lines [start, end), and where each column of them ends."""

    start: int
    end: int
    headings: tuple[str, ...]
    centres: tuple[float, ...]


def segments_of(text: str) -> tuple[Segment, ...]:
    """The parts of a text line between gaps of two spaces or more."""
    return tuple(
        Segment(found.group(), found.start(), found.end())
        for found in re.finditer(r"\S+(?: \S+)*", text.expandtabs(8))
    )


def cut_aligned(lines: Sequence[VisualLine]) -> list[list[VisualLine] | Table]:
    """Lines as they are, with every aligned annex among them made into a table."""
    parts: list[list[VisualLine] | Table] = []
    at = 0
    plain: list[VisualLine] = []
    while at < len(lines):
        found = _headings_at(lines, at)
        if not found:
            plain.append(lines[at])
            at += 1
            continue
        end = _end_of_zone(lines, found.end)
        table = _table(lines, found, end)
        if table is None:
            plain.append(lines[at])
            at += 1
            continue
        if plain:
            parts.append(plain)
        parts.append(table)
        plain = []
        at = end
    if plain:
        parts.append(plain)
    return parts


def _headings_at(lines: Sequence[VisualLine], at: int) -> _Found | None:
    """Headings that begin with this line: columns of words that each name a kind."""
    if len(lines[at].segments) < 2:
        return None
    best: _Found | None = None
    most = 0
    for count in range(1, HEADING_LINES + 1):
        window = lines[at : at + count]
        if len(window) < count:
            break
        groups = _columns_of(window)
        headings = [squeeze(" ".join(s.text for s in group)) for group in groups]
        if any(len(heading) > 70 for heading in headings):
            break
        kinds = [read_heading(heading) for heading in headings]
        named = {kind for kind in kinds if kind}
        if len(named) < 3 or Column.TASK not in named or len(named) < len(groups) - 2:
            continue
        if len(named) > most:
            most = len(named)
            centres = tuple(
                (min(s.left for s in group) + max(s.right for s in group)) / 2 for group in groups
            )
            best = _Found(at, at + count, tuple(headings), centres)
    if best:
        best = _with_rest_of_headings(lines, best)
    return best


def _with_rest_of_headings(lines: Sequence[VisualLine], found: _Found) -> _Found:
    """Take in lines that only go on with headings ("thực hiện" below "Thời gian")."""
    end = found.end
    while end < len(lines) and end < found.start + HEADING_LINES:
        line = lines[end]
        if line.after_gap or not line.segments or read_label(line.segments[0].text):
            break
        if not all(
            segment.text[:1].islower() and len(segment.text) < 25 for segment in line.segments
        ):
            break
        end += 1
    return _Found(found.start, end, found.headings, found.centres)


def _columns_of(lines: Sequence[VisualLine]) -> list[list[Segment]]:
    """Segments grouped where they stand above each other, from left to right."""
    groups: list[list[Segment]] = []
    for segment in sorted((s for line in lines for s in line.segments), key=lambda s: s.left):
        for group in groups:
            left, right = min(s.left for s in group), max(s.right for s in group)
            if segment.left < right and segment.right > left:
                group.append(segment)
                break
        else:
            groups.append([segment])
    order = {id(s): n for n, s in enumerate(s for line in lines for s in line.segments)}
    for group in groups:
        group.sort(key=lambda s: order[id(s)])
    return groups


def _end_of_zone(lines: Sequence[VisualLine], start: int) -> int:
    for at in range(start, len(lines)):
        first = lines[at].segments[0].text if lines[at].segments else ""
        again = read_heading(first) in (Column.NUMBER, Column.TASK) and _headings_at(lines, at)
        if again or _END.match(fold(first)):
            return at
    return len(lines)


def _table(lines: Sequence[VisualLine], found: _Found, end: int) -> Table | None:
    body = [line for line in lines[found.end : end] if line.segments]
    if not body:
        return None
    width = len(found.centres)
    head = Row(
        tuple(Cell(text, at, at + 1) for at, text in enumerate(found.headings)),
        lines[found.start].source,
    )
    kinds = [read_heading(heading) for heading in found.headings]
    number = kinds.index(Column.NUMBER) if Column.NUMBER in kinds else None
    rows = [head]
    for count, (_page, group) in enumerate(itertools.groupby(body, lambda line: line.source.page)):
        page = list(group)
        if count == 0:
            edges = _edges([*lines[found.start : found.end], *page], found.centres)
        else:
            edges = _own_edges(page, width, _edges(page, found.centres))
        lefts = _lefts(page, edges)
        for position, band in enumerate(_bands(page, edges, number)):
            opens_page = bool(count) and position == 0
            rows.append(_row(band, edges, lefts, opens_page=opens_page))
    return Table(tuple(rows), width)


def _own_edges(page: Sequence[VisualLine], width: int, edges: list[float]) -> list[float]:
    """The columns of a page without headings, which a converter may have moved sideways."""
    segments = [segment for line in page for segment in line.segments]
    places: list[list[float]] = []
    for left in sorted(segment.left for segment in segments):
        if places and left - places[-1][-1] <= 1:
            places[-1].append(left)
        else:
            places.append([left])
    places.sort(key=len, reverse=True)
    chosen = sorted(places[:width])
    held = sum(map(len, chosen))
    if len(chosen) < width or held < 0.75 * len(segments):
        return edges
    own = [place[0] - 0.5 for place in chosen[1:]]
    return min((own, edges), key=lambda cuts: _crossings(segments, cuts))


def _crossings(segments: Sequence[Segment], edges: Sequence[float]) -> int:
    return sum(s.left < edge < s.right for s in segments for edge in edges)


def _edges(body: Sequence[VisualLine], centres: Sequence[float]) -> list[float]:
    """Where columns meet: between two centres, the place that fewest segments cross."""
    segments = [segment for line in body for segment in line.segments]
    edges = []
    for left, right in itertools.pairwise(centres):
        marks = sorted(
            {left, right}
            | {s.left for s in segments if left < s.left < right}
            | {s.right for s in segments if left < s.right < right}
        )
        best = (float("inf"), 0.0, left)
        for a, b in itertools.pairwise(marks):
            middle = (a + b) / 2
            crossed = sum(s.left < middle < s.right for s in segments)
            best = min(best, (float(crossed), a - b, middle))
        edges.append(best[2] if best[0] != float("inf") else (left + right) / 2)
    return edges


def _bands(
    body: Sequence[VisualLine], edges: Sequence[float], number: int | None
) -> list[list[VisualLine]]:
    """Lines gathered to rows: by their numbers, or by white space where there are none."""
    labelled = [number is not None and _label_in(line, edges, number) for line in body]
    if not any(labelled):
        return _by_gaps(body)
    gaps = _by_gaps(body)
    flags = dict(zip(map(id, body), labelled, strict=True))
    if len(gaps) > 1 and all(sum(flags[id(line)] for line in band) <= 1 for band in gaps):
        with_label = sum(any(flags[id(line)] for line in band) for band in gaps)
        late = any(flags[id(line)] for band in gaps for line in band[1:])
        if late and with_label * 3 >= len(gaps) * 2:
            return gaps
    bands: list[list[VisualLine]] = []
    for line, begins in zip(body, labelled, strict=True):
        if begins or not bands:
            bands.append([line])
        else:
            bands[-1].append(line)
    return bands


def _label_in(line: VisualLine, edges: Sequence[float], number: int) -> bool:
    for segment in line.segments:
        if _column_at(segment.left, edges) != number:
            continue
        text = segment.text if segment.right <= _edge(edges, number) else segment.text.split()[0]
        label = read_label(text)
        if label and label.kind not in (LabelKind.BULLET, LabelKind.LETTER):
            return True
    return False


def _by_gaps(body: Sequence[VisualLine]) -> list[list[VisualLine]]:
    bands: list[list[VisualLine]] = []
    for line in body:
        if line.after_gap or not bands:
            bands.append([line])
        else:
            bands[-1].append(line)
    return bands


def _row(
    band: Sequence[VisualLine],
    edges: Sequence[float],
    lefts: Sequence[float],
    *,
    opens_page: bool,
) -> Row:
    placed = [
        piece
        for line in band
        for segment in _unglued(line.segments, edges, lefts)
        for piece in _placed(segment, edges)
    ]
    return Row(tuple(_joined(placed)), band[0].source, opens_page)


def _lefts(body: Sequence[VisualLine], edges: Sequence[float]) -> list[float]:
    """Where the text of each column usually begins."""
    starts: list[Counter[float]] = [Counter() for _ in range(len(edges) + 1)]
    for line in body:
        for segment in line.segments:
            starts[_column_at(segment.left, edges)][segment.left] += 1
    return [counts.most_common(1)[0][0] if counts else -1.0 for counts in starts]


def _unglued(
    segments: Sequence[Segment], edges: Sequence[float], lefts: Sequence[float]
) -> Iterator[Segment]:
    """Segments, with one cut in two where a full line leaves a single space to the next column."""
    last = max((_column_at(segment.left, edges) for segment in segments), default=0)
    for segment in segments:
        at = _column_at(segment.left, edges)
        end = _column_at(segment.right - 0.01, edges)
        in_letters = segment.right - segment.left == len(segment.text)
        cut = 0
        if in_letters and at < end < last:
            cut = _cut_near(segment.text, int(lefts[at + 1] - segment.left))
        if cut:
            edge = edges[at]
            yield Segment(segment.text[: cut - 1], segment.left, min(edge, segment.left + cut - 1))
            yield Segment(segment.text[cut:], max(edge, segment.left + cut), segment.right)
        else:
            yield segment


def _cut_near(text: str, expected: int) -> int:
    """Where a word with a capital begins near a place, best the name of a body; 0 for nowhere."""
    cuts = [
        cut
        for shift in (0, -1, 1, -2, 2, -3, 3, -4, 4)
        if (cut := expected + shift) > 0
        and text[cut - 1 : cut] == " "
        and text[cut : cut + 1].isupper()
    ]
    whole = Text.of(text)
    named = (cut for cut in cuts if gazetteer().match(whole, cut))
    return next(named, cuts[0] if cuts else 0)


def _placed(segment: Segment, edges: Sequence[float]) -> list[tuple[int, int, str]]:
    """The columns a segment is in; a label glued to its text is parted from it."""
    start = _column_at(segment.left, edges)
    end = _column_at(max(segment.left, segment.right - 0.01), edges) + 1
    if end - start >= 2:
        first, _, rest = segment.text.partition(" ")
        share = segment.left + (segment.right - segment.left) * len(first) / len(segment.text)
        if rest and read_label(first) and share <= _edge(edges, start) + 1:
            return [(start, start + 1, first), (start + 1, end, rest)]
    return [(start, end, segment.text)]


def _joined(placed: Sequence[tuple[int, int, str]]) -> list[Cell]:
    """Cells of a row: a title over several columns stays whole, other text is of its column."""
    taken = {start for start, _end, _text in placed}
    widest: dict[int, int] = {}
    for start, end, _text in placed:
        widest[start] = max(widest.get(start, 0), end)
    cells: dict[int, list[str]] = {}
    for start, _end, text in placed:
        cells.setdefault(start, []).append(text)
    return [
        Cell(
            "\n".join(lines),
            start,
            start + 1 if any(start < at < widest[start] for at in taken) else widest[start],
        )
        for start, lines in sorted(cells.items())
    ]


def _column_at(place: float, edges: Sequence[float]) -> int:
    return sum(place >= edge for edge in edges)


def _edge(edges: Sequence[float], column: int) -> float:
    return edges[column] if column < len(edges) else float("inf")
