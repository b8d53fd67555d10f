"""An annex whose columns were lost: rows cut by their numbers, cells by what stands in them.

A text converter writes a table cell after cell. Empty lines stand inside cells as well as between
them, so they say nothing. What does: the deadline at the end of a row, names of bodies, capital
letters at the start of a line, and the order of the columns in the heading.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chuan.modules.plans.parsing.bodies import Item, ListReader, letters_of_names
from chuan.modules.plans.parsing.columns import Column, vocabulary
from chuan.modules.plans.parsing.deadlines import LONGEST_DEADLINE, is_deadline
from chuan.modules.plans.parsing.gazetteer import Text
from chuan.modules.plans.parsing.labels import Label, LabelKind, read_label
from chuan.modules.plans.parsing.plan import Doubt, Source
from chuan.modules.plans.parsing.refusals import gettext_noop
from chuan.modules.plans.parsing.rows import RawRow, RowKind
from chuan.modules.plans.parsing.sheet import Line
from chuan.modules.plans.parsing.spelling import fold, plain_marks

HEADING_LINES = 16
DEADLINE_LINES = 5
DEADLINE_LETTERS = 90
MOST_TAIL_LINES = 25
MOST_ROW_LINES = 80

_JOINT = r"\s*(?:[,/&-]\s*|và\s+)?"
_TASK_WORDS = (
    r"(?:thực hiện|công việc|nhiệm vụ|giải pháp|hoạt động|chính|cụ thể|chủ yếu|triển khai)"
)
_PRODUCT_WORDS = (
    r"(?:sản phẩm|kết quả|đầu ra|dự kiến|đạt được|hoàn thành|chính|cụ thể|thực hiện|nhiệm vụ|"
    r"\(nếu có\)|\(dự kiến\))"
)
_BODY_WORD = r"(?:các\s+)?(?:(?:cơ quan|đơn vị)(?:\s*[,/]\s*(?:cơ quan|đơn vị))?\s+)?"
_HEADINGS = re.compile(
    r"(?<!\w)(?:"
    rf"(?P<number>(?:stt|tt|số tt|số thứ tự|s\.t\.t|t\.t)\.?)"
    rf"|(?P<both>{_BODY_WORD}chủ trì(?:\s*[,/;-]\s*(?:và\s+)?|\s+và\s+)(?:cơ quan\s+|đơn vị\s+)?phối hợp(?:\s+thực hiện)?)"
    rf"|(?P<coordinating>{_BODY_WORD}phối hợp(?:\s+thực hiện)?)"
    rf"|(?P<lead>{_BODY_WORD}chủ trì(?:\s+(?:thực hiện|tham mưu))*)"
    rf"|(?P<due>(?:dự kiến\s+)?(?:thời gian|thời hạn|tiến độ|lộ trình|thời điểm)(?:\s*/?\s*(?:tiến độ|thực hiện|hoàn thành|triển khai|dự kiến|trình|ban hành|báo cáo|bắt đầu|kết thúc))*|hoàn thành|năm thực hiện)"
    rf"|(?P<product>(?:dự kiến\s+)?(?:sản phẩm|kết quả|đầu ra)(?:{_JOINT}{_PRODUCT_WORDS})*)"
    rf"|(?P<budget>(?:dự toán\s+|nguồn\s+)?kinh phí(?:\s+thực hiện)?(?:\s*\([^)]*\))?|nguồn vốn)"
    rf"|(?P<note>ghi chú|căn cứ(?:\s+pháp lý)?|lãnh đạo(?:\s+\w+){{0,3}}(?:chỉ đạo|phụ trách))"
    rf"|(?P<task>(?:tên\s+)?(?:nội dung|nhiệm vụ|công việc|hoạt động|danh mục)(?:{_JOINT}{_TASK_WORDS})*)"
    rf"|(?P<gather>(?:phân công|tổ chức|{_BODY_WORD})\s*thực hiện|(?:cơ quan|đơn vị)(?:\s*[,/]\s*đơn vị)?)"
    r")(?!\w)"
)
_NUMBERED_COLUMNS = re.compile(r"(?:\(\d\)\s*){2,}|(?:[1-9]\s+){2,}[1-9]")
_INLINE_LABEL = re.compile(
    r"(?P<label>(?:[IVXL]+|[A-HĐ]|\d{1,4}(?:\.\d{1,3}){0,3})[.)]?)\s+(?=[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ\"“(])"
)
_AFTER_TABLE = re.compile(
    r"(?:nơi nhận\s*:|ghi chú\s*:|tm\.\s|kt\.\s|tổng cộng|tổng số\s*:|người lập|chủ tịch$|ủy ban nhân dân$)"
)
_ENDS_OPEN = re.compile(r"(?:[,;:(-]|\b(?:và|của|các|về|cho|với|theo|tại|trong|là|để|từ|đến))\s*$")
_PLACE_LIKE = re.compile(r"(?:[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ][a-zà-ỹăđĩũơư]+\s+){2}")
_MAX_GAP = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """Column headings over lines [start, end): the columns in order, the number left out."""

    start: int
    end: int
    columns: tuple[Column, ...]
    has_number: bool


def find_headings(lines: Sequence[Line]) -> list[Heading]:
    """Every place where the headings of an annex stand in a row."""
    headings = []
    at = 0
    while at < len(lines):
        heading = _heading_at(lines, at)
        if heading:
            headings.append(heading)
            at = heading.end
        else:
            at += 1
    return headings


def read_linear(lines: Sequence[Line], headings: Sequence[Heading]) -> list[RawRow]:
    """The rows of every annex in a text without columns."""
    rows: list[RawRow] = []
    part = 0
    zone: list[Line] = []
    opened: Heading | None = None
    for heading, following in itertools.zip_longest(headings, headings[1:]):
        end = following.start if following else len(lines)
        more = list(lines[heading.end : end])
        if opened and set(opened.columns) <= set(heading.columns) and _goes_on(zone, more):
            zone.extend(more)
            opened = heading
            continue
        if opened:
            rows.extend(_Cutter(zone, opened, part).rows())
        part, zone, opened = part + 1, more, heading
    if opened:
        rows.extend(_Cutter(zone, opened, part).rows())
    return rows


def _goes_on(zone: Sequence[Line], more: Sequence[Line]) -> bool:
    """Whether lines carry on the numbers before them: the headings were only printed again."""
    if any(_opens_annex(line) for line in zone):
        return False
    first = next((label for line in more if (label := _label_of(line)[0])), None)
    if first is None or first.kind is LabelKind.DOTTED or first.value > 1:
        return True
    labels = [label for line in zone if (label := _label_of(line)[0])]
    sections = (LabelKind.ROMAN, LabelKind.CAPITAL)
    after_title = bool(labels) and labels[-1].kind in sections
    return first.kind is LabelKind.NUMBER and after_title


def _opens_annex(line: Line) -> bool:
    key = fold(line.text).strip(" .:")
    return key.startswith("phụ lục") and (line.text.isupper() or len(key) <= len("phụ lục xviii"))


def _heading_at(lines: Sequence[Line], at: int) -> Heading | None:
    first = fold(lines[at].text)
    opening = _HEADINGS.match(first.lstrip())
    if not opening or opening.lastgroup not in ("number", "task"):
        return None
    joined, ends = "", []
    for line in lines[at : at + HEADING_LINES]:
        joined += fold(line.text) + " "
        ends.append(len(joined))
    kinds: list[str] = []
    position = len(joined) - len(joined.lstrip())
    while found := _HEADINGS.match(joined, position):
        kinds.append(str(found.lastgroup))
        position = found.end()
        position += len(joined[position:]) - len(joined[position:].lstrip(" |/,;"))
    columns = _columns(kinds)
    if len(columns) < 2 or Column.TASK not in columns:
        return None
    if not {Column.LEAD, Column.BOTH, Column.DUE, Column.COORDINATING} & set(columns):
        return None
    count = next((n for n, end in enumerate(ends, 1) if end >= position), len(ends))
    if joined[position : ends[count - 1]].strip():
        return None
    end = at + count
    if end < len(lines) and _NUMBERED_COLUMNS.fullmatch(lines[end].text.strip()):
        end += 1
    return Heading(at, end, columns, "number" in kinds)


def _columns(kinds: list[str]) -> tuple[Column, ...]:
    """Columns in order; a heading that only gathers gives its place to the ones below it."""
    columns: list[Column | None] = []
    below = {kind for kind in ("lead", "coordinating") if kind in kinds}
    for kind in kinds:
        if kind == "gather":
            if not below:
                columns.append(Column.LEAD)
            elif kinds.index("gather") < min(map(kinds.index, below)):
                columns.append(None)
        elif kind != "number" and Column(kind) not in columns:
            columns.append(Column(kind))
    if None in columns:
        gathered = [Column(kind) for kind in ("lead", "coordinating") if kind in below]
        rest = [column for column in columns if column not in gathered]
        place = rest.index(None)
        columns = [*rest[:place], *gathered, *rest[place + 1 :]]
    return tuple(column for column in columns if column is not None)


def _label_of(line: Line) -> tuple[Label | None, str]:
    """A label that stands alone on a line or begins it, and the rest of the line."""
    text = plain_marks(line.text)
    label = read_label(text)
    if label and label.kind not in (LabelKind.LETTER, LabelKind.BULLET):
        return label, ""
    found = _INLINE_LABEL.match(line.text)
    if found and (label := read_label(found["label"])):
        return label, line.text[found.end() :]
    return None, line.text


@dataclass(slots=True)
class _Piece:
    """A section or task with the lines that belong to it, its label taken off."""

    kind: RowKind
    number: str
    lines: list[Line] = field(default_factory=list)
    source: Source = field(default_factory=lambda: Source(None, 0))
    excerpt: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    has_deadline: bool = False


class _Cutter:
    """Cuts one zone below a heading into rows."""

    def __init__(self, zone: list[Line], heading: Heading, part: int) -> None:
        self._lines = zone
        self._columns = heading.columns
        self._has_number = heading.has_number
        self._part = part
        self._last_number = 0
        self._last_section: dict[LabelKind, int] = {}
        self._deadline_ends = [self._ends_deadline(at) for at in range(len(zone))]

    def rows(self) -> list[RawRow]:
        pieces = list(self._pieces()) if self._has_number else []
        for piece, following in itertools.pairwise(pieces):
            if following.number.startswith(f"{piece.number}.") and not piece.has_deadline:
                piece.kind = RowKind.SECTION
        if not any(piece.kind is RowKind.TASK for piece in pieces):
            pieces = list(self._pieces_by_deadline())
        return [self._row(piece) for piece in pieces]

    def _row(self, piece: _Piece) -> RawRow:
        excerpt = "\n".join(piece.excerpt)
        if piece.kind is RowKind.SECTION:
            title = " ".join(line.text for line in piece.lines)
            cells = {Column.TASK: title}
            return RawRow(piece.kind, piece.number, cells, piece.source, self._part, excerpt)
        cells, doubts = _split_row(piece.lines, self._columns)
        return RawRow(
            piece.kind,
            piece.number,
            cells,
            piece.source,
            self._part,
            excerpt,
            [*piece.doubts, *doubts],
        )

    def _pieces(self) -> Iterator[_Piece]:
        piece: _Piece | None = None
        began = 0
        for at, line in enumerate(self._lines):
            complete = piece is None or self._has_deadline(began, at)
            if _opens_annex(line) or (complete and _AFTER_TABLE.match(fold(line.text))):
                break
            label, rest = _label_of(line)
            kind = self._accept(label, rest, at, began, piece) if label else None
            if label and kind:
                if piece and (piece.number or piece.has_deadline):
                    yield piece
                piece = _Piece(kind, label.code, source=line.source)
                began = at
                if rest:
                    piece.lines.append(Line(rest, line.source))
            elif piece:
                piece.lines.append(line)
            else:
                # A row without number before the first one that has one; else the table's title.
                piece = _Piece(RowKind.TASK, "", [line], line.source)
                began = at
            piece.excerpt.append(line.text)
            piece.has_deadline = piece.has_deadline or self._deadline_ends[at]
        if piece and (piece.number or piece.has_deadline):
            yield piece

    def _accept(
        self, label: Label, rest: str, at: int, began: int, piece: _Piece | None
    ) -> RowKind | None:
        """Whether a label begins a section or a task here, or is only a number in the text."""
        complete = piece is None or piece.kind is RowKind.SECTION or self._has_deadline(began, at)
        if label.kind is LabelKind.ROMAN or label.kind is LabelKind.CAPITAL:
            last = self._last_section.get(label.kind, 0)
            in_order = label.value in (1, last + 1)
            if in_order or (complete and label.kind is LabelKind.ROMAN and label.value > last):
                self._open_section(label)
                return RowKind.SECTION
            return None
        if label.kind is LabelKind.DOTTED:
            return RowKind.TASK if complete or not rest else None
        gap = label.value - self._last_number
        if gap == 1 or (label.value == 1 and complete and self._last_number == 0):
            if not complete and not rest and self._is_page_number(label, at, began):
                return None
            if not complete and rest and not self._columns_have_deadline():
                return None
            self._last_number = label.value
            return RowKind.TASK
        if complete and not rest and (1 < gap <= _MAX_GAP or gap == 0 or label.value == 1):
            self._last_number = label.value
            return RowKind.TASK
        return None

    def _open_section(self, label: Label) -> None:
        self._last_section[label.kind] = label.value
        self._last_number = 0
        kinds = list(self._last_section)
        for deeper in kinds[kinds.index(label.kind) + 1 :]:
            self._last_section[deeper] = 0

    def _columns_have_deadline(self) -> bool:
        return Column.DUE in self._columns

    def _is_page_number(self, label: Label, at: int, began: int) -> bool:
        """A number on a line by itself whose own row starts further down."""
        for later in range(at + 1, len(self._lines)):
            other, rest = _label_of(self._lines[later])
            if other is None:
                continue
            if other.kind is LabelKind.ROMAN and not rest:
                return False
            if other == label:
                return self._has_deadline(began, later)
            if other.kind is LabelKind.NUMBER and other.value > label.value and not rest:
                return False
        return False

    def _has_deadline(self, start: int, end: int) -> bool:
        return any(self._deadline_ends[start:end])

    def _ends_deadline(self, at: int) -> bool:
        """Whether a deadline that begins with a capital or a figure ends with this line."""
        joined = ""
        for first in range(at, max(-1, at - DEADLINE_LINES), -1):
            joined = (self._lines[first].text + " " + joined).strip()
            if len(joined) > DEADLINE_LETTERS:
                break
            label, rest = _label_of(self._lines[first])
            if label and not rest:
                break
            if _may_open(joined) and is_deadline(joined):
                return True
        line = self._lines[at].text
        begins = re.finditer(r"(?<=\s)(?=[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ0-9])", line)
        return any(
            len(line) - found.start() <= LONGEST_DEADLINE
            and _may_open(line[found.start() :])
            and is_deadline(line[found.start() :])
            for found in begins
        )

    def _pieces_by_deadline(self) -> Iterator[_Piece]:
        """Rows without numbers: each ends with its deadline."""
        piece = _Piece(RowKind.TASK, "")
        for at, line in enumerate(self._lines):
            if _AFTER_TABLE.match(fold(line.text)):
                break
            label, rest = _label_of(line)
            if label and label.kind is LabelKind.ROMAN and not piece.lines:
                yield _Piece(
                    RowKind.SECTION,
                    label.code,
                    [Line(rest, line.source)] if rest else [],
                    line.source,
                    [line.text],
                )
                continue
            if not piece.lines:
                piece.source = line.source
            piece.lines.append(line)
            piece.excerpt.append(line.text)
            if self._deadline_ends[at] and self._next_opens(at):
                yield piece
                piece = _Piece(RowKind.TASK, "")
        if piece.lines and (len(piece.lines) > 1 or len(piece.lines[0].text) > 20):
            yield piece

    def _next_opens(self, at: int) -> bool:
        if at + 1 >= len(self._lines):
            return True
        following = self._lines[at + 1].text
        return (
            following[:1].isupper()
            or bool(_label_of(self._lines[at + 1])[0])
            or (following[:1] in "-–+•")
        )


def _may_open(text: str) -> bool:
    return text[:1].isupper() or text[:1].isdigit()


def _split_row(
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
                if start not in self._starts and not _may_open(self._plain[start:]):
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
            return 7.0 if _may_open(text) else 3.0
        if is_deadline(text):
            return 5.0 if _may_open(text) else 1.0
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
