import pytest
from django.db import DatabaseError, transaction

from chuan.core.audit.models import Entry
from chuan.flows.annual_report.enums import ReportSection, ReportState
from chuan.flows.annual_report.models import ReportFigure, ReportItem
from chuan.flows.annual_report.operations import entry
from chuan.flows.annual_report.operations.entry import NotFinished
from chuan.flows.annual_report.rules import Conflict
from chuan.flows.annual_report.testing import IN_TIME, a_situation
from chuan.lib.rules import Denied
from chuan.modules.plans.testing import (
    Assignment,
    AssignmentFactory,
    DifficultyFactory,
    ProgressUpdateFactory,
)

pytestmark = pytest.mark.django_db


def contents(report):
    """Everything a report holds, but for the time of counting."""
    return (
        list(report.items.order_by("pk").values()),
        [{**row, "counted_at": None} for row in report.figures.order_by("pk").values()],
        report.difficulties,
        report.revision,
    )


def save(item, actor, **changes):
    given = {
        "narrative": "Đã kiểm tra 121 cơ sở.",
        "outlook": "",
        "achievement": "substantial",
        "percent": 80,
        "is_finished": False,
    }
    return entry.save_item(
        actor=actor, item=item, version=item.version, at=IN_TIME, **{**given, **changes}
    )


# ---------------------------------------------------------------- starting


def test_starting_makes_an_item_for_every_assignment_of_the_body(situation):
    assignment = Assignment.objects.get(organisation=situation.bodies[0])

    report = situation.start()

    item = report.items.get()
    assert (item.assignment_id, item.role, item.is_needed) == (assignment.pk, "lead", True)
    assert report.started_by == situation.clerks[0]


def test_what_the_body_only_coordinates_is_there_and_not_needed(situation):
    task = Assignment.objects.get().task
    AssignmentFactory(task=task, organisation=situation.bodies[0], role="coordinating")

    report = situation.start()

    assert sorted(report.items.values_list("role", "is_needed")) == [
        ("coordinating", False),
        ("lead", True),
    ]


def test_narratives_begin_with_the_updates_of_the_period_oldest_first_each_once(situation):
    assignment = Assignment.objects.get(organisation=situation.bodies[0])
    for text, day in (("Đợt hai.", 20), ("Đợt một.", 10), ("Đợt hai.", 25)):
        ProgressUpdateFactory(
            assignment=assignment,
            narrative=text,
            made_by=situation.clerks[0],
            made_at=IN_TIME.replace(month=9, day=day),
        )
    ProgressUpdateFactory(
        assignment=assignment,
        narrative="Sau ngày chốt.",
        made_by=situation.clerks[0],
        made_at=IN_TIME.replace(month=11, day=2),
    )

    report = situation.start()

    assert report.items.get().narrative == "Đợt một.\nĐợt hai."


def test_what_was_told_in_the_last_weeks_of_the_year_before_is_in_the_next_report(shelf, db):
    situation = a_situation(data_from=IN_TIME.date().replace(year=2025, month=11, day=1))
    task = Assignment.objects.get().task
    last_year = AssignmentFactory(task=task, organisation=situation.bodies[0], year=2025)
    ProgressUpdateFactory(
        assignment=last_year,
        narrative="Tháng Mười hai năm trước.",
        made_by=situation.clerks[0],
        made_at=IN_TIME.replace(year=2025, month=12, day=3),
    )

    report = situation.start()

    assert report.items.get().narrative == "Tháng Mười hai năm trước."


def test_problems_raised_in_the_period_are_filled_in(situation):
    plan = Assignment.objects.get().task.plan
    DifficultyFactory(
        plan=plan,
        organisation=situation.bodies[0],
        title="Thiếu thiết bị",
        text="Chưa có cân chuẩn.",
        raised_by=situation.clerks[0],
    )

    report = situation.start()

    assert report.difficulties == "- Thiếu thiết bị: Chưa có cân chuẩn."


def test_figures_are_frozen_with_definition_time_and_rows(situation, shelf):
    shelf.counts[situation.bodies[0].pk] = 2

    report = situation.start()

    figure = report.figures.get(code="tests.inspections")
    assert (figure.value, figure.definition) == (2, "Số cuộc kiểm tra đã kết thúc trong kỳ.")
    assert figure.counted_at == IN_TIME
    assert [row["label"] for row in figure.rows] == ["Cuộc kiểm tra 1", "Cuộc kiểm tra 2"]


def test_a_report_is_started_once(situation):
    report = situation.start()

    with pytest.raises(Denied, match="đã được mở"):
        entry.start_report(actor=situation.clerks[0], report=report, at=IN_TIME)


# ---------------------------------------------------------------- syncing


def test_syncing_twice_changes_nothing_the_second_time(situation, shelf):
    shelf.counts[situation.bodies[0].pk] = 2
    report = situation.start()
    ProgressUpdateFactory(
        assignment=Assignment.objects.get(),
        narrative="Đợt mới.",
        made_by=situation.clerks[0],
        made_at=IN_TIME.replace(month=10),
    )
    shelf.counts[situation.bodies[0].pk] = 3
    first = entry.sync_report(actor=situation.clerks[0], report=report, at=IN_TIME)
    report.refresh_from_db()
    before = contents(report)

    second = entry.sync_report(actor=situation.clerks[0], report=report, at=IN_TIME)

    report.refresh_from_db()
    assert (first.texts_refreshed, first.figures_changed) == (1, 1)
    assert not second.is_change
    assert contents(report) == before


