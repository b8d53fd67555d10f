import io
import time
from datetime import datetime

import openpyxl

from chuan.core.documents.layout import (
    Annex,
    Column,
    ColumnKind,
    Paragraph,
    Row,
    Table,
    render_xlsx,
)
from chuan.core.documents.testing import a_letter, a_report, a_wide_table, an_annex

REPORT = a_report(annexes=(an_annex(), an_annex(title="Không số liệu", blocks=(a_wide_table(0),))))


def sheets(document):
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(document))).worksheets


def test_every_annex_with_a_table_is_a_sheet():
    assert [sheet.title for sheet in sheets(REPORT)] == ["Phụ lục I", "Phụ lục II"]
    text_only = Annex("Lời văn", (Paragraph("Không có bảng"),))
    assert [sheet.title for sheet in sheets(a_letter(annexes=(text_only, an_annex())))] == [
        "Phụ lục II"
    ]
    assert render_xlsx(a_letter()) is None
    assert render_xlsx(a_letter(annexes=(text_only,))) is None


def test_cells_hold_values_and_not_their_pictures():
    sheet = sheets(REPORT)[0]

    assert [cell.value for cell in sheet[9]][:6] == [
        2,
        "UBND xã Tây Sơn 2",
        "Tổ chức tuyên truyền, phổ biến kiến thức về tiêu chuẩn, đo lường, chất lượng",
        datetime(2026, 2, 2),  # noqa: DTZ001 - what a spreadsheet holds
        1,
        0.001428571428571429,
    ]
    assert [cell.number_format for cell in sheet[9]][:6] == [
        "0",
        "General",
        "General",
        "dd/mm/yyyy",
        "#,##0",
        "0.0%",
    ]


def test_sheets_print_on_a4_across_with_their_headings_repeated():
    sheet = sheets(REPORT)[0]

    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$4:$6"
    assert sheet.freeze_panes == "A7"
    assert sheet.oddHeader.center.text == "&P"
    assert sheet.HeaderFooter.differentFirst
    assert sheet["A4"].font.name == "Times New Roman"


def test_no_text_becomes_a_formula():
    table = Table((Column("Tên", 1), Column("Số", 1, ColumnKind.NUMBER)), (Row.of("=1+1", "=2"),))
    sheet = sheets(a_letter(annexes=(an_annex(title="A", blocks=(table,)),)))[0]

    assert [(cell.value, cell.data_type) for cell in sheet[5]] == [("=1+1", "s"), ("=2", "s")]


def test_an_empty_table_says_so():
    sheet = sheets(REPORT)[1]

    assert sheet["A7"].value == "Không có"
    assert "A7:G7" in {str(merged) for merged in sheet.merged_cells.ranges}


def test_the_same_document_gives_the_same_bytes():
    first = render_xlsx(REPORT)
    time.sleep(1.1)

    assert render_xlsx(REPORT) == first
