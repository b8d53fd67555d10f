from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from chuan.core.audit.models import Entry
from chuan.core.notices.models import Notice
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.core.people.testing import MembershipFactory
from chuan.flows.annual_report.enums import ReportState, StepKind
from chuan.flows.annual_report.models import ReportSnapshot
from chuan.flows.annual_report.operations import review
from chuan.flows.annual_report.queries.canonical import content_hash
from chuan.flows.annual_report.queries.figures import figures_moved_since
from chuan.flows.annual_report.queries.snapshots import content_of, is_intact
from chuan.flows.annual_report.rules import Conflict
from chuan.flows.annual_report.testing import IN_TIME
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db


def comment(situation, report, **changes):
    given = {"text": "Bổ sung số liệu.", "item": None, "field": ""}
    return review.comment_on_report(
        actor=situation.coordinator, report=report, at=IN_TIME, **{**given, **changes}
    )


# ---------------------------------------------------------------- returning


def test_a_report_is_returned_with_comments_at_fields_and_a_new_day(situation):
    report = situation.return_it(text="Thiếu số cơ sở.")

    item = report.items.get()
    assert report.state == ReportState.RETURNED
    assert report.returned_due_on == (IN_TIME + timedelta(days=7)).date()
    said = item.comments.get()
    assert (said.field, said.text, said.sent_at) == ("narrative", "Thiếu số cơ sở.", IN_TIME)


def test_the_unit_hears_that_its_report_was_returned(situation):
    situation.return_it()

    for person in (situation.clerks[0], situation.heads[0]):
        notice = Notice.objects.get(person=person, is_urgent=True)
        assert notice.body == "1 ý kiến. Gửi lại chậm nhất hết ngày 17/11/2026."


def test_a_returned_report_is_signed_by_nobody_until_it_is_sent_again(situation):
    first_sent = situation.submit().first_submitted_at

    report = situation.return_it()

    report.refresh_from_db()
    assert (report.submitted_by, report.submitted_at, report.signing_form) == (None, None, "")
    assert report.first_submitted_at == first_sent
    assert report.steps.get(kind=StepKind.SUBMITTED).made_by == situation.heads[0]


def test_a_signer_who_is_a_clerk_too_mends_what_was_returned(situation):
    report = situation.return_it()
    MembershipFactory(
        person=situation.heads[0], organisation=situation.bodies[0], role=Role.UNIT_CLERK
    )
    situation.clerks[0] = Person.objects.get(pk=situation.heads[0].pk)

    report = situation.fill(text="Bổ sung số cơ sở.")

    assert report.entered_by == situation.heads[0]


def test_a_report_is_not_returned_without_a_word(situation):
    report = situation.submit()

    with pytest.raises(Denied, match="ít nhất một ý kiến"):
        review.return_report(
            actor=situation.coordinator,
            report=report,
            due_on=IN_TIME.date(),
            note="",
            at=IN_TIME,
        )


def test_the_day_to_mend_by_has_not_passed(situation):
    report = situation.submit()
    comment(situation, report)

    with pytest.raises(Denied, match="từ hôm nay"):
        review.return_report(
            actor=situation.coordinator,
            report=report,
            due_on=(IN_TIME - timedelta(days=1)).date(),
            note="",
            at=IN_TIME,
        )


def test_a_comment_the_unit_has_not_seen_can_be_taken_back(situation):
    report = situation.submit()
    said = comment(situation, report)

    review.remove_comment(actor=situation.coordinator, comment=said, at=IN_TIME)

    assert not report.comments.exists()


def test_a_comment_the_unit_has_seen_stays(situation):
    report = situation.return_it()
    said = report.comments.get()
    _mend(situation, report)
    report = situation.submit()

    with pytest.raises(Denied, match="đã gửi cho đơn vị"):
        review.remove_comment(actor=situation.coordinator, comment=said, at=IN_TIME)


