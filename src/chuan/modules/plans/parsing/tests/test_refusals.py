"""Files nobody can read a plan from: each gets its own message, quickly."""

from __future__ import annotations

import io
import struct
import time
import unicodedata
import zipfile
import zlib

import docx
import pypdf
import pytest
import typst

from chuan.modules.plans.parsing import UnreadableFile, read_bytes, read_plan
from chuan.modules.plans.parsing.limits import MAX_PAGES
from chuan.modules.plans.parsing.refusals import MESSAGES
from chuan.modules.plans.parsing.tests.makers import (
    SEED,
    SHAPES,
    docx_of,
    pdf_of,
    plan_head,
    render,
    seed_docx,
    seed_pdf,
)


def refusal(name: str, data: bytes) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_bytes(name, data)
    assert str(caught.value) == caught.value.msgid % caught.value.params
    assert name in caught.value.message or "/" in name
    return caught.value


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        packed = struct.pack(">I", len(data)) + kind + data
        return packed + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(b"".join(b"\0" + bytes(range(0, 240, 4)) for _ in range(60)))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 60, 60, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


def scanned_pdf(tmp_path) -> bytes:
    (tmp_path / "scan.png").write_bytes(png())
    (tmp_path / "scan.typ").write_text(
        '#for _ in range(4) { image("scan.png", width: 100%); pagebreak() }', "utf-8"
    )
    return typst.compile(tmp_path / "scan.typ")


def locked_pdf(password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_of("Quyết định số 15 của tỉnh")))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + stream.encode("utf-16-le")


def zip_with(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in parts.items():
            archive.writestr(path.replace("__", "/").replace("_xml", ".xml"), data)
    return stream.getvalue()


@pytest.mark.parametrize("data", [b"", b"   \n\r\n\t", b"\0\0\0"])
@pytest.mark.parametrize("name", ["trong.txt", "trong.pdf", "trong.docx"])
def test_an_empty_file_is_called_empty(name, data):
    assert refusal(name, data).code == "empty_file"


def test_a_scanned_pdf_is_told_to_be_a_picture(tmp_path):
    found = refusal("quet.pdf", scanned_pdf(tmp_path))
    assert found.code == "scanned_pdf"
    assert "bản quét" in found.message


def test_a_pdf_behind_a_password_asks_for_one_without():
    assert refusal("khoa.pdf", locked_pdf("bi-mat")).code == "password_pdf"


def test_a_pdf_that_only_forbids_printing_is_read():
    plan = read_bytes("han-che.pdf", locked_pdf(""))
    assert "Quyết định số 15" in plan.source[0].text


def test_a_docx_behind_a_password_asks_for_one_without():
    assert refusal("khoa.docx", ole("EncryptedPackage")).code == "password_docx"


def test_an_old_word_file_asks_for_docx():
    assert refusal("cu.doc", ole("WordDocument")).code == "legacy_doc"


@pytest.mark.parametrize("name", ["quyet-dinh.pdf", "quyet-dinh.docx", "quyet-dinh.txt"])
@pytest.mark.parametrize("head", [b"MZ\x90\0\x03", b"\x7fELF\x02\x01"])
def test_a_program_with_another_name_is_refused(name, head):
    assert refusal(name, head + b"\0" * 400 + b"This program cannot be run").code == "program"


def test_a_suffix_that_tells_another_content_is_refused():
    assert refusal("a.pdf", SEED.read_bytes()).code == "wrong_content"
    assert refusal("a.docx", pdf_of("Quyết định")).code == "wrong_content"
    assert refusal("a.pdf", seed_docx()).code == "wrong_content"
    found = refusal("a.txt", pdf_of("Quyết định"))
    assert (found.code, found.params["actual"]) == ("wrong_content", "PDF")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.rtf", b"{\\rtf1\\ansi Quyet dinh}", "unsupported"),
        ("a.html", b"<!DOCTYPE html><p>Quyet dinh", "unsupported"),
        ("a.xlsx", zip_with(xl__workbook_xml=b"<x/>"), "unsupported"),
        ("a.odt", zip_with(content_xml=b"<x/>", mimetype=b"x"), "unsupported"),
        ("a.zip", zip_with(a=b"x"), "unsupported"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image"),
        ("a.docx", zip_with(a=b"x"), "broken_docx"),
        ("a.docx", zip_with(word__document_xml=b"<w:document"), "broken_docx"),
        ("a.docx", zip_with(word__document_xml=b"<document/>"), "broken_docx"),
        ("a.docx", zip_with(word__document_xml=b"<!DOCTYPE x><x/>"), "broken_docx"),
        ("a.pdf", b"%PDF-1.7\nnothing more", "broken_pdf"),
        ("a.txt", bytes(range(1, 32)) * 40, "unknown_format"),
        ("a.txt", ("計画を実施する" * 30).encode("shift_jis"), "unknown_encoding"),
        ("a.txt", "QuyÕt ®Þnh cña Uû ban nh©n d©n tØnh, ngµy 15 th¸ng 3 n¨m 2009".encode(),
         "legacy_encoding"),
        ("a.txt", "Quyeát ñònh cuûa Uyû ban nhaân daân tænh, ngaøy 15 thaùng 3".encode("latin-1"),
         "legacy_encoding"),
        ("a.txt", b"--- *** ---", "no_text"),
    ],
)  # fmt: skip
def test_every_other_file_gets_its_reason(name, data, code):
    assert refusal(name, data).code == code


