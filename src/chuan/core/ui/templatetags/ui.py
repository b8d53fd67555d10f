"""Tags and filters every template has (a builtin library: nothing to load)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.utils import dateformat, timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _

from chuan.core.ui import matrix as matrices
from chuan.core.ui import navigation
from chuan.core.ui.components import (
    Answer,
    Choice,
    Event,
    FileRow,
    Lineage,
    Matrix,
    Part,
    Source,
    Task,
)
from chuan.core.ui.status import TONES, statuses
from chuan.lib.language import format_percent, shown_number
from chuan.lib.vietnamese import (
    fold,
    format_date,
    to_roman,
    weekday_name,
)

register = template.Library()

NOTHING = "–"
# Less than this says nothing by itself.
SHORTEST_CLAUSE = 20
_FILE_ICONS = {"pdf": "file-type-pdf", "xlsx": "file-spreadsheet", "csv": "file-spreadsheet",
               "jpg": "photo", "jpeg": "photo", "png": "photo"}  # fmt: skip
_NOTE_ICONS = {
    "": "info-circle",
    "ok": "circle-check",
    "warn": "alert-triangle",
    "bad": "alert-octagon",
}
MESSAGE_TONES = {"success": "ok", "warning": "warn", "error": "bad"}


# ---------------------------------------------------------------- numbers and dates


@register.filter
def vn_number(value: Any) -> str:
    """1234567 → 1.234.567; None → –."""
    return _number(value, None)


@register.filter
def vn_decimal(value: Any, places: int = 1) -> str:
    """1234.56 → 1.234,6 (`|vn_decimal:2` for two places)."""
    return _number(value, int(places))


@register.filter
def vn_percent(value: Any, places: int = 1) -> str:
    """86.84 → 86,8%; on an English page 86.8%. The value is in percent already."""
    if value is None or value == "":
        return NOTHING
    try:
        return format_percent(Decimal(str(value)), int(places))
    except InvalidOperation:
        raise template.TemplateSyntaxError(f"Not a number: {value!r}") from None


@register.filter
def first_clause(value: str, longest: int = 70) -> str:
    """The beginning of a long text, for a heading: its first clause, or as many whole words as fit.

    The page shows the text itself below.
    """
    text = " ".join(str(value).split())
    if len(text) <= int(longest):
        return text
    clause = re.split(r"[,;:]\s|\.\s", text, maxsplit=1)[0]
    if SHORTEST_CLAUSE <= len(clause) <= int(longest):
        return clause
    return f"{text[: int(longest)].rsplit(' ', 1)[0].rstrip(',;:.')}…"


@register.filter
def vn_roman(value: int) -> str:
    return to_roman(int(value))


@register.filter
def vn_size(value: Any) -> str:
    """Bytes as people read them: 84 KB, 1,2 MB."""
    if value in (None, ""):
        return NOTHING
    size = Decimal(int(value))
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            break
        size /= 1024
    places = 1 if unit in {"MB", "GB"} and size < 100 else 0
    return f"{shown_number(size, places).removesuffix(',0').removesuffix('.0')} {unit}"


@register.filter
def vn_date(value: Any) -> str:
    """20/11/2026, in the province's time."""
    day = _day(value)
    return format_date(day) if day else NOTHING


@register.filter
def clear_date(value: Any) -> str:
    """20/11/2026; on an English page 20 Nov 2026, which nobody abroad takes for another day."""
    day = _day(value)
    if day is None or not (get_language() or "").startswith("en"):
        return vn_date(value)
    return dateformat.format(day, "j M Y")


@register.filter
def clear_datetime(value: Any) -> str:
    """As `vn_datetime`, with the day as `clear_date` writes it."""
    return f"{vn_time(value)}, {clear_date(value)}"


@register.filter
def vn_weekday_date(value: Any) -> str:
    """thứ Năm, 19/11/2026; on an English page Thursday, 19/11/2026."""
    day = _day(value)
    return f"{gettext(weekday_name(day))}, {format_date(day)}" if day else NOTHING


@register.filter
def vn_weekday(value: Any) -> str:
    day = _day(value)
    return gettext(weekday_name(day)) if day else NOTHING


@register.filter
def vn_time(value: Any) -> str:
    """09:41."""
    if isinstance(value, dt.datetime):
        return f"{_local(value):%H:%M}"
    return f"{value:%H:%M}" if isinstance(value, dt.time) else NOTHING


@register.filter
def vn_datetime(value: Any) -> str:
    """09:41, 20/11/2026; a day without a time stays a day."""
    if not isinstance(value, dt.datetime):
        return vn_date(value)
    return f"{vn_time(value)}, {vn_date(value)}"


# ---------------------------------------------------------------- small pieces


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


# ---------------------------------------------------------------- finding the way


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
        format_html_join(
            "",
            '<a class="chip" href="{}"{}>{}{}</a>',
            (
                (
                    choice.url,
                    mark_safe(' aria-current="true"') if choice.is_current else "",
                    choice.label,
                    format_html(' <b class="num">{}</b>', vn_number(choice.count))
                    if choice.count is not None
                    else "",
                )
                for choice in choices
            ),
        ),
    )


