"""What lies on whose desk, and what the page costs."""

from datetime import date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.notices.models import Notice
from chuan.core.orgs.operations import propose_event
from chuan.core.orgs.testing import OrganisationFactory, a_merger, commit
from chuan.core.people.enums import Role
from chuan.core.people.testing import MembershipFactory
from chuan.flows.annual_report.operations import submission
from chuan.flows.annual_report.testing import (
    IN_TIME,
    a_situation,
    administrator,
    auditor,
    provincial_leader,
)
from chuan.flows.my_work.queries import View, desk_of
from chuan.modules.plans.testing import (
    VIETNAM,
    Assignment,
    AssignmentFactory,
    ContributionRequestFactory,
    DifficultyFactory,
)

pytestmark = pytest.mark.django_db

TODAY = IN_TIME.date()


def desk(person):
    person.forget_grants()
    return desk_of(person, on=TODAY)


def titles(rows):
    return [row.title for row in rows]


def page_of(client, person, query=""):
    client.force_login(person)
    return client.get(reverse("my_work:list") + query)


# ---------------------------------------------------------------- lists


def test_the_report_and_the_tasks_stand_in_the_order_of_their_deadlines(situation):
    task = Assignment.objects.get().task

    rows = desk(situation.clerks[0]).todo

    assert titles(rows) == ["Báo cáo năm 2026", task.short_text]
    assert [row.due_on for row in rows] == [date(2026, 11, 19), date(2026, 12, 31)]


def test_deadlines_are_told_in_working_days(situation):
    report = desk(situation.clerks[0]).todo[0]

    assert (report.distance, report.tone) == ("Còn 7 ngày làm việc", "")


def test_what_is_done_is_in_its_own_list(situation):
    Assignment.objects.update(achievement="complete", done_on=date(2026, 10, 1))

    found = desk(situation.clerks[0])

    assert titles(found.todo) == ["Báo cáo năm 2026"]
    assert [row.status for row in found.done] == ["on_time"]


def test_what_was_due_and_is_not_done_is_overdue_also_from_a_year_before(situation):
    task = Assignment.objects.get().task
    AssignmentFactory(task=task, organisation=situation.bodies[0], year=2025)

    found = desk(situation.clerks[0])

    (row,) = found.overdue
    assert (row.status, row.tone) == ("overdue", "due-late")
    assert row in found.todo


def test_a_sent_report_and_an_unanswered_problem_wait_for_others(situation):
    plan = Assignment.objects.get().task.plan
    situation.submit()
    DifficultyFactory(plan=plan, organisation=situation.bodies[0], raised_by=situation.clerks[0])
    DifficultyFactory(
        plan=plan, organisation=situation.bodies[0], raised_by=situation.clerks[0], answered=True
    )

    found = desk(situation.clerks[0])

    assert [row.status for row in found.waiting] == ["submitted", "waiting_answer"]


def test_days_are_those_of_the_province_also_right_after_midnight(situation):
    plan = Assignment.objects.get().task.plan
    after_midnight = datetime(2026, 11, 1, 0, 30, tzinfo=VIETNAM)
    DifficultyFactory(
        plan=plan,
        organisation=situation.bodies[0],
        raised_by=situation.clerks[0],
        raised_at=after_midnight,
    )

    (row,) = desk(situation.clerks[0]).waiting

    assert row.notes == ("Vướng mắc nêu ngày 01/11/2026",)


def test_a_finished_report_lies_on_the_heads_desk_and_leaves_the_clerks(situation):
    report = situation.fill()
    submission.make_ready(actor=situation.clerks[0], report=report, at=IN_TIME)

    assert [card.id for card in desk(situation.heads[0]).to_sign] == [report.pk]
    assert "Báo cáo năm 2026" not in titles(desk(situation.clerks[0]).todo)
    assert titles(desk(situation.clerks[0]).waiting) == ["Thủ trưởng ký gửi báo cáo năm 2026"]


def test_a_returned_report_counts_by_its_new_day_and_says_what_is_to_mend(situation):
    situation.return_it()

    row = desk(situation.clerks[0]).todo[0]

    assert (row.due_on, row.status, row.action) == (date(2026, 11, 17), "returned", "Chỉnh lý")
    assert "1 ý kiến cần chỉnh lý" in row.notes


def test_work_of_two_bodies_says_whose_it_is(shelf):
    situation = a_situation(bodies=2)
    MembershipFactory(person=situation.clerks[0], organisation=situation.bodies[1])

    rows = desk(situation.clerks[0]).todo

    names = {body.versions.get().name for body in situation.bodies}
    assert len(rows) == 4
    assert all(names & set(row.notes) for row in rows)


