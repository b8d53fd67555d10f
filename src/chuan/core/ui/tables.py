"""Lists of rows: search, filter, sort, page and download, all by the server.

    class BodyTable(Table):
        name = "co-quan"
        caption = _("Cơ quan được giao nhiệm vụ")
        columns = (
            Column("name", _("Cơ quan"), order="sort_key", is_header=True, cell=lambda row: link(row.url, row.name)),
            Column("state", _("Trạng thái"), cell=lambda row: status(row.state), export=lambda row: row.get_state_display()),
            Column("done", _("Đã xong"), order="done", is_numeric=True),
            Column("due_on", _("Hạn cuối"), order="due_on"),
        )
        search = ("search_key",)          # folded keys (chuan_fold) of the model, or attributes of listed rows
        filter_form = BodyFilters         # a FilterForm; `filter` applies it
        default_order = "name"

        def filter(self, rows, chosen):
            return rows.filter(kind=chosen["kind"]) if chosen["kind"] else rows

    def bodies(request):
        table = BodyTable(request, queries.bodies_visible_to(request.user))
        return table.download() or render(request, "…", {"table": table})      # {% table table %}

The rows are a QuerySet or a list. Whatever their number, a page costs two queries: one to count, one to fetch.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from tempfile import SpooledTemporaryFile
from typing import IO, Any, ClassVar

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable, OrderBy
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from chuan.core.ui.forms import FilterForm
from chuan.core.ui.table_files import (
    NOT_IN_A_SHEET_NAME,
    SMALL_WORKBOOK,
    XLSX,
    attached,
    csv_value,
    in_language,
    show,
    xlsx_cell,
)
from chuan.core.ui.views import explain
from chuan.lib.language import shown_number
from chuan.lib.vietnamese import clean, fold, sort_key

Text = str | Promise

Row = Any

Rows = Any  # a QuerySet or a sequence

SEARCH, SORT, PAGE, EXPORT = "q", "sap", "trang", "export"

# Rows of a text file that are made at once.
PIECE = 500


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `value` is what the row has there (default: the attribute `name`; dots reach further). `cell` draws it
    (default: numbers and dates the Vietnamese way). `export` is what a file gets (default: `value`).
    `order` makes it sortable: a field or expression of the QuerySet, several of them, or for listed rows
    a function of the row (default with `order=True`: the value, text in Vietnamese order).
    """

    name: str
    label: Text
    value: Callable[[Row], Any] | None = None
    cell: Callable[[Row], Any] | None = None
    export: Callable[[Row], Any] | None = None
    order: Any = None
    is_numeric: bool = False
    is_header: bool = False
    places: int | None = None
    css: str = ""
    in_export: bool = True
    on_page: bool = True

    def value_of(self, row: Row) -> Any:
        if self.value is not None:
            return self.value(row)
        found: Any = row
        for part in self.name.split("."):
            found = found.get(part) if isinstance(found, dict) else getattr(found, part, None)
        return found

    def drawn(self, row: Row) -> Any:
        if self.cell is not None:
            return self.cell(row)
        return show(self.value_of(row), self.places)

    def exported(self, row: Row) -> Any:
        value = self.export(row) if self.export is not None else self.value_of(row)
        return strip_tags(value) if isinstance(value, SafeString) else value


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading as it stands now: its link sorts, `direction` is how it is sorted."""

    column: Column
    query: str
    direction: str  # "ascending", "descending" or ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is drawn; `group` is set on the first row of a group."""

    row: Row
    cells: list[tuple[Column, Any]]
    group: Text
    key: str


class Table:
    """A list as one person asked for it in this request."""

    columns: ClassVar[Sequence[Column]] = ()
    name: ClassVar[str] = "bang"
    caption: ClassVar[Text] = ""
    search: ClassVar[Sequence[str]] = ()
    search_hint: ClassVar[Text] = ""
    filter_form: ClassVar[type[FilterForm] | None] = None
    default_order: ClassVar[str] = ""
    per_page: ClassVar[int] = 50
    noun: ClassVar[Text] = ""
    empty_title: ClassVar[Text] = ""
    empty_text: ClassVar[Text] = ""
    empty_icon: ClassVar[str] = "clipboard-check"
    can_export: ClassVar[bool] = True
    # A longer list is taken out in parts: a workbook of so many rows still opens on an office machine.
    most_exported: ClassVar[int] = 100_000
    # Put a box before every row: the name of its field, and the id of the form around the bulk actions.
    select_name: ClassVar[str] = ""
    select_form: ClassVar[str] = ""
    # A list of tens of thousands, from a QuerySet: find the keys of the page first, then its rows.
    keys_first: ClassVar[bool] = False

    def __init__(
        self, request: HttpRequest, rows: Rows, *, empty_action: tuple[Text, str] | None = None
    ) -> None:
        self.request = request
        self.all_rows = rows
        self.empty_action = empty_action

    # ---- what a table may say for itself

    def filter(self, rows: Rows, chosen: dict[str, Any]) -> Rows:
        """The rows that fit the filter form's cleaned data."""
        return rows

    def completed(self, rows: Rows) -> Rows:
        """The rows with what they are searched, sorted and drawn by. Counting does without."""
        return rows

    def make_filter_form(self, data: Any) -> FilterForm | None:
        """The filter form; override to give it choices."""
        return self.filter_form(data) if self.filter_form else None

    def group_of(self, row: Row) -> Text:
        """The heading rows are gathered under while the default order holds."""
        return ""

    def key_of(self, row: Row) -> str:
        """What a row's box sends."""
        return str(row.pk)

    def name_of(self, row: Row) -> Text:
        """What a row's box is called aloud."""
        return str(row)

    def totals(self) -> dict[str, Any] | None:
        """The last line, by column name: over the whole filtered list, not the page."""
        return None

    # ---- what was asked

    @cached_property
    def form(self) -> FilterForm | None:
        return self.make_filter_form(self.request.GET)

    @cached_property
    def searched(self) -> str:
        return clean(self.request.GET.get(SEARCH, ""))

    @property
    def is_narrowed(self) -> bool:
        return bool(self.searched) or any(self._chosen.values())

    @cached_property
    def order(self) -> tuple[Column | None, bool]:
        """The column rows are sorted by, and whether from the end."""
        asked = self.request.GET.get(SORT, "") or self.default_order
        column = self._sortable.get(asked.removeprefix("-"))
        if column is None:
            asked = self.default_order
            column = self._sortable.get(asked.removeprefix("-"))
        return column, asked.startswith("-")

    @property
    def is_in_default_order(self) -> bool:
        column, backwards = self.order
        return (("-" if backwards else "") + (column.name if column else "")) == self.default_order

    @cached_property
    def _sortable(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns if column.order is not None}

    @cached_property
    def _chosen(self) -> dict[str, Any]:
        if self.form is None:
            return {}
        self.form.is_valid()
        return {name: self.form.cleaned_data.get(name) for name in self.form.fields}

    # ---- rows

    @cached_property
    def rows(self) -> Rows:
        """Every row that was asked for, in order, not yet fetched."""
        return self._sorted(self._found(self.completed(self._filtered)))

    @cached_property
    def _filtered(self) -> Rows:
        return self.filter(self.all_rows, self._chosen) if self.form is not None else self.all_rows

    @cached_property
    def page(self) -> Page[Any]:
        rows: Any = self.rows
        if self.keys_first and isinstance(rows, QuerySet):
            rows = _KeysFirst(rows, counted=rows if self.searched else self._filtered)
        return Paginator(rows, self.per_page).get_page(self.request.GET.get(PAGE))

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def has_tools(self) -> bool:
        """Whether there is anything to search, filter or sort."""
        offers = bool(self.search or self.form is not None or self._sortable)
        return offers and (self.count > 0 or self.is_narrowed)

    @property
    def shown_columns(self) -> list[Column]:
        return [column for column in self.columns if column.on_page]

    @property
    def width(self) -> int:
        return len(self.shown_columns) + (1 if self.select_name else 0)

    @property
    def headings(self) -> list[Heading]:
        sorted_by, backwards = self.order
        out = []
        for column in self.shown_columns:
            is_sorted = column is sorted_by
            wanted = f"-{column.name}" if is_sorted and not backwards else column.name
            direction = ("descending" if backwards else "ascending") if is_sorted else ""
            sortable = column.order is not None
            out.append(
                Heading(
                    column, self.query(**{SORT: wanted, PAGE: None}) if sortable else "", direction
                )
            )
        return out

    @cached_property
    def lines(self) -> list[Line]:
        lines: list[Line] = []
        last: Text = ""
        for row in self.page.object_list:
            group = self.group_of(row) if self.is_in_default_order else ""
            lines.append(
                Line(
                    row=row,
                    cells=[(column, column.drawn(row)) for column in self.shown_columns],
                    group=group if group != last else "",
                    key=self.key_of(row) if self.select_name else "",
                )
            )
            last = group
        return lines

    @property
    def total_cells(self) -> list[tuple[Column, Any]]:
        totals = self.totals()
        if not totals:
            return []
        return [
            (c, show(totals[c.name], c.places) if c.name in totals else "")
            for c in self.shown_columns
        ]

    @property
    def first_on_page(self) -> int:
        return self.page.start_index()

    @property
    def last_on_page(self) -> int:
        return self.page.end_index()

    @property
    def region_label(self) -> Text:
        return self.caption or _("Bảng")

    # ---- addresses

    def query(self, **changes: str | None) -> str:
        """This address's query with parameters changed; None removes one."""
        query = self.request.GET.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return "?" + query.urlencode()

    @property
    def cleared_query(self) -> str:
        """The address without search, filters and page."""
        mine = [SEARCH, PAGE, *(self.form.fields if self.form else ())]
        return self.query(**dict.fromkeys(mine))

    @property
    def xlsx_query(self) -> str:
        return self.query(**{EXPORT: "xlsx", PAGE: None})

    @property
    def csv_query(self) -> str:
        return self.query(**{EXPORT: "csv", PAGE: None})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters of the address the search form must not lose."""
        mine = {SEARCH, PAGE, EXPORT, SORT, *(self.form.fields if self.form else ())}
        return [
            (name, value)
            for name, values in self.request.GET.lists()
            if name not in mine
            for value in values
        ]

    @property
    def orders(self) -> list[tuple[str, Text, bool]]:
        """Choices of order for a phone, where headings are not seen."""
        column, backwards = self.order
        now = ("-" if backwards else "") + (column.name if column else "")
        out = []
        for one in self._sortable.values():
            out.append((one.name, one.label, one.name == now))
            out.append((f"-{one.name}", _("%s, ngược lại") % one.label, f"-{one.name}" == now))
        return out

    # ---- files

    def download(self) -> HttpResponse | None:
        """The whole filtered list as a file when `?export=xlsx` or `csv` was asked; else None."""
        asked = self.request.GET.get(EXPORT, "") if self.can_export else ""
        if asked not in {"xlsx", "csv"}:
            return None
        if self.count > self.most_exported:
            return self._too_long()
        name = f"{self.name}-{timezone.localdate():%Y%m%d}.{asked}"
        if asked == "xlsx":
            return attached(FileResponse(self._xlsx(), content_type=XLSX), name)
        content = in_language(self._csv(), get_language())
        return attached(
            StreamingHttpResponse(content, content_type="text/csv; charset=utf-8"), name
        )

    def _too_long(self) -> HttpResponse:
        return explain(
            self.request,
            413,
            _("Danh sách quá dài để tải về"),
            [
                _("Danh sách có %(count)s dòng, một tệp nhận nhiều nhất %(most)s dòng.")
                % {"count": shown_number(self.count), "most": shown_number(self.most_exported)},
                _("Hãy quay lại, lọc bớt danh sách rồi tải từng phần."),
            ],
            retry_url=self.request.path + self.query(**{EXPORT: None}),
        )

    def _records(self) -> Iterator[list[Any]]:
        columns = self._exported_columns
        rows: Iterable[Row] = (
            self.rows.iterator(chunk_size=2000) if isinstance(self.rows, QuerySet) else self.rows
        )
        for row in rows:
            yield [column.exported(row) for column in columns]

    @property
    def _exported_columns(self) -> list[Column]:
        return [column for column in self.columns if column.in_export]

    def _xlsx(self) -> IO[bytes]:
        """For people: real dates and numbers in Vietnamese formats, headings kept in sight.

        Written row by row; a long list goes into a file that disappears when it has been sent.
        """
        book = Workbook(write_only=True)
        sheet = book.create_sheet(
            str(self.caption or self.name)[:31].translate(NOT_IN_A_SHEET_NAME)
        )
        sheet.freeze_panes = "A2"
        for number, column in enumerate(self._exported_columns, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = (
                16 if column.is_numeric else 28
            )
        head = []
        for column in self._exported_columns:
            cell = WriteOnlyCell(sheet, str(column.label))
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
            head.append(cell)
        sheet.append(head)
        for record in self._records():
            sheet.append([xlsx_cell(sheet, value) for value in record])
        out = SpooledTemporaryFile(SMALL_WORKBOOK)  # noqa: SIM115 - the response closes it
        book.save(out)
        out.seek(0)
        return out

    def _csv(self) -> Iterator[bytes]:
        """For machines: UTF-8 with a mark, commas, ISO dates and points in numbers; in pieces."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([str(column.label) for column in self._exported_columns])
        yield b"\xef\xbb\xbf"
        for number, record in enumerate(self._records(), start=1):
            writer.writerow([csv_value(value) for value in record])
            if number % PIECE == 0:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
        yield out.getvalue().encode()

    # ---- searching and sorting

    def _found(self, rows: Rows) -> Rows:
        """Rows that have every word of the search in one of the searched keys."""
        words = fold(self.searched).split()
        if not words or not self.search:
            return rows
        if isinstance(rows, QuerySet):
            return rows.filter(self.wanted(words))
        return [row for row in rows if self.is_wanted(row, words)]

    def wanted(self, words: Sequence[str]) -> Q:
        """Rows of a QuerySet that have every word in one of the searched keys."""
        wanted = Q()
        for word in words:
            one = Q()
            for key in self.search:
                one |= Q(**{f"{key}__contains": word})
            wanted &= one
        return wanted

    def is_wanted(self, row: Row, words: Sequence[str]) -> bool:
        """The same of a listed row."""
        text = fold(" ".join(str(Column(key, "").value_of(row) or "") for key in self.search))
        return all(word in text for word in words)

    def _sorted(self, rows: Rows) -> Rows:
        column, backwards = self.order
        if isinstance(rows, QuerySet):
            if column is None:
                return rows if rows.ordered else rows.order_by("pk")
            wanted = column.order if isinstance(column.order, list | tuple) else [column.order]
            return rows.order_by(*(_ordering(one, backwards) for one in wanted), "pk")
        if column is None:
            return list(rows)
        key = column.order if callable(column.order) else column.value_of
        keyed = [(key(row), row) for row in rows]
        there = [pair for pair in keyed if pair[0] is not None and pair[0] != ""]
        there.sort(key=lambda pair: _comparable(pair[0]), reverse=backwards)
        missing = [pair for pair in keyed if pair[0] is None or pair[0] == ""]
        return [row for _key, row in there + missing]