def test_syncing_never_touches_what_a_person_wrote_judged_or_overrode(situation, shelf):
    body, clerk = situation.bodies[0], situation.clerks[0]
    shelf.counts[body.pk] = 2
    report = situation.start()
    item = save(report.items.get(), clerk, narrative="Do tôi viết.", achievement="limited")
    figure = report.figures.get(code="tests.inspections")
    figure.report = report
    entry.override_figure(
        actor=clerk, figure=figure, version=1, value=5, reason="Ba cuộc chưa nhập.", at=IN_TIME
    )
    ProgressUpdateFactory(
        assignment=Assignment.objects.get(),
        narrative="Mới.",
        made_by=clerk,
        made_at=IN_TIME.replace(month=10),
    )
    Assignment.objects.update(achievement="substantial", percent=95)
    shelf.counts[body.pk] = 3

    entry.sync_report(actor=clerk, report=report, at=IN_TIME)

    item.refresh_from_db()
    figure.refresh_from_db()
    assert (item.narrative, item.prefilled) == ("Do tôi viết.", "Mới.")
    assert (item.achievement, item.percent) == ("limited", 80)
    assert (figure.value, figure.override, figure.override_reason) == (3, 5, "Ba cuộc chưa nhập.")


def test_syncing_adds_items_for_assignments_that_came_later(situation):
    report = situation.start()
    AssignmentFactory(
        task__plan=Assignment.objects.get().task.plan, organisation=situation.bodies[0]
    )

    synced = entry.sync_report(actor=situation.clerks[0], report=report, at=IN_TIME)

    assert synced.items_added == 1
    assert report.items.count() == 2


def test_a_problem_text_somebody_wrote_is_not_replaced(situation):
    report = situation.start()
    entry.save_section(
        actor=situation.clerks[0],
        report=report,
        section=ReportSection.DIFFICULTIES,
        version=report.version,
        texts={"difficulties": "Do tôi viết.", "proposals": ""},
        is_finished=False,
        at=IN_TIME,
    )
    DifficultyFactory(
        plan=Assignment.objects.get().task.plan,
        organisation=situation.bodies[0],
        raised_by=situation.clerks[0],
    )

    entry.sync_report(actor=situation.clerks[0], report=report, at=IN_TIME)

    report.refresh_from_db()
    assert report.difficulties == "Do tôi viết."


# ---------------------------------------------------------------- writing


def test_saving_an_item_counts_its_version_and_names_what_changed(situation):
    report = situation.start()

    item = save(report.items.get(), situation.clerks[0])

    report.refresh_from_db()
    line = Entry.objects.get(action="annual_report.item_saved")
    assert (item.version, item.is_edited, item.is_judged) == (2, True, True)
    assert report.entered_by == situation.clerks[0]
    assert report.author_ids == [situation.clerks[0].pk]
    assert line.details["changed"] == ["achievement", "narrative", "percent"]


def test_saving_the_same_again_writes_nothing(situation):
    report = situation.start()
    item = save(report.items.get(), situation.clerks[0])
    lines = Entry.objects.count()

    again = save(item, situation.clerks[0])

    assert again.version == item.version
    assert Entry.objects.count() == lines


def test_the_second_of_two_people_saving_one_item_gets_both_versions(situation):
    report = situation.start()
    item = report.items.get()
    opened_earlier = ReportItem.objects.select_related("report").get(pk=item.pk)
    save(item, situation.clerks[0], narrative="Người thứ nhất.")

    with pytest.raises(Conflict) as conflict:
        save(opened_earlier, situation.clerks[0], narrative="Người thứ hai.")

    item.refresh_from_db()
    assert item.narrative == "Người thứ nhất."
    assert conflict.value.stored.narrative == "Người thứ nhất."


def test_an_item_is_finished_with_text_and_a_judgement(situation):
    report = situation.start()
    item = report.items.get()

    with pytest.raises(NotFinished) as unfinished:
        save(item, situation.clerks[0], narrative=" ", achievement="", is_finished=True)

    assert [one.field for one in unfinished.value.faults] == ["narrative", "achievement"]


def test_complete_needs_the_evidence_of_the_task(situation):
    assignment = Assignment.objects.get()
    assignment.evidence.update(
        withdrawn_by=situation.clerks[0], withdrawn_at=IN_TIME, withdrawn_reason="Nhầm"
    )
    report = situation.start()
    item = report.items.get()

    with pytest.raises(NotFinished, match="minh chứng"):
        save(item, situation.clerks[0], achievement="complete", is_finished=True)


