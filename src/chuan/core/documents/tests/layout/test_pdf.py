"""Measured on the printed pages, not on the template."""

import io
import itertools
import re
import time
from datetime import date

import pypdf
import pytest

from chuan.core.documents.layout import (
    Annex,
    Column,
    ColumnKind,
    IncompleteDocument,
    Orientation,
    Paragraph,
    Points,
    Row,
    Table,
    render_pdf,
)
from chuan.core.documents.testing import (
    A_LONG_NAME,
    a_letter,
    a_paragraph,
    a_plan,
    a_report,
    a_small_table,
    an_annex,
)
from chuan.core.documents.tests.layout.measuring import MM, printed_pages

pytestmark = pytest.mark.slow  # nearly all draw pages

LEFT, RIGHT, TOP, BOTTOM = 30 * MM, 20 * MM, 20 * MM, 20 * MM
REPORT = a_report(
    paragraphs=8,
    annexes=(
        an_annex(
            title="Danh mục nhiệm vụ",
            blocks=(a_small_table(),),
            orientation=Orientation.PORTRAIT,
        ),
        an_annex(),
    ),
)
THIRTY = a_letter(addressees=tuple(f"{A_LONG_NAME} {n}" for n in range(30)))
DRAFT = a_plan()


@pytest.mark.parametrize("document", [REPORT, THIRTY, DRAFT], ids=["report", "letter", "plan"])
def test_nothing_is_printed_in_the_margins(document):
    for page in printed_pages(document):
        x0, top, x1, bottom = page.box
        assert x0 >= LEFT - 0.5
        assert x1 <= page.width - RIGHT + 0.5
        assert top >= TOP - 0.5
        assert bottom <= page.height - BOTTOM + 0.5
        for start, end, _ in page.rules:
            assert start >= LEFT - 0.5
            assert end <= page.width - RIGHT + 0.5


def test_pages_are_a4_and_an_annex_may_lie():
    pages = printed_pages(REPORT)
    sizes = {(round(page.width / MM), round(page.height / MM)) for page in pages}

    assert sizes == {(210, 297), (297, 210)}
    assert (round(pages[0].width / MM), round(pages[-1].width / MM)) == (210, 297)


