"""The decision that started it all, with every trap its text sets."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from collections import Counter

import pytest

from chuan.modules.plans.parsing import BodyKind, DueKind, ReadPlan, read_bytes, read_plan
from chuan.modules.plans.parsing.tests.makers import ROOT, SEED, seed_docx, seed_pdf

ALL = ["Các sở, ban, ngành", "UBND các huyện, thị xã, thành phố"]
SCIENCE = ["Sở Khoa học và Công nghệ"]
LEADS = {
    "I.1": ALL, "I.2": SCIENCE, "I.3": SCIENCE,
    "II.1": SCIENCE, "II.2": ALL, "II.3": ALL[:1], "II.4": SCIENCE, "II.5": SCIENCE,
    "III.1": SCIENCE, "III.2": ["Sở Giáo dục và Đào tạo"], "III.3": SCIENCE,
    "IV.1": ["Sở Tài chính"],
    "IV.2": ["Sở Khoa học và Công nghệ", "Sở Xây dựng", "Sở Nông nghiệp và Môi trường", "Sở Y tế",
             "Công an tỉnh", "UBND các huyện, thị xã, thành phố"],
    "IV.3": ["Bộ Chỉ huy Quân sự tỉnh"], "IV.4": SCIENCE,
    "V.1": ALL, "V.2": SCIENCE, "V.3": ALL,
    "VI.1": ALL, "VI.2": SCIENCE, "VI.3": ALL,
}  # fmt: skip
PRESS = ["Báo Bình Định", "Đài Phát thanh và Truyền hình Bình Định"]
COORDINATING = {
    "I.1": ["Sở Khoa học và Công nghệ", "Cơ quan liên quan"],
    "I.2": [*PRESS, *ALL],
    "I.3": [*PRESS, *ALL],
    "II.3": ALL[1:],
    "III.1": [ALL[0], "Công an tỉnh", ALL[1]],
    "III.2": ["Sở Khoa học và Công nghệ", "Các cơ sở giáo dục nghề nghiệp"],
    "IV.2": [
        "Các đơn vị sự nghiệp công lập cung cấp dịch vụ về lĩnh vực tiêu chuẩn, đo lường, chất lượng",
        "Các tổ chức, cơ quan liên quan",
    ],
    "IV.3": ALL[:1],
    "V.3": ["Sở Nội vụ"],
}


@pytest.fixture(scope="module")
def seed() -> ReadPlan:
    return read_plan(SEED)


@pytest.fixture(scope="module")
def from_docx() -> ReadPlan:
    return read_bytes("quyet-dinh.docx", seed_docx())


@pytest.fixture(scope="module")
def from_pdf() -> ReadPlan:
    return read_bytes("quyet-dinh.pdf", seed_pdf())


def task(plan: ReadPlan, code: str):
    return next(task for task in plan.tasks if task.code == code)


def names(bodies) -> list[str]:
    return [body.name for body in bodies]


def essence(plan: ReadPlan):
    return [
        (t.code, t.section, t.text, names(t.lead), names(t.coordinating), t.time_text, t.due)
        for t in plan.tasks
    ]


def test_seed_has_six_sections_21_tasks_and_22_points(seed):
    assert [s.code for s in seed.sections] == ["I", "II", "III", "IV", "V", "VI"]
    assert [t.code for t in seed.tasks] == list(LEADS)
    assert " ".join(p.code for p in seed.body_points) == (
        "1.a 1.b 1.c 2.a 2.b 2.c 2.d 2.đ 3.a 3.b 3.c 4.a 4.b 4.c 4.d 5.a 5.b 5.c 5.d 6.a 6.b 6.c"
    )


def test_seed_titles_of_sections_are_whole(seed):
    assert seed.sections[0].title == (
        "Tuyên truyền, nâng cao nhận thức của các cấp ủy đảng, chính quyền, tổ chức, doanh nghiệp "
        "và Nhân dân về tầm quan trọng của công tác tiêu chuẩn, đo lường, chất lượng"
    )


def test_seed_names_the_lead_of_every_task(seed):
    assert {t.code: names(t.lead) for t in seed.tasks} == LEADS


def test_seed_names_who_coordinates(seed):
    found = {code: names(task(seed, code).coordinating) for code in COORDINATING}
    assert found == COORDINATING
    assert all(
        names(t.coordinating) == (SCIENCE if names(t.lead) == ALL else ALL)
        for t in seed.tasks
        if t.code not in COORDINATING
    )


def test_seed_tells_groups_single_bodies_and_open_words_apart(seed):
    assert [b.kind for b in task(seed, "IV.2").lead] == [BodyKind.NAMED] * 5 + [BodyKind.GROUP]
    assert task(seed, "I.1").coordinating[1].kind is BodyKind.OPEN
    assert task(seed, "IV.2").coordinating[1].kind is BodyKind.OPEN
    assert task(seed, "IV.2").lead[1].text == "Xây dựng"


def test_seed_has_17_yearly_tasks_one_quarter_two_to_2030_and_one_by_law(seed):
    kinds = Counter(t.due.kind for t in seed.tasks)
    assert kinds == {DueKind.YEARLY: 17, DueKind.ONCE: 1, DueKind.UNTIL: 2, DueKind.BY_LAW: 1}
    assert task(seed, "I.1").due.date == dt.date(2025, 6, 30)
    assert task(seed, "II.5").due.kind is DueKind.BY_LAW
    assert [task(seed, c).due.date for c in ("IV.2", "IV.3")] == [dt.date(2030, 12, 31)] * 2
    assert all(t.due.date is None for t in seed.tasks if t.due.kind is DueKind.YEARLY)


def test_the_tail_of_iii_1_is_not_read_into_iii_2(seed):
    first, second = task(seed, "III.1"), task(seed, "III.2")
    assert first.text.endswith(
        "quản lý nhà nước và phục vụ công tác công an trong giai đoạn đến năm 2030 "
        "và những năm tiếp theo"
    )
    assert second.text.startswith("Hỗ trợ đào tạo nhân lực")
    assert "công an" not in second.text
    assert "split_row" in [d.code for d in first.doubts]


def test_2030_in_running_text_is_no_deadline(seed):
    assert task(seed, "III.1").due.kind is DueKind.YEARLY
    assert "đến năm 2030 và những năm tiếp theo" in task(seed, "IV.3").text
    assert task(seed, "I.3").text.startswith("Định kỳ hàng năm, tổ chức diễn đàn")


def test_a_notation_broken_at_its_hyphen_is_joined(seed):
    assert "Nghị quyết số 08-NQ/TW, ngày 26/01/2022" in task(seed, "IV.3").text


def test_two_points_of_the_body_make_one_row(seed):
    found = {t.code: t.body_points for t in seed.tasks}
    assert found["V.1"] == ("5.a", "5.b")
    assert sorted(code for codes in found.values() for code in codes) == sorted(
        p.code for p in seed.body_points
    )
    assert all(len(codes) == 1 for code, codes in found.items() if code != "V.1")
    assert found["VI.3"] == ("6.c",)
    assert found["IV.1"] == ("4.a",)


def test_seed_head_is_read_and_its_empty_number_and_day_are_asked_for(seed):
    document = seed.document
    assert (document.number, document.notation, document.issued_on) == (None, "QĐ-UBND", None)
    assert document.issuer == "Ủy ban nhân dân tỉnh Bình Định"
    assert document.signer == "Lâm Hải Giang"
    assert document.title.startswith("Ban hành Kế hoạch triển khai Quyết định số 1703/QĐ-TTg")
    assert document.title.endswith("quốc gia đến năm 2030 và những năm tiếp theo")
    assert document.based_on == ("38-CT/TW", "1703/QĐ-TTg", "09/TTr-SKHCN", "08-NQ/TW")


def test_loose_digits_are_kept_as_stamps_and_read_as_a_proposal(seed):
    assert seed.document.stamps == ("1029", "25", "3")
    assert seed.document.stamped_number == "1029"
    assert seed.document.stamped_on == dt.date(2025, 3, 25)


def test_seed_says_when_and_where_to_report(seed):
    assert seed.as_json()["reporting"] == {
        "due": "20/11",
        "to": "Sở Khoa học và Công nghệ",
        "yearly": True,
    }


def test_seed_warnings_name_every_fault_of_the_document(seed):
    found = {w.code: w for w in seed.warnings}
    assert set(found) == {
        "empty_number", "empty_date", "missing_article", "impossible_year", "typo_mended",
        "split_row",
    }  # fmt: skip
    assert found["missing_article"].where == "Nơi nhận, trang 1, dòng 61"
    assert "31/12/024" in found["impossible_year"].message
    assert "thanh phố" in found["typo_mended"].message
    assert "III.1" in found["split_row"].where


def test_a_mended_typing_mistake_stays_in_the_text_as_written(seed):
    body = task(seed, "I.1").lead[1]
    assert body.text == "UBND các huyện, thị xã, thanh phố"
    assert (body.name, body.mended) == ("UBND các huyện, thị xã, thành phố", True)


def test_every_task_knows_its_page_and_line(seed):
    lines = {(line.page, line.line): line.text.strip() for line in seed.source}
    for found in seed.tasks:
        assert lines[(found.source.page, found.source.line)] == found.code.split(".")[1]
    assert task(seed, "I.1").source.page == 7
    assert task(seed, "II.1").source.page == 8
    assert [t.source.page for t in seed.tasks] == sorted(t.source.page for t in seed.tasks)


def test_doubtful_tasks_have_less_confidence(seed):
    sure = {t.confidence for t in seed.tasks if not t.doubts}
    assert len(sure) == 1
    assert all(t.confidence < min(sure) for t in seed.tasks if t.doubts)


def test_json_has_exactly_the_published_shape(seed):
    shape = json.loads(json.dumps(seed.as_json()))
    assert list(shape) == ["document", "sections", "body_points", "tasks", "reporting", "warnings"]
    assert list(shape["document"]) == [
        "number", "notation", "issued_on", "issuer", "signer", "title", "based_on", "stamps",
    ]  # fmt: skip
    first = shape["tasks"][0]
    assert list(first) == [
        "code", "section", "text", "lead", "coordinating", "product", "time_text", "due",
        "body_points", "source", "confidence",
    ]  # fmt: skip
    assert first["due"] == {"kind": "once", "date": "2025-06-30"}
    assert first["lead"][0] == {
        "kind": "group",
        "name": "Các sở, ban, ngành",
        "text": "Các sở, ban, ngành",
    }
    assert first["source"] == {"page": 7, "line": 15}
    assert first["product"] is None


def test_a_docx_with_merged_cells_and_a_broken_table_gives_the_same_tasks(seed, from_docx):
    assert essence(from_docx) == essence(seed)
    assert [s.title for s in from_docx.sections] == [s.title for s in seed.sections]
    assert [(p.code, p.text) for p in from_docx.body_points] == [
        (p.code, p.text) for p in seed.body_points
    ]
    assert all(t.source.page is None for t in from_docx.tasks)


def test_a_pdf_whose_table_runs_over_pages_gives_the_same_tasks(seed, from_pdf):
    assert essence(from_pdf) == essence(seed)
    assert len({t.source.page for t in from_pdf.tasks}) >= 5
    assert "split_row" in {d.code for t in from_pdf.tasks for d in t.doubts}


def test_docx_and_pdf_give_the_same_head(from_docx, from_pdf):
    for plan in (from_docx, from_pdf):
        document = plan.document
        assert (document.number, document.notation) == ("1029", "QĐ-UBND")
        assert document.issued_on == dt.date(2025, 3, 25)
        assert document.issuer == "Ủy ban nhân dân tỉnh Bình Định"
        assert document.signer == "Lâm Hải Giang"
        assert document.stamps == ()


def test_the_seed_is_read_in_less_than_a_second():
    data = SEED.read_bytes()
    read_bytes("warm.txt", data)
    started = time.process_time()  # of this process alone: other tests share the machine
    read_bytes("seed.txt", data)
    assert time.process_time() - started < 1.0


def test_reading_text_starts_fast_without_django_or_the_heavy_libraries():
    code = (
        "import sys, time; from pathlib import Path\n"
        "from chuan.modules.plans.parsing import read_plan\n"
        f"plan = read_plan(Path({str(SEED)!r}))\n"
        "heavy = {'django', 'pdfplumber', 'docx', 'pypdfium2', 'numpy'} & set(sys.modules)\n"
        "print(len(plan.tasks), sorted(heavy), time.process_time() < 2.0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "21 [] True"
