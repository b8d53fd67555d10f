"""The merger of 1 July 2025 replayed: who was there before and after, and every duty decided."""

from contextlib import suppress
from datetime import date, timedelta
from random import Random

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from chuan.core.calendar.operations import load_day_exceptions
from chuan.core.legal.operations import load_legal_sources
from chuan.core.orgs import operations as orgs
from chuan.core.orgs import queries as register
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import Organisation, OrganisationVersion, SuccessionLink
from chuan.core.orgs.operations import load_organisations
from chuan.core.orgs.testing import OrganisationFactory, commit
from chuan.core.orgs.tests.test_changes import random_proposal
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.plans import rules
from chuan.modules.plans.demo import import_decision
from chuan.modules.plans.enums import Achievement, FateKind, FateState, PartyRole
from chuan.modules.plans.models import Assignment, Fate, FateDecision, Plan
from chuan.modules.plans.operations import fates as operations
from chuan.modules.plans.operations.assignments import reconcile_assignments
from chuan.modules.plans.queries import fates as queries
from chuan.modules.plans.testing import (
    AssignmentFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    leader_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EVE, MERGER = date(2025, 6, 30), date(2025, 7, 1)
DECISION = settings.ROOT / "samples" / "quyet-dinh-1029-2025.txt"
DEPARTMENT = "gl-so-khoa-hoc-va-cong-nghe"
BASIS = "Nghị quyết số 1664/NQ-UBTVQH15 ngày 16/6/2025"


@pytest.fixture
def plan():
    """The plan of the demonstration, with the register as shipped."""
    load_legal_sources()
    load_day_exceptions()
    load_organisations()
    department = Organisation.objects.get(key=DEPARTMENT)
    actor = PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department)
    pk = import_decision(actor=actor, file=DECISION, managed_by_key=DEPARTMENT, is_demo=True)
    return Plan.objects.get(pk=pk)


def test_the_register_is_that_of_the_resolution_before_and_after(plan):
    def count(day, kind):
        return register.organisations_on(day, kind=kind).count()

    assert (count(EVE, OrgKind.DISTRICT), count(MERGER, OrgKind.DISTRICT)) == (11, 0)
    communes = register.organisations_on(MERGER, kind=OrgKind.COMMUNE)
    assert [communes.filter(subtype=one).count() for one in ("xã", "phường")] == [110, 25]
    districts = register.organisations_on(EVE, kind=OrgKind.DISTRICT).values("organisation")
    heirs = SuccessionLink.objects.filter(predecessor__in=districts).values("successor")
    assert heirs.distinct().count() == 58
    for day in (EVE, MERGER):
        province = Organisation.objects.get(key="tinh-binh-dinh" if day == EVE else "tinh-gia-lai")
        agencies = register.organisations_on(day, under=province)
        assert agencies.filter(kind__in=[OrgKind.PROVINCIAL, OrgKind.ARMED]).count() == 17
    led = Assignment.objects.filter(task__plan=plan, role=PartyRole.LEAD)
    yearly = led.filter(task__due_kind="yearly")
    assert yearly.filter(year=2025, organisation__in=districts).count() == 11 * 5
    assert not led.filter(year=2026, organisation__in=districts).exists()
    assert yearly.filter(year=2026, organisation__in=communes.values("organisation")).count() == (
        135 * 5
    )


def test_every_duty_of_the_vanished_bodies_is_decided_and_the_archive_stays(plan):
    today = timezone.localdate()
    coordinator, leader = coordinator_of(plan), leader_of(plan)
    district = Organisation.objects.get(key="bd-huyen-van-canh")
    clerk = clerk_of(district)
    done = Assignment.objects.filter(task__plan=plan, organisation=district, due_on=EVE)
    done.update(achievement=Achievement.COMPLETE, done_on=EVE)
    kept = list(done.values())

    bodies = queries.bodies_of(plan, today)
    whole = queries.sum_of(today, plan)
    assert len([one for one in bodies if one.kind == OrgKind.DISTRICT]) == 11
    assert {one.ended_on for one in bodies} == {MERGER}
    assert all(one.event is not None for one in bodies)
    assert whole.undecided == whole.total == sum(one.total for one in bodies)
    suggested = queries.suggestions_for({one.organisation_id: MERGER for one in bodies}, today)

    for kind in (FateKind.CLONE, FateKind.TRANSFER, FateKind.CLOSE):
        mine = {pk: one.heirs for pk, one in suggested.items() if one.kind == kind}
        rows = queries.left_over(dict.fromkeys(mine, MERGER), plan)
        if not mine:
            continue
        decision = operations.propose_fates(
            actor=coordinator,
            plan=plan,
            kind=kind,
            assignment_ids=list(rows.values_list("pk", flat=True)),
            receivers=mine,
            basis=BASIS,
            at=timezone.now(),
        )
        operations.approve_fates(
            actor=leader, decision=decision, version=decision.version, at=timezone.now()
        )

    after = queries.sum_of(today, plan)
    assert (after.total, after.undecided, after.approved) == (whole.total, 0, whole.total)
    assert after.adds_up
    passed_on = Assignment.objects.filter(task__plan=plan, is_passed_on=True)
    communes = register.organisations_on(MERGER, kind=OrgKind.COMMUNE).values("organisation")
    led = passed_on.filter(organisation__in=communes, role=PartyRole.LEAD)
    # Five yearly tasks; what runs to 2030 the communes have of their own.
    assert led.filter(task__due_kind="yearly").count() == 58 * 5
    assert set(led.values_list("period_start", flat=True)) == {MERGER}
    assert reconcile_assignments(plan, at=timezone.now()).created == 0

    assert list(done.values()) == kept, "what was done before the merger is as it was"
    for row in Assignment.objects.filter(organisation=district).select_related("task__plan")[:3]:
        assert rules.see_assignment.allows(clerk, row)
        with pytest.raises(Denied):
            rules.post_update.require(clerk, row, today)


