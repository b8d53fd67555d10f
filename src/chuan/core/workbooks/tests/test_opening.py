"""Files that are no filled form: each has its words, and none costs much."""

import io
import time
import zipfile

import openpyxl
import pytest

from chuan.core.files.testing import PDF
from chuan.core.workbooks.drawing import draw
from chuan.core.workbooks.opening import MOST_BYTES, MOST_CELLS, BookRefused, look_into
from chuan.core.workbooks.reading import MOST_ROWS, changes_of, read
from chuan.core.workbooks.testing import a_book, filled_in, sheet_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def packed(parts, base=None):
    """A form with other parts in the place of its own, or beside them."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(base or draw(a_book()))) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, content in parts.items():
            target.writestr(name, content)
    return made.getvalue()


def sheet_part(rows):
    return (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns='
        '"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{rows}</sheetData></worksheet>"
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xls", OLE + b"\0" * 600, "dạng .xls"),
        ("a.ods", b"PK\x03\x04", "dạng .ods"),
        ("a.xlsm", b"PK\x03\x04", "dạng .xlsm"),
        ("a.csv", b"a;b", "dạng .csv"),
        ("a.docx", b"PK\x03\x04", "không phải bảng tính"),
        ("a", b"x", "không phải bảng tính"),
        ("a.xlsx", b"", "rỗng"),
        ("a.xlsx", PDF, "tệp PDF"),
        ("a.xlsx", b"PK\x03\x04 hong", "a.xlsx"),
        ("a.xlsx", OLE + "EncryptedPackage\0".encode("utf-16-le"), "mật khẩu"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * MOST_BYTES, "nặng hơn 3 MB"),
        ("a.xlsx", packed({"xl/vbaProject.bin": b"x"}), "có macro"),
        ("a.xlsx", packed({"xl/media/a.png": b"\0" * 17_000_000}), "bung ra quá lớn"),
        ("a.xlsx", packed({f"xl/{n}.xml": b"<a/>" for n in range(500)}), "bung ra quá lớn"),
        ("a.xlsx", packed({"xl/a.xml": b'<!DOCTYPE a [<!ENTITY x "x">]><a/>'}), "hỏng"),
        ("a.xlsx", packed({"xl/a.xml": '<!DOCTYPE a><a/>'.encode("utf-16")}), "hỏng"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_unfit_file_has_its_words(name, content, said):
    with pytest.raises(BookRefused, match=said):
        look_into(name, content)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/workbook.xml", b"<workbook"),
        ("xl/workbook.xml", b"<a/>"),
        ("xl/worksheets/sheet2.xml", b"<worksheet><sheetData><row r='x'><c r='?!'/></row>"),
        ("xl/worksheets/sheet2.xml", sheet_part('<row r="1"><c r="A1"><v>NaN</v></c></row>')),
        ("xl/worksheets/sheet2.xml", sheet_part('<row r="1"><c r="A1" t="s"><v>99999</v></c></row>')),
        ("xl/styles.xml", b"<styleSheet><cellXfs><xf numFmtId='a'/></cellXfs></styleSheet>"),
        ("[Content_Types].xml", b"<Types/>"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_as_damaged_or_as_no_form(part, content):
    with pytest.raises(BookRefused):
        read("a.xlsx", packed({part: content}), a_book())


EVERYWHERE = "A1:XFD1048576"


def with_range(tag):
    return sheet_part("").replace("</worksheet>", f"{tag}</worksheet>")


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/worksheets/sheet2.xml", with_range(f'<mergeCells><mergeCell ref="{EVERYWHERE}"/></mergeCells>')),
        ("xl/worksheets/sheet2.xml", with_range('<mergeCells><mergeCell ref="A1:&#88;FD99"/></mergeCells>')),
        ("xl/worksheets/sheet2.xml", with_range('<x:mergeCells><x:mergeCell ref="A:Z"/></x:mergeCells>')),
        ("xl/worksheets/sheet2.dat", with_range('<mergeCell ref="$1:$99"/>')),
        ("xl/worksheets/sheet2.xml", with_range('<mergeCell ref="A1:J1000"/>' * 11)),
        ("xl/worksheets/sheet2.xml", with_range(f'<hyperlinks><hyperlink ref="{EVERYWHERE}"/></hyperlinks>')),
        ("xl/comments/comment1.xml", f'<comments><comment ref="{EVERYWHERE}"/></comments>'),
        ("xl/tables/table1.xml", f'<table ref="{EVERYWHERE}"/>'),
        ("xl/worksheets/sheet2.xml", sheet_part(f"<row>{'<c/>' * MOST_CELLS}</row>")),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)  # fmt: skip
def test_a_file_that_asks_for_too_many_cells_is_refused(part, content):
    with pytest.raises(BookRefused, match="quá nhiều ô"):
        look_into("a.xlsx", packed({part: content}))


def test_merged_headings_and_a_picture_are_taken():
    merged = with_range('<mergeCells><mergeCell ref="A1:XFD1"/></mergeCells>')
    picture = b"\x89PNG\r\n\x1a\n\0"

    look_into("a.xlsx", packed({"xl/worksheets/sheet2.xml": merged, "xl/media/a.png": picture}))


@pytest.mark.parametrize("ref", ["?", "A1:", "A1:B" + "9" * 5000])
def test_a_range_that_is_none_is_refused_as_damaged(ref):
    damaged = with_range(f'<mergeCells><mergeCell ref="{ref}"/></mergeCells>')

    with pytest.raises(BookRefused, match="hỏng"):
        look_into("a.xlsx", packed({"xl/worksheets/sheet2.xml": damaged}))


def test_another_workbook_is_refused_as_no_form():
    out = io.BytesIO()
    openpyxl.Workbook().save(out)

    with pytest.raises(BookRefused, match="không phải mẫu"):
        read("a.xlsx", out.getvalue(), a_book())


def test_cells_far_away_cost_nothing():
    def scatter(book):
        sheet = sheet_of(book, "things")
        sheet["XFD1048576"] = "xa"
        for row in range(6, MOST_ROWS * 3):
            sheet.cell(row, 16_384, "x")

    content = filled_in(draw(a_book()), scatter)

    begun = time.perf_counter()
    reading = read("a.xlsx", content, a_book())

    assert (reading.faults, changes_of(reading)) == ([], [])
    assert time.perf_counter() - begun < 5
