from datetime import date

import pytest

from chuan.core.calendar.engine import WorkingCalendar
from chuan.modules.plans.engine.expansion import (
    PartyToResolve,
    PlanToExpand,
    StandIn,
    TaskToExpand,
    Trouble,
    cycles,
    expand,
)
from chuan.modules.plans.enums import DueKind, PartyKind, PartyRole

FIRST, LAST = date(2025, 3, 25), date(2030, 12, 31)
SO, HUYEN, XA = 1, 2, 3  # groups
REORGANISED = date(2025, 7, 1)


class ARegister:
    """Departments 10 and 11 all along; districts 20–22 until July 2025; communes 30–34 after.
    Body 40 went whole to 41; body 50 went to nobody."""

    def members(self, group_id, on):
        before = on < REORGANISED
        return {
            SO: (10, 11),
            HUYEN: (20, 21, 22) if before else (),
            XA: () if before else (30, 31, 32, 33, 34),
        }[group_id]

    def body_on(self, organisation_id, on):
        if on < REORGANISED:
            return organisation_id
        return {40: 41, 50: None}.get(organisation_id, organisation_id)


def group(group_id, role=PartyRole.LEAD, name="Nhóm"):
    return PartyToResolve(role, PartyKind.GROUP, name, group_id=group_id)


def body(organisation_id, role=PartyRole.LEAD, name="Cơ quan"):
    return PartyToResolve(role, PartyKind.NAMED, name, organisation_id=organisation_id)


def task(*parties, due_kind=DueKind.YEARLY, due_on=None, code="I.1"):
    return TaskToExpand(code, code, due_kind, due_on, "Hàng năm", parties)


def expanded(*tasks, stand_ins=()):
    plan = PlanToExpand(FIRST, LAST, tasks, tuple(stand_ins))
    return expand(plan, ARegister(), WorkingCalendar())


DISTRICTS_TO_COMMUNES = StandIn(date(2026, 1, 1), group_id=HUYEN, by_group_id=XA)


def test_a_plan_has_a_cycle_for_every_year_as_far_as_it_covers_it():
    found = cycles(FIRST, LAST)

    assert [cycle.year for cycle in found] == [2025, 2026, 2027, 2028, 2029, 2030]
    assert (found[0].start, found[0].end) == (FIRST, date(2026, 1, 1))
    assert (found[-1].start, found[-1].end) == (date(2030, 1, 1), date(2031, 1, 1))


def test_a_yearly_task_has_one_row_for_each_body_and_year_due_on_its_last_day():
    found = expanded(task(group(SO))).owed

    assert len(found) == 2 * 6
    assert {(owed.year, owed.due.due_on) for owed in found} == {
        (year, date(year, 12, 31)) for year in range(2025, 2031)
    }
    assert found[0].period_start == FIRST


def test_groups_are_resolved_as_of_the_first_day_of_each_cycle():
    found = expanded(task(group(HUYEN)), stand_ins=[DISTRICTS_TO_COMMUNES])

    by_year = {
        year: sorted(owed.organisation_id for owed in found.owed if owed.year == year)
        for year in (2025, 2026)
    }
    assert by_year == {2025: [20, 21, 22], 2026: [30, 31, 32, 33, 34]}
    assert found.questions == ()


def test_a_vanished_group_is_asked_about_once_and_never_becomes_nobody():
    found = expanded(task(group(HUYEN, name="UBND các huyện")), task(group(HUYEN), code="I.2"))

    (question,) = found.questions
    assert (question.trouble, question.on, question.name, question.codes) == (
        Trouble.EMPTY_GROUP,
        date(2026, 1, 1),
        "UBND các huyện",
        ("I.1", "I.2"),
    )
    assert {owed.year for owed in found.owed} == {2025}


def test_a_stand_in_with_nobody_left_is_asked_about_too():
    nobody_yet = StandIn(date(2025, 1, 1), group_id=HUYEN, by_group_id=XA)

    found = expanded(task(group(HUYEN)), stand_ins=[nobody_yet])

    assert [question.on for question in found.questions] == [FIRST]


def test_a_duty_that_lapses_gives_no_rows_and_no_question():
    lapse = StandIn(date(2026, 1, 1), group_id=HUYEN)

    found = expanded(task(group(HUYEN)), stand_ins=[lapse])

    assert ({owed.year for owed in found.owed}, found.questions) == ({2025}, ())


def test_a_dissolved_body_is_followed_to_the_one_that_took_it_over_whole():
    found = expanded(task(body(40))).owed

    assert [owed.organisation_id for owed in found] == [40, 41, 41, 41, 41, 41]


def test_a_body_without_a_full_successor_is_a_question():
    found = expanded(task(body(50)))

    assert [(one.trouble, one.organisation_id) for one in found.questions] == [
        (Trouble.NO_SUCCESSOR, 50)
    ]


def test_a_body_that_leads_does_not_coordinate_with_itself():
    found = expanded(task(body(10), group(SO, PartyRole.COORDINATING))).owed

    assert {(owed.organisation_id, owed.role) for owed in found} == {
        (10, PartyRole.LEAD),
        (11, PartyRole.COORDINATING),
    }


def test_a_body_named_twice_owes_once():
    found = expanded(task(group(SO), body(10))).owed

    assert len(found) == len({owed.key for owed in found}) == 12


def test_words_that_name_nobody_give_no_rows():
    found = expanded(task(PartyToResolve(PartyRole.LEAD, PartyKind.OPEN, "cơ quan liên quan")))

    assert (found.owed, found.questions) == ((), ())


def test_a_task_done_once_is_one_row_of_the_year_it_is_due():
    found = expanded(task(group(HUYEN), due_kind=DueKind.ONCE, due_on=date(2025, 6, 30)))

    assert {(owed.year, owed.period_start, owed.period_end) for owed in found.owed} == {
        (2025, FIRST, date(2025, 7, 1))
    }
    assert found.questions == ()


def test_a_task_of_many_years_is_one_row_for_as_long_as_the_body_has_it():
    found = expanded(
        task(group(SO), group(HUYEN), due_kind=DueKind.UNTIL, due_on=LAST),
        stand_ins=[DISTRICTS_TO_COMMUNES],
    ).owed

    stretches = {
        owed.organisation_id: (owed.period_start, owed.period_end, owed.due and owed.due.due_on)
        for owed in found
    }
    assert stretches[10] == (FIRST, date(2031, 1, 1), LAST)
    assert stretches[20] == (FIRST, date(2026, 1, 1), None)
    assert stretches[30] == (date(2026, 1, 1), date(2031, 1, 1), LAST)


def test_a_standing_task_has_no_day_and_says_so():
    (owed,) = expanded(task(body(10), due_kind=DueKind.BY_LAW)).owed

    assert owed.due is None
    assert owed.due_why[0]["text"] == "Kế hoạch ghi “Hàng năm”: không có ngày hạn cụ thể."


@pytest.mark.parametrize("times", [1, 2])
def test_expanding_is_the_same_every_time(times):
    tasks = (task(group(SO), group(HUYEN)), task(body(40), code="I.2"))

    runs = [expanded(*tasks, stand_ins=[DISTRICTS_TO_COMMUNES]) for _run in range(times + 1)]

    assert all(run == runs[0] for run in runs)
