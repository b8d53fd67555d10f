"""Mid-term and final reviews: reports over several years, with the years side by side."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.flows.annual_report.enums import Audience, PeriodKind
from chuan.flows.annual_report.operations import periods
from chuan.flows.annual_report.queries.days import ProposedDays
from chuan.flows.annual_report.queries.letters.consolidated import consolidated_report
from chuan.flows.annual_report.queries.stretches import phrase_of
from chuan.flows.annual_report.queries.years import FigureByYear, years_of_body, years_of_plan
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation
from chuan.lib.periods import Period
from chuan.lib.rules import Denied
from chuan.modules.plans.testing import AssignmentFactory, clerk_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BASIS = "Công văn số 456/UBND-KGVX ngày 1/10/2026"
YEARS = Period(date(2025, 3, 25), date(2027, 1, 1))


def days(stretch=YEARS, **changes):
    given = {
        "data_from": stretch.start,
        "data_to": stretch.end,
        "data_why": [],
        "opens_on": date(2026, 10, 5),
        "due_on": date(2027, 1, 15),
        "due_why": [],
        "grace_until": date(2027, 1, 22),
        "locks_on": date(2027, 3, 1),
    }
    return ProposedDays(**{**given, **changes})


def open_review(situation, **changes):
    given = {
        "actor": situation.coordinator,
        "plan_id": situation.period.plan_id,
        "kind": PeriodKind.MID_TERM,
        "phrase": "",
        "basis": BASIS,
        "days": days(),
        "at": IN_TIME,
    }
    return periods.open_other_period(**{**given, **changes})


@pytest.fixture
def shelf(monkeypatch):
    return Shelf().put(monkeypatch)


@pytest.fixture
def reviewed(shelf):
    """The year 2026 closed with seven inspections; then a review from 2025 on."""
    situation = a_situation()
    shelf.counts[situation.bodies[0].pk] = 7
    situation.accept()
    situation.yearly = situation.period
    situation.year_made = situation.close(situation.consolidate())
    situation.period = open_review(situation)
    return situation


def test_a_review_is_called_by_its_years_and_names_who_asked_for_it(reviewed):
    period = reviewed.period

    assert period.title == "Báo cáo sơ kết giai đoạn 2025 - 2026"
    assert period.basis == BASIS
    assert phrase_of(Period(date(2025, 1, 1), date(2031, 1, 1))) == "giai đoạn 2025 - 2030"


@pytest.mark.parametrize("kind", [PeriodKind.MID_TERM, PeriodKind.FINAL])
def test_a_review_needs_a_document_and_more_than_a_year(kind):
    situation = a_situation()
    short = days(Period(date(2026, 1, 1), date(2027, 1, 1)))

    with pytest.raises(ValidationError) as refused:
        open_review(situation, kind=kind, basis="", days=short)

    assert set(refused.value.message_dict) == {"basis", "data_from"}


def test_reviews_are_opened_by_coordinators_alone():
    situation = a_situation()

    with pytest.raises(Denied):
        open_review(situation, actor=situation.leader)
    with pytest.raises(Denied):
        open_review(situation, actor=clerk_of(situation.bodies[0]))


def test_bodies_without_work_in_the_last_year_owe_no_review(reviewed):
    gone = AssignmentFactory(
        task=reviewed.period.plan.tasks.get(), year=2025, period_end=date(2026, 1, 1)
    )
    again = open_review(reviewed, kind=PeriodKind.FINAL)

    assert not again.reports.filter(organisation=gone.organisation).exists()
    assert again.reports.get().organisation == reviewed.bodies[0]


def test_a_units_review_begins_from_what_its_accepted_yearly_reports_say(reviewed):
    report = reviewed.start()
    item = report.items.get()

    assert item.narrative == "Năm 2026: Đã tổ chức hội nghị phổ biến lần 1."
    assert item.prefilled == item.narrative


def test_the_years_stand_side_by_side_for_the_body_and_for_the_plan(reviewed):
    of_body = years_of_body(reviewed.report)
    of_plan = years_of_plan(reviewed.period)

    assert of_body.years == of_plan.years == (2025, 2026)
    counts = {one.code: one.values for one in of_plan.figures}
    assert counts["tests.inspections"] == (None, Decimal(7))
    assert {one.code: one.values for one in of_body.figures} == counts
    assert of_plan.sources == ("2025: chưa có", "2026: bản tổng hợp 1, đã chốt")


@pytest.mark.parametrize(
    ("values", "change", "trend"),
    [
        ((1, 2, 5), 3, "Tăng"),
        ((5, None, 2), -3, "Giảm"),
        ((2, 2), 0, "Không đổi"),
        ((2, 5, 1), -4, "Lúc tăng, lúc giảm"),
        ((None, 4), None, ""),
        ((), None, ""),
    ],
)
def test_change_is_of_the_last_two_years_and_the_trend_of_all(values, change, trend):
    known = tuple(None if one is None else Decimal(one) for one in values)
    figure = FigureByYear("x", "X", "count", known)

    assert figure.change == change
    assert figure.trend == trend


def test_both_pages_show_the_years_and_the_document_has_them_in_an_annex(reviewed, client):
    reviewed.start()
    client.force_login(reviewed.clerks[0])
    page = client.get(reverse("annual_report:show", args=[reviewed.report.pk]))
    assert "So sánh số liệu qua các năm" in page.text

    reviewed.accept()
    made = reviewed.consolidate()
    client.force_login(reviewed.coordinator)
    desk = client.get(reverse("annual_report:consolidation", args=[made.pk]))

    assert "So sánh số liệu qua các năm" in desk.text
    assert [code for code, *_rest in desk.context["year_rows"]]
    letter = consolidated_report(made, Audience.PROVINCE, dated=date(2027, 1, 20))
    assert "So sánh số liệu qua các năm" in [annex.title for annex in letter.annexes]


def test_a_years_report_has_no_comparison_of_years(reviewed, client):
    client.force_login(reviewed.coordinator)
    page = client.get(reverse("annual_report:consolidation", args=[reviewed.year_made.pk]))

    assert "So sánh số liệu qua các năm" not in page.text


def test_the_page_to_open_one_offers_the_years_of_the_plan(reviewed, client):
    client.force_login(reviewed.coordinator)
    page = client.get(
        reverse("annual_report:open_other_period"), {"tu": "2025-03-25", "den": "2030-12-31"}
    )

    assert "Giai đoạn 2025 - 2030" in page.text
    assert page.context["form"].initial["kind"] == PeriodKind.FINAL.value


@pytest.mark.parametrize("kind", [PeriodKind.MID_TERM, PeriodKind.FINAL])
def test_a_review_costs_the_same_for_one_body_and_for_many(shelf, client, kind):
    def costs(bodies):
        situation = a_situation(bodies=bodies)
        for number in range(bodies):
            shelf.counts[situation.bodies[number].pk] = 7
            situation.accept(number)
        situation.close(situation.consolidate())
        situation.period = open_review(situation, kind=kind)
        for number in range(bodies):
            situation.accept(number)
        made = situation.consolidate()
        pages = {
            situation.clerks[0]: [("show", situation.report.pk)],
            situation.coordinator: [
                ("consolidation", made.pk),
                ("review", situation.report.pk),
            ],
        }
        found = []
        for reader, addresses in pages.items():
            client.force_login(reader)
            for name, pk in addresses:
                for _again in range(2):  # the first look fills what is kept in memory
                    with CaptureQueriesContext(connection) as captured:
                        page = client.get(reverse(f"annual_report:{name}", args=[pk]))
                assert page.status_code == 200
                found.append((name, len(captured)))
        with CaptureQueriesContext(connection) as captured:
            consolidated_report(made, Audience.PROVINCE, dated=date(2027, 1, 20))
        return [*found, ("document", len(captured))]

    assert costs(1) == costs(4)
