"""Small pieces: pictures, states, bars (a builtin library: nothing to load)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from chuan.core.ui.components import Part
from chuan.core.ui.status import TONES, statuses
from chuan.core.ui.templatetags.values import vn_number
from chuan.lib.vietnamese import fold

register = template.Library()

# Longer words than a lot number may be (GS1: 20 letters) are broken after all, or they leave a telephone.
LONGEST_UNBROKEN = 24
MESSAGE_TONES = {"success": "ok", "warning": "warn", "error": "bad"}


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """A picture from the sprite. Without a label it is decoration."""
    href = static("ui/img/icons.svg") + "#" + name
    what = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html('<svg class="i {}" {}><use href="{}"/></svg>', css, what, href)


@register.filter
def unbroken(value: Any) -> SafeString:
    """Numbers of lots, papers, decisions on one line: a browser would break them at a hyphen. What is
    copied from the page has the hyphen that was typed."""
    return format_html_join(
        " ",
        "{}",
        (
            (format_html('<span class="unbroken">{}</span>', word),)
            if "-" in word and len(word) <= LONGEST_UNBROKEN
            else (word,)
            for word in str(value).split(" ")
        ),
    )


@register.simple_tag
def tag(tone: str, text: Any, icon_name: str = "") -> SafeString:
    """A state in words of your own; `{% status %}` has the usual ones.

    Tones: "" ok warn bad info accent line done.
    """
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"No such tone: {tone!r}")
    look = f"tag tag-{tone}" if tone else "tag"
    return format_html(
        '<span class="{}">{}{}</span>', look, icon(icon_name) if icon_name else "", text
    )


@register.simple_tag
def status(key: Any, label: Any = "") -> SafeString:
    """A known state by its key (see `chuan.core.ui.status`), or by a choice whose value is the key."""
    known = statuses[str(getattr(key, "value", key))]
    return tag(known.tone, label or known.label, known.icon)


@register.filter
def message_tone(level_tag: str) -> str:
    """The note tone of a message of django.contrib.messages."""
    return MESSAGE_TONES.get(level_tag, "")


@register.simple_tag
def bar(value: Any, total: Any = None, css: str = "") -> SafeString:
    """Parts of a whole as SVG: `{% bar 5 12 %}`, or `{% bar parts %}` with a list of `Part`.

    Decoration: the numbers must stand beside it (`{% bar_key parts %}`).
    """
    if isinstance(value, Part | list | tuple):
        parts = [value] if isinstance(value, Part) else list(value)
        whole = float(total or sum(part.value for part in parts))
    else:
        whole = float(total or 100)
        parts = [Part("accent", value)]
    x = 0.0
    rects: list[str] = []
    for part in parts:
        width = min(float(part.value) * 100 / whole, 100 - x) if whole else 0.0
        if width > 0:
            gap = 0.35 if len(parts) > 1 and width > 0.7 else 0.0
            rects.append(
                f'<rect class="f-{escape(part.tone)}" x="{x:.2f}" width="{width - gap:.2f}" height="10"/>'
            )
        x += width
    return format_html(
        '<svg class="bar {}" aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none">'
        '<rect class="f-line" width="100" height="10"/>{}</svg>',
        css,
        mark_safe("".join(rects)),  # noqa: S308 - tones were escaped, the rest are numbers
    )


@register.simple_tag
def bar_key(parts: Iterable[Part]) -> SafeString:
    """The names and numbers of a bar's parts."""
    return format_html(
        '<ul class="key">{}</ul>',
        format_html_join(
            "",
            '<li><svg width="12" height="12" aria-hidden="true"><rect class="f-{}" width="12" '
            'height="12" rx="2"/></svg>{} <b class="num">{}</b></li>',
            ((part.tone, part.label, vn_number(part.value)) for part in parts),
        ),
    )


@register.simple_tag
def progress(done: int, total: int, label: str = "") -> SafeString:
    """How much of a whole is done, for eyes and ears."""
    return format_html(
        '<progress max="{}" value="{}" aria-label="{}">{}/{}</progress>',
        max(int(total), 1), int(done), label or _("Đã xong"), int(done), int(total),
    )  # fmt: skip


@register.simple_tag
def highlight(text: str, query: str) -> SafeString:
    """The text with what a search without tones found in it marked."""
    key, found = fold(text), fold(str(query or "").strip())
    if not found or len(key) != len(text):
        return format_html("{}", text)
    at, pieces = 0, []
    while (start := key.find(found, at)) >= 0:
        pieces.append((text[at:start], text[start : start + len(found)]))
        at = start + len(found)
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", pieces), text[at:])