def test_nobody_sees_work_of_other_bodies(shelf):
    situation = a_situation(bodies=2)

    assert len(desk(situation.clerks[0]).todo) == 2


# ---------------------------------------------------------------- the page


def test_the_address_people_type_leads_to_their_work(situation, client):
    client.force_login(situation.clerks[0])

    assert client.get("/").headers["Location"] == reverse("my_work:list")


@pytest.mark.parametrize("view", View)
def test_every_list_opens_also_when_it_is_empty(situation, client, view):
    page = page_of(client, situation.heads[0], f"?loc={view.value}")

    assert page.status_code == 200
    assert page.context["view"] == view


def test_a_coordinator_sees_reports_to_review_problems_to_answer_and_who_is_missing(shelf, client):
    situation = a_situation(bodies=2)
    situation.submit(0)
    plan = Assignment.objects.first().task.plan
    problem = DifficultyFactory(plan=plan, organisation=situation.bodies[1])

    page = page_of(client, situation.coordinator)

    text = page.content.decode()
    assert [card.id for card in page.context["to_review"]] == [situation.reports[0].pk]
    assert problem.title in text
    assert "Đôn đốc 1 cơ quan" in " ".join(text.split())


@pytest.mark.parametrize(("tasks", "shown"), [(29, 30), (30, 15)])
def test_a_list_of_thirty_is_shown_whole_and_a_longer_one_begins_with_fifteen(
    shelf, client, tasks, shown
):
    situation = a_situation(tasks=tasks)

    page = page_of(client, situation.clerks[0])

    assert (page.context["row_count"], len(page.context["rows"])) == (tasks + 1, shown)


def test_a_coordinator_is_led_to_what_only_a_person_can_decide_and_a_leader_is_not(
    situation, client
):
    plan = Assignment.objects.first().task.plan
    plan.open_questions = 2
    plan.save()
    address = reverse("plans:questions", args=[plan.pk])

    offered = [
        f'href="{address}"' in page_of(client, person).content.decode()
        for person in (situation.coordinator, situation.leader)
    ]

    assert offered == [True, False]


def test_a_leader_is_offered_what_waits_for_closing(situation, client):
    situation.accept()
    situation.consolidate()

    page = page_of(client, situation.leader)

    assert "Xem và chốt" in page.content.decode()


@pytest.mark.parametrize("maker", [auditor, provincial_leader])
def test_those_above_see_how_plan_and_reports_stand(situation, client, maker):
    page = page_of(client, maker())

    (watched,) = page.context["watched"]
    assert watched["counts"].total == 1
    assert watched["standings"][0][0].expected == 1
    assert "Đôn đốc" not in page.content.decode()


def test_who_only_manages_accounts_has_an_empty_desk(situation, client):
    page = page_of(client, administrator())

    assert page.status_code == 200
    assert page.context["watched"] == []
    assert "Chưa có việc nào" in page.content.decode()


@pytest.mark.slow
def test_more_work_costs_no_more_queries(shelf, client):
    counted = []
    for bodies, tasks in ((1, 1), (3, 3)):
        situation = a_situation(bodies=bodies, tasks=tasks)
        for number in range(bodies):
            situation.submit(number)
        found = []
        for person in (situation.clerks[0], situation.heads[0], situation.coordinator):
            page_of(client, person)
            with CaptureQueriesContext(connection) as queries:
                page_of(client, person)
            found.append(len(queries))
        counted.append(found)

    assert counted[0] == counted[1]


def test_a_head_who_is_also_a_clerk_elsewhere_has_both_desks(shelf):
    situation = a_situation(bodies=2)
    person = situation.heads[0]
    MembershipFactory(person=person, organisation=situation.bodies[1], role=Role.UNIT_CLERK)

    found = desk(person)

    assert "Báo cáo năm 2026" in titles(found.todo)
    assert len(found.reports) == 2


def test_a_request_lies_with_the_body_asked_until_it_answers_and_waits_with_the_one_that_asks(
    shelf,
):
    situation = a_situation(bodies=2)
    lead = Assignment.objects.get(organisation=situation.bodies[0])
    helper = AssignmentFactory(
        task=lead.task, organisation=situation.bodies[1], role="coordinating"
    )
    ContributionRequestFactory(lead=lead, assignment=helper, due_on=date(2026, 11, 2))

    asked = [row for row in desk(situation.clerks[1]).overdue if row.status == "request_overdue"]
    made = [row for row in desk(situation.clerks[0]).waiting if row.status == "request_overdue"]

    assert [row.action for row in asked] == ["Trả lời"]
    assert [row.title[:13] for row in made] == ["Chờ góp phần:"]
    assert made[0].notes == (situation.bodies[1].versions.get().name,)


# ---------------------------------------------------------------- what the page says first


