"""PDF in: words placed on the page, ruled tables cut into cells and stitched over pages."""

from __future__ import annotations

import io
import itertools
import logging
import re
import statistics
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pdfplumber

from chuan.lib.pdfium import LockedPdf, TooManyPages, UnreadablePdf, page_texts
from chuan.modules.plans.parsing.columns import read_heading
from chuan.modules.plans.parsing.fronts.aligned import Segment, VisualLine, cut_aligned
from chuan.modules.plans.parsing.fronts.text import is_legacy
from chuan.modules.plans.parsing.limits import MAX_LETTERS, MAX_PAGES, MAX_PDF_STREAMS_BYTES
from chuan.modules.plans.parsing.plan import Notice, Source, SourceLine
from chuan.modules.plans.parsing.refusals import UnreadableFile, gettext_noop
from chuan.modules.plans.parsing.sheet import Cell, Line, Row, Sheet, Table
from chuan.modules.plans.parsing.spelling import plain_line

# What pdfminer says about every odd font would drown the one sentence a person needs.
logging.getLogger("pdfminer").setLevel(logging.ERROR)

LETTERS_OF_A_PAGE = 12
"""A page with fewer letters counts as a picture."""

SAME_PLACE = 4.0
"""Points within which two lines of a table are the same line."""

WIDE_GAP = 2.2
"""Times the height of the letters: a wider gap parts two columns of text."""

_MEGABYTE = 1024 * 1024
_STREAM = re.compile(rb"stream\r?\n(?=[\x08\x18\x28\x38\x48\x58\x68\x78])")
_UNMAPPED = re.compile(r"[\ue000-\uf8ff\ufffd]|\(cid:\d+\)")
_LONE_NUMBER = re.compile(r"[-–—]?\s*\d{1,3}\s*[-–—]?")


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class _Box:
    """A cell by the lines around it."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(slots=True)
class _Ruled:
    """A ruled table of one page: its boxes and the words in each."""

    page: int
    boxes: list[_Box]
    words: dict[_Box, list[_Word]] = field(default_factory=dict)

    @property
    def left(self) -> float:
        return min(box.left for box in self.boxes)

    @property
    def right(self) -> float:
        return max(box.right for box in self.boxes)

    @property
    def top(self) -> float:
        return min(box.top for box in self.boxes)

    @property
    def bottom(self) -> float:
        return max(box.bottom for box in self.boxes)


@dataclass(frozen=True, slots=True)
class _TextLine:
    """Words at one height outside tables, parted at wide gaps."""

    page: int
    top: float
    bottom: float
    segments: tuple[Segment, ...]
    after_gap: bool


def read_pdf(data: bytes, name: str) -> Sheet:
    """A born-digital PDF as lines and tables in reading order.

    :raises UnreadableFile: password, damage, pictures only, unusable fonts, or far too long.
    """
    _refuse_bomb(data, name)
    pages_without_text = _check(data, name)
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            parts = [part for page in document.pages for part in _parts_of(page)]
    except UnreadableFile:
        raise
    except Exception as error:
        # pdfminer meets broken files with whatever its code runs into; none of it may get out.
        raise UnreadableFile("broken_pdf", name=name) from error
    builder = _Builder()
    builder.add(_without_page_numbers(parts))
    notices = []
    if pages_without_text:
        message = gettext_noop("Trang không có chữ (có thể là trang quét): %s.")
        pages = ", ".join(map(str, pages_without_text))
        notices.append(Notice("pages_without_text", message % pages, ""))
    return Sheet(tuple(builder.blocks), tuple(builder.lines), tuple(notices))


def _refuse_bomb(data: bytes, name: str) -> None:
    """Unpack every deflated stream, a megabyte at a time, keeping nothing.

    :raises UnreadableFile: together they are larger than any plan.
    """
    total = 0
    for found in _STREAM.finditer(data):
        end = data.find(b"endstream", found.end())
        rest = data[found.end() : end if end >= 0 else len(data)]
        unpacker = zlib.decompressobj()
        try:
            while rest and not unpacker.eof:
                total += len(unpacker.decompress(rest, _MEGABYTE))
                rest = unpacker.unconsumed_tail
                if total > MAX_PDF_STREAMS_BYTES:
                    raise UnreadableFile("zip_bomb", name=name)
        except zlib.error:
            continue  # not deflated, or damaged: no bomb


def _check(data: bytes, name: str) -> list[int]:
    """Open with PDFium, which is quick, to refuse early; gives the pages that have no text.

    :raises UnreadableFile: for every fault that shows without laying out a page.
    """
    try:
        texts = page_texts(data, most_pages=MAX_PAGES)
    except LockedPdf:
        raise UnreadableFile("password_pdf", name=name) from None
    except TooManyPages as error:
        raise UnreadableFile(
            "too_many_pages", name=name, pages=error.pages, limit=MAX_PAGES
        ) from None
    except UnreadablePdf:
        raise UnreadableFile("broken_pdf", name=name) from None
    text = "\n".join(texts)
    letters = [sum(letter.isalnum() for letter in page) for page in texts]
    if not texts:
        raise UnreadableFile("broken_pdf", name=name)
    if sum(letters) < LETTERS_OF_A_PAGE * max(1, len(texts) // 2):
        raise UnreadableFile("scanned_pdf", name=name)
    if len(text) > MAX_LETTERS:
        raise UnreadableFile("too_long", name=name, letters=len(text), limit=MAX_LETTERS)
    if len(_UNMAPPED.findall(text)) > sum(letters) / 8:
        raise UnreadableFile("garbled_text", name=name)
    if is_legacy(text):
        raise UnreadableFile("legacy_encoding", name=name)
    return [at for at, count in enumerate(letters, 1) if count < LETTERS_OF_A_PAGE]


def _parts_of(page: Any) -> list[_TextLine | _Ruled]:
    """Tables and lines of one page from top to bottom."""
    number = int(page.page_number)
    words = [
        _Word(plain_line(w["text"]), w["x0"], w["x1"], w["top"], w["bottom"])
        for w in page.extract_words(x_tolerance_ratio=0.18, y_tolerance=3)
        if w.get("upright", True)
    ]
    words = [word for word in words if word.text]
    tables = [_Ruled(number, boxes) for boxes in _ruled_boxes(page)]
    outside: list[_Word] = []
    for word in words:
        if not _put_into_box(word, tables):
            outside.append(word)
    tables = [table for table in tables if table.words]
    parts: list[_TextLine | _Ruled] = [*tables, *_text_lines(outside, number)]
    return sorted(parts, key=lambda part: part.top)


def _ruled_boxes(page: Any) -> Iterator[list[_Box]]:
    """The cells of every table that is drawn with lines and has at least two columns."""
    if len(page.edges) < 4:
        return
    for table in page.find_tables():
        boxes = [_Box(*map(float, cell)) for cell in table.cells]
        if len({round(box.left / SAME_PLACE) for box in boxes}) >= 2:
            yield boxes


def _put_into_box(word: _Word, tables: Sequence[_Ruled]) -> bool:
    centre = (word.left + word.right) / 2
    for table in tables:
        if not (table.left <= centre <= table.right and table.top <= word.middle <= table.bottom):
            continue
        for box in table.boxes:
            if box.left <= centre <= box.right and box.top <= word.middle <= box.bottom:
                table.words.setdefault(box, []).append(word)
                return True
    return False


def _text_lines(words: Sequence[_Word], page: int) -> list[_TextLine]:
    rows = _at_one_height(words)
    if not rows:
        return []
    pitches = [
        below[0].top - above[0].top
        for above, below in itertools.pairwise(rows)
        if below[0].top > above[0].top
    ]
    usual = statistics.median(pitches) if pitches else 0.0
    lines: list[_TextLine] = []
    previous: list[_Word] | None = None
    for row in rows:
        gap = previous is not None and row[0].top - previous[0].top > 1.45 * usual
        segments = tuple(_segments(row))
        top, bottom = min(w.top for w in row), max(w.bottom for w in row)
        lines.append(_TextLine(page, top, bottom, segments, gap))
        previous = row
    return lines


def _at_one_height(words: Iterable[_Word]) -> list[list[_Word]]:
    """Words gathered to lines, each from left to right."""
    rows: list[list[_Word]] = []
    for word in sorted(words, key=lambda w: (w.middle, w.left)):
        if rows and abs(word.middle - rows[-1][0].middle) <= max(2.0, 0.45 * word.height):
            rows[-1].append(word)
        else:
            rows.append([word])
    for row in rows:
        row.sort(key=lambda w: w.left)
    return rows


def _segments(row: Sequence[_Word]) -> Iterator[Segment]:
    begun: list[_Word] = []
    for word in row:
        if begun and word.left - begun[-1].right > WIDE_GAP * max(word.height, begun[-1].height):
            yield _segment(begun)
            begun = []
        begun.append(word)
    if begun:
        yield _segment(begun)


def _segment(words: Sequence[_Word]) -> Segment:
    return Segment(" ".join(w.text for w in words), words[0].left, words[-1].right)


def _without_page_numbers(parts: Sequence[_TextLine | _Ruled]) -> list[_TextLine | _Ruled]:
    """Leaves out numbers that stand alone at the head or the foot of a page."""
    kept: list[_TextLine | _Ruled] = []
    for _page, group in itertools.groupby(parts, key=lambda part: part.page):
        page = list(group)
        edges = {id(page[0]), id(page[-1])}
        for part in page:
            lone = (
                isinstance(part, _TextLine)
                and id(part) in edges
                and len(part.segments) == 1
                and _LONE_NUMBER.fullmatch(part.segments[0].text)
            )
            if not lone:
                kept.append(part)
    return kept


class _Builder:
    """Puts lines and tables of all pages in order, tables that go on stitched together."""

    def __init__(self) -> None:
        self.blocks: list[Line | Table] = []
        self.lines: list[SourceLine] = []
        self._line_of_page: dict[int, int] = {}

    def add(self, parts: Sequence[_TextLine | _Ruled]) -> None:
        pending: list[_TextLine] = []
        at = 0
        while at < len(parts):
            part = parts[at]
            if isinstance(part, _TextLine):
                pending.append(part)
                at += 1
                continue
            run = [part]
            at += 1
            while at < len(parts) and _goes_on(run[-1], following := parts[at]):
                if isinstance(following, _Ruled):
                    run.append(following)
                at += 1
            self._add_lines(pending)
            pending = []
            self._add_table(run)
        self._add_lines(pending)

    def _add_lines(self, lines: Sequence[_TextLine]) -> None:
        visual: list[VisualLine] = []
        for line in lines:
            source = self._new_line(line.page, "   ".join(s.text for s in line.segments))
            visual.append(VisualLine(source, line.segments, line.after_gap))
        for piece in cut_aligned(visual):
            if isinstance(piece, Table):
                self.blocks.append(piece)
                continue
            for shown in piece:
                for number, segment in enumerate(shown.segments):
                    after_blank = shown.after_gap and number == 0
                    self.blocks.append(Line(segment.text, shown.source, after_blank))

    def _add_table(self, run: Sequence[_Ruled]) -> None:
        edges = _clustered(edge for ruled in run for b in ruled.boxes for edge in (b.left, b.right))
        rows: list[Row] = []
        for number, ruled in enumerate(run):
            carried: dict[_Box, str] = {}
            above = {cell.start: cell.text for cell in rows[-1].cells} if rows else {}
            opens_page = number > 0
            for boxes in _rows_of(ruled):
                if opens_page:
                    carried = _carried_over(ruled, boxes, edges, above)
                row = self._row(ruled, boxes, edges, carried, opens_page=opens_page)
                if row:
                    rows.append(row)
                    opens_page = opens_page and _is_heading(row)
        if rows:
            self.blocks.append(Table(tuple(rows), len(edges) - 1))

    def _row(
        self,
        ruled: _Ruled,
        boxes: Sequence[tuple[_Box, bool]],
        edges: Sequence[float],
        carried: dict[_Box, str],
        *,
        opens_page: bool,
    ) -> Row | None:
        cells: list[Cell] = []
        source: Source | None = None
        for box, continues in boxes:
            texts = _texts_in(ruled, box)
            if not continues:
                for text in texts:
                    place = self._new_line(ruled.page, text)
                    source = source or place
            start, end = _columns_of(box, edges)
            text = "\n".join(texts) or carried.get(box, "")
            cells.append(Cell(text, start, end, continues or box in carried))
        if not any(cell.text for cell in cells if not cell.continues):
            return None
        line = self._line_of_page.get(ruled.page, 1)
        return Row(tuple(cells), source or Source(ruled.page, line), opens_page)

    def _new_line(self, page: int, text: str) -> Source:
        line = self._line_of_page.get(page, 0) + 1
        self._line_of_page[page] = line
        self.lines.append(SourceLine(page, line, text))
        return Source(page, line)


def _goes_on(above: _Ruled, part: _TextLine | _Ruled) -> bool:
    """Whether a table of the next page carries this one on: as wide, and nothing between."""
    if isinstance(part, _TextLine):
        return False
    if part.page == above.page:
        return part.top - above.bottom < SAME_PLACE and _as_wide(above, part)
    return part.page == above.page + 1 and _as_wide(above, part)


def _as_wide(one: _Ruled, other: _Ruled) -> bool:
    tolerance = 2 * SAME_PLACE
    return abs(one.left - other.left) < tolerance and abs(one.right - other.right) < tolerance


def _rows_of(ruled: _Ruled) -> Iterator[list[tuple[_Box, bool]]]:
    """Boxes by rows; with each whether it began in a row above."""
    tops = _clustered(box.top for box in ruled.boxes)
    for top in tops:
        row = []
        for box in ruled.boxes:
            if abs(box.top - top) <= SAME_PLACE:
                row.append((box, False))
            elif box.top < top - SAME_PLACE and box.bottom > top + SAME_PLACE:
                row.append((box, True))
        row.sort(key=lambda entry: entry[0].left)
        yield row


def _texts_in(ruled: _Ruled, box: _Box) -> list[str]:
    return [
        " ".join(word.text for word in line) for line in _at_one_height(ruled.words.get(box, ()))
    ]


def _columns_of(box: _Box, edges: Sequence[float]) -> tuple[int, int]:
    start = _nearest(box.left, edges)
    return start, max(start + 1, _nearest(box.right, edges))


def _carried_over(
    ruled: _Ruled,
    boxes: Sequence[tuple[_Box, bool]],
    edges: Sequence[float],
    above: dict[int, str],
) -> dict[_Box, str]:
    """Empty boxes over several rows at the top of a page: a merged cell whose text stands before."""
    bottom = min(box.bottom for box, _continues in boxes)
    return {
        box: above[start]
        for box, _continues in boxes
        if box.bottom > bottom + SAME_PLACE
        and not ruled.words.get(box)
        and above.get(start := _columns_of(box, edges)[0])
    }


def _is_heading(row: Row) -> bool:
    return sum(read_heading(cell.text) is not None for cell in row.cells) >= 3


def _clustered(values: Iterable[float]) -> list[float]:
    """Values with those at the same place made one."""
    found: list[list[float]] = []
    for value in sorted(values):
        if found and value - found[-1][-1] <= SAME_PLACE:
            found[-1].append(value)
        else:
            found.append([value])
    return [statistics.fmean(group) for group in found]


def _nearest(value: float, edges: Sequence[float]) -> int:
    return min(range(len(edges)), key=lambda at: abs(edges[at] - value))
