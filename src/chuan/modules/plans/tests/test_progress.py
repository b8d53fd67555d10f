from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError

from chuan.core.audit.models import Entry
from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.files.testing import EXE, PDF
from chuan.lib.rules import Denied
from chuan.modules.plans.enums import Achievement, EvidenceKind
from chuan.modules.plans.models import Assignment, Evidence, ProgressUpdate
from chuan.modules.plans.operations.progress import (
    add_evidence,
    post_update,
    withdraw_evidence,
)
from chuan.modules.plans.queries.assignments import proofs
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    EvidenceFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 9, tzinfo=VIETNAM)
TWO_RESULTS = [("Diễn đàn", 60, ["photo"]), ("Lớp bồi dưỡng", 40, ["list", "document"])]


def tell(assignment, **changes):
    given = {
        "actor": clerk_of(assignment.organisation),
        "assignment": assignment,
        "version": assignment.version,
        "at": NOW,
        "narrative": "Đã tổ chức 3 hội nghị.",
        "achievement": Achievement.LIMITED,
    }
    return post_update(**given | changes)


def show(assignment, **changes):
    given = {
        "actor": clerk_of(assignment.organisation),
        "assignment": assignment,
        "at": NOW,
        "kind": EvidenceKind.DOCUMENT,
        "title": "Báo cáo",
        "name": "bao-cao.pdf",
        "content": PDF,
    }
    return add_evidence(**given | changes)


def test_telling_progress_makes_it_the_standing_and_leaves_a_line_in_the_ledger():
    assignment = AssignmentFactory()

    update = tell(assignment, percent=30, percent_reason="Mới xong bước chuẩn bị.")

    assignment.refresh_from_db()
    assert (assignment.achievement, assignment.percent, assignment.version) == ("limited", 30, 2)
    assert (update.narrative, update.made_at) == ("Đã tổ chức 3 hội nghị.", NOW)
    entry = Entry.objects.get(action="plans.progress_posted")
    assert (entry.details["before"], entry.details["after"]) == ("not_started", "limited")


def test_what_was_told_is_never_rewritten():
    update = tell(AssignmentFactory())

    update.narrative = "Khác"
    with pytest.raises(Exception, match="never_rewritten"):
        update.save()


def test_a_page_opened_before_a_colleagues_telling_cannot_undo_it():
    assignment = AssignmentFactory()
    tell(assignment, narrative="Của đồng nghiệp")

    with pytest.raises(Conflict) as conflict:
        tell(assignment, narrative="Của tôi")

    assert conflict.value.stored.version == 2
    assert [one.narrative for one in ProgressUpdate.objects.all()] == ["Của đồng nghiệp"]


def test_an_estimate_that_differs_from_the_evidence_needs_a_reason():
    assignment = AssignmentFactory(task__deliverables=TWO_RESULTS)
    first, _second = assignment.task.deliverables.order_by("position")
    show(assignment, kind=EvidenceKind.PHOTO, deliverable=first)

    with pytest.raises(ValidationError) as refused:
        tell(assignment, percent=80)
    assert refused.value.message_dict == {
        "percent_reason": ["Minh chứng cho thấy 60%, bạn ghi 80%. Nhập lý do khác nhau."]
    }

    tell(assignment, percent=60)
    assignment.refresh_from_db()
    assert assignment.percent == 60


def test_the_computed_percent_never_overwrites_what_the_body_said():
    assignment = AssignmentFactory(task__deliverables=TWO_RESULTS)
    tell(assignment, percent=10, percent_reason="Ước tính.")

    show(
        assignment,
        kind=EvidenceKind.PHOTO,
        deliverable=assignment.task.deliverables.get(title="Diễn đàn"),
    )

    assignment.refresh_from_db()
    assert assignment.percent == 10
    assert proofs([assignment])[assignment.pk].percent == 60


def test_complete_is_refused_without_the_evidence_and_says_which():
    assignment = AssignmentFactory(task__deliverables=TWO_RESULTS)
    first, second = assignment.task.deliverables.order_by("position")
    show(assignment, kind=EvidenceKind.PHOTO, deliverable=first)
    show(assignment, kind=EvidenceKind.PHOTO, deliverable=second)

    with pytest.raises(ValidationError) as refused:
        tell(assignment, achievement=Achievement.COMPLETE)

    assert refused.value.message_dict == {
        "achievement": [
            "Chưa ghi “Hoàn thành” được: còn thiếu minh chứng cho "
            "“Lớp bồi dưỡng” (danh sách hoặc văn bản phát hành)."
        ]
    }
    assignment.refresh_from_db()
    assert assignment.achievement == Achievement.NOT_STARTED


def test_complete_with_all_its_evidence_is_done_on_the_day_it_is_told():
    assignment = AssignmentFactory()
    show(assignment)

    tell(assignment, achievement=Achievement.COMPLETE)

    assignment.refresh_from_db()
    assert assignment.done_on == date(2026, 10, 1)


