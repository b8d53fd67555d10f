"""Measured on the file itself, not on the code that writes it."""

import io
import shutil
import subprocess
import time
import zipfile

import pdfplumber
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from chuan.core.documents.layout import Orientation, Paragraph, Points, render_docx
from chuan.core.documents.testing import (
    a_letter,
    a_plan,
    a_report,
    a_small_table,
    a_wide_table,
    an_annex,
)
from chuan.core.documents.tests.layout.measuring import (
    opened,
    printed_letters,
    printed_pages,
    written_letters,
)

pytestmark = pytest.mark.slow  # nearly all draw pages

REPORT = a_report(
    annexes=(
        an_annex(
            title="Danh mục nhiệm vụ", blocks=(a_small_table(),), orientation=Orientation.PORTRAIT
        ),
        an_annex(blocks=(a_wide_table(40),)),
    ),
)


def paragraphs(file):
    """Every paragraph of the body, those in tables too."""
    from docx.text.paragraph import Paragraph as Written  # noqa: PLC0415

    return [Written(node, file) for node in file.element.body.iter(qn("w:p"))]


def paragraph(file, start):
    return next(one for one in paragraphs(file) if one.text.startswith(start))


def test_margins_and_orientation_of_every_section():
    sections = opened(REPORT).sections

    assert [section.orientation for section in sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
    ]
    for section in sections:
        long, short = sorted((section.page_width, section.page_height), reverse=True)
        assert (long, short) == (pytest.approx(Mm(297), abs=700), pytest.approx(Mm(210), abs=700))
        margins = (
            section.top_margin,
            section.bottom_margin,
            section.left_margin,
            section.right_margin,
        )
        assert margins == pytest.approx((Mm(20), Mm(20), Mm(30), Mm(20)), abs=700)


def test_every_section_counts_its_pages_from_one_and_hides_the_first_number():
    for section in opened(REPORT).sections:
        assert section.different_first_page_header_footer
        assert section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"
        number = section.header.paragraphs[0]
        assert "PAGE" in number._p.xml
        assert number.style.paragraph_format.alignment == 1
        assert number.style.font.size == Pt(13)
        assert [one.text for one in section.first_page_header.paragraphs] == [""]
        assert 0 < section.header_distance < section.top_margin


@pytest.mark.parametrize(
    ("size_set", "national", "motto", "text"), [("13-14", 13, 14, 14), ("12-13", 12, 13, 13)]
)
def test_every_component_has_a_style_with_its_size_and_face(size_set, national, motto, text):
    file = opened(a_report(size_set=size_set, annexes=(an_annex(title="Một"),)))

    for start, name, size, bold, italic in [
        ("UBND TỈNH", "Cơ quan chủ quản", national, None, None),
        ("SỞ KHOA HỌC", "Cơ quan ban hành", national, True, None),
        ("CỘNG HÒA", "Quốc hiệu", national, True, None),
        ("Độc lập", "Tiêu ngữ", motto, True, None),
        ("Số: 05/BC-SKHCN", "Số, ký hiệu", 13, None, None),
        ("Gia Lai, ngày 05 tháng 02", "Địa danh và thời gian", motto, None, True),
        ("BÁO CÁO", "Title", text, True, None),
        ("Kết quả thực hiện", "Trích yếu nội dung", text, True, None),
        ("Kính gửi:", "Kính gửi", text, None, None),
        ("I. CÔNG TÁC", "Heading 1", text, True, None),
        ("1. Nâng cao", "Heading 2", text, True, None),
        ("a) Rà soát", "Heading 3", text, None, None),
        ("Thực hiện Quyết định", "Nội dung", text, None, None),
        ("GIÁM ĐỐC", "Chức vụ người ký", text, True, None),
        ("Nguyễn Hữu Hà", "Họ tên người ký", text, True, None),
        ("Nơi nhận:", "Nơi nhận", 12, True, True),
        ("- Lưu:", "Danh sách nơi nhận", 11, None, None),
        ("Phụ lục", "Tên phụ lục", 14, True, None),
        ("(Kèm theo", "Kèm theo", text, None, True),
    ]:
        style = paragraph(file, start).style
        assert (style.name, style.font.size, style.font.bold, style.font.italic) == (
            name,
            Pt(size),
            bold,
            italic,
        )


def test_the_only_font_named_is_times_new_roman():
    with zipfile.ZipFile(io.BytesIO(render_docx(REPORT))) as package:
        for name in ("word/document.xml", "word/styles.xml"):
            content = package.read(name).decode()
            assert "Theme=" not in content.partition("<w:latentStyles")[0]
            fonts = {part.partition('"')[0] for part in content.split('w:ascii="')[1:]}
            assert fonts <= {"Times New Roman"}
    assert opened(REPORT).styles["Normal"].font.name == "Times New Roman"


def test_paragraphs_are_indented_spaced_and_justified():
    form = opened(REPORT).styles["Nội dung"].paragraph_format

    assert form.first_line_indent == pytest.approx(Mm(12.7), abs=700)
    assert form.space_before == Pt(6)
    assert 1 <= form.line_spacing <= 1.5
    assert form.alignment == 3


