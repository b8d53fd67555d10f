"""The planner by itself, and sequences of reorganisations in memory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuan.core.orgs.engine.changes import plan
from chuan.core.orgs.engine.proposals import FACTS, Fault, Known, Link, Part, Proposal, Spell
from chuan.core.orgs.enums import ChangeKind, Share, Stance

LONG_AGO, DAY = date(2020, 1, 1), date(2026, 7, 1)


def facts(name, parent="", kind="provincial"):
    return {
        **dict.fromkeys(FACTS, ""),
        "name": name,
        "short_name": name,
        "kind": kind,
        "parent": parent,
    }


def spell(ref, start=LONG_AGO, end=None, parent="", pk=None):
    return Spell(pk or int(ref), ref, start, end, facts(f"Sở {ref}", parent))


def faults(kind, parts, links=(), spells=(), same_day=()):
    proposal = Proposal(kind, DAY, tuple(parts), tuple(links))
    return {one.fault for one in plan(proposal, Known(tuple(spells), tuple(same_day))).problems}


def ends(ref):
    return Part(ref, Stance.ENDS)


def goes_on(ref, **changed):
    return Part(ref, Stance.GOES_ON, changed)


def begins(ref, parent=""):
    return Part(ref, Stance.BEGINS, facts(f"Sở mới {ref}", parent))


PART = Share.PARTIAL


def test_a_merger_ends_those_before_on_the_day_the_new_one_begins():
    done = plan(
        Proposal(
            ChangeKind.MERGE,
            DAY,
            (ends("1"), ends("2"), begins("+1")),
            (Link("1", "+1"), Link("2", "+1")),
        ),
        Known((spell("1"), spell("2"))),
    )
    assert not done.problems
    assert [(one.spell.ref, one.is_last) for one in done.endings] == [("1", True), ("2", True)]
    [beginning] = done.beginnings
    assert (beginning.ref, beginning.start, beginning.facts["name"]) == ("+1", DAY, "Sở mới +1")
    assert done.entered == [beginning]


def test_a_body_that_takes_another_in_begins_a_version_that_day_even_if_nothing_about_it_changes():
    done = plan(
        Proposal(ChangeKind.MERGE, DAY, (ends("1"), goes_on("2")), (Link("1", "2"),)),
        Known((spell("1"), spell("2"))),
    )
    assert not done.problems
    assert [(one.ref, one.start, one.after.pk) for one in done.beginnings] == [("2", DAY, 2)]
    assert done.changed == ["2"]


def test_whoever_begins_that_very_day_needs_no_further_version():
    done = plan(
        Proposal(ChangeKind.MERGE, DAY, (ends("1"), goes_on("2")), (Link("1", "2"),)),
        Known((spell("1"), spell("2", start=DAY))),
    )
    assert not done.problems
    assert not done.beginnings
    assert not done.amendments


def test_a_transfer_of_functions_changes_no_version():
    done = plan(
        Proposal(ChangeKind.TRANSFER, DAY, (goes_on("1"), goes_on("2")), (Link("1", "2", PART),)),
        Known((spell("1"), spell("2"))),
    )
    assert (done.problems, done.endings, done.beginnings) == ((), (), ())


def test_those_below_follow_whoever_takes_the_whole_and_are_asked_for_otherwise():
    below = (spell("3", parent="1"), spell("4", parent="1", start=DAY))
    whole = plan(
        Proposal(ChangeKind.MERGE, DAY, (ends("1"), begins("+1")), (Link("1", "+1"),)),
        Known((spell("1"), *below)),
    )
    assert not whole.problems
    [_new, carried] = whole.beginnings
    assert (carried.ref, carried.facts["parent"], carried.is_carried) == ("3", "+1", True)
    assert [(one.spell.ref, one.facts["parent"]) for one in whole.amendments] == [("4", "+1")]
    parts = (ends("1"), begins("+1"), begins("+2"))
    links = (Link("1", "+1", PART), Link("1", "+2", PART))
    assert faults(ChangeKind.SPLIT, parts, links, (spell("1"), *below)) == {Fault.BODIES_BELOW}
    named = (*parts, goes_on("3", parent="+1"), goes_on("4", parent="+2"))
    assert not faults(ChangeKind.SPLIT, named, links, (spell("1"), *below))


@pytest.mark.parametrize(
    ("kind", "parts", "links", "spells", "fault"),
    [
        (ChangeKind.RENAME, [], [], [], Fault.NOTHING_CHANGES),
        (ChangeKind.RENAME, [goes_on("1")], [], [spell("1")], Fault.NOTHING_CHANGES),
        (ChangeKind.RENAME, [ends("1")], [], [spell("1")], Fault.LINKS_NOT_ASKED),
        (ChangeKind.RENAME, [goes_on("1", name="")], [], [spell("1")], Fault.NO_NAME),
        (ChangeKind.RENAME, [goes_on("9", name="x")], [], [], Fault.STRANGER),
        (ChangeKind.DISSOLVE, [goes_on("1", name="x")], [], [spell("1")], Fault.NOBODY_ENDS),
        (ChangeKind.MERGE, [ends("1")], [], [spell("1")], Fault.NO_LINKS),
        (ChangeKind.TRANSFER, [ends("1")], [], [spell("1")], Fault.LINKS_NOT_ASKED),
        (ChangeKind.DISSOLVE, [ends("1"), ends("1")], [], [spell("1")], Fault.TWICE),
        (ChangeKind.DISSOLVE, [ends("1")], [], [spell("1", end=DAY)], Fault.ENDED_ALREADY),
        (ChangeKind.DISSOLVE, [ends("1")], [], [spell("1", start=DAY)], Fault.NOT_THERE),
        (
            ChangeKind.DISSOLVE,
            [ends("1")],
            [],
            [spell("1", end=date(2027, 1, 1)), spell("1", start=date(2027, 1, 1), pk=7)],
            Fault.LATER_VERSION,
        ),
        (
            ChangeKind.MERGE,
            [ends("1"), begins("+1")],
            [Link("1", "+1", PART)],
            [spell("1")],
            Fault.INCOMPLETE,
        ),
        (
            ChangeKind.SPLIT,
            [ends("1"), begins("+1"), begins("+2")],
            [Link("1", "+1"), Link("1", "+2", PART)],
            [spell("1")],
            Fault.WHOLE_TO_SEVERAL,
        ),
        (
            ChangeKind.SPLIT,
            [goes_on("1"), begins("+1")],
            [Link("1", "+1")],
            [spell("1")],
            Fault.GOES_ON_WHOLE,
        ),
        (
            ChangeKind.SPLIT,
            [goes_on("1"), begins("+1"), begins("+2")],
            [Link("1", "+1", PART)],
            [spell("1")],
            Fault.FROM_NOWHERE,
        ),
        (ChangeKind.TRANSFER, [goes_on("1")], [Link("1", "1", PART)], [spell("1")], Fault.ITSELF),
        (
            ChangeKind.TRANSFER,
            [goes_on("1"), goes_on("2")],
            [Link("1", "2", PART), Link("2", "1", PART)],
            [spell("1"), spell("2")],
            Fault.CYCLE,
        ),
        (
            ChangeKind.REPARENT,
            [goes_on("1", parent="2")],
            [],
            [spell("1"), spell("2", end=date(2027, 1, 1))],
            Fault.PARENT_GONE,
        ),
        (
            ChangeKind.REPARENT,
            [goes_on("1", parent="2")],
            [],
            [spell("1"), spell("2", parent="1")],
            Fault.PARENT_CYCLE,
        ),
        (
            ChangeKind.DISSOLVE,
            [ends("1")],
            [],
            [spell("1"), spell("2", parent="1")],
            Fault.BODIES_BELOW,
        ),
    ],
)
def test_what_would_break_the_register_is_told(kind, parts, links, spells, fault):
    assert fault in faults(kind, parts, links, spells)


def test_a_circle_over_two_events_of_one_day_is_told():
    parts, links = [goes_on("1"), goes_on("2")], [Link("2", "1", PART)]
    spells = [spell("1"), spell("2")]
    assert not faults(ChangeKind.TRANSFER, parts, links, spells)
    assert faults(ChangeKind.TRANSFER, parts, links, spells, [("1", "2")]) == {Fault.CYCLE}


def test_a_proposal_is_stored_and_read_back_as_it_was():
    proposal = Proposal(
        ChangeKind.SPLIT,
        DAY,
        (ends("1"), begins("+1"), goes_on("2", name="Sở Hai")),
        (Link("1", "+1", PART, "khoản 2", "một phần"), Link("1", "2", PART, is_confirmed=False)),
    )
    assert Proposal.of_json("split", DAY, proposal.as_json()) == proposal


# ---------------------------------------------------------------- sequences


@dataclass(frozen=True)
class Drawn:
    predecessor: str
    successor: str
    on: date
    share: Share
    has_ended: bool
    has_seam: bool


class Register:
    """The register in memory: writes plans and takes them back, as the operations do in tables."""

    def __init__(self):
        self.spells: dict[int, Spell] = {}
        self.links: list[Drawn] = []
        self.number = 0

    def add(self, ref, facts, start, end=None):
        self.number += 1
        self.spells[self.number] = Spell(self.number, ref, start, end, facts)
        return self.number

    def known(self, on):
        same_day = [(one.predecessor, one.successor) for one in self.links if one.on == on]
        return Known(tuple(self.spells.values()), tuple(same_day))

    def apply(self, proposal):
        done = plan(proposal, self.known(proposal.on))
        if done.problems:
            return False
        numbers = {one.ref: str(1000 + self.number + at) for at, one in enumerate(done.entered)}

        def real(ref):
            return numbers.get(ref, ref)

        for one in done.endings:
            self.spells[one.spell.pk] = replace(one.spell, end=proposal.on)
        for one in done.amendments:
            now = {**one.facts, "parent": real(one.facts["parent"])}
            self.spells[one.spell.pk] = replace(one.spell, facts=now)
        for one in done.beginnings:
            now = {**one.facts, "parent": real(one.facts["parent"])}
            self.add(real(one.ref), now, one.start, one.until)
        ended = set(done.ended)
        self.links += [
            Drawn(
                real(one.predecessor),
                real(one.successor),
                proposal.on,
                one.share,
                has_ended=one.predecessor in ended,
                has_seam=proposal.kind != ChangeKind.TRANSFER,
            )
            for one in done.links
        ]
        return True

    def of(self, ref):
        found = [one for one in self.spells.values() if one.ref == ref]
        return sorted(found, key=lambda one: one.start or date.min)

    def alive(self, day):
        return sorted({one.ref for one in self.spells.values() if one.holds(day)})


def check_invariants(register):
    """What must hold after any sequence of events."""
    for ref in {one.ref for one in register.spells.values()}:
        spells = register.of(ref)
        for one, following in pairwise(spells):
            assert one.end == following.start, "no overlap and no gap"
        for one in spells:
            assert one.start is None or one.end is None or one.start < one.end
            parent = one.facts["parent"]
            if parent:
                above = register.of(parent)
                assert above, "under somebody known"
                assert (above[0].start or date.min) <= (one.start or date.min)
                assert (above[-1].end or date.max) >= (one.end or date.max)
    heirs = defaultdict(list)
    for link in register.links:
        assert link.predecessor != link.successor
        assert any(one.holds(link.on) for one in register.of(link.successor))
        if link.has_seam:
            assert any(one.start == link.on for one in register.of(link.successor))
        if link.has_ended:
            assert register.of(link.predecessor)[-1].end == link.on
            heirs[link.predecessor].append(link.share)
    for shares in heirs.values():
        assert shares == [Share.FULL] or (len(shares) > 1 and set(shares) == {PART})


# Splits more often than mergers and dissolutions, or there would soon be nobody left.
KINDS = [*ChangeKind, ChangeKind.SPLIT, ChangeKind.SPLIT, ChangeKind.SPLIT]


def random_proposal(draw_int, register, day, number):
    """Some reorganisation, sensible or not, of the bodies that live on the day."""
    alive = register.alive(day) or ["1"]

    def some():
        return alive[draw_int(0, len(alive) - 1)]

    kind = KINDS[draw_int(0, len(KINDS) - 1)]
    new = [f"+{number}-{at}" for at in range(draw_int(1, 3))]
    parent = some() if draw_int(0, 2) == 0 else ""
    if kind == ChangeKind.RENAME:
        return Proposal(kind, day, (goes_on(some(), name=f"Tên {number}"),))
    if kind == ChangeKind.REPARENT:
        return Proposal(kind, day, (goes_on(some(), parent=some()),))
    if kind == ChangeKind.TRANSFER:
        one, other = some(), some()
        return Proposal(
            kind, day, (goes_on(one), *([goes_on(other)] if other != one else [])),
            (Link(one, other, PART),),
        )  # fmt: skip
    before = list(dict.fromkeys(some() for _at in range(draw_int(1, 3))))
    if kind == ChangeKind.DISSOLVE:
        return Proposal(kind, day, tuple(ends(ref) for ref in before))
    if kind == ChangeKind.MERGE:
        into = some() if draw_int(0, 1) else new[0]
        after = goes_on(into) if into.isdigit() else begins(into, parent)
        before = [ref for ref in before if ref != into]
        return Proposal(
            kind, day, (*(ends(ref) for ref in before), after), tuple(Link(b, into) for b in before)
        )
    whole = before[0]
    stays = draw_int(0, 2) == 0
    return Proposal(
        kind,
        day,
        (goes_on(whole) if stays else ends(whole), *(begins(ref, parent) for ref in new)),
        tuple(Link(whole, ref, PART) for ref in new),
    )


def a_register(bodies=40):
    register = Register()
    for number in range(1, bodies + 1):
        parent = str(number // 8 + 1) if number > 8 else ""
        register.add(str(number), facts(f"Sở {number}", parent), LONG_AGO)
    return register


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32))
def test_200_random_events_keep_every_invariant(seed):
    random = Random(seed)
    register, day = a_register(), LONG_AGO + timedelta(days=30)
    accepted = 0
    for number in range(200):
        day += timedelta(days=random.choice([0, 0, 1, 40]))
        before = (dict(register.spells), list(register.links))
        if register.apply(random_proposal(random.randint, register, day, number)):
            accepted += 1
            check_invariants(register)
        else:
            assert (register.spells, register.links) == before
    assert accepted >= 40
