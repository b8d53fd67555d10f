"""Tags of the dashboards."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chuan.core.ui.components import Part
from chuan.core.ui.templatetags.ui import bar, vn_number
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
def chart_bar(chart: Chart, row: Row) -> SafeString:
    """A row's bar; the numbers stand beside it."""
    parts = [
        Part(series.tone, number.value)
        for series, number in zip(chart.series, row.numbers, strict=True)
    ]
    return bar(parts, chart.whole_of(row) or 1)


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
def number_link(number: Number) -> SafeString | str:
    """A number that leads to what it counts; nought leads nowhere."""
    shown = vn_number(number.value)
    if not number.value or not number.url:
        return shown
    return format_html('<a href="{}">{}</a>', number.url, shown)


@register.simple_tag
def files_of(files: Mapping[str, tuple[str, str]], chart: Chart) -> tuple[str, str]:
    """The addresses of a chart as a workbook and as a picture."""
    return files[chart.key]


@register.simple_tag
def tile(one: Tile) -> SafeString:
    """A commune: its name, how much is done, and a mark when something is overdue."""
    counts = one.counts
    late = (
        format_html(' <b class="tile-late">{}</b>', _("%s quá hạn") % counts.overdue)
        if counts.overdue
        else ""
    )
    return format_html(
        '<a class="tile tile-{}" href="{}"><span class="tile-name">{}</span>'
        '<span class="num">{}/{}<span class="vh"> {}</span></span>{}</a>',
        one.tone,
        one.url,
        one.name,
        counts.done,
        counts.total,
        _("đã xong"),
        late,
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
