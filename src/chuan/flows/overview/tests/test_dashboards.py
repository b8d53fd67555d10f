from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape
from openpyxl import load_workbook

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import MembershipFactory, PersonFactory
from chuan.flows.annual_report.testing import ReportingPeriodFactory
from chuan.flows.overview.engine.lines import Box, lines
from chuan.modules.plans.facade import Achievement
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    PlanFactory,
    ProgressUpdateFactory,
    clerk_of,
    close,
    complete,
    coordinator_of,
    head_of,
    leader_of,
)

pytestmark = pytest.mark.django_db
GIVEN = datetime(2025, 3, 25, 9, tzinfo=VIETNAM)
HOME = "/tong-quan/"
THEN = "2026-06-30"


@pytest.fixture
def plan():
    return PlanFactory(tasks=3)


@pytest.fixture
def bodies():
    return [OrganisationFactory(kind="commune", subtype="xã") for _ in range(3)]


@pytest.fixture
def work(plan, bodies):
    """Two years of three bodies and tasks: some done before the end of June, some after, some late."""
    today = timezone.localdate()
    rows = []
    for year in (2025, 2026):
        for body_number, body in enumerate(bodies):
            for task_number, task in enumerate(plan.tasks.order_by("position")):
                row = AssignmentFactory(
                    task=task,
                    organisation=body,
                    year=year,
                    created_at=GIVEN,
                    due_on=today - timedelta(days=20 * task_number - 5 + 7 * body_number),
                )
                rows.append(row)
                if (body_number + task_number) % 2:
                    done(row, datetime(2026, 5 + 3 * task_number, 3, 9, tzinfo=VIETNAM))
    return rows


def done(row, at):
    complete(row, at=at)
    ProgressUpdateFactory(
        assignment=row, achievement=Achievement.COMPLETE, made_at=at, made_by=clerk_once(row)
    )


def clerk_once(row):
    from chuan.core.people.models import Person  # noqa: PLC0415 - one clerk a body

    known = Person.objects.filter(username=f"clerk-{row.organisation_id}").first()
    return known or clerk_of(row.organisation, username=f"clerk-{row.organisation_id}")


def numbers_of(answer):
    """Every number that leads to a list: the four, and those of all charts."""
    context = answer.context
    yield from (number for _series, number in context["four"])
    yield context["total"]
    for chart in context["charts"]:
        for row in chart.rows:
            yield from row.numbers
            yield row.total


@pytest.mark.slow
@pytest.mark.parametrize("day", ["", THEN])
@pytest.mark.parametrize("whose", ["whole", "group", "body", "person"])
def test_every_number_is_the_length_of_the_list_it_leads_to(client, plan, bodies, work, whose, day):
    reader = {
        "whole": coordinator_of(plan),
        "group": coordinator_of(plan),
        "body": head_of(bodies[1]),
        "person": clerk_once(work[0]),
    }[whose]
    if whose == "person":
        ProgressUpdateFactory(
            assignment=work[-9], made_by=reader, made_at=datetime(2026, 2, 1, tzinfo=VIETNAM)
        )
    client.force_login(reader)
    address = {
        "whole": HOME,
        "group": HOME,
        "body": reverse("overview:body", args=[bodies[1].pk]),
        "person": reverse("overview:person"),
    }[whose]

    answer = client.get(
        address,
        {"nam": 2026, "ngay": day, "bang": "co-quan"}
        | ({"nhom": "xa"} if whose == "group" else {}),
    )

    assert answer.status_code == 200
    found = {number.url: number.value for number in numbers_of(answer)}
    assert sum(found.values()) > 0
    for url, value in found.items():
        listed = client.get(url)
        assert (listed.status_code, listed.context["table"].count) == (200, value), url


def test_the_four_sum_to_the_total_and_so_does_every_chart(client, plan, work):
    client.force_login(coordinator_of(plan))

    answer = client.get(HOME, {"nam": 2026, "bang": "co-quan"})

    context = answer.context
    total = context["total"].value
    assert sum(number.value for _series, number in context["four"]) == total == 9
    for key in ("by_task", "by_body", "by_achievement"):
        assert sum(row.total.value for row in context[key].rows) == total
    assert sum(row.value for row in context["by_age"].rows) == context["counts"].overdue > 0
    assert sum(tile.counts.total for block in context["blocks"] for tile in block.tiles) == total


