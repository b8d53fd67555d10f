import copy
import io
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from docx import Document as OpenDocx
from openpyxl import load_workbook
from pypdf import PdfReader

from chuan.core.documents.enums import DocumentState, DocumentType
from chuan.core.documents.layout import check_document
from chuan.core.documents.layout.content import Table, plain
from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.operations import cancel_document, correct_document, issue_document
from chuan.core.documents.queries import files_of
from chuan.core.documents.testing import OfficialDocumentFactory
from chuan.core.files.queries import read_bytes
from chuan.core.notices.models import Notice
from chuan.core.people.models import Person
from chuan.flows.annual_report.enums import Audience, ReportState, StepKind
from chuan.flows.annual_report.operations import consolidation as consolidating
from chuan.flows.annual_report.operations import letters
from chuan.flows.annual_report.operations.locks import note_step
from chuan.flows.annual_report.queries.letters.annexes import detail_annex
from chuan.flows.annual_report.queries.letters.consolidated import (
    ADDRESSED_BY_NAME,
    consolidated_report,
    in_one_heading,
)
from chuan.flows.annual_report.queries.letters.urging import as_they_stood, urging_letter
from chuan.flows.annual_report.queries.urging import last_urged
from chuan.flows.annual_report.testing import IN_TIME, a_situation, furnishing
from chuan.lib.rules import Denied
from chuan.modules.plans.testing import Task

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TODAY = IN_TIME.date()
LONG = "Tuyên truyền nâng cao nhận thức, trách nhiệm của doanh nghiệp về vai trò" + ", nhất là" * 20


@pytest.fixture(scope="module", autouse=True)
def kept(around_the_file, tmp_path_factory):
    """A consolidation of two reports out of three, and the numbers on the shelf it was made from."""
    with around_the_file(), furnishing(tmp_path_factory.mktemp("files")) as shelf:
        situation = a_situation(bodies=3, tasks=2)
        for body, number in zip(situation.bodies, (5, 7, 9), strict=True):
            shelf.counts[body.pk] = number
        situation.accept(0)
        situation.accept(1)
        made = situation.consolidate()
        made.situation = situation
        return made, shelf.counts


@pytest.fixture
def made(kept, shelf):
    made, counts = kept
    shelf.counts.update(counts)
    return copy.deepcopy(made)


def tables_of(blocks):
    return [block for block in blocks if isinstance(block, Table)]


def words(document):
    """Every word of a document's body."""
    found = []
    for block in document.body:
        for name in ("text", "items"):
            value = getattr(block, name, None)
            if isinstance(value, str):
                found.append(value)
            elif name == "items" and value:
                found += [plain(one) for one in value]
    return "\n".join(found)


def test_both_reports_come_from_one_snapshot_and_speak_to_different_readers(made):
    province = consolidated_report(made, Audience.PROVINCE, dated=TODAY)
    ministry = consolidated_report(made, Audience.MINISTRY, dated=TODAY)

    assert province.addressees[0].startswith("Ủy ban nhân dân tỉnh")
    assert ministry.addressees == ("Bộ Khoa học và Công nghệ",)
    assert province.annexes == ministry.annexes
    assert province.recipients != ministry.recipients
    assert "Chưa gửi báo cáo" in words(province)
    assert "Chưa gửi báo cáo" not in words(ministry)


@pytest.mark.parametrize("audience", Audience)
def test_a_report_is_whole_before_it_is_drawn(made, audience):
    assert check_document(consolidated_report(made, audience, dated=TODAY)) == []


def test_the_day_is_left_to_the_clerk_who_numbers_it(made):
    report = consolidated_report(made, Audience.PROVINCE, dated=TODAY)

    assert (report.dated.month, report.dated.day, report.number) == (11, None, None)
    assert report.notation == "BC-SKHCN"


def test_marks_of_sources_stay_on_the_departments_desk(made):
    assert "[1]" in made.tasks.first().narrative

    assert "[" not in words(consolidated_report(made, Audience.PROVINCE, dated=TODAY))


