"""Which column of a table holds what: from its heading, or from what stands below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chuan.modules.plans.parsing.bodies import holds_bodies
from chuan.modules.plans.parsing.columns import Column, read_heading
from chuan.modules.plans.parsing.deadlines import is_deadline
from chuan.modules.plans.parsing.labels import Label, LabelKind, read_label
from chuan.modules.plans.parsing.sheet import Cell, Row, Table
from chuan.modules.plans.parsing.spelling import squeeze

# Rows at the top of a table in which its headings are looked for.
HEADING_ROWS = 8

MARK = re.compile(r"[xX✓✔√●•*]{1,2}")

_COLUMN_NUMBER = re.compile(r"\(?\s*(?:\d{1,2}|[A-HĐa-hđ])\s*\)?(?:\s*=.*)?")

TOTAL = re.compile(r"(?:tổng cộng|tổng số|cộng)\s*:?")

WORK_CELLS = (
    Column.LEAD,
    Column.COORDINATING,
    Column.BOTH,
    Column.DUE,
    Column.PRODUCT,
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which kind each grid column is; `heads` has what stood above each."""

    kinds: dict[int, Column]
    heads: dict[int, str]
    width: int

    @property
    def columns(self) -> frozenset[Column]:
        return frozenset(self.kinds.values())


def stands_for_number(label: Label, spanning: bool) -> bool:
    return label.kind is not LabelKind.LETTER or not spanning


def find_layout(table: Table) -> tuple[Layout, int] | None:
    """The headings of a table and the index of the first row below them."""
    for at, row in enumerate(table.rows[:HEADING_ROWS]):
        depth = _heading_depth(table, at)
        kinds: dict[int, Column] = {}
        heads: dict[int, str] = {}
        for column in range(table.columns):
            texts: list[str] = []
            for heading_row in table.rows[at : at + depth]:
                text = next((c.text for c in heading_row.cells if c.start <= column < c.end), "")
                if text.strip() and text not in texts:
                    texts.append(text)
            heads[column] = squeeze(texts[-1]) if texts else ""
            kind = read_heading(" ".join(texts))
            if kind:
                kinds[column] = kind
        found = set(kinds.values())
        cells = [cell for cell in row.cells if cell.text.strip() and not cell.continues]
        if len(cells) < 2 or not found & {
            Column.LEAD,
            Column.BOTH,
            Column.DUE,
            Column.COORDINATING,
        }:
            continue
        if len(found - {Column.NUMBER}) < 2:
            continue
        layout = Layout(kinds, heads, table.columns)
        layout = _completed(layout, table.rows[at + depth :])
        if Column.TASK in layout.columns:
            return layout, at + depth
    return None


def _heading_depth(table: Table, at: int) -> int:
    """How many rows the headings take: more than one where a heading spans others below it."""
    row = table.rows[at]
    wide = any(cell.end - cell.start > 1 and cell.text.strip() for cell in row.cells)
    if not wide or at + 1 >= len(table.rows):
        return 1
    below = table.rows[at + 1]
    if any(cell.continues for cell in below.cells):
        return 2
    headings = [cell for cell in below.cells if read_heading(cell.text)]
    filled = [cell for cell in below.cells if cell.text.strip()]
    return 2 if filled and len(headings) == len(filled) else 1


def _completed(layout: Layout, rows: Sequence[Row]) -> Layout:
    """Columns whose heading says nothing, told by what is in them."""
    kinds = dict(layout.kinds)
    open_columns = [at for at in range(layout.width) if at not in kinds]
    texts = {at: _column_texts(rows, at) for at in open_columns}
    if Column.NUMBER not in kinds.values():
        for at in open_columns[:1]:
            if texts[at] and at == 0 and sum(map(_is_label, texts[at])) * 2 >= len(texts[at]):
                kinds[at] = Column.NUMBER
    for kind in (Column.DUE, Column.LEAD, Column.TASK):
        if kind in kinds.values() or (kind is Column.LEAD and Column.BOTH in kinds.values()):
            continue
        best = max(
            (at for at in open_columns if at not in kinds),
            key=lambda at: _likeness(kind, texts[at]),
            default=None,
        )
        if best is not None and _likeness(kind, texts[best]) > 0.5:
            kinds[best] = kind
    return Layout(kinds, layout.heads, layout.width)


