"""Draws a matrix: thousands of cells, so it is built from ready pieces and not by a template."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from chuan.core.ui.components import Matrix, MatrixCell, MatrixColumn, MatrixGroup, MatrixRow
from chuan.core.ui.status import statuses

SHAPES = {"on_time": "ok", "late": "late", "open": "open", "due_soon": "soon", "overdue": "bad"}


def key() -> SafeString:
    """What the shapes mean."""
    shapes = [(shape, statuses[name].label) for name, shape in SHAPES.items()]
    shapes.append(("none", _("Không giao")))
    items = format_html_join("", '<li><span class="glyph s-{}"></span>{}</li>', shapes)
    return format_html('<ul class="key">{}</ul>', items)


def draw(matrix: Matrix, fold_mark: SafeString) -> SafeString:
    """The whole table; `fold_mark` is the icon on a group's button."""
    begins = [
        number == 0 or column.section != matrix.columns[number - 1].section
        for number, column in enumerate(matrix.columns)
    ]
    bodies = [
        _group(group, number, begins, fold_mark) for number, group in enumerate(matrix.groups)
    ]
    return format_html(
        '<div class="mx-wrap" tabindex="0" role="region" aria-label="{}">'
        '<table class="mx"><thead>{}</thead>{}</table></div>',
        matrix.label,
        _head(matrix.columns, begins),
        mark_safe("".join(bodies)),  # noqa: S308 - every piece was escaped
    )


def _head(columns: Sequence[MatrixColumn], begins: Sequence[bool]) -> SafeString:
    sections = format_html_join(
        "",
        '<th colspan="{}" scope="colgroup">{}</th>',
        ((len(list(members)), name) for name, members in groupby(columns, key=lambda c: c.section)),
    )
    tasks = format_html_join(
        "",
        '<th scope="col"{} data-t="{} {}"><a{} title="{} {}"><span class="vh">{}.</span>{}<span class="vh"> {}</span></a></th>',
        (
            (
                mark_safe(' class="first"') if begin else "",
                column.ref, column.title,
                format_html(' href="{}"', column.url) if column.url else "",
                column.ref, column.title, column.section, column.number, column.title,
            )
            for column, begin in zip(columns, begins, strict=True)
        ),
    )  # fmt: skip
    return format_html(
        '<tr><th class="name" scope="col">{}</th>{}<th scope="col" class="pc"><span class="vh">{}</span></th></tr>'
        '<tr><th class="name" scope="col">{}</th>{}<th scope="col" class="pc">{}</th></tr>',
        _("Nhóm nhiệm vụ"), sections, _("Cột tỷ lệ"), _("Cơ quan"), tasks, _("Xong"),
    )  # fmt: skip


def _group(
    group: MatrixGroup, number: int, begins: Sequence[bool], fold_mark: SafeString
) -> SafeString:
    overdue = [0] * len(begins)
    assigned = [0] * len(begins)
    for row in group.rows:
        for at, cell in enumerate(row.cells):
            assigned[at] += bool(cell.status)
            overdue[at] += cell.status == "overdue"
    sums = format_html_join(
        "",
        '<td class="{}{}">{}</td>',
        (
            ("first " if begin else "", "has-bad" if late else "", late if many else "")
            for begin, late, many in zip(begins, overdue, assigned, strict=True)
        ),
    )
    name = f"nhom-{number}"
    return format_html(
        '<tbody><tr class="grp"><th class="name" scope="colgroup"><button type="button" aria-expanded="true" '
        'aria-controls="{}" data-fold="{}">{}{} ({})</button></th>{}<td class="pc"></td></tr></tbody>'
        '<tbody id="{}">{}</tbody>',
        name, int(group.is_folded), fold_mark, group.name, len(group.rows), sums, name,
        mark_safe("".join(_row(row, begins) for row in group.rows)),  # noqa: S308 - as above
    )  # fmt: skip


def _row(row: MatrixRow, begins: Sequence[bool]) -> str:
    name = conditional_escape(str(row.name))
    head = format_html('<a href="{}">{}</a>', row.url, name) if row.url else name
    cells = "".join(_cell(cell, begin) for cell, begin in zip(row.cells, begins, strict=True))
    share = row.share_done
    done = "–" if share is None else f"{share}%"
    return f'<tr><th class="name" scope="row">{head}</th>{cells}<td class="pc">{done}</td></tr>'


def _cell(cell: MatrixCell, begins: bool) -> str:
    shape = SHAPES[cell.status] if cell.status else "none"
    words = statuses[cell.status].label if cell.status else cell.label or _("Không giao")
    detail = f' data-d="{conditional_escape(cell.detail)}"' if cell.detail else ""
    spoken = f" ({conditional_escape(cell.detail)})" if cell.detail else ""
    first = " first" if begins else ""
    return f'<td class="s s-{shape}{first}"{detail}>{conditional_escape(str(words))}{spoken}</td>'
