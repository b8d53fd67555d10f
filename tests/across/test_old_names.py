"""Whoever looks for a body by a name of before finds the one that has its place now, wherever bodies,
or what they do, are looked for by name."""

from __future__ import annotations

import copy
from datetime import date
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from chuan.config.cli.people import organisation_called
from chuan.core.orgs.enums import ChangeKind, OrgKind
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    GroupFactory,
    OrganisationFactory,
    OrganisationVersionFactory,
    SuccessionLinkFactory,
)
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation, furnishing
from chuan.flows.portal import testing as portal
from chuan.modules.plans.enums import FateKind
from chuan.modules.plans.operations import fates
from chuan.modules.plans.testing import (
    Assignment,
    AssignmentFactory,
    DeadlineExtensionFactory,
    DifficultyFactory,
    Task,
)
from chuan.modules.plans.web.import_forms import KnownNames

pytestmark = pytest.mark.slow

MERGED, RENAMED = date(2026, 7, 1), date(2025, 7, 1)
# What the body is called, what the one before it was called last, and what that was called first.
NAMES = ("Kim Sơn", "An Nghĩa", "Ân Hữu")


@pytest.fixture(scope="module")
def kept_world(around_the_file, tmp_path_factory):
    """A commune that took over from one that was renamed before, and another commune; of both
    everything there is a list of."""
    with around_the_file(), furnishing(tmp_path_factory.mktemp("files")):
        made = a_situation(bodies=2, tasks=1)
        for body, name in zip(made.bodies, ("Kim Sơn", "Bồng Sơn"), strict=True):
            _called(body, name)
        before = OrganisationFactory(
            commune=True, name="Ủy ban nhân dân xã Ân Hữu", valid_to=RENAMED
        )
        OrganisationVersionFactory(
            organisation=before,
            name="Ủy ban nhân dân xã An Nghĩa",
            short_name="UBND xã An Nghĩa",
            kind=OrgKind.COMMUNE,
            valid_from=RENAMED,
            valid_to=MERGED,
        )
        SuccessionLinkFactory(
            event=ChangeEventFactory(kind=ChangeKind.MERGE, effective_on=MERGED),
            predecessor=before,
            successor=made.bodies[0],
        )
        plan = made.period.plan
        left = AssignmentFactory(
            task=Task.objects.get(plan=plan),
            organisation=before,
            year=2026,
            period_end=date(2027, 1, 1),
        )
        for body, clerk in zip(made.bodies, made.clerks, strict=True):
            DifficultyFactory(plan=plan, organisation=body, raised_by=clerk)
            DeadlineExtensionFactory(
                assignment=Assignment.objects.get(organisation=body), late=True
            )
        Assignment.objects.update(due_on=date(2026, 11, 2))
        decision = fates.propose_fates(
            actor=made.coordinator,
            plan=plan,
            kind=FateKind.CLOSE,
            assignment_ids=[left.pk],
            basis="Nghị quyết số 1",
            at=timezone.now(),
        )
        group = GroupFactory(members=made.bodies)
        return SimpleNamespace(
            made=made,
            plan=plan,
            task=Task.objects.get(plan=plan),
            body=made.bodies[0],
            before=before,
            decision=decision,
            group=group,
        )


@pytest.fixture
def world(kept_world, monkeypatch, settings, tmp_path, db):
    """The same for each test of this file."""
    settings.CHUAN_FILES = tmp_path / "files"
    with time_machine.travel(IN_TIME, tick=False):
        Shelf(counts={}, shares={}).put(monkeypatch)
        yield copy.deepcopy(kept_world)


def _called(body, name):
    OrganisationVersion.objects.filter(organisation=body).update(
        name=f"Ủy ban nhân dân xã {name}", short_name=f"UBND xã {name}", kind=OrgKind.COMMUNE
    )


def table(name, *args, key=lambda row: row.organisation_id, **query):
    """Bodies of the rows of a page's table."""

    def search(client, world, text):
        of = {"plan": world.plan.pk, "task": world.task.pk, "decision": world.decision.pk,
              "group": world.group.code}  # fmt: skip
        page = client.get(reverse(name, args=[of[one] for one in args]), {"q": text} | query)
        assert page.status_code == 200
        context = page.context
        found = next(context[one] for one in ("table", "collected") if one in context)
        return {key(row) for row in found.rows}

    return search