def test_the_annexes_hold_the_figures_the_tasks_and_the_bodies(made):
    figures, tasks, bodies = (
        tables_of(annex.blocks)[0]
        for annex in consolidated_report(made, Audience.PROVINCE, dated=TODAY).annexes
    )

    inspections = next(row for row in figures.rows if row.cells[1] == "Số cuộc kiểm tra")
    assert inspections.cells[4] == 12
    total = tasks.rows[-1].cells
    assert total[2] == 4
    standings = [row.cells[2] for row in bodies.rows if len(row.cells) > 2]
    assert standings == ["Đã tổng hợp", "Đã tổng hợp", "Chưa gửi"]


def test_the_workbook_has_a_line_for_every_task_of_every_body_included(made):
    (table,) = tables_of(detail_annex(made).blocks)

    assert len(table.rows) == 4


def test_a_report_becomes_a_draft_in_the_register_with_three_files(made):
    output = letters.make_output(
        actor=made.situation.coordinator, consolidation=made, audience=Audience.PROVINCE, at=IN_TIME
    )

    document = output.document
    assert (document.kind, document.state) == (DocumentType.REPORT, DocumentState.DRAFT)
    assert output.snapshot_hash == made.snapshot_hash
    files = {
        row.purpose: read_bytes(row.upload)
        for row in files_of(document, reader=made.situation.coordinator)
    }
    assert set(files) == {"draft_docx", "draft_pdf", "annex_xlsx"}
    first_page = PdfReader(io.BytesIO(files["draft_pdf"])).pages[0].extract_text()
    assert "BÁO CÁO" in first_page
    docx = "\n".join(p.text for p in OpenDocx(io.BytesIO(files["draft_docx"])).paragraphs)
    assert "Tính đến hết ngày 10/11/2026, 2/3 cơ quan" in docx
    assert "Tính đến hết ngày 31/10/2026, trong 4 lượt nhiệm vụ chủ trì" in docx
    book = load_workbook(io.BytesIO(files["annex_xlsx"]))
    assert len(book.worksheets) == 4


def test_drawn_again_a_draft_gets_new_files_and_stays_one_document(made):
    given = {
        "actor": made.situation.coordinator,
        "audience": Audience.MINISTRY,
        "at": IN_TIME,
    }
    first = letters.make_output(consolidation=made, **given)
    again = letters.make_output(consolidation=made, **given)

    assert again.document == first.document


def issue(made, document, signer="Lê Văn Đức", issued_on=TODAY):
    return issue_document(
        actor=made.situation.coordinator, document=document, issued_on=issued_on, signer=signer
    )


def test_a_reader_who_has_a_numbered_report_gets_no_second_until_it_is_cancelled(made):
    coordinator = made.situation.coordinator
    given = {"actor": coordinator, "audience": Audience.MINISTRY, "at": IN_TIME}
    made.situation.close(made)
    made.refresh_from_db()
    first = letters.make_output(consolidation=made, **given)
    issue(made, first.document)

    with pytest.raises(Denied, match="01/BC-SKHCN"):
        letters.make_output(consolidation=made, **given)
    letters.make_output(consolidation=made, **given | {"audience": Audience.PROVINCE})
    cancel_document(actor=coordinator, document=first.document, reason="Sai số liệu.")
    again = letters.make_output(consolidation=made, **given)

    assert again.document != first.document


@pytest.fixture
def issued(made):
    """The report to the province, closed, drawn, then numbered and signed by a deputy; its files."""
    leader = made.situation.leader
    Person.objects.filter(pk=leader.pk).update(full_name="Lê Văn Đức", title="Phó Giám đốc Sở")
    made.situation.close(made)
    made.refresh_from_db()
    document, _names, _files = drawn_for(made)
    correct_document(
        actor=made.situation.coordinator,
        document=document,
        version=OfficialDocument.objects.get(pk=document.pk).version,
        kind=DocumentType.REPORT,
        symbol="BC-SKHCN-TĐC",
        issuer_name="",
        subject="Kết quả đã sửa trích yếu",
        issued_on=None,
        issuer=None,
        signer="",
        recipients=[*document.recipients, "Giám đốc Sở"],
        received_on=None,
    )
    return made, issue(made, document)


