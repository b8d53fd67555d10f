"""Which wording of a task the work of given days belongs to."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chuan.core.calendar.engine import WorkingCalendar
from chuan.lib.periods import Period
from chuan.modules.plans.engine.expansion import (
    PartyToResolve,
    PlanToExpand,
    ReadRegister,
    TaskToExpand,
    cycles,
    expand,
)
from chuan.modules.plans.engine.versions import Wording, holds_during
from chuan.modules.plans.enums import DueKind, PartyKind, PartyRole

FIRST, LAST = date(2025, 3, 25), date(2030, 12, 31)
OF_PLAN = cycles(FIRST, LAST)
AMENDED = date(2026, 6, 15)


def task(key, kind=DueKind.YEARLY, due_on=None, **wording):
    party = PartyToResolve(PartyRole.LEAD, PartyKind.NAMED, "Cơ quan", organisation_id=7)
    return TaskToExpand(key, key, kind, due_on, "Hàng năm", (party,), **wording)


def owed(*tasks):
    days = {cycle.start for cycle in OF_PLAN} | {one.from_day for one in tasks if one.from_day}
    register = ReadRegister(groups={}, bodies={(7, day): 7 for day in days})
    return expand(PlanToExpand(FIRST, LAST, tasks), register, WorkingCalendar()).owed


def starts_of(rows, key):
    return [row.period_start for row in rows if row.task == key]


def test_a_year_that_has_begun_stays_with_the_wording_it_began_under():
    rows = owed(task("old", to_day=AMENDED), task("new", from_day=AMENDED, follows=True))

    assert starts_of(rows, "old") == [FIRST, date(2026, 1, 1)]
    assert starts_of(rows, "new") == [date(year, 1, 1) for year in range(2027, 2031)]


def test_an_amendment_from_the_first_of_january_has_that_year():
    new_year = date(2027, 1, 1)
    rows = owed(task("old", to_day=new_year), task("new", from_day=new_year, follows=True))

    assert starts_of(rows, "old")[-1] == date(2026, 1, 1)
    assert starts_of(rows, "new")[0] == new_year


def test_a_yearly_task_nobody_had_before_begins_on_the_day_of_the_amendment():
    rows = owed(task("added", from_day=AMENDED))

    assert starts_of(rows, "added")[:2] == [AMENDED, date(2027, 1, 1)]
    assert rows[0].due.due_on == date(2026, 12, 31)


def test_a_task_of_many_years_stops_under_one_wording_and_goes_on_under_the_next():
    until = {"kind": DueKind.UNTIL, "due_on": LAST}
    old, new = owed(
        task("old", to_day=AMENDED, **until),
        task("new", from_day=AMENDED, follows=True, kind=DueKind.UNTIL, due_on=date(2028, 12, 31)),
    )

    assert (old.period_start, old.period_end, old.due) == (FIRST, AMENDED, None)
    assert (new.period_start, new.period_end) == (AMENDED, date(2029, 1, 1))
    assert new.due.due_on == date(2028, 12, 31)
    assert AMENDED.strftime("%d/%m/%Y") in old.note


def test_a_task_that_was_over_before_the_amendment_keeps_its_deadline():
    (row,) = owed(
        task("old", kind=DueKind.ONCE, due_on=date(2025, 6, 30), to_day=AMENDED),
    )

    assert row.due.due_on == date(2025, 6, 30)
    assert row.period_end == date(2025, 7, 1)


kinds = st.sampled_from([DueKind.YEARLY, DueKind.UNTIL, DueKind.BY_LAW])
days = st.dates(FIRST + timedelta(days=1), LAST)


@given(kinds, st.lists(days, min_size=1, max_size=4, unique=True))
def test_amendments_neither_lose_nor_double_a_day_of_anybodys_work(kind, amended):
    """However often a task is reworded, its rows cover every day of the plan exactly once."""
    bounds = [None, *sorted(amended), None]
    due_on = LAST if kind == DueKind.UNTIL else None
    rows = owed(
        *(
            replace(
                task(f"w{n}", kind=kind, due_on=due_on),
                from_day=bounds[n],
                to_day=bounds[n + 1],
                follows=n > 0,
            )
            for n in range(len(bounds) - 1)
        )
    )

    stretches = sorted((row.period_start, row.period_end) for row in rows)
    assert stretches[0][0] == FIRST
    assert stretches[-1][1] == LAST + timedelta(days=1)
    assert all(one[1] == other[0] for one, other in itertools.pairwise(stretches))


@given(kinds, days, days)
def test_the_wordings_of_a_year_are_those_its_rows_have(kind, one, other):
    first, then = sorted([one, other + timedelta(days=400)])
    due_on = LAST if kind == DueKind.UNTIL else None
    wordings = {
        "a": {"to_day": first},
        "b": {"from_day": first, "to_day": then, "follows": True},
        "c": {"from_day": then, "follows": True},
    }
    tasks = [task(key, kind=kind, due_on=due_on, **w) for key, w in wordings.items()]
    rows = owed(*(one for one in tasks if one.from_day is None or one.from_day <= LAST))

    for year in range(2025, 2031):
        in_year = Period.year(year)
        found = {
            row.task
            for row in rows
            if row.period_start < in_year.end and row.period_end > in_year.start
        }
        held = {
            key
            for key, wording in wordings.items()
            if holds_during(Wording(kind, **wording), OF_PLAN, in_year)
        }
        assert found == {key for key in held if (wordings[key].get("from_day") or FIRST) <= LAST}