def everywhere(kind):
    def search(client, world, text):
        page = client.get(reverse("search:results"), {"q": text, "loai": kind})
        shown = page.content.decode()
        assert "Bồng Sơn" not in shown
        return {world.body.pk} if "Kim Sơn" in shown else set()

    return search


def portal_results(client, world, text):
    page = client.get(reverse("portal:results", args=[world.made.period.pk]), {"q": text})
    return {one["row"]["body_id"] for one in page.context["bodies"]}


def portal_search(client, world, text):
    page = client.get(reverse("portal:search"), {"q": text})
    return {world.body.pk for one in page.context["hits"] if "Kim Sơn" in one["hit"].title}


SEARCHES = {
    "organisations": table("orgs:list"),
    "members of a group": table("orgs:group", "group"),
    "assignments": table("plans:assignments", "plan", nam=2026),
    "bodies of a task": table("plans:task", "plan", "task", nam=2026),
    "overdue": table("plans:overdue", "plan"),
    "difficulties": table("plans:difficulties"),
    "extensions": table("plans:extensions", key=lambda row: row.assignment.organisation_id),
    "reports": table("annual_report:list"),
    "search: bodies": everywhere("bodies"),
    "search: assignments": everywhere("assignments"),
    "search: reports": everywhere("reports"),
}


@pytest.mark.parametrize("where", SEARCHES)
def test_every_name_finds_the_body_of_now_and_not_another(client, world, where):
    client.force_login(world.made.coordinator)

    found = {name: SEARCHES[where](client, world, f"xa {name.lower()}") for name in NAMES}

    assert [name for name in NAMES if world.body.pk not in found[name]] == []
    assert [name for name in NAMES if world.made.bodies[1].pk in found[name]] == []


@pytest.mark.parametrize(
    "where",
    [
        table("plans:fates", "plan"),
        table("plans:fate_decision", "decision", key=lambda row: row["organisation_id"]),
        table("plans:assignments", "plan", nam=2026),
    ],
)
def test_a_body_that_is_no_more_is_found_by_all_it_was_called(client, world, where):
    client.force_login(world.made.coordinator)

    for name in NAMES[1:]:
        assert world.before.pk in where(client, world, name), name


@pytest.mark.parametrize("search", [portal_results, portal_search])
def test_the_public_finds_a_commune_by_the_name_it_had_before(client, world, search):
    world.made.accept(0)
    portal.publish_plan(world.made)
    portal.publish_results(world.made, world.made.close(world.made.consolidate()))

    assert [search(client, world, name) for name in NAMES] == [{world.body.pk}] * len(NAMES)


@pytest.mark.parametrize("name", ["UBND xã An Nghĩa", "Ủy ban nhân dân xã Ân Hữu"])
def test_pickers_take_a_name_of_before_for_the_body_of_now(world, name):
    assert KnownNames.of(IN_TIME.date()).find(name) == world.body.pk
    assert organisation_called(name) == world.body


def test_a_picker_asks_where_a_name_of_before_went_to_several(world):
    SuccessionLinkFactory(
        event=ChangeEventFactory(kind=ChangeKind.SPLIT, effective_on=MERGED),
        predecessor=world.before,
        successor=world.made.bodies[1],
    )

    assert KnownNames.of(IN_TIME.date()).find("UBND xã An Nghĩa") is None


@pytest.mark.parametrize("where", SEARCHES)
def test_a_search_by_name_costs_the_same_for_few_and_many(
    client, world, where, django_assert_max_num_queries
):
    client.force_login(world.made.coordinator)
    search = SEARCHES[where]
    search(client, world, "xa an nghia")
    counted = []
    for _again in range(2):
        with django_assert_max_num_queries(90) as captured:
            search(client, world, "xa an nghia")
        counted.append(len(captured))
        for number in range(3):
            heir = OrganisationFactory(commune=True, name=f"Ủy ban nhân dân xã Mới {number}")
            SuccessionLinkFactory(
                event=ChangeEventFactory(kind=ChangeKind.SPLIT, effective_on=MERGED),
                predecessor=world.before,
                successor=heir,
            )
            AssignmentFactory(task=world.task, organisation=heir, due_on=date(2026, 11, 2))

    assert counted[0] == counted[1]
