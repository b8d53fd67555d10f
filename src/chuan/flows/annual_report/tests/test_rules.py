"""Who may do what in which state: the whole table, cell by cell.

Rows are people by their relation to the report; columns are the states of a report. A letter means
allowed. Whatever has no letter is refused with a sentence.
"""

from datetime import date

import pytest

from chuan.core.people.enums import Role
from chuan.core.people.models import Grant, Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import (
    REPORT_MOVES,
    ConsolidationState,
    ReportState,
)
from chuan.flows.annual_report.models import (
    Consolidation,
    FilledWorkbook,
    ReportingPeriod,
    UnitReport,
)

OWN, OTHER, DEPARTMENT, PROVINCE = 1, 2, 10, 20
TODAY = date(2026, 11, 10)

PEOPLE = {
    "clerk of the body": (Role.UNIT_CLERK, OWN),
    "head of the body": (Role.UNIT_HEAD, OWN),
    "clerk of another body": (Role.UNIT_CLERK, OTHER),
    "head of another body": (Role.UNIT_HEAD, OTHER),
    "coordinator": (Role.DEPARTMENT_COORDINATOR, DEPARTMENT),
    "leader": (Role.DEPARTMENT_LEADER, DEPARTMENT),
    "coordinator of another department": (Role.DEPARTMENT_COORDINATOR, OTHER),
    "leader of another department": (Role.DEPARTMENT_LEADER, OTHER),
    "provincial leader": (Role.PROVINCIAL_LEADER, PROVINCE),
    "auditor": (Role.AUDITOR, PROVINCE),
    "administrator": (Role.SYSTEM_ADMINISTRATOR, PROVINCE),
    "nobody": None,
}

STATES = {
    "D": ReportState.DRAFT,
    "S": ReportState.SUBMITTED,
    "R": ReportState.RETURNED,
    "A": ReportState.ACCEPTED,
    "C": ReportState.CONSOLIDATED,
    "F": ReportState.CLOSED,
    "X": ReportState.EXCLUDED,
}
SENT_ONCE = frozenset(STATES.values()) - {ReportState.DRAFT}

# Rule → who → states in which they may.
ON_REPORTS = {
    "read_report": {
        "clerk of the body": "DSRACFX",
        "head of the body": "DSRACFX",
        "coordinator": "SRACFX",
        "leader": "SRACFX",
        "provincial leader": "SRACFX",
        "auditor": "SRACFX",
    },
    "enter_report": {"clerk of the body": "DR"},
    "fill_in_workbook": {"clerk of the body": "DR"},
    "give_back_report": {"head of the body": "DR"},
    "submit_report": {"head of the body": "DR"},
    "ask_for_more_time": {"head of the body": "D"},
    "withdraw_submission": {"head of the body": "S"},
    "comment_on_report": {"coordinator": "SACF"},
    "return_report": {"coordinator": "SACF"},
    "accept_report": {"coordinator": "S"},
    "exclude_report": {"coordinator": "DSRAC"},
    "readmit_report": {"coordinator": "X"},
}
TAKES_A_DAY = {"enter_report", "fill_in_workbook", "submit_report", "withdraw_submission"}

ON_PERIODS = {
    "see_consolidations": {"coordinator", "leader", "provincial leader", "auditor"},
    "change_period": {"coordinator"},
    "consolidate": {"coordinator"},
    "urge": {"coordinator"},
}

# Rule → who → states of a consolidation.
ON_CONSOLIDATIONS = {
    "edit_consolidation": {"coordinator": {ConsolidationState.DRAFT}},
    "close_consolidation": {"leader": {ConsolidationState.DRAFT}},
    "make_documents": {
        "coordinator": {ConsolidationState.DRAFT, ConsolidationState.CLOSED},
        "leader": {ConsolidationState.DRAFT, ConsolidationState.CLOSED},
    },
}


def person(who: str, pk: int = 7) -> Person:
    someone = Person(pk=pk, username=who)
    place = PEOPLE[who]
    grants = frozenset() if place is None else frozenset({Grant(*place)})
    # What `grants()` would have read from the database, for any day.
    someone.__dict__["_grants"] = _EveryDay(grants)
    # Nobody has a past in a body that is no more, and no body took over from one.
    someone.__dict__["_archives"] = _EveryDay([])
    someone.__dict__["_inherited"] = _EveryDay(frozenset())
    return someone


class _EveryDay(dict):
    def __init__(self, grants):
        super().__init__()
        self._grants = grants

    def __contains__(self, day):
        return True

    def __getitem__(self, day):
        return self._grants


def period() -> ReportingPeriod:
    return ReportingPeriod(
        pk=1,
        managed_by_id=DEPARTMENT,
        opens_on=date(2026, 10, 5),
        due_on=date(2026, 11, 19),
        grace_until=date(2026, 11, 26),
        locks_on=date(2027, 1, 1),
    )


def report(state: ReportState) -> UnitReport:
    was_sent = state in SENT_ONCE
    return UnitReport(
        pk=5,
        period=period(),
        organisation_id=OWN,
        state=state,
        entered_by_id=99,
        author_ids=[99],
        first_submitted_at=TODAY if was_sent else None,
        started_at=TODAY,
        ready_at=TODAY,
    )


CELLS = [(name, who, letter) for name in ON_REPORTS for who in PEOPLE for letter in STATES]


