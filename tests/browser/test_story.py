"""The main job, from the decision to the report that is sent: in a browser, wide, narrow, without scripts."""

from __future__ import annotations

import time
from pathlib import Path

import docx
import openpyxl
import pdfplumber
import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from chuan.core.orgs.models import Organisation
from chuan.core.people.enums import NEEDS_SECOND_FACTOR, Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.demo.operations import load_reference_data
from tests.browser import deeds
from tests.browser.visits import Looks, Visit

PASSWORD = "mat-khau-de-thu"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

SCIENCE = "gl-so-khoa-hoc-va-cong-nghe"
AGRICULTURE = "gl-so-nong-nghiep-va-moi-truong"
COMMUNE = "gl-xa-21952"
PEOPLE = {
    "dieu.phoi": ("Nguyễn Thị Phối", Role.DEPARTMENT_COORDINATOR, SCIENCE),
    "lanh.dao": ("Trần Văn Đạo", Role.DEPARTMENT_LEADER, SCIENCE),
    "can.bo": ("Lê Thị Bộ", Role.UNIT_CLERK, AGRICULTURE),
    "thu.truong": ("Phạm Văn Trưởng", Role.UNIT_HEAD, AGRICULTURE),
    "can.bo.xa": ("Võ Thị Xã", Role.UNIT_CLERK, COMMUNE),
    "chu.tich.xa": ("Đặng Văn Tịch", Role.UNIT_HEAD, COMMUNE),
}


def load_bodies_and_people() -> None:
    """What a new installation has before its first plan: law, holidays, bodies and accounts."""
    load_reference_data(lambda _words: None)
    for username, (full_name, role, key) in PEOPLE.items():
        person = PersonFactory(
            username=username,
            full_name=full_name,
            role=role,
            organisation=Organisation.objects.get(key=key),
            second_factor=False,
        )
        if role in NEEDS_SECOND_FACTOR:
            TOTP.activate(person, SECRET)


@pytest.fixture(params=["wide", "narrow", "without scripts"])
def visit(request, start_from, sign_in):
    """`visit("dieu.phoi")`: that person's own browser, signed in; every page they meet is looked at."""
    start_from("story", load_bodies_and_people)
    looks = Looks()
    how = {
        "wide": {"width": 1280},
        "narrow": {"width": 360},
        "without scripts": {"width": 1280, "javascript": False},
    }[request.param]

    def begin(username: str) -> Visit:
        page = sign_in(username, PASSWORD, **how)
        one = Visit(page, looks, has_scripts=request.param != "without scripts")
        if PEOPLE[username][1] in NEEDS_SECOND_FACTOR:
            one.is_at("Nhập mã xác thực")
            one.fill("Mã", format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))
            one.press("Tiếp tục")
        one.is_at("Việc của tôi")
        one.look()
        return one

    yield begin
    assert looks.faults == []


def test_from_the_decision_to_the_report(visit, tmp_path):
    coordinator = visit("dieu.phoi")
    deeds.import_the_decision(coordinator)
    deeds.see_one_assignment_for_each_body_and_year(coordinator)
    deeds.call_for_the_reports_of_2026(coordinator)

    clerk, head = visit("can.bo"), visit("thu.truong")
    deeds.write_the_report(clerk, evidence_in(tmp_path))
    deeds.lay_before_the_head(clerk)
    deeds.sign_and_send(head)

    deeds.send_back(coordinator, "Sở Nông nghiệp và Môi trường")
    deeds.mend(clerk)
    deeds.lay_before_the_head(clerk)
    deeds.sign_and_send(head)
    deeds.accept(coordinator, "Sở Nông nghiệp và Môi trường")

    clerk_of_commune = visit("can.bo.xa")
    deeds.write_the_report(clerk_of_commune)
    deeds.lay_before_the_head(clerk_of_commune)
    deeds.sign_and_send(visit("chu.tich.xa"))
    deeds.accept(coordinator, "Ủy ban nhân dân xã Tuy Phước")

    deeds.leave_out(coordinator, "Sở Ngoại vụ")
    deeds.consolidate(coordinator)
    check_the_files(deeds.make_the_documents(coordinator, tmp_path))
    deeds.close(visit("lanh.dao"))
    deeds.see_it_is_done(clerk)


def evidence_in(folder: Path) -> Path:
    path = folder / "ke-hoach-45.docx"
    document = docx.Document()
    document.add_paragraph("Kế hoạch tập huấn tiêu chuẩn, đo lường, chất lượng")
    document.save(str(path))
    return path


# ---------------------------------------------------------------- what was sent


def check_the_files(paths: dict[str, Path]) -> None:
    words = {kind: " ".join(words_in(paths[kind]).split()) for kind, words_in in READERS.items()}
    assert paths["pdf"].read_bytes().startswith(b"%PDF")
    for kind in ("docx", "pdf"):
        assert "2/152" in words[kind]
        assert deeds.OVERALL in words[kind]
        assert deeds.TASK_TEXT in words[kind]
    for text in words.values():
        assert "Sở Nông nghiệp và Môi trường" in text
        assert deeds.REASON in text


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


READERS = {"docx": words_in_docx, "pdf": words_in_pdf, "xlsx": words_in_xlsx}
