"""Labels: a QR code that any telephone reads, with what people read beside it.

The code holds a plain web address (GS1 Digital Link), error correction M: a label in trade gets
scratched, and GS1 asks for no more.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import segno
import typst

_SHEET = Path(__file__).with_name("labels.typ")
# Labels on one sheet of A4: 3 × 8, of 70 × 37 mm, as stationers sell them.
A_SHEET = 24
MOST = 40 * A_SHEET


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says; `lines` stand under the name, small."""

    url: str
    name: str
    lines: Sequence[str]


def qr_svg(url: str, *, title: str) -> bytes:
    """A QR code as an SVG picture that grows without blur; its title is read aloud."""
    out = io.BytesIO()
    segno.make_qr(url, error="m").save(
        out, kind="svg", border=4, omitsize=True, title=title, svgclass=None, lineclass=None,
        xmldecl=False, light="#ffffff",
    )  # fmt: skip
    return out.getvalue()


def sheets(labels: Sequence[Label], *, fonts: Path, language: str) -> bytes:
    """Labels on sheets of A4 as PDF."""
    codes: dict[str, str] = {}
    for label in labels:
        if label.url not in codes:
            codes[label.url] = qr_svg(label.url, title="").decode()
    compiler = typst.Compiler(
        _SHEET.read_bytes(),
        font_paths=_fonts(fonts),
        sys_inputs={
            "labels": json.dumps([asdict(label) for label in labels], ensure_ascii=False),
            "codes": json.dumps(codes),
            "language": language,
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
