"""Plain text in: encodings, pages, tables drawn with bars, tabs or spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from chuan.modules.plans.parsing.fronts.aligned import VisualLine, cut_aligned, segments_of
from chuan.modules.plans.parsing.limits import MAX_LETTERS, MAX_PAGES
from chuan.modules.plans.parsing.plan import Source, SourceLine
from chuan.modules.plans.parsing.refusals import UnreadableFile
from chuan.modules.plans.parsing.sheet import Cell, Line, Row, Sheet, Table
from chuan.modules.plans.parsing.spelling import plain_line, words

SHORTEST_PAGE = 12
"""Lines with text between two page breaks; closer ones are no page breaks."""

EMPTY_BEFORE_PAGE = 3
"""Empty lines in front of a printed page number; inside tables there are fewer."""

_BREAKS = re.compile(r"\r\n|[\r\v\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LONE_NUMBER = re.compile(r"\s*[-–—]?\s*(\d{1,3})\s*[-–—]?\s*")
_TABLE = re.compile(r"\s*(?:STT|TT|Stt|Tt|S\.T\.T|Số TT)(?!\w)")
_FREQUENT_WORDS = "và của các số ngày tháng năm tỉnh nhân dân thực hiện theo về định quyết"
_FREQUENT = frozenset(_FREQUENT_WORDS.split())
# "và của ngày tháng năm số nhân dân tỉnh" in TCVN3 and in VNI letters, as Unicode shows them.
_LEGACY_WORDS = (
    "vµ cña ngµy th¸ng n¨m sè nh©n d©n tØnh vaø cuûa ngaøy thaùng naêm soá nhaân daân tænh"
)
_LEGACY = frozenset(_LEGACY_WORDS.split())
_VIETNAMESE = re.compile(r"[\u1ea0-\u1ef9đĐơƠưƯăĂ]")


@dataclass(frozen=True, slots=True)
class _Raw:
    """One physical line before it is judged."""

    page: int
    line: int
    text: str


def read_text(data: bytes, name: str) -> Sheet:
    """Text of a decision as copied or converted; pages by form feeds or printed numbers."""
    text = _BREAKS.sub("\n", decode(data, name))
    if len(text) > MAX_LETTERS:
        raise UnreadableFile("too_long", name=name, letters=len(text), limit=MAX_LETTERS)
    if not any(letter.isalnum() for letter in text):
        raise UnreadableFile("no_text", name=name)
    if (pages := text.count("\f") + 1) > MAX_PAGES:
        raise UnreadableFile("too_many_pages", name=name, pages=pages, limit=MAX_PAGES)
    raws, page_numbers = _pages(text)
    return sheet_of_lines(raws, page_numbers)


def decode(data: bytes, name: str) -> str:
    """Bytes to text: UTF-8, UTF-16 or Windows-1258.

    :raises UnreadableFile: for old Vietnamese code pages, binary data and unknown encodings.
    """
    text = _decoded(data)
    if text is None:
        code = "unknown_format" if b"\0" in data[:4096] else "unknown_encoding"
        raise UnreadableFile(code, name=name)
    if len(_CONTROL.findall(text)) > len(text) / 50:
        raise UnreadableFile("unknown_format", name=name)
    if is_legacy(text):
        raise UnreadableFile("legacy_encoding", name=name)
    return unicodedata.normalize("NFC", text)


def is_legacy(text: str) -> bool:
    """Whether a text is Vietnamese in TCVN3 or VNI letters, which Unicode shows as rubbish."""
    sample = text[:50_000]
    if len(_VIETNAMESE.findall(sample)) > len(sample) / 50:
        return False
    return len(_LEGACY & set(re.findall(r"[^\W\d_]+(?:[¸©¨µ][^\W\d_]*)*", sample.lower()))) >= 3


def _decoded(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _try(data, "utf-16")
    if data.count(b"\0", 0, 4096) > min(len(data), 4096) / 10:
        for encoding in ("utf-16-le", "utf-16-be"):
            text = _try(data, encoding)
            if text and _looks_vietnamese(text):
                return text
        return None
    text = _try(data, "utf-8-sig")
    if text is not None:
        return text
    text = _try(data, "cp1258")
    if text is not None:
        text = unicodedata.normalize("NFC", text)
        if _looks_vietnamese(text) or is_legacy(text):
            return text
    latin = data.decode("latin-1")
    return latin if is_legacy(latin) else None


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _looks_vietnamese(text: str) -> bool:
    found = words(text[:20000])
    return bool(found) and sum(word in _FREQUENT for word in found) > len(found) / 50


def _pages(text: str) -> tuple[list[_Raw], set[tuple[int, int]]]:
    """Lines with their pages, and the places of printed page numbers."""
    if "\f" in text:
        raws = [
            _Raw(page, line, words_of)
            for page, body in enumerate(text.split("\f"), 1)
            for line, words_of in enumerate(body.split("\n"), 1)
        ]
        return raws, _numbers_at_edges(raws)
    lines = text.split("\n")
    starts = _printed_pages(lines)
    raws = []
    page, first = 1, 0
    for index, line in enumerate(lines):
        if index in starts:
            page, first = starts[index][0], index
        raws.append(_Raw(page, index - first + 1, line))
    numbers = {
        (raws[index].page, raws[index].line) for index, (_page, seen) in starts.items() if seen
    }
    return raws, numbers


def _numbers_at_edges(raws: list[_Raw]) -> set[tuple[int, int]]:
    """Page numbers at the top or the foot of most pages."""
    by_page: dict[int, list[_Raw]] = {}
    for raw in raws:
        if raw.text.strip():
            by_page.setdefault(raw.page, []).append(raw)
    edges: dict[str, set[tuple[int, int]]] = {"top": set(), "foot": set()}
    for page, lines in by_page.items():
        for edge, raw in (("top", lines[0]), ("foot", lines[-1])):
            found = _LONE_NUMBER.fullmatch(raw.text)
            if found and abs(int(found[1]) - page) <= 3:
                edges[edge].add((raw.page, raw.line))
    return {
        place
        for places in edges.values()
        if len(places) >= max(1, (len(by_page) - 1) / 2)
        for place in places
    }


def _printed_pages(lines: list[str]) -> dict[int, tuple[int, bool]]:
    """Index of the line where a page begins → (page, whether its number is printed there).

    Converters that drop form feeds leave two traces: a page number by itself after several empty
    lines, and one space in front of the first line of a page. The second only counts where the
    first confirms it.
    """
    starts: dict[int, tuple[int, bool]] = {}
    last_page, last_index, trusted = 1, 0, False
    empty = filled = 0
    for index, line in enumerate(lines):
        if _TABLE.match(line):
            break  # from here on a number by itself is that of a row
        found = _LONE_NUMBER.fullmatch(line)
        long_enough = empty >= EMPTY_BEFORE_PAGE and filled >= SHORTEST_PAGE
        if found and long_enough and last_page < int(found[1]) <= last_page + 40:
            page = int(found[1])
            between = list(_soft_breaks(lines, last_index, index))
            if len(between) == page - last_page - 1:
                trusted = trusted or bool(between)
                for number, at in enumerate(between, last_page + 1):
                    starts[at] = (number, False)
            starts[index] = (page, True)
            last_page, last_index, filled = page, index, 0
        empty = 0 if line.strip() else empty + 1
        filled += bool(line.strip())
    if trusted:
        for number, at in enumerate(_soft_breaks(lines, last_index, len(lines)), last_page + 1):
            starts[at] = (number, False)
    return starts


def _soft_breaks(lines: list[str], start: int, end: int) -> Iterator[int]:
    filled = 0
    for index in range(start, end):
        line = lines[index]
        if len(line) > 1 and line[0] == " " and line[1] != " " and filled >= SHORTEST_PAGE:
            yield index
            filled = 0
        filled += bool(line.strip())


def sheet_of_lines(raws: list[_Raw], page_numbers: set[tuple[int, int]]) -> Sheet:
    source_lines = tuple(SourceLine(raw.page, raw.line, raw.text.rstrip()) for raw in raws)
    kept = [raw for raw in raws if (raw.page, raw.line) not in page_numbers]
    blocks: list[Line | Table] = []
    texts = {Source(raw.page, raw.line): raw.text for raw in kept}
    for part in cut_aligned(list(_visual_lines(kept))):
        if isinstance(part, Table):
            blocks.append(part)
        else:
            blocks.extend(_with_drawn_tables([(v.source, texts[v.source]) for v in part]))
    return Sheet(tuple(blocks), source_lines)


def _visual_lines(raws: list[_Raw]) -> Iterator[VisualLine]:
    """Lines with their gaps; a line with bars or tabs draws its own table and has no gaps."""
    blank = False
    for raw in raws:
        drawn = "|" in raw.text or "\t" in raw.text.strip()
        segments = () if drawn else segments_of(raw.text.replace("\u00a0", " "))
        yield VisualLine(Source(raw.page, raw.line), segments, blank)
        blank = not raw.text.strip()


def _with_drawn_tables(lines: list[tuple[Source, str]]) -> Iterator[Line | Table]:
    """Lines, with those that draw a table by bars or tabs made into one."""
    index, blank = 0, False
    while index < len(lines):
        for mark in ("|", "\t"):
            end = _end_of_drawn(lines, index, mark)
            if end - index >= 2:
                yield _drawn_table(lines[index:end], mark)
                index, blank = end, False
                break
        else:
            source, text = lines[index]
            for piece in re.split(r"\s*\|\s*", text.strip(" |")) if "|" in text else [text]:
                cleaned = plain_line(piece)
                if cleaned:
                    yield Line(cleaned, source, blank, _columns_of(piece))
                    blank = False
                else:
                    blank = True
            index += 1


def _columns_of(text: str) -> tuple[str, ...]:
    parts = [plain_line(part) for part in re.split(r"\s{3,}|\t", text.strip())]
    return tuple(part for part in parts if part) if len(parts) > 1 else ()


def _end_of_drawn(lines: list[tuple[Source, str]], start: int, mark: str) -> int:
    end = start
    while end < len(lines) and _cells_of(lines[end][1], mark):
        end += 1
    return end


def _cells_of(text: str, mark: str) -> list[str]:
    cells = text.strip(" ").removeprefix("|").removesuffix("|").split(mark)
    if mark == "\t":
        cells = text.split(mark)
    return [cell.strip() for cell in cells] if len(cells) >= 3 else []


def _drawn_table(lines: list[tuple[Source, str]], mark: str) -> Table:
    rows = []
    for source, text in lines:
        cells = _cells_of(text, mark)
        if all(re.fullmatch(r":?-*:?", cell) for cell in cells) and any(cells):
            continue
        rows.append(
            Row(
                tuple(
                    Cell(cell.replace("<br>", "\n").replace("<br/>", "\n"), at, at + 1)
                    for at, cell in enumerate(cells)
                ),
                source,
            )
        )
    return Table(tuple(rows), max((len(row.cells) for row in rows), default=0))