@pytest.mark.parametrize("document", [REPORT, THIRTY, DRAFT], ids=["report", "letter", "plan"])
def test_every_letter_is_set_in_our_own_embedded_fonts(document):
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(document)))
    fonts = {}
    for page in reader.pages:
        for font in (page["/Resources"].get("/Font") or {}).values():
            fonts[font.get_object()["/BaseFont"]] = font.get_object()
    names = {name.partition("+")[2] for name in fonts}

    assert {"Tinos-Regular", "Tinos-Bold"} <= names
    assert names <= {"Tinos-Regular", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic"}
    for font in fonts.values():
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


@pytest.mark.parametrize(
    ("size_set", "national", "motto", "text"), [("13-14", 13, 14, 14), ("12-13", 12, 13, 13)]
)
def test_every_component_has_its_size_and_face(size_set, national, motto, text):
    document = a_report(size_set=size_set, annexes=(an_annex(title="Một"),))
    first, *others = printed_pages(document)
    last = next(page for page in others if any("Nơi nhận" in line.text for line in page.lines))
    annex = next(page for page in others if any(line.text == "Phụ lục" for line in page.lines))
    bold, italic = {"Tinos-Bold"}, {"Tinos-Italic"}

    for page, start, size, fonts in [
        (first, "UBND TỈNH", national, {"Tinos-Regular"}),
        (first, "SỞ KHOA HỌC", national, bold),
        (first, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", national, bold),
        (first, "Độc lập - Tự do - Hạnh phúc", motto, bold),
        (first, "Số: 05/BC-SKHCN", 13, {"Tinos-Regular"}),
        (first, "Gia Lai, ngày 05 tháng 02 năm 2026", motto, italic),
        (first, "BÁO CÁO", text, bold),
        (first, "Kết quả thực hiện Kế hoạch", text, bold),
        (first, "Kính gửi:", text, {"Tinos-Regular"}),
        (first, "I. CÔNG TÁC CHỈ ĐẠO", text, bold),
        (first, "Thực hiện Quyết định số 1029", text, {"Tinos-Regular"}),
        (last, "GIÁM ĐỐC", text, bold),
        (last, "Nguyễn Hữu Hà", text, bold),
        (last, "Nơi nhận:", 12, {"Tinos-BoldItalic"}),
        (last, "- Lưu: VT, TĐC.", 11, {"Tinos-Regular"}),
        (annex, "Phụ lục", 14, bold),
        (annex, "MỘT", 14, bold),
        (annex, "(Kèm theo Báo cáo", text, italic),
    ]:
        line = page.line(start)
        assert (line.text, line.size, line.fonts) == (line.text, size, fonts)


def test_number_and_date_stand_on_one_line():
    page = printed_pages(REPORT)[0]

    assert page.line("Số:").top == pytest.approx(page.line("Gia Lai, ngày").top, abs=1)


def test_the_national_name_stands_on_one_line_right_of_the_issuer():
    page = printed_pages(a_report(size_set="13-14"))[0]
    nation = page.line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    motto = page.line("Độc lập")

    assert nation.middle == pytest.approx(motto.middle, abs=0.5)
    assert page.line("SỞ KHOA HỌC").x1 < nation.x0
    assert page.line("VÀ CÔNG NGHỆ").top > page.line("SỞ KHOA HỌC").top


def test_rules_are_drawn_under_issuer_motto_and_abstract():
    page = printed_pages(REPORT)[0]
    issuer, motto = page.line("SỞ KHOA HỌC"), page.line("Độc lập")
    abstract = page.line("tiêu chuẩn, đo lường, chất lượng quốc gia năm 2026")
    under_issuer, under_motto, under_abstract = (
        sorted(page.rules, key=lambda rule: rule[0])[:1]
        + [rule for rule in page.rules if abs((rule[0] + rule[1]) / 2 - motto.middle) < 1]
        + [rule for rule in page.rules if rule[2] > abstract.top]
    )

    assert len(page.rules) == 3
    assert under_motto[1] - under_motto[0] == pytest.approx(motto.x1 - motto.x0, abs=1)
    for rule, line in [(under_issuer, issuer), (under_motto, motto), (under_abstract, abstract)]:
        assert (rule[0] + rule[1]) / 2 == pytest.approx(line.middle, abs=1)
        assert 0 < rule[2] - (line.top + line.size) < 8
    length = under_issuer[1] - under_issuer[0]
    assert 1 / 3 <= length / (issuer.x1 - issuer.x0) <= 1 / 2
    widest = max(line.x1 - line.x0 for line in page.lines if line.fonts == {"Tinos-Bold"} and abstract.top - 40 < line.top <= abstract.top)  # fmt: skip
    assert 1 / 3 <= (under_abstract[1] - under_abstract[0]) / widest <= 1 / 2


def test_no_rule_is_made_of_underscores():
    for page in printed_pages(REPORT):
        assert "_" not in page.letters


def test_pages_are_numbered_from_the_second_in_the_middle_of_the_upper_margin():
    pages = printed_pages(REPORT)
    numbers = [page.page_number and page.page_number.text for page in pages]
    annexes = [n for n, page in enumerate(pages) if any(re.match("Phụ lục I+$", line.text) for line in page.lines)]  # fmt: skip
    starts = [0, *annexes, len(pages)]
    expected = []
    for start, end in itertools.pairwise(starts):
        expected += [None, *(str(n) for n in range(2, end - start + 1))]

    assert len(annexes) == 2
    assert starts[1] >= 4
    assert numbers == expected
    for page in pages:
        if page.page_number:
            assert page.page_number.middle == pytest.approx(
                LEFT + (page.width - LEFT - RIGHT) / 2, abs=1
            )
            assert 5 * MM < page.page_number.top < TOP - page.page_number.size
            assert page.page_number.size == 13
            assert page.page_number.fonts == {"Tinos-Regular"}


def test_paragraphs_are_indented_spaced_and_justified():
    page = printed_pages(a_plan())[0]
    lines = [line for line in page.lines if line.size == 14]
    start = next(n for n, line in enumerate(lines) if line.text.startswith("II. NHIỆM VỤ"))
    _, first, second, third, *_ = lines[start:]

    assert first.x0 == pytest.approx(LEFT + 12.7 * MM, abs=0.5)
    assert second.x0 == pytest.approx(LEFT, abs=0.5)
    assert [first.x1, second.x1] == pytest.approx([page.width - RIGHT] * 2, abs=0.5)
    pitch = third.top - second.top
    single = 14 * 1.15
    assert single * 0.999 <= pitch <= single * 1.5
    points = [line for line in lines if re.match(r"[c-e]\) |đ\) ", line.text)]
    assert [line.text[0] for line in points] == ["c", "d", "đ", "e"]
    for above, below in itertools.pairwise(points):
        assert below.top - above.top - pitch >= 6 - 0.1


def test_a_draft_leaves_room_and_its_words_can_still_be_searched():
    page = printed_pages(DRAFT)[0]
    number = page.line("Số:")

    assert number.text.split() == ["Số:", "/KH-UBND"]
    assert number.x1 - number.x0 > 95
    assert "\u00a0" not in page.letters
    assert "Quán triệt và tổ chức thực hiện" in page.letters


def test_the_text_ends_in_its_closing_mark():
    page = printed_pages(a_letter())[0]

    assert page.line("Rất mong nhận được").text.endswith("quý cơ quan./.")
    assert page.letters.count("./.") == 1


@pytest.mark.parametrize("count", range(20, 32))
def test_the_signature_is_never_split_nor_left_alone(count):
    document = a_letter(
        body=tuple(Paragraph(f"Đoạn thứ {n} của văn bản này") for n in range(count)),
        recipients=tuple(f"Sở số {n}" for n in range(6)),
    )
    pages = printed_pages(document)
    texts = [[line.text for line in page.lines] for page in pages]
    (at,) = [n for n, page in enumerate(texts) if "KT. GIÁM ĐỐC" in page]

    assert "Nguyễn Hữu Hà" in texts[at]
    assert "Nơi nhận:" in texts[at]
    assert "- Lưu: VT, TĐC." in texts[at]
    assert f"Đoạn thứ {count - 1} của văn bản này./." in texts[at]


def test_signature_and_recipients_begin_on_one_level_with_room_to_sign():
    page = printed_pages(a_letter())[0]
    position, name = page.line("PHÓ GIÁM ĐỐC"), page.line("Nguyễn Hữu Hà")

    assert page.line("Nơi nhận:").top == pytest.approx(page.line("KT. GIÁM ĐỐC").top, abs=3)
    assert 20 * MM < name.top - position.top < 40 * MM
    assert position.middle == pytest.approx(name.middle, abs=0.5)
    assert position.middle > page.width / 2


def test_table_headings_repeat_and_rows_stay_whole():
    pages = [page for page in printed_pages(REPORT) if page.width > page.height]

    assert len(pages) > 10
    seen = []
    for page in pages:
        texts = [line.text for line in page.lines]
        assert "Cơ quan, đơn vị" in texts
        assert "(7)" in texts
        seen += [text for text in texts if re.fullmatch(r"\d{1,3}", text)]
    assert "300" in seen


def test_a_group_heading_never_stands_at_the_foot_of_a_page():
    for rows in range(8, 15):
        made = tuple(Row.of(str(n), "Nội dung") for n in range(rows))
        table = Table(
            (Column("TT", 1), Column("Việc", 5)),
            (*made, Row.group("Nhóm sau"), *made),
        )
        annex = an_annex(title="A", blocks=(table,))
        pages = printed_pages(a_letter(annexes=(annex,)))
        for page in pages:
            body = [line.text for line in page.lines]
            assert body[-1] != "Nhóm sau"


def test_a_total_never_stands_alone_on_a_page():
    columns = (Column("TT", 1), Column("Việc", 5), Column("Số", 1, ColumnKind.NUMBER))
    tables = [
        Table(
            columns,
            (
                *(Row.of(str(n), "Một việc", n) for n in range(rows)),
                Row.total("Tổng cộng", None, rows),
            ),
        )
        for rows in range(25, 50)
    ]
    annexes = tuple(
        an_annex(title="A", blocks=(table,), orientation=Orientation.PORTRAIT) for table in tables
    )
    pages = [
        [line.text for line in page.lines]
        for page in printed_pages(a_letter(annexes=annexes))
        if any(line.text == "Tổng cộng" for line in page.lines)
    ]

    assert len(pages) == len(tables)
    assert any(page.count("Một việc") == 1 for page in pages)
    assert all("Một việc" in page for page in pages)


def test_a_date_or_a_short_state_stays_on_one_line_however_small_its_share():
    table = Table(
        (Column("Cơ quan", 9), Column("Ngày", 1, ColumnKind.DATE), Column("Tình trạng", 1)),
        (Row.of(A_LONG_NAME, date(2026, 10, 30), "Đúng hạn"), Row.of("B", None, "Gửi sau hạn")),
    )
    (page,) = printed_pages(a_letter(annexes=(an_annex(title="A", blocks=(table,)),)))[1:]

    assert {"30/10/2026", "Đúng hạn", "Gửi sau hạn"} <= {line.text for line in page.lines}


def test_the_number_of_a_document_is_not_broken():
    body = tuple(
        Paragraph(
            "Theo "
            + "i" * extra
            + " nội dung chỉ đạo tại các văn bản, trong đó có Chỉ thị số 44-CT/TW"
        )
        for extra in range(40)
    )
    lines = [line.text for page in printed_pages(a_letter(body=body)) for line in page.lines]

    assert sum("44-CT/TW" in line for line in lines) == len(body)
    assert any(line.startswith("44-CT/TW") for line in lines)


def test_a_row_longer_than_a_page_goes_on_over_the_page():
    long = " ".join(f"từ{n}" for n in range(2500))
    table = Table((Column("Việc", 1), Column("Kết quả", 2)), (Row.of("a", long), Row.of("b", "c")))
    pages = printed_pages(a_letter(annexes=(an_annex(title="A", blocks=(table,)),)))

    letters = "".join(page.letters for page in pages)
    assert [word for word in ("từ0", "từ1200", "từ2499") if word in letters] == [
        "từ0",
        "từ1200",
        "từ2499",
    ]
    for page in pages:
        assert page.box[3] <= page.height - BOTTOM + 0.5


def test_a_word_wider_than_its_column_is_broken_and_not_cut():
    link = "https://vi-du.gia-lai.example/" + "x" * 120
    table = Table((Column("Việc", 3), Column("Minh chứng", 1)), (Row.of(link, link),))
    document = a_letter(
        body=(Paragraph(f"Xem {link}"),), annexes=(an_annex(title="A", blocks=(table,)),)
    )

    for page in printed_pages(document):
        assert page.box[2] <= page.width - RIGHT + 0.5
    letters = "".join(page.letters for page in printed_pages(document)).replace("\u200b", "")
    assert letters.count("x" * 120) == 3


def test_long_names_break_evenly_in_the_head():
    document = a_letter(issuer=A_LONG_NAME, issuer_parent="", place="Vĩnh Thạnh Hòa Bình")
    page = printed_pages(document)[0]
    nation = page.line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    issuer = [
        line for line in page.lines if line.top < page.line("Số:").top and line.x0 < nation.x0
    ]

    assert len(issuer) >= 2
    assert max(line.x1 for line in issuer) < nation.x0
    assert min(line.x1 - line.x0 for line in issuer) > 0.5 * max(
        line.x1 - line.x0 for line in issuer
    )


def test_sixty_recipients_leave_the_signature_whole():
    document = a_letter(recipients=tuple(f"{A_LONG_NAME} {n}" for n in range(60)))
    pages = printed_pages(document)
    texts = [[line.text for line in page.lines] for page in pages]

    assert sum("Nguyễn Hữu Hà" in page and "PHÓ GIÁM ĐỐC" in page for page in texts) == 1
    assert texts[-1][-1] == "- Lưu: VT, TĐC."
    for page in pages:
        assert page.box[3] <= page.height - BOTTOM + 0.5


def test_markup_in_a_text_is_a_text():
    nasty = '#import "x"; $a$ *b* _c_ <d> @e `f` // g \\ & "h" \'i\' #panic("j") = k'
    document = a_letter(
        subject=nasty,
        body=(Paragraph(nasty), Points((nasty,)), Paragraph("Hết")),
        annexes=(Annex(nasty, (Table((Column(nasty, 1),), (Row.of(nasty),)),)),),
    )
    letters = "".join(page.letters for page in printed_pages(document))

    assert "".join(letters.split()).count("".join(nasty.split())) == 5


def test_the_file_says_that_it_is_pdf_a_2b_and_pdf_ua_1_and_is_tagged():
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(REPORT)))
    root = reader.trailer["/Root"]
    claims = root["/Metadata"].get_object().get_data().decode()

    assert "<pdfaid:part>2</pdfaid:part>" in claims
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in claims
    assert "<pdfuaid:part>1</pdfuaid:part>" in claims
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "vi-VN"
    assert root["/OutputIntents"][0].get_object()["/S"] == "/GTS_PDFA1"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title.startswith("Báo cáo Kết quả thực hiện Kế hoạch")
    assert reader.metadata.author == "Sở Khoa học và Công nghệ"
    assert f"{reader.metadata.creation_date:%Y-%m-%d}" == "2026-02-05"


