from datetime import date
from decimal import Decimal

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
    Signature,
    Table,
    check_document,
    unprintable_characters,
)
from chuan.core.documents.testing import (
    a_letter,
    a_plan,
    a_report,
    a_signature,
    a_small_table,
    an_annex,
)

END = Paragraph("Hết")


@pytest.mark.parametrize("document", [a_letter(), a_plan(), a_report(annexes=(an_annex(),))])
def test_a_complete_document_has_no_problems(document):
    assert check_document(document) == []


def test_everything_missing_is_said_at_once():
    document = a_letter(
        issuer="", notation="", place=" ", subject="", addressees=(), archive="", body=(),
        signature=Signature(()), recipients=("Sở Y tế", " - "), annexes=(Annex("", ()),),
    )  # fmt: skip

    assert check_document(document) == [
        "Thiếu tên cơ quan, tổ chức ban hành văn bản.",
        "Thiếu ký hiệu văn bản, ví dụ “BC-SKHCN”.",
        "Thiếu địa danh ghi trước ngày, tháng, năm.",
        "Thiếu trích yếu nội dung văn bản.",
        "Công văn phải có ít nhất một nơi nhận ở phần “Kính gửi”.",
        "Dòng 2 của phần “Nơi nhận” để trống.",
        "Thiếu nơi lưu văn bản, ví dụ “VT, TĐC”.",
        "Thiếu chức vụ của người ký.",
        "Văn bản đã có số thì phải có họ tên người ký.",
        "Văn bản chưa có nội dung.",
        "Phụ lục: thiếu tên phụ lục.",
        "Phụ lục: chưa có nội dung.",
    ]


def test_a_draft_may_lack_number_day_and_name_and_an_issued_document_may_not():
    blank = {"dated": IssueDate(2026, 11), "signature": a_signature(name="")}

    assert check_document(a_letter(number=None, **blank)) == []
    assert check_document(a_letter(number=7, **blank)) == [
        "Văn bản đã có số thì phải ghi đủ ngày, tháng, năm.",
        "Văn bản đã có số thì phải có họ tên người ký.",
    ]
    assert check_document(a_letter(number=0)) == ["Số văn bản phải từ 1 trở lên."]


def test_kinds_without_a_layout_and_days_before_the_law_are_named():
    (unknown,) = check_document(a_letter(kind="BB"))
    (early,) = check_document(a_letter(dated=IssueDate.on(date(2019, 5, 1))))

    assert unknown.startswith("Chưa có thể thức cho loại văn bản “BB”.")
    assert early.startswith("Chưa có thể thức trình bày cho văn bản ngày 01/05/2019")


def test_a_notation_has_no_spaces():
    assert check_document(a_letter(notation="SKHCN - TĐC")) == [
        "Ký hiệu “SKHCN - TĐC” không được có khoảng trắng."
    ]


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ((Heading(HeadingLevel.CLAUSE, " "), END), "Nội dung, khối 1: tiêu đề để trống."),
        ((Paragraph((Run(" "),)), END), "Nội dung, khối 1: đoạn văn để trống."),
        ((Points(()), END), "Nội dung, khối 1: danh sách chưa có dòng nào."),
        ((Points(("a", "")), END), "Nội dung, khối 1: danh sách có dòng để trống."),
        (
            (Points(("x",) * 24, ListMark.LETTER), END),
            "Nội dung, khối 1: quá 23 điểm, không đủ chữ cái để đánh; hãy dùng số.",
        ),
        (
            (*(Heading(HeadingLevel.POINT, "x"),) * 24, END),
            "Nội dung, khối 24: quá 23 điểm, không đủ chữ cái để đánh; hãy dùng số.",
        ),
        (
            (END, a_small_table()),
            "Nội dung phải kết thúc bằng một đoạn văn để ghi dấu “./.”; hãy thêm một đoạn sau bảng "
            "hoặc tiêu đề cuối cùng.",
        ),
    ],
)
def test_faults_of_the_text_are_found_where_they_are(blocks, problem):
    assert check_document(a_letter(body=blocks)) == [problem]


NAME, COUNT = Column("Tên", 1), Column("Số", 1, ColumnKind.NUMBER)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (Table((), ()), "bảng chưa có cột nào."),
        (Table((Column("", 1),), ()), "cột 1 chưa có tên."),
        (Table((NAME, Column("B", 0)), ()), "độ rộng của cột 2 phải lớn hơn 0."),
        (
            Table((Column("A", 1), Column("B", 40)), ()),
            "cột 1 quá hẹp; hãy bớt cột hoặc chuyển phụ lục sang khổ ngang.",
        ),
        (Table((NAME, COUNT), (Row.of("a"),)), "dòng 1 có 1 ô, bảng có 2 cột."),
        (
            Table((NAME, COUNT), (Row.of("a", date(2026, 1, 1)),)),
            "dòng 1, cột “Số” có giá trị không đúng kiểu của cột.",
        ),
        (
            Table((NAME, COUNT), (Row.of("a", Decimal("NaN")),)),
            "dòng 1, cột “Số” có giá trị không đúng kiểu của cột.",
        ),
        (
            Table((NAME,), (Row.group("a", code="I"),)),
            "dòng nhóm 1 phải có tên nhóm và nhiều nhất một mã.",
        ),
    ],
)
def test_faults_of_a_table_are_found_where_they_are(table, problem):
    document = a_letter(annexes=(an_annex(blocks=(END, table)),))

    assert check_document(document) == [f"Phụ lục, khối 2: {problem}"]


def test_characters_that_will_not_show_are_listed():
    table = Table((Column("Tên ✓", 1),), (Row.of("Tốt 👍"),))
    document = a_letter(body=(Paragraph("中 đã\u200b xong"),), annexes=(an_annex(blocks=(table,)),))

    assert unprintable_characters(document) == ["✓", "中", "👍"]
    assert unprintable_characters(a_report()) == []
