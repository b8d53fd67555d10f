import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuan.core.files.parsing.names import extension_of, safe_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Báo cáo năm 2026.pdf", "Báo cáo năm 2026.pdf"),
        ("C:\\Tài liệu\\Báo cáo.PDF", "Báo cáo.PDF"),
        ("../../etc/passwd.txt", "passwd.txt"),
        (unicodedata.normalize("NFD", "Kế hoạch.docx"), "Kế hoạch.docx"),
        ("hoa-don\u202efdp.exe", "hoa-donfdp.exe"),
        ('a"b<c>:d|e?.pdf', "a-b-c--d-e-.pdf"),
        ("a\nb.pdf", "a b.pdf"),
        ("CON.txt", "CON_.txt"),
        ("  .pdf", "pdf"),
        ("...", "tep"),
        ("", "tep"),
        ("v1.2. ket qua.xlsx", "v1.2. ket qua.xlsx"),
    ],
)
def test_a_name_is_kept_as_far_as_it_is_safe(given_name, kept):
    assert safe_name(given_name) == kept


def test_a_long_name_is_cut_before_its_extension():
    name = safe_name("Ủy ban nhân dân xã " * 40 + ".pdf")
    assert name.startswith("Ủy ban nhân dân xã Ủy ban")
    assert name.endswith(".pdf")
    assert len(name.encode()) <= 240


@given(st.text(max_size=400))
def test_a_safe_name_is_safe_and_stays_what_it_is(text):
    name = safe_name(text)
    assert name
    assert not set('/\\<>:"|?*\n\0') & set(name)
    assert len(name.encode()) <= 240
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("name", "extension"), [("a.PDF", "pdf"), ("a.b.docx", "docx"), ("tep", ""), (".x", "x")]
)
def test_the_extension_is_what_stands_after_the_last_dot(name, extension):
    assert extension_of(name) == extension
