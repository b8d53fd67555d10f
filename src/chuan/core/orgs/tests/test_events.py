"""Reorganisations in the register: two people, one transaction, and back again."""

from datetime import date, timedelta
from functools import partial
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.core.legal.testing import LegalSourceFactory
from chuan.core.orgs import operations, queries
from chuan.core.orgs.engine.proposals import Link, Part, Proposal
from chuan.core.orgs.enums import EVENT_MOVES, ChangeKind, EventState, OrgKind, Share, Stance
from chuan.core.orgs.models import (
    ChangeEvent,
    GroupRule,
    Organisation,
    OrganisationVersion,
    SuccessionLink,
)
from chuan.core.orgs.queries.dependents import Affected, Dependents, Found, Sample, dependents
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    GroupFactory,
    OrganisationFactory,
    a_merger,
    commit,
    new_facts,
)
from chuan.core.orgs.tests.test_changes import random_proposal
from chuan.core.people.enums import Role
from chuan.core.people.testing import MembershipFactory, PersonFactory, lets_in
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 1)
CONFIRMERS = (Role.SYSTEM_ADMINISTRATOR, Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER)
PREPARERS = CONFIRMERS[:2]


@pytest.fixture
def preparer():
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=OrganisationFactory())


@pytest.fixture
def confirmer():
    return PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=OrganisationFactory())


def now():
    return timezone.now()


def picture():
    """The whole register, row by row."""
    return (
        list(Organisation.objects.order_by("pk").values()),
        list(OrganisationVersion.objects.order_by("pk").values()),
        list(SuccessionLink.objects.order_by("pk").values()),
    )


def draft(actor, kind, parts, links=(), on=DAY):
    return operations.draft_event(
        actor=actor,
        kind=kind,
        title="Sắp xếp",
        effective_on=on,
        at=now(),
        basis_text="12/NQ-HĐND",
        parts=parts,
        links=links,
    )


# ---------------------------------------------------------------- preparing and confirming


def test_a_draft_changes_nothing_in_the_register(preparer):
    before = [OrganisationFactory(), OrganisationFactory()]
    pictured = picture()
    event = a_merger(actor=preparer, before=before)
    assert (event.state, event.prepared_by) == (EventState.DRAFT, preparer)
    assert picture() == pictured


def test_a_merger_is_confirmed_by_a_second_person_in_one_go(preparer, confirmer):
    province = OrganisationFactory(province=True)
    before = [OrganisationFactory(name=name, parent=province) for name in ("Sở A", "Sở B")]
    source = LegalSourceFactory()
    event = a_merger(
        actor=preparer, before=before, name="Sở  C", parent=province, legal_basis=source
    )
    event = commit(event, preparer=preparer, confirmer=confirmer)
    assert (event.state, event.confirmed_by) == (EventState.COMMITTED, confirmer)
    assert [one.versions.get().valid_to for one in before] == [DAY, DAY]
    [new] = OrganisationVersion.objects.filter(valid__startswith=DAY)
    assert (new.name, new.parent, new.legal_basis) == ("Sở C", province, source)
    assert set(event.links.values_list("predecessor", "successor", "share")) == {
        (one.pk, new.organisation_id, Share.FULL) for one in before
    }
    assert queries.successor_on(before[0], DAY) == new.organisation_id
    line = Entry.objects.get(action="orgs.event_committed")
    assert (line.actor, line.details["ended"], line.details["created"]) == (confirmer, 2, 1)


def test_nobody_confirms_what_they_prepared_whatever_roles_they_hold(preparer, confirmer):
    MembershipFactory(person=preparer, role=Role.DEPARTMENT_LEADER)
    event = a_merger(actor=preparer, before=[OrganisationFactory()])
    with pytest.raises(Denied, match="cần một người khác xác nhận"):
        commit(event, preparer=preparer, confirmer=preparer)
    event.refresh_from_db()
    assert event.state == EventState.PROPOSED
    with pytest.raises(IntegrityError, match="orgs_event_is_confirmed_by_another"):
        ChangeEvent.objects.filter(pk=event.pk).update(confirmed_by=preparer, confirmed_at=now())


