"""Heads of decisions, plans and programmes of other provinces and bodies."""

from __future__ import annotations

import pytest

from chuan.modules.plans.parsing import ReadPlan, read_bytes
from chuan.modules.plans.parsing.head import numbers_in, proper_case

TWO_COLUMNS = """ỦY BAN NHÂN DÂN                CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
 TỈNH ĐẮK LẮK                        Độc lập - Tự do - Hạnh phúc

Số: 45/KH-UBND                  Đắk Lắk, ngày 14 tháng 02 năm 2025

                       KẾ HOẠCH
     Triển khai thực hiện Chỉ thị số 38-CT/TW của Ban Bí thư
              trên địa bàn tỉnh Đắk Lắk

   Thực hiện Quyết định số 1703/QĐ-TTg ngày 31/12/2024; Công văn số 123/BKHCN-TĐC, UBND tỉnh ban hành:
I. MỤC ĐÍCH
1. Mục đích
IV. TỔ CHỨC
Các sở báo cáo kết quả gửi UBND tỉnh (qua Sở Khoa học và Công nghệ) trước ngày 30/11 hằng năm.
Nơi nhận:                             TM. ỦY BAN NHÂN DÂN
- Bộ KH&CN;                              KT. CHỦ TỊCH
- TT Tỉnh ủy;                            PHÓ CHỦ TỊCH
- Lưu: VT.                                 (Đã ký)
                                         H’Yim Kđoh
"""

FROM_A_WEB_PAGE = """ỦY BAN NHÂN DÂN |
THÀNH PHỐ HỒ CHÍ MINH
-------
|
CỘNG HÒA XÃ HỘI CHỦ
NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
---------------
|
Số: 636/QĐ-UBND
|
Thành phố Hồ Chí Minh, ngày 21
tháng 11 năm 2025
|
QUYẾT
ĐỊNH
VỀ VIỆC BAN HÀNH KẾ HOẠCH HÀNH ĐỘNG NÂNG CAO NĂNG SUẤT
GIAI ĐOẠN 2026 - 2030
CHỦ TỊCH ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH
Căn cứ Luật Tổ chức Chính quyền địa phương số 72/2025/QH15 ngày 16 tháng 6 năm 2025;
Căn cứ Nghị định số 13/2022/NĐ-CP; Nghị quyết số 57-NQ/TW ngày 22/12/2024 của Bộ Chính trị;
Xét đề nghị của Giám đốc Sở Khoa học và Công nghệ tại Tờ trình số 617/TTr-SKHCN,
QUYẾT ĐỊNH:
Điều 1. Ban hành kèm theo Quyết định này Kế hoạch.
Điều 2. Hiệu lực.
Điều 3. Thi hành./.
Nơi nhận:
- Như Điều 3;
CHỦ TỊCH
Nguyễn Văn Được
"""

DEPARTMENT = """UBND TỈNH LÀO CAI
SỞ KHOA HỌC VÀ CÔNG NGHỆ
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 12 /KH-SKHCN
Lào Cai, ngày   tháng 3 năm 2026
KẾ HOẠCH
Công tác tiêu chuẩn đo lường chất lượng năm 2026
Căn cứ Kế hoạch số 99/KH-UBND ngày 01/01/2026 của UBND tỉnh;
I. NỘI DUNG
1. Báo cáo: trước ngày 10/12/2026 gửi báo cáo về Chi cục Tiêu chuẩn Đo lường Chất lượng.
GIÁM ĐỐC
NGUYỄN VĂN AN
"""


def read(text: str) -> ReadPlan:
    return read_bytes("a.txt", text.encode())


def test_a_head_in_two_columns_is_read_across_them():
    plan = read(TWO_COLUMNS)
    document = plan.document
    assert (document.number, document.notation) == ("45", "KH-UBND")
    assert document.issued_on.isoformat() == "2025-02-14"
    assert document.issuer == "Ủy ban nhân dân tỉnh Đắk Lắk"
    assert document.signer == "H’Yim Kđoh"
    assert document.title == (
        "Triển khai thực hiện Chỉ thị số 38-CT/TW của Ban Bí thư trên địa bàn tỉnh Đắk Lắk"
    )
    assert document.based_on == ("38-CT/TW", "1703/QĐ-TTg", "123/BKHCN-TĐC")


