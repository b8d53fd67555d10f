"""The department's pages, and that more rows cost no more queries on any page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report.enums import Audience, ReportState
from chuan.flows.annual_report.models import Consolidation, ReportingPeriod, UnitReport
from chuan.flows.annual_report.operations import consolidation as consolidating
from chuan.flows.annual_report.operations import letters, periods, review
from chuan.flows.annual_report.queries.parts import revision_of
from chuan.flows.annual_report.testing import (
    IN_TIME,
    a_situation,
    with_period_rules,
)
from chuan.flows.annual_report.tests.pages import words
from chuan.flows.annual_report.web import letters as letters_web
from chuan.flows.annual_report.web.consolidation import desk, one_figure, texts
from chuan.modules.plans.testing import (
    AssignmentFactory,
    PlanFactory,
    TaskFactory,
    coordinator_of,
)

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- the department's pages


def test_the_list_counts_states_and_filters_by_them(shelf, visit):
    situation = a_situation(bodies=3)
    situation.submit(0)

    page = visit(situation.coordinator, "list", query="?trang_thai=submitted")

    rows = [line.row for line in page.context["collected"].lines]
    assert [row.pk for row in rows] == [situation.reports[0].pk]
    assert page.context["counts"].missing == 2


def test_the_list_finds_bodies_without_tones(shelf, visit):
    situation = a_situation(bodies=2)
    name = situation.bodies[0].versions.get()

    page = visit(situation.coordinator, "list", query=f"?q={name.search_key.split()[-1]}")

    assert name.name in words(page)


def test_the_list_comes_as_a_workbook(situation, visit):
    page = visit(situation.coordinator, "list", query="?export=xlsx")

    assert page["Content-Type"].endswith("spreadsheetml.sheet")
    assert page.getvalue()
    page.close()


def test_a_coordinator_comments_returns_and_the_unit_mends(situation, visit, send):
    report = situation.submit()
    item = report.items.get()
    send(
        situation.coordinator,
        "comment",
        report.pk,
        place=f"item:{item.pk}",
        text="Nêu số cơ sở.",
    )

    page = visit(situation.coordinator, "return", report.pk)
    assert "Nêu số cơ sở." in words(page)
    send(situation.coordinator, "return", report.pk, due_on="17/11/2026", note="")

    assert situation.report.state == ReportState.RETURNED


def test_a_comment_that_may_not_be_written_keeps_its_text(situation, send):
    report = situation.submit()

    page = send(situation.leader, "comment", report.pk, place="", text="Thiếu số phiên chợ.")

    assert page.status_code == 403
    assert "Thiếu số phiên chợ." in words(page)
    assert "Chỉ chuyên viên tổng hợp" in words(page)
    assert not report.comments.exists()


def test_returning_asks_for_a_comment_first(situation, send, visit):
    report = situation.submit()

    page = visit(situation.coordinator, "return", report.pk)

    assert page.status_code == 302


def test_accepting_leads_to_the_next_report_that_waits(shelf, send):
    situation = a_situation(bodies=2)
    first, second = situation.submit(0), situation.submit(1)

    page = send(situation.coordinator, "accept", first.pk, revision=first.revision, then="next")

    assert page.redirect_chain[-1][0] == reverse("annual_report:review", args=[second.pk])


def test_excluding_needs_a_reason_on_its_confirm_page(situation, send):
    report = situation.submit()

    page = send(situation.coordinator, "exclude", report.pk, reason="")
    assert page.status_code == 422
    send(situation.coordinator, "exclude", report.pk, reason="Gửi nhầm biểu.")

    assert situation.report.excluded_reason == "Gửi nhầm biểu."


def test_an_accepted_report_is_consolidated_by_one_click(situation, send):
    situation.accept()

    page = send(situation.coordinator, "consolidate", situation.period.pk)

    made = Consolidation.objects.get()
    assert page.redirect_chain[-1][0] == reverse("annual_report:consolidation", args=[made.pk])
    assert "1/1" in words(page)


def test_reports_accepted_later_are_brought_in_from_the_page(shelf, send, visit):
    situation = a_situation(bodies=2)
    situation.accept(0)
    made = situation.consolidate()
    late = situation.accept(1)

    page = visit(situation.coordinator, "consolidation", made.pk)
    assert "1 báo cáo đã duyệt chưa có trong bản này" in words(page)
    send(situation.coordinator, "include", made.pk, **{"bao-cao": [late.pk]})

    made.refresh_from_db()
    assert made.snapshot["coverage"]["included"] == 2


def test_a_paragraph_is_brought_in_together_with_what_was_being_typed(situation, send):
    situation.accept()
    made = situation.consolidate()
    row = made.tasks.get()

    send(
        situation.coordinator,
        "bring_in",
        made.pk,
        row.task_id,
        version=row.version,
        narrative="Toàn tỉnh thực hiện tốt.",
        mark=1,
    )

    row.refresh_from_db()
    assert row.narrative.splitlines()[0] == "Toàn tỉnh thực hiện tốt."
    assert row.narrative.endswith("[1]")


def test_two_coordinators_writing_one_text_get_the_conflict_page(situation, send):
    situation.accept()
    made = situation.consolidate()
    row = made.tasks.get()
    consolidating.save_consolidated_task(
        actor=situation.coordinator, row=row, version=1, narrative="Một.", at=IN_TIME
    )

    page = send(
        situation.coordinator, "task_text", made.pk, row.task_id, version=1, narrative="Hai."
    )

    assert page.status_code == 409
    assert "Một." in words(page)
    assert "Hai." in words(page)


def test_the_texts_save_themselves(situation, client):
    situation.accept()
    made = situation.consolidate()
    client.force_login(situation.coordinator)

    answer = client.post(
        reverse("annual_report:autosave_texts", args=[made.pk]),
        {"version": made.version, "overall": "Đánh giá chung."},
    )

    made.refresh_from_db()
    assert answer.json()["fields"] == {"version": str(made.version)}
    assert made.overall == "Đánh giá chung."


def test_a_rolled_up_figure_opens_down_to_each_report(situation, shelf, visit):
    shelf.counts[situation.bodies[0].pk] = 3
    situation.accept()
    made = situation.consolidate()

    page = visit(situation.coordinator, "rolled_figure", made.pk, "tests.inspections")

    assert reverse("annual_report:review", args=[situation.report.pk]) in words(page)


def test_two_consolidations_are_compared(shelf, visit):
    situation = a_situation(bodies=2)
    situation.accept(0)
    situation.consolidate()
    situation.accept(1)
    second = situation.consolidate()

    page = visit(situation.coordinator, "compare", second.pk, 1)

    assert "Thêm vào (1)" in words(page)


def test_the_leader_closes_on_a_confirm_page(situation, visit, send):
    situation.accept()
    made = situation.consolidate()

    assert "Chốt bản tổng hợp 1" in words(visit(situation.leader, "close", made.pk))
    send(situation.leader, "close", made.pk, revision=revision_of(made))

    made.refresh_from_db()
    assert made.state == "closed"
    assert visit(situation.coordinator, "close", made.pk).status_code == 403


def test_both_reports_are_drawn_and_offered_for_download(situation, send, visit):
    situation.accept()
    made = situation.consolidate()

    for audience in Audience:
        page = send(situation.coordinator, "make_output", made.pk, audience.value)
        assert f"bao-cao-nam-2026-{letters._AUDIENCE_FILES[audience]}.pdf" in words(page)

    made.refresh_from_db()
    assert made.outputs.count() == 2


def test_an_output_older_than_the_text_says_so(situation, send, visit):
    situation.accept()
    made = situation.consolidate()
    send(situation.coordinator, "make_output", made.pk, "province")
    consolidating.save_consolidation_texts(
        actor=situation.coordinator,
        consolidation=made,
        version=made.version,
        texts={"overall": "Mới."},
        at=IN_TIME.replace(hour=10),
    )

    assert "Nội dung đã sửa sau khi tạo" in words(visit(situation.coordinator, "outputs", made.pk))


def test_missing_bodies_are_urged_from_their_list(shelf, send):
    situation = a_situation(bodies=2)
    situation.submit(0)
    missing = situation.reports[1]

    page = send(situation.coordinator, "urge", situation.period.pk, **{"bao-cao": [missing.pk]})

    assert page.redirect_chain
    assert situation.period.urgings.get().reports.get() == missing


def test_bodies_to_urge_stand_on_pages_and_are_urged_all_at_once(shelf, send, visit, monkeypatch):
    monkeypatch.setattr(letters_web, "BODIES_ON_A_PAGE", 2)
    situation = a_situation(bodies=4)
    situation.submit(0)
    name = ("urge", situation.period.pk)

    pages = [visit(situation.coordinator, *name, query=f"?trang={n}") for n in (1, 2)]

    assert [len(page.context["rows"]) for page in pages] == [2, 1]
    assert "Nhắc cả 3 cơ quan chưa gửi" in words(pages[0])
    send(situation.coordinator, *name, **{"tat-ca": "1"})
    assert situation.period.urgings.get().reports.count() == 3


def test_paragraphs_and_reports_behind_a_figure_are_read_by_pages(shelf, send, visit, monkeypatch):
    monkeypatch.setattr(texts, "PARAGRAPHS_ON_A_PAGE", 2)
    monkeypatch.setattr(one_figure, "REPORTS_ON_A_PAGE", 2)
    situation, made = _furnished(shelf, bodies=3, tasks=1)
    row = made.tasks.get()
    person = situation.coordinator

    first = visit(person, "task_text", made.pk, row.task_id)
    second = visit(person, "task_text", made.pk, row.task_id, query="?trang=2")
    figures = visit(person, "rolled_figure", made.pk, "tests.inspections", query="?trang=2")

    assert [one["mark"] for one in first.context["sources"]] == [1, 2]
    assert [one["mark"] for one in second.context["sources"]] == [3]
    assert second.context["source_count"] == 3
    assert len(figures.context["rows"]) == 1
    moved = send(
        person, "task_text", made.pk, row.task_id, narrative="Mới.", version=row.version, then="2"
    )
    assert moved.redirect_chain[-1][0].endswith("?trang=2")
    row.refresh_from_db()
    assert row.narrative == "Mới."


def test_bodies_outside_a_draft_are_counted_whole_and_named_a_few(shelf, visit, monkeypatch):
    monkeypatch.setattr(desk, "SHOWN", 1)
    monkeypatch.setattr(desk, "CHOSEN_AMONG", 1)
    situation = a_situation(bodies=8)
    situation.accept(0)
    made = situation.consolidate()
    for number in (1, 2):
        situation.accept(number)
    for number in (3, 4):
        situation.submit(number)
        situation.exclude(number)
    situation.submit(5)

    page = visit(situation.coordinator, "consolidation", made.pk)

    lists = ("waiting", "in_review", "excluded", "missing", "returned")
    assert [page.context[f"{name}_count"] for name in lists] == [2, 1, 2, 2, 0]
    assert [len(page.context[name]) for name in lists] == [1, 1, 1, 1, 0]


def test_a_period_is_opened_from_the_proposed_days(shelf, send, visit):
    with_period_rules()
    plan = PlanFactory()
    AssignmentFactory(task=TaskFactory(plan=plan))
    coordinator = coordinator_of(plan)

    page = visit(coordinator, "open_period", plan.pk, 2026)
    given = {
        name: page.context["form"].fields[name].prepare_value(value)
        for name, value in page.context["form"].initial.items()
    }
    assert given["due_on"] == "19/11/2026"
    send(coordinator, "open_period", plan.pk, 2026, **given)

    period = ReportingPeriod.objects.get()
    assert (period.reports.count(), period.due_why[0]["rule"]) == (
        1,
        "calendar.before_day_is_exclusive",
    )


def test_days_a_coordinator_changed_say_so(shelf, send, visit):
    with_period_rules()
    plan = PlanFactory()
    AssignmentFactory(task=TaskFactory(plan=plan))
    coordinator = coordinator_of(plan)
    page = visit(coordinator, "open_period", plan.pk, 2026)
    given = {
        name: page.context["form"].fields[name].prepare_value(value)
        for name, value in page.context["form"].initial.items()
    }

    send(coordinator, "open_period", plan.pk, 2026, **given | {"data_until": "14/11/2026"})

    assert ReportingPeriod.objects.get().data_why == [
        {"text": "Chuyên viên tổng hợp đặt khi mở kỳ.", "rule": "", "source": ""}
    ]


# ---------------------------------------------------------------- every page, and what it costs


def _pages(situation, made):
    report, item = situation.report, situation.report.items.order_by("pk").first()
    figure = report.figures.get(code="tests.inspections")
    task = made.tasks.order_by("pk").first().task_id
    unit, coordinator = situation.clerks[0], situation.coordinator
    return [
        (unit, "list", ()),
        (unit, "show", (report.pk,)),
        (unit, "item", (report.pk, item.pk)),
        (unit, "section", (report.pk, "summary")),
        (unit, "section", (report.pk, "difficulties")),
        (unit, "figures", (report.pk,)),
        (unit, "figure", (report.pk, figure.pk)),
        (unit, "check", (report.pk,)),
        (unit, "history", (report.pk,)),
        (coordinator, "list", ()),
        (coordinator, "review", (report.pk,)),
        (coordinator, "period", (situation.period.pk,)),
        (coordinator, "change_days", (situation.period.pk,)),
        (coordinator, "placements", (situation.period.pk,)),
        (coordinator, "consolidation", (made.pk,)),
        (coordinator, "texts", (made.pk,)),
        (coordinator, "task_text", (made.pk, task)),
        (coordinator, "rolled_figure", (made.pk, "tests.inspections")),
        (coordinator, "outputs", (made.pk,)),
        (coordinator, "urge", (situation.period.pk,)),
        (situation.leader, "close", (made.pk,)),
    ]


def _furnished(shelf, bodies, tasks):
    situation = a_situation(bodies=bodies + 1, tasks=tasks)
    for body in situation.bodies:
        shelf.counts[body.pk] = tasks
    for number in range(bodies):
        situation.accept(number)
    return situation, situation.consolidate()


@pytest.mark.slow
def test_more_bodies_and_tasks_cost_no_more_queries_on_any_page(shelf, visit):
    counted = []
    for bodies, tasks in ((1, 1), (3, 3)):
        situation, made = _furnished(shelf, bodies, tasks)
        found = []
        for person, name, args in _pages(situation, made):
            visit(person, name, *args)
            with CaptureQueriesContext(connection) as queries:
                page = visit(person, name, *args)
            assert page.status_code == 200, name
            found.append((name, len(queries)))
        counted.append(found)

    assert counted[0] == counted[1]


def test_a_stranger_is_sent_to_sign_in_or_refused(situation, visit):
    report = situation.submit()
    stranger = PersonFactory(role=None)

    assert visit(stranger, "show", report.pk).status_code == 403
    assert visit(stranger, "list").status_code == 403
    assert Client().get(reverse("annual_report:list")).status_code == 302


def test_looking_changes_nothing(situation, visit):
    report = situation.fill()
    before = UnitReport.objects.values().get(pk=report.pk)

    for name in ("show", "figures", "check", "history"):
        visit(situation.clerks[0], name, report.pk)

    assert UnitReport.objects.values().get(pk=report.pk) == before


def test_reconciling_and_readmitting_are_pressed_not_opened(situation, client):
    situation.submit()
    situation.exclude()
    client.force_login(situation.coordinator)

    for name in ("start", "sync", "readmit", "make_ready"):
        answer = client.get(reverse(f"annual_report:{name}", args=[situation.report.pk]))
        assert answer.status_code == 405
    assert periods.reconcile_reports(period=situation.period, at=IN_TIME) == []
    review.readmit_report(actor=situation.coordinator, report=situation.report, at=IN_TIME)
    assert situation.report.state == ReportState.SUBMITTED
