"""Labels: a code that telephones or tills read, with what people read beside it.

A QR code holds a plain web address (GS1 Digital Link), error correction M: a label in trade gets
scratched, and GS1 asks for no more. A GS1 DataMatrix (ECC 200) holds element strings, as scanners in
warehouses and shops expect them (GS1 General Specifications, sections 5.6 and 7.8).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import segno
import typst
from pystrich.datamatrix import FNC1, DataMatrixEncoder

_SHEET = Path(__file__).with_name("labels.typ")
# Labels on one sheet of A4: 3 × 8, of 70 × 37 mm, as stationers sell them.
A_SHEET = 24
MOST = 40 * A_SHEET


# Modules of white around a DataMatrix: GS1 asks for one, printers smear.
_QUIET = 2
# Application identifiers whose values have one length: nothing need end them.
_FIXED = frozenset({"00", "01", "02", "11", "12", "13", "15", "16", "17", "20"})


class CodeKind(StrEnum):
    QR = "qr"
    DATAMATRIX = "datamatrix"


# Millimetres on a label. Modules of a DataMatrix stay under 0.99 mm, the largest that GS1 has for
# goods (General Specifications, section 5.12.3), those of a QR code read from a hand's distance.
_WIDTHS = {CodeKind.QR: 31, CodeKind.DATAMATRIX: 22}


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says: `lines` stand under the name, small; `elements` are the application
    identifiers and values of its DataMatrix, those of one length first."""

    url: str
    name: str
    lines: Sequence[str]
    elements: Sequence[tuple[str, str]] = ()


def qr_svg(url: str, *, title: str) -> bytes:
    """A QR code as an SVG picture that grows without blur; its title is read aloud."""
    out = io.BytesIO()
    segno.make_qr(url, error="m").save(
        out, kind="svg", border=4, omitsize=True, title=title, svgclass=None, lineclass=None,
        xmldecl=False, light="#ffffff",
    )  # fmt: skip
    return out.getvalue()


def datamatrix_svg(elements: Sequence[tuple[str, str]], *, title: str) -> bytes:
    """A GS1 DataMatrix as an SVG picture: the function character first, and behind every value that
    another follows and whose length does not say where it ends."""
    held = FNC1 + ""
    for number, (ai, value) in enumerate(elements, start=1):
        held = held + f"{ai}{value}"
        if ai not in _FIXED and number < len(elements):
            held = held + FNC1
    rows = DataMatrixEncoder(held, quiet_zone=_QUIET).init_renderer().matrix
    size = len(rows)
    dark = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, cell in enumerate(row) if cell
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"'
        f' shape-rendering="crispEdges"><title>{escape(title)}</title>'
        f'<path fill="#ffffff" d="M0 0h{size}v{size}h-{size}z"/><path d="{dark}"/></svg>'
    ).encode()


def sheets(
    labels: Sequence[Label], *, fonts: Path, language: str, kind: CodeKind = CodeKind.QR
) -> bytes:
    """Labels on sheets of A4 as PDF."""
    codes: dict[str, str] = {}
    for label in labels:
        if label.url not in codes:
            svg = (
                qr_svg(label.url, title="")
                if kind is CodeKind.QR
                else datamatrix_svg(label.elements, title="")
            )
            codes[label.url] = svg.decode()
    compiler = typst.Compiler(
        _SHEET.read_bytes(),
        font_paths=_fonts(fonts),
        sys_inputs={
            "labels": json.dumps([asdict(label) for label in labels], ensure_ascii=False),
            "codes": json.dumps(codes),
            "language": language,
            "width": str(_WIDTHS[kind]),
        },
    )
    pdf = compiler.compile(format="pdf")
    if not isinstance(pdf, bytes):
        raise TypeError(f"sheets are one file, got {type(pdf).__name__}")
    return pdf


@cache
def _fonts(folder: Path) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )
