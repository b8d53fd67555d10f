"""Charts to take away: a workbook with every number, and a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain
from tempfile import SpooledTemporaryFile
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from chuan.core.ui.past import Look
from chuan.core.ui.table_files import SMALL_WORKBOOK, XLSX, xlsx_cell
from chuan.flows.annual_report import facade as reports
from chuan.flows.overview.engine.charts import Chart
from chuan.flows.overview.engine.drawing import Caption, draw_png
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import facade as plans

EXPORT, CHART = "xuat", "bieu"
LABEL_WIDTH, NUMBER_WIDTH, TITLE_SIZE = 44, 16, 13


def download(
    request: HttpRequest, charts: Sequence[Chart], *, subject: str, looked: Look
) -> HttpResponse | None:
    """`?xuat=xlsx` all charts as sheets, with `&bieu=` one; `?xuat=png&bieu=` a picture of one.

    :raises Http404: there is no such chart, or no such kind of file.
    """
    asked = request.GET.get(EXPORT, "")
    if not asked:
        return None
    key = request.GET.get(CHART, "")
    chosen = [chart for chart in charts if key in {"", chart.key}]
    if not chosen or asked not in {"xlsx", "png"} or (asked == "png" and not key):
        raise Http404
    name = f"{'-'.join(['tong-quan', key] if key else ['tong-quan'])}-{looked.on:%Y%m%d}.{asked}"
    if asked == "png":
        notes = [
            str(chosen[0].definition),
            _("Số liệu như ngày %(day)s; lập lúc %(at)s.")
            % {"day": format_date(looked.on), "at": _now()},
        ]
        picture = draw_png(chosen[0], Caption(str(chosen[0].title), subject, notes))
        answer = HttpResponse(picture, content_type="image/png")
    else:
        answer = _workbook(chosen, subject, looked)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def _workbook(charts: Sequence[Chart], subject: str, looked: Look) -> HttpResponse:
    book = Workbook()
    del book["Sheet"]
    for chart in charts:
        sheet = book.create_sheet(str(chart.title)[:31])
        sheet.column_dimensions["A"].width = LABEL_WIDTH
        sheet.append([str(chart.title)])
        sheet["A1"].font = Font(bold=True, size=TITLE_SIZE)
        sheet.append([subject])
        sheet.append([_("Số liệu như ngày"), looked.on])
        sheet["B3"].number_format = "dd/mm/yyyy"
        sheet.append([_("Định nghĩa"), str(chart.definition)])
        sheet.append([_("Cách tính"), str(chart.formula)])
        sheet.append([])
        head = [str(chart.subject), *(str(one.label) for one in chart.series)]
        sheet.append([*head, _("Tổng")] if chart.has_total else head)
        for cell in sheet[sheet.max_row]:
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True)
        sheet.freeze_panes = f"B{sheet.max_row + 1}"
        for number in range(len(head) + 1):
            sheet.column_dimensions[chr(ord("B") + number)].width = NUMBER_WIDTH
        for row in chart.rows:
            values: list[object] = [number.value for number in row.numbers]
            sheet.append(
                [str(row.label), *values, row.total.value]
                if chart.has_total
                else [str(row.label), *values]
            )
            sheet.cell(sheet.max_row, 1).data_type = "s"  # a name is never a formula
    return _sent(book)


def changes_workbook(
    changes: plans.Changes, moved: Sequence[reports.Moved], subject: str, start: date, end: date
) -> HttpResponse:
    """How many each change befell, then every change one by one, then the reports that moved."""
    book = Workbook(write_only=True)
    counts = changes.counts
    _sheet(
        book,
        _("Thay đổi giữa hai ngày"),
        [
            [subject],
            [_("Từ cuối ngày"), start],
            [_("Đến cuối ngày"), end],
            [],
            [_("Loại thay đổi"), _("Phân công")],
            *([str(kind.label), counts[kind]] for kind in plans.Change),
        ],
        bold={0, 4},
    )
    side = (_("mức độ"), _("ngày xong"), _("hạn"))
    head = [
        _("Cơ quan"),
        _("Mã"),
        _("Nhiệm vụ"),
        *(f"{_('Trước')}: {name}" for name in side),
        *(f"{_('Sau')}: {name}" for name in side),
    ]
    for kind in plans.Change:
        if counts[kind]:
            rows = (
                [one.body_name, one.code, one.short_text, *_told(one.before), *_told(one.after)]
                for one in changes.of(kind)
            )
            _sheet(book, str(kind.label), chain([head], rows), bold={0})
    if moved:
        told = (
            [one.name, one.title, _("Gửi") if one.is_sent else _("Duyệt"), one.at] for one in moved
        )
        columns = [_("Cơ quan"), _("Kỳ báo cáo"), _("Việc"), _("Lúc")]
        _sheet(book, _("Báo cáo"), chain([columns], told), bold={0})
    answer = _sent(book)
    name = f"thay-doi-{start:%Y%m%d}-{end:%Y%m%d}.xlsx"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def _told(side: plans.Standing | None) -> list[object]:
    return [str(side.achievement.label), side.done_on, side.due_on] if side else [""] * 3


def _sheet(book: Workbook, title: str, rows: Iterable[Sequence[object]], *, bold: set[int]) -> None:
    sheet = book.create_sheet(title[:31])
    for number in range(1, 10):
        sheet.column_dimensions[get_column_letter(number)].width = (
            LABEL_WIDTH if number in {1, 3} else NUMBER_WIDTH
        )
    sheet.freeze_panes = f"A{max(bold) + 2}"
    for number, row in enumerate(rows):
        cells = [xlsx_cell(sheet, value) for value in row]
        if number in bold:
            for cell in cells:
                cell.font = Font(bold=True)
        sheet.append(cells)


def _sent(book: Workbook) -> HttpResponse:
    out = SpooledTemporaryFile(SMALL_WORKBOOK)  # noqa: SIM115 - the response closes it
    book.save(out)
    out.seek(0)
    # A view promises an HttpResponse; one that streams is its sibling and serves the same.
    return FileResponse(out, content_type=XLSX)  # type: ignore[return-value]


def _now() -> str:
    now = timezone.localtime()
    return f"{now:%H:%M}, {format_date(now.date())}"
