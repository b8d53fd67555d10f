"""Lists: search, filter, sort, page and download."""

import csv
import datetime as dt
import io
from contextlib import closing
from decimal import Decimal

import pytest
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models.functions import Length
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override
from openpyxl import load_workbook

from chuan.core.ui.forms import FilterForm
from chuan.core.ui.tables import Column, Table, link


class Body:
    def __init__(self, pk, name, money=None, due_on=None, group="Sở"):
        self.pk, self.name, self.money, self.due_on, self.group = pk, name, money, due_on, group

    def __str__(self):
        return self.name


BODIES = [
    Body(1, "Sở Tài chính", Decimal("1250.5"), dt.date(2025, 4, 5)),
    Body(2, "Công an tỉnh", None, dt.date(2026, 11, 19)),
    Body(3, "Đống Đa", Decimal(9), None, "Xã"),
    Body(12345, "Dương Minh", Decimal(1000), dt.date(2025, 1, 1), "Xã"),
]


class GroupFilter(FilterForm):
    nhom = forms.ChoiceField(
        label="Nhóm", required=False, choices=[("", "Tất cả"), ("Sở", "Sở"), ("Xã", "Xã")]
    )


class BodyTable(Table):
    name = "co-quan"
    caption = "Cơ quan"
    noun = "cơ quan"
    columns = (
        Column(
            "name",
            "Tên",
            order=True,
            is_header=True,
            cell=lambda row: link(f"/co-quan/{row.pk}/", row.name),
        ),
        Column("money", "Kinh phí", order=True, is_numeric=True, places=1),
        Column("due_on", "Hạn", order=True),
        Column("note", "Ghi chú", value=lambda row: "=1+1"),
    )
    search = ("name",)
    filter_form = GroupFilter
    default_order = "name"

    def filter(self, rows, chosen):
        return [row for row in rows if row.group == chosen["nhom"]] if chosen["nhom"] else rows


def table(query="", rows=BODIES, kind=BodyTable, **how):
    return kind(RequestFactory().get(f"/danh-sach/{query}"), rows, **how)


def names(one):
    return [str(row) for row in one.page.object_list]


def shown(one):
    return Template("{% table t %}").render(Context({"t": one, "request": one.request}))


def test_rows_stand_in_vietnamese_order():
    assert names(table()) == ["Công an tỉnh", "Dương Minh", "Đống Đa", "Sở Tài chính"]


@pytest.mark.parametrize(
    ("query", "first"),
    [("?sap=-name", "Sở Tài chính"), ("?sap=money", "Đống Đa"), ("?sap=-due_on", "Công an tỉnh"), ("?sap=due_on", "Dương Minh")],
)  # fmt: skip
def test_a_heading_sorts(query, first):
    assert names(table(query))[0] == first


def test_what_is_empty_comes_last():
    assert names(table("?sap=money"))[-1] == "Công an tỉnh"


@pytest.mark.parametrize("query", ["?sap=nonsense", "?sap=-note", "?sap=", "?sap=--name", "?trang=abc", "?trang=-5", "?nhom=??"])  # fmt: skip
def test_nonsense_in_the_address_is_the_list_as_it_usually_is(query):
    assert names(table(query)) == names(table())


def test_a_search_needs_no_tones_and_finds_every_word():
    assert names(table("?q=dong da")) == ["Đống Đa"]
    assert names(table("?q=tài  SO")) == ["Sở Tài chính"]
    assert names(table("?q=đo")) == ["Đống Đa"]
    assert names(table("?q=khong co")) == []


def test_a_filter_and_a_search_narrow_together():
    assert names(table("?nhom=Xã")) == ["Dương Minh", "Đống Đa"]
    assert names(table("?nhom=Xã&q=minh")) == ["Dương Minh"]


def test_the_heading_says_how_the_list_is_sorted_and_turns_it():
    html = shown(table("?q=o&sap=name&trang=1"))
    assert 'aria-sort="ascending"' in html
    assert 'href="?q=o&amp;sap=-name"' in html


def test_ids_of_a_thousand_and_more_stay_whole_in_addresses():
    assert 'href="/co-quan/12345/"' in shown(table())


