"""Annexes that came with their cells: headings found, split rows joined, rows told apart."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chuan.modules.plans.parsing.columns import Column
from chuan.modules.plans.parsing.deadlines import is_deadline
from chuan.modules.plans.parsing.head import place_of
from chuan.modules.plans.parsing.labels import Label, LabelKind, read_label, take_label
from chuan.modules.plans.parsing.layouts import (
    MARK,
    TOTAL,
    WORK_CELLS,
    Layout,
    find_layout,
    guess_layout,
    is_column_numbers,
    is_heading_again,
    kind_of,
    looks_like_data,
    spans_most,
    stands_for_number,
    stretched,
)
from chuan.modules.plans.parsing.plan import Doubt, Notice
from chuan.modules.plans.parsing.refusals import gettext_noop
from chuan.modules.plans.parsing.rows import RawRow, RowKind
from chuan.modules.plans.parsing.sheet import Line, Row, Sheet, Table
from chuan.modules.plans.parsing.spelling import fold, squeeze

# Lines of text between two tables that may still be one annex.
MOST_LINES_BETWEEN = 6

_OPEN_END = re.compile(r"(?:[,;:(-]|\b(?:và|của|các|về|cho|với|theo|tại|trong|là))\s*$")


@dataclass(frozen=True, slots=True)
class ReadTables:
    """`first_line`: index among the sheet's running lines where the first annex table begins."""

    rows: list[RawRow]
    notices: list[Notice]
    first_line: int | None


@dataclass(slots=True)
class _Draft:
    """A row on its way: its cells by kind, and what its shape says."""

    label: Label | None
    number: str
    cells: dict[Column, str]
    row: Row
    part: int
    spanning: bool
    only_title: bool
    has_own_deadline: bool = False
    doubts: list[Doubt] = field(default_factory=list)
    excerpt: list[str] = field(default_factory=list)
    is_section: bool = False


def read_tables(sheet: Sheet) -> ReadTables:
    """The rows of every table of a sheet that is an annex of tasks."""
    reader = _Reader()
    line_index = 0
    first_line: int | None = None
    for block in sheet.blocks:
        if isinstance(block, Line):
            reader.see_line(block)
            line_index += 1
            continue
        used = reader.read(block)
        if used and first_line is None:
            first_line = line_index
        line_index += sum(
            bool(text.strip())
            for row in block.rows
            for cell in row.cells
            if not cell.continues
            for text in cell.text.split("\n")
        )
    return ReadTables(reader.finish(), reader.notices, first_line)


