"""What public pages say in the reader's language around words that stay Vietnamese."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chuan.flows.annual_report.queries.stretches import phrase_here

register = template.Library()
register.filter("phrase_here", phrase_here)


@register.filter
def as_written(text: str) -> SafeString:
    """Words of a decision or a name, marked as Vietnamese for whoever hears the page in English."""
    return format_html('<span lang="vi">{}</span>', text)