def _mend(situation, report):
    report.comments.update(resolved_by=situation.clerks[0], resolved_at=IN_TIME)


# ---------------------------------------------------------------- accepting


def test_acceptance_freezes_the_content_with_its_hash(situation, shelf):
    shelf.counts[situation.bodies[0].pk] = 3

    report = situation.accept()

    frozen = report.accepted
    assert frozen.sha256 == content_hash(frozen.content)
    assert frozen.content["figures"][0]["reported"]["value"] == "3"
    assert [row["label"] for row in frozen.rows["tests.inspections"]] == [
        "Cuộc kiểm tra 1",
        "Cuộc kiểm tra 2",
        "Cuộc kiểm tra 3",
    ]


def test_the_hash_is_the_same_when_the_content_is_read_again(situation, shelf):
    shelf.counts[situation.bodies[0].pk] = 3
    report = situation.accept()

    again = ReportSnapshot.objects.get(pk=report.accepted_id)

    assert is_intact(again)
    report.refresh_from_db()
    assert content_hash(content_of(report)) == again.sha256


def test_a_frozen_report_cannot_be_rewritten_even_in_the_database(situation):
    report = situation.accept()

    with pytest.raises(DatabaseError), transaction.atomic():
        ReportSnapshot.objects.filter(pk=report.accepted_id).update(content={})
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportSnapshot.objects.filter(pk=report.accepted_id).delete()


def test_what_is_accepted_is_what_the_coordinator_read(situation):
    report = situation.submit()

    with pytest.raises(Conflict):
        review.accept_report(
            actor=situation.coordinator, report=report, revision=report.revision - 1, at=IN_TIME
        )


def test_comments_that_were_not_sent_are_not_forgotten_by_accepting(situation):
    report = situation.submit()
    comment(situation, report)

    with pytest.raises(Denied, match="1 ý kiến chưa gửi"):
        review.accept_report(
            actor=situation.coordinator, report=report, revision=report.revision, at=IN_TIME
        )


def test_a_count_that_changes_after_acceptance_is_told_and_leaves_the_report_as_it_was(
    situation, shelf
):
    body = situation.bodies[0].pk
    shelf.counts[body] = 3
    report = situation.accept()
    figures = list(report.figures.all())
    assert figures_moved_since(report, figures) == []

    shelf.counts[body] = 4

    (moved,) = figures_moved_since(report, figures)
    assert (moved.was, moved.now) == (3, 4)
    assert report.figures.get(code="tests.inspections").value == 3


def test_a_report_accepted_again_keeps_both_contents(situation):
    first = situation.accept()
    situation.return_it()
    _mend(situation, first)
    situation.fill(text="Đã bổ sung.")
    situation.submit()

    again = situation.accept()

    assert [one.number for one in again.snapshots.order_by("number")] == [1, 2]
    assert again.accepted.number == 2
    assert again.accepted.sha256 != first.accepted.sha256


# ---------------------------------------------------------------- leaving out


@pytest.mark.parametrize(
    "state",
    [ReportState.DRAFT, ReportState.SUBMITTED, ReportState.RETURNED, ReportState.ACCEPTED],
)
def test_a_report_readmitted_stands_where_it_stood(situation, state):
    report = situation.report_in(state)
    situation.exclude()

    report = review.readmit_report(actor=situation.coordinator, report=report, at=IN_TIME)

    assert report.state == state
    assert report.excluded_reason == ""


def test_leaving_a_report_out_needs_a_reason_and_is_written_down(situation):
    report = situation.submit()

    with pytest.raises(Denied, match="lý do"):
        situation.exclude(reason="  ")
    situation.exclude(reason="Gửi nhầm biểu.")

    line = Entry.objects.get(action="annual_report.report_excluded")
    assert line.details == {"state_before": "submitted", "reason": "Gửi nhầm biểu."}
    assert report.steps.get(kind=StepKind.EXCLUDED).note == "Gửi nhầm biểu."
