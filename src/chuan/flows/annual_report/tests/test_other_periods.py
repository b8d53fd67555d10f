"""Reports for other stretches than a year: opening one, and what only a year's report has."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document as OpenDocx
from pypdf import PdfReader

from chuan.core.documents.queries import files_of
from chuan.core.files.queries import read_bytes
from chuan.core.notices.models import Notice
from chuan.flows.annual_report import facade
from chuan.flows.annual_report.enums import Audience, PeriodKind, ReportSection, ReportState
from chuan.flows.annual_report.models import ReportingPeriod
from chuan.flows.annual_report.operations import entry, periods
from chuan.flows.annual_report.queries.days import ProposedDays, periods_a_year_before
from chuan.flows.annual_report.queries.onward import where_told_goes
from chuan.flows.annual_report.queries.reports import assignments_behind, updates_behind
from chuan.flows.annual_report.queries.stretches import last_stretch, phrase_of, stretches_of
from chuan.flows.annual_report.testing import (
    IN_TIME,
    ReportingPeriodFactory,
    a_situation,
    auditor,
    with_period_rules,
)
from chuan.lib.periods import Period
from chuan.lib.rules import Denied
from chuan.modules.plans.testing import (
    AssignmentFactory,
    PlanFactory,
    ProgressUpdateFactory,
    TaskFactory,
    coordinator_of,
)

pytestmark = pytest.mark.django_db

QUARTER = Period(date(2026, 7, 1), date(2026, 10, 1))
BASIS = "Công văn số 123/UBND-KGVX ngày 5/10/2026"


def days(stretch=QUARTER, **changes):
    given = {
        "data_from": stretch.start,
        "data_to": stretch.end,
        "data_why": [],
        "opens_on": date(2026, 10, 5),
        "due_on": date(2026, 11, 12),
        "due_why": [],
        "grace_until": date(2026, 11, 20),
        "locks_on": date(2026, 12, 1),
    }
    return ProposedDays(**{**given, **changes})


def open_it(plan, **changes):
    given = {
        "actor": coordinator_of(plan),
        "plan_id": plan.pk,
        "kind": PeriodKind.QUARTERLY,
        "phrase": "",
        "days": days(),
        "at": IN_TIME,
    }
    return periods.open_other_period(**{**given, **changes})


def a_quarter(bodies=1, tasks=1):
    """The yearly period of 2026 and the third quarter, both open; the people write the quarter."""
    situation = a_situation(bodies=bodies, tasks=tasks)
    situation.yearly = situation.period
    situation.period = open_it(situation.yearly.plan, actor=situation.coordinator)
    return situation


@pytest.fixture
def quarter(shelf):
    return a_quarter()


def words(page):
    return " ".join(page.content.decode().split())


# ---------------------------------------------------------------- what a stretch is called


@pytest.mark.parametrize(
    ("first", "last", "phrase"),
    [
        (date(2026, 4, 1), date(2026, 6, 30), "quý II năm 2026"),
        (date(2026, 10, 1), date(2026, 12, 31), "quý IV năm 2026"),
        (date(2026, 1, 1), date(2026, 6, 30), "6 tháng đầu năm 2026"),
        (date(2026, 1, 1), date(2026, 9, 30), "9 tháng đầu năm 2026"),
        (date(2026, 7, 1), date(2026, 12, 31), "6 tháng cuối năm 2026"),
        (date(2026, 1, 1), date(2026, 12, 31), "năm 2026"),
        (date(2024, 2, 1), date(2024, 2, 29), "tháng 2 năm 2024"),
        (date(2026, 3, 5), date(2026, 4, 9), "từ ngày 05/03/2026 đến ngày 09/04/2026"),
        (date(2025, 12, 1), date(2026, 2, 28), "từ ngày 01/12/2025 đến ngày 28/02/2026"),
    ],
)
def test_days_are_called_by_their_name_or_by_their_first_and_last(first, last, phrase):
    assert phrase_of(Period(first, last + timedelta(days=1))) == phrase


@pytest.mark.parametrize(
    ("on", "phrase"),
    [
        (date(2026, 11, 10), "quý III năm 2026"),
        (date(2026, 1, 1), "quý IV năm 2025"),
        (date(2026, 3, 31), "quý IV năm 2025"),
        (date(2026, 4, 1), "quý I năm 2026"),
    ],
)
def test_what_is_offered_first_is_the_quarter_that_ended_last(on, phrase):
    assert last_stretch(on).phrase == phrase


def test_every_name_is_of_the_days_it_names():
    assert all(phrase_of(one.days) == one.phrase for one in stretches_of(2026))


# ---------------------------------------------------------------- opening


def test_a_quarter_is_opened_for_the_bodies_with_work_on_its_days_and_for_no_other(shelf):
    plan = PlanFactory()
    task = TaskFactory(plan=plan)
    owes = AssignmentFactory(task=task)
    AssignmentFactory(task=task, year=2027)
    AssignmentFactory(task=task, period_end=QUARTER.start)

    period = open_it(plan)

    assert (period.phrase, period.title, period.year) == (
        "quý III năm 2026",
        "Báo cáo quý III năm 2026",
        2026,
    )
    assert [one.organisation_id for one in period.reports.all()] == [owes.organisation_id]
    assert periods.reconcile_reports(period=period, at=IN_TIME) == []


def test_an_ad_hoc_report_says_so_and_keeps_the_document_that_asks_for_it(quarter):
    period = open_it(
        quarter.yearly.plan,
        kind=PeriodKind.AD_HOC,
        phrase="tháng hành động vì chất lượng năm 2026",
        basis=BASIS,
    )

    assert period.title == "Báo cáo đột xuất tháng hành động vì chất lượng năm 2026"
    assert period.basis == BASIS


def test_a_year_is_not_opened_this_way(quarter):
    with pytest.raises(Denied, match="trang riêng"):
        open_it(quarter.yearly.plan, kind=PeriodKind.YEARLY)


def test_only_a_coordinator_of_the_department_opens_one(quarter):
    with pytest.raises(Denied, match="chuyên viên tổng hợp"):
        open_it(quarter.yearly.plan, actor=quarter.leader)


def test_the_same_kind_is_opened_once_for_the_same_days_and_another_kind_beside_it(quarter):
    with pytest.raises(ValidationError) as refused:
        open_it(quarter.yearly.plan)
    assert refused.value.message_dict == {
        "data_from": ["Đã mở “Báo cáo quý III năm 2026” cho đúng các ngày số liệu này."]
    }

    assert open_it(quarter.yearly.plan, kind=PeriodKind.AD_HOC, basis=BASIS).pk


def test_the_database_lets_no_second_one_in(quarter):
    one = quarter.period
    one.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        one.save()


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"kind": PeriodKind.AD_HOC}, "basis"),
        ({"phrase": "quý II năm 2026"}, "phrase"),
        ({"days": days(Period(date(2026, 1, 1), date(2026, 7, 1)))}, "data_to"),
        (
            {
                "kind": PeriodKind.AD_HOC,
                "basis": BASIS,
                "days": days(Period(date(2025, 4, 1), date(2026, 7, 1))),
            },
            "data_to",
        ),
        ({"days": days(Period(date(2025, 1, 1), date(2025, 3, 1)))}, "data_from"),
        ({"days": days(Period(date(2027, 1, 1), date(2027, 4, 1)))}, "data_from"),
        ({"days": days(due_on=date(2026, 10, 4))}, "due_on"),
        ({"days": days(opens_on=date(2026, 9, 1), due_on=date(2026, 9, 29))}, "due_on"),
        ({"days": days(grace_until=date(2026, 11, 11))}, "grace_until"),
        ({"days": days(locks_on=date(2026, 11, 20))}, "locks_on"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(quarter, fields, where):
    with pytest.raises(ValidationError) as refused:
        open_it(quarter.yearly.plan, **fields)

    assert where in refused.value.message_dict


def test_days_the_law_cuts_off_early_may_still_go_by_the_quarters_name(quarter):
    cut = days(Period(date(2026, 6, 15), date(2026, 9, 15)))

    period = open_it(quarter.yearly.plan, phrase="quý III năm 2026", days=cut)

    assert period.phrase == "quý III năm 2026"


# ---------------------------------------------------------------- kinds kept apart


def test_a_quarter_does_not_keep_the_year_from_being_opened(shelf):
    with_period_rules()
    plan = PlanFactory()
    AssignmentFactory(task=TaskFactory(plan=plan))
    coordinator = coordinator_of(plan)
    open_it(plan, actor=coordinator)

    period = periods.open_period(actor=coordinator, plan_id=plan.pk, year=2026, at=IN_TIME)

    assert (period.phrase, period.title) == ("năm 2026", "Báo cáo năm 2026")
    assert period.data_from == date(2025, 12, 15)


def test_the_year_before_of_a_year_is_a_year_and_of_a_quarter_the_same_quarter(quarter):
    plan = quarter.yearly.plan
    year = ReportingPeriodFactory(plan=plan, year=2025)
    same = ReportingPeriodFactory(
        plan=plan,
        kind=PeriodKind.QUARTERLY,
        year=2025,
        phrase="quý III năm 2025",
        data_from=date(2025, 7, 1),
        data_to=date(2025, 10, 1),
    )

    assert list(periods_a_year_before(quarter.yearly)) == [year]
    assert list(periods_a_year_before(quarter.period)) == [same]


def test_what_is_told_today_goes_into_the_year_and_the_quarter_of_the_day(quarter):
    plan, body = quarter.yearly.plan_id, quarter.bodies[0].pk

    assert where_told_goes(plan, body, date(2026, 10, 20)).startswith("Nội dung ghi hôm nay được")
    assert "quý" not in where_told_goes(plan, body, date(2026, 10, 20))
    sentence = where_told_goes(plan, body, date(2026, 9, 20))
    assert "báo cáo năm 2026" in sentence
    assert sentence.endswith("Nội dung này cũng thuộc kỳ báo cáo quý III năm 2026.")


def test_the_desk_of_the_department_shows_the_year_first_and_the_quarter_while_it_runs(quarter):
    watched = facade.periods_watched(quarter.coordinator)
    assert [one.title for one in watched] == ["Báo cáo năm 2026", "Báo cáo quý III năm 2026"]

    ReportingPeriod.objects.filter(pk=quarter.period.pk).update(
        grace_until=date(2026, 11, 5), due_on=date(2026, 11, 5), locks_on=date(2026, 11, 10)
    )
    watched = facade.periods_watched(quarter.coordinator)
    assert [one.title for one in watched] == ["Báo cáo năm 2026"]


def test_of_a_year_asked_for_only_its_own_periods_are_shown(quarter):
    of_year = facade.periods_watched(quarter.coordinator, year=2026)

    assert [one.title for one in of_year] == ["Báo cáo năm 2026", "Báo cáo quý III năm 2026"]
    assert facade.periods_watched(quarter.coordinator, year=2025) == []


def test_a_stretch_over_new_year_has_each_task_once_with_what_was_told_in_both_years(shelf):
    plan = PlanFactory()
    task = TaskFactory(plan=plan)
    later = AssignmentFactory(task=task)
    earlier = AssignmentFactory(task=task, organisation=later.organisation, year=2025)
    for one, day in ((earlier, date(2025, 12, 20)), (later, date(2026, 2, 3))):
        ProgressUpdateFactory(assignment=one, made_at=IN_TIME.replace(**_parts(day)))
    period = open_it(plan, days=days(Period(date(2025, 12, 15), date(2026, 3, 15))))
    report = period.reports.get()

    behind = assignments_behind(report)

    assert list(behind) == [later.pk]
    assert len(updates_behind(report, behind)[later.pk]) == 2


def _parts(day):
    return {"year": day.year, "month": day.month, "day": day.day}


# ---------------------------------------------------------------- only a year's report


def test_only_a_year_is_estimated_and_only_a_year_has_a_next_one(quarter, shelf):
    shelf.counts[quarter.bodies[0].pk] = 3
    report = quarter.fill()
    figure = report.figures.get(code="tests.inspections")
    clerk = quarter.clerks[0]

    with pytest.raises(Denied, match="ước cả năm"):
        entry.estimate_year(
            actor=clerk, figure=figure, version=figure.version, outlook=5, at=IN_TIME
        )
    with pytest.raises(Denied, match="báo cáo năm"):
        entry.save_section(
            actor=clerk,
            report=report,
            section=ReportSection.NEXT_YEAR,
            version=report.version,
            texts={"next_year": "Năm sau."},
            is_finished=True,
            at=IN_TIME,
        )
    (card,) = [one for one in facade.own_reports(clerk) if one.id == report.pk]
    assert (card.done, card.total) == (3, 3)


def test_no_page_of_a_quarter_speaks_of_the_whole_year(quarter, shelf, client):
    shelf.counts[quarter.bodies[0].pk] = 3
    report = quarter.accept()
    made = quarter.consolidate()
    client.force_login(quarter.coordinator)
    figure = report.figures.get(code="tests.inspections")
    for name, args in (
        ("review", [report.pk]),
        ("check", [report.pk]),
        ("figures", [report.pk]),
        ("figure", [report.pk, figure.pk]),
        ("item", [report.pk, report.items.get().pk]),
        ("consolidation", [made.pk]),
        ("texts", [made.pk]),
        ("collection", [quarter.period.pk]),
        ("outputs", [made.pk]),
    ):
        page = words(client.get(reverse(f"annual_report:{name}", args=args), follow=True))
        assert "quý III năm 2026" in page, name
        assert "Ước cả năm" not in page, name
        assert "Phương hướng năm" not in page, name
    section = reverse("annual_report:section", args=[report.pk, "next_year"])
    assert client.get(section).status_code == 404


# ---------------------------------------------------------------- the page that opens one


def form(plan, **changes):
    given = {
        "plan": plan.pk,
        "kind": "quarterly",
        "basis": "",
        "phrase": "",
        "data_from": "01/07/2026",
        "data_until": "30/09/2026",
        "opens_on": "05/10/2026",
        "due_on": "12/11/2026",
        "grace_until": "20/11/2026",
        "last_day": "30/11/2026",
    }
    return {**given, **changes}


OPEN = "/bao-cao/ky/mo-khac/"


def test_the_page_offers_the_quarter_that_ended_last_with_its_name(situation, client):
    client.force_login(situation.coordinator)

    page = client.get(OPEN)

    assert page.context["form"]["phrase"].value() == "quý III năm 2026"
    assert page.context["form"]["plan"].value() == str(situation.period.plan_id)
    assert f'href="{OPEN}"' in words(client.get(reverse("annual_report:list")))


def test_another_stretch_is_chosen_beside_the_form(situation, client):
    client.force_login(situation.coordinator)

    page = client.get(f"{OPEN}?tu=2026-01-01&den=2026-06-30")

    assert page.context["form"]["phrase"].value() == "6 tháng đầu năm 2026"
    assert page.context["form"]["kind"].value() == "ad_hoc"


def test_everything_wrong_is_said_at_once_and_nothing_is_opened(situation, client):
    client.force_login(situation.coordinator)
    typed = form(
        situation.period.plan,
        kind="ad_hoc",
        data_until="31/06/2026",
        opens_on="",
        due_on="01/10/2026",
        grace_until="30/09/2026",
        last_day="15/09/2026",
    )

    page = client.post(OPEN, typed)

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {
        "basis",
        "data_until",
        "opens_on",
        "grace_until",
        "last_day",
    }
    assert ReportingPeriod.objects.count() == 1


@pytest.mark.parametrize("who", ["clerk", "head", "leader", "auditor"])
def test_the_page_is_for_coordinators(situation, client, who):
    people = {
        "clerk": situation.clerks[0],
        "head": situation.heads[0],
        "leader": situation.leader,
        "auditor": auditor(),
    }
    client.force_login(people[who])

    assert client.get(OPEN).status_code == 403
    assert client.post(OPEN, form(situation.period.plan)).status_code == 403
    assert ReportingPeriod.objects.count() == 1


def test_a_plan_of_another_department_is_not_offered(situation, client):
    other = PlanFactory()
    client.force_login(situation.coordinator)

    page = client.post(OPEN, form(other))

    assert set(page.context["form"].errors) == {"plan"}


@pytest.mark.slow
def test_more_bodies_and_tasks_cost_no_more_queries_in_a_quarter_either(shelf, client):
    counted = []
    for number in (1, 3):
        quarter = a_quarter(bodies=number, tasks=number)
        report = quarter.submit()
        client.force_login(quarter.coordinator)
        found = []
        for name, args in (
            ("show", [report.pk]),
            ("review", [report.pk]),
            ("check", [report.pk]),
            ("list", []),
        ):
            address = reverse(f"annual_report:{name}", args=args)
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            found.append((name, len(queries)))
        counted.append(found)

    assert counted[0] == counted[1]


# ---------------------------------------------------------------- the whole way


def test_a_quarter_from_the_call_to_the_documents(situation, shelf, client):
    shelf.counts[situation.bodies[0].pk] = 4
    client.force_login(situation.coordinator)
    opened = client.post(OPEN, form(situation.period.plan), follow=True)
    assert "Đã mở báo cáo quý III năm 2026 cho 1 cơ quan." in words(opened)
    assert Notice.objects.filter(title="Đã mở báo cáo quý III năm 2026").exists()

    situation.period = ReportingPeriod.objects.get(kind=PeriodKind.QUARTERLY)
    report = situation.fill()
    client.force_login(situation.heads[0])
    page = words(client.get(reverse("annual_report:submit", args=[report.pk])))
    assert "Ký gửi báo cáo quý III năm 2026?" in page
    client.post(reverse("annual_report:submit", args=[report.pk]), {"revision": report.revision})
    assert situation.report.state == ReportState.SUBMITTED

    situation.accept()
    client.force_login(situation.coordinator)
    client.post(reverse("annual_report:consolidate", args=[situation.period.pk]))
    made = situation.period.consolidations.get()
    page = words(client.get(reverse("annual_report:consolidation", args=[made.pk])))
    assert "Tổng hợp báo cáo quý III năm 2026" in page
    situation.close(made)
    for audience in Audience:
        client.post(reverse("annual_report:make_output", args=[made.pk, audience.value]))

    for output in made.outputs.select_related("document"):
        subject = output.document.subject
        assert subject.startswith("Kết quả thực hiện quý III năm 2026 ")
        rows = files_of(output.document, reader=situation.coordinator)
        files = {row.purpose: row.upload for row in rows}
        assert files["draft_docx"].name.startswith("bao-cao-quy-iii-nam-2026-")
        for text in (_of_docx(files["draft_docx"]), _of_pdf(files["draft_pdf"])):
            assert "thực hiện quý III năm 2026" in text
            assert "Phương hướng năm" not in text
            assert "Ước cả năm" not in text


def _of_docx(upload):
    document = OpenDocx(io.BytesIO(read_bytes(upload)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join(" ".join([*(one.text for one in document.paragraphs), *cells]).split())


def _of_pdf(upload):
    pages = PdfReader(io.BytesIO(read_bytes(upload))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
