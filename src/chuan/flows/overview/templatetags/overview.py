"""Tags of the dashboards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django import template
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from chuan.core.ui.components import Part
from chuan.core.ui.templatetags.pieces import bar
from chuan.core.ui.templatetags.values import vn_number
from chuan.flows.overview.engine.charts import Chart, Number, Row
from chuan.flows.overview.engine.lines import DASHES, Box, columns, lines
from chuan.flows.overview.queries import Tile
from chuan.lib.language import format_percent

register = template.Library()


@register.simple_tag
def swatch(tone: str) -> SafeString:
    """The colour of a series."""
    return format_html(
        '<svg width="12" height="12" aria-hidden="true"><rect class="f-{}" width="12" height="12" '
        'rx="2"/></svg>',
        tone,
    )


@register.simple_tag
def share(part: int, whole: int) -> str:
    return format_percent(Decimal(100 * part) / whole, 1) if whole else ""


@register.simple_tag
def chart_rows(chart: Chart, *, is_long: bool = False) -> SafeString:
    """The rows of a chart's table: the bar, and each number with the list it leads to.

    Hundreds of bodies have five numbers each: built from ready pieces and not by a template.
    """
    head = '<tr><th scope="row">' if is_long else '<tr><th scope="row" class="nowrap">'
    rows = (f"{head}{_name(row)}</th>{_cells(chart, row)}</tr>\n" for row in chart.rows)
    return mark_safe("".join(rows))  # noqa: S308 - every piece was escaped


def _name(row: Row) -> str:
    label = escape(str(row.label))
    return f'<a class="t" href="{escape(row.url)}">{label}</a>' if row.url else label


def _cells(chart: Chart, row: Row) -> str:
    if chart.is_trend:
        cells = [
            f'{_number(number)} <small class="muted">{share(number.value, row.total.value)}</small>'
            for number in row.numbers
        ]
    else:
        cells = [_number(number) for number in row.numbers]
    if chart.has_total:
        cells.append(_number(row.total))
    drawn = "".join(f'<td class="n">{cell}</td>' for cell in cells)
    return drawn if chart.is_trend else f'<td class="chart-bar">{_bar(chart, row)}</td>{drawn}'


def _bar(chart: Chart, row: Row) -> SafeString:
    parts = [
        Part(series.tone, number.value)
        for series, number in zip(chart.series, row.numbers, strict=True)
    ]
    return bar(parts, chart.whole_of(row) or 1)


def _number(number: Number) -> str:
    """Leads to what it counts; nought leads nowhere."""
    shown = vn_number(number.value)
    if not number.value or not number.url:
        return shown
    return f'<a href="{escape(number.url)}">{shown}</a>'


# A picture of a trend on a page, in its own pixels; the page makes it as wide as there is room.
_TREND = Box(44, 12, 380, 150)


@register.simple_tag
def trend(chart: Chart) -> SafeString:
    """Rows over time as lines of shares; the numbers stand in the table beside it."""
    right = _TREND.left + _TREND.width
    grid = format_html_join(
        "",
        '<path class="l-grid" d="M{} {}H{}"/><text class="l-text" x="0" y="{}">{}</text>',
        (
            (_TREND.left, _TREND.down(share / 100), right, _TREND.down(share / 100) + 4, format_percent(share, 0))
            for share in (0, 50, 100)
        ),
    )  # fmt: skip
    drawn = format_html_join(
        "",
        '<polyline class="l-{}" points="{}" stroke-dasharray="{}"/>{}',
        (
            (
                line.series.tone,
                line.path,
                line.dash or "none",
                format_html_join(
                    "",
                    '<circle class="f-{}" cx="{}" cy="{}" r="4"/>',
                    ((line.series.tone, f"{x:.1f}", f"{y:.1f}") for x, y in line.points),
                ),
            )
            for line in lines(chart, _TREND)
        ),
    )
    years = format_html_join(
        "",
        '<text class="l-text" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{x:.1f}", _TREND.top + _TREND.height + 22, row.label)
            for x, row in zip(columns(chart, _TREND), chart.rows, strict=True)
        ),
    )
    return format_html(
        '<svg class="trend" aria-hidden="true" viewBox="0 0 {} {}">{}{}{}</svg>',
        right + 20, _TREND.top + _TREND.height + 28, grid, drawn, years,
    )  # fmt: skip


@register.simple_tag
def line_key(chart: Chart) -> SafeString:
    """What the lines are."""
    return format_html(
        '<ul class="key">{}</ul>',
        format_html_join(
            "",
            '<li><svg class="trend-key" viewBox="0 0 30 12" aria-hidden="true"><polyline class="l-{}" '
            'points="0,6 30,6" stroke-dasharray="{}"/></svg>{}</li>',
            (
                (series.tone, DASHES[at % len(DASHES)] or "none", series.label)
                for at, series in enumerate(chart.series)
            ),
        ),
    )


@register.simple_tag
def files_of(files: Mapping[str, tuple[str, str]], chart: Chart) -> tuple[str, str]:
    """The addresses of a chart as a workbook and as a picture."""
    return files[chart.key]


@register.simple_tag
def tiles(some: Iterable[Tile]) -> SafeString:
    """Communes, each with its name, how much is done, and a mark when something is overdue."""
    overdue, done = _("%s quá hạn"), _("đã xong")
    drawn = (_tile(one, conditional_escape(overdue), conditional_escape(done)) for one in some)
    return mark_safe("".join(drawn))  # noqa: S308 - every piece was escaped


def _tile(one: Tile, overdue: str, done: str) -> str:
    counts = one.counts
    late = f' <b class="tile-late">{overdue % counts.overdue}</b>' if counts.overdue else ""
    return (
        f'<li><a class="tile tile-{one.tone}" href="{escape(one.url)}">'
        f'<span class="tile-name">{conditional_escape(one.name)}</span>'
        f'<span class="num">{counts.done}/{counts.total}<span class="vh"> {done}</span></span>'
        f"{late}</a></li>"
    )


@register.simple_tag
def tile_key() -> SafeString:
    labels = (
        ("done", _("Xong tất cả")),
        ("ok", _("Không có việc quá hạn")),
        ("warn", _("Dưới một phần tư quá hạn")),
        ("bad", _("Từ một phần tư quá hạn")),
    )
    return format_html(
        '<ul class="key">{}</ul>',
        format_html_join(
            "", '<li><span class="tile-sw tile-{}" aria-hidden="true"></span>{}</li>', labels
        ),
    )
