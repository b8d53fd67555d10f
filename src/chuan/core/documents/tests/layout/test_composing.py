from datetime import date

import pytest

from chuan.core.documents.layout import (
    Annex,
    Column,
    ColumnKind,
    Heading,
    HeadingLevel,
    IssueDate,
    ListMark,
    Paragraph,
    Points,
    Row,
    Run,
    Table,
    layout_for,
)
from chuan.core.documents.layout.composing import compose
from chuan.core.documents.layout.sheets import Line, TableSheet
from chuan.core.documents.layout.words import date_line, number_line
from chuan.core.documents.testing import (
    A_LONG_NAME,
    a_letter,
    a_plan,
    a_report,
    a_small_table,
    a_wide_table,
    an_annex,
)

PROFILE = layout_for(a_report())
BLANK = "\u00a0" * 6


def lines(document, section=0):
    flow = compose(document, layout_for(document)).sections[section].flow
    return [item.text for item in flow if isinstance(item, Line)]


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 1, 5), "ngày 05 tháng 01 năm 2026"),
        (date(2026, 2, 9), "ngày 09 tháng 02 năm 2026"),
        (date(2026, 3, 10), "ngày 10 tháng 3 năm 2026"),
        (date(2026, 9, 1), "ngày 01 tháng 9 năm 2026"),
        (date(2026, 10, 31), "ngày 31 tháng 10 năm 2026"),
        (date(2026, 12, 12), "ngày 12 tháng 12 năm 2026"),
    ],
)
def test_days_below_ten_and_the_first_two_months_get_a_zero(day, shown):
    assert date_line(PROFILE, "Gia Lai", IssueDate.on(day)) == f"Gia Lai, {shown}"


def test_a_draft_leaves_room_for_day_month_and_number():
    assert date_line(PROFILE, "Gia Lai", IssueDate(2026, 11)) == (
        f"Gia Lai, ngày{BLANK}tháng 11 năm 2026"
    )
    assert date_line(PROFILE, "Gia Lai", IssueDate(2026)) == (
        f"Gia Lai, ngày{BLANK}tháng{BLANK}năm 2026"
    )
    assert number_line(PROFILE, None, "BC-SKHCN") == f"Số:{BLANK}/BC-SKHCN"


@pytest.mark.parametrize(("number", "shown"), [(1, "01"), (9, "09"), (10, "10"), (1029, "1029")])
def test_numbers_below_ten_get_a_zero(number, shown):
    assert number_line(PROFILE, number, "BC-SKHCN") == f"Số: {shown}/BC-SKHCN"


def test_headings_number_themselves():
    level = HeadingLevel
    body = tuple(
        Heading(one, "X")
        for one in (
            level.PART, level.SECTION, level.CLAUSE, level.POINT, level.POINT, level.CLAUSE,
            level.POINT, level.SECTION, level.CLAUSE, level.PART, level.SECTION,
        )
    )  # fmt: skip
    document = a_plan(legal_bases=(), body=(*body, Paragraph("Hết")))

    assert lines(document)[2:-1] == [
        "Phần I\nX", "I. X", "1. X", "a) X", "b) X", "2. X", "a) X", "II. X", "1. X", "Phần II\nX", "I. X",
    ]  # fmt: skip


def test_points_follow_the_vietnamese_alphabet_and_begin_anew():
    items = tuple("123456789")
    document = a_plan(
        legal_bases=(),
        body=(
            Points(items, ListMark.LETTER),
            Points(("x", "y"), ListMark.LETTER),
            Paragraph("Hết"),
        ),
    )

    assert [line.partition(" ")[0] for line in lines(document)[2:-1]] == [
        "a)", "b)", "c)", "d)", "đ)", "e)", "g)", "h)", "i)", "a)", "b)",
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["", ".", ";", "./.", " ./. ", ":"])
def test_the_text_ends_in_its_closing_mark_once(end):
    document = a_letter(body=(Paragraph("Đề nghị quý cơ quan phối hợp" + end),))

    assert lines(document)[-1] == "Đề nghị quý cơ quan phối hợp./."


def test_legal_bases_end_in_semicolons_and_the_last_in_a_full_stop():
    bases = [line for line in lines(a_plan()) if line.startswith(("Căn cứ", "Theo đề nghị"))]

    assert [line[-1] for line in bases] == [";", ";", "."]


def test_one_addressee_stands_behind_the_colon_and_many_below_it():
    assert lines(a_letter(addressees=("UBND tỉnh",)))[0] == "Kính gửi: UBND tỉnh"
    assert lines(a_letter(addressees=("UBND tỉnh;", "Bộ Tài chính", "Sở Y tế.")))[:4] == [
        "Kính gửi:",
        "- UBND tỉnh;",
        "- Bộ Tài chính;",
        "- Sở Y tế.",
    ]


def test_recipients_begin_with_as_above_only_when_somebody_is_addressed():
    def recipients(document):
        closing = compose(document, layout_for(document)).sections[0].closing
        return [line.text for line in closing.recipients]

    assert recipients(a_letter()) == [
        "Nơi nhận:",
        "- Như trên;",
        "- UBND tỉnh (báo cáo);",
        "- Giám đốc Sở (báo cáo);",
        "- Lưu: VT, TĐC.",
    ]
    assert recipients(a_plan(recipients=("- Các sở;",))) == [
        "Nơi nhận:",
        "- Các sở;",
        "- Lưu: VT, K8.",
    ]