def test_an_issued_report_is_drawn_again_with_number_day_and_signer(issued):
    made, document = issued
    names, files = newest_files(document, made.situation.coordinator)

    assert names["draft_pdf"].endswith("-ubnd-tinh-so-01.pdf")
    for purpose in ("draft_docx", "draft_pdf"):
        text = " ".join(text_of(files, purpose).split())
        assert "01/BC-SKHCN-TĐC" in text
        assert "Gia Lai, ngày 10 tháng 11 năm 2026" in text
        assert "Lê Văn Đức" in text
        assert "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC" in text
        assert "PHÓ GIÁM ĐỐC SỞ" not in text
        assert text.count("Kèm theo Báo cáo số 01/BC-SKHCN-TĐC ngày 10 tháng 11 năm 2026") == 3
        assert "Kết quả đã sửa trích yếu" in text
        assert "Giám đốc Sở" in text
    book = load_workbook(io.BytesIO(files["annex_xlsx"]))
    for sheet in book.worksheets:
        cells = [str(cell.value) for row in sheet.iter_rows(max_row=6) for cell in row]
        assert any("01/BC-SKHCN-TĐC" in cell for cell in cells)


def test_the_files_from_before_the_number_stay_as_history(issued):
    made, document = issued

    rows = files_of(document, reader=made.situation.coordinator)

    assert sorted(row.purpose for row in rows) == [
        purpose for purpose in ("annex_xlsx", "draft_docx", "draft_pdf") for _ in range(2)
    ]


def test_an_issued_letter_speaks_of_the_day_it_was_written_and_bears_the_day_of_issue(made):
    situation = made.situation
    urging, _told = letters.urge_reports(
        actor=situation.coordinator,
        period=situation.period,
        reports=[situation.reports[2]],
        at=IN_TIME,
    )
    with time_machine.travel(IN_TIME + timedelta(days=2), tick=False):
        situation.coordinator.forget_grants()
        document = issue(made, urging.document, issued_on=TODAY + timedelta(days=2))

    _names, files = newest_files(document, situation.coordinator)

    text = " ".join(text_of(files, "draft_docx").split())
    assert "01/SKHCN" in text
    assert "ngày 12 tháng 11 năm 2026" in text
    assert "Đến ngày 10/11/2026" in text


def test_a_letter_says_how_reports_stood_when_it_was_written(shelf):
    situation = a_situation(bodies=2)
    situation.return_it(0)
    asked_at = timezone.now() + timedelta(hours=1)
    later = asked_at + timedelta(hours=1)
    note_step(situation.reports[0], StepKind.SUBMITTED, None, later)

    then = [report.state for report in as_they_stood(situation.reports, asked_at)]
    since = [report.state for report in as_they_stood(situation.reports, later)]

    assert then == [ReportState.RETURNED, ReportState.DRAFT]
    assert since == [ReportState.DRAFT, ReportState.DRAFT]


def test_a_document_of_somebody_else_is_not_drawn():
    assert letters.drawn_as_issued(OfficialDocumentFactory(issued=True)) == []


def test_the_report_names_every_annex_the_last_as_the_sheet_of_the_workbook(made):
    text = words(consolidated_report(made, Audience.PROVINCE, dated=TODAY))
    _document, _names, files = drawn_for(made)

    sheets = load_workbook(io.BytesIO(files["annex_xlsx"])).sheetnames
    assert [f"{name}: " in text for name in sheets] == [True] * 4
    assert f"{sheets[-1]}: Chi tiết nhiệm vụ chủ trì của từng cơ quan (tệp XLSX kèm theo)." in text
    # What the first draft of a task's text promises: see `rollup.merged_text`.
    assert sheets[-1] == "Phụ lục IV"


