"""The main job, from the decision to the report that is sent: in a browser, wide, narrow, without scripts."""

from __future__ import annotations

from pathlib import Path

import docx
import openpyxl
import pdfplumber
import pytest

from tests.browser import deeds
from tests.browser.people import come_in, load_bodies_and_people
from tests.browser.visits import Looks, Visit


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
        return come_in(username, sign_in, looks, **how)

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
