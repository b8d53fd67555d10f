"""Two decisions, of two departments, that run at the same time and ask work of the same bodies.

Both have a task I.1 and call for a report on 2026: whatever mixes the two up is seen here.
"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from chuan.core.people.testing import MembershipFactory
from chuan.flows.annual_report.enums import ReportState
from chuan.flows.annual_report.facade import consolidations_to_close, reports_to_review
from chuan.flows.annual_report.operations import periods as periods_operations
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation, with_period_rules
from chuan.flows.archive import operations as archive
from chuan.flows.my_work.queries import desk_of, watched_plans
from chuan.flows.portal import testing as portal
from chuan.flows.reminders.operations import digests
from chuan.flows.reminders.queries.digests import Digest
from chuan.flows.reminders.queries.feeds import calendar_of
from chuan.flows.reminders.testing import with_a_ladder
from chuan.modules.plans import facade as plans
from chuan.modules.plans.models import YearLock
from chuan.modules.plans.queries.past import rows_on
from chuan.modules.plans.testing import (
    VIETNAM,
    Assignment,
    DeadlineExtensionFactory,
    DifficultyFactory,
    Evidence,
    Task,
    complete,
)

pytestmark = pytest.mark.slow

TODAY = IN_TIME.date()
FIELDS = ("Tiêu chuẩn đo lường", "Khuyến công")


@pytest.fixture
def two(monkeypatch, settings, tmp_path, db):
    """`first` and `second`: plans of two departments; the same two bodies lead one task in each."""
    settings.CHUAN_FILES, settings.VAR = tmp_path / "files", tmp_path
    with time_machine.travel(IN_TIME, tick=False):
        Shelf(counts={}, shares={}).put(monkeypatch)
        first = a_situation(bodies=2, tasks=1)
        second = a_situation(bodies=2, tasks=1, beside=first)
        for one, field in zip((first, second), FIELDS, strict=True):
            one.plan = one.period.plan
            one.plan.short_title = f"Kế hoạch {field}"
            one.plan.save(update_fields=["short_title"])
            one.task = Task.objects.get(plan=one.plan)
            one.task.short_text = f"Nội dung số 1 về {field}"
            one.task.save(update_fields=["short_text"])
            one.assignments = list(Assignment.objects.filter(task=one.task).order_by("pk"))
            assert one.task.code == "I.1"
        yield SimpleNamespace(first=first, second=second, both=(first, second))


@pytest.fixture
def opened(two):
    """With the reports called as `open_period` calls them where plans run side by side."""
    for one in two.both:
        one.period.title = f"Báo cáo năm 2026, {one.plan.short_title}"
        one.period.save(update_fields=["title"])
    return two


def open_next_year(one):
    with_period_rules()
    return periods_operations.open_period(
        actor=one.coordinator, plan_id=one.plan.pk, year=2027, at=IN_TIME
    )


def test_a_period_says_of_which_plan_it_is_where_another_runs_beside_it(two):
    assert [open_next_year(one).title for one in two.both] == [
        f"Báo cáo năm 2027, Kế hoạch {field}" for field in FIELDS
    ]


def test_a_plan_that_runs_alone_needs_no_name(two):
    two.second.plan.valid = (date(2025, 3, 25), date(2026, 7, 1))
    two.second.plan.save(update_fields=["valid"])

    assert open_next_year(two.first).title == "Báo cáo năm 2027"


def test_my_work_has_both_and_every_line_says_which(opened):
    body, clerk = opened.first.bodies[0], opened.first.clerks[0]
    for one in opened.both:
        DifficultyFactory(plan=one.plan, organisation=body, raised_by=clerk)
        DeadlineExtensionFactory(assignment=one.assignments[0])

    desk = desk_of(clerk, on=TODAY)

    lines = [*desk.todo, *desk.waiting]
    for field in FIELDS:
        named = [row for row in lines if field in " ".join((row.title, *row.notes))]
        assert len(named) == 4, field  # the report, the task, the difficulty, more time
    assert len(lines) == 8


def test_with_one_plan_my_work_does_not_name_it(two):
    Evidence.objects.filter(assignment__task__plan=two.second.plan).delete()
    Assignment.objects.filter(task__plan=two.second.plan).delete()

    desk = desk_of(two.first.clerks[0], on=TODAY)

    assert all("Kế hoạch" not in note for row in desk.todo for note in row.notes)


def test_a_department_watches_over_its_own_plan_alone(opened):
    for one, other in (opened.both, opened.both[::-1]):
        watched = watched_plans(one.coordinator, on=TODAY)
        assert [watch.plan.id for watch in watched] == [one.plan.pk]
        (standing,) = watched[0].standings
        assert (standing.id, standing.expected) == (one.period.pk, 2)
        assert not plans.sees_whole_plan(one.coordinator, other.plan.managed_by_id)


def test_reminders_name_the_plan_and_each_department_hears_of_its_own(two):
    with_a_ladder()
    Assignment.objects.update(due_on=date(2026, 11, 2))
    for day in (5, 11):  # three working days late, and seven
        morning = datetime(2026, 11, day, 7, tzinfo=VIETNAM)
        with time_machine.travel(morning, tick=False):
            digests.give_digests(at=morning)

    def lines(person, kind):
        return [
            line["note"]
            for digest in Digest.objects.filter(person=person)
            for section in digest.content["sections"]
            if section["kind"] == kind
            for line in section["lines"]
        ]

    clerk = lines(two.first.clerks[0], "overdue")
    assert [sum(field in note for note in clerk) for field in FIELDS] == [2, 2]
    for one, field in zip(two.both, FIELDS, strict=True):
        heard = lines(one.coordinator, "for_department")
        assert len(heard) == 2
        assert all(field in note for note in heard)


def test_the_calendar_feed_has_both_by_name(opened):
    feed = calendar_of(opened.first.clerks[0], TODAY).decode().replace("\r\n ", "")

    for field in FIELDS:
        titles = [
            line for line in feed.splitlines() if line.startswith("SUMMARY") and field in line
        ]
        assert len(titles) == 2, field  # the task and the report


def test_dashboards_count_each_plan_by_itself(client, two):
    complete(two.first.assignments[0], at=IN_TIME)
    client.force_login(two.first.clerks[0])
    address = reverse("overview:body", args=[two.first.bodies[0].pk])

    counts = []
    for one in two.both:
        page = client.get(address, {"ke-hoach": one.plan.pk, "nam": 2026})
        counts.append((page.context["counts"].total, page.context["counts"].done))
        assert {choice.label for choice in page.context["plans"]} == {
            other.plan.short_title for other in two.both
        }

    assert counts == [(1, 1), (1, 0)]


def test_lists_of_a_plan_and_its_past_have_nothing_of_the_other(client, two):
    Assignment.objects.update(due_on=date(2026, 11, 2))
    for one, other in (two.both, two.both[::-1]):
        client.force_login(one.coordinator)
        for name in ("plans:assignments", "plans:overdue"):
            page = client.get(reverse(name, args=[one.plan.pk]), {"nam": 2026})
            assert {row.task_id for row in page.context["table"].rows} == {one.task.pk}
            assert page.context["table"].count == 2
        matrix = client.get(reverse("plans:matrix", args=[one.plan.pk]), {"nam": 2026})
        assert one.task.short_text in matrix.content.decode()
        assert other.task.short_text not in matrix.content.decode()
        assert rows_on(TODAY).filter(task__plan=one.plan).count() == 2
        overdue = client.get(reverse("plans:overdue", args=[other.plan.pk]))
        assert overdue.status_code == 403


def test_what_is_consolidated_closed_and_locked_is_of_one_plan(two):
    two.first.accept(0)
    two.second.accept(1)
    made = two.first.consolidate()
    two.first.close(made)

    made.refresh_from_db()
    assert made.snapshot["coverage"] == made.snapshot["coverage"] | {"expected": 2, "included": 1}
    assert {task["task_id"] for task in made.snapshot["tasks"]} == {two.first.task.pk}
    assert two.second.reports[1].state == ReportState.ACCEPTED
    assert list(YearLock.objects.values_list("plan", "year")) == [(two.first.plan.pk, 2026)]


def test_each_department_reviews_and_closes_its_own(opened):
    for one in opened.both:
        one.submit(0)
    opened.second.accept(0)
    opened.second.consolidate()

    assert [card.title for card in reports_to_review(opened.first.coordinator)] == [
        opened.first.period.title
    ]
    assert reports_to_review(opened.second.coordinator) == []
    assert consolidations_to_close(opened.first.leader) == []
    ((title, _address),) = consolidations_to_close(opened.second.leader)
    assert FIELDS[1] in title


def test_who_coordinates_both_is_told_them_apart(client, opened):
    """One department may run two plans: its lists name them."""
    person = opened.first.coordinator
    MembershipFactory(
        person=person, organisation=opened.second.department, role="department_coordinator"
    )
    for one in opened.both:
        DifficultyFactory(plan=one.plan, organisation=one.bodies[0], raised_by=one.clerks[0])
        DeadlineExtensionFactory(assignment=one.assignments[1])
    client.force_login(person)

    for name in ("plans:difficulties", "plans:extensions"):
        page = client.get(reverse(name))
        table = page.context["table"]
        assert sorted(row.whose.partition(", ")[2] for row in table.rows) == sorted(
            f"Kế hoạch {field}" for field in FIELDS
        )
        one = client.get(reverse(name), {"ke_hoach": opened.second.plan.pk})
        assert one.context["table"].count == 1
        file = client.get(reverse(name), {"export": "csv"})
        rows = list(csv.DictReader(io.StringIO(b"".join(file).decode("utf-8-sig"))))
        assert {row["Kế hoạch"] for row in rows} == {f"Kế hoạch {field}" for field in FIELDS}
    page = client.get(reverse("annual_report:list"))
    choices = dict(page.context["collected"].form.fields["ky"].choices)
    assert len(set(choices.values())) == 2


def test_search_says_of_which_plan_each_thing_is(client, opened):
    for one in opened.both:
        DifficultyFactory(
            plan=one.plan, organisation=one.bodies[0], raised_by=one.clerks[0], title="Thiếu máy"
        )
    client.force_login(opened.first.clerks[0])

    for text, kind in (
        ("noi dung so 1", "tasks"),
        ("noi dung so 1", "assignments"),
        ("thieu may", "difficulties"),
        ("bao cao nam", "reports"),
        ("bao cao ket qua", "evidence"),
    ):
        page = client.get(reverse("search:results"), {"q": text, "loai": kind})
        shown = page.content.decode()
        assert all(f"Kế hoạch {field}" in shown for field in FIELDS), kind


def test_the_portal_opens_one_and_leaves_the_other_closed(client, two):
    portal.publish_plan(two.first)

    assert client.get(reverse("portal:plan", args=[two.first.plan.pk])).status_code == 200
    assert client.get(reverse("portal:plan", args=[two.second.plan.pk])).status_code == 404
    rows = client.get(reverse("portal:json", args=["task"])).json()
    assert {row["plan_id"] for row in rows["data"]} == {two.first.plan.pk}

    two.second.accept(0)
    portal.publish_plan(two.second)
    portal.publish_results(two.second, two.second.close(two.second.consolidate()))
    page = client.get(reverse("portal:plan", args=[two.first.plan.pk])).content.decode()
    assert reverse("portal:results", args=[two.second.period.pk]) not in page
    answer = client.get(reverse("portal:results", args=[two.second.period.pk]))
    assert two.second.plan.short_title in answer.content.decode()


def test_the_package_of_a_year_is_of_one_department(opened, tmp_path):
    for one in opened.both:
        one.accept(0)
        one.close(one.consolidate())
    for one, field, other in zip(opened.both, FIELDS, FIELDS[::-1], strict=True):
        target = tmp_path / f"{one.plan.pk}.zip"
        archive.write_package(managed_by_id=one.department.pk, year=2026, target=target)
        with zipfile.ZipFile(target) as packed:
            tables = [name for name in packed.namelist() if name.endswith(".xlsx")]
            cells = {
                str(cell)
                for name in tables
                for row in load_workbook(io.BytesIO(packed.read(name))).active.values
                for cell in row
            }
            reports = [
                packed.read(name).decode()
                for name in packed.namelist()
                if name.startswith("so-lieu/bao-cao/")
            ]
        assert any(field in cell for cell in cells)
        assert not any(other in cell for cell in cells)
        assert len(reports) == 1
        assert field in reports[0]
        assert other not in reports[0]