def test_rules_are_drawn_lines_as_long_as_the_law_says():
    file = opened(REPORT)
    lines = [int(node.get("cx")) for node in file.element.body.iter(qn("wp:extent"))]
    printed = [
        (x1 - x0) for page in printed_pages(REPORT) for x0, x1, _ in page.rules if page.rules
    ]

    assert len(lines) == 5
    # The three of page 1 are as long as in the PDF, where they are measured against the text.
    assert sorted(lines[:3]) == pytest.approx(sorted(Pt(one) for one in printed[:3]), rel=0.01)
    assert "___" not in "".join(one.text for one in paragraphs(file))


def test_table_headings_repeat_and_rows_stay_whole():
    table = opened(REPORT).tables[-1]
    rows = table._tbl.tr_lst

    assert [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows[:4]] == [
        True,
        True,
        True,
        False,
    ]
    assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
    assert (
        len({sum(int(cell.tcPr.tcW.get(qn("w:w"))) for cell in row.tc_lst) for row in rows[2:3]})
        == 1
    )
    assert [cell.text for cell in table.rows[0].cells] == [
        "TT", "Cơ quan, đơn vị", "Nhiệm vụ", "Thời hạn", "Kết quả", "Kết quả", "Ghi chú",
    ]  # fmt: skip
    assert [cell.text for cell in table.rows[1].cells][3:6] == [
        "Thời hạn",
        "Số hoạt động",
        "Tỷ lệ hoàn thành",
    ]


def test_the_signature_is_kept_whole_and_with_the_last_lines():
    file = opened(a_letter())
    closing = file.tables[-1]

    assert paragraph(file, "Rất mong").paragraph_format.keep_with_next
    assert closing.rows[0]._tr.trPr.find(qn("w:cantSplit")) is not None
    assert [one.text for one in closing.cell(0, 1).paragraphs] == [
        "KT. GIÁM ĐỐC",
        "PHÓ GIÁM ĐỐC",
        "Nguyễn Hữu Hà",
    ]


def test_headings_are_kept_with_what_follows_and_ranked():
    file = opened(REPORT)
    heading = paragraph(file, "I. CÔNG TÁC")

    assert heading.paragraph_format.keep_with_next
    assert heading._p.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) == "0"
    assert paragraph(file, "a) Rà soát")._p.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) == "2"


@pytest.mark.parametrize(
    "document",
    [
        a_letter(),
        a_letter(addressees=("Sở Y tế", "Sở Tài chính"), number=None),
        a_plan(),
        a_report(),
        a_report(annexes=(an_annex(blocks=(a_wide_table(0),)), an_annex(title="Hai"))),
        a_letter(body=(Points(("a & b < c", "“d”\ne")), Paragraph("2 × 3 ≥ 5"))),
    ],
    ids=["letter", "draft to two", "plan", "report", "annexes", "signs"],
)
def test_docx_and_pdf_carry_the_same_text(document):
    assert sorted(printed_letters(document)) == sorted(written_letters(document))


@pytest.mark.parametrize("document", [a_letter(), a_plan(annexes=())], ids=["letter", "plan"])
def test_docx_and_pdf_carry_the_same_text_in_the_same_order(document):
    assert printed_letters(document) == written_letters(document)


def test_the_file_is_described_and_carries_nothing_of_its_library():
    file = opened(REPORT)

    assert file.core_properties.title.startswith("Báo cáo Kết quả thực hiện")
    assert file.core_properties.author == "Sở Khoa học và Công nghệ"
    assert file.core_properties.language == "vi-VN"
    assert f"{file.core_properties.created:%Y-%m-%d}" == "2026-02-05"
    with zipfile.ZipFile(io.BytesIO(render_docx(REPORT))) as package:
        names = package.namelist()
    assert not [name for name in names if "thumbnail" in name or "customXml" in name]


def test_the_same_document_gives_the_same_bytes():
    first = render_docx(REPORT)
    time.sleep(1.1)

    assert render_docx(REPORT) == first


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_lays_it_out_as_the_pdf(tmp_path):
    source = tmp_path / "report.docx"
    source.write_bytes(render_docx(REPORT))
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", "--headless",
         "--convert-to", "pdf", "--outdir", str(tmp_path), str(source)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip

    with pdfplumber.open(tmp_path / "report.pdf") as file:
        pages = file.pages
        heads = [page.crop((0, 0, page.width, 48)).extract_text().strip() for page in pages]
        assert heads[0] == ""
        assert heads[1] == "2"
        assert abs(len(pages) - len(printed_pages(REPORT))) <= 2
        first, printed = pages[0].extract_words(), printed_pages(REPORT)[0]
        nation = next(word for word in first if word["text"] == "CỘNG")
        assert nation["x0"] == pytest.approx(printed.line("CỘNG HÒA").x0, abs=3)
        assert nation["top"] == pytest.approx(printed.line("CỘNG HÒA").top, abs=3)
