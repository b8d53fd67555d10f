"""A report filled in offline: out, back, looked at, taken over as a whole or not at all."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.core.audit.models import Entry
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.core.workbooks.drawing import draw
from chuan.core.workbooks.opening import BookRefused
from chuan.core.workbooks.testing import filled_in, sheet_of, where
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import ReportSection, ReportState
from chuan.flows.annual_report.models import FilledWorkbook
from chuan.flows.annual_report.operations import entry, workbook
from chuan.flows.annual_report.queries import workbook as queries
from chuan.flows.annual_report.queries.workbook import FROM_FILE, STORED, look_at, workbook_of
from chuan.flows.annual_report.tasks import sweep_workbooks
from chuan.flows.annual_report.testing import IN_TIME, a_situation
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean

# Each draws a workbook, sends it back and reads it.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LATER = IN_TIME + timedelta(hours=1)


@pytest.fixture
def situation(shelf):
    shelf.counts.clear()
    made = a_situation(tasks=2)
    shelf.counts[made.bodies[0].pk] = 4
    shelf.shares[made.bodies[0].pk] = (9, 10)
    made.start()
    return made


def pen(report, **cells):
    """Writes into the file by table, row and column: `items_0_narrative="…"`."""
    book = workbook_of(report)

    def fill(made):
        for name, value in cells.items():
            table, row, column = name.split("_", 2)
            sheet = sheet_of(made, table)
            sheet[where(book.table(table), int(row), column)] = value

    return fill


def send(situation, content=None, *, at=IN_TIME, **cells):
    """The workbook of today with these cells written, sent back by the clerk."""
    report = situation.report
    content = content or filled_in(draw(workbook_of(report)), pen(report, **cells))
    return workbook.send_back_workbook(
        actor=situation.clerks[0], report=report, name="bao-cao.xlsx", content=content, at=at
    )


def take_over(situation, filled, *, chosen=None, actor=None, at=LATER):
    return workbook.take_over_workbook(
        actor=actor or situation.clerks[0],
        filled=filled,
        revision=situation.report.revision,
        chosen=chosen or {},
        at=at,
    )


def first_item(situation):
    key = workbook_of(situation.report).table("items").rows[0].id
    return situation.report.items.get(pk=key)


def figure(situation, code):
    return situation.report.figures.get(code=code)


def row_of(situation, code):
    rows = workbook_of(situation.report).table("figures").rows
    return [row.id for row in rows].index(str(figure(situation, code).pk))


# ---------------------------------------------------------------- there and back


def test_a_workbook_that_was_not_touched_changes_nothing(situation):
    intake = look_at(situation.report, send(situation))

    assert (intake.changes, intake.faults) == ([], [])


def test_what_was_written_offline_stands_in_the_report(situation):
    count, share = row_of(situation, "tests.inspections"), row_of(situation, "tests.passed")
    filled = send(
        situation,
        items_0_narrative="Đã kiểm tra 12 cơ sở.",
        items_0_outlook="Kiểm tra thêm 3 cơ sở.",
        items_0_achievement="Cơ bản",
        items_0_percent="80",
        items_0_is_finished="x",
        sections_0_text="Hoàn thành các nhiệm vụ chính.",
        sections_0_is_finished="Có",
        sections_2_text="Bố trí kinh phí từ đầu năm.",
        **{
            f"figures_{count}_value": "1.006",
            f"figures_{count}_reason": "Hồ sơ giấy.",
            f"figures_{count}_outlook": 1200,
            f"figures_{share}_numerator": 9,
            f"figures_{share}_denominator": 12,
            f"figures_{share}_reason": "Ba mẫu chưa nhập.",
        },
    )

    assert take_over(situation, filled) == 14

    item, report = first_item(situation), situation.report
    assert (item.narrative, item.outlook) == ("Đã kiểm tra 12 cơ sở.", "Kiểm tra thêm 3 cơ sở.")
    assert (item.achievement, item.percent, item.is_finished) == ("substantial", 80, True)
    assert (report.summary, report.proposals) == (
        "Hoàn thành các nhiệm vụ chính.",
        "Bố trí kinh phí từ đầu năm.",
    )
    assert report.finished_sections == [ReportSection.SUMMARY]
    counted, shared = figure(situation, "tests.inspections"), figure(situation, "tests.passed")
    assert (counted.override, counted.override_reason, counted.outlook) == (
        1006,
        "Hồ sơ giấy.",
        1200,
    )
    assert (shared.override_numerator, shared.override_denominator) == (9, 12)
    assert shared.override == Decimal("75.0")
    assert report.entered_by == situation.clerks[0]
    assert not FilledWorkbook.objects.exists()
    assert Entry.objects.filter(action="annual_report.workbook_taken_over").count() == 1


def test_clearing_a_number_and_its_reason_goes_back_to_the_system(situation):
    row = row_of(situation, "tests.inspections")
    take_over(
        situation, send(situation, **{f"figures_{row}_value": 9, f"figures_{row}_reason": "Giấy."})
    )

    filled = send(situation, **{f"figures_{row}_value": None, f"figures_{row}_reason": None})
    take_over(situation, filled)

    assert figure(situation, "tests.inspections").override is None


def test_an_estimate_may_fall_with_the_number_it_rests_on(situation):
    row = row_of(situation, "tests.inspections")
    names = [f"figures_{row}_{name}" for name in ("value", "reason", "outlook")]
    take_over(situation, send(situation, **dict(zip(names, (90, "Giấy.", 100), strict=True))))

    take_over(
        situation, send(situation, **dict(zip(names, (9, "Giấy, đếm lại.", 10), strict=True)))
    )

    assert figure(situation, "tests.inspections").outlook == 10


def test_a_quarters_workbook_has_no_estimates(shelf):
    situation = a_situation(kind="quarterly", phrase="quý II năm 2026")
    situation.start()

    tables = workbook_of(situation.report).tables

    assert "outlook" not in {column.key for table in tables for column in table.columns}
    assert [row.id for row in tables[-1].rows] == ["summary", "difficulties", "proposals"]


def test_of_a_task_followed_by_its_heading_no_content_is_taken(situation):
    type(first_item(situation).task).objects.update(heading_only=True)

    filled = send(situation, items_0_narrative="nội dung", items_0_percent=10)

    found = look_at(situation.report, filled).faults
    assert [(fault.title, fault.expected) for fault in found] == [
        ("Kết quả thực hiện", "Ô này không ghi được.")
    ]


# ---------------------------------------------------------------- everything wrong, at once


def test_everything_wrong_is_told_at_once_and_nothing_is_written(situation):
    count, share = row_of(situation, "tests.inspections"), row_of(situation, "tests.passed")
    before = situation.report.revision
    filled = send(
        situation,
        items_0_is_finished="Có",
        items_0_percent=130,
        items_1_narrative="a" * 4001,
        sections_0_is_finished="Có",
        **{
            f"figures_{count}_value": 9,
            f"figures_{count}_outlook": 3,
            f"figures_{share}_numerator": 5,
            f"figures_{share}_denominator": 4,
            f"figures_{share}_reason": "Giấy.",
        },
    )

    with pytest.raises(workbook.NotTakenOver) as refused:
        take_over(situation, filled)

    told = {(fault.place.sheet, fault.title) for fault in refused.value.faults}
    assert told == {
        ("Nhiệm vụ", "Kết quả thực hiện"),
        ("Nhiệm vụ", "Tiến độ (%)"),
        ("Số liệu", "Lý do khác với hệ thống"),
        ("Số liệu", "Ước cả năm"),
        ("Số liệu", "Tử số"),
        ("Đánh giá chung", "Nội dung"),
    }
    assert situation.report.revision == before
    assert first_item(situation).narrative == ""


def test_a_task_is_not_complete_without_evidence(situation):
    item = first_item(situation)
    item.assignment.evidence.all().update(withdrawn_at=IN_TIME, withdrawn_by=situation.clerks[0])

    filled = send(
        situation,
        items_0_narrative="Xong.",
        items_0_achievement="Hoàn thành",
        items_0_is_finished="Có",
    )

    assert [fault.title for fault in look_at(situation.report, filled).faults] == ["Mức đạt"]


# ---------------------------------------------------------------- somebody wrote on the pages meanwhile


@pytest.fixture
def both_sides(situation):
    """The clerk wrote a narrative and a percent offline; the narrative was changed on the page too."""
    content = filled_in(
        draw(workbook_of(situation.report)),
        pen(situation.report, items_0_narrative="Trong tệp.", items_0_percent=50),
    )
    item = first_item(situation)
    entry.save_item(
        actor=situation.clerks[0],
        item=item,
        version=item.version,
        narrative="Trên trang.",
        outlook="Ước trên trang.",
        achievement="limited",
        percent=None,
        is_finished=False,
        at=IN_TIME,
    )
    return send(situation, content)


def test_a_cell_changed_on_both_sides_waits_for_a_choice(situation, both_sides):
    intake = look_at(situation.report, both_sides)
    key = f"items.{first_item(situation).pk}.narrative"

    assert [change.key for change in intake.conflicts] == [key]
    with pytest.raises(workbook.Undecided) as waiting:
        take_over(situation, both_sides)
    assert waiting.value.keys == [key]
    assert first_item(situation).narrative == "Trên trang."


@pytest.mark.parametrize(
    ("choice", "narrative"), [(FROM_FILE, "Trong tệp."), (STORED, "Trên trang.")]
)
def test_the_chosen_one_stays_and_untouched_cells_keep_what_the_page_said(
    situation, both_sides, choice, narrative
):
    key = f"items.{first_item(situation).pk}.narrative"

    take_over(situation, both_sides, chosen={key: choice})

    item = first_item(situation)
    assert (item.narrative, item.percent) == (narrative, 50)
    assert (item.outlook, item.achievement) == ("Ước trên trang.", "limited")


def test_what_was_shown_is_what_is_written_or_it_is_shown_again(situation):
    filled = send(situation, items_0_narrative="Trong tệp.")
    seen = situation.report.revision
    entry.sync_report(actor=situation.clerks[0], report=situation.report, at=IN_TIME)
    item = first_item(situation)
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

    with pytest.raises(rules.Conflict):
        workbook.take_over_workbook(
            actor=situation.clerks[0], filled=filled, revision=seen, chosen={}, at=LATER
        )

    assert first_item(situation).narrative == "Trên trang."


# ---------------------------------------------------------------- whose, and when


def test_another_bodys_workbook_is_refused(shelf):
    situation = a_situation(bodies=2)
    situation.start(0)
    situation.start(1)
    other = draw(workbook_of(situation.reports[1]))

    with pytest.raises(BookRefused, match="không phải của"):
        send(situation, other)
    assert not FilledWorkbook.objects.exists()


def test_a_later_workbook_of_the_same_person_takes_the_place_of_the_first(situation):
    send(situation, items_0_narrative="một")

    filled = send(situation, items_0_narrative="hai")

    assert FilledWorkbook.objects.get() == filled


def test_a_workbook_is_used_by_whom_it_was_sent_by(situation):
    filled = send(situation, items_0_narrative="một")
    colleague = PersonFactory(role=Role.UNIT_CLERK, organisation=situation.bodies[0])

    with pytest.raises(Denied, match="người khác gửi lên"):
        take_over(situation, filled, actor=colleague)
    with pytest.raises(Denied, match="người khác gửi lên"):
        workbook.drop_workbook(actor=colleague, filled=filled, at=LATER)


def test_a_report_that_was_sent_takes_no_workbook(situation):
    filled = send(situation, items_0_narrative="một")
    situation.fill()
    situation.submit()

    with pytest.raises(Denied, match=str(ReportState.SUBMITTED.label)):
        take_over(situation, filled)


def test_a_report_not_begun_has_no_workbook(shelf):
    situation = a_situation()

    with pytest.raises(Denied, match="Bắt đầu báo cáo"):
        send(situation, b"")


def test_the_head_takes_no_workbook_over(situation):
    filled = send(situation)

    with pytest.raises(Denied, match="cán bộ đầu mối"):
        take_over(situation, filled, actor=situation.heads[0])


def test_a_dropped_workbook_is_gone_and_the_ledger_knows(situation):
    filled = send(situation, items_0_narrative="một")

    workbook.drop_workbook(actor=situation.clerks[0], filled=filled, at=LATER)

    assert not FilledWorkbook.objects.exists()
    assert Entry.objects.filter(action="annual_report.workbook_dropped").exists()


def test_workbooks_nobody_comes_back_to_are_swept(situation):
    send(situation, at=IN_TIME - timedelta(days=15))
    sweep_workbooks()
    assert not FilledWorkbook.objects.exists()

    send(situation, at=IN_TIME - timedelta(days=13))
    sweep_workbooks()
    assert FilledWorkbook.objects.exists()


# ---------------------------------------------------------------- costs, and whatever is written


def test_a_workbook_of_many_tasks_costs_no_more_queries(shelf):
    one, many = a_situation(tasks=1), a_situation(tasks=4)

    def cost(situation):
        situation.start()
        report = situation.report
        with CaptureQueriesContext(
            connection,
        ) as asked:
            draw(workbook_of(report))
        return len(asked)

    assert cost(one) == cost(many)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80).map(clean)
ITEM = st.fixed_dictionaries(
    {
        "narrative": TEXTS,
        "outlook": TEXTS,
        "achievement": st.sampled_from(["", "not_started", "limited", "substantial"]),
        "percent": st.none() | st.integers(0, 100),
    }
)
SOME = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SOME
@given(before=ITEM, after=ITEM, section=TEXTS)
def test_random_edits_come_out_as_exactly_those_changes(situation, before, after, section):
    item = first_item(situation)
    entry.save_item(
        actor=situation.clerks[0],
        item=item,
        version=item.version,
        is_finished=False,
        at=IN_TIME,
        **before,
    )
    assert look_at(situation.report, send(situation)).changes == []
    levels = workbook_of(situation.report).table("items").columns[6].kind
    unlike = {name for name in after if after[name] != before[name]}
    text = situation.report.summary

    def fill(made):
        sheet, table = sheet_of(made, "items"), workbook_of(situation.report).table("items")
        for name, value in after.items():
            cell = sheet[where(table, 0, name)]
            cell.value = levels.put(value) if name == "achievement" else value
            if isinstance(cell.value, str) and cell.value:
                cell.data_type = "s"
        cell = sheet_of(made, "sections")["C5"]
        cell.value = section
        if section:
            cell.data_type = "s"

    filled = send(situation, filled_in(draw(workbook_of(situation.report)), fill))

    assert look_at(situation.report, filled).faults == []
    assert take_over(situation, filled) == len(unlike) + (section != text)
    item = first_item(situation)
    assert {name: getattr(item, name) for name in after} == after
    assert situation.report.summary == section
    assert queries.look_at(situation.report, send(situation)).changes == []
