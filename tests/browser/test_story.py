"""The main job, from the decision to the report that is sent: in a browser, wide, narrow, without scripts."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from pathlib import Path

import docx
import openpyxl
import pdfplumber
import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Locator, expect

from chuan.core.orgs.models import Organisation
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.demo.operations import load_reference_data
from chuan.lib.vietnamese import format_date
from chuan.modules.plans.models import Plan
from tests.browser.visits import Looks, Visit

DECISION = settings.ROOT / "samples" / "quyet-dinh-1029-2025.txt"
PASSWORD = "mat-khau-de-thu"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

DEPARTMENT = "gl-so-khoa-hoc-va-cong-nghe"
AGRICULTURE = "gl-so-nong-nghiep-va-moi-truong"
COMMUNE = "gl-xa-21952"
DEPARTMENT_NAME = "Sở Nông nghiệp và Môi trường"
COMMUNE_NAME = "Ủy ban nhân dân xã Tuy Phước"
EVERYTHING = re.compile("")
LEFT_OUT = "Sở Ngoại vụ"
MONTH = timedelta(days=31)
DIFFICULTY = "Thiếu thiết bị đo ở trạm"
COMMENT = "Nêu rõ số cơ sở đã kiểm tra."
OVERALL = "Năm 2026, công tác tiêu chuẩn, đo lường, chất lượng của tỉnh đi vào nền nếp."
TASK_TEXT = "Các đơn vị đã kiểm tra 38 cơ sở, xử lý 2 trường hợp vi phạm."
UNKNOWN = "Câu lạc bộ Năng suất chất lượng"
PEOPLE = {
    "dieu.phoi": (Role.DEPARTMENT_COORDINATOR, DEPARTMENT),
    "lanh.dao": (Role.DEPARTMENT_LEADER, DEPARTMENT),
    "can.bo": (Role.UNIT_CLERK, AGRICULTURE),
    "thu.truong": (Role.UNIT_HEAD, AGRICULTURE),
    "can.bo.xa": (Role.UNIT_CLERK, COMMUNE),
    "chu.tich.xa": (Role.UNIT_HEAD, COMMUNE),
}


def load_bodies_and_people() -> None:
    """What a new installation has before its first plan: law, holidays, bodies and accounts."""
    load_reference_data(lambda _words: None)
    for username, (role, key) in PEOPLE.items():
        person = PersonFactory(
            username=username,
            full_name=username.replace(".", " ").title(),
            role=role,
            organisation=Organisation.objects.get(key=key),
            second_factor=False,
        )
        if person.needs_second_factor:
            TOTP.activate(person, SECRET)


@pytest.fixture
def site(start_from):
    start_from("story", load_bodies_and_people)


@pytest.fixture(params=["wide", "narrow", "without scripts"])
def visit(request, site, sign_in):
    """`visit("dieu.phoi")`: that person's own browser, signed in."""
    looks = Looks()
    how = {
        "wide": {"width": 1280},
        "narrow": {"width": 360},
        "without scripts": {"width": 1280, "javascript": False},
    }[request.param]

    def begin(username: str) -> Visit:
        page = sign_in(username, PASSWORD, **how)
        one = Visit(page, looks, has_scripts=request.param != "without scripts")
        if PEOPLE[username][0] in {Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER}:
            one.fill("Mã", format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))
            one.press("Tiếp tục")
        return one

    yield begin
    assert looks.faults == []


def test_from_the_decision_to_the_report(visit, tmp_path):
    coordinator = visit("dieu.phoi")
    import_the_decision(coordinator)
    see_one_assignment_for_each_body_and_year(coordinator)
    call_for_the_reports_of_2026(coordinator)

    clerk, head = visit("can.bo"), visit("thu.truong")
    write_the_report(clerk, evidence_in(tmp_path))
    lay_before_the_head(clerk)
    sign_and_send(head)

    send_back(coordinator, DEPARTMENT_NAME)
    mend(clerk)
    lay_before_the_head(clerk)
    sign_and_send(head)
    accept(coordinator, DEPARTMENT_NAME)

    clerk_of_commune = visit("can.bo.xa")
    write_the_report(clerk_of_commune)
    lay_before_the_head(clerk_of_commune)
    sign_and_send(visit("chu.tich.xa"))
    accept(coordinator, COMMUNE_NAME)

    leave_out(coordinator, LEFT_OUT)
    consolidate(coordinator, tmp_path)
    close(visit("lanh.dao"))