def test_a_task_finished_earlier_keeps_its_day_when_told_again():
    assignment = AssignmentFactory(complete=True, done_on=date(2026, 5, 4))
    EvidenceFactory(assignment=assignment)

    tell(assignment, achievement=Achievement.COMPLETE)

    assignment.refresh_from_db()
    assert assignment.done_on == date(2026, 5, 4)


def test_a_completion_taken_back_has_no_day():
    assignment = AssignmentFactory(complete=True)

    tell(assignment, achievement=Achievement.SUBSTANTIAL)

    assignment.refresh_from_db()
    assert assignment.done_on is None


@pytest.mark.parametrize(
    ("finished_on", "said"),
    [
        (date(2026, 10, 2), "Ngày hoàn thành không thể sau hôm nay."),
        (date(2025, 12, 31), "Ngày hoàn thành không thể trước ngày bắt đầu kỳ, 01/01/2026."),
    ],
)
def test_the_day_of_completion_lies_between_the_periods_first_day_and_today(finished_on, said):
    assignment = AssignmentFactory()
    EvidenceFactory(assignment=assignment)

    with pytest.raises(ValidationError) as refused:
        tell(assignment, achievement=Achievement.COMPLETE, finished_on=finished_on)

    assert refused.value.message_dict == {"finished_on": [said]}


def test_a_period_that_has_not_begun_is_not_told_about():
    with pytest.raises(Denied, match="bắt đầu từ 01/01/2027"):
        tell(AssignmentFactory(year=2027))


def test_a_plan_ended_before_its_time_takes_nothing_more():
    assignment = AssignmentFactory(task__plan=PlanFactory(ended=date(2026, 6, 30)))

    with pytest.raises(Denied, match="“Đã kết thúc” từ sau ngày 30/06/2026"):
        tell(assignment)


def test_what_is_late_is_told_also_after_a_plan_has_run_its_course():
    assignment = AssignmentFactory(task__plan=PlanFactory(last_day=date(2026, 6, 30)))

    assert tell(assignment).pk


def test_a_heading_only_task_takes_its_standing_and_nothing_else():
    assignment = AssignmentFactory(task=TaskFactory(heading_only=True))

    with pytest.raises(ValidationError, match="chỉ theo dõi đầu mục"):
        tell(assignment)
    with pytest.raises(Denied, match="không nhận nội dung và tệp"):
        show(assignment)

    tell(assignment, narrative="", achievement=Achievement.COMPLETE)
    assignment.refresh_from_db()
    assert assignment.achievement == Achievement.COMPLETE


def test_an_empty_telling_is_refused():
    with pytest.raises(ValidationError) as refused:
        tell(AssignmentFactory(), narrative="")

    assert refused.value.message_dict == {"narrative": ["Nhập nội dung tiến độ."]}


def test_a_program_with_the_name_of_a_document_is_refused():
    assignment = AssignmentFactory()

    with pytest.raises(FileRefused):
        show(assignment, content=EXE)

    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"link": "https://example.vn/tin"}, "content"),  # a file and a link
        ({"content": None}, "content"),  # neither
        ({"content": None, "link": "javascript:alert(1)"}, "link"),
        ({"title": ""}, "title"),
    ],
)
def test_evidence_is_one_file_or_one_web_address_with_a_name(given, field):
    with pytest.raises(ValidationError) as refused:
        show(AssignmentFactory(), **given)

    assert list(refused.value.message_dict) == [field]


def test_evidence_for_another_tasks_result_is_refused():
    with pytest.raises(ValidationError) as refused:
        show(AssignmentFactory(), deliverable=TaskFactory().deliverables.get())

    assert list(refused.value.message_dict) == ["deliverable"]


def test_withdrawn_evidence_counts_no_more_and_stays_on_record():
    evidence = EvidenceFactory()

    withdraw_evidence(
        actor=clerk_of(evidence.assignment.organisation),
        evidence=evidence,
        reason="Nhầm tệp",
        at=NOW,
    )

    evidence.refresh_from_db()
    assert (evidence.withdrawn_reason, evidence.upload_id is not None) == ("Nhầm tệp", True)
    assert proofs([evidence.assignment])[evidence.assignment_id].percent == 0


def test_the_last_proof_of_a_completed_task_cannot_be_withdrawn():
    assignment = AssignmentFactory(complete=True)
    only = EvidenceFactory(assignment=assignment)
    actor = clerk_of(assignment.organisation)

    with pytest.raises(Denied, match="Hoàn thành"):
        withdraw_evidence(actor=actor, evidence=only, reason="Nhầm", at=NOW)

    EvidenceFactory(assignment=assignment)
    withdraw_evidence(actor=actor, evidence=only, reason="Nhầm", at=NOW)
    assert Assignment.objects.get().achievement == Achievement.COMPLETE