@pytest.mark.parametrize(("name", "who", "letter"), CELLS)
def test_a_report_is_handled_by_whom_the_table_says_in_the_states_it_says(name, who, letter):
    asked = getattr(rules, name)
    extra = {"on": TODAY} if name in TAKES_A_DAY else {}

    refusal = asked.refusal(person(who), report(STATES[letter]), **extra)

    assert (refusal is None) == (letter in ON_REPORTS[name].get(who, ""))
    assert refusal is None or len(refusal) > 10


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("letter", STATES)
@pytest.mark.parametrize("is_sender", [True, False])
def test_a_workbook_is_used_by_the_clerk_who_sent_it_while_the_report_is_written(
    who, letter, is_sender
):
    actor = person(who)
    filled = FilledWorkbook(
        report=report(STATES[letter]), sent_by_id=actor.pk if is_sender else actor.pk + 1
    )

    allowed = rules.use_workbook.allows(actor, filled, on=TODAY)

    assert allowed == (is_sender and letter in ON_REPORTS["fill_in_workbook"].get(who, ""))


@pytest.mark.parametrize("name", ON_PERIODS)
@pytest.mark.parametrize("who", PEOPLE)
def test_a_period_is_handled_by_whom_the_table_says(name, who):
    assert getattr(rules, name).allows(person(who), period()) == (who in ON_PERIODS[name])


@pytest.mark.parametrize("who", PEOPLE)
def test_a_period_is_opened_by_a_coordinator_of_the_department_alone(who):
    assert rules.open_period.allows(person(who), DEPARTMENT) == (who == "coordinator")


@pytest.mark.parametrize("who", PEOPLE)
def test_the_page_that_calls_for_reports_is_for_coordinators_of_whatever_department(who):
    expected = who in {"coordinator", "coordinator of another department"}
    assert rules.open_periods.allows(person(who)) == expected


@pytest.mark.parametrize("who", PEOPLE)
def test_only_those_with_no_part_in_the_plan_do_not_see_who_has_reported(who):
    expected = who not in {"administrator", "nobody"}
    assert rules.see_reports.allows(person(who)) == expected


@pytest.mark.parametrize("name", ON_CONSOLIDATIONS)
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("state", ConsolidationState)
def test_a_consolidation_is_handled_by_whom_the_table_says(name, who, state):
    made = Consolidation(period=period(), number=1, state=state, made_by_id=99)

    allowed = getattr(rules, name).allows(person(who), made)

    assert allowed == (state in ON_CONSOLIDATIONS[name].get(who, set()))


@pytest.mark.parametrize("who", PEOPLE)
def test_totals_of_a_territory_are_for_whoever_collects_or_watches(who):
    expected = PEOPLE[who] is not None and PEOPLE[who][0] in {
        Role.DEPARTMENT_COORDINATOR,
        Role.DEPARTMENT_LEADER,
        Role.PROVINCIAL_LEADER,
        Role.AUDITOR,
    }
    assert rules.see_territories.allows(person(who)) == expected


@pytest.mark.parametrize("name", [*ON_REPORTS, *ON_PERIODS, *ON_CONSOLIDATIONS])
def test_the_table_leaves_no_rule_out(name):
    covered = {
        *ON_REPORTS,
        *ON_PERIODS,
        *ON_CONSOLIDATIONS,
        "open_period",
        "open_periods",
        "see_reports",
        "see_territories",
        "use_workbook",
        # Of requests for more time, in test_extensions; of a lock that holds, in test_locks.
        "ask_to_open",
        "decide_extension",
        "withdraw_extension",
        # Asks the register of bodies too: in test_left_behind.
        "have_it_mended",
    }
    rule_type = type(rules.see_reports)
    offered = {key for key, value in vars(rules).items() if isinstance(value, rule_type)}

    assert offered == covered


def test_the_signer_wrote_none_of_it():
    head = person("head of the body", pk=99)

    refusal = rules.submit_report.refusal(head, report(ReportState.DRAFT), on=TODAY)

    assert "không thể là người nhập" in refusal


def test_who_wrote_signed_or_made_it_does_not_also_approve_it():
    coordinator = person("coordinator", pk=99)
    made = Consolidation(period=period(), number=1, state=ConsolidationState.DRAFT, made_by_id=99)

    assert not rules.accept_report.allows(coordinator, report(ReportState.SUBMITTED))
    assert not rules.close_consolidation.allows(person("leader", pk=99), made)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "returned_until", "may"),
    [
        (date(2026, 10, 4), None, False),
        (date(2026, 10, 5), None, True),
        (date(2026, 12, 31), None, True),
        (date(2027, 1, 1), None, False),
        (date(2027, 1, 5), date(2027, 1, 5), True),
        (date(2027, 1, 6), date(2027, 1, 5), False),
    ],
)
def test_a_unit_writes_from_the_opening_to_the_lock_and_within_the_time_to_mend(
    day, returned_until, may
):
    one = report(ReportState.RETURNED)
    one.returned_due_on = returned_until

    assert rules.enter_report.allows(person("clerk of the body"), one, on=day) == may


def test_every_state_can_be_reached_and_left_but_the_last():
    reached = {target for targets in REPORT_MOVES.values() for target in targets}

    assert reached == set(ReportState)
    assert set(REPORT_MOVES) == set(ReportState)
    assert all(REPORT_MOVES[state] for state in ReportState)
