"""Whatever comes in: a plan or a refusal comes out, and no row of a table is lost."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.modules.plans.parsing import ReadPlan, UnreadableFile, read_bytes
from chuan.modules.plans.parsing.tests.makers import HEADINGS, SEED, render

pytestmark = pytest.mark.slow
RELAXED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SEED_TEXT = SEED.read_text("utf-8")
ONE_ROW = [HEADINGS, ["1", "Kiểm tra đo lường", "Sở Nội vụ", "Sở Y tế", "Hàng năm"]]
WHOLE = [render(shape, ONE_ROW) for shape in ("docx", "pdf")]


def read(name: str, data: bytes) -> ReadPlan | None:
    try:
        plan = read_bytes(name, data)
    except UnreadableFile:
        return None
    assert plan.as_json()["tasks"] is not None
    return plan


@RELAXED
@given(st.binary(max_size=400), st.sampled_from(["a.pdf", "a.docx", "a.txt", "a.doc", "a"]))
def test_arbitrary_bytes_never_crash(data, name):
    read(name, data)


@RELAXED
@given(
    st.sampled_from([b"%PDF-1.7\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"]), st.binary(max_size=400)
)
def test_bytes_behind_a_known_beginning_never_crash(head, data):
    read("a", head + data)


@RELAXED
@given(st.data())
def test_a_pdf_or_docx_with_damaged_bytes_never_crashes(data):
    for name, whole in WHOLE:
        damaged = bytearray(whole)
        for _ in range(data.draw(st.integers(1, 12))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at] = data.draw(st.integers(0, 255))
        read(name, bytes(damaged))


@RELAXED
@given(st.text(alphabet="<>/w:tbltrcp=\" 'val123gridSpanvMergeAB", max_size=300))
def test_a_docx_of_arbitrary_xml_never_crashes(inside):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "word/document.xml",
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            f"<w:body><w:tbl><w:tr><w:tc>{inside}</w:tc></w:tr></w:tbl></w:body></w:document>",
        )
    read("a.docx", stream.getvalue())


@RELAXED
@given(st.text(max_size=600))
def test_arbitrary_text_never_crashes(text):
    read("a.txt", text.encode())


LINES = st.sampled_from(
    [
        "TT Nội dung nhiệm vụ Cơ quan chủ trì Cơ quan phối hợp Thời gian", "I", "1", "2", "II.", "a)",
        "1.1", "Sở Khoa học và Công nghệ", "Các sở, ban, ngành;", "Hàng năm", "Quý II", "năm 2025",
        "Phụ lục", "Nơi nhận:", "KẾ HOẠCH", "QUYẾT ĐỊNH", "Số: 12/QĐ-UBND", "ngày 31 tháng 2 năm 2025",
        "Đến 2030", "tổ chức thực hiện", "Tổ chức thực hiện", "- Chủ trì: Sở Nội vụ", "", " ", "7", "|",
        "TT | Nhiệm vụ | Chủ trì | Thời gian", "1 | Làm | Sở Y tế | 2026", "\f", "1   Làm   Sở Y tế   2026",
        "STT   Nhiệm vụ   Chủ trì   Thời gian", "31/12/024", "Điều 1.", "Như Điều 9", "x" * 300, "\t\t\t",
    ]
)  # fmt: skip


@RELAXED
@given(st.lists(LINES, max_size=60))
def test_lines_of_plans_in_any_order_never_crash(lines):
    read("a.txt", "\n".join(lines).encode())


@settings(RELAXED, max_examples=15)
@given(st.data())
def test_the_seed_with_lines_taken_out_never_crashes_and_loses_no_other_row(data):
    lines = SEED_TEXT.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    plan = read("a.txt", "\n".join(lines[:at] + lines[at + 1 :]).encode())
    assert plan is not None
    assert len(plan.tasks) >= 20 or "Nội dung nhiệm vụ" in lines[at]


WORDS = st.sampled_from(
    "tổ chức kiểm tra đo lường chất lượng sản phẩm hàng hóa lưu thông trên thị trường".split()  # noqa: SIM905
)
TEXT = st.lists(WORDS, min_size=4, max_size=24).map(lambda w: " ".join(w).capitalize())
UNITS = st.sampled_from(
    ["Sở Khoa học và Công nghệ", "Các sở, ban, ngành", "UBND các xã, phường", "Công an tỉnh",
     "Sở Tài chính; Sở Nội vụ", "Tổ liên ngành số 5", "VNPT", "Các Sở: Y tế, Xây dựng"]
)  # fmt: skip
TIMES = st.sampled_from(
    ["Hàng năm", "Quý II năm 2025", "Đến 2030", "Tháng 6/2026", "Trước 30/9/2026", "Thường xuyên",
     "Theo quy định pháp luật", "2026 - 2030", "khi cần", ""]
)  # fmt: skip
ROWS = st.lists(
    st.tuples(TEXT, UNITS, st.one_of(UNITS, st.just("")), TIMES), min_size=1, max_size=8
)


@pytest.mark.parametrize("shape", ["docx", "pdf", "pipes", "tabs", "aligned"])
@settings(max_examples=12, deadline=None)
@given(rows=ROWS)
def test_no_row_of_a_table_is_dropped(shape, rows):
    table = [HEADINGS, *([str(n), *row] for n, row in enumerate(rows, 1))]
    plan = read(*render(shape, table))
    assert plan is not None
    assert [task.code for task in plan.tasks] == [str(n) for n in range(1, len(rows) + 1)]
    assert [task.text for task in plan.tasks] == [row[0] for row in rows]


@settings(max_examples=25, deadline=None)
@given(rows=ROWS)
def test_no_row_of_a_text_without_columns_is_dropped(rows):
    table = [HEADINGS, *([str(n), *row] for n, row in enumerate(rows, 1))]
    plan = read(*render("linear", table))
    assert plan is not None
    assert len(plan.tasks) == len(rows)
    together = " ".join(task.excerpt for task in plan.tasks).replace("\n", " ")
    assert all(row[0] in together for row in rows)