def evidence_in(folder: Path) -> Path:
    path = folder / "ke-hoach-45.docx"
    document = docx.Document()
    document.add_paragraph("Kế hoạch tập huấn tiêu chuẩn, đo lường, chất lượng")
    document.save(str(path))
    return path


def import_the_decision(coordinator: Visit) -> None:
    coordinator.open("/ke-hoach/")
    coordinator.follow("Nhập quyết định")
    coordinator.page.get_by_label("Tệp quyết định").set_input_files(DECISION)
    coordinator.press("Đọc tệp")
    coordinator.sees("6 nhóm, 21 nhiệm vụ")
    coordinator.follow("Sang thông tin chung")
    coordinator.fill("Số", "1029")
    coordinator.fill("Ngày ban hành", "25/3/2025")
    coordinator.press("Lưu, sang Nhiệm vụ")
    review_the_tasks(coordinator)
    say_who_the_names_are(coordinator)
    coordinator.press("Phê duyệt kế hoạch")
    coordinator.is_at("Kế hoạch theo Quyết định 1029/QĐ-UBND")


def see_one_assignment_for_each_body_and_year(coordinator: Visit) -> None:
    departments, districts, communes = 17, 11, 135
    coordinator.follow("Ma trận")
    for year, bodies in ((2025, departments + districts), (2026, departments + communes)):
        coordinator.follow(str(year))
        coordinator.sees(f": {bodies} cơ quan")


def call_for_the_reports_of_2026(coordinator: Visit) -> None:
    """Whatever day it is: the period has begun and is open for a month to come."""
    coordinator.open(f"/bao-cao/ky/mo/{Plan.objects.get().pk}/2026/")
    coordinator.sees("152 cơ quan chủ trì nhiệm vụ")
    today = timezone.localdate()
    coordinator.fill("Mở từ ngày", format_date(min(today, date(2026, 10, 1))))
    coordinator.fill("Số liệu đến hết ngày", format_date(max(today, date(2026, 10, 31))))
    coordinator.fill("Nhận đến hết ngày", format_date(max(today, date(2026, 11, 30))))
    coordinator.fill("Khóa sau ngày", format_date(max(today + MONTH, date(2026, 12, 31))))
    coordinator.press("Mở kỳ báo cáo năm 2026")
    coordinator.sees("0/152")


def write_the_report(clerk: Visit, evidence: Path | None = None) -> None:
    clerk.open("/bao-cao/")
    clerk.follow("Báo cáo năm 2026")
    clerk.press("Bắt đầu báo cáo")
    if evidence:
        prove_one_task_and_tell_a_difficulty(clerk, evidence)
        say_what_the_system_could_not_count(clerk)
    codes = leading_tasks(clerk).locator(".ref").all_inner_texts()
    open_task(clerk, codes[0])
    for code, following in zip(codes, [*codes[1:], ""], strict=True):
        clerk.is_at(code)
        clerk.fill("Kết quả thực hiện", f"Đã tổ chức 12 lớp tập huấn theo nội dung {code}.")
        clerk.choose("Hoàn thành" if evidence and code == codes[0] else "Cơ bản")
        clerk.tick("Tôi đã xong mục này")
        clerk.press(f"Lưu, sang {following}" if following else f"Lưu mục {code}")
    clerk.open(report_page(clerk))
    for section, field in (
        ("Kết quả nổi bật", "Kết quả nổi bật"),
        ("Khó khăn, vướng mắc", "Kiến nghị, đề xuất"),
        ("Phương hướng năm 2027", "Phương hướng năm sau"),
    ):
        clerk.follow(section)
        if evidence and section == "Khó khăn, vướng mắc":
            clerk.sees(DIFFICULTY)
        clerk.fill(field, f"{field} của đơn vị: tiếp tục phổ biến tiêu chuẩn.")
        clerk.tick("Tôi đã xong phần này")
        clerk.press("Lưu phần này")