def test_whoever_mended_a_draft_has_prepared_it(preparer):
    other = PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)
    event = a_merger(actor=preparer, before=[OrganisationFactory()])
    event = operations.change_draft(
        actor=other, event=event, version=event.version, at=now(), title="Tên khác"
    )
    event = operations.propose_event(actor=other, event=event, version=event.version, at=now())
    with pytest.raises(Denied, match="cần một người khác"):
        operations.commit_event(actor=other, event=event, version=event.version, at=now())
    operations.commit_event(actor=preparer, event=event, version=event.version, at=now())


def test_what_was_handed_over_is_not_changed_until_it_comes_back(preparer, confirmer):
    event = a_merger(actor=preparer, before=[OrganisationFactory()])
    event = operations.propose_event(actor=preparer, event=event, version=event.version, at=now())
    with pytest.raises(Denied, match="không còn là bản soạn"):
        operations.change_draft(
            actor=preparer, event=event, version=event.version, at=now(), title="x"
        )
    with pytest.raises(ValidationError, match="Ghi nội dung cần sửa"):
        operations.hand_back_event(actor=confirmer, event=event)
    event = operations.hand_back_event(actor=confirmer, event=event, remark="Sai ngày")
    assert (event.state, event.remark) == (EventState.DRAFT, "Sai ngày")
    event = operations.change_draft(
        actor=preparer, event=event, version=event.version, at=now(), effective_on=date(2026, 8, 1)
    )
    assert commit(event, preparer=preparer, confirmer=confirmer).effective_on == date(2026, 8, 1)


def test_a_page_opened_before_another_saved_changes_and_confirms_nothing(preparer, confirmer):
    event = a_merger(actor=preparer, before=[OrganisationFactory()])
    operations.change_draft(actor=preparer, event=event, version=1, at=now(), title="Mới")
    with pytest.raises(operations.Conflict):
        operations.change_draft(actor=preparer, event=event, version=1, at=now(), title="Cũ")
    with pytest.raises(operations.Conflict):
        operations.propose_event(actor=preparer, event=event, version=1, at=now())
    operations.propose_event(actor=preparer, event=event, version=2, at=now())
    with pytest.raises(operations.Conflict):
        operations.commit_event(actor=confirmer, event=event, version=2, at=now())


def test_an_event_without_a_basis_or_with_problems_is_not_handed_over(preparer):
    bare = a_merger(actor=preparer, before=[OrganisationFactory()], basis_text="")
    with pytest.raises(operations.NotReady, match="văn bản quyết định"):
        operations.propose_event(actor=preparer, event=bare, version=1, at=now())
    gone = OrganisationFactory(name="Sở Hết", valid_to=date(2026, 1, 1))
    wrong = a_merger(actor=preparer, before=[gone])
    with pytest.raises(operations.NotReady) as told:
        operations.propose_event(actor=preparer, event=wrong, version=1, at=now())
    assert told.value.problems == ["Sở Hết đã kết thúc từ ngày 01/01/2026."]
    firm = draft(
        preparer,
        ChangeKind.MERGE,
        [
            Part(str(OrganisationFactory().pk), Stance.ENDS),
            Part("+1", Stance.BEGINS, new_facts("Công ty A", kind=OrgKind.ENTERPRISE)),
        ],
    )
    with pytest.raises(operations.NotReady, match="cặp cơ quan"):
        operations.propose_event(actor=preparer, event=firm, version=1, at=now())


def test_the_register_is_looked_at_again_when_it_is_confirmed(preparer, confirmer):
    body = OrganisationFactory(name="Sở A")
    first = a_merger(actor=preparer, before=[body])
    second = a_merger(actor=preparer, before=[body], name="Sở Khác")
    second = operations.propose_event(actor=preparer, event=second, version=1, at=now())
    commit(first, preparer=preparer, confirmer=confirmer)
    pictured = picture()
    with pytest.raises(operations.NotReady, match="Sở A đã kết thúc"):
        operations.commit_event(actor=confirmer, event=second, version=2, at=now())
    assert picture() == pictured


