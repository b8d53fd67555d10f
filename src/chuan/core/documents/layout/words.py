"""The words of a document as they are set: number and date, tidy texts, cells."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from chuan.core.documents.layout.content import (
    Align,
    Cell,
    Column,
    ColumnKind,
    IssueDate,
    Run,
    Text,
)
from chuan.core.documents.layout.metrics import (
    printable,
)
from chuan.core.documents.layout.profile import LayoutProfile
from chuan.core.documents.layout.sheets import (
    CellSheet,
)
from chuan.lib.vietnamese import (
    clean,
    document_date,
    format_date,
    format_number,
    pad_number,
)

# The number of a document, such as 38-CT/TW or 1703/QĐ-TTg, stays on one line.
DOCUMENT_NUMBER = re.compile(r"\d+(?:/\d{4})?[-/][A-ZĐ][A-ZĐ0-9]*(?:[-/][^\W_]+)*")

GAP = "\u00a0" * 6


def date_line(profile: LayoutProfile, place: str, dated: IssueDate) -> str:
    """ "Gia Lai, ngày 05 tháng 01 năm 2026", with room for what is not known yet."""
    return f"{tidy_line(place)}, {date_words(profile, dated)}"


def number_line(profile: LayoutProfile, number: int | None, notation: str) -> str:
    """ "Số: 05/BC-SKHCN", with room for a number not given yet."""
    shown = GAP if number is None else " " + pad_number(number)
    return f"{profile.wording['number']}{shown}/{tidy_line(notation)}"


def date_words(profile: LayoutProfile, dated: IssueDate) -> str:
    if dated.is_complete:
        return document_date(dated.earliest())
    words = profile.wording
    month = GAP
    if dated.month is not None:
        month = f" {pad_number(dated.month) if dated.month < 3 else dated.month} "
    return f"{words['day']}{GAP}{words['month']}{month}{words['year']} {dated.year}"


def tidy(text: Text) -> tuple[Run, ...]:
    """NFC, single spaces, no control characters, □ for what the fonts lack; faces stay."""
    if isinstance(text, str):
        return (Run(printable(clean(text))),)
    runs: list[Run] = []
    for run in text:
        core = printable(clean(run.text))
        before = " " if run.text[:1].isspace() and runs and not runs[-1].text.endswith(" ") else ""
        after = " " if core and run.text[-1:].isspace() else ""
        runs.append(Run(before + core + after, bold=run.bold, italic=run.italic))
    if runs:
        runs[-1] = with_text(runs[-1], runs[-1].text.rstrip())
    return tuple(run for run in runs if run.text)


def tidy_line(text: str) -> str:
    return " ".join(printable(clean(text)).split())


def with_text(run: Run, text: str) -> Run:
    return Run(text, bold=run.bold, italic=run.italic)


def with_closing(runs: tuple[Run, ...], mark: str) -> tuple[Run, ...]:
    """The same text ending in the mark, whatever stop it ended in."""
    *others, last = runs
    return (*others, with_text(last, last.text.rstrip(" .;,:/") + mark))


def as_head_cell(text: str, place: int, *, rows: int = 1) -> CellSheet:
    return CellSheet((Run(text, bold=True),), Align.CENTER, value=text, column=place, rows=rows)


def as_cell(
    cell: Cell,
    column: Column,
    place: int,
    *,
    bold: bool = False,
    align: Align | None = None,
    columns: int = 1,
) -> CellSheet:
    runs, value, number_format = _written(cell, column)
    if bold:
        runs = tuple(replace(run, bold=True) for run in runs)
    return CellSheet(
        runs,
        align or column.align or _ALIGNS[column.kind],
        value=value,
        column=place,
        columns=columns,
        number_format=number_format,
    )


PLAIN = Column("", 1)

_ALIGNS = {
    ColumnKind.TEXT: Align.LEFT,
    ColumnKind.NUMBER: Align.RIGHT,
    ColumnKind.PERCENT: Align.RIGHT,
    ColumnKind.DATE: Align.CENTER,
    ColumnKind.ORDINAL: Align.CENTER,
}


def _written(cell: Cell, column: Column) -> tuple[tuple[Run, ...], object, str]:
    """How a value is written on paper, what it is in a spreadsheet, and its format there."""
    if cell is None:
        return (), None, ""
    if isinstance(cell, str | tuple):
        runs = tidy(cell)
        return runs, "".join(run.text for run in runs), ""
    if isinstance(cell, date):
        return (Run(format_date(cell)),), cell, "dd/mm/yyyy"
    if column.kind is ColumnKind.ORDINAL:
        return (Run(str(cell)),), cell, "0"
    text = format_number(cell, column.decimals)
    decimals = column.decimals
    if decimals is None:
        decimals = len(text.partition(",")[2])
    number_format = "#,##0" + ("." + "0" * decimals if decimals else "")
    if column.kind is ColumnKind.PERCENT:
        return (Run(text + "%"),), Decimal(cell) / 100, number_format.replace("#,##0", "0") + "%"
    return (Run(text),), cell, number_format
