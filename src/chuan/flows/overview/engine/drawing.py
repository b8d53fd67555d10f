"""Charts as pictures that stand alone: in a report, in a message, on a wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import typst

from chuan.core.documents.layout.metrics import FONT_FOLDER
from chuan.flows.overview.engine.charts import Chart, Row
from chuan.flows.overview.engine.lines import DASHES, Box, columns, lines
from chuan.lib.language import format_percent, shown_number

# The light theme of `ui/css/tokens.css`: a picture has no theme of its own.
TONES = {
    "accent": "#0f5c5c",
    "soft": "#4a958e",
    "ok": "#2f7d4f",
    "warn": "#c98512",
    "bad": "#bb3a2e",
    "info": "#5f8fb8",
    "mute": "#8e8b80",
}
INK, INK_2, LINE = "#1b1f1e", "#474c4a", "#e0ddd4"
WIDTH, LABEL, BAR, ROW, MARGIN = 960, 300, 500, 30, 28
# Letters that fit beside a bar; longer names end in an ellipsis.
LONGEST_LABEL = 44
PIXELS_PER_INCH = 144
# So many bars a picture holds and can still be read.
MOST_ROWS = 160
# The height of lines over time.
TREND = 260

_PAGE = """#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", width: {width}pt)
"""


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands around the bars: over them, and under them."""

    title: str
    subject: str
    notes: Sequence[str]


def draw_svg(chart: Chart, caption: Caption) -> str:
    """The chart with its title, its key and what it counts."""
    rows = list(chart.rows)[:MOST_ROWS]
    pieces = [
        _text(MARGIN, 40, caption.title, size=22, weight=700),
        _text(MARGIN, 64, caption.subject, size=14, ink=INK_2),
    ]
    top = 86
    if len(chart.series) > 1:
        pieces.append(_key(chart, top))
        top += 28
    if chart.is_trend:
        pieces.append(_trend(chart, top))
        bottom = top + TREND + 66
    else:
        for number, row in enumerate(rows):
            pieces.append(_bar(chart, row, top + number * ROW))
        bottom = top + len(rows) * ROW + 26
    for number, note in enumerate(caption.notes):
        pieces.append(_text(MARGIN, bottom + number * 18, note, size=12, ink=INK_2))
    height = bottom + len(caption.notes) * 18 + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="Tinos">'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{"".join(pieces)}</svg>'
    )


def draw_png(chart: Chart, caption: Caption) -> bytes:
    """The same as pixels, twice as fine as the screen, with our own fonts alone."""
    compiler = typst.Compiler(
        _PAGE.format(width=WIDTH).encode(),
        font_paths=_fonts(),
        sys_inputs={"svg": draw_svg(chart, caption)},
    )
    png = compiler.compile(format="png", ppi=PIXELS_PER_INCH)
    if not isinstance(png, bytes):
        raise TypeError(f"A picture is one page, got {type(png).__name__}")
    return png


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(FONT_FOLDER)]
    )


def _bar(chart: Chart, row: Row, top: int) -> str:
    whole = chart.whole_of(row)
    label = str(row.label)
    if len(label) > LONGEST_LABEL:
        label = f"{label[: LONGEST_LABEL - 1].rstrip()}…"
    pieces = [
        _text(MARGIN, top + 17, label, size=14),
        f'<rect x="{LABEL + MARGIN}" y="{top + 5}" width="{BAR}" height="16" rx="3" '
        f'fill="{LINE}"/>',
    ]
    at = float(LABEL + MARGIN)
    for series, number in zip(chart.series, row.numbers, strict=True):
        width = BAR * number.value / whole if whole else 0
        if width:
            pieces.append(
                f'<rect x="{at:.2f}" y="{top + 5}" width="{width:.2f}" height="16" '
                f'fill="{TONES[series.tone]}"/>'
            )
        at += width
    pieces.append(
        _text(
            LABEL + MARGIN + BAR + 12,
            top + 17,
            shown_number(row.total.value),
            size=14,
            weight=700,
        )
    )
    return "".join(pieces)


def _trend(chart: Chart, top: int) -> str:
    box = Box(MARGIN + 60, top + 10, WIDTH - 2 * MARGIN - 90, TREND)
    pieces = []
    for quarter in range(5):
        y = box.down(quarter / 4)
        pieces.append(
            f'<path d="M{box.left} {y:.1f}h{box.width}" stroke="{LINE}" fill="none"/>'
            + _text(MARGIN, y + 4, format_percent(25 * quarter, 0), size=13, ink=INK_2)
        )
    for line in lines(chart, box):
        tone = TONES[line.series.tone]
        pieces.append(
            f'<polyline points="{line.path}" fill="none" stroke="{tone}" stroke-width="3" '
            f'stroke-dasharray="{line.dash or "none"}"/>'
        )
        pieces += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{tone}"/>' for x, y in line.points
        ]
    for x, row in zip(columns(chart, box), chart.rows, strict=True):
        pieces.append(_text(x - 16, top + TREND + 32, str(row.label), size=14, weight=700))
        total = shown_number(row.total.value)
        pieces.append(_text(x - 4 * len(total), top + TREND + 50, total, size=13, ink=INK_2))
    return "".join(pieces)


def _key(chart: Chart, top: int) -> str:
    pieces, at = [], MARGIN
    for number, series in enumerate(chart.series):
        tone = TONES[series.tone]
        pieces.append(
            f'<path d="M{at} {top + 7}h30" fill="none" stroke="{tone}" stroke-width="3" '
            f'stroke-dasharray="{DASHES[number % len(DASHES)] or "none"}"/>'
            if chart.is_trend
            else f'<rect x="{at}" y="{top}" width="12" height="12" rx="2" fill="{tone}"/>'
        )
        at += 20 if chart.is_trend else 0
        pieces.append(_text(at + 18, top + 11, str(series.label), size=13, ink=INK_2))
        at += 42 + 7 * len(str(series.label))
    return "".join(pieces)


def _text(x: float, y: float, text: str, *, size: int, weight: int = 400, ink: str = INK) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{ink}">'
        f"{escape(text)}</text>"
    )