def test_a_province_made_from_one_at_home_is_at_home_and_its_bodies_follow(preparer, confirmer):
    old = OrganisationFactory(province=True)
    below = OrganisationFactory(parent=old)
    event = draft(
        preparer,
        ChangeKind.MERGE,
        [
            Part(str(old.pk), Stance.ENDS),
            Part("+1", Stance.BEGINS, new_facts("UBND tỉnh Mới", kind=OrgKind.PROVINCE)),
        ],
        [Link(str(old.pk), "+1")],
    )
    commit(event, preparer=preparer, confirmer=confirmer)
    new = queries.home_province_on(DAY)
    assert new.name == "UBND tỉnh Mới"
    assert queries.version_on(below, DAY).parent_id == new.organisation_id
    assert queries.version_on(below, DAY - timedelta(days=1)).parent == old


def test_a_body_that_gave_functions_away_before_is_still_followed_to_its_heir(preparer, confirmer):
    body, taker, heir = (OrganisationFactory() for _number in range(3))
    given = draft(
        preparer,
        ChangeKind.TRANSFER,
        [Part(str(body.pk), Stance.GOES_ON), Part(str(taker.pk), Stance.GOES_ON)],
        [Link(str(body.pk), str(taker.pk), Share.PARTIAL)],
        on=date(2026, 1, 1),
    )
    commit(given, preparer=preparer, confirmer=confirmer)
    merged = draft(
        preparer,
        ChangeKind.MERGE,
        [Part(str(body.pk), Stance.ENDS), Part(str(heir.pk), Stance.GOES_ON)],
        [Link(str(body.pk), str(heir.pk))],
    )
    commit(merged, preparer=preparer, confirmer=confirmer)
    assert queries.successor_on(body, DAY) == heir.pk


# ---------------------------------------------------------------- going back


def test_undoing_restores_the_register_and_the_event_stays_to_be_seen(preparer, confirmer):
    province = OrganisationFactory(province=True)
    before = [OrganisationFactory(parent=province) for _number in range(2)]
    pictured = picture()
    event = commit(a_merger(actor=preparer, before=before), preparer=preparer, confirmer=confirmer)
    with pytest.raises(ValidationError, match="lý do"):
        operations.reverse_event(actor=confirmer, event=event, at=now(), reason=" ")
    event = operations.reverse_event(actor=confirmer, event=event, at=now(), reason="Nhầm ngày")
    assert picture() == pictured
    assert (event.state, event.reversal_reason) == (EventState.REVERSED, "Nhầm ngày")
    assert len(queries.proposal_of(event).parts) == 3
    again = operations.redraft_event(actor=preparer, event=event, at=now())
    commit(again, preparer=preparer, confirmer=confirmer)
    assert before[0].versions.get().valid_to == DAY


def test_a_later_event_on_the_same_bodies_is_undone_first(preparer, confirmer):
    body = OrganisationFactory()
    first = commit(a_merger(actor=preparer, before=[body]), preparer=preparer, confirmer=confirmer)
    new = first.links.get().successor
    later = draft(
        preparer,
        ChangeKind.RENAME,
        [Part(str(new.pk), Stance.GOES_ON, {"name": "Tên mới nữa"})],
        on=date(2026, 9, 1),
    )
    later = commit(later, preparer=preparer, confirmer=confirmer)
    with pytest.raises(Denied, match=r"Hoàn tác sự kiện sau trước"):
        operations.reverse_event(actor=confirmer, event=first, at=now(), reason="Nhầm")
    for event in (later, first):
        operations.reverse_event(actor=confirmer, event=event, at=now(), reason="Nhầm")
    assert body.versions.get().valid_to is None


def test_a_correction_made_by_hand_since_forbids_to_undo(preparer, confirmer):
    keeper = PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)
    event = commit(
        a_merger(actor=preparer, before=[OrganisationFactory()]),
        preparer=preparer,
        confirmer=confirmer,
    )
    new = event.links.get().successor
    operations.change_version(actor=keeper, organisation=new, on=date(2026, 8, 1), seat="Quy Nhơn")
    with pytest.raises(Denied, match="Thông tin của Sở Mới đã được sửa"):
        operations.reverse_event(actor=confirmer, event=event, at=now(), reason="Nhầm")


