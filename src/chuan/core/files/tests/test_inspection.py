import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from chuan.core.files.parsing import inspection
from chuan.core.files.parsing.inspection import FileRefused, inspect
from chuan.core.files.parsing.kinds import EXTENSIONS, KINDS
from chuan.core.files.testing import EXE, PDF, SAMPLES, office, ole, zipped

LIMIT = 1024 * 1024


def refusal(name, content, limit=LIMIT):
    with pytest.raises(FileRefused) as refused:
        inspect(name, io.BytesIO(content), limit=limit)
    return str(refused.value)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_every_kind_is_taken_under_its_own_name(extension):
    content = io.BytesIO(SAMPLES[extension])

    assert inspect(f"Tệp.{extension.upper()}", content, limit=LIMIT) == KINDS[extension]
    assert content.tell() == 0


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_program_is_refused_under_any_name(extension):
    assert refusal(f"hoa-don.{extension}", EXE) == (
        f"Tệp “hoa-don.{extension}” mang đuôi .{extension} nhưng nội dung là "
        "chương trình chạy trên Windows. Hệ thống không nhận."
    )


@pytest.mark.parametrize(
    "name", ["cai-dat.exe", "bao-cao.pdf.exe", "tep", "a.zip", "a.docm", "a.svg"]
)
def test_other_kinds_are_refused_with_what_is_taken(name):
    text = refusal(name, PDF)
    assert text.startswith(f"Tệp “{name}” không thuộc loại nhận được: PDF, DOCX, XLSX")


def test_an_empty_file_is_refused():
    assert refusal("a.pdf", b"") == "Tệp “a.pdf” rỗng. Mở lại tệp trên máy để kiểm tra."


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_taken():
    inspect("a.txt", io.BytesIO(b"a" * LIMIT), limit=LIMIT)
    assert refusal("a.txt", b"a" * (LIMIT + 1)).startswith("Tệp “a.txt” nặng hơn 1 MB.")


@pytest.mark.parametrize(
    ("extension", "really", "said"),
    [
        ("pdf", "docx", "tệp nén ZIP hoặc tệp Office"),
        ("docx", "pdf", "tệp PDF"),
        ("docx", "xlsx", "tệp nén ZIP hoặc tệp Office"),
        ("jpg", "png", "ảnh PNG"),
        ("png", "jpg", "ảnh JPEG"),
        ("doc", "docx", "tệp nén ZIP hoặc tệp Office"),
        ("xlsx", "xls", "tệp Office đời cũ"),
    ],
)
def test_a_file_under_another_kinds_name_is_refused_and_named(extension, really, said):
    assert f"nhưng nội dung là {said}." in refusal(f"a.{extension}", SAMPLES[really])


@pytest.mark.parametrize("extension", ["docx", "xlsx", "doc", "xls"])
def test_an_office_file_locked_by_a_password_is_refused(extension):
    locked = ole("EncryptedPackage", "EncryptionInfo")
    assert "được đặt mật khẩu" in refusal(f"a.{extension}", locked)


def encrypted_pdf(user_password):
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt(user_password, owner_password="chu", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def test_a_pdf_that_asks_for_a_password_is_refused_and_one_that_only_forbids_copying_taken():
    assert "được đặt mật khẩu" in refusal("a.pdf", encrypted_pdf("bí mật"))
    inspect("a.pdf", io.BytesIO(encrypted_pdf("")), limit=LIMIT)


@pytest.mark.parametrize(("extension", "folder"), [("docx", "word"), ("xlsx", "xl")])
def test_macros_are_refused(extension, folder):
    content = office(folder, **{"vbaProject.bin": b"macro"})
    assert "có macro" in refusal(f"a.{extension}", content)


def test_an_installer_is_no_word_document():
    assert "không đọc được như tệp Word 97–2003" in refusal("a.doc", ole("MsiPatch"))


def test_a_zip_without_a_document_inside_is_refused():
    assert "nhưng nội dung là tệp nén ZIP" in refusal("a.docx", zipped({"virus.exe": EXE}))


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(inspection, "MOST_UNPACKED", 8 * 1024 * 1024)
    bomb = office("word", big=bytes(9 * 1024 * 1024))
    assert len(bomb) < 20_000
    assert "bung ra quá lớn" in refusal("a.docx", bomb)


def test_a_directory_that_lies_about_sizes_takes_no_memory():
    content = bytearray(office("word"))
    start = content.rindex(b"PK\x01\x02")
    content[start + 24 : start + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    assert "bung ra quá lớn" in refusal("a.docx", bytes(content))


@pytest.mark.parametrize("extension", ["docx", "pdf", "odt"])
def test_a_cut_off_file_is_refused_or_taken_but_never_an_error(extension):
    whole = SAMPLES[extension]
    for end in range(1, len(whole)):
        with suppress(FileRefused):
            inspect(f"a.{extension}", io.BytesIO(whole[:end]), limit=LIMIT)


@given(st.sampled_from(EXTENSIONS), st.binary(max_size=3000))
def test_whatever_comes_in_is_taken_or_refused(extension, content):
    with suppress(FileRefused):
        inspect(f"a.{extension}", io.BytesIO(content), limit=LIMIT)


@given(st.sampled_from(["docx", "xlsx", "odt"]), st.data())
def test_a_damaged_office_file_is_taken_or_refused(extension, data):
    content = bytearray(SAMPLES[extension])
    for _ in range(3):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FileRefused):
        inspect(f"a.{extension}", io.BytesIO(bytes(content)), limit=LIMIT)
