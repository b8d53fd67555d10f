"""A form goes out, comes back, and says exactly what was changed."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.core.workbooks.book import Table
from chuan.core.workbooks.drawing import FIRST_ROW, draw
from chuan.core.workbooks.marking import AUTHOR, mark
from chuan.core.workbooks.opening import BookRefused
from chuan.core.workbooks.reading import changes_of, read
from chuan.core.workbooks.testing import COLUMNS, a_book, a_row, filled_in, sheet_of, where
from chuan.lib.vietnamese import clean

TABLE = a_book().tables[0]


def changed(book, fill, *, now=None):
    """What reading the filled file would change, as {(row, column): value}."""
    reading = read("mau.xlsx", filled_in(draw(book), fill), now or book)
    assert reading.faults == []
    return {(one.written.row.id, one.written.column.key): one for one in changes_of(reading)}


def put(**cells):
    """`put(words_0="…", count_1=5)`: write into rows by position."""

    def fill(book):
        sheet = sheet_of(book, "things")
        for name, value in cells.items():
            column, _, row = name.rpartition("_")
            sheet[where(TABLE, int(row), column)] = value

    return fill


def faults(fill, book=None):
    made = book or a_book()
    return read("mau.xlsx", filled_in(draw(made), fill), made).faults


def test_an_untouched_file_changes_nothing():
    book = a_book()

    reading = read("mau.xlsx", draw(book), book)

    assert (reading.faults, reading.notices, changes_of(reading)) == ([], [], [])


def test_what_was_typed_is_what_would_change():
    found = changed(a_book(), put(words_0="Đã kiểm tra 15 cơ sở.", count_0="1.500", on_1=None))

    assert {key: one.written.value for key, one in found.items()} == {
        ("1", "words"): "Đã kiểm tra 15 cơ sở.",
        ("1", "count"): Decimal(1500),
        ("2", "on"): None,
    }
    assert not any(one.is_conflict for one in found.values())


def test_what_was_stored_since_stays_where_the_person_wrote_nothing():
    book = a_book()
    now = a_book(
        a_row(1, words="Bản mới trên mạng.", level="low", count=Decimal(1234)),
        book.tables[0].rows[1],
    )

    assert changed(book, put(count_0=5), now=now).keys() == {("1", "count")}


def test_a_cell_written_on_both_sides_is_a_conflict_and_the_same_words_are_none():
    book = a_book()
    now = a_book(
        a_row(1, words="Bản trên mạng.", level="high", count=Decimal(1234)), book.tables[0].rows[1]
    )

    found = changed(book, put(words_0="Bản trong tệp.", level_0="Hoàn thành"), now=now)

    assert {key: one.is_conflict for key, one in found.items()} == {("1", "words"): True}
    assert found["1", "words"].stored == "Bản trên mạng."


def test_sheets_and_columns_may_be_renamed_moved_and_have_others_beside_them():
    def rearrange(book):
        put(words_0="Sau khi sắp lại")(book)
        book.security.lockStructure = False
        sheet = sheet_of(book, "things")
        sheet.title = "Trang của tôi"
        sheet.insert_cols(3)
        sheet["C5"] = "ghi chú riêng"
        book.create_sheet("Nháp", 0)["A1"] = "linh tinh"
        book.move_sheet(sheet, -2)

    assert changed(a_book(), rearrange).keys() == {("1", "words")}


def test_rows_may_be_sorted_another_way_and_pushed_down():
    def swap(book):
        sheet = sheet_of(book, "things")
        for column in range(1, len(COLUMNS) + 2):
            one, other = sheet.cell(FIRST_ROW, column), sheet.cell(FIRST_ROW + 1, column)
            one.value, other.value = other.value, one.value
        sheet.insert_rows(2, 3)

    assert changed(a_book(), swap) == {}


def test_a_formula_counts_by_its_result_and_one_without_is_refused():
    assert [fault.advice for fault in faults(put(count_0="=5+7"))] == [
        "Công thức chưa có kết quả: chép rồi dán giá trị vào ô."
    ]


def test_words_that_begin_like_a_formula_stay_words():
    book = a_book(a_row(1, words="=SUM(A1:A9)"), a_row(2, words="+84 không phải số"))
    content = draw(book)

    sheet = sheet_of(openpyxl.load_workbook(io.BytesIO(content)), "things")
    assert sheet[where(TABLE, 0, "words")].data_type == "s"
    assert changes_of(read("mau.xlsx", content, book)) == []


def test_everything_wrong_is_said_at_once_by_place():
    found = faults(
        put(count_0="mười hai", share_0=101, on_1="30/2/2026", level_1="Tốt", words_1="a" * 201)
    )

    assert {(one.place.cell, one.title, one.value[:8]) for one in found} == {
        (where(TABLE, 0, "count"), "Số lượng", "mười hai"),
        (where(TABLE, 0, "share"), "Tỷ lệ", "101"),
        (where(TABLE, 1, "on"), "Ngày", "30/2/202"),
        (where(TABLE, 1, "level"), "Mức", "Tốt"),
        (where(TABLE, 1, "words"), "Nội dung", "aaaaaaaa"),
    }
    assert {one.place.sheet for one in found} == {"Việc"}


def test_rows_added_and_rows_copied_are_told():
    def add(book):
        sheet = sheet_of(book, "things")
        sheet[where(TABLE, 2, "words")] = "dòng thêm"
        sheet.cell(FIRST_ROW + 3, 1, "1")

    assert [(fault.place.row, fault.advice.split(":")[0]) for fault in faults(add)] == [
        (FIRST_ROW + 2, "Dòng thêm không thuộc mục nào"),
        (FIRST_ROW + 3, f"Dòng này chép từ dòng {FIRST_ROW}"),
    ]


def test_a_row_taken_out_leaves_what_is_stored():
    book = a_book()

    reading = read(
        "mau.xlsx",
        filled_in(draw(book), lambda made: sheet_of(made, "things").delete_rows(FIRST_ROW)),
        book,
    )

    assert changes_of(reading) == []
    assert reading.notices == ["Trang “Việc” không có 1 dòng của báo cáo; các dòng đó giữ nguyên."]


def test_a_row_that_is_gone_matters_only_where_something_was_written():
    now = a_book(a_book().tables[0].rows[0])

    untouched = read("mau.xlsx", draw(a_book()), now)
    written = read("mau.xlsx", filled_in(draw(a_book()), put(words_1="mới")), now)

    assert untouched.faults == []
    assert [fault.value for fault in written.faults] == ["mới"]


def test_a_locked_cell_that_was_written_in_is_told():
    book = a_book(a_row(1, locked=frozenset({"count"})), a_row(2))

    assert [(one.title, one.value) for one in faults(put(count_0=5), book)] == [("Số lượng", "5")]
    assert faults(put(count_1=5), book) == []


def test_a_column_taken_out_is_told():
    def remove(book):
        sheet_of(book, "things").delete_cols(3)

    assert [(one.title, one.expected) for one in faults(remove)] == [
        ("Nội dung", "Cột này phải có trong trang.")
    ]


def test_a_text_longer_than_a_cell_holds_is_locked_and_stays():
    long = "đ" * 40_000
    book = a_book(a_row(1, words=long), a_row(2))

    reading = read("mau.xlsx", draw(book), book)

    assert (reading.faults, changes_of(reading)) == ([], [])
    assert not Table("t", "T", COLUMNS, ()).is_open(book.tables[0].rows[0], COLUMNS[1])


# ---------------------------------------------------------------- the file with the faults


def test_the_file_comes_back_with_comments_at_the_cells_and_a_list():
    made = filled_in(draw(a_book()), put(count_0="mười hai", level_1="Tốt"))
    found = read("mau.xlsx", made, a_book()).faults

    marked = openpyxl.load_workbook(io.BytesIO(mark(made, found)))

    sheet = sheet_of(marked, "things")
    assert sheet[where(TABLE, 0, "count")].comment.author == AUTHOR
    assert sheet[where(TABLE, 0, "count")].value == "mười hai"
    listed = marked["Cần sửa"]
    assert [cell.value for cell in listed[5]][:4] == ["Việc", 5, "E Số lượng", "mười hai"]
    assert listed["A5"].hyperlink.location == f"'Việc'!{where(TABLE, 0, 'count')}"
    assert marked.sheetnames[0] == "Cần sửa"


def test_a_fault_in_a_merged_cell_is_marked_at_the_cell_that_is_left():
    wrong, left = where(TABLE, 0, "count"), where(TABLE, 0, "level")
    made = filled_in(draw(a_book()), put(count_0="mười hai"))
    found = read("mau.xlsx", made, a_book()).faults
    merged = filled_in(made, lambda book: sheet_of(book, "things").merge_cells(f"{left}:{wrong}"))

    marked = openpyxl.load_workbook(io.BytesIO(mark(merged, found)))

    assert sheet_of(marked, "things")[left].comment.author == AUTHOR


def test_a_mended_file_is_taken_with_its_comments_and_marked_again_without_the_old_ones():
    made = filled_in(draw(a_book()), put(count_0="mười hai", level_1="Tốt"))
    marked = mark(made, read("mau.xlsx", made, a_book()).faults)
    half_mended = filled_in(marked, put(count_0=12))

    left = read("mau.xlsx", half_mended, a_book()).faults
    again = openpyxl.load_workbook(io.BytesIO(mark(half_mended, left)))
    mended = filled_in(half_mended, put(level_1="Hoàn thành"))

    assert [fault.title for fault in left] == ["Mức"]
    assert sheet_of(again, "things")[where(TABLE, 0, "count")].comment is None
    assert again.sheetnames.count("Cần sửa") == 1
    assert len(changes_of(read("mau.xlsx", mended, a_book()))) == 2


# ---------------------------------------------------------------- whole files that are refused


def test_a_file_of_something_else_is_refused_with_both_names():
    other = draw(a_book(subject="8", subject_name="UBND xã Ia Băng"))

    with pytest.raises(BookRefused, match=r"UBND xã Ia Băng.*UBND xã Krong"):
        read("mau.xlsx", other, a_book())


@pytest.mark.parametrize(
    ("fields", "said"), [({"number": 0}, "mẫu cũ"), ({"kind": "other"}, "việc khác")]
)
def test_another_form_or_edition_is_refused(fields, said):
    with pytest.raises(BookRefused, match=said):
        read("mau.xlsx", draw(a_book(**fields)), a_book())


def _without_seal(book):
    book.remove(book["_chuan"])


def _forged(book):
    book["_chuan"]["A3"] = book["_chuan"]["A3"].value.replace('"subject":"7"', '"subject":"9"')


def _without_ids(book):
    sheet_of(book, "things").delete_cols(1)


def _without_table(book):
    book.remove(sheet_of(book, "things"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_without_seal, "không phải mẫu tải từ hệ thống"),
        (_forged, "Phần ẩn của mẫu đã bị sửa"),
        (_without_ids, "Không tìm thấy phần “Việc”"),
        (_without_table, "Không tìm thấy phần “Việc”"),
    ],
)
def test_a_file_whose_hidden_part_is_gone_is_refused(spoil, said):
    with pytest.raises(BookRefused, match=said):
        read("mau.xlsx", filled_in(draw(a_book()), spoil), a_book())


# ---------------------------------------------------------------- whatever is written


def text(most=120):
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=most).map(clean)


VALUES = st.fixed_dictionaries(
    {
        "words": text(),
        "level": st.sampled_from(["", "low", "high"]),
        "count": st.none() | st.integers(0, 10**18).map(Decimal),
        "share": st.none() | st.decimals(0, 100, places=2),
        "on": st.none() | st.dates(date(2020, 1, 1), date(2030, 12, 31)),
        "done": st.booleans(),
    }
)
ROWS = st.lists(VALUES, min_size=1, max_size=4).map(
    lambda values: [a_row(number, **one) for number, one in enumerate(values, start=1)]
)
ONCE_IN_A_WHILE = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@ONCE_IN_A_WHILE
@given(ROWS)
def test_whatever_was_stored_comes_back_unchanged(rows):
    book = a_book(*rows)

    reading = read("mau.xlsx", draw(book), book)

    assert (reading.faults, changes_of(reading)) == ([], [])


@pytest.mark.slow
@ONCE_IN_A_WHILE
@given(ROWS, st.data())
def test_whatever_is_written_is_exactly_what_changes(rows, data):
    book = a_book(*rows)
    wanted = [data.draw(VALUES) for _row in rows]
    kinds = {column.key: column.kind for column in COLUMNS}

    def fill(made):
        sheet = sheet_of(made, "things")
        for number, values in enumerate(wanted):
            for key, value in values.items():
                cell = sheet[where(TABLE, number, key)]
                cell.value = kinds[key].put(value)
                if isinstance(cell.value, str) and cell.value:
                    cell.data_type = "s"

    found = changed(book, fill)

    expected = {
        (row.id, key): kinds[key].canonical(value)
        for row, values in zip(rows, wanted, strict=True)
        for key, value in values.items()
        if kinds[key].canonical(value) != kinds[key].canonical(row.values[key])
    }
    assert {
        at: one.written.column.kind.canonical(one.written.value) for at, one in found.items()
    } == expected