class _Reader:
    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self._drafts: list[_Draft] = []
        self._layout: Layout | None = None
        self._part = 0
        self._lines_between: list[Line] = []
        self._titles: list[tuple[int, Line, Label, str]] = []
        """Lines between tables that may be titles of sections, with how many drafts stood before."""

    def see_line(self, line: Line) -> None:
        self._lines_between.append(line)
        label, rest = take_label(line.text)
        if label and label.kind in (LabelKind.ROMAN, LabelKind.CAPITAL) and rest:
            self._titles.append((len(self._drafts), line, label, rest))

    def read(self, table: Table) -> bool:
        between, self._lines_between = self._lines_between, []
        found = find_layout(table)
        if found:
            layout, start = found
            continued = self._layout is not None and self._carries_on(layout, table, start, between)
            self._part += not continued
            self._layout = layout
            self._read_rows(table.rows[start:], layout, opens=continued)
            return True
        if self._layout and self._fits(table, between):
            layout = self._layout
            if table.columns != layout.width:
                layout = stretched(layout, table.columns)
            self._read_rows(table.rows, layout, opens=True)
            return True
        guessed = guess_layout(table)
        if guessed:
            self._part += 1
            self._layout = guessed
            self.notices.append(
                Notice(
                    "guessed_columns",
                    gettext_noop(
                        "Bảng không có tiêu đề cột nhận ra được; cột được đoán theo nội dung."
                    ),
                    place_of(table.source),
                )
            )
            self._read_rows(table.rows, guessed, opens=False)
            return True
        self._lines_between = [*between, *self._lines_between]
        if looks_like_data(table):
            self.notices.append(
                Notice(
                    "table_not_read",
                    gettext_noop("Có bảng không phải bảng phân công nhiệm vụ nên không đọc."),
                    place_of(table.source),
                )
            )
        return False

    def finish(self) -> list[RawRow]:
        drafts = self._with_line_titles()
        _mark_sections(drafts)
        return [
            RawRow(
                RowKind.SECTION if draft.is_section else RowKind.TASK,
                draft.number,
                draft.cells,
                draft.row.source,
                draft.part,
                "\n".join(draft.excerpt),
                draft.doubts,
            )
            for draft in drafts
        ]

    def _carries_on(
        self, layout: Layout, table: Table, start: int, between: Sequence[Line]
    ) -> bool:
        """Whether a table with headings only prints them again: its numbers go on."""
        if self._layout is None or layout.columns != self._layout.columns:
            return False
        if any(fold(line.text).startswith("phụ lục") for line in between):
            return False
        number_columns = [at for at, kind in layout.kinds.items() if kind is Column.NUMBER]
        for row in table.rows[start:]:
            label = next(
                (
                    label
                    for cell in row.cells
                    if number_columns and cell.start <= number_columns[0] < cell.end
                    if (label := read_label(cell.text))
                ),
                None,
            )
            if label:
                after_title = bool(self._drafts) and self._drafts[-1].only_title
                return label.value != 1 or label.kind is LabelKind.LETTER or after_title
        return len(between) <= MOST_LINES_BETWEEN

    def _fits(self, table: Table, between: Sequence[Line]) -> bool:
        if self._layout is None or len(between) > MOST_LINES_BETWEEN:
            return False
        if any(fold(line.text).startswith(("phụ lục", "nơi nhận")) for line in between):
            return False
        return abs(table.columns - self._layout.width) <= 1 and table.columns >= 2

    def _read_rows(self, rows: Sequence[Row], layout: Layout, *, opens: bool) -> None:
        first_here = opens
        for row in rows:
            first_here = first_here or row.opens_page
            texts = [squeeze(cell.text) for cell in row.cells if not cell.continues]
            if not any(texts) or is_column_numbers(row) or is_heading_again(row):
                continue
            draft = self._draft(row, layout)
            if TOTAL.fullmatch(fold(squeeze(draft.cells.get(Column.TASK, "")))):
                continue
            if self._drafts and self._joins(draft, self._drafts[-1], first_here=first_here):
                self._join(draft, self._drafts[-1], first_here=first_here)
            else:
                if first_here and self._drafts:
                    _inherit(draft, self._drafts[-1])
                self._drafts.append(draft)
            first_here = False

    def _draft(self, row: Row, layout: Layout) -> _Draft:
        cells: dict[Column, str] = {}
        own: set[Column] = set()
        unplaced: list[str] = []
        for cell in row.cells:
            kind = kind_of(cell, layout)
            text = cell.text.strip()
            if not text:
                continue
            if kind is None:
                unplaced.append(text)
                continue
            if kind is Column.DUE and MARK.fullmatch(text):
                text = layout.heads.get(cell.start, text)
            if not cell.continues:
                own.add(kind)
            if kind not in cells:
                cells[kind] = text
            elif text not in cells[kind].split("\n"):
                joint = "; " if kind is Column.DUE else "\n"
                cells[kind] += joint + text
        spanning = spans_most(row, layout)
        if spanning:
            cells, own = self._spanned(row, layout, cells)
        elif Column.TASK not in cells and unplaced:
            cells[Column.TASK] = unplaced[0]
        number_text = cells.pop(Column.NUMBER, "") if Column.NUMBER in own else ""
        continued_number = Column.NUMBER in cells
        cells.pop(Column.NUMBER, None)
        label = read_label(number_text) if number_text else None
        if number_text and label is None:
            taken, rest = take_label(number_text)
            if taken and rest:
                label = taken
                cells[Column.TASK] = f"{rest}\n{cells.get(Column.TASK, '')}".strip()
            elif Column.TASK in cells:
                cells[Column.TASK] = f"{number_text} {cells[Column.TASK]}"
            else:
                cells[Column.TASK] = number_text
        if label is None and Column.TASK in own | {Column.TASK} and not continued_number:
            taken, rest = take_label(cells.get(Column.TASK, ""))
            if taken and taken.kind is not LabelKind.BULLET and stands_for_number(taken, spanning):
                label, cells[Column.TASK] = taken, rest
        if label is None and Column.TASK not in own and not spanning:
            cells.pop(Column.TASK, None)  # merged downwards: more about the task above
        excerpt = [text for c in row.cells if not c.continues for text in c.text.split("\n")]
        return _Draft(
            label,
            label.code if label else "",
            {kind: text for kind, text in cells.items() if text.strip()},
            row,
            self._part,
            spanning,
            only_title=not any(cells.get(kind, "").strip() for kind in WORK_CELLS),
            has_own_deadline=Column.DUE in own and is_deadline(squeeze(cells.get(Column.DUE, ""))),
            excerpt=[text for text in excerpt if text.strip()],
        )

    def _spanned(
        self, row: Row, layout: Layout, cells: dict[Column, str]
    ) -> tuple[dict[Column, str], set[Column]]:
        """A row that is a title over the whole table: its number, and all other text as title."""
        numbers = [at for at, kind in layout.kinds.items() if kind is Column.NUMBER]
        title: list[str] = []
        number = ""
        for cell in row.cells:
            text = cell.text.strip()
            if not text or cell.continues:
                continue
            in_number = bool(numbers) and cell.start <= numbers[0] < cell.end
            if in_number and cell.end - cell.start == 1 and read_label(text):
                number = text
            else:
                title.append(text)
        spanned = {Column.TASK: "\n".join(title)}
        if number:
            spanned[Column.NUMBER] = number
        return spanned, set(spanned)

    def _joins(self, draft: _Draft, above: _Draft, *, first_here: bool) -> bool:
        """Whether a row is the rest of the one above it."""
        if above.part != draft.part:
            return False
        text = draft.cells.get(Column.TASK, "")
        if draft.label is not None:
            # The number of a split row may stand in its second half.
            return (
                first_here
                and above.label is None
                and not above.spanning
                and not above.only_title
                and text[:1].islower()
                and self._is_numbered()
            )
        if not text:
            return not above.spanning
        if draft.spanning or above.spanning or (above.only_title and above.label is None):
            return False
        if draft.has_own_deadline and above.has_own_deadline:
            return False
        if first_here and (self._is_numbered() or draft.only_title):
            return True
        return text[:1].islower() or bool(_OPEN_END.search(fold(above.cells.get(Column.TASK, ""))))

    def _is_numbered(self) -> bool:
        tasks = [draft for draft in self._drafts if not draft.spanning]
        return 2 * sum(draft.label is not None for draft in tasks) > len(tasks)

    def _join(self, draft: _Draft, above: _Draft, *, first_here: bool) -> None:
        for kind, text in draft.cells.items():
            if kind not in above.cells:
                above.cells[kind] = text
            elif text not in above.cells[kind]:
                whole = kind is Column.DUE and is_deadline(squeeze(text))
                second = whole and is_deadline(squeeze(above.cells[kind]))
                above.cells[kind] += ("; " if second else "\n") + text
                if second:
                    message = gettext_noop("Nhiệm vụ có nhiều thời hạn; hãy chọn một hoặc tách ra.")
                    above.doubts.append(Doubt("several_deadlines", message, "due"))
        if above.label is None and draft.label is not None:
            above.label, above.number = draft.label, draft.number
        above.only_title = above.only_title and draft.only_title
        above.excerpt.extend(draft.excerpt)
        if first_here:
            above.doubts.append(
                Doubt(
                    "split_row",
                    gettext_noop("Dòng bị ngắt sang trang sau; phần cuối đã được nối lại."),
                    "text",
                )
            )

    def _with_line_titles(self) -> list[_Draft]:
        """Titles that stand as lines between tables, where the tables have no sections inside."""
        if any(
            draft.spanning or (draft.label and draft.label.kind is LabelKind.ROMAN)
            for draft in self._drafts
        ):
            return self._drafts
        placed: dict[int, tuple[Line, Label, str]] = {}
        for before, line, label, rest in self._titles:
            if before < len(self._drafts):
                placed[before] = (line, label, rest)
        if len(placed) < 2:
            return self._drafts
        drafts: list[_Draft] = []
        for position, draft in enumerate(self._drafts):
            if position in placed:
                line, label, rest = placed[position]
                title = _Draft(
                    label,
                    label.code,
                    {Column.TASK: rest},
                    Row((), line.source),
                    1,
                    spanning=True,
                    only_title=True,
                    excerpt=[line.text],
                )
                drafts.append(title)
            draft.part = 1
            drafts.append(draft)
        return drafts