def guess_layout(table: Table) -> Layout | None:
    """A layout from the content alone, where deadlines and bodies leave little doubt."""
    if len(table.rows) < 2 or table.columns < 3:
        return None
    texts = {at: _column_texts(table.rows, at) for at in range(table.columns)}
    kinds: dict[int, Column] = {}
    if sum(map(_is_label, texts[0])) * 2 >= max(1, len(texts[0])):
        kinds[0] = Column.NUMBER
    for kind in (Column.DUE, Column.LEAD, Column.COORDINATING, Column.TASK):
        candidates = [at for at in range(table.columns) if at not in kinds]
        measure = Column.LEAD if kind is Column.COORDINATING else kind
        best = max(candidates, key=lambda at: _likeness(measure, texts[at]), default=None)
        if kind in (Column.LEAD, Column.COORDINATING):
            best = next((at for at in candidates if _likeness(measure, texts[at]) > 0.6), None)
        if best is not None and _likeness(measure, texts[best]) > 0.6:
            kinds[best] = kind
    if {Column.DUE, Column.LEAD, Column.TASK} <= set(kinds.values()):
        return Layout(kinds, {}, table.columns)
    return None


def _likeness(kind: Column, texts: Sequence[str]) -> float:
    if not texts:
        return 0.0
    if kind is Column.DUE:
        return sum(map(is_deadline, texts)) / len(texts)
    if kind is Column.LEAD:
        return sum(map(holds_bodies, texts)) / len(texts)
    return min(1.0, sum(map(len, texts)) / len(texts) / 50)


def _column_texts(rows: Sequence[Row], at: int) -> list[str]:
    found = (
        squeeze(cell.text)
        for row in rows[:60]
        for cell in row.cells
        if cell.start <= at < cell.end and cell.end - cell.start == 1
    )
    return [text for text in found if text]


def _is_label(text: str) -> bool:
    return read_label(text) is not None


def stretched(layout: Layout, width: int) -> Layout:
    """The same columns for a table that has one more or one less (an empty last column)."""
    kinds = {at: kind for at, kind in layout.kinds.items() if at < width}
    return Layout(kinds, layout.heads, width)


def kind_of(cell: Cell, layout: Layout) -> Column | None:
    """The kind of a cell; one over several columns is of the first that is not the number."""
    kinds = [layout.kinds[at] for at in range(cell.start, cell.end) if at in layout.kinds]
    if not kinds:
        return None
    if len(kinds) > 1 and kinds[0] is Column.NUMBER:
        return kinds[1] if read_label(cell.text) is None else Column.NUMBER
    return kinds[0]


def spans_most(row: Row, layout: Layout) -> bool:
    """Whether one text runs over the columns of the task and of most that follow it."""
    tasks = [at for at, kind in layout.kinds.items() if kind is Column.TASK]
    for cell in row.cells:
        if not cell.text.strip() or cell.continues:
            continue
        width = cell.end - cell.start
        covers_task = bool(tasks) and cell.start <= tasks[0] < cell.end
        if covers_task and width >= 2 and width >= (layout.width - 1) * 0.6:
            return True
    return False


def is_column_numbers(row: Row) -> bool:
    """The row "(1) (2) (3) …" below the headings."""
    texts = [squeeze(cell.text) for cell in row.cells if cell.text.strip()]
    if len(texts) < 3 or not all(_COLUMN_NUMBER.fullmatch(text) for text in texts):
        return False
    numbers = [int(found.group()) for text in texts if (found := re.search(r"\d+", text))]
    return len(numbers) >= 2 and numbers == sorted(set(numbers))


def is_heading_again(row: Row) -> bool:
    headings = [read_heading(cell.text) for cell in row.cells if cell.text.strip()]
    kinds = {kind for kind in headings if kind}
    return (
        len(kinds) >= 3
        and len(kinds) >= len(headings) - 1
        and Column.TASK in kinds
        and all(len(cell.text) < 60 for cell in row.cells)
    )


def looks_like_data(table: Table) -> bool:
    if table.columns < 3 or len(table.rows) < 4:
        return False
    labels = _column_texts(table.rows, 0)
    return sum(map(_is_label, labels)) >= 2
