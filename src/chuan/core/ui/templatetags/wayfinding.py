"""Where a page stands, and the ways on from it (a builtin library: nothing to load)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.core.paginator import Page
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from chuan.core.ui import navigation
from chuan.core.ui.components import Choice
from chuan.core.ui.templatetags.values import vn_number

register = template.Library()


@register.simple_tag
def crumbs(*pairs: Any) -> SafeString:
    """`{% crumbs "Kế hoạch" "plans:list" plan.title plan_url %}`: label, URL name or address, …"""
    links = [
        (navigation.url_of(str(url)) or "#", label)
        for label, url in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    return format_html(
        '<nav aria-label="{}"><ol class="crumbs">{}</ol></nav>',
        _("Vị trí trang"),
        format_html_join("", '<li><a href="{}">{}</a></li>', links),
    )


@register.inclusion_tag("ui/parts/pages.html", takes_context=True)
def pagination(context: Context, page: Page[Any], parameter: str = "trang") -> dict[str, Any]:
    """Links to the pages of a list, keeping the rest of the address."""
    numbers = list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    return {
        "page": page,
        "numbers": numbers,
        "parameter": parameter,
        "request": context.get("request"),
    }


@register.simple_tag(takes_context=True)
def page_query(context: Context, parameter: str, value: Any) -> str:
    """The address's query with one parameter set (None removes it)."""
    query = context["request"].GET.copy()
    query.pop(parameter, None)
    if value is not None:
        query[parameter] = str(value)
    return "?" + query.urlencode() if query else "?"


@register.simple_tag(takes_context=True)
def query_string(context: Context, **changes: Any) -> str:
    """`<a href="{% query_string trang=2 %}">`: this address with parameters changed, None removed."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return "?" + query.urlencode() if query else "?"


@register.simple_tag
def chips(choices: Iterable[Choice], label: str = "") -> SafeString:
    """Ready-made filters over a list, with counts."""
    return format_html(
        '<nav class="chips" aria-label="{}">{}</nav>',
        label or _("Lọc nhanh"),
        _side_by_side(
            choices,
            link='<a class="chip" href="{}"{}>{}{}</a>',
            current=mark_safe(' aria-current="true"'),
            count=' <b class="num">{}</b>',
        ),
    )


@register.simple_tag
def tabs(choices: Iterable[Choice], label: str) -> SafeString:
    """Pages of one thing side by side."""
    return format_html(
        '<nav class="tabs" aria-label="{}">{}</nav>',
        label,
        _side_by_side(
            choices,
            link='<a href="{}"{}>{}{}</a>',
            current=mark_safe(' aria-current="page"'),
            count=' <span class="n">{}</span>',
        ),
    )


def _side_by_side(
    choices: Iterable[Choice], *, link: str, current: SafeString, count: str
) -> SafeString:
    return format_html_join(
        "",
        link,
        (
            (
                choice.url,
                current if choice.is_current else "",
                choice.label,
                format_html(count, vn_number(choice.count)) if choice.count is not None else "",
            )
            for choice in choices
        ),
    )


@register.simple_tag
def steps(current: int, *labels: Any) -> SafeString:
    """`{% steps 3 "Tệp" "Thông tin chung" "Nhiệm vụ" %}`: where a wizard stands, counted from 1."""
    states = (
        (
            mark_safe(' class="done"')
            if number < current
            else mark_safe(' aria-current="step"')
            if number == current
            else "",
            label,
        )
        for number, label in enumerate(labels, start=1)
    )
    return format_html(
        '<ol class="steps" aria-label="{}">{}</ol>',
        _("Các bước"),
        format_html_join("", "<li{}><span>{}</span></li>", states),
    )
