"""Figures of a territory through mergers and splits: nothing is divided, and nothing is lost."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.core.orgs.enums import Share
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.operations import confirm_key, state_key
from chuan.core.orgs.testing import ChangeEventFactory, OrganisationFactory, SuccessionLinkFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report.queries.rollup import part_of
from chuan.flows.annual_report.queries.territory import (
    Kinship,
    belongs,
    kinship_of,
    portion,
    territories,
)
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation, auditor
from chuan.modules.plans.testing import PlanFactory

OLD_ONE, OLD_TWO, NEW = 1, 2, 3


def kin(under, links):
    """`under`: province by body; `links`: pairs of before and after."""
    before, after = {}, {}
    for one, other in links:
        after.setdefault(one, []).append(other)
        before.setdefault(other, []).append(one)
    return Kinship({body: frozenset({top}) for body, top in under.items()}, before, after)


def test_a_body_is_of_the_province_it_stood_under():
    found = kin({10: OLD_ONE}, [])
    assert belongs(10, OLD_ONE, found) is True
    assert belongs(10, OLD_TWO, found) is False


def test_a_new_body_is_of_the_old_province_that_all_of_it_came_from():
    found = kin({10: OLD_ONE, 11: OLD_ONE, 20: NEW}, [(10, 20), (11, 20)])
    assert belongs(20, OLD_ONE, found) is True
    assert belongs(10, NEW, found) is True
    assert belongs(20, OLD_TWO, found) is False


def test_what_came_from_both_sides_stands_apart_for_either():
    found = kin({10: OLD_ONE, 11: OLD_TWO, 20: NEW}, [(10, 20), (11, 20)])
    assert belongs(20, OLD_ONE, found) is None
    assert belongs(20, OLD_TWO, found) is None
    assert belongs(20, NEW, found) is True


def test_a_body_split_over_two_provinces_is_divided_for_neither():
    found = kin({10: OLD_ONE, 20: NEW, 21: OLD_TWO}, [(10, 20), (10, 21)])
    assert belongs(10, NEW, found) is None
    assert belongs(10, OLD_TWO, found) is None
    assert belongs(10, OLD_ONE, found) is True


def test_ways_are_followed_over_several_steps():
    found = kin({10: OLD_ONE, 30: NEW}, [(10, 20), (20, 30)])
    assert belongs(30, OLD_ONE, found) is True
    assert belongs(10, NEW, found) is True


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    amounts=st.lists(st.integers(0, 1000), min_size=1, max_size=8),
    sides=st.data(),
)
def test_successors_and_what_is_not_allocated_make_up_the_predecessors(amounts, sides):
    """Each old body is followed by one or two new ones, under either of two new provinces."""
    links, under = [], {}
    for number, _amount in enumerate(amounts):
        body = 100 + number
        under[body] = OLD_ONE
        for _heir in range(sides.draw(st.integers(1, 2))):
            heir = 1000 + len(links)
            under[heir] = sides.draw(st.sampled_from([NEW, OLD_TWO]))
            links.append((body, heir))
    found = kin(under, links)
    of_provinces = {NEW: 0, OLD_TWO: 0}
    apart = 0
    for number, amount in enumerate(amounts):
        answers = {top: belongs(100 + number, top, found) for top in of_provinces}
        if None in answers.values():
            assert set(answers.values()) == {None}
            apart += amount
            continue
        [mine] = [top for top, answer in answers.items() if answer]
        of_provinces[mine] += amount
    assert sum(of_provinces.values()) + apart == sum(amounts)
    assert all(belongs(100 + number, OLD_ONE, found) for number in range(len(amounts)))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(amounts=st.lists(st.integers(0, 1000), min_size=1, max_size=6), drawn=st.data())
def test_with_keys_too_successors_and_what_is_not_allocated_make_up_the_predecessors(
    amounts, drawn
):
    """Some are split with a key that gives all or a part away, over one or two generations."""
    links, under, keys = [], {}, {}

    def split(body, generations):
        heirs = []
        for _heir in range(drawn.draw(st.integers(1, 3))):
            heir = 1000 + len(links)
            heirs.append(heir)
            links.append((body, heir))
            if generations > 1 and drawn.draw(st.booleans()):
                split(heir, generations - 1)
            else:
                under[heir] = drawn.draw(st.sampled_from([NEW, OLD_TWO]))
        if drawn.draw(st.booleans()):
            given_away = drawn.draw(st.sampled_from([Decimal(1), Decimal("0.6")]))
            keys[body] = {heir: given_away / len(heirs) for heir in heirs}

    for number, _amount in enumerate(amounts):
        under[100 + number] = OLD_ONE
        split(100 + number, 2)
    found = kin(under, links)
    found = Kinship(found.provinces, found.before, found.after, keys)

    for number, amount in enumerate(amounts):
        body = 100 + number
        parts = {top: portion(body, top, found) for top in (NEW, OLD_TWO)}
        owned = sum(own for own, _apart in parts.values())
        apart = {apart for own, apart in parts.values() if own or apart}
        assert len(apart) <= 1, "what nobody has is the same seen from either side"
        total = amount * (owned + (apart.pop() if apart else 0))
        assert abs(total - amount) < Decimal("1e-12")
        assert portion(body, OLD_ONE, found) == (1, 0)
        if body not in keys:
            assert all(own in (0, 1) for own, _apart in parts.values()), "divided without a key"


def test_a_part_of_a_figure_scales_numbers_and_leaves_percentages_what_they_are():
    count = {"value": "10", "numerator": None, "denominator": None}
    rate = {"value": "40.0", "numerator": 4, "denominator": 10}
    half = part_of({"reported": count, "counted": rate, "outlook": "3"}, Decimal("0.5"))
    assert half["reported"]["value"] == "5"
    assert half["counted"] == {"value": "40.0", "numerator": 2, "denominator": 5}
    assert half["outlook"] == "1.5"


MERGER = date(2025, 7, 1)


@pytest.mark.django_db
def test_only_a_key_that_a_second_person_confirmed_divides():
    old = OrganisationFactory(province=True, valid_to=MERGER)
    sides = [OrganisationFactory(province=True, valid_from=MERGER) for _ in range(2)]
    district = OrganisationFactory(district=True, parent=old, valid_to=MERGER)
    event = ChangeEventFactory(effective_on=MERGER)
    heirs = [OrganisationFactory(commune=True, parent=one, valid_from=MERGER) for one in sides]
    for heir in heirs:
        SuccessionLinkFactory(
            event=event, predecessor=district, successor=heir, share=Share.PARTIAL
        )

    def seen():
        found = kinship_of([district.pk])
        return [portion(district.pk, one.pk, found) for one in sides]

    assert seen() == [(0, 1), (0, 1)]
    key = state_key(
        actor=PersonFactory(role=Role.DEPARTMENT_COORDINATOR),
        event=event,
        predecessor=district,
        percents={heirs[0].pk: Decimal(60), heirs[1].pk: Decimal(30)},
        basis="12/NQ-HĐND",
        at=timezone.now(),
    )
    assert seen() == [(0, 1), (0, 1)]
    leader = PersonFactory(role=Role.DEPARTMENT_LEADER)
    confirm_key(actor=leader, key=key, at=timezone.now())
    assert seen() == [(Decimal("0.6"), Decimal("0.1")), (Decimal("0.3"), Decimal("0.1"))]


@pytest.fixture
def merged(db):
    """Two provinces that became one; an agency made from both, a commune from one side alone."""
    old = [OrganisationFactory(province=True, valid_to=MERGER) for _ in range(2)]
    new = OrganisationFactory(province=True, valid_from=MERGER)
    agencies = [OrganisationFactory(parent=one, valid_to=MERGER) for one in old]
    agency = OrganisationFactory(parent=new, valid_from=MERGER)
    district = OrganisationFactory(district=True, parent=old[0], valid_to=MERGER)
    commune = OrganisationFactory(commune=True, parent=new, valid_from=MERGER)
    event = ChangeEventFactory(effective_on=MERGER)
    for before, after in [*((one, new) for one in old), *((one, agency) for one in agencies)]:
        SuccessionLinkFactory(event=event, predecessor=before, successor=after)
    SuccessionLinkFactory(event=event, predecessor=district, successor=commune)
    return old, new, agencies, agency, district, commune


def test_the_register_says_who_is_of_which_province(merged):
    old, new, agencies, agency, district, commune = merged
    bodies = [*agencies, agency, district, commune]
    found = kinship_of([one.pk for one in bodies])

    def answers(province):
        return [belongs(one.pk, province.pk, found) for one in bodies]

    assert answers(old[0]) == [True, False, None, True, True]
    assert answers(old[1]) == [False, True, None, False, False]
    assert answers(new) == [True, True, True, True, True]
    assert [one.organisation_id for one in territories()][-1] == new.pk
    assert {one.organisation_id for one in territories()} == {new.pk, *(one.pk for one in old)}


def test_the_page_is_for_those_who_collect_and_oversee(client, merged):
    client.force_login(auditor())
    page = client.get(reverse("annual_report:territory"))
    assert page.status_code == 200
    assert "chưa phân bổ" in page.content.decode()
    assert OrganisationVersion.objects.count() >= 8


def test_the_newest_plan_is_shown_and_the_others_can_be_chosen(client, merged):
    person = auditor()
    older, newer = (
        PlanFactory(short_title=title, document__issued_on=day)
        for title, day in (
            ("Kế hoạch trước", date(2025, 3, 20)),
            ("Kế hoạch sau", date(2025, 4, 1)),
        )
    )
    client.force_login(person)

    page = client.get(reverse("annual_report:territory"))

    assert page.context["plan"].id == newer.pk
    assert [one.label for one in page.context["plans"]] == ["Kế hoạch sau", "Kế hoạch trước"]
    other = client.get(page.context["plans"][1].url)
    assert other.context["plan"].id == older.pk


def cost_of(page):
    with CaptureQueriesContext(connection) as captured:
        assert page().status_code == 200
    return len(captured)


def test_totals_cost_the_same_for_one_report_and_for_many(client, monkeypatch, merged):
    _old, new, *_rest = merged
    shelf = Shelf().put(monkeypatch)

    def accepted(bodies):
        situation = a_situation(bodies=bodies)
        for number, body in enumerate(situation.bodies):
            OrganisationVersion.objects.filter(organisation=body).update(parent=new)
            shelf.counts[body.pk] = number + 1
            situation.accept(number)
        client.force_login(situation.leader)
        return lambda: client.get(
            reverse("annual_report:territory"),
            {"dia-ban": new.pk, "ke-hoach": situation.period.plan_id},
        )

    with time_machine.travel(IN_TIME, tick=False):
        one = accepted(1)
        assert [source.organisation_id for source in one().context["sources"]]
        first = cost_of(one)
        many = accepted(4)
        assert len(many().context["sources"]) == 4
        assert cost_of(many) == first