def text_of(files, purpose):
    if purpose == "draft_pdf":
        return "\n".join(
            page.extract_text() for page in PdfReader(io.BytesIO(files[purpose])).pages
        )
    document = OpenDocx(io.BytesIO(files[purpose]))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def drawn_for(made, audience=Audience.PROVINCE):
    output = letters.make_output(
        actor=made.situation.coordinator, consolidation=made, audience=audience, at=IN_TIME
    )
    return (output.document, *newest_files(output.document, made.situation.coordinator))


def newest_files(document, reader):
    """Names and bytes of the files in use, by purpose."""
    newest = {}
    for row in files_of(document, reader=reader):
        newest.setdefault(row.purpose, row)
    return (
        {purpose: row.upload.name for purpose, row in newest.items()},
        {purpose: read_bytes(row.upload) for purpose, row in newest.items()},
    )


def test_before_closing_a_report_is_marked_as_a_draft_and_gets_no_number(made):
    document, names, files = drawn_for(made)

    assert all(name.startswith("du-thao-") for name in names.values())
    for purpose in ("draft_docx", "draft_pdf"):
        text = text_of(files, purpose)
        assert "DỰ THẢO" in text
        assert "Kèm theo Dự thảo Báo cáo" in " ".join(text.split())
    with pytest.raises(Denied, match="chưa chốt"):
        issue(made, document)
    assert document.look == "document_draft"


def test_after_closing_it_is_drawn_again_without_the_mark_and_may_be_numbered(made):
    before, _names, _files = drawn_for(made)
    made.situation.close(made)
    made.refresh_from_db()

    document, names, files = drawn_for(made)

    assert document == before
    assert not any("du-thao" in name for name in names.values())
    for purpose in ("draft_docx", "draft_pdf"):
        assert "dự thảo" not in text_of(files, purpose).lower()
    document.refresh_from_db()
    assert document.look == "document_unnumbered"
    issued = issue(made, document)
    assert issued.number == 1


def test_the_mark_of_a_draft_stands_on_the_workbook_too(made):
    _document, _names, files = drawn_for(made)

    book = load_workbook(io.BytesIO(files["annex_xlsx"]))
    assert any("Dự thảo" in str(cell.value) for row in book.worksheets[0] for cell in row)


def test_a_task_followed_by_its_heading_alone_is_left_out_of_the_document(shelf):
    situation = a_situation(tasks=2)
    heading = Task.objects.filter(plan=situation.period.plan).order_by("pk").first()
    situation.accept()
    Task.objects.filter(pk=heading.pk).update(heading_only=True)
    made = situation.consolidate()

    report = consolidated_report(made, Audience.PROVINCE, dated=TODAY)

    assert heading.short_text not in words(report)
    tasks = tables_of(report.annexes[1].blocks)[0]
    assert heading.code not in [row.cells[0] for row in tasks.rows]
    # It is counted all the same: the total is the sum of the rows.
    assert tasks.rows[-1].cells[2] == 2
    assert len(tables_of(detail_annex(made).blocks)[0].rows) == 1


def test_those_who_mend_a_report_are_not_among_those_who_sent_none(shelf):
    situation = a_situation(bodies=3)
    situation.accept(0)
    situation.return_it(1)

    report = consolidated_report(situation.consolidate(), Audience.PROVINCE, dated=TODAY)

    text = words(report)
    assert "Đang chỉnh lý báo cáo theo yêu cầu có 1 cơ quan" in text
    assert "Chưa gửi báo cáo có 1 cơ quan" in text
    total = tables_of(report.body)[0].rows[-1].cells
    assert total[1:7] == (3, 1, 0, 1, 0, 1)


def test_a_text_changed_while_the_report_was_drawn_is_not_kept(made, monkeypatch):
    drawn = letters._drawn

    def slowly(document, name):
        consolidating.save_consolidation_texts(
            actor=made.situation.coordinator,
            consolidation=made,
            version=made.version,
            texts={"overall": "Vừa sửa."},
            at=IN_TIME.replace(hour=10),
        )
        return drawn(document, name)

    monkeypatch.setattr(letters, "_drawn", slowly)

    with pytest.raises(Denied, match="vừa được sửa"):
        letters.make_output(
            actor=made.situation.coordinator,
            consolidation=made,
            audience=Audience.PROVINCE,
            at=IN_TIME,
        )

    assert not made.outputs.exists()


