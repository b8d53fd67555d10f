from datetime import date

import pytest

from chuan.core.documents.layout import IssueDate, ListMark, Paragraph, Points, narrative


def test_a_draft_may_leave_the_day_or_day_and_month_open():
    assert IssueDate(2026, 2).latest() == date(2026, 2, 28)
    assert IssueDate(2026).earliest() == date(2026, 1, 1)
    assert IssueDate(2026).latest() == date(2026, 12, 31)
    assert IssueDate.on(date(2026, 11, 3)) == IssueDate(2026, 11, 3)


def test_a_date_line_has_no_impossible_day():
    with pytest.raises(ValueError, match="day is out of range"):
        IssueDate(2026, 2, 30)
    with pytest.raises(ValueError, match="needs its month"):
        IssueDate(2026, None, 5)


def test_what_somebody_typed_becomes_paragraphs_and_points():
    typed = "Đã hoàn thành:\n- tập huấn;\n• kiểm tra;\n+ lần một\n\n- 5 độ C\nKết luận\n-"

    assert narrative(typed) == (
        Paragraph("Đã hoàn thành:"),
        Points(("tập huấn;", "kiểm tra;")),
        Points(("lần một",), ListMark.PLUS),
        Points(("5 độ C",)),
        Paragraph("Kết luận"),
        Paragraph("-"),
    )
    assert narrative(" \n ") == ()