def test_the_authority_stands_before_the_first_position():
    closing = compose(a_letter(), PROFILE).sections[0].closing

    assert [line.text for line in closing.signature] == [
        "KT. GIÁM ĐỐC",
        "PHÓ GIÁM ĐỐC",
        "Nguyễn Hữu Hà",
    ]


def test_several_annexes_are_numbered_and_a_single_one_is_not():
    one = a_report(annexes=(an_annex(title="A"),))
    two = a_report(annexes=(an_annex(title="A"), an_annex(title="B")))

    assert lines(one, 1)[0] == "Phụ lục\nA"
    assert [lines(two, n)[0] for n in (1, 2)] == ["Phụ lục I\nA", "Phụ lục II\nB"]


def test_what_an_annex_belongs_to_is_left_blank_unless_issued_on_paper():
    annexes = (an_annex(title="A"),)
    electronic, paper = a_report(annexes=annexes), a_report(annexes=annexes, on_paper=True)

    assert lines(electronic, 1)[1] == (
        f"(Kèm theo Báo cáo số {BLANK}/BC-SKHCN ngày{BLANK}tháng{BLANK}năm 2026 "
        "của Sở Khoa học và Công nghệ)"
    )
    assert lines(paper, 1)[1] == (
        "(Kèm theo Báo cáo số 05/BC-SKHCN ngày 05 tháng 02 năm 2026 của Sở Khoa học và Công nghệ)"
    )


def test_headings_never_skip_a_rank_in_the_outline():
    annex = Annex("A", (Heading(HeadingLevel.CLAUSE, "x"), Heading(HeadingLevel.POINT, "y")))
    document = a_plan(
        body=(
            Heading(HeadingLevel.CLAUSE, "x"),
            Heading(HeadingLevel.SECTION, "y"),
            Heading(HeadingLevel.POINT, "z"),
            Paragraph("Hết"),
        ),
        annexes=(annex,),
    )
    sections = compose(document, PROFILE).sections

    def ranks(section):
        return [item.outline for item in section.flow if isinstance(item, Line) and item.outline]

    assert [ranks(section) for section in sections] == [[1, 1, 2], [1, 2, 3]]


def test_figures_and_dates_are_written_the_vietnamese_way():
    (sheet,) = [
        item
        for item in compose(a_report(), PROFILE).sections[0].flow
        if isinstance(item, TableSheet)
    ]

    assert [cell.text for cell in sheet.rows[0].cells] == [
        "1", "Các sở, ban, ngành", "1.234", "1.100", "34", "91,9%",
    ]  # fmt: skip
    assert [cell.text for cell in sheet.rows[-1].cells] == [
        "Tổng cộng", "4.069", "3.510", "159", "90,2%",
    ]  # fmt: skip
    assert sheet.rows[-1].cells[0].columns == 2


def table_sheet(table):
    document = a_report(annexes=(an_annex(blocks=(table,)),))
    (sheet,) = [
        item for item in compose(document, PROFILE).sections[1].flow if isinstance(item, TableSheet)
    ]
    return sheet


def test_an_empty_table_says_so():
    (row,) = table_sheet(a_wide_table(0)).rows

    assert [(cell.text, cell.columns) for cell in row.cells] == [("Không có", 7)]


def test_grouped_headings_take_two_rows_and_the_columns_are_counted():
    first, second, counts = table_sheet(a_wide_table(1)).head

    assert [(cell.text, cell.column, cell.columns, cell.rows) for cell in first.cells] == [
        ("TT", 0, 1, 2),
        ("Cơ quan, đơn vị", 1, 1, 2),
        ("Nhiệm vụ", 2, 1, 2),
        ("Thời hạn", 3, 1, 2),
        ("Kết quả", 4, 2, 1),
        ("Ghi chú", 6, 1, 2),
    ]
    assert [(cell.text, cell.column) for cell in second.cells] == [
        ("Số hoạt động", 4),
        ("Tỷ lệ hoàn thành", 5),
    ]
    assert [cell.text for cell in counts.cells] == [f"({n})" for n in range(1, 8)]


def test_only_a_row_too_high_for_a_page_may_split():
    columns = (Column("Việc", 1), Column("Kết quả", 4))
    long = "Nội dung rất dài. " * 400
    sheet = table_sheet(Table(columns, (Row.of("a", "ngắn"), Row.of("b", long))))

    assert [row.may_split for row in sheet.rows] == [False, True]


def test_short_tables_stay_whole_and_long_ones_do_not():
    assert table_sheet(a_small_table()).stays_whole
    assert not table_sheet(a_wide_table(300)).stays_whole


def test_faces_and_the_spaces_between_them_survive_tidying():
    runs = (Run("Đạt  "), Run(" 95%", bold=True), Run(" kế\u200b hoạch ", italic=True))
    document = a_letter(body=(Paragraph(runs),))
    line = compose(document, PROFILE).sections[0].flow[-1]

    assert line.runs == (
        Run("Đạt "),
        Run("95%", bold=True),
        Run(" kế hoạch./.", italic=True),
    )


def test_decomposed_letters_are_composed():
    column = Column("Te\u0302n", 1, ColumnKind.TEXT)

    assert table_sheet(Table((column,), (Row.of("hoa\u0300"),))).head[0].cells[0].text == "Tên"


def test_a_long_list_of_recipients_goes_on_below_the_signature():
    document = a_letter(recipients=tuple(f"{A_LONG_NAME} {n}" for n in range(60)))
    closing = compose(document, PROFILE).sections[0].closing

    assert len(closing.recipients) + len(closing.more_recipients) == 60 + 3
    assert 10 < len(closing.recipients) < 30
