"""Boxes around what a template writes (a builtin library: nothing to load)."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from chuan.core.ui.templatetags.pieces import icon
from chuan.core.ui.templatetags.values import NOTHING
from chuan.lib.vietnamese import fold

register = template.Library()

_NOTE_ICONS = {
    "": "info-circle",
    "ok": "circle-check",
    "warn": "alert-triangle",
    "bad": "alert-octagon",
}


@register.simple_block_tag
def note(
    content: str, tone: str = "", title: Any = "", icon_name: str = "", role: str = ""
) -> SafeString:
    """`{% note "warn" "Còn 5 ngày" %}<p>…</p>{% endnote %}`: one per page. Tones: "" ok warn bad."""
    if tone not in _NOTE_ICONS:
        raise template.TemplateSyntaxError(f"No such note: {tone!r}")
    return format_html(
        '<div class="note {}"{}>{}<div>{}{}</div></div>',
        f"note-{tone}" if tone else "",
        format_html(' role="{}"', role) if role else "",
        icon(icon_name or _NOTE_ICONS[tone]),
        format_html('<p class="note-title">{}</p>', title) if title else "",
        content,
    )


@register.simple_block_tag
def more(content: SafeString, summary: Any, is_open: bool = False) -> SafeString:
    """`{% more "Vì sao là ngày này" %}…{% endmore %}`: an explanation that waits to be asked."""
    return format_html(
        '<details class="more"{}><summary>{}</summary><div>{}</div></details>',
        mark_safe(" open") if is_open else "",
        summary,
        content,
    )


@register.simple_block_tag
def empty_state(
    content: str, title: Any, icon_name: str = "clipboard-check", level: int = 2
) -> SafeString:
    """`{% empty_state "Không còn việc nào" %}<p>…</p>{% endempty_state %}`: nothing here, and what to do."""
    return format_html(
        '<div class="empty">{}<h{}>{}</h{}>{}</div>',
        icon(icon_name), int(level), title, int(level), content,
    )  # fmt: skip


@register.simple_block_tag
def card(
    content: str, title: Any = "", level: int = 2, css: str = "", foot: Any = ""
) -> SafeString:
    """`{% card "Hạn cuối" %}…{% endcard %}`: a titled box; the title names the section."""
    if not title:
        return format_html(
            '<div class="card {}"><div class="card-body">{}</div></div>', css, content
        )
    name = f"the-{slugify(fold(str(title)))}"
    return format_html(
        '<section class="card {}" aria-labelledby="{}"><div class="card-head"><h{} id="{}">{}</h{}></div>'
        '<div class="card-body">{}</div>{}</section>',
        css, name, int(level), name, title, int(level), content,
        format_html('<div class="card-foot">{}</div>', foot) if foot else "",
    )  # fmt: skip


@register.simple_block_tag
def fact(content: SafeString, label: Any) -> SafeString:
    """A row of `<dl class="facts facts-2">`: `{% fact "Chủ trì" %}Sở …{% endfact %}`."""
    return format_html(
        "<div><dt>{}</dt><dd>{}</dd></div>", label, content if content.strip() else NOTHING
    )
