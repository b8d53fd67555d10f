"""What the people of the story do, each at their own browser."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Locator, expect

from chuan.lib.vietnamese import format_date
from chuan.modules.plans.models import Plan
from tests.browser.visits import Visit

DECISION = settings.ROOT / "samples" / "quyet-dinh-1029-2025.txt"
MONTH = timedelta(days=31)
UNKNOWN = "Câu lạc bộ Năng suất chất lượng"
DIFFICULTY = "Thiếu thiết bị đo ở trạm"
COMMENT = "Nêu rõ số cơ sở đã kiểm tra."
REASON = "Đang sắp xếp lại bộ máy, báo cáo vào kỳ sau."
OVERALL = "Năm 2026, công tác tiêu chuẩn, đo lường, chất lượng của tỉnh đi vào nền nếp."
TASK_TEXT = "Các đơn vị đã kiểm tra 38 cơ sở, xử lý 2 trường hợp vi phạm."

# ---------------------------------------------------------------- the decision


def import_the_decision(coordinator: Visit) -> None:
    coordinator.open("/ke-hoach/")
    coordinator.follow("Nhập quyết định")
    coordinator.page.get_by_label("Tệp quyết định").set_input_files(DECISION)
    coordinator.press("Đọc tệp")
    coordinator.sees("6 nhóm, 21 nhiệm vụ")
    coordinator.glance("Bỏ bản nhập này")
    coordinator.follow("Sang thông tin chung")
    coordinator.fill("Số", "1029")
    coordinator.fill("Ngày ban hành", "25/3/2025")
    coordinator.press("Lưu, sang Nhiệm vụ")
    _review_the_tasks(coordinator)
    _say_who_the_names_are(coordinator)
    coordinator.press("Phê duyệt kế hoạch")
    coordinator.is_at("Kế hoạch theo Quyết định 1029/QĐ-UBND")


def _review_the_tasks(coordinator: Visit) -> None:
    """The doubtful ones; the first gets a body nobody knows."""
    coordinator.sees("Cần xem lại (2)")
    coordinator.glance("Nhóm và điểm")
    coordinator.glance("Bỏ nhiệm vụ")
    coordinating = coordinator.page.get_by_label("Cơ quan phối hợp")
    coordinating.fill(coordinating.input_value() + f"\n{UNKNOWN}")
    coordinator.press(re.compile("^Đúng, sang "))
    coordinator.press("Đúng, sang Cơ quan và hạn")


def _say_who_the_names_are(coordinator: Visit) -> None:
    coordinator.sees("Không còn cơ quan nào vào ngày 01/01/2026.")
    gone = coordinator.page.get_by_role("group", name="UBND các huyện, thị xã, thành phố").first
    gone.get_by_label("Cơ quan thay thế").select_option(label="UBND các xã, phường")
    coordinator.press("Lưu, sang Phê duyệt")
    coordinator.sees("Nhập văn bản làm căn cứ")
    gone.get_by_label("Căn cứ").fill("Nghị quyết số 1664/NQ-UBTVQH15 ngày 16/6/2025")
    coordinator.press("Lưu, sang Phê duyệt")
    expect(coordinator.page.get_by_role("button", name="Phê duyệt kế hoạch")).to_be_disabled()
    coordinator.follow(re.compile(UNKNOWN))
    unknown = coordinator.page.get_by_role("group", name=UNKNOWN)
    unknown.get_by_label("Trong danh mục").select_option(label="Không liệt kê được, không giao")
    coordinator.press("Lưu, sang Phê duyệt")


def see_one_assignment_for_each_body_and_year(coordinator: Visit) -> None:
    departments, districts, communes = 17, 11, 135
    coordinator.glance("Quyết định", within=_tabs(coordinator))
    coordinator.glance("Phân công", within=_tabs(coordinator))
    coordinator.follow("Ma trận", within=_tabs(coordinator))
    for year, bodies in ((2025, departments + districts), (2026, departments + communes)):
        coordinator.follow(str(year))
        coordinator.sees(f": {bodies} cơ quan")


def _tabs(visit: Visit) -> Locator:
    return visit.page.get_by_role("navigation", name="Phần của kế hoạch")


def call_for_the_reports_of_2026(coordinator: Visit) -> None:
    """Whatever day it is: the period has begun and is open for a month to come."""
    coordinator.open(f"/bao-cao/ky/mo/{Plan.objects.get().pk}/2026/")
    coordinator.sees("152 cơ quan phải gửi")
    today = timezone.localdate()
    coordinator.fill("Mở từ ngày", format_date(min(today, date(2026, 10, 1))))
    coordinator.fill("Số liệu đến hết ngày", format_date(max(today, date(2026, 10, 31))))
    coordinator.fill("Gia hạn chung đến hết ngày", format_date(max(today, date(2026, 11, 30))))
    coordinator.fill("Khóa sau ngày", format_date(max(today + MONTH, date(2026, 12, 31))))
    coordinator.press("Mở kỳ báo cáo năm 2026")
    coordinator.sees("0/152")
    coordinator.glance("Đôn đốc")


# ---------------------------------------------------------------- the unit


def write_the_report(clerk: Visit, evidence: Path | None = None) -> None:
    """Item by item; with evidence also a figure of one's own and a difficulty."""
    clerk.open("/bao-cao/")
    clerk.follow("Báo cáo năm 2026")
    clerk.press("Bắt đầu báo cáo")
    if evidence:
        _prove_a_task_and_tell_a_difficulty(clerk, evidence)
        _say_what_the_system_did_not_count(clerk)
    codes = _leading_tasks(clerk).locator(".ref").all_inner_texts()
    _open_task(clerk, codes[0])
    for code, following in zip(codes, [*codes[1:], ""], strict=True):
        clerk.is_at(code)
        clerk.fill("Kết quả thực hiện", f"Đã tổ chức 12 lớp tập huấn theo nội dung {code}.")
        clerk.choose("Hoàn thành" if evidence and code == codes[0] else "Cơ bản")
        clerk.tick("Đã viết xong mục này")
        clerk.press(f"Lưu, sang {following}" if following else f"Lưu mục {code}")
    clerk.open(_report_page(clerk))
    for section, field in (
        ("Kết quả nổi bật", "Kết quả nổi bật"),
        ("Khó khăn, vướng mắc", "Kiến nghị, đề xuất"),
        ("Phương hướng năm 2027", "Phương hướng năm sau"),
    ):
        clerk.follow(section)
        if evidence and section == "Khó khăn, vướng mắc":
            clerk.sees(DIFFICULTY)
        clerk.fill(field, f"{field} của đơn vị: tiếp tục phổ biến tiêu chuẩn.")
        clerk.tick("Đã viết xong phần này")
        clerk.press("Lưu phần này")


