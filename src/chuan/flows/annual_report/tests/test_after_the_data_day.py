"""What came after the last data day says so wherever it stands; what must be shown is asked of leads."""

from datetime import datetime

import pytest
from django.urls import reverse

from chuan.flows.annual_report.queries.entry import doubts_of
from chuan.flows.annual_report.testing import IN_TIME, VIETNAM
from chuan.modules.plans.testing import (
    Assignment,
    AssignmentFactory,
    DifficultyFactory,
    Evidence,
    EvidenceFactory,
)

pytestmark = pytest.mark.django_db

# Data of 2026 end on 31 October.
LAST_MINUTE = datetime(2026, 10, 31, 23, 59, tzinfo=VIETNAM)
JUST_AFTER = datetime(2026, 11, 1, 0, 0, tzinfo=VIETNAM)
MARK = "sau ngày chốt, không tính vào số liệu"


@pytest.fixture
def page(client):
    def go(person, name, *args):
        client.force_login(person)
        answer = client.get(reverse(f"annual_report:{name}", args=args))
        return " ".join(answer.content.decode().split())

    return go


def proof(**changes):
    assignment = Assignment.objects.get()
    return EvidenceFactory(
        assignment=assignment, upload=None, link="https://example.vn/2", **changes
    )


def evidence_pages(situation, page):
    report = situation.report
    return [
        page(situation.heads[0], "check", report.pk),
        page(situation.clerks[0], "item", report.pk, report.items.get().pk),
        page(situation.coordinator, "review", report.pk),
    ]


def test_evidence_added_after_the_last_data_day_is_marked_on_every_page(situation, page):
    late = proof(added_at=JUST_AFTER)
    situation.submit()

    for text in evidence_pages(situation, page):
        assert late.title in text
        assert text.count(MARK) == 1


def test_evidence_of_the_last_data_day_is_not_marked(situation, page):
    last = proof(added_at=LAST_MINUTE)
    situation.submit()

    for text in evidence_pages(situation, page):
        assert last.title in text
        assert MARK not in text


def test_evidence_corrected_later_stands_by_the_day_of_its_first_version(situation, page):
    proof(added_at=IN_TIME, first_added_at=LAST_MINUTE)
    situation.submit()

    assert MARK not in page(situation.heads[0], "check", situation.report.pk)


def test_a_difficulty_raised_after_the_last_data_day_says_that_it_is_not_filled_in(situation, page):
    plan, body = Assignment.objects.get().task.plan, situation.bodies[0]
    in_time, late = (
        DifficultyFactory(plan=plan, organisation=body, raised_at=at)
        for at in (LAST_MINUTE, JUST_AFTER)
    )
    report = situation.start()

    for text in (
        page(situation.clerks[0], "section", report.pk, "difficulties"),
        page(situation.heads[0], "check", report.pk),
    ):
        told = text.split('id="neu-sau-chot"')[1].split("</ul>")[0]
        assert "nêu sau ngày chốt 31/10/2026" in told
        assert "Không được điền sẵn" in told
        assert late.title in told
        assert in_time.title not in told
    report.refresh_from_db()
    assert in_time.title in report.difficulties
    assert late.title not in report.difficulties


def test_where_no_difficulty_came_late_nothing_is_said_of_it(situation, page):
    plan, body = Assignment.objects.get().task.plan, situation.bodies[0]
    DifficultyFactory(plan=plan, organisation=body, raised_at=LAST_MINUTE)
    report = situation.start()

    assert "neu-sau-chot" not in page(situation.heads[0], "check", report.pk)


# ---------------------------------------------------------------- who has to show something


@pytest.mark.parametrize(
    ("achievement", "doubts"),
    [
        ("limited", ["Mức “Hạn chế” nhưng chưa có minh chứng nào."]),
        ("substantial", ["Mức “Cơ bản” nhưng chưa có minh chứng nào."]),
        ("complete", ["Mức “Hoàn thành” nhưng chưa có minh chứng nào."]),
        ("no_evidence", ["Kết quả chưa có minh chứng nào."]),
        ("", []),
    ],
)
def test_who_leads_a_task_and_claims_a_result_has_to_show_it(situation, achievement, doubts):
    item = situation.fill().items.get()
    item.achievement = achievement

    assert doubts_of(item, None, []) == doubts
    assert doubts_of(item, None, ["a proof"]) == []


@pytest.mark.parametrize("achievement", ["limited", "substantial", "complete", "no_evidence"])
def test_who_only_helps_has_nothing_to_show(situation, page, achievement):
    lead = Assignment.objects.get()
    AssignmentFactory(
        task__plan=lead.task.plan,
        organisation=situation.bodies[0],
        role="coordinating",
        year=lead.year,
    )
    report = situation.fill()
    report.items.filter(role="coordinating").update(achievement=achievement)
    shown = Evidence.objects.get()

    check = page(situation.heads[0], "check", report.pk)

    assert "cần xem lại mức đạt" not in check
    assert shown.title in check
    assert '<span class="muted">chưa có</span>' not in check


def test_a_leading_task_without_evidence_is_said_to_have_none(situation, page):
    Evidence.objects.all().delete()
    report = situation.fill()

    check = page(situation.heads[0], "check", report.pk)

    assert '<span class="muted">chưa có</span>' in check
    assert "1 nhiệm vụ cần xem lại mức đạt" in check