def test_a_cut_off_docx_is_called_broken():
    whole = seed_docx()
    for length in (200, len(whole) // 2, len(whole) - 30):
        assert refusal("cut.docx", whole[:length]).code == "broken_docx"


def test_a_cut_off_pdf_is_refused_or_read_but_does_not_crash():
    whole = seed_pdf()
    for length in (600, len(whole) // 2):
        assert refusal("cut.pdf", whole[:length]).code in {"broken_pdf", "scanned_pdf"}


def test_a_zip_bomb_is_refused_without_unpacking_it():
    started = time.perf_counter()
    bomb = zip_with(word__document_xml=b"\0" * (64 * 1024 * 1024))
    assert refusal("bom.docx", bomb).code == "zip_bomb"
    assert time.perf_counter() - started < 10


def test_a_pdf_that_unpacks_without_end_is_refused():
    bomb = zlib.compress(b" " * (48 * 1024 * 1024))
    stream = b"<</Filter/FlateDecode/Length %d>>stream\n" % len(bomb) + bomb + b"\nendstream\n"
    assert refusal("bom.pdf", b"%PDF-1.7\n" + stream * 10).code == "zip_bomb"


def test_a_pdf_of_200_pages_is_refused_at_once():
    long = pdf_of("#for n in range(200) [Trang kế hoạch của tỉnh #n #if n < 199 { pagebreak() }]")
    started = time.perf_counter()
    found = refusal("dai.pdf", long)
    assert (found.code, found.params["pages"]) == ("too_many_pages", 200)
    assert "200 trang" in found.message
    assert time.perf_counter() - started < 5


def test_a_docx_of_200_pages_is_refused():
    document = docx.Document()
    for number in range(200):
        document.add_paragraph(f"Trang {number}")
        document.add_page_break()
    assert refusal("dai.docx", docx_of(document)).code == "too_many_pages"


def test_a_text_of_200_pages_is_refused():
    assert refusal("dai.txt", ("Trang của kế hoạch\f" * 200).encode()).code == "too_many_pages"
    assert refusal("dai.txt", ("Một dòng của kế hoạch\n" * 60_000).encode()).code == "too_long"


@pytest.mark.slow
def test_pages_up_to_the_limit_are_read_in_good_time():
    head = plan_head().splitlines()[0]
    long = pdf_of(f"{head}\n#for n in range({MAX_PAGES - 1}) [#lorem(300) #pagebreak()]")
    started = time.process_time()
    plan = read_bytes("vua.pdf", long)
    assert time.process_time() - started < 60
    assert "no_table" in [w.code for w in plan.warnings]


def test_a_file_larger_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("chuan.modules.plans.parsing.reader.MAX_BYTES", 1000)
    assert refusal("lon.txt", SEED.read_bytes()).code == "too_large"


def test_a_path_that_is_no_file_says_so(tmp_path):
    for path, code in ((tmp_path / "khong-co.pdf", "missing_file"), (tmp_path, "not_a_file")):
        with pytest.raises(UnreadableFile) as caught:
            read_plan(path)
        assert caught.value.code == code


def test_utf16_and_windows_1258_text_is_read_like_utf8():
    text = SEED.read_text("utf-8")
    tasks = [task.text for task in read_bytes("a.txt", text.encode()).tasks]
    decomposed = unicodedata.normalize("NFD", text)
    for data in (
        text.encode("utf-16"),
        text.encode("utf-16-le"),
        text.encode("utf-8-sig"),
        text.replace("\n", "\r\n").encode(),
        decomposed.encode(),
    ):
        assert [task.text for task in read_bytes("a.txt", data).tasks] == tasks
    assert len(tasks) == 21


def test_pages_that_are_pictures_among_text_are_named(tmp_path):
    (tmp_path / "scan.png").write_bytes(png())
    (tmp_path / "mixed.typ").write_text(
        'Quyết định của Ủy ban nhân dân tỉnh về kế hoạch #pagebreak() #image("scan.png")', "utf-8"
    )
    plan = read_bytes("mixed.pdf", typst.compile(tmp_path / "mixed.typ"))
    assert [w.message[-3:] for w in plan.warnings if w.code == "pages_without_text"] == [" 2."]


def test_every_refusal_is_in_vietnamese_and_names_the_file():
    for code, message in MESSAGES.items():
        assert "%(name)s" in message, code
        assert message.endswith("."), code
        assert any(letter in message for letter in "ệạảấộờỏ"), code


@pytest.mark.parametrize("shape", SHAPES)
def test_a_plan_that_can_be_read_is_not_refused(shape):
    headings = ["TT", "Nhiệm vụ", "Cơ quan chủ trì", "Thời gian"]
    rows = [headings, ["1", "Tổ chức hội nghị tổng kết", "Sở Nội vụ", "Quý IV/2026"]]
    name, data = render(shape, rows)
    assert len(read_bytes(name, data).tasks) == 1