def _prove_a_task_and_tell_a_difficulty(clerk: Visit, evidence: Path) -> None:
    report = _report_page(clerk)
    _open_task(clerk, "II.2")
    clerk.follow("Mở nhiệm vụ")
    clerk.follow("Thêm minh chứng")
    clerk.choose("Văn bản phát hành")
    clerk.fill("Tên minh chứng", "Kế hoạch số 45/KH-SNNMT")
    clerk.page.get_by_label("Tệp", exact=True).set_input_files(evidence)
    clerk.press("Thêm minh chứng")
    clerk.sees("Kế hoạch số 45/KH-SNNMT")
    clerk.glance("Ghi tiến độ")
    clerk.follow("Nêu vướng mắc")
    clerk.fill("Tóm tắt", DIFFICULTY)
    clerk.fill("Nội dung vướng mắc", "Chưa có thiết bị đo độ ẩm tại các trạm.")
    clerk.press("Gửi vướng mắc")
    clerk.open(report)
    clerk.press("Đồng bộ từ hệ thống")


def _say_what_the_system_did_not_count(clerk: Visit) -> None:
    clerk.follow("Số liệu từ hệ thống")
    clerk.follow(re.compile("Số minh chứng đã cung cấp"))
    clerk.fill("Số đơn vị báo cáo", "3")
    clerk.press("Ghi số của đơn vị")
    clerk.sees("Nhập lý do")
    clerk.fill("Lý do khác với hệ thống", "Hai tập hồ sơ giấy chưa nhập vào hệ thống.")
    clerk.press("Ghi số của đơn vị")
    clerk.sees("Đã ghi số của đơn vị")
    clerk.open(_report_page(clerk))


def lay_before_the_head(clerk: Visit) -> None:
    clerk.open(_report_page(clerk))
    clerk.follow(re.compile("^Kiểm tra rồi gửi"))
    clerk.press("Trình thủ trưởng ký gửi")


def sign_and_send(head: Visit) -> None:
    head.open("/bao-cao/")
    head.follow("Báo cáo năm 2026")
    head.follow("Xem và ký gửi")
    head.sees("Đã tổ chức 12 lớp tập huấn")
    head.glance("Chuyển lại cán bộ sửa")
    head.follow("Ký gửi báo cáo năm 2026")
    head.press("Ký gửi báo cáo năm 2026")
    head.sees("Đã gửi chờ duyệt")
    head.glance("Rút lại để sửa")