def test_a_day_passed_is_told_as_it_was(client, plan, work):
    client.force_login(coordinator_of(plan))

    now = client.get(HOME, {"nam": 2026}).context["counts"]
    then = client.get(HOME, {"nam": 2026, "ngay": THEN}).context["counts"]

    assert 0 < then.done < now.done
    assert now.total == then.total


def test_a_day_before_the_history_has_no_numbers(client, plan, work):
    client.force_login(coordinator_of(plan))

    page = client.get(HOME, {"nam": 2026, "ngay": "2025-03-01"}).content.decode()

    assert "Hệ thống giữ số liệu từ ngày 25/03/2025" in page
    assert "<table" not in page


@pytest.mark.parametrize("url", ["home", "person"])
def test_who_only_manages_accounts_sees_no_dashboard(client, plan, work, url):
    client.force_login(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR))

    assert client.get(reverse(f"overview:{url}")).status_code == 403


@pytest.mark.parametrize("role", [Role.PROVINCIAL_LEADER, Role.AUDITOR, "coordinator", "leader"])
def test_leaders_auditors_and_the_department_see_the_whole_plan(client, plan, bodies, work, role):
    makers = {"coordinator": coordinator_of, "leader": leader_of}
    client.force_login(makers[role](plan) if role in makers else PersonFactory(role=role))

    assert client.get(HOME).status_code == 200
    assert client.get(reverse("overview:body", args=[bodies[0].pk])).status_code == 200


def test_a_unit_sees_its_own_dashboard_alone(client, plan, bodies, work):
    client.force_login(clerk_of(bodies[0]))

    answer = client.get(HOME)

    assert answer.status_code == 302
    assert answer.url == reverse("overview:body", args=[bodies[0].pk])
    assert client.get(answer.url).status_code == 200
    assert client.get(reverse("overview:body", args=[bodies[1].pk])).status_code == 403


@pytest.mark.parametrize("day", ["", THEN])
def test_a_dashboard_costs_the_same_for_few_and_many(
    client, plan, bodies, work, django_assert_max_num_queries, day
):
    client.force_login(coordinator_of(plan))
    counted = []
    for _ in range(2):
        client.get(HOME, {"nam": 2026, "ngay": day})
        with django_assert_max_num_queries(40) as captured:
            client.get(HOME, {"nam": 2026, "ngay": day})
        counted.append(len(captured))
        for _more in range(4):
            body = OrganisationFactory(kind="commune", subtype="xã")
            for task in plan.tasks.all():
                AssignmentFactory(task=task, organisation=body, created_at=GIVEN)

    assert counted[0] == counted[1]


def test_the_workbook_has_every_number(client, plan, work):
    client.force_login(coordinator_of(plan))
    shown = client.get(HOME, {"nam": 2026, "bang": "co-quan"}).context

    answer = client.get(HOME, {"nam": 2026, "xuat": "xlsx"})

    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert [sheet.title for sheet in book] == [str(chart.title) for chart in shown["charts"]]
    for sheet, chart in zip(book, shown["charts"], strict=True):
        rows = [
            [cell for cell in row if cell is not None]
            for row in sheet.iter_rows(min_row=8, values_only=True)
        ]
        assert rows == [
            [
                str(row.label),
                *(number.value for number in row.numbers),
                *([row.total.value] if chart.has_total else []),
            ]
            for row in chart.rows
        ]
        assert sheet["B3"].value.date() == timezone.localdate()


