from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from chuan.core.audit.models import Entry
from chuan.core.notices.models import Notice
from chuan.flows.annual_report.enums import ConsolidationState, ReportState
from chuan.flows.annual_report.models import (
    ConsolidatedTask,
    Consolidation,
    ConsolidationEntry,
    ReportSnapshot,
    UnitReport,
)
from chuan.flows.annual_report.operations import consolidation as consolidating
from chuan.flows.annual_report.operations import review
from chuan.flows.annual_report.queries import parts
from chuan.flows.annual_report.queries.canonical import content_hash
from chuan.flows.annual_report.queries.rollup import compare
from chuan.flows.annual_report.rules import Conflict
from chuan.flows.annual_report.testing import IN_TIME, a_situation
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(shelf):
    """Three bodies with 5, 7 and 9 inspections."""
    situation = a_situation(bodies=3)
    for body, number in zip(situation.bodies, (5, 7, 9), strict=True):
        shelf.counts[body.pk] = number
        shelf.shares[body.pk] = (number - 4, number)
    return situation


def figure(made, code="tests.inspections"):
    made.refresh_from_db()
    return next(one for one in made.snapshot["figures"] if one["code"] == code)


def total(made):
    return Decimal(figure(made)["reported"]["value"])


# ---------------------------------------------------------------- adding up


def test_nothing_is_consolidated_before_something_is_accepted(three):
    three.submit()

    with pytest.raises(Denied, match="Chưa có báo cáo nào được duyệt"):
        three.consolidate()


def test_the_consolidated_number_is_the_sum_of_the_accepted_reports_included(three):
    three.accept(0)
    three.accept(1)
    three.submit(2)

    made = three.consolidate()

    assert total(made) == 12
    assert made.snapshot["coverage"]["included"] == 2
    assert made.snapshot["coverage"]["in_review"] == 1
    passed = figure(made, "tests.passed")["reported"]
    assert (passed["numerator"], passed["denominator"], passed["value"]) == (4, 12, "33.3")


def test_the_provinces_own_count_stands_beside_the_sum(three):
    three.accept(0)

    made = three.consolidate()

    assert made.snapshot["province"]["tests.inspections"] == "21"


def test_a_consolidation_keeps_the_hash_of_every_report_and_its_own(three):
    report = three.accept(0)

    made = Consolidation.objects.get(pk=three.consolidate().pk)

    row = next(one for one in made.snapshot["reports"] if one["report_id"] == report.pk)
    assert row["sha256"] == report.accepted.sha256
    assert made.snapshot_hash == content_hash(made.snapshot)


def test_reports_that_went_in_are_consolidated_and_the_others_say_why_not(three):
    three.accept(0)
    three.submit(1)

    made = three.consolidate()

    states = [report.state for report in three.reports]
    assert states == [ReportState.CONSOLIDATED, ReportState.SUBMITTED, ReportState.DRAFT]
    reasons = dict(made.entries.filter(is_included=False).values_list("report_id", "reason"))
    assert reasons == {
        three.reports[1].pk: "Đã gửi, đang chờ duyệt",
        three.reports[2].pk: "Chưa mở báo cáo",
    }


def test_a_snapshot_changed_behind_the_systems_back_is_never_added_up(three):
    report = three.accept(0)
    with transaction.atomic():
        _rewrite(report.accepted_id, {"figures": []})

    with pytest.raises(parts.SnapshotTampered):
        three.consolidate()


def _rewrite(pk, content):
    """What an administrator with the owner's password could do: switch the trigger off."""
    from django.db import connection  # noqa: PLC0415

    table = ReportSnapshot._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        ReportSnapshot.objects.filter(pk=pk).update(content=content)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_a_total_the_database_does_not_confirm_is_never_stored(three):
    three.accept(0)
    three.accept(1)
    snapshots = [report.accepted_id for report in three.reports if report.accepted_id]
    wrong = {
        "code": "tests.inspections",
        "unit": "count",
        "reported": {"value": "13", "numerator": None, "denominator": None},
    }

    with pytest.raises(parts.ReconciliationFailed, match="13 here, 12 in the database"):
        parts.require_reconciled([wrong], snapshots)


