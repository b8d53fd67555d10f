"""The pages on which a workbook is downloaded, sent back, looked at and taken over."""

import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.core.workbooks.marking import AUTHOR
from chuan.core.workbooks.testing import filled_in, sheet_of, where
from chuan.flows.annual_report.models import FilledWorkbook
from chuan.flows.annual_report.operations import entry
from chuan.flows.annual_report.queries.workbook import workbook_of
from chuan.flows.annual_report.testing import IN_TIME, a_situation
from chuan.flows.annual_report.tests.pages import words

# Each draws a workbook, sends it back and reads it.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def started(situation):
    situation.start()
    return situation


class Desk:
    """A clerk with the pages of one report."""

    def __init__(self, client, situation, person=None):
        self.client, self.situation = client, situation
        client.force_login(person or situation.clerks[0])

    def url(self, name):
        return reverse(f"annual_report:{name}", args=[self.situation.report.pk])

    def get(self, name):
        return self.client.get(self.url(name))

    def post(self, name, **data):
        return self.client.post(self.url(name), data, follow=True)

    def content(self, name="workbook_file"):
        return b"".join(self.get(name).streaming_content)

    def send(self, name="bao-cao.xlsx", content=None, **cells):
        content = content or self.filled(**cells)
        return self.post("workbook", workbook=SimpleUploadedFile(name, content))

    def filled(self, content=None, **cells):
        table = workbook_of(self.situation.report).table("items")

        def fill(made):
            for name, value in cells.items():
                sheet_of(made, "items")[where(table, 0, name)] = value

        return filled_in(content or self.content(), fill)


@pytest.fixture
def desk(client, started):
    return Desk(client, started)


def test_the_report_offers_its_workbook_to_whoever_writes_it(desk):
    assert desk.url("workbook") in words(desk.get("show"))


def test_the_file_is_named_after_the_report_and_kept_by_nobody_in_between(desk):
    answer = desk.get("workbook_file")

    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert "filename*=utf-8''B%C3%A1o%20c%C3%A1o" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "private, no-store"


def test_what_would_change_is_shown_before_it_is_written(desk):
    page = desk.send(narrative="Đã kiểm tra 12 cơ sở.", percent=80)

    assert "2 ô sẽ đổi." in words(page)
    assert "Đã kiểm tra 12 cơ sở." in words(page)
    assert desk.situation.report.items.get().narrative == ""

    done = desk.post("workbook_preview", revision=desk.situation.report.revision)

    assert "Đã ghi 2 ô từ bảng tính vào báo cáo." in words(done)
    assert desk.situation.report.items.get().percent == 80


def test_what_is_wrong_is_listed_and_comes_back_in_the_persons_own_file(desk):
    page = desk.send(percent="tám mươi", achievement="Rất tốt")

    assert "2 chỗ cần sửa." in words(page)
    assert "Tải tệp có ghi chú" in words(page)
    assert "Ghi vào báo cáo" not in words(page)
    marked = openpyxl.load_workbook(io.BytesIO(desk.content("workbook_marked")))
    table = workbook_of(desk.situation.report).table("items")
    assert sheet_of(marked, "items")[where(table, 0, "percent")].comment.author == AUTHOR

    mended = desk.filled(desk.content("workbook_marked"), percent=80, achievement="Cơ bản")
    assert "2 ô sẽ đổi." in words(desk.send(content=mended))


def test_a_file_that_cannot_be_marked_leads_back_with_the_reason(desk):
    desk.send(percent="tám mươi")
    whole = FilledWorkbook.objects.get()
    with zipfile.ZipFile(io.BytesIO(bytes(whole.content))) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    # A comment that is not there: reading values does not look for it, marking does.
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="c" Target="/xl/comments/none.xml" Type="'
        b'http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"/>'
        b"</Relationships>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as broken:
        for name, content in parts.items():
            broken.writestr(name, content)
    FilledWorkbook.objects.update(content=out.getvalue())

    answer = desk.get("workbook_marked")

    assert answer.status_code == 302
    assert "hỏng hoặc không phải bảng tính đọc được" in words(desk.get("workbook"))


def test_faults_are_refused_even_when_somebody_presses_without_the_button(desk):
    desk.send(percent="tám mươi")

    page = desk.post("workbook_preview", revision=desk.situation.report.revision)

    assert page.status_code == 422
    assert "1 chỗ cần sửa." in words(page)


def test_a_fault_of_a_part_whose_first_row_was_deleted_stands_at_its_next_row(desk):
    report = desk.situation.report
    report.difficulties, report.proposals = "", "Cấp thêm kinh phí."
    report.finished_sections = ["difficulties"]
    report.save()
    table = workbook_of(report).table("sections")
    rows = [row.id for row in table.rows]

    def fill(made):
        sheet = sheet_of(made, "sections")
        sheet[where(table, rows.index("proposals"), "text")] = None
        sheet.delete_rows(sheet[where(table, rows.index("difficulties"), "text")].row)

    page = desk.send(content=filled_in(desk.content(), fill))

    assert page.status_code == 200
    assert "1 chỗ cần sửa." in words(page)