def test_the_page_offers_the_issued_document_instead_of_another(made, client):
    made.situation.close(made)
    made.refresh_from_db()
    document, _names, _files = drawn_for(made)
    client.force_login(made.situation.coordinator)
    page = reverse("annual_report:outputs", args=[made.pk])
    again = f'action="{reverse("annual_report:make_output", args=[made.pk, "province"])}"'

    before = client.get(page).content.decode()
    issue(made, document)
    after = client.get(page).content.decode()

    assert again in before
    assert again not in after
    assert "Mở văn bản đã ban hành" in after
    assert f'href="{reverse("documents:show", args=[document.pk])}"' in after
    assert "Nội dung đã sửa sau khi tạo" not in after


# ---------------------------------------------------------------- urging


def test_urging_tells_clerks_and_heads_and_drafts_one_letter(made):
    situation = made.situation
    missing = situation.reports[2]

    urging, told = letters.urge_reports(
        actor=situation.coordinator, period=situation.period, reports=[missing], at=IN_TIME
    )

    assert told == 2
    for person in (situation.clerks[2], situation.heads[2]):
        assert Notice.objects.filter(person=person, title__startswith="Đôn đốc").exists()
    assert (urging.document.kind, urging.document.state) == (
        DocumentType.LETTER,
        DocumentState.DRAFT,
    )
    assert last_urged([missing.pk]) == {missing.pk: IN_TIME}
    assert missing.steps.filter(kind=StepKind.URGED).exists()


def test_who_has_reported_is_not_urged(made):
    with pytest.raises(Denied, match="vừa gửi báo cáo"):
        letters.urge_reports(
            actor=made.situation.coordinator,
            period=made.situation.period,
            reports=[made.situation.reports[0]],
            at=IN_TIME,
        )


def test_nobody_is_urged_when_nobody_is_chosen(made):
    with pytest.raises(Denied, match="ít nhất một"):
        letters.urge_reports(
            actor=made.situation.coordinator,
            period=made.situation.period,
            reports=[],
            at=IN_TIME,
        )


def test_a_few_bodies_are_addressed_by_name_and_many_by_a_list(shelf):
    situation = a_situation(bodies=ADDRESSED_BY_NAME + 1)

    few = urging_letter(situation.period, situation.reports[:2], dated=TODAY)
    many = urging_letter(situation.period, situation.reports, dated=TODAY)

    assert len(few.addressees) == 2
    assert few.annexes == ()
    assert "danh sách" in many.addressees[0]
    assert len(tables_of(many.annexes[0].blocks)[0].rows) == ADDRESSED_BY_NAME + 2
    assert check_document(few) == check_document(many) == []


def test_before_the_due_day_the_letter_reminds_and_after_it_the_letter_warns(shelf):
    situation = a_situation()

    before = urging_letter(situation.period, situation.reports, dated=TODAY)
    after = urging_letter(situation.period, situation.reports, dated=TODAY.replace(day=25))

    assert "sắp hết" in words(before)
    assert "danh sách chưa báo cáo" in words(after)


@pytest.mark.parametrize(
    ("wording", "heading"),
    [
        ("Cân đối ngân sách nhà nước.", "Cân đối ngân sách nhà nước"),
        (f"Một việc; {LONG}.", "Một việc"),
        (f"{LONG}; việc hai.", LONG),
        (f"{LONG}. Việc hai.", LONG),
        (f"{LONG}, vị trí và tầm quan trọng.", f"{LONG}, vị trí và tầm quan trọng"),
        (f"{LONG} (gồm: đo; thử) tại TP. Quy Nhơn", f"{LONG} (gồm: đo; thử) tại TP. Quy Nhơn"),
    ],
)
def test_a_heading_is_the_tasks_wording_up_to_where_a_clause_ends(wording, heading):
    assert in_one_heading(wording) == heading
