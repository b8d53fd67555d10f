"""The drawing of a chain or a recall: SVG by the server, its boxes links, its colours classes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.lib.language import shown_number
from chuan.modules.traceability.engine.keys import read
from chuan.modules.traceability.engine.picture import Box, How, Kind, Line, Picture

# In units of the drawing, which are pixels where there is room.
WIDE, PAD, LINE_HIGH = 204, 10, 18
GAP_X, GAP_Y = 44, 14
# Letters of a line that surely fit, and lines one name may take.
LETTERS, MOST_LINES = 26, 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box as it is drawn: a heading, what it is and where, whither it leads."""

    key: str
    title: str
    texts: Sequence[str]
    url: str
    is_focus: bool = False
    is_soft: bool = False


@dataclass(frozen=True, slots=True)
class _Spot:
    x: float
    y: float
    high: float


_DASHES: Final = {How.MADE: "", How.ITEM: " gr-dot", How.PACKED: " gr-dash"}


def svg(columns: Sequence[Sequence[Drawn]], lines: Sequence[Line], *, label: str) -> SafeString:
    """Columns from left to right, each from the top: a telephone shows where the chain begins."""
    lines_of = {box.key: _lines_of(box) for column in columns for box in column}
    high_of = {key: 2 * PAD + LINE_HIGH * len(texts) for key, texts in lines_of.items()}
    heights = [sum(high_of[box.key] + GAP_Y for box in column) - GAP_Y for column in columns]
    full = max(heights, default=0)
    spots: dict[str, _Spot] = {}
    for number, column in enumerate(columns):
        y = 0
        for box in column:
            spots[box.key] = _Spot(2 + number * (WIDE + GAP_X), 2 + y, high_of[box.key])
            y += high_of[box.key] + GAP_Y
    width = len(columns) * (WIDE + GAP_X) - GAP_X + 4
    paths = format_html_join(
        "",
        '<path class="gr-line{}" d="{}"/>',
        ((_DASHES[line.how], _curve(spots[line.source], spots[line.target])) for line in lines),
    )
    boxes = format_html_join(
        "",
        "{}",
        ((_box(box, spots[box.key], lines_of[box.key]),) for column in columns for box in column),
    )
    return format_html(
        '<svg class="gr" role="group" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}">'
        "{}{}</svg>",
        label, width, round(full) + 4, width, round(full) + 4, paths, boxes,
    )  # fmt: skip


def _lines_of(box: Drawn) -> list[str]:
    return [line for text in (box.title, *box.texts) if text for line in _wrapped(text)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, LETTERS, max_lines=MOST_LINES, placeholder="…", break_on_hyphens=False
    )


def _curve(source: _Spot, target: _Spot) -> str:
    x1, y1 = source.x + WIDE, source.y + source.high / 2
    x2, y2 = target.x, target.y + target.high / 2
    bend = max(abs(x2 - x1) / 2, GAP_X / 2)
    return f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"


def _box(box: Drawn, spot: _Spot, lines: Sequence[str]) -> SafeString:
    heading = len(_wrapped(box.title))
    texts = format_html_join(
        # A space, so that whoever listens hears words apart; outside of what is underlined.
        " ",
        '<tspan x="{}" dy="{}"{}>{}</tspan>',
        (
            (
                round(spot.x) + PAD + 2,
                LINE_HIGH if number else 0,
                SafeString(' class="gr-t"') if number < heading else "",
                line,
            )
            for number, line in enumerate(lines)
        ),
    )
    css = " gr-own" if box.is_focus else " gr-soft" if box.is_soft else ""
    drawn = format_html(
        '<rect class="gr-box{}" x="{}" y="{}" width="{}" height="{}" rx="6"/>'
        '<text x="{}" y="{}">{}</text>',
        css, round(spot.x), round(spot.y), WIDE, round(spot.high),
        round(spot.x) + PAD + 2, round(spot.y) + PAD + LINE_HIGH - 5, texts,
    )  # fmt: skip
    whole = " · ".join(text for text in (box.title, *box.texts) if text)
    if not box.url:
        return format_html("<g><title>{}</title>{}</g>", whole, drawn)
    return format_html('<a href="{}"><title>{}</title>{}</a>', box.url, whole, drawn)


# ---------------------------------------------------------------- a chain
@dataclass(frozen=True, slots=True)
class Row:
    """A box in words: what it is, how many, where, and what it came from."""

    title: str
    product: str
    place: str
    came_from: list[str]
    url: str
    is_focus: bool


def title_of(box: Box) -> str:
    """What a box is called: the number of the one thing, or how many things of which kind."""
    count = {"n": shown_number(box.count)}
    if box.kind is Kind.REST:
        return ngettext("và %(n)s mã khác", "và %(n)s mã khác", box.count) % count
    if box.count == 1:
        return _one(box)
    if box.kind is Kind.LOT:
        return ngettext("%(n)s lô", "%(n)s lô", box.count) % count
    if box.kind is Kind.CASE:
        return ngettext("%(n)s thùng, kiện", "%(n)s thùng, kiện", box.count) % count
    return ngettext("%(n)s mã hàng", "%(n)s mã hàng", box.count) % count


def _one(box: Box) -> str:
    key = read(box.uris[0])
    if key is None:
        return (
            _("Kiện hàng không có mã SSCC") if box.uris[0].startswith("urn:uuid:") else box.uris[0]
        )
    if box.kind is Kind.LOT:
        return _("Lô %(number)s") % {"number": key.qualifier} if key.qualifier else key.value
    if box.kind is Kind.CASE:
        return _("Thùng %(number)s") % {"number": key.value}
    return _("Số %(number)s") % {"number": key.qualifier} if key.qualifier else key.value


def chain_svg(
    picture: Picture, names: Callable[[str], str], url_of: Callable[[Box], str]
) -> SafeString:
    """:param names: what a place or a product is called; "" for ""."""
    columns = [
        [
            Drawn(
                box.key,
                title_of(box),
                (names(box.product), names(box.place)),
                url_of(box),
                is_focus=box.is_focus,
                is_soft=box.kind is Kind.REST,
            )
            for box in column
        ]
        for column in picture.columns
    ]
    return svg(columns, picture.lines, label=_("Sơ đồ chuỗi hàng hóa, từ trái sang phải"))


def rows_of(
    picture: Picture, names: Callable[[str], str], url_of: Callable[[Box], str]
) -> list[Row]:
    """The same in words, for whoever does not see the drawing, column by column."""
    titles = {box.key: title_of(box) for column in picture.columns for box in column}
    sources: dict[str, list[str]] = {}
    for line in picture.lines:
        words = titles[line.source]
        if words not in sources.setdefault(line.target, []):
            sources[line.target].append(words)
    return [
        Row(
            titles[box.key],
            names(box.product),
            names(box.place),
            sources.get(box.key, []),
            url_of(box),
            box.is_focus,
        )
        for column in picture.columns
        for box in column
    ]