def leading_tasks(clerk: Visit) -> Locator:
    return clerk.page.get_by_role("region", name="Nhiệm vụ chủ trì")


def open_task(clerk: Visit, code: str) -> None:
    row = (
        leading_tasks(clerk)
        .get_by_role("listitem")
        .filter(has=clerk.page.get_by_text(code, exact=True))
    )
    clerk.follow(EVERYTHING, within=row)


def report_page(visit: Visit) -> str:
    found = re.search(r"/bao-cao/\d+/", visit.page.url)
    assert found, visit.page.url
    return found[0]


def prove_one_task_and_tell_a_difficulty(clerk: Visit, evidence: Path) -> None:
    report = report_page(clerk)
    clerk.follow(EVERYTHING, within=leading_tasks(clerk))
    clerk.follow("Mở nhiệm vụ")
    clerk.follow("Thêm minh chứng")
    clerk.choose("Văn bản phát hành")
    clerk.fill("Tên minh chứng", "Kế hoạch số 45/KH-SNNMT")
    clerk.page.get_by_label("Tệp", exact=True).set_input_files(evidence)
    clerk.press("Thêm minh chứng")
    clerk.sees("Kế hoạch số 45/KH-SNNMT")
    clerk.follow("Nêu vướng mắc")
    clerk.fill("Tóm tắt", DIFFICULTY)
    clerk.fill("Nội dung vướng mắc", "Chưa có thiết bị đo độ ẩm tại các trạm.")
    clerk.press("Gửi vướng mắc")
    clerk.open(report)
    clerk.press("Đồng bộ từ hệ thống")


def say_what_the_system_could_not_count(clerk: Visit) -> None:
    clerk.follow("Số liệu từ hệ thống")
    clerk.follow(re.compile("Số minh chứng đã cung cấp"))
    clerk.fill("Số đơn vị báo cáo", "3")
    clerk.press("Ghi số của đơn vị")
    clerk.sees("Nhập lý do")
    clerk.fill("Lý do khác với hệ thống", "Hai tập hồ sơ giấy chưa nhập vào hệ thống.")
    clerk.press("Ghi số của đơn vị")
    clerk.sees("Đã ghi số của đơn vị")
    clerk.open(report_page(clerk))


def lay_before_the_head(clerk: Visit) -> None:
    clerk.open(report_page(clerk))
    clerk.follow(re.compile("^Kiểm tra rồi gửi"))
    clerk.press("Trình thủ trưởng ký gửi")


def sign_and_send(head: Visit) -> None:
    head.open("/bao-cao/")
    head.follow("Báo cáo năm 2026")
    head.follow("Xem và ký gửi")
    head.sees("Đã tổ chức 12 lớp tập huấn")
    head.follow("Ký gửi báo cáo năm 2026")
    head.press("Ký gửi báo cáo năm 2026")


def open_for_review(coordinator: Visit, body: str) -> None:
    coordinator.open("/bao-cao/")
    coordinator.page.get_by_role("searchbox").fill(body)
    coordinator.press("Lọc")
    coordinator.follow(body)
    coordinator.is_at(body)


def send_back(coordinator: Visit, body: str) -> None:
    open_for_review(coordinator, body)
    place = coordinator.page.get_by_label("Ở chỗ")
    place.select_option(label=place.get_by_text(re.compile("^V.1 ")).inner_text())
    coordinator.fill("Cần chỉnh lý", COMMENT)
    coordinator.press("Ghi ý kiến")
    coordinator.follow("Trả lại kèm 1 ý kiến")
    coordinator.press("Trả lại báo cáo")