class _KeysFirst:
    """A long list as pages are cut from it: sorted by keys alone, from the nearer end."""

    ordered = True

    def __init__(self, rows: QuerySet[Any], *, counted: QuerySet[Any]) -> None:
        self._rows, self._counted = rows, counted

    def count(self) -> int:
        return self._length

    @cached_property
    def _length(self) -> int:
        return self._counted.count()

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, wanted: slice) -> list[Any]:
        start, stop, _step = wanted.indices(self._length)
        keys = self._rows.values_list("pk", flat=True)
        if start > self._length - stop:
            backwards = keys.reverse()[self._length - stop : self._length - start]
            found = list(backwards)[::-1]
        else:
            found = list(keys[start:stop])
        rows = {row.pk: row for row in self._rows.order_by().filter(pk__in=found)}
        return [rows[key] for key in found if key in rows]


def link(url: str, text: Any, sub: Any = "") -> SafeString:
    """A cell that opens something, with a second line under it."""
    below = format_html('<span class="sub">{}</span>', sub) if sub else ""
    return format_html('<a class="t" href="{}">{}</a>{}', url, text, below)


def _ordering(one: Any, backwards: bool) -> Any:
    if isinstance(one, str):
        downwards = one.startswith("-")
        expression: Any = F(one.removeprefix("-"))
        return _directed(expression, downwards != backwards)
    if isinstance(one, OrderBy):
        return one.copy() if not backwards else _directed(one.expression, not one.descending)
    if isinstance(one, Combinable):
        return _directed(one, backwards)
    raise TypeError(f"Cannot order by {one!r}")


def _directed(expression: Any, downwards: bool) -> Any:
    # Empty values come last whichever way the list is turned.
    return expression.desc(nulls_last=True) if downwards else expression.asc(nulls_last=True)


def _comparable(value: Any) -> Any:
    return sort_key(strip_tags(str(value))) if isinstance(value, str | Promise) else value