def test_a_file_that_can_no_longer_be_used_is_refused_when_it_is_taken_over(desk):
    desk.send(percent=80)
    FilledWorkbook.objects.update(content=b"PK")

    page = desk.post("workbook_preview", revision=desk.situation.report.revision)

    assert page.redirect_chain[-1][0] == desk.url("workbook")
    assert desk.situation.report.items.get().percent is None


def test_a_revision_of_endless_digits_is_another_revision(desk):
    desk.send(percent=80)

    page = desk.post("workbook_preview", revision="9" * 5000)

    assert page.status_code == 409


def test_a_file_that_cannot_be_used_is_refused_at_the_field(desk):
    page = desk.send("bao-cao.ods", b"PK\x03\x04")

    assert page.status_code == 422
    assert "chọn Lưu thành, dạng .xlsx" in words(page)
    assert not FilledWorkbook.objects.exists()


def test_no_file_at_all_is_told(desk):
    assert "Chọn tệp cho mục “Tệp đã điền”." in words(desk.post("workbook"))


def test_a_file_with_nothing_new_says_so(desk):
    assert "Tệp không có gì khác báo cáo" in words(desk.send(content=desk.content()))


def _write_on_the_page(situation):
    item = situation.report.items.get()
    entry.save_item(
        actor=situation.clerks[0],
        item=item,
        version=item.version,
        narrative="Trên trang.",
        outlook="",
        achievement="",
        percent=None,
        is_finished=False,
        at=IN_TIME,
    )


def test_cells_changed_on_both_sides_are_shown_and_one_is_chosen(desk):
    content = desk.filled(narrative="Trong tệp.")
    _write_on_the_page(desk.situation)
    page = desk.send(content=content)
    name = f"giu-items.{desk.situation.report.items.get().pk}.narrative"

    assert all(text in words(page) for text in ("Trong tệp.", "Trên trang.", "Đã đổi cả hai nơi"))
    undecided = desk.post("workbook_preview", revision=desk.situation.report.revision)
    assert undecided.status_code == 422
    assert f'href="#{name}-file"' in words(undecided)
    desk.post("workbook_preview", revision=desk.situation.report.revision, **{name: "file"})
    assert desk.situation.report.items.get().narrative == "Trong tệp."


def test_a_report_changed_after_the_look_is_shown_again(desk):
    desk.send(narrative="Trong tệp.")
    seen = desk.situation.report.revision
    _write_on_the_page(desk.situation)

    page = desk.post("workbook_preview", revision=seen)

    assert page.status_code == 409
    assert "Báo cáo vừa được sửa trên hệ thống" in words(page)
    assert "Trên trang." in words(page)


def test_a_workbook_can_be_dropped(desk):
    desk.send(narrative="Trong tệp.")
    assert "Có bảng tính đang chờ bạn xem" in words(desk.get("workbook"))

    page = desk.post("workbook_drop")

    assert "Đã bỏ bảng tính." in words(page)
    assert "đang chờ bạn xem" not in words(page)
    assert desk.get("workbook_preview").status_code == 404


@pytest.mark.parametrize(
    "name", ["workbook", "workbook_preview", "workbook_marked", "workbook_file", "workbook_drop"]
)
@pytest.mark.parametrize("who", ["head", "coordinator", "colleague", "stranger"])
def test_nobody_else_comes_near_a_workbook(client, desk, name, who):
    desk.send(narrative="Bí mật của tệp.")
    situation = desk.situation
    person = {
        "head": situation.heads[0],
        "coordinator": situation.coordinator,
        "colleague": PersonFactory(role=Role.UNIT_CLERK, organisation=situation.bodies[0]),
        "stranger": PersonFactory(),
    }[who]
    client.force_login(person)

    for answer in (client.get(desk.url(name), follow=True), desk.post(name)):
        if who == "colleague" and name in {"workbook", "workbook_file"}:
            continue  # has the same right to a workbook of their own
        assert answer.status_code in {403, 404, 405} or answer.redirect_chain
        assert "Bí mật của tệp." not in answer.content.decode()
    assert FilledWorkbook.objects.exists()


def test_a_report_not_begun_has_no_workbook(client, situation):
    desk = Desk(client, situation)

    assert desk.get("workbook").status_code == 403
    assert desk.get("workbook_file").status_code == 302


def test_a_preview_of_many_changes_costs_no_more_queries(client, shelf):
    def cost(tasks):
        situation = a_situation(tasks=tasks)
        situation.start()
        desk = Desk(client, situation)
        table = workbook_of(situation.report).table("items")

        def fill(made):
            for row in range(tasks):
                sheet_of(made, "items")[where(table, row, "narrative")] = f"Việc {row}."

        desk.send(content=filled_in(desk.content(), fill))
        with CaptureQueriesContext(connection) as asked:
            assert desk.get("workbook_preview").status_code == 200
        return len(asked)

    assert cost(1) == cost(4)
