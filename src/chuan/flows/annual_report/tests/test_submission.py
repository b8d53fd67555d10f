import pytest

from chuan.core.audit.models import Entry
from chuan.core.notices.models import Notice
from chuan.core.people.enums import Role, SigningForm
from chuan.core.people.testing import DelegationFactory, MembershipFactory, PersonFactory
from chuan.flows.annual_report.enums import ReportState, StepKind
from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.operations import submission
from chuan.flows.annual_report.operations.entry import NotFinished
from chuan.flows.annual_report.queries.parts import is_on_time
from chuan.flows.annual_report.rules import Conflict
from chuan.flows.annual_report.testing import IN_TIME
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db


def test_a_report_is_sent_by_the_head_and_says_who_entered_it(situation):
    report = situation.submit()

    assert report.state == ReportState.SUBMITTED
    assert (report.submitted_by, report.entered_by) == (situation.heads[0], situation.clerks[0])
    line = Entry.objects.get(action="annual_report.report_submitted")
    assert line.details["entered_by"] == situation.clerks[0].pk


def test_a_report_with_something_missing_is_not_sent_and_says_all_of_it(situation):
    report = situation.start()

    with pytest.raises(NotFinished) as unfinished:
        submission.submit_report(
            actor=situation.heads[0], report=report, revision=report.revision, at=IN_TIME
        )

    assert len(unfinished.value.faults) == 4
    report.refresh_from_db()
    assert report.state == ReportState.DRAFT


def test_a_report_nobody_opened_is_not_sent(situation):
    report = situation.report

    with pytest.raises(NotFinished, match="chưa được mở"):
        submission.submit_report(
            actor=situation.heads[0], report=report, revision=report.revision, at=IN_TIME
        )


def test_what_is_sent_is_what_the_head_read(situation):
    report = situation.fill()

    with pytest.raises(Conflict):
        submission.submit_report(
            actor=situation.heads[0], report=report, revision=report.revision - 1, at=IN_TIME
        )


def test_a_head_who_wrote_in_it_cannot_sign_it(situation):
    report = situation.fill()
    MembershipFactory(
        person=situation.clerks[0], organisation=situation.bodies[0], role=Role.UNIT_HEAD
    )

    with pytest.raises(Denied, match="không thể là người nhập"):
        submission.submit_report(
            actor=situation.clerks[0], report=report, revision=report.revision, at=IN_TIME
        )


def test_a_substitute_signs_in_the_form_of_the_delegation(situation):
    report = situation.fill()
    membership = situation.heads[0].memberships.get()
    deputy = PersonFactory(organisation=situation.bodies[0])
    DelegationFactory(membership=membership, delegate=deputy, form=SigningForm.TUQ)

    report = submission.submit_report(
        actor=deputy, report=report, revision=report.revision, at=IN_TIME
    )

    assert report.signing_form == "TUQ."
    assert report.steps.get(kind=StepKind.SUBMITTED).signing_form == "TUQ."


def test_a_substitute_of_two_heads_signs_by_the_delegation_given_first(situation):
    report = situation.fill()
    deputy = PersonFactory(organisation=situation.bodies[0])
    for form in (SigningForm.TUQ, *[SigningForm.KT] * 5):
        membership = MembershipFactory(
            person=PersonFactory(), organisation=situation.bodies[0], role=Role.UNIT_HEAD
        )
        DelegationFactory(membership=membership, delegate=deputy, form=form)

    report = submission.submit_report(
        actor=deputy, report=report, revision=report.revision, at=IN_TIME
    )

    assert report.signing_form == SigningForm.TUQ


def test_the_department_hears_of_a_submission(situation):
    situation.submit()

    notice = Notice.objects.get(person=situation.coordinator)
    assert notice.title.endswith("đã gửi báo cáo năm 2026")


# ---------------------------------------------------------------- the desk of the head


def test_a_finished_report_is_laid_before_the_head(situation):
    report = situation.fill()

    report = submission.make_ready(actor=situation.clerks[0], report=report, at=IN_TIME)

    assert report.ready_by == situation.clerks[0]
    assert Notice.objects.get(person=situation.heads[0]).title == "Chờ ký gửi: Báo cáo năm 2026"


def test_writing_on_takes_the_report_off_the_heads_desk(situation):
    report = situation.fill()
    submission.make_ready(actor=situation.clerks[0], report=report, at=IN_TIME)

    situation.fill(text="Viết lại.")

    report.refresh_from_db()
    assert report.ready_at is None


def test_an_unfinished_report_is_not_laid_before_the_head(situation):
    report = situation.start()

    with pytest.raises(NotFinished):
        submission.make_ready(actor=situation.clerks[0], report=report, at=IN_TIME)


def test_a_head_gives_the_report_back_with_a_reason(situation):
    report = situation.fill()
    submission.make_ready(actor=situation.clerks[0], report=report, at=IN_TIME)

    submission.give_back(
        actor=situation.heads[0], report=report, note="Bổ sung số liệu quý III.", at=IN_TIME
    )

    report.refresh_from_db()
    assert report.ready_at is None
    notice = Notice.objects.get(person=situation.clerks[0], title__startswith="Thủ trưởng")
    assert notice.body == "Bổ sung số liệu quý III."
    assert report.steps.get(kind=StepKind.GIVEN_BACK).note == "Bổ sung số liệu quý III."


# ---------------------------------------------------------------- taking back, and time


def test_a_report_sent_and_taken_back_counts_as_not_sent(situation):
    report = situation.submit()

    report = submission.withdraw_submission(
        actor=situation.heads[0], report=report, note="Thiếu một số.", at=IN_TIME
    )

    assert report.state == ReportState.DRAFT
    assert report.first_submitted_at is None


def test_taken_back_after_a_return_it_is_still_returned(situation):
    report = situation.return_it()
    _settle_comments(situation, report)
    report = situation.submit()

    report = submission.withdraw_submission(
        actor=situation.heads[0], report=report, note="", at=IN_TIME
    )

    assert report.state == ReportState.RETURNED
    assert report.first_submitted_at is not None


def _settle_comments(situation, report):
    report.comments.update(resolved_by=situation.clerks[0], resolved_at=IN_TIME)


def test_comments_must_be_dealt_with_before_a_report_is_sent_again(situation):
    report = situation.return_it()

    with pytest.raises(NotFinished, match="1 ý kiến"):
        submission.submit_report(
            actor=situation.heads[0], report=report, revision=report.revision, at=IN_TIME
        )


@pytest.mark.parametrize(
    ("sent_at", "on_time"),
    [
        (IN_TIME.replace(day=19, hour=23, minute=59, second=59), True),
        (IN_TIME.replace(day=20, hour=0), False),
    ],
)
def test_the_last_second_of_the_due_day_is_on_time(situation, sent_at, on_time):
    report = situation.submit(at=sent_at)

    assert is_on_time(report, situation.period) == on_time


def test_mending_what_was_returned_does_not_make_a_report_late(situation):
    report = situation.return_it()
    _settle_comments(situation, report)

    report = submission.submit_report(
        actor=situation.heads[0],
        report=UnitReport.objects.get(pk=report.pk),
        revision=report.revision,
        at=IN_TIME.replace(day=25),
    )

    assert is_on_time(report, situation.period)