def test_every_paragraph_keeps_the_mark_of_the_body_that_wrote_it(three):
    three.accept(0)
    three.accept(1)

    row = three.consolidate().tasks.get()

    assert [source["mark"] for source in row.sources] == [1, 2]
    assert row.narrative.splitlines()[0].endswith("[1]")
    assert row.narrative == row.merged


# ---------------------------------------------------------------- leaving out and bringing in


def test_leaving_a_report_out_of_a_draft_changes_the_total_and_is_written_down(three):
    three.accept(0)
    three.accept(1)
    made = three.consolidate()

    three.exclude(1, reason="Trùng số liệu năm trước.")

    assert total(made) == 5
    assert three.reports[1].state == ReportState.EXCLUDED
    entry = made.entries.get(report=three.reports[1])
    assert (entry.is_included, entry.reason) == (False, "Trùng số liệu năm trước.")
    line = Entry.objects.get(action="annual_report.report_left_out")
    assert line.details["sha256_before"] != line.details["sha256"]


def test_a_report_brought_back_in_counts_again(three):
    three.accept(0)
    three.accept(1)
    made = three.consolidate()
    three.exclude(1)
    review.readmit_report(actor=three.coordinator, report=three.reports[1], at=IN_TIME)

    consolidating.include_reports(
        actor=three.coordinator,
        consolidation=made,
        report_ids=[three.reports[1].pk],
        at=IN_TIME,
    )

    assert total(made) == 12
    assert three.reports[1].state == ReportState.CONSOLIDATED


def test_only_accepted_reports_can_be_brought_in(three):
    three.accept(0)
    made = three.consolidate()
    three.submit(1)

    with pytest.raises(Denied, match="đã duyệt"):
        consolidating.include_reports(
            actor=three.coordinator,
            consolidation=made,
            report_ids=[three.reports[1].pk],
            at=IN_TIME,
        )


def test_returning_a_consolidated_report_takes_it_out_of_the_draft(three):
    three.accept(0)
    three.accept(1)
    made = three.consolidate()

    three.return_it(1)

    assert total(made) == 5
    assert three.reports[1].state == ReportState.RETURNED


# ---------------------------------------------------------------- the next number


def test_consolidating_again_makes_the_next_number_and_leaves_the_last_as_it_was(three):
    three.accept(0)
    first = three.consolidate()
    before = Consolidation.objects.values().get(pk=first.pk)
    three.accept(1)

    second = three.consolidate()

    after = Consolidation.objects.values().get(pk=first.pk)
    assert (first.number, second.number) == (1, 2)
    assert after == {**before, "state": ConsolidationState.SUPERSEDED}
    assert total(second) == 12


def test_comparing_says_what_a_late_acceptance_changed(three):
    three.accept(0)
    first = three.consolidate()
    three.accept(2)
    second = three.consolidate()

    changes = compare(
        Consolidation.objects.get(pk=first.pk).snapshot,
        Consolidation.objects.get(pk=second.pk).snapshot,
    )

    assert [row["report_id"] for row in changes["joined"]] == [three.reports[2].pk]
    (moved,) = [row for row in changes["figures"] if row["code"] == "tests.inspections"]
    assert (moved["before"], moved["after"]) == ("5", "14")


def test_what_people_wrote_is_carried_over_and_the_rest_is_made_anew(shelf):
    situation = a_situation(bodies=2, tasks=2)
    situation.accept(0)
    first = situation.consolidate()
    edited, untouched = first.tasks.order_by("pk")
    consolidating.save_consolidated_task(
        actor=situation.coordinator,
        row=edited,
        version=edited.version,
        narrative="Do Sở viết.",
        at=IN_TIME,
    )
    consolidating.save_consolidation_texts(
        actor=situation.coordinator,
        consolidation=first,
        version=first.version,
        texts={"overall": "Do Sở đánh giá."},
        at=IN_TIME,
    )
    situation.accept(1)

    second = situation.consolidate()

    texts = {row.task_id: row.narrative for row in second.tasks.all()}
    assert texts[edited.task_id] == "Do Sở viết."
    assert texts[untouched.task_id].count("\n") == 1
    assert second.overall == "Do Sở đánh giá."
    assert first.difficulties.count(", ") == 0
    assert second.difficulties.count(", ") == 1


