"""Charts to take away: a workbook with every number, and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import SpooledTemporaryFile
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from chuan.core.ui.past import Look
from chuan.core.ui.table_files import SMALL_WORKBOOK, XLSX
from chuan.flows.overview.engine.charts import Chart
from chuan.flows.overview.engine.drawing import Caption, draw_png
from chuan.lib.vietnamese import format_date

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
    out = SpooledTemporaryFile(SMALL_WORKBOOK)  # noqa: SIM115 - the response closes it
    book.save(out)
    out.seek(0)
    # A view promises an HttpResponse; one that streams is its sibling and serves the same.
    return FileResponse(out, content_type=XLSX)  # type: ignore[return-value]


def _now() -> str:
    now = timezone.localtime()
    return f"{now:%H:%M}, {format_date(now.date())}"
