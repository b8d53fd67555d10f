"""The calendar as loaded: what the notices of each year said."""

from datetime import date

import pytest

from chuan.core.audit.models import Entry
from chuan.core.calendar.models import DayException
from chuan.core.calendar.operations import load_day_exceptions
from chuan.core.calendar.queries import exceptions_of, working_calendar, years
from chuan.core.legal.operations import load_legal_sources

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    load_legal_sources()
    return load_day_exceptions()


def days_off(year, first, last):
    return [
        day.isoformat()
        for day in (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
        if not year.is_working_day(day)
    ]


@pytest.mark.usefixtures("loaded")
def test_the_long_breaks_of_2025_and_2026():
    year = working_calendar(on=date(2026, 11, 1))
    assert len(days_off(year, date(2025, 1, 25), date(2025, 2, 2))) == 9
    assert len(days_off(year, date(2025, 4, 30), date(2025, 5, 4))) == 5
    assert year.is_working_day(date(2025, 4, 26))
    assert len(days_off(year, date(2025, 8, 30), date(2025, 9, 2))) == 4
    assert len(days_off(year, date(2026, 1, 1), date(2026, 1, 4))) == 4
    assert year.is_working_day(date(2026, 1, 10))
    assert len(days_off(year, date(2026, 2, 14), date(2026, 2, 22))) == 9
    assert len(days_off(year, date(2026, 4, 25), date(2026, 4, 27))) == 3
    assert year.is_working_day(date(2026, 4, 28))
    assert len(days_off(year, date(2026, 8, 29), date(2026, 9, 2))) == 5
    assert year.is_working_day(date(2026, 8, 22))
    assert not year.is_working_day(date(2026, 11, 24))
    assert year.is_working_day(date(2025, 11, 24))


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("year", "holidays"), [(2025, 11), (2026, 12), (2027, 12)])
def test_each_year_has_as_many_holidays_as_the_law_gives(year, holidays):
    """Eleven by the Labour Code; a twelfth, 24 November, from 2026. Days in lieu are not holidays."""
    named = [
        row
        for row in exceptions_of(year)
        if row.kind == DayException.Kind.HOLIDAY and not row.title.startswith("Nghỉ bù")
    ]
    assert len(named) == holidays
    assert len([row for row in named if row.title.startswith("Tết Âm lịch")]) == 5


@pytest.mark.usefixtures("loaded")
def test_every_swap_has_both_its_days():
    for year in years():
        kinds = [row.kind for row in exceptions_of(year)]
        assert kinds.count(DayException.Kind.SWAP_OFF) == kinds.count(DayException.Kind.SWAP_ON)


@pytest.mark.usefixtures("loaded")
def test_only_what_the_government_has_yet_to_decide_is_unconfirmed():
    unconfirmed = DayException.objects.filter(is_confirmed=False)
    assert {row.day.year for row in unconfirmed} == {2027}
    assert not DayException.objects.filter(source=None).exists()
    assert working_calendar().working_days_after(date(2027, 2, 3), 1).is_provisional is False
    assert working_calendar().working_days_after(date(2027, 2, 4), 1).is_provisional is True


def test_a_second_load_changes_nothing(loaded, django_assert_max_num_queries):
    assert loaded == DayException.objects.count() == 45
    lines = Entry.objects.count()
    with django_assert_max_num_queries(5):
        assert load_day_exceptions() == 0
    assert Entry.objects.count() == lines


@pytest.mark.usefixtures("loaded")
def test_loading_leaves_what_a_person_confirmed():
    day = DayException.objects.get(day=date(2027, 2, 5))
    DayException.objects.filter(pk=day.pk).update(title="Tết Âm lịch", is_confirmed=True)
    assert load_day_exceptions() == 0
    day.refresh_from_db()
    assert day.title == "Tết Âm lịch"


@pytest.mark.usefixtures("loaded")
def test_the_calendar_cites_the_rules_and_costs_two_queries(django_assert_num_queries):
    with django_assert_num_queries(2):
        year = working_calendar(on=date(2026, 11, 1))
    [step] = year.before_day(date(2026, 11, 20)).steps
    assert step.source == "Cách hiểu cụm từ “trước ngày”, Quy ước vận hành"
    first, *_rest = year.working_days_after(date(2026, 11, 20), 3).steps
    assert first.source == "Khoản 2 Điều 147, 91/2015/QH13"


def test_without_any_data_the_week_alone_decides():
    year = working_calendar(on=date(2026, 11, 1))
    assert year.before_day(date(2026, 11, 20)).due_on == date(2026, 11, 19)
    assert not year.is_working_day(date(2026, 11, 21))