@pytest.mark.parametrize("seed", [1])
def test_random_events_and_decisions_lose_no_duty_and_decide_none_twice(seed):
    random = Random(seed)
    plan = PlanFactory()
    coordinator, leader = coordinator_of(plan), leader_of(plan)
    keeper = PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)
    tasks = [TaskFactory(plan=plan) for _number in range(2)]
    for _number in range(30):
        body = OrganisationFactory()
        for task in tasks:
            AssignmentFactory(task=task, organisation=body)
    day, now = date(2026, 1, 2), timezone.now()
    accepted = 0
    for number in range(200):
        day = min(day + timedelta(days=random.choice([0, 0, 1, 5])), date(2026, 11, 1))
        proposal = random_proposal(random.randint, _Alive(plan), day, number)
        if not register.plan_of(proposal).problems:
            event = orgs.draft_event(
                actor=keeper,
                kind=proposal.kind,
                title="Sắp xếp",
                effective_on=day,
                at=now,
                basis_text="12/NQ-HĐND",
                parts=proposal.parts,
                links=proposal.links,
            )
            commit(event, preparer=keeper, confirmer=leader)
            accepted += 1
        if number % 4:
            continue
        _decide_something(random, plan, coordinator, leader, now)
        found = queries.sum_of(timezone.localdate(now), plan)
        assert found.adds_up, (number, found)
        live = Fate.objects.filter(state__in=[FateState.PROPOSED, FateState.APPROVED])
        assert live.count() == live.values("assignment").distinct().count()
    assert accepted >= 30
    assert FateDecision.objects.filter(state=FateState.APPROVED).count() >= 5


def _decide_something(random, plan, coordinator, leader, now):
    """Propose, approve, hand back or undo, as it comes; what is refused changes nothing."""
    today = timezone.localdate(now)
    vanished = queries.vanished_bodies(today, plan)
    rows = list(queries.undecided(queries.left_over(vanished, plan)).order_by("pk"))
    waiting = FateDecision.objects.filter(state=FateState.PROPOSED).first()
    if waiting is not None:
        try:
            if random.random() < 0.2:
                raise ValidationError("Xem lại")
            with transaction.atomic():
                operations.approve_fates(
                    actor=leader, decision=waiting, version=waiting.version, at=now
                )
        except ValidationError:
            # Also where a later event ended a body that was to go on.
            operations.hand_back_fates(actor=leader, decision=waiting, at=now, reason="Xem lại")
    elif rows and random.random() < 0.7:
        chosen = random.sample(rows, random.randint(1, min(6, len(rows))))
        suggested = queries.suggestions_for(vanished, today)
        kinds = {suggested[one.organisation_id].kind for one in chosen}
        kind = kinds.pop() if len(kinds) == 1 else FateKind.LAPSE
        operations.propose_fates(
            actor=coordinator,
            plan=plan,
            kind=kind,
            assignment_ids=[one.pk for one in chosen],
            receivers={pk: one.heirs for pk, one in suggested.items()},
            basis=BASIS,
            at=now,
        )
    elif random.random() < 0.3:
        done = list(FateDecision.objects.filter(state=FateState.APPROVED).order_by("pk"))
        if done:
            decision = random.choice(done)
            # Refused where a later decision rests on it.
            with suppress(Denied):
                operations.undo_fates(
                    actor=leader, decision=decision, version=decision.version, at=now, reason="Thử"
                )


class _Alive:
    """Who is there on a day, for `random_proposal`; the department itself goes on."""

    def __init__(self, plan):
        self.plan = plan

    def alive(self, day):
        rows = OrganisationVersion.objects.on(day).exclude(organisation=self.plan.managed_by_id)
        mine = rows.filter(name__startswith="Sở Thử") | rows.filter(
            organisation__key__startswith="event-"
        )
        return [
            str(pk)
            for pk in mine.order_by("organisation_id").values_list("organisation_id", flat=True)
        ]