@register.simple_tag
def tabs(choices: Iterable[Choice], label: str) -> SafeString:
    """Pages of one thing side by side."""
    return format_html(
        '<nav class="tabs" aria-label="{}">{}</nav>',
        label,
        format_html_join(
            "",
            '<a href="{}"{}>{}{}</a>',
            (
                (
                    choice.url,
                    mark_safe(' aria-current="page"') if choice.is_current else "",
                    choice.label,
                    format_html(' <span class="n">{}</span>', vn_number(choice.count))
                    if choice.count is not None
                    else "",
                )
                for choice in choices
            ),
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


# ---------------------------------------------------------------- forms


@register.simple_tag
def field(
    bound: BoundField,
    label: Any = None,
    hint: Any = None,
    unit: Any = "",
    size: str = "",
    optional: bool | None = None,
) -> SafeString:
    """One field with label, hint, error: `{% field form.amount unit="nghìn đồng" size="8" %}`.

    `size` is 2, 4, 8 or 16 characters of width; without it the widget decides.
    """
    if size:
        widget_class = bound.field.widget.attrs.get("class", "")
        if f"w-{size}" not in widget_class.split():
            bound.field.widget.attrs["class"] = f"{widget_class} w-{size}".strip()
    if hint is not None:
        bound.help_text = hint
    if label is not None:
        bound.label = label
    context = {**bound.get_context(), "unit": unit}
    if optional is not None:
        context["optional"] = optional
    return bound.form.render(bound.template_name, context)


@register.inclusion_tag("ui/parts/error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet[Any] | None) -> dict[str, Any]:
    """What must be mended, first in the page, each line a link to its field."""
    return {"lines": [line for form in forms if form is not None for line in _errors_of(form)]}


def _errors_of(form: BaseForm | BaseFormSet[Any]) -> list[tuple[str, str]]:
    if not form.is_bound:
        return []
    if isinstance(form, BaseFormSet):
        lines = [("", str(error)) for error in form.non_form_errors()]
        return lines + [line for one in form.forms for line in _errors_of(one)]
    lines = [("", str(error)) for error in form.non_field_errors()]
    for bound in form:
        target = bound.auto_id if bound.use_fieldset else bound.id_for_label
        lines += [(target if not bound.is_hidden else "", str(error)) for error in bound.errors]
    return lines


# ---------------------------------------------------------------- blocks


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


# ---------------------------------------------------------------- lists of things


@register.inclusion_tag("ui/parts/task_list.html")
def task_list(tasks: Sequence[Task]) -> dict[str, Any]:
    """A report or dossier as rows that open; see `components.Task`."""
    return {"tasks": tasks, "plain": not any(task.ref for task in tasks)}


@register.inclusion_tag("ui/parts/timeline.html")
def timeline(events: Sequence[Event]) -> dict[str, Any]:
    """What happened, newest first; see `components.Event`."""
    return {"events": events}


@register.inclusion_tag("ui/parts/file_list.html")
def file_list(files: Sequence[FileRow]) -> dict[str, Any]:
    """Files with kind, size and notes; see `components.FileRow`."""
    return {
        "files": [
            (row, _FILE_ICONS.get(row.name.rpartition(".")[2].lower(), "file-text"))
            for row in files
        ]
    }


@register.inclusion_tag("ui/parts/answers.html")
def check_answers(answers: Sequence[Answer]) -> dict[str, Any]:
    """What was entered, each with a link to change it; see `components.Answer`."""
    return {"answers": answers}


@register.inclusion_tag("ui/parts/lineage.html")
def lineage(figure: Lineage) -> dict[str, Any]:
    """A counted figure with where it comes from; see `components.Lineage`."""
    return {"figure": figure}


@register.inclusion_tag("ui/parts/source.html")
def source(text: Source, label: str) -> dict[str, Any]:
    """Source text with the stretches fields were read from; see `components.Source`."""
    return {"source": text, "label": label}


@register.simple_tag
def matrix(rows: Matrix) -> SafeString:
    """Bodies by tasks; see `components.Matrix`. Load the walking and folding with `ui/js/matrix.js`."""
    return matrices.draw(rows, icon("chevron-down"))


@register.simple_tag
def matrix_key() -> SafeString:
    """What the shapes of a matrix mean."""
    return matrices.key()


@register.inclusion_tag("ui/parts/table.html", takes_context=True)
def table(context: Context, rows: Any) -> dict[str, Any]:
    """A `chuan.core.ui.tables.Table` with its search, filters, pages and downloads."""
    return {"table": rows, "request": context.get("request"), "shell": context.get("shell")}


@register.simple_tag
def table_row_name(rows: Any, row: Any) -> Any:
    """What a row of a table is called aloud."""
    return rows.name_of(row)


@register.filter
def message_tone(level_tag: str) -> str:
    """The note tone of a message of django.contrib.messages."""
    return MESSAGE_TONES.get(level_tag, "")


def _number(value: Any, places: int | None) -> str:
    if value is None or value == "":
        return NOTHING
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise template.TemplateSyntaxError(f"Not a number: {value!r}") from None
    return shown_number(number, places)


def _local(value: dt.datetime) -> dt.datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return _local(value).date()
    return value if isinstance(value, dt.date) else None