def test_a_body_entered_below_one_of_the_event_forbids_to_undo(preparer, confirmer):
    event = commit(
        a_merger(actor=preparer, before=[OrganisationFactory()]),
        preparer=preparer,
        confirmer=confirmer,
    )
    OrganisationFactory(
        parent=event.links.get().successor, name="Chi cục Dưới", valid_from=date(2026, 8, 1)
    )
    with pytest.raises(Denied, match="Chi cục Dưới"):
        operations.reverse_event(actor=confirmer, event=event, at=now(), reason="Nhầm")


def test_a_role_in_a_body_of_the_event_forbids_to_undo(preparer, confirmer):
    event = commit(
        a_merger(actor=preparer, before=[OrganisationFactory()]),
        preparer=preparer,
        confirmer=confirmer,
    )
    MembershipFactory(organisation=event.links.get().successor)
    pictured = picture()
    with pytest.raises(Denied, match="vai trò"):
        operations.reverse_event(actor=confirmer, event=event, at=now(), reason="Nhầm")
    assert picture() == pictured


def test_anything_that_points_at_a_new_body_forbids_to_undo_even_if_nobody_registered_it(
    preparer, confirmer
):
    event = commit(
        a_merger(actor=preparer, before=[OrganisationFactory()]),
        preparer=preparer,
        confirmer=confirmer,
    )
    other = OrganisationFactory()
    rule = GroupFactory(kinds=["commune"], under=other).rules.get()
    GroupRule.objects.filter(pk=rule.pk).update(under=event.links.get().successor)
    with pytest.raises(Denied, match="không hoàn tác được"):
        operations.reverse_event(actor=confirmer, event=event, at=now(), reason="Nhầm")


def test_what_came_with_the_data_files_is_not_undone(confirmer):
    event = ChangeEventFactory()
    with pytest.raises(Denied, match="nạp cùng dữ liệu"):
        operations.reverse_event(actor=confirmer, event=event, at=now(), reason="Nhầm")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_200_random_events_are_undone_to_the_very_same_register(preparer, confirmer, seed):
    random = Random(seed)
    tops = [OrganisationFactory(province=True) for _number in range(4)]
    for number in range(36):
        OrganisationFactory(parent=tops[number % 4] if number % 3 else None)
    day, done = date(2026, 1, 1), []
    alive = _Alive()
    for number in range(200):
        day += timedelta(days=random.choice([0, 0, 1, 40]))
        proposal = random_proposal(random.randint, alive, day, number)
        if queries.plan_of(proposal).problems:
            continue
        pictured = picture()
        event = draft(preparer, proposal.kind, proposal.parts, proposal.links, on=day)
        event = commit(event, preparer=preparer, confirmer=confirmer)
        done.append((event, pictured))
    assert len(done) >= 40
    for event, pictured in reversed(done):
        operations.reverse_event(actor=confirmer, event=event, at=now(), reason="Thử")
        assert picture() == pictured


class _Alive:
    """Who is there on a day, for `random_proposal`."""

    def alive(self, day):
        on_day = OrganisationVersion.objects.on(day).order_by("organisation_id")
        return [str(pk) for pk in on_day.values_list("organisation_id", flat=True)]


# ---------------------------------------------------------------- what hangs on bodies


def test_a_preview_tells_what_hangs_on_the_bodies_and_asks_each_owner_once(preparer, monkeypatch):
    asked = []

    def find(affected, reader):
        asked.append((affected, reader))
        return Found(3, (Sample("Việc thứ nhất"),))

    kind = Dependents("Việc đang làm", "Giữ ở cơ quan cũ.", "clipboard-list", find)
    monkeypatch.setitem(dependents._items, "test", kind)
    bodies = [OrganisationFactory(), OrganisationFactory()]
    look = queries.preview(a_merger(actor=preparer, before=bodies), preparer)
    assert asked == [(Affected(DAY, frozenset(one.pk for one in bodies)), preparer)]
    assert [(str(one.title), one.found.count) for one in look.consequences] == [
        ("Việc đang làm", 3)
    ]