# ---------------------------------------------------------------- writing


def test_two_people_writing_one_tasks_text_conflict(three):
    three.accept(0)
    row = three.consolidate().tasks.get()
    given = {"actor": three.coordinator, "row": row, "version": 1, "at": IN_TIME}
    consolidating.save_consolidated_task(**given, narrative="Một.")

    with pytest.raises(Conflict) as conflict:
        consolidating.save_consolidated_task(**given, narrative="Hai.")

    assert conflict.value.stored.narrative == "Một."


def test_two_people_writing_the_texts_conflict(three):
    three.accept(0)
    made = three.consolidate()
    given = {"actor": three.coordinator, "consolidation": made, "version": 1, "at": IN_TIME}
    consolidating.save_consolidation_texts(**given, texts={"overall": "Một."})

    with pytest.raises(Conflict):
        consolidating.save_consolidation_texts(**given, texts={"overall": "Hai."})


def test_a_paragraph_brought_in_stands_at_the_end_with_its_mark(three):
    three.accept(0)
    row = three.consolidate().tasks.get()
    row = consolidating.save_consolidated_task(
        actor=three.coordinator, row=row, version=1, narrative="Toàn tỉnh.", at=IN_TIME
    )

    row = consolidating.bring_in_source(
        actor=three.coordinator, row=row, version=row.version, mark=1, at=IN_TIME
    )

    assert row.narrative.splitlines()[0] == "Toàn tỉnh."
    assert row.narrative.endswith("[1]")
    assert row.is_edited


def test_an_edited_text_can_be_thrown_away_for_the_merged_one(three):
    three.accept(0)
    row = three.consolidate().tasks.get()
    row = consolidating.save_consolidated_task(
        actor=three.coordinator, row=row, version=1, narrative="Khác.", at=IN_TIME
    )

    row = consolidating.merge_again(
        actor=three.coordinator, row=row, version=row.version, at=IN_TIME
    )

    assert (row.narrative, row.is_edited) == (row.merged, False)


# ---------------------------------------------------------------- closing


def test_closing_completes_the_reports_that_are_in(three):
    three.accept(0)
    made = three.close(three.consolidate())

    assert (made.state, made.closed_by) == (ConsolidationState.CLOSED, three.leader)
    assert three.reports[0].state == ReportState.CLOSED
    assert Notice.objects.filter(
        person=three.coordinator, title__startswith="Đã chốt bản tổng hợp 1"
    ).exists()


