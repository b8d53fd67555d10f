"""The document as PDF/A-2b and PDF/UA-1: embedded fonts only, tagged, the same bytes every time."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import typst

from chuan.core.documents.layout.composing import CELL_PADDING, RULE_DROP
from chuan.core.documents.layout.content import Align, RowKind, Run
from chuan.core.documents.layout.metrics import FONT_FOLDER, text_width
from chuan.core.documents.layout.profile import LayoutProfile
from chuan.core.documents.layout.sheets import (
    Closing,
    Composition,
    Line,
    Masthead,
    RowSheet,
    Rule,
    Section,
    TableSheet,
)
from chuan.core.documents.layout.words import DOCUMENT_NUMBER

_TEMPLATE = Path(__file__).parent / "page.typ"
_BREAK = "\u200b"
# Both kinds of space share a glyph, and a PDF gives a glyph one meaning: an unbroken space in the
# number of a draft would turn every space of the text into one, and nobody could search in it.
_TWO_UNBROKEN, _EN_SPACE = "\u00a0\u00a0", "\u2002"


def draw_pdf(composition: Composition) -> bytes:
    """The file's bytes; its dates are the document's, so that the same document gives the same file."""
    compiler = typst.Compiler(
        _TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"composition": json.dumps(_composition(composition), ensure_ascii=False)},
    )
    made_at = datetime.combine(composition.dated, time(), tzinfo=UTC)
    pdf = compiler.compile(format="pdf", pdf_standards=["a-2b", "ua-1"], timestamp=made_at)
    if not isinstance(pdf, bytes):
        raise TypeError(f"A PDF is one file, got {type(pdf).__name__}")
    return pdf


@cache
def _fonts() -> typst.Fonts:
    """Only ours: with any other font at hand, typst would quietly use it for a letter ours lacks."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONT_FOLDER]
    )


def _composition(composition: Composition) -> dict[str, Any]:
    profile = composition.profile
    dated = composition.dated
    width = profile.page.width - profile.page.left - profile.page.right
    return {
        "title": composition.title,
        "author": composition.author,
        "dated": {"year": dated.year, "month": dated.month, "day": dated.day},
        "profile": {
            "page": asdict(profile.page),
            "components": {key: asdict(one) for key, one in profile.components.items()},
            "first_line_indent": profile.first_line_indent,
            "line_spacing": profile.line_spacing,
            "signature_space": profile.signature_space,
            "rule_drop": RULE_DROP,
            "document_number": DOCUMENT_NUMBER.pattern,
            "rule_thickness": profile.rule_thickness,
            "cell_padding": CELL_PADDING,
            "embedded_font": profile.embedded_font,
        },
        "sections": [_section(section, profile, width) for section in composition.sections],
    }


def _section(section: Section, profile: LayoutProfile, width: float) -> dict[str, Any]:
    flow: list[dict[str, Any]] = []
    for item in section.flow:
        if isinstance(item, Line):
            size = profile.components[item.component].size
            flow.append({"line": _line(item, breakable_to=width, size=size)})
        elif isinstance(item, Rule):
            flow.append({"rule": item.length})
        else:
            flow.append({"table": _table(item, profile)})
    return {
        "is_landscape": section.is_landscape,
        "masthead": section.masthead and _masthead(section.masthead),
        "flow": flow,
        "closing": section.closing and _closing(section.closing),
    }


def _masthead(masthead: Masthead) -> dict[str, Any]:
    return {
        "widths": [masthead.left_width, masthead.right_width],
        "cells": [
            [
                {"rule": one.length} if isinstance(one, Rule) else {"line": _line(one)}
                for one in cell
            ]
            for cell in (
                masthead.issuer,
                masthead.nation,
                masthead.number,
                masthead.place_date,
            )
        ],
    }


def _closing(closing: Closing) -> dict[str, Any]:
    return {
        "widths": [closing.left_width, closing.right_width],
        "recipients": [_line(line) for line in closing.recipients],
        "more_recipients": [_line(line) for line in closing.more_recipients],
        "signature": [_line(line) for line in closing.signature],
    }


def _line(line: Line, *, breakable_to: float = 0, size: float = 0) -> dict[str, Any]:
    runs = _breakable(line.runs, breakable_to, size) if breakable_to else line.runs
    return {
        "component": line.component,
        "runs": _runs(runs),
        "keep_with_next": line.keep_with_next,
        "outline": line.outline,
        "indent": line.indent,
        "hanging": line.hanging,
        "space_below": line.space_below,
    }


def _runs(runs: tuple[Run, ...]) -> list[list[Any]]:
    return [[run.text.replace(_TWO_UNBROKEN, _EN_SPACE), run.bold, run.italic] for run in runs]


def _table(sheet: TableSheet, profile: LayoutProfile) -> dict[str, Any]:
    size = profile.components["table_cell"].size
    table = {
        "summary": sheet.summary,
        "widths": list(sheet.widths),
        "stays_whole": sheet.stays_whole,
        "head": [_row(row, (), size) for row in sheet.head],
        "rows": [_row(row, sheet.widths, size) for row in sheet.rows],
    }
    if (
        len(sheet.rows) > 1
        and sheet.rows[-1].kind is RowKind.TOTAL
        and not sheet.rows[-2].may_split
    ):
        _keep_last_rows_together(table, sheet)
    return table


def _keep_last_rows_together(table: dict[str, Any], sheet: TableSheet) -> None:
    """So that the total never stands alone on a page.

    typst keeps rows together only where a cell spans them: an empty one in a column without width.
    """
    last = len(sheet.widths)
    table["widths"].append(0)
    before = table["rows"][-2]
    rows = (*sheet.head, *sheet.rows[:-2])
    drawn = (*table["head"], *table["rows"][:-2])
    for row, cells in ((row, one["cells"]) for row, one in zip(rows, drawn, strict=True)):
        if row.cells[-1].column + row.cells[-1].columns == last:
            cells[-1]["columns"] += 1
    before["cells"].append({"runs": [], "align": Align.LEFT, "columns": 1, "rows": 2})


def _row(row: RowSheet, widths: tuple[float, ...], size: float) -> dict[str, Any]:
    cells: list[dict[str, Any]] = []
    for cell in row.cells:
        width = sum(widths[cell.column : cell.column + cell.columns]) - 2 * CELL_PADDING
        runs = _breakable(cell.runs, width, size) if widths else cell.runs
        cells.append(
            {"runs": _runs(runs), "align": cell.align, "columns": cell.columns, "rows": cell.rows}
        )
    return {"cells": cells, "kind": row.kind, "may_split": row.may_split}


def _breakable(runs: tuple[Run, ...], width: float, size: float) -> tuple[Run, ...]:
    """Let a word that is wider than its place (a link, a code) break anywhere, as Word does."""
    # No letter is wider than the size, so a word of so few letters always fits.
    most = width / size
    if all(len(word) <= most for run in runs for word in run.text.split()):
        return runs
    return tuple(
        Run(
            " ".join(
                _BREAK.join(word)
                if len(word) > most and text_width(word, size, bold=run.bold) > width
                else word
                for word in run.text.split(" ")
            ),
            bold=run.bold,
            italic=run.italic,
        )
        for run in runs
    )