def test_numbers_dates_and_nothing_are_shown_the_vietnamese_way():
    html = shown(table())
    for text in ("1.250,5", "05/04/2025", "<span>–</span>"):
        assert text in html


def test_cells_are_escaped():
    html = shown(table(rows=[Body(1, "<script>")]))
    assert "<script" not in html


def test_a_phone_gets_the_headings_beside_the_cells():
    html = shown(table())
    assert 'data-l="Kinh phí"' in html
    assert 'role="rowheader"' in html


def test_the_search_form_keeps_what_else_the_address_says():
    html = shown(table("?tab=2&q=a&trang=3"))
    assert '<input type="hidden" name="tab" value="2">' in html
    assert 'type="hidden" name="trang"' not in html


def test_nothing_found_offers_the_whole_list_again():
    html = shown(table("?tab=2&q=khong+co&nhom=Xã"))
    assert "Không có dòng nào khớp" in html
    assert 'href="?tab=2"' in html


def test_nothing_there_says_what_to_do():
    html = shown(table(rows=[], empty_action=("Nhập quyết định", "/nhap/")))
    assert "Chưa có gì ở đây" in html
    assert 'href="/nhap/">Nhập quyết định' in html


def test_rows_are_gathered_under_headings_only_in_their_own_order():
    class Grouped(BodyTable):
        default_order = "group"
        columns = (
            Column("group", "Nhóm", order=lambda row: f"{row.group} {row.name}"),
            *BodyTable.columns,
        )

        def group_of(self, row):
            return row.group

    assert [line.group for line in table(kind=Grouped).lines] == ["Sở", "", "Xã", ""]
    assert not any(line.group for line in table("?sap=money", kind=Grouped).lines)


def test_rows_can_be_chosen_for_the_form_around_the_actions():
    class Chosen(BodyTable):
        select_name, select_form = "co_quan", "hang-loat"

    html = shown(table(kind=Chosen))
    assert (
        '<span class="vh">Chọn Đống Đa</span><input type="checkbox" name="co_quan" value="3" form="hang-loat">'
        in html
    )


def test_the_last_line_adds_up_the_whole_list():
    class Added(BodyTable):
        per_page = 1

        def totals(self):
            return {"money": sum(row.money or 0 for row in self.rows)}

    assert "2.259,5" in shown(table(kind=Added))


# ---- from the database


class TypeTable(Table):
    columns = (
        Column("model", "Tên", order="model", is_header=True),
        Column("app_label", "Nơi", order=("-app_label", "model")),
        Column(
            "length",
            "Dài",
            value=lambda row: len(row.model),
            order=Length("model"),
            is_numeric=True,
        ),
    )
    search = ("model",)
    default_order = "model"
    per_page = 3


@pytest.mark.django_db
def test_a_page_costs_two_queries_however_many_rows(django_assert_num_queries):
    for rows in (ContentType.objects.filter(model="session"), ContentType.objects.all()):
        with django_assert_num_queries(2):
            shown(table(rows=rows, kind=TypeTable))


@pytest.mark.django_db
def test_equal_rows_never_swap_between_pages():
    ContentType.objects.bulk_create(
        ContentType(app_label=f"app{n}", model="same") for n in range(10)
    )
    rows = ContentType.objects.filter(model="same")
    seen = [
        row.pk
        for page in range(1, 5)
        for row in table(f"?trang={page}", rows=rows, kind=TypeTable).page
    ]
    assert seen == sorted(rows.values_list("pk", flat=True))