def test_headings_and_tables_are_tagged_and_outlined():
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(REPORT)))
    kinds = set()
    waiting = [reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, pypdf.generic.ArrayObject):
            waiting += node
        elif isinstance(node, pypdf.generic.DictionaryObject):
            kinds.add(node.get("/S"))
            if "/K" in node:
                waiting.append(node["/K"])

    assert {"/H1", "/H2", "/H3", "/P", "/Table", "/TH", "/TD", "/TR"} <= kinds
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert titles[0] == "I. CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH"
    assert titles[-1].startswith("Phụ lục II")


def test_the_same_document_gives_the_same_bytes():
    first = render_pdf(DRAFT)
    time.sleep(1.1)

    assert render_pdf(DRAFT) == first


def test_an_incomplete_document_is_not_printed():
    with pytest.raises(IncompleteDocument, match="Thiếu trích yếu") as refused:
        render_pdf(a_letter(subject="", issuer=" "))

    assert len(refused.value.problems) == 2


def test_a_long_last_paragraph_leaves_the_signature_room():
    document = a_letter(body=(*(a_paragraph(3, n) for n in range(8)), a_paragraph(8)))
    pages = printed_pages(document)

    assert "KT. GIÁM ĐỐC" in [line.text for line in pages[-1].lines]
    assert any("./." in line.text for line in pages[-1].lines)
