"""Lists and tables of things (a builtin library: nothing to load)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from chuan.core.ui import matrix as matrices
from chuan.core.ui.components import Answer, Event, FileRow, Lineage, Matrix, Source, Task
from chuan.core.ui.templatetags.pieces import icon

register = template.Library()

_FILE_ICONS = {"pdf": "file-type-pdf", "xlsx": "file-spreadsheet", "csv": "file-spreadsheet",
               "jpg": "photo", "jpeg": "photo", "png": "photo"}  # fmt: skip


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