def test_the_maker_cannot_close_not_even_as_a_leader(three):
    from chuan.core.people.enums import Role  # noqa: PLC0415
    from chuan.core.people.testing import MembershipFactory  # noqa: PLC0415

    three.accept(0)
    made = three.consolidate()
    MembershipFactory(
        person=three.coordinator, organisation=three.department, role=Role.DEPARTMENT_LEADER
    )

    with pytest.raises(Denied, match="không thể tự chốt"):
        consolidating.close_consolidation(
            actor=three.coordinator,
            consolidation=made,
            revision=parts.revision_of(made),
            at=IN_TIME,
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Consolidation.objects.filter(pk=made.pk).update(
            state=ConsolidationState.CLOSED, closed_by=three.coordinator, closed_at=IN_TIME
        )


def _one_report_less(three, _made):
    three.exclude(1)


def _other_texts(three, made):
    consolidating.save_consolidation_texts(
        actor=three.coordinator,
        consolidation=made,
        version=made.version,
        texts={"overall": "Viết lại."},
        at=IN_TIME,
    )


def _another_text_on_a_task(three, made):
    row = made.tasks.get()
    consolidating.save_consolidated_task(
        actor=three.coordinator, row=row, version=row.version, narrative="Viết lại.", at=IN_TIME
    )


@pytest.mark.parametrize("change", [_one_report_less, _other_texts, _another_text_on_a_task])
def test_what_changed_under_the_leaders_eyes_is_not_closed_unread(three, change):
    three.accept(0)
    three.accept(1)
    made = three.consolidate()
    seen = parts.revision_of(made)

    change(three, made)

    with pytest.raises(Conflict):
        consolidating.close_consolidation(
            actor=three.leader, consolidation=made, revision=seen, at=IN_TIME
        )
    made.refresh_from_db()
    assert made.state == ConsolidationState.DRAFT


def test_texts_made_anew_are_not_overwritten_from_a_page_opened_before(three):
    three.accept(0)
    three.accept(1)
    made = three.consolidate()
    three.exclude(1)

    with pytest.raises(Conflict):
        _other_texts(three, made)


def test_a_text_saved_on_a_task_does_not_disturb_who_writes_the_others(three):
    three.accept(0)
    made = three.consolidate()
    _another_text_on_a_task(three, made)

    _other_texts(three, made)

    made.refresh_from_db()
    assert made.overall == "Viết lại."


def test_a_closed_consolidation_cannot_be_changed_even_in_the_database(three):
    three.accept(0)
    made = three.close(three.consolidate())

    for change in (
        lambda: Consolidation.objects.filter(pk=made.pk).update(overall="Lén sửa."),
        lambda: Consolidation.objects.filter(pk=made.pk).delete(),
        lambda: ConsolidationEntry.objects.filter(consolidation=made).update(reason="Lén sửa."),
        lambda: ConsolidatedTask.objects.filter(consolidation=made).update(narrative="Lén sửa."),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_report_accepted_after_closing_waits_for_the_next_number(three):
    three.accept(0)
    closed = three.close(three.consolidate())
    before = Consolidation.objects.values().get(pk=closed.pk)

    three.accept(1)

    assert parts.newly_accepted(closed) == [three.reports[1].pk]
    second = three.consolidate()
    assert total(second) == 12
    assert Consolidation.objects.values().get(pk=closed.pk) == before


def test_a_correction_after_closing_leaves_the_closed_report_with_its_content(three):
    three.accept(0)
    closed = three.close(three.consolidate())
    held = closed.entries.get(is_included=True).content
    three.return_it(0)
    three.reports[0].comments.update(resolved_by=three.clerks[0], resolved_at=IN_TIME)
    three.fill(0, text="Đính chính.")
    three.submit(0)
    report = three.accept(0)

    second = three.consolidate()

    closed.refresh_from_db()
    assert closed.entries.get(is_included=True).content == held
    assert report.accepted != held
    assert second.entries.get(is_included=True).content == report.accepted


def test_returning_a_closed_report_takes_it_out_of_the_draft_of_a_correction(three):
    three.accept(0)
    closed = three.close(three.consolidate())
    three.accept(1)
    correction = three.consolidate()
    assert total(correction) == 12

    three.return_it(0)

    assert total(correction) == 7
    assert total(closed) == 5
    assert not correction.entries.get(report=three.reports[0]).is_included


def test_content_that_is_no_longer_accepted_is_not_closed(three):
    report = three.accept(0)
    made = three.consolidate()
    kept = report.accepted
    newer = ReportSnapshot.objects.create(
        report=report,
        number=kept.number + 1,
        content=kept.content,
        sha256=kept.sha256,
        rows=kept.rows,
        made_by=three.coordinator,
        made_at=IN_TIME,
    )
    UnitReport.objects.filter(pk=report.pk).update(accepted=newer)

    with pytest.raises(Denied, match="1 báo cáo trong bản này không còn được duyệt"):
        three.close(made)

    made.refresh_from_db()
    assert made.state == ConsolidationState.DRAFT


# ---------------------------------------------------------------- how long it takes


@pytest.mark.parametrize("how_many", [2, 6])
def test_consolidating_more_reports_costs_no_more_queries(
    shelf, django_assert_max_num_queries, how_many
):
    situation = a_situation(bodies=how_many)
    for number in range(how_many):
        situation.accept(number)

    with django_assert_max_num_queries(45):
        situation.consolidate()

    assert UnitReport.objects.filter(state=ReportState.CONSOLIDATED).count() == how_many