def words(page):
    return " ".join(page.content.decode().split())


def test_who_may_not_accept_reports_is_told_nothing_of_what_waits_for_those_who_may(
    situation, client
):
    situation.submit()
    card = 'aria-labelledby="duyet"'

    assert card in words(page_of(client, situation.coordinator))
    assert card not in words(page_of(client, situation.leader))


def test_the_card_says_how_many_reports_wait_in_all(shelf, client):
    situation = a_situation(bodies=12)
    for number in range(12):
        situation.submit(number)

    page = page_of(client, situation.coordinator)

    assert len(page.context["to_review"]) == 10
    assert "Báo cáo chờ duyệt (12)" in words(page)
    assert "10 trong 12 báo cáo, gửi sớm nhất trước." in words(page)


def test_where_all_that_waits_is_shown_nothing_is_said_of_more(situation, client):
    situation.submit()

    text = words(page_of(client, situation.coordinator))

    assert "Báo cáo chờ duyệt (1)" in text
    assert "gửi sớm nhất trước" not in text


def test_a_clerk_who_handed_the_report_over_is_told_that_the_head_has_it(situation, client):
    report = situation.fill()
    assert "Tiếp tục báo cáo năm 2026" in words(page_of(client, situation.clerks[0]))
    submission.make_ready(actor=situation.clerks[0], report=report, at=IN_TIME)

    with time_machine.travel(IN_TIME.replace(day=25), tick=False):
        text = words(page_of(client, situation.clerks[0]))

    assert "Đang chờ thủ trưởng ký<" in text
    assert "Báo cáo năm 2026: đang chờ thủ trưởng ký gửi" in text
    assert "quá hạn 4 ngày làm việc." in text
    assert "Tiếp tục báo cáo" not in text
    assert "note-bad" not in text


def test_what_is_still_to_be_written_comes_before_what_lies_with_the_head(shelf, client):
    situation = a_situation(bodies=2)
    report = situation.fill(0)
    submission.make_ready(actor=situation.clerks[0], report=report, at=IN_TIME)
    MembershipFactory(person=situation.clerks[0], organisation=situation.bodies[1])

    page = page_of(client, situation.clerks[0])

    assert page.context["first_report"].organisation_id == situation.bodies[1].pk


@pytest.mark.parametrize(("day", "tone"), [(16, "note-warn"), (25, "note-bad")])
def test_a_returned_report_is_said_to_come_back_with_comments(situation, client, day, tone):
    situation.return_it()

    with time_machine.travel(IN_TIME.replace(day=day), tick=False):
        text = words(page_of(client, situation.clerks[0]))

    assert "Báo cáo năm 2026: trả lại kèm ý kiến" in text
    assert "17/11/2026" in text.split("Gửi lại chậm nhất hết")[1][:40]
    assert f'class="note {tone}"' in text
    assert "1 ý kiến cần chỉnh lý." in text


def test_a_reorganisation_waits_on_the_desks_of_those_who_may_confirm_it_and_they_are_told(
    situation, client
):
    keeper, second = administrator(), administrator()
    body = OrganisationFactory()
    draft = a_merger(actor=keeper, before=[body], title="Hợp nhất hai sở")

    event = propose_event(actor=keeper, event=draft, version=draft.version, at=IN_TIME)

    told = {one.person for one in Notice.objects.filter(url=reverse("orgs:event", args=[event.pk]))}
    assert second in told
    assert situation.coordinator in told
    assert not told & {keeper, situation.clerks[0]}
    for person, waits in [(second, True), (situation.coordinator, True), (keeper, False)]:
        page = page_of(client, person)
        assert ("Hợp nhất hai sở" in page.content.decode()) == waits
        assert len(page.context["to_confirm"]) == waits
    assert page_of(client, situation.clerks[0]).context["to_confirm"] == []


def test_a_reorganisation_that_is_confirmed_leaves_the_desk(situation, client):
    keeper, second = administrator(), administrator()
    draft = a_merger(actor=keeper, before=[OrganisationFactory()])

    commit(draft, preparer=keeper, confirmer=second)

    assert page_of(client, situation.coordinator).context["to_confirm"] == []


def test_a_late_report_counts_as_late_for_the_clerk_and_for_the_head(situation):
    late = date(2026, 11, 25)
    for person in (situation.clerks[0], situation.heads[0]):
        person.forget_grants()
        with time_machine.travel(late, tick=False):
            overdue = desk_of(person, on=late).overdue
        assert titles(overdue) == ["Báo cáo năm 2026"]


def test_what_is_late_says_of_which_year_it_is(situation, client):
    page = page_of(client, situation.coordinator)

    assert "Quá hạn trong năm 2026" in page.content.decode()
