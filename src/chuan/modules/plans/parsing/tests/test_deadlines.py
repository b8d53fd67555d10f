"""Every way plans write a deadline."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.modules.plans.parsing import DueKind
from chuan.modules.plans.parsing.deadlines import is_deadline, read_deadline

YEARLY, ONCE, UNTIL, BY_LAW = DueKind.YEARLY, DueKind.ONCE, DueKind.UNTIL, DueKind.BY_LAW


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        ("Hàng năm", YEARLY, None),
        ("Hằng năm", YEARLY, None),
        ("hàng  năm", YEARLY, None),
        ("Thường xuyên", YEARLY, None),
        ("Thường xuyên, liên tục", YEARLY, None),
        ("Định kỳ hàng năm", YEARLY, None),
        ("Hàng quý", YEARLY, None),
        ("Trước ngày 15/12 hằng năm", YEARLY, None),
        ("Quý IV hàng năm", YEARLY, None),
        ("Năm 2025 và các năm tiếp theo", YEARLY, None),
        ("Thường xuyên giai đoạn 2026 - 2030", YEARLY, None),
        ("01 lần/năm", YEARLY, None),
        ("Quý II năm 2025", ONCE, "2025-06-30"),
        ("Quý II/2025", ONCE, "2025-06-30"),
        ("Quý 3/2026", ONCE, "2026-09-30"),
        ("Quí II/2026", ONCE, "2026-06-30"),
        ("Q.II/2026", ONCE, "2026-06-30"),
        ("T6/2026", ONCE, "2026-06-30"),
        ("Quý III, IV năm 2026", ONCE, "2026-12-31"),
        ("Quý III, Quý IV năm 2026", ONCE, "2026-12-31"),
        ("Quý II-III/2026", ONCE, "2026-09-30"),
        ("Trong quý IV năm 2025", ONCE, "2025-12-31"),
        ("Hoàn thành trong Quý I/2026", ONCE, "2026-03-31"),
        ("Năm 2026 (Quý II)", ONCE, "2026-06-30"),
        ("Tháng 6/2026", ONCE, "2026-06-30"),
        ("Tháng 02/2028", ONCE, "2028-02-29"),
        ("Tháng 6 năm 2026", ONCE, "2026-06-30"),
        ("Tháng 9, 10/2026", ONCE, "2026-10-31"),
        ("Tháng 6-12/2026", ONCE, "2026-12-31"),
        ("tháng 12-2025", ONCE, "2025-12-31"),
        ("6/2026", ONCE, "2026-06-30"),
        ("30/6/2026", ONCE, "2026-06-30"),
        ("Ngày 01 tháng 7 năm 2025", ONCE, "2025-07-01"),
        ("Chậm nhất ngày 30/9/2026", ONCE, "2026-09-30"),
        ("Trước 30/9/2026", ONCE, "2026-09-29"),
        ("Trước ngày 30 tháng 9 năm 2026", ONCE, "2026-09-29"),
        ("Xong trước ngày 01/01/2027", ONCE, "2026-12-31"),
        ("Trước tháng 9/2026", ONCE, "2026-08-31"),
        ("Trước Quý II/2026", ONCE, "2026-03-31"),
        ("Trước năm 2027", ONCE, "2026-12-31"),
        ("Năm 2026", ONCE, "2026-12-31"),
        ("2026", ONCE, "2026-12-31"),
        ("6 tháng đầu năm 2026", ONCE, "2026-06-30"),
        ("6 tháng cuối năm 2026", ONCE, "2026-12-31"),
        ("Cuối năm 2026", ONCE, "2026-12-31"),
        ("Đến 2030", UNTIL, "2030-12-31"),
        ("Đến năm 2030", UNTIL, "2030-12-31"),
        ("Đến hết năm 2030", UNTIL, "2030-12-31"),
        ("Đến năm 2030 và những năm tiếp theo", UNTIL, "2030-12-31"),
        ("2026 - 2030", UNTIL, "2030-12-31"),
        ("2026–2030", UNTIL, "2030-12-31"),
        ("Giai đoạn 2026-2030", UNTIL, "2030-12-31"),
        ("Từ năm 2025 đến năm 2030", UNTIL, "2030-12-31"),
        ("Từ tháng 6 đến tháng 12/2026", UNTIL, "2026-12-31"),
        ("Quý III/2025 - Quý I/2026", UNTIL, "2026-03-31"),
        ("Năm 2025, 2026", UNTIL, "2026-12-31"),
        ("Theo quy định pháp luật", BY_LAW, None),
        ("Theo quy định của pháp luật", BY_LAW, None),
        ("Theo kế hoạch", BY_LAW, None),
        ("Khi có yêu cầu", BY_LAW, None),
        ("Sau khi Trung ương ban hành", BY_LAW, None),
    ],
)
def test_a_deadline_gives_its_kind_and_last_day(text, kind, day):
    found = read_deadline(text)
    assert (found.due.kind, found.due.date and found.due.date.isoformat()) == (kind, day)
    assert found.doubts == ()
    assert is_deadline(" ".join(text.split()))


@pytest.mark.parametrize(
    ("text", "kind", "day", "doubt"),
    [
        ("Quý IV", ONCE, "2026-12-31", "assumed_year"),
        ("Tháng 6", ONCE, "2026-06-30", "assumed_year"),
        ("Trước 15/12", ONCE, "2026-12-14", "assumed_year"),
        ("Từ năm 2026", YEARLY, None, "open_ended"),
        ("Quý IV/2025 và thường xuyên", YEARLY, None, "several_deadlines"),
        ("Sớm nhất có thể", BY_LAW, None, "unknown_deadline"),
        ("", BY_LAW, None, "empty_deadline"),
        ("-", BY_LAW, None, "empty_deadline"),
        ("31/12/024", ONCE, None, "impossible_year"),
        ("31/02/2026", ONCE, None, "impossible_date"),
        ("Khai trương nhà máy năm 2026", ONCE, "2026-12-31", "unknown_deadline"),
    ],
)
def test_a_guessed_deadline_says_that_it_is_one(text, kind, day, doubt):
    found = read_deadline(text, year=2026)
    assert (found.due.kind, found.due.date and found.due.date.isoformat()) == (kind, day)
    assert [d.code for d in found.doubts] == [doubt]


def test_a_deadline_without_year_in_a_plan_without_year_is_asked_for():
    found = read_deadline("Quý IV")
    assert found.due.date is None
    assert [d.code for d in found.doubts] == ["no_year"]


@pytest.mark.parametrize(
    "text",
    [
        "tổ chức diễn đàn năm 2026",
        "và phục vụ công tác công an trong giai đoạn đến năm 2030",
        "Sở Khoa học và Công nghệ",
        "1",
        "Định kỳ hàng năm, tổ chức diễn đàn đối thoại với doanh nghiệp",
        "",
    ],
)
def test_running_text_is_no_deadline(text):
    assert not is_deadline(text)


@given(st.text(max_size=200))
def test_any_text_gives_some_deadline(text):
    due = read_deadline(text, year=2026).due
    assert due.date is None or due.kind in (ONCE, UNTIL)


@given(st.dates(dt.date(2024, 1, 2), dt.date(2035, 12, 31)))
def test_before_a_day_is_the_day_before(day):
    written = f"Trước ngày {day.day:02d}/{day.month}/{day.year}"
    assert read_deadline(written).due.date == day - dt.timedelta(days=1)