def mend(clerk: Visit) -> None:
    clerk.open(report_page(clerk))
    clerk.sees("Yêu cầu chỉnh lý")
    open_task(clerk, "V.1")
    clerk.sees(COMMENT)
    clerk.fill("Kết quả thực hiện", "Đã tổ chức 12 lớp tập huấn; kiểm tra 38 cơ sở, xử lý 2.")
    clerk.tick("Đã sửa theo ý kiến này")
    clerk.press("Lưu mục V.1")


def accept(coordinator: Visit, body: str) -> None:
    open_for_review(coordinator, body)
    coordinator.follow("Duyệt báo cáo")
    coordinator.press("Duyệt báo cáo")


def leave_out(coordinator: Visit, body: str) -> None:
    open_for_review(coordinator, body)
    coordinator.follow("Loại trừ…")
    coordinator.fill("Lý do", "Đang sắp xếp lại bộ máy, báo cáo vào kỳ sau.")
    coordinator.press("Loại trừ báo cáo")


def consolidate(coordinator: Visit, folder: Path) -> None:
    coordinator.open("/tong-hop/")
    coordinator.press("Tổng hợp 2 báo cáo đã duyệt")
    coordinator.sees("2/152")
    coordinator.sees("Đang sắp xếp lại bộ máy")
    coordinator.follow("Sửa lời văn")
    overall = coordinator.page.get_by_role("textbox", name="I. Tình hình chung")
    overall.fill(f"{overall.input_value()}\n{OVERALL}")
    coordinator.press("Lưu lời văn")
    coordinator.follow(re.compile("^V.1 "))
    coordinator.fill("Lời văn trong báo cáo", TASK_TEXT)
    coordinator.press("Lưu bản ghép V.1")
    coordinator.follow("Văn bản gửi UBND tỉnh, Bộ KH&CN")
    for reader in ("Ủy ban nhân dân tỉnh", "Bộ Khoa học và Công nghệ"):
        coordinator.press(re.compile(f"^Tạo DOCX, PDF, XLSX.*{reader}"))
    for kind in ("docx", "pdf", "xlsx"):
        path = coordinator.download(re.compile(rf"\.{kind}$"), folder)
        check_the_file(path)


def check_the_file(path: Path) -> None:
    words = " ".join(WORDS_IN[path.suffix](path).split())
    assert DEPARTMENT_NAME in words
    if path.suffix != ".xlsx":
        assert "2/152" in words
        assert OVERALL in words
        assert TASK_TEXT in words


def words_in_docx(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join([paragraph.text for paragraph in document.paragraphs] + cells)


def words_in_pdf(path: Path) -> str:
    with pdfplumber.open(path) as pdf:
        return " ".join(page.extract_text() for page in pdf.pages)


def words_in_xlsx(path: Path) -> str:
    book = openpyxl.load_workbook(path, read_only=True)
    return " ".join(
        str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row
    )


WORDS_IN = {".docx": words_in_docx, ".pdf": words_in_pdf, ".xlsx": words_in_xlsx}


def close(leader: Visit) -> None:
    leader.open("/tong-hop/")
    leader.follow("Chốt bản 1")
    leader.press("Chốt bản tổng hợp 1")
    leader.sees("Đã chốt")


def review_the_tasks(coordinator: Visit) -> None:
    """The doubtful ones; the first gets a body nobody knows."""
    expect(coordinator.page.get_by_text("Cần xem lại (2)")).to_be_visible()
    coordinating = coordinator.page.get_by_label("Cơ quan phối hợp")
    coordinating.fill(coordinating.input_value() + f"\n{UNKNOWN}")
    coordinator.press(re.compile("^Đúng, sang "))
    coordinator.press("Đúng, sang Cơ quan và hạn")


def say_who_the_names_are(coordinator: Visit) -> None:
    gone = coordinator.page.get_by_role("group", name="UBND các huyện, thị xã, thành phố").first
    coordinator.sees("Không còn cơ quan nào vào ngày 01/01/2026.")
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
