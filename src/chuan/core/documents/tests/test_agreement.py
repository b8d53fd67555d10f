"""A signed PDF beside the draft it was made from."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from django.conf import settings as installed
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chuan.core.documents import operations, queries
from chuan.core.documents.enums import Agreement, DocumentType, FilePurpose
from chuan.core.documents.layout import Paragraph, render_pdf
from chuan.core.documents.parsing import agreement
from chuan.core.documents.parsing.agreement import compare_signed
from chuan.core.documents.parts import NewFile
from chuan.core.documents.testing import a_letter, a_plan
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory

SOURCE = Path(installed.ROOT) / "src"
LETTER = a_letter(body=(Paragraph("Đề nghị gửi 12 báo cáo trước ngày 20/11/2026"),))
DRAFT = render_pdf(LETTER)


def written_anew(data):
    """The same pages in a file that keeps none of the first one's bytes."""
    out = io.BytesIO()
    pypdf.PdfWriter(clone_from=io.BytesIO(data)).write(out)
    return out.getvalue()


def test_a_signature_put_on_the_very_file_leaves_its_bytes():
    assert compare_signed(DRAFT, DRAFT + b"\n% signed").agreement is Agreement.SAME_FILE


def test_a_file_written_anew_keeps_every_word():
    assert compare_signed(DRAFT, written_anew(DRAFT)).agreement is Agreement.SAME_WORDS


def test_a_number_and_a_date_may_come_on_top():
    plan = a_plan(annexes=())
    dated = replace(plan, number=45, dated=replace(plan.dated, day=19))
    signed = replace(dated, signature=replace(plan.signature, name="Nguyễn Văn Mẫu"))

    found = compare_signed(render_pdf(plan), render_pdf(signed))

    assert found.agreement is Agreement.SAME_WORDS
    assert {"45", "19", "Mẫu"} <= set(found.added)


def test_a_changed_figure_is_found_and_named():
    changed = replace(LETTER, body=(Paragraph("Đề nghị gửi 21 báo cáo trước ngày 20/11/2026"),))

    found = compare_signed(DRAFT, render_pdf(changed))

    assert found.agreement is Agreement.DIFFERENT
    assert (found.missing, found.added) == (("12",), ("21",))


def test_a_page_put_in_is_found():
    more = replace(LETTER, body=(*LETTER.body, Paragraph("và một điều chưa ai trình " * 40)))

    assert compare_signed(DRAFT, render_pdf(more)).agreement is Agreement.DIFFERENT


@pytest.mark.parametrize("data", [b"%PDF-1.7 broken", b""], ids=["broken", "empty"])
def test_a_file_that_cannot_be_read_is_not_judged(data):
    assert compare_signed(DRAFT, data).agreement is Agreement.UNREADABLE


def test_a_scan_is_not_judged():
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(out)

    assert compare_signed(DRAFT, out.getvalue()).agreement is Agreement.UNREADABLE


@pytest.mark.django_db
def test_the_page_of_a_document_warns_of_a_signed_file_that_differs(client, settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"
    body = OrganisationFactory(name="Sở Khoa học và Công nghệ", notation="SKHCN")
    clerk = PersonFactory(role=Role.UNIT_CLERK, organisation=body)
    document = operations.draft_document(
        actor=clerk,
        issuer=body,
        kind=DocumentType.REPORT,
        subject="Đôn đốc báo cáo",
        files=[NewFile(FilePurpose.DRAFT_PDF, "du-thao.pdf", DRAFT)],
    )
    changed = replace(LETTER, body=(Paragraph("Đề nghị gửi 21 báo cáo trước ngày 20/11/2026"),))
    client.force_login(clerk)

    def page_after(name, content):
        operations.attach_file(
            actor=clerk,
            document=document,
            purpose=FilePurpose.SIGNED,
            name=name,
            content=content,
        )
        return client.get(f"/van-ban/{document.pk}/").content.decode()

    warned = page_after("ky-nham.pdf", render_pdf(changed))
    assert "Bản đã ký khác bản trình ký" in warned
    assert "không có ở bản ký:</b> 12" in warned
    assert "Chỉ có ở bản ký:</b> 21" in warned
    assert "dấu thêm vào không tính là khác, đến 150 từ" in warned

    mended = page_after("ky.pdf", written_anew(DRAFT))
    assert "Bản đã ký khác bản trình ký" not in mended
    assert "Còn nguyên chữ của bản trình" in mended
    assert queries.newest_file(document, FilePurpose.SIGNED).agreement == Agreement.SAME_WORDS


# ---------------------------------------------------------------- several people at once

AT_ONCE = """
import sys
from pathlib import Path
from threading import Thread

from chuan.core.documents.parsing.agreement import compare_signed

data = Path(sys.argv[1]).read_bytes()
found = []


def compare():
    for _number in range(40):
        found.append(compare_signed(b"-", data).agreement)


threads = [Thread(target=compare) for _number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), *set(found))
"""


def test_four_people_can_compare_at_once(tmp_path):
    longer = replace(LETTER, body=LETTER.body * 200)
    file = tmp_path / "thu.pdf"
    file.write_bytes(render_pdf(longer))

    # A process of its own: the library would take this one down with it.
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE, str(file)],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, f"160 {Agreement.DIFFERENT}\n"), done.stderr


def test_the_library_has_one_door():
    users = [path for path in SOURCE.rglob("*.py") if "import pypdfium2" in path.read_text()]

    assert [str(path.relative_to(SOURCE)) for path in users if "tests" not in path.parts] == [
        "chuan/lib/pdfium.py"
    ]


def test_a_book_is_not_compared(monkeypatch):
    monkeypatch.setattr(agreement, "_MOST_PAGES", 0)

    assert compare_signed(DRAFT, written_anew(DRAFT)).agreement is Agreement.UNREADABLE


@pytest.mark.django_db
def test_nobody_waits_for_a_document_while_two_files_are_compared(settings, tmp_path, monkeypatch):
    settings.CHUAN_FILES = tmp_path / "files"
    body = OrganisationFactory(notation="SKHCN")
    clerk = PersonFactory(role=Role.UNIT_CLERK, organisation=body)
    document = operations.draft_document(
        actor=clerk,
        issuer=body,
        kind=DocumentType.REPORT,
        subject="Đôn đốc báo cáo",
        files=[NewFile(FilePurpose.DRAFT_PDF, "du-thao.pdf", DRAFT)],
    )
    locked = []

    def compare(draft, signed):
        locked.append(any("FOR UPDATE" in query["sql"] for query in done.captured_queries))
        return compare_signed(draft, signed)

    monkeypatch.setattr(operations, "compare_signed", compare)
    with CaptureQueriesContext(connection) as done:
        operations.attach_file(
            actor=clerk,
            document=document,
            purpose=FilePurpose.SIGNED,
            name="ky.pdf",
            content=written_anew(DRAFT),
        )

    assert locked == [False]
    assert any("FOR UPDATE" in query["sql"] for query in done.captured_queries)