def _inherit(draft: _Draft, above: _Draft) -> None:
    """Fill an empty lead or deadline at the top of a page from the row before.

    A merged cell that a page break cuts exactly between two rows leaves its second half empty.
    """
    for kind, field_name in ((Column.LEAD, "lead"), (Column.DUE, "due")):
        if draft.only_title or draft.label is None or draft.cells.get(kind):
            continue
        if above.cells.get(kind) and not above.only_title:
            draft.cells[kind] = above.cells[kind]
            message = gettext_noop("Ô trống ở đầu trang; tạm lấy theo dòng trước.")
            draft.doubts.append(Doubt("inherited_cell", message, field_name))


def _mark_sections(drafts: list[_Draft]) -> None:
    """Decide which rows are titles of sections: by their shape, and by what follows them."""
    kinds = {draft.label.kind for draft in drafts if draft.label and not draft.only_title}
    for draft, following in itertools.zip_longest(drafts, drafts[1:]):
        if not draft.only_title:
            continue
        label = draft.label
        if label is None:
            draft.is_section = draft.spanning and following is not None
        elif label.kind in (LabelKind.ROMAN, LabelKind.CAPITAL):
            draft.is_section = label.kind not in kinds or draft.spanning or following is not None
        elif following is not None:
            draft.is_section = _is_below(following.label, label) or (
                draft.spanning and label.kind is not LabelKind.BULLET
            )


def _is_below(label: Label | None, above: Label) -> bool:
    if label is None or label.kind is LabelKind.BULLET:
        return True
    if label.kind is LabelKind.DOTTED:
        return label.code.startswith(f"{above.code}.")
    if label.kind is LabelKind.LETTER:
        return above.kind in (LabelKind.NUMBER, LabelKind.DOTTED)
    return False