def test_reports_through_a_department_go_to_the_department():
    reporting = read(TWO_COLUMNS).reporting
    assert (reporting.due, reporting.to) == ("30/11", "Sở Khoa học và Công nghệ")
    assert reporting.yearly


def test_a_head_copied_from_a_web_page_is_read():
    plan = read(FROM_A_WEB_PAGE)
    document = plan.document
    assert (document.number, document.notation) == ("636", "QĐ-UBND")
    assert document.issued_on.isoformat() == "2025-11-21"
    assert document.issuer == "Ủy ban nhân dân thành phố Hồ Chí Minh"
    assert document.signer == "Nguyễn Văn Được"
    assert document.title.endswith("GIAI ĐOẠN 2026 - 2030")
    assert document.based_on == ("72/2025/QH15", "13/2022/NĐ-CP", "57-NQ/TW", "617/TTr-SKHCN")
    assert "missing_article" not in [w.code for w in plan.warnings]


def test_a_plan_of_a_department_names_it_with_its_province():
    plan = read(DEPARTMENT)
    assert plan.document.issuer == "Sở Khoa học và Công nghệ tỉnh Lào Cai"
    assert (plan.document.number, plan.document.issued_on) == ("12", None)
    assert plan.document.signer == "Nguyễn Văn An"
    assert [w.code for w in plan.warnings] == ["empty_date", "no_table"]
    assert (plan.reporting.due, plan.reporting.yearly) == ("10/12/2026", False)
    assert plan.reporting.to == "Chi cục Tiêu chuẩn Đo lường Chất lượng"


def test_a_number_with_its_year_keeps_it():
    text = FROM_A_WEB_PAGE.replace("Số: 636/QĐ-UBND", "Số: 77/2025/QĐ-UBND")
    assert read(text).document.number == "77/2025"


def test_a_signing_day_no_calendar_has_is_asked_for():
    plan = read(TWO_COLUMNS.replace("ngày 14 tháng 02", "ngày 30 tháng 02"))
    assert plan.document.issued_on is None
    assert "impossible_date" in [w.code for w in plan.warnings]


def test_where_each_field_was_read_is_told():
    sources = dict(read(TWO_COLUMNS).document.sources)
    assert (sources["number"].page, sources["number"].line) == (1, 4)
    assert sources["title"].line == 7


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Chỉ thị số 38-CT/TW và Quyết định số 1703/QĐ-TTg", ["38-CT/TW", "1703/QĐ-TTg"]),
        ("Nghị quyết số 08-\nNQ/TW, ngày 26/01/2022", ["08-NQ/TW"]),
        ("Luật số 72/2025/QH15; Nghị định 15/2020/NĐ-CP", ["72/2025/QH15", "15/2020/NĐ-CP"]),
        ("Tờ trình số 09/TTr-SKHCN ngày 17/3/2025", ["09/TTr-SKHCN"]),
        ("ngày 31/12/2024, 3/4 số dân, TCVN ISO 9001", []),
    ],
)
def test_numbers_of_documents_are_found(text, numbers):
    assert list(numbers_in(text)) == numbers


@pytest.mark.parametrize(
    ("capitals", "name"),
    [
        ("ỦY BAN NHÂN DÂN TỈNH BÀ RỊA - VŨNG TÀU", "Ủy ban nhân dân tỉnh Bà Rịa - Vũng Tàu"),
        ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", "Sở Khoa học và Công nghệ"),
        ("TUYÊN TRUYỀN, NÂNG CAO NHẬN THỨC", "Tuyên truyền, nâng cao nhận thức"),
        ("Sở Y tế", "Sở Y tế"),
    ],
)
def test_names_in_capitals_are_written_as_in_a_sentence(capitals, name):
    assert proper_case(capitals) == name