def test_a_section_is_finished_with_text(situation):
    report = situation.start()

    with pytest.raises(NotFinished, match="ghi rõ là không có"):
        entry.save_section(
            actor=situation.clerks[0],
            report=report,
            section=ReportSection.NEXT_YEAR,
            version=report.version,
            texts={"next_year": ""},
            is_finished=True,
            at=IN_TIME,
        )


def test_two_people_saving_texts_conflict(situation):
    report = situation.start()
    given = {
        "actor": situation.clerks[0],
        "report": report,
        "section": ReportSection.SUMMARY,
        "version": report.version,
        "is_finished": False,
        "at": IN_TIME,
    }
    entry.save_section(**given, texts={"summary": "Một."})

    with pytest.raises(Conflict):
        entry.save_section(**given, texts={"summary": "Hai."})


# ---------------------------------------------------------------- figures


def a_figure(situation, code="tests.inspections") -> ReportFigure:
    report = situation.start()
    figure = report.figures.get(code=code)
    figure.report = report
    return figure


def test_an_override_needs_a_reason(situation):
    figure = a_figure(situation)

    with pytest.raises(Denied, match="lý do"):
        entry.override_figure(
            actor=situation.clerks[0], figure=figure, version=1, value=5, reason=" ", at=IN_TIME
        )


def test_a_share_is_overridden_by_its_two_numbers(situation, shelf):
    shelf.shares[situation.bodies[0].pk] = (3, 4)
    figure = a_figure(situation, "tests.passed")

    figure = entry.override_figure(
        actor=situation.clerks[0],
        figure=figure,
        version=1,
        numerator=9,
        denominator=10,
        reason="Sáu phép thử ở phòng khác.",
        at=IN_TIME,
    )

    assert (figure.value, figure.override) == (75, 90)


@pytest.mark.parametrize(("part", "whole"), [(1, 0), (5, 4), (-1, 4), (None, 4)])
def test_a_share_of_impossible_numbers_is_refused(situation, shelf, part, whole):
    shelf.shares[situation.bodies[0].pk] = (3, 4)
    figure = a_figure(situation, "tests.passed")

    with pytest.raises(Denied, match=r"[Mm]ẫu số"):
        entry.override_figure(
            actor=situation.clerks[0],
            figure=figure,
            version=1,
            numerator=part,
            denominator=whole,
            reason="Thử.",
            at=IN_TIME,
        )


def test_dropping_an_override_takes_the_systems_number_back(situation, shelf):
    shelf.counts[situation.bodies[0].pk] = 2
    figure = a_figure(situation)
    figure = entry.override_figure(
        actor=situation.clerks[0], figure=figure, version=1, value=5, reason="Thử.", at=IN_TIME
    )

    figure = entry.drop_override(
        actor=situation.clerks[0], figure=figure, version=figure.version, at=IN_TIME
    )

    assert (figure.value, figure.override, figure.override_reason) == (2, None, "")


def test_the_year_is_expected_to_bring_no_less_than_there_is(situation, shelf):
    shelf.counts[situation.bodies[0].pk] = 12
    figure = a_figure(situation)

    with pytest.raises(Denied, match="nhỏ hơn"):
        entry.estimate_year(
            actor=situation.clerks[0], figure=figure, version=1, outlook=11, at=IN_TIME
        )


def test_two_people_overriding_one_figure_conflict(situation, shelf):
    figure = a_figure(situation)
    given = {"actor": situation.clerks[0], "figure": figure, "version": 1, "at": IN_TIME}
    entry.override_figure(**given, value=5, reason="Một.")

    with pytest.raises(Conflict):
        entry.override_figure(**given, value=6, reason="Hai.")


# ---------------------------------------------------------------- locked


@pytest.mark.parametrize("state", [ReportState.SUBMITTED, ReportState.ACCEPTED])
def test_the_database_itself_refuses_changes_to_a_report_that_was_sent(situation, state):
    report = situation.report_in(state)

    with pytest.raises(DatabaseError, match="locked"), transaction.atomic():
        ReportItem.objects.filter(report=report).update(narrative="Lén sửa.")
    with pytest.raises(DatabaseError, match="locked"), transaction.atomic():
        ReportFigure.objects.filter(report=report).update(value=99)


def test_nothing_is_written_before_the_period_opens_or_after_it_locks(situation):
    early = IN_TIME.replace(month=10, day=1)
    late = IN_TIME.replace(year=2027, month=1, day=2)

    with pytest.raises(Denied, match="05/10/2026"):
        situation.start(at=early)
    with pytest.raises(Denied, match="khóa"):
        situation.start(at=late)


def test_of_a_task_whose_heading_alone_is_followed_no_content_is_kept(situation):
    assignment = Assignment.objects.get()
    assignment.task.heading_only = True
    assignment.task.save()
    ProgressUpdateFactory(
        assignment=assignment,
        narrative="Nội dung mật.",
        made_by=situation.clerks[0],
        made_at=IN_TIME.replace(month=9),
    )
    report = situation.start()
    item = report.items.get()

    assert (item.narrative, item.is_needed) == ("", False)
    with pytest.raises(Denied, match="chỉ theo dõi đầu mục"):
        save(item, situation.clerks[0])
    assert save(item, situation.clerks[0], narrative="", is_finished=True).is_finished