class LongTable(TypeTable):
    keys_first = True

    def completed(self, rows):
        return rows.annotate(length_twice=Length("model") * 2)


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["?", "?sap=-model", "?sap=length", "?q=session"])
def test_a_long_list_is_cut_into_the_same_pages(asked, django_assert_num_queries):
    whole = list(table(asked, rows=ContentType.objects.all(), kind=TypeTable).rows)
    pages = -(-len(whole) // TypeTable.per_page)
    seen = []
    for number in range(1, pages + 1):
        with django_assert_num_queries(3):
            page = table(
                f"{asked}&trang={number}", rows=ContentType.objects.all(), kind=LongTable
            ).page
            assert page.paginator.count == len(whole)
            seen += list(page)

    assert seen == whole
    assert all(row.length_twice == 2 * len(row.model) for row in seen)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked", ["model", "-model", "app_label", "-app_label", "length", "-length"]
)
def test_every_sort_works_both_ways_in_the_database(asked):
    ContentType.objects.bulk_create(
        ContentType(app_label="zz", model=f"x{'y' * n}") for n in range(4)
    )
    there = [
        row.pk
        for row in table(f"?sap={asked}", rows=ContentType.objects.all(), kind=TypeTable).rows
    ]
    assert sorted(there) == sorted(ContentType.objects.values_list("pk", flat=True))
    if asked == "-length":
        assert (
            table(f"?sap={asked}", rows=ContentType.objects.filter(app_label="zz"), kind=TypeTable)
            .rows[0]
            .model
            == "xyyy"
        )


@pytest.mark.django_db
def test_the_database_searches_the_folded_key():
    ContentType.objects.create(app_label="a", model="xa dong da")
    assert [
        r.model for r in table("?q=Đống+xã", rows=ContentType.objects.all(), kind=TypeTable).rows
    ] == ["xa dong da"]


# ---- files


def test_no_file_unless_one_is_asked_for():
    assert table().download() is None
    assert table("?export=exe").download() is None


@pytest.mark.django_db
def test_the_whole_filtered_list_goes_into_the_workbook_with_real_dates_and_numbers():
    class Short(BodyTable):
        per_page = 1

    answer = table("?nhom=Sở&export=xlsx&trang=2", kind=Short).download()
    with closing(answer):
        sheet = load_workbook(io.BytesIO(answer.getvalue())).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Tên", "Kinh phí", "Hạn", "Ghi chú")
    assert [row[0] for row in rows[1:]] == ["Công an tỉnh", "Sở Tài chính"]
    assert rows[2][1:3] == (1250.5, dt.datetime(2025, 4, 5))  # noqa: DTZ001 - what openpyxl reads back
    assert sheet["C3"].number_format == "dd/mm/yyyy"
    assert sheet["D2"].data_type == "s"
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''co-quan-")


def test_the_text_file_is_for_machines_and_carries_no_formula():
    answer = table("?export=csv").download()
    content = answer.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[-1] == ["Sở Tài chính", "1250.5", "2025-04-05", "'=1+1"]
    assert len(rows) == 1 + len(BODIES)


def test_a_text_file_goes_out_in_pieces_made_one_after_the_other():
    made = []

    class Counted(Table):
        name = "so"
        columns = (Column("number", "Số", value=lambda row: made.append(row) or row),)

    pieces = iter(table("?export=csv", rows=list(range(1200)), kind=Counted).download())

    assert next(pieces) == b"\xef\xbb\xbf"
    next(pieces)
    assert len(made) == 500
    assert len(b"".join(pieces).splitlines()) == 700


def test_a_piece_made_after_the_request_is_in_the_readers_language():
    class Told(Table):
        name = "co"
        columns = (Column("told", "Có", value=lambda row: True),)

    with override("en"):
        answer = table("?export=csv", rows=[1], kind=Told).download()

    assert answer.getvalue().decode("utf-8-sig").splitlines()[1] == "Yes"


def test_a_list_over_the_limit_says_so_and_leads_back_to_the_list():
    class Limited(BodyTable):
        most_exported = 3

    answer = table("?nhom=&q=&export=csv", kind=Limited).download()
    text = answer.content.decode()

    assert answer.status_code == 413
    assert "Danh sách có 4 dòng, một tệp nhận nhiều nhất 3 dòng." in text
    assert 'href="/danh-sach/?nhom=&amp;q="' in text
    assert table("?nhom=Sở&export=csv", kind=Limited).download().status_code == 200


def test_a_list_may_keep_its_rows_to_itself():
    class Kept(BodyTable):
        can_export = False

    assert table("?export=csv", kind=Kept).download() is None
    assert "XLSX" not in shown(table(kind=Kept))