def test_every_chart_is_drawn_as_a_picture(client, plan, work):
    client.force_login(coordinator_of(plan))
    page = client.get(HOME, {"nam": 2026, "bang": "co-quan"})
    keys = [chart.key for chart in page.context["charts"]]
    assert len(keys) == 5

    for key in keys:
        answer = client.get(HOME, {"nam": 2026, "xuat": "png", "bieu": key})
        assert answer["Content-Type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
    assert client.get(HOME, {"xuat": "png", "bieu": "khong-co"}).status_code == 404


@pytest.mark.parametrize("query", [{"nam": "1999"}, {"ke-hoach": "0"}, {"nhom": "abc"}])
def test_what_is_not_there_is_not_found(client, plan, work, query):
    client.force_login(coordinator_of(plan))

    assert client.get(HOME, query).status_code == 404


def test_without_a_plan_the_page_says_so(client):
    client.force_login(PersonFactory(role=Role.AUDITOR))

    assert "Chưa có kế hoạch nào" in client.get(HOME).content.decode()


def test_the_pages_know_the_days_of_the_plan(client, plan, work):
    client.force_login(coordinator_of(plan))

    years = client.get(HOME, {"nam": 2026}).context["by_year"].rows

    assert [row.label for row in years] == ["2025", "2026"]
    assert date(2026, 6, 30) < timezone.localdate()


GONE = date(2026, 7, 1)


@pytest.fixture
def district():
    return OrganisationFactory(
        district=True,
        name="Ủy ban nhân dân huyện Cũ",
        short_name="UBND huyện Cũ",
        valid_to=GONE,
    )


def test_what_is_closed_is_in_no_number_and_in_no_list_of_one(client, plan, work, district):
    row = AssignmentFactory(task=plan.tasks.first(), organisation=district, created_at=GIVEN)
    close(row, on=GONE, at=datetime(2026, 7, 20, 9, tzinfo=VIETNAM))
    client.force_login(coordinator_of(plan))

    answer = client.get(HOME, {"nam": 2026, "bang": "co-quan"})

    context = answer.context
    total = context["total"].value
    assert total == 9
    assert sum(row.total.value for row in context["by_achievement"].rows) == total
    assert sum(row.total.value for row in context["by_body"].rows) == total
    assert client.get(context["total"].url).context["table"].count == total
    every = client.get(reverse("plans:assignments", args=[plan.pk]), {"nam": 2026, "vai": "lead"})
    assert every.context["table"].count == total + 1
    shut = client.get(reverse("plans:assignments", args=[plan.pk]), {"nam": 2026, "giao": "dong"})
    assert [row.organisation_id for row in shut.context["table"].page.object_list] == [district.pk]


def test_what_waits_for_more_time_is_in_no_age_and_counted_beside_the_four(client, plan, work):
    due = timezone.localdate() - timedelta(days=40)
    given = {"task": plan.tasks.first(), "created_at": GIVEN, "due_on": due}
    AssignmentFactory(**given, is_paused=True)
    AssignmentFactory(**given, original_due_on=due - timedelta(days=1))
    client.force_login(coordinator_of(plan))

    context = client.get(HOME, {"nam": 2026}).context

    counts = context["counts"]
    assert (counts.paused, counts.extended) == (1, 1)
    assert sum(row.value for row in context["by_age"].rows) == counts.overdue > 0


def test_people_of_a_body_that_is_no_more_see_its_dashboard_by_its_last_name(
    client, plan, work, district
):
    AssignmentFactory(task=plan.tasks.first(), organisation=district, created_at=GIVEN)
    clerk = clerk_of(OrganisationFactory(kind="commune", subtype="xã"))
    MembershipFactory(person=clerk, organisation=district, role=Role.UNIT_CLERK)
    client.force_login(clerk)
    own = reverse("overview:body", args=[district.pk])

    answer = client.get(own, {"nam": 2026})

    assert answer.status_code == 200
    assert answer.context["title"] == "Ủy ban nhân dân huyện Cũ"
    assert answer.context["total"].value == 1
    assert client.get(answer.context["total"].url).context["table"].count == 1
    assert "UBND huyện Cũ" in [choice.label for choice in answer.context["scopes"]]
    assert client.get(reverse("overview:changes")).status_code == 200
    elsewhere = reverse("overview:body", args=[work[0].organisation_id])
    assert client.get(elsewhere).status_code == 403


@pytest.mark.slow
def test_every_chart_of_every_dashboard_has_a_table_and_files_with_the_same_numbers(
    client, plan, bodies, work
):
    client.force_login(coordinator_of(plan))
    pages = [
        (HOME, 5),
        (reverse("overview:body", args=[bodies[0].pk]), 4),
        (reverse("overview:person"), 4),
    ]
    ProgressUpdateFactory(assignment=work[9], made_by=coordinator_once(client))
    for address, count in pages:
        asked = {"nam": 2026, "bang": "co-quan"}
        answer = client.get(address, asked)
        charts, page = answer.context["charts"], answer.content.decode()
        assert len(charts) == count, address
        for chart in charts:
            part = page.split(f'id="bieu-{chart.key}"')[1].split("</section>")[0]
            assert part.count("<tr>") == 1 + len(chart.rows)
            for row in chart.rows:
                for number in (*row.numbers, row.total):
                    assert not number.value or conditional_escape(number.url) in part
            book = client.get(address, asked | {"xuat": "xlsx", "bieu": chart.key})
            (sheet,) = load_workbook(io.BytesIO(b"".join(book.streaming_content)))
            assert sheet.title == str(chart.title)
            assert sheet.max_row == 7 + len(chart.rows)
            picture = client.get(address, asked | {"xuat": "png", "bieu": chart.key})
            assert picture.content.startswith(b"\x89PNG")


def coordinator_once(client):
    from chuan.core.people.models import Person  # noqa: PLC0415 - whoever is signed in

    return Person.objects.get(pk=client.session["_auth_user_id"])


def test_the_trend_is_drawn_as_lines_of_shares(client, plan, work):
    client.force_login(coordinator_of(plan))

    answer = client.get(HOME, {"nam": 2026})

    chart = answer.context["by_year"]
    drawn = lines(chart, Box(0, 0, 100, 100))
    assert [one.series.label for one in drawn] == [one.label for one in chart.series]
    for at, line in enumerate(drawn):
        assert [y for _x, y in line.points] == [
            pytest.approx(100 - 100 * row.numbers[at].value / row.total.value) for row in chart.rows
        ]
    part = answer.content.decode().split('id="bieu-nam"')[1].split("</section>")[0]
    assert part.count("<polyline") == 2 * len(drawn)


def test_the_table_of_bodies_is_drawn_when_it_is_asked_for(client, plan, work):
    client.force_login(coordinator_of(plan))

    answer = client.get(HOME, {"nam": 2026})
    opened = client.get(HOME + answer.context["open_url"].split("#")[0])

    assert answer.context["by_body"] is None
    assert answer.context["body_count"] == len(opened.context["by_body"].rows) == 3


# ---------------------------------------------------------------- between two days


def test_the_difference_of_two_days_is_taken_away_with_every_change(client, plan, work):
    client.force_login(coordinator_of(plan))
    asked = {"nam": 2026, "tu": "30/06/2026", "den": f"{timezone.localdate():%d/%m/%Y}"}
    address = reverse("overview:changes")
    kinds = client.get(address, asked).context["kinds"]

    answer = client.get(address, asked | {"xuat": "xlsx"})

    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    first, *others = book.worksheets
    counted = {row[0]: row[1] for row in first.iter_rows(min_row=6, values_only=True)}
    assert counted == {str(kind.label): kind.count for kind in kinds}
    assert {sheet.title: sheet.max_row - 1 for sheet in others} == {
        str(kind.label): kind.count for kind in kinds if kind.count
    }
    done = book["Mới hoàn thành"]
    assert [cell.value for cell in done[1]][:3] == ["Cơ quan", "Mã", "Nhiệm vụ"]
    assert done["H2"].value.date() >= date(2026, 7, 1)


def test_the_difference_costs_the_same_for_few_and_many(
    client, plan, work, django_assert_max_num_queries
):
    client.force_login(coordinator_of(plan))
    asked = {"nam": 2026, "tu": "30/06/2026"}
    counted = []
    for _ in range(2):
        client.get(reverse("overview:changes"), asked)
        with django_assert_max_num_queries(40) as captured:
            client.get(reverse("overview:changes"), asked)
        counted.append(len(captured))
        for _more in range(4):
            row = AssignmentFactory(task=plan.tasks.first(), created_at=GIVEN)
            complete(row, at=datetime(2026, 8, 3, 9, tzinfo=VIETNAM))

    assert counted[0] == counted[1]


def test_a_unit_is_told_only_what_changed_of_its_own(client, plan, bodies, work):
    client.force_login(clerk_of(bodies[0]))

    answer = client.get(reverse("overview:changes"), {"nam": 2026, "tu": "30/06/2026"})

    assert answer.context["rows"]
    own = {str(row.pk) for row in work if row.organisation_id == bodies[0].pk}
    assert {row.url.rstrip("/").split("/")[-1] for row in answer.context["rows"]} <= own


def test_the_reports_beside_a_year_are_those_of_that_year(client, plan, work):
    for year in (2025, 2026):
        ReportingPeriodFactory(plan=plan, year=year)
    client.force_login(coordinator_of(plan))

    for year in (2025, 2026):
        shown = client.get(HOME, {"nam": year}).context["reports"]
        assert [one.year for one in shown] == [year]
