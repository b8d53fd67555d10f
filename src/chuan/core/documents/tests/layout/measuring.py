"""Rulers for the files we make: where every line of a PDF stands, what every paragraph of a DOCX has."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import docx
import pdfplumber
from docx.oxml.ns import qn

from chuan.core.documents.layout import render_docx, render_pdf

MM = 72 / 25.4


@dataclass(frozen=True)
class PrintedLine:
    text: str
    x0: float
    x1: float
    top: float
    size: float
    fonts: frozenset[str]

    @property
    def middle(self):
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True)
class PrintedPage:
    width: float
    height: float
    lines: tuple[PrintedLine, ...]
    rules: tuple[tuple[float, float, float], ...]
    page_number: PrintedLine | None
    letters: str
    box: tuple[float, float, float, float]

    def line(self, start):
        """The one line that begins so."""
        found = [line for line in self.lines if line.text.startswith(start)]
        assert len(found) == 1, f"{len(found)} lines begin with {start!r}"
        return found[0]


@cache
def printed_pages(document):
    """The pages of a document's PDF, column by column: a line never runs over a gap."""
    with pdfplumber.open(io.BytesIO(render_pdf(document))) as file:
        return tuple(_page(page) for page in file.pages)


def _page(page):
    marked = [char for char in page.chars if char["tag"] != "Artifact"]
    margin = [char for char in page.chars if char["bottom"] < 20 * MM]
    ink = [char for char in page.chars if char not in margin and char["text"].strip()]
    return PrintedPage(
        width=page.width,
        height=page.height,
        lines=tuple(_lines([char for char in page.chars if char not in margin])),
        rules=tuple((one["x0"], one["x1"], one["top"]) for one in page.lines),
        page_number=next(iter(_lines(margin)), None),
        letters="".join(char["text"] for char in marked),
        box=(
            min(char["x0"] for char in ink),
            min(char["top"] for char in ink),
            max(char["x1"] for char in ink),
            max(char["bottom"] for char in ink),
        ),
    )


def _lines(chars):
    """Letters that follow each other on one baseline, without a gap of more than 7 points."""
    line = []
    for char in chars:
        if line and (
            abs(char["y0"] - line[-1]["y0"]) > 3 or not -5 < char["x0"] - line[-1]["x1"] < 7
        ):
            yield _line(line)
            line = []
        line.append(char)
    if line:
        yield _line(line)


def _line(chars):
    shown = [char for char in chars if char["text"].strip()] or chars
    return PrintedLine(
        text="".join(char["text"] for char in chars).strip(),
        x0=shown[0]["x0"],
        x1=shown[-1]["x1"],
        top=shown[0]["top"],
        size=max(round(char["size"], 2) for char in shown),
        fonts=frozenset(char["fontname"].partition("+")[2] for char in shown),
    )


def printed_letters(document):
    """All letters of the PDF but what repeats on every page, without spaces."""
    return _bare("".join(page.letters for page in printed_pages(document)))


def opened(document):
    return docx.Document(io.BytesIO(render_docx(document)))


def written_letters(document):
    """All letters of the DOCX's body, without spaces."""
    body = opened(document).element.body
    return _bare(
        "".join(
            "-" if node.tag == qn("w:noBreakHyphen") else node.text or ""
            for node in body.iter(qn("w:t"), qn("w:noBreakHyphen"))
        )
    )


def _bare(text):
    return "".join(text.replace("\u200b", "").split())