def mend(clerk: Visit) -> None:
    clerk.open(_report_page(clerk))
    clerk.sees("Cơ quan tổng hợp yêu cầu chỉnh lý")
    _open_task(clerk, "V.1")
    clerk.sees(COMMENT)
    clerk.fill("Kết quả thực hiện", "Đã tổ chức 12 lớp tập huấn; kiểm tra 38 cơ sở, xử lý 2.")
    clerk.tick("Đã sửa theo ý kiến này")
    clerk.press("Lưu mục V.1")


def see_it_is_done(clerk: Visit) -> None:
    clerk.open(_report_page(clerk))
    clerk.sees("Hoàn thành")


def _leading_tasks(clerk: Visit) -> Locator:
    return clerk.page.get_by_role("region", name="Nhiệm vụ chủ trì")


def _open_task(clerk: Visit, code: str) -> None:
    rows = _leading_tasks(clerk).get_by_role("listitem")
    clerk.follow(re.compile("."), within=rows.filter(has=clerk.page.get_by_text(code, exact=True)))


def _report_page(visit: Visit) -> str:
    found = re.search(r"/bao-cao/\d+/", visit.page.url)
    assert found, visit.page.url
    return found[0]


# ---------------------------------------------------------------- the department


def send_back(coordinator: Visit, body: str) -> None:
    _open_for_review(coordinator, body)
    place = coordinator.page.get_by_label("Ở chỗ")
    place.select_option(label=place.get_by_text(re.compile(r"^V\.1 ")).inner_text())
    coordinator.fill("Cần chỉnh lý", COMMENT)
    coordinator.press("Ghi ý kiến")
    coordinator.follow("Trả lại kèm 1 ý kiến")
    coordinator.press("Trả lại báo cáo")
    coordinator.sees("Yêu cầu chỉnh lý")


def accept(coordinator: Visit, body: str) -> None:
    _open_for_review(coordinator, body)
    coordinator.follow("Duyệt báo cáo")
    coordinator.press("Duyệt báo cáo")
    _open_for_review(coordinator, body)
    coordinator.sees("Đã duyệt chờ tổng hợp")


def leave_out(coordinator: Visit, body: str) -> None:
    _open_for_review(coordinator, body)
    coordinator.follow("Loại trừ…")
    coordinator.press("Loại trừ báo cáo")
    coordinator.sees("Nhập lý do")
    coordinator.fill("Lý do", REASON)
    coordinator.press("Loại trừ báo cáo")
    coordinator.sees(REASON)


def _open_for_review(coordinator: Visit, body: str) -> None:
    coordinator.open("/bao-cao/")
    coordinator.page.get_by_role("main").get_by_role("searchbox").fill(body)
    coordinator.press("Lọc")
    coordinator.follow(body)
    coordinator.is_at(body)


def consolidate(coordinator: Visit) -> None:
    coordinator.open("/tong-hop/")
    coordinator.press("Tổng hợp 2 báo cáo đã duyệt")
    coordinator.sees("2/152")
    coordinator.sees(REASON)
    coordinator.glance("Số minh chứng đã cung cấp")
    coordinator.follow("Sửa lời văn")
    overall = coordinator.page.get_by_role("textbox", name="I. Tình hình chung")
    overall.fill(f"{overall.input_value()}\n{OVERALL}")
    coordinator.press("Lưu lời văn")
    coordinator.follow(re.compile(r"^V\.1 "))
    coordinator.fill("Lời văn trong báo cáo", TASK_TEXT)
    coordinator.press("Lưu bản ghép V.1")


def make_the_documents(coordinator: Visit, folder: Path) -> dict[str, Path]:
    """For both readers; the files of the first, by what they are."""
    coordinator.follow("Văn bản gửi UBND tỉnh, Bộ KH&CN")
    for reader in ("Ủy ban nhân dân tỉnh", "Bộ Khoa học và Công nghệ"):
        coordinator.press(re.compile(f"^Tạo DOCX, PDF, XLSX.*{reader}"))
    coordinator.glance(re.compile("^Kết quả thực hiện năm 2026"))
    return {
        kind: coordinator.download(re.compile(rf"\.{kind}$"), folder)
        for kind in ("docx", "pdf", "xlsx")
    }


def close(leader: Visit) -> None:
    leader.open("/tong-hop/")
    leader.follow("Chốt bản 1")
    leader.press("Chốt bản tổng hợp 1")
    leader.open("/tong-hop/")
    leader.sees("Đã chốt")