def test_a_group_whose_rule_stands_on_a_body_that_ends_is_told(preparer):
    province, commune = OrganisationFactory(province=True), OrganisationFactory()
    GroupFactory(name="Các sở", kinds=[OrgKind.PROVINCIAL], under=province)
    GroupFactory(name="Nhóm riêng", members=[commune])
    look = queries.preview(a_merger(actor=preparer, before=[province, commune]), preparer)
    [groups] = [one for one in look.consequences if one.icon == "users"]
    assert [str(one.title) for one in groups.found.samples] == ["Các sở", "Nhóm riêng"]


# ---------------------------------------------------------------- who may

ACTS = {
    "draft": lambda actor, event: draft(actor, ChangeKind.RENAME, []),
    "change": lambda actor, event: operations.change_draft(
        actor=actor, event=event, version=event.version, at=now(), title="Khác"
    ),
    "propose": lambda actor, event: operations.propose_event(
        actor=actor, event=event, version=event.version, at=now()
    ),
    "abandon": lambda actor, event: operations.abandon_event(actor=actor, event=event),
    "hand back": lambda actor, event: operations.hand_back_event(
        actor=actor, event=event, remark="Sửa"
    ),
    "commit": lambda actor, event: operations.commit_event(
        actor=actor, event=event, version=event.version, at=now()
    ),
    "reverse": lambda actor, event: operations.reverse_event(
        actor=actor, event=event, at=now(), reason="Nhầm"
    ),
}
BY_PREPARERS = {"draft", "change", "propose", "abandon"}
IN_STATE = {
    "draft": set(EventState),
    "change": {EventState.DRAFT},
    "propose": {EventState.DRAFT},
    "abandon": {EventState.DRAFT},
    "hand back": {EventState.PROPOSED},
    "commit": {EventState.PROPOSED},
    "reverse": {EventState.COMMITTED},
}


def brought_to(state, preparer, confirmer):
    event = a_merger(actor=preparer, before=[OrganisationFactory()])
    if state == EventState.ABANDONED:
        return operations.abandon_event(actor=preparer, event=event)
    if state == EventState.PROPOSED:
        return operations.propose_event(actor=preparer, event=event, version=1, at=now())
    if state in {EventState.COMMITTED, EventState.REVERSED}:
        event = commit(event, preparer=preparer, confirmer=confirmer)
    if state == EventState.REVERSED:
        event = operations.reverse_event(actor=confirmer, event=event, at=now(), reason="Nhầm")
    return event


@pytest.mark.parametrize("state", EventState)
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("where", ["own", "other"])
def test_who_may_do_what_in_which_state(preparer, confirmer, state, act, where):
    event = brought_to(state, preparer, confirmer)
    of_event = Organisation.objects.get(pk=int(event.proposal["parts"][0]["ref"]))
    for role in [*Role, None]:
        body = of_event if where == "own" else OrganisationFactory()
        actor = PersonFactory(role=role, organisation=body, second_factor=False)
        was_done = lets_in(partial(ACTS[act], actor, ChangeEvent.objects.get(pk=event.pk)))
        allowed = role in (PREPARERS if act in BY_PREPARERS else CONFIRMERS)
        # A role ends with the body it is held in.
        is_gone = where == "own" and state == EventState.COMMITTED
        expected = allowed and state in IN_STATE[act] and not is_gone
        assert was_done == expected, (role, act, state, where)


def test_every_state_leads_only_where_the_table_says():
    assert set(EVENT_MOVES) == set(EventState)
    reached = {EventState.DRAFT, *(to for moves in EVENT_MOVES.values() for to in moves)}
    assert reached == set(EventState)


def test_a_proposal_names_its_bodies_as_they_were(preparer):
    body = OrganisationFactory(name="Sở Cũ")
    event = a_merger(actor=preparer, before=[body], name="Sở Mới")
    names = queries.names_in(queries.proposal_of(event))
    assert names == {str(body.pk): "Sở Cũ", "+1": "Sở Mới"}
    assert isinstance(queries.proposal_of(event), Proposal)
