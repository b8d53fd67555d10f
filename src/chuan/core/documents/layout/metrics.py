"""How wide a text is on paper, read from the fonts themselves.

Both renderers need the same answer — how long a rule is, where a centred title breaks, whether a row
can stay whole — and Tinos has the widths of Times New Roman, so one measurement serves both.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

FONT_FOLDER = Path(__file__).parent.parent / "data" / "fonts"
LINE_HEIGHT = (1825 + 443 + 87) / 2048
"""Height of a single-spaced line per point of size: ascender, descender and line gap of the font."""

_FACES = {
    (False, False): "Tinos_400Regular.ttf",
    (True, False): "Tinos_700Bold.ttf",
    (False, True): "Tinos_400Regular_Italic.ttf",
    (True, True): "Tinos_700Bold_Italic.ttf",
}
_MISSING = "\u25a1"


@cache
def _advances(bold: bool, italic: bool) -> dict[str, float]:
    """Width of every character the face has, per point of size (TrueType tables cmap 4 and hmtx)."""
    data = (FONT_FOLDER / _FACES[bold, italic]).read_bytes()
    tables = {
        data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0]
        for at in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16)
    }
    (units,) = struct.unpack_from(">H", data, tables[b"head"] + 18)
    (metric_count,) = struct.unpack_from(">H", data, tables[b"hhea"] + 34)
    widths = struct.unpack_from(f">{2 * metric_count}H", data, tables[b"hmtx"])[::2]

    cmap = tables[b"cmap"]
    (subtable,) = struct.unpack_from(">I", data, cmap + 8)
    at = cmap + subtable
    segments = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends = struct.unpack_from(f">{segments}H", data, at + 14)
    starts = struct.unpack_from(f">{segments}H", data, at + 16 + 2 * segments)
    deltas = struct.unpack_from(f">{segments}H", data, at + 16 + 4 * segments)
    offsets_at = at + 16 + 6 * segments
    offsets = struct.unpack_from(f">{segments}H", data, offsets_at)
    advances: dict[str, float] = {}
    for segment, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if offsets[segment]:
                place = offsets_at + 2 * segment + offsets[segment] + 2 * (code - start)
                (glyph,) = struct.unpack_from(">H", data, place)
            glyph = (glyph + deltas[segment]) & 0xFFFF
            if glyph:
                advances[chr(code)] = widths[min(glyph, metric_count - 1)] / units
    return advances


@cache
def _shown() -> frozenset[str]:
    """What all four faces can show, line breaks and unbroken spaces included."""
    return frozenset.intersection(*(frozenset(_advances(*face)) for face in _FACES)) | {
        "\n",
        "\u00a0",
    }


def has_glyph(character: str) -> bool:
    """Whether all four faces can show the character."""
    return character in _shown()


def printable(text: str) -> str:
    """The text with □ in place of every character that the fonts cannot show (emoji, Han letters)."""
    shown = _shown()
    if shown.issuperset(text):
        return text
    return "".join(character if character in shown else _MISSING for character in text)


def text_width(text: str, size: float, *, bold: bool = False, italic: bool = False) -> float:
    """Width in points of a text set on one line."""
    advances = _advances(bold, italic)
    unknown = advances[_MISSING]
    return size * sum(advances.get(character, unknown) for character in text)


def line_count(text: str, width: float, size: float, *, bold: bool = False) -> int:
    """Number of lines of a text set to a width in points, words broken only where they must be."""
    space = text_width(" ", size, bold=bold)
    lines = 0
    for paragraph in text.split("\n"):
        lines += 1
        used = 0.0
        for word in paragraph.split(" "):
            length = text_width(word, size, bold=bold)
            if used and used + space + length > width:
                lines, used = lines + 1, 0.0
            used += length + (space if used else 0.0)
            while used > width:
                lines, used = lines + 1, used - width
    return lines


def balanced_lines(
    text: str, width: float, size: float, *, bold: bool = False, italic: bool = False
) -> tuple[str, ...]:
    """Break a centred text into as few lines as fit, as even as they can be.

    Breaks already in the text stay. No line begins with a number: "ngày 31/12/2024" and "số
    1703/QĐ-TTg" are kept together.
    """
    lines: list[str] = []
    for part in text.split("\n"):
        lines.extend(_balance(part, width, size, bold, italic))
    return tuple(lines)


def _balance(text: str, width: float, size: float, bold: bool, italic: bool) -> tuple[str, ...]:
    chunks: list[str] = []
    for word in text.split():
        if chunks and word[0].isdigit():
            chunks[-1] += " " + word
        else:
            chunks.append(word)
    if not chunks:
        return ("",)
    wide = [text_width(chunk, size, bold=bold, italic=italic) for chunk in chunks]
    space = text_width(" ", size, bold=bold, italic=italic)
    # best[i]: fewest lines, then least unevenness, for the chunks from i on, and where its line ends
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)] * (len(chunks) + 1)
    for first in reversed(range(len(chunks))):
        options: list[tuple[int, float, int]] = []
        length = -space
        for last in range(first, len(chunks)):
            length += space + wide[last]
            if length > width and last > first:
                break
            count, unevenness, _ = best[last + 1]
            slack = (width - length) / width
            options.append((count + 1, unevenness + slack * slack, last + 1))
        best[first] = min(options)
    lines: list[str] = []
    first = 0
    while first < len(chunks):
        end = best[first][2]
        lines.append(" ".join(chunks[first:end]))
        first = end
    return tuple(lines)
