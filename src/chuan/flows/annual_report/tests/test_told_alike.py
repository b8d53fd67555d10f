"""The same thing is told the same way on every page: how many have not sent, percentages, done."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from chuan.core.orgs.testing import OrganisationFactory
from chuan.flows.annual_report import facade
from chuan.flows.annual_report.enums import Audience
from chuan.flows.annual_report.operations import review
from chuan.flows.annual_report.queries.letters.consolidated import consolidated_report
from chuan.flows.annual_report.queries.letters.urging import urging_letter
from chuan.flows.annual_report.queries.reports import counts_of, reports_to_urge
from chuan.flows.annual_report.testing import IN_TIME, a_situation
from chuan.flows.annual_report.web import presenting
from chuan.lib.language import format_percent
from chuan.modules.plans.testing import (
    Assignment,
    AssignmentFactory,
    ContributionRequestFactory,
    Evidence,
    ProgressUpdateFactory,
    Task,
    answer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def coming_in(shelf):
    """Five bodies: one accepted, one sent, one being mended, two that sent nothing."""
    situation = a_situation(bodies=5)
    situation.accept(0)
    situation.submit(1)
    situation.return_it(2)
    return situation


@pytest.fixture
def page(client):
    def go(person, name, *args, query=""):
        client.force_login(person)
        answer = client.get(reverse(f"annual_report:{name}", args=args) + query)
        return " ".join(answer.content.decode().split())

    return go


# ---------------------------------------------------------------- not sent


def test_every_page_has_the_same_number_of_those_who_sent_nothing(coming_in, page):
    coordinator, period = coming_in.coordinator, coming_in.period

    (home,) = facade.periods_watched(coordinator)
    counts = counts_of([period])[period.pk]
    assert (home.missing, home.returned) == (counts.missing, counts.returned) == (2, 1)
    assert counts.expected == (counts.received + counts.missing + counts.returned + counts.excluded)
    everybody = page(coordinator, "list")
    assert "2 chưa gửi, 1 trả lại đang chỉnh lý" in everybody
    listed = page(coordinator, "list", query="?trang_thai=missing")
    assert coming_in.bodies[3].versions.get().name in listed
    assert coming_in.bodies[2].versions.get().name not in listed
    collection = page(coordinator, "collection", period.pk)
    assert "Chưa gửi (2)" in collection
    assert "Trả lại, đang chỉnh lý (1)" in collection
    assert "2 cơ quan chưa gửi, 1 đang chỉnh lý" in page(coordinator, "urge", period.pk)
    assert "trả lại, đang chỉnh lý" in page(coordinator, "period", period.pk).lower()


def test_those_who_mend_a_report_may_be_urged_and_are_not_chosen_beforehand(coming_in, page):
    urge = page(coming_in.coordinator, "urge", coming_in.period.pk)

    assert reports_to_urge(coming_in.period, on=IN_TIME.date()).count() == 3
    assert urge.count('name="bao-cao"') == 3
    assert len(re.findall(r'name="bao-cao" value="\d+" checked', urge)) == 2


def test_a_letter_to_somebody_who_mends_does_not_say_that_nothing_came(coming_in):
    reports = list(reports_to_urge(coming_in.period, on=IN_TIME.date()))

    letter = urging_letter(coming_in.period, reports, dated=IN_TIME.date())

    assert "báo cáo hoặc báo cáo đã chỉnh lý" in str(letter.body)


def test_the_coverage_sentence_is_of_the_day_it_was_counted_on(coming_in):
    made = coming_in.consolidate(at=IN_TIME.replace(day=12))

    assert made.snapshot["counted_on"] == "2026-11-12"
    assert made.overall.startswith("Tính đến hết ngày 12/11/2026, 1/5 cơ quan")
    assert "Tính đến hết ngày 31/10/2026, trong 1 lượt nhiệm vụ chủ trì" in made.overall


# ---------------------------------------------------------------- percentages


@pytest.mark.parametrize(("language", "written"), [("vi", "86,8%"), ("en", "86.8%")])
def test_a_percentage_is_written_for_its_reader(language, written):
    with translation.override(language):
        assert format_percent(Decimal("86.84")) == written


def test_a_share_stands_with_its_two_numbers_everywhere(coming_in, shelf, page):
    for body in coming_in.bodies:
        shelf.shares[body.pk] = (3, 4)
    report = coming_in.fill(3)
    figure = report.figures.get(code="tests.passed")
    clerk = coming_in.clerks[3]

    assert presenting.amount(figure.value, figure.unit, (3, 4)) == "75,0% (3/4)"
    assert "75,0% (3/4)" in page(clerk, "check", report.pk)
    assert "3/4 hồ sơ" in page(clerk, "figure", report.pk, figure.pk)
    coming_in.accept(4)
    made = coming_in.consolidate()
    assert "75,0% (3/4)" in page(coming_in.coordinator, "consolidation", made.pk)
    drill_down = page(coming_in.coordinator, "rolled_figure", made.pk, "tests.passed")
    assert drill_down.count("75,0% (3/4)") >= 2


def test_totals_say_of_whom_and_until_when_they_are(coming_in, page):
    made = coming_in.consolidate()
    coordinator = coming_in.coordinator

    desk = page(coordinator, "consolidation", made.pk)
    assert "Từ 1/5 báo cáo; tính đến hết 31/10/2026; chỉ nhiệm vụ chủ trì" in desk
    assert "Toàn tỉnh, tính đến ngày 10/11/2026" in desk
    report = coming_in.reports[0]
    assert "Đơn vị này, nhiệm vụ chủ trì; tính đến hết 31/10/2026" in page(
        coming_in.heads[0], "check", report.pk
    )
    document = consolidated_report(made, Audience.PROVINCE, dated=IN_TIME.date())
    assert "tính đến hết ngày 31/10/2026" in str(document.annexes[0].blocks[0])


# ---------------------------------------------------------------- done is three things


def test_a_part_that_is_written_is_not_called_complete(situation, page):
    report = situation.fill()

    tasks = page(situation.clerks[0], "show", report.pk)

    assert "Đã viết xong" in tasks
    assert "Hoàn thành" not in tasks


# ---------------------------------------------------------------- evidence and doubts


def test_the_head_sees_what_proves_each_task(situation, page):
    report = situation.fill()
    proof = Evidence.objects.get()

    check = page(situation.heads[0], "check", report.pk)

    assert proof.title in check
    assert proof.link in check
    assert proof.get_kind_display() in check
    assert "cần xem lại mức đạt" not in check


def test_a_task_said_to_be_substantial_without_evidence_is_marked_for_clerk_and_head(
    situation, page
):
    report = situation.fill()
    Evidence.objects.all().delete()
    doubt = "Mức “Cơ bản” nhưng chưa có minh chứng nào."

    assert doubt in page(situation.heads[0], "check", report.pk)
    assert doubt in page(situation.clerks[0], "item", report.pk, report.items.get().pk)


def test_a_task_not_started_that_has_text_is_marked_for_clerk_and_head(situation, page):
    report = situation.fill()
    report.items.update(achievement="not_started")
    doubt = "Mức đang ghi “Chưa bắt đầu” trong khi"

    assert doubt in page(situation.heads[0], "check", report.pk)
    assert doubt in page(situation.clerks[0], "item", report.pk, report.items.get().pk)


def test_of_a_task_followed_by_its_heading_nothing_is_asked(situation, page):
    Task.objects.update(heading_only=True)
    Evidence.objects.all().delete()
    report = situation.start()
    report.items.update(achievement="complete")

    check = page(situation.heads[0], "check", report.pk)

    assert "Chỉ theo dõi đầu mục, không ghi nội dung." in check
    assert "Minh chứng" not in check
    assert "nhưng chưa có minh chứng nào" not in check
    item = page(situation.clerks[0], "item", report.pk, report.items.get().pk)
    assert "Mức “Hoàn thành” cần minh chứng" not in item


# ---------------------------------------------------------------- long lists


def test_many_contributions_are_folded_behind_the_first_three(situation, page):
    task = Assignment.objects.get().task
    for number in range(5):
        helping = AssignmentFactory(task=task, role="coordinating")
        ProgressUpdateFactory(
            assignment=helping,
            narrative=f"Góp phần {number}.",
            made_at=IN_TIME.replace(month=9, day=3),
        )
    report = situation.start()

    item = page(situation.clerks[0], "item", report.pk, report.items.get().pk)

    shown, folded = item.split('<details class="more"><summary>Xem thêm 2 cơ quan')
    assert "Cơ quan phối hợp đã ghi (5)" in shown
    assert shown.count('id="gop-') == 3
    assert folded.count('id="gop-') == 2


def test_the_card_of_coordinators_says_what_is_asked_of_whom_and_what_is_missing(situation, page):
    lead = Assignment.objects.get()
    asked = {
        name: ContributionRequestFactory(
            lead=lead,
            assignment=AssignmentFactory(
                task=lead.task, role="coordinating", organisation=OrganisationFactory(name=name)
            ),
            text=f"Số liệu của {name}",
            due_on=due_on,
        )
        for name, due_on in (
            ("Sở Đã Gửi", date(2026, 11, 1)),
            ("Sở Còn Hạn", date(2026, 11, 30)),
            ("Sở Quá Hạn", date(2026, 11, 2)),
            ("Sở Việc Khác", date(2026, 11, 2)),
        )
    }
    other = asked.pop("Sở Việc Khác")
    other.lead = AssignmentFactory(task=lead.task, organisation=OrganisationFactory())
    other.save(update_fields=["lead"])
    given = asked["Sở Đã Gửi"]
    answer(given, narrative="Đã rà soát 12 cơ sở.", at=IN_TIME - timedelta(days=15))
    report = situation.start()

    item = page(situation.clerks[0], "item", report.pk, report.items.get(assignment_id=lead.pk).pk)

    card = item.split('id="de-nghi"')[1].split("</section>")[0]
    assert "còn thiếu 2" in card
    told = {name: next(line for line in card.split("<li>") if name in line) for name in asked}
    assert "Đã góp phần" in told["Sở Đã Gửi"]
    assert "30/11/2026" in told["Sở Còn Hạn"]
    assert "Quá hạn góp phần" in told["Sở Quá Hạn"]
    assert "Sở Việc Khác" not in card
    assert "Đã rà soát 12 cơ sở." in item


# ---------------------------------------------------------------- nothing typed is lost


def test_text_that_may_not_be_saved_any_more_stands_on_the_page(situation, client):
    report = situation.fill()
    item = report.items.get()
    situation.submit()
    client.force_login(situation.clerks[0])

    for name, args, sent in (
        ("item", [report.pk, item.pk], {"narrative": "Viết dở.", "version": item.version}),
        ("section", [report.pk, "summary"], {"summary": "Viết dở.", "version": report.version}),
    ):
        answer = client.post(reverse(f"annual_report:{name}", args=args), sent)
        assert answer.status_code == 403
        text = answer.content.decode()
        assert "Viết dở." in text
        assert "Đã gửi chờ duyệt" in text


def test_text_for_a_consolidation_that_was_closed_meanwhile_stands_on_the_page(situation, client):
    situation.accept()
    made = situation.close(situation.consolidate())
    row = made.tasks.get()
    client.force_login(situation.coordinator)

    for name, args, sent in (
        ("texts", [made.pk], {"overall": "Viết dở.", "version": made.version}),
        ("task_text", [made.pk, row.task_id], {"narrative": "Viết dở.", "version": row.version}),
        (
            "bring_in",
            [made.pk, row.task_id],
            {"narrative": "Viết dở.", "version": row.version, "mark": "1"},
        ),
    ):
        answer = client.post(reverse(f"annual_report:{name}", args=args), sent)
        assert answer.status_code == 403
        text = answer.content.decode()
        assert "Viết dở." in text
        assert "đã chốt" in text


# ---------------------------------------------------------------- what is kept is Vietnamese


def test_what_is_kept_does_not_speak_the_language_of_whoever_acts(situation):
    with translation.override("en"):
        situation.accept()
        made = situation.consolidate()
        review.comment_on_report(
            actor=situation.coordinator, report=situation.report, text="Bổ sung.", at=IN_TIME
        )
        review.return_report(
            actor=situation.coordinator,
            report=situation.report,
            due_on=IN_TIME.date(),
            note="",
            at=IN_TIME,
        )

    notes = set(situation.report.steps.exclude(note="").values_list("note", flat=True))
    assert notes == {f"Bản tổng hợp {made.number}", "Đang chỉnh lý"}
