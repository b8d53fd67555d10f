"""Who was before a body and after it: the map from left to right, and the timeline under it."""

import re
from datetime import date

import pytest
from django.urls import reverse

from chuan.core.orgs.enums import Share
from chuan.core.orgs.queries import name_on
from chuan.core.orgs.queries.family import family_of
from chuan.core.orgs.testing import ChangeEventFactory, OrganisationFactory, SuccessionLinkFactory
from chuan.core.orgs.web.family import family_page
from chuan.core.people.testing import PersonFactory

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = date(2015, 5, 1), date(2025, 7, 1), date(2026, 5, 1)
TODAY = date(2026, 11, 20)


@pytest.fixture
def generations():
    """Two bodies became one in 2015, that went to the body in 2025, and half of that to another."""
    oldest = [
        OrganisationFactory(
            name=f"Sở Đầu {n}", short_name=f"Sở Đầu {n}", valid_from=None, valid_to=FIRST
        )
        for n in (1, 2)
    ]
    old = OrganisationFactory(
        name="Sở Giữa", short_name="Sở Giữa", valid_from=FIRST, valid_to=SECOND
    )
    body = OrganisationFactory(name="Sở Này", short_name="Sở Này", valid_from=SECOND)
    heir = OrganisationFactory(name="Sở Sau", short_name="Sở Sau", valid_from=THIRD)
    one = ChangeEventFactory(effective_on=FIRST, title="Hợp nhất đầu", basis_text="1/NQ")
    two = ChangeEventFactory(effective_on=SECOND, title="Đổi thành", basis_text="2/NQ")
    three = ChangeEventFactory(effective_on=THIRD, title="Tách một phần", basis_text="3/NQ")
    for first in oldest:
        SuccessionLinkFactory(event=one, predecessor=first, successor=old)
    SuccessionLinkFactory(event=two, predecessor=old, successor=body)
    SuccessionLinkFactory(
        event=three, predecessor=body, successor=heir, share=Share.PARTIAL, clause="khoản 4 Điều 9"
    )
    return body


def page_of(body):
    return family_page(family_of(body), name_on(body, TODAY), TODAY)


def test_generations_hang_on_the_events_between_them(generations):
    page = page_of(generations)

    [near] = page.before
    [middle] = near.kin
    [far] = middle.joints
    assert (near.event.title, middle.name, middle.days) == (
        "Đổi thành",
        "Sở Giữa",
        "01/05/2015 – 30/06/2025",
    )
    assert [one.name for one in far.kin] == ["Sở Đầu 1", "Sở Đầu 2"]
    [later] = page.after
    [heir] = later.kin
    assert (later.event.basis, heir.clause, heir.is_whole) == ("3/NQ", "khoản 4 Điều 9", False)
    assert (page.own, page.own_days) == ("Sở Này", "từ 01/07/2025")


def test_the_timeline_has_the_body_between_those_before_and_after(generations):
    page = page_of(generations)

    assert [(one.name, one.step) for one in page.lives] == [
        ("Sở Đầu 1", 2),
        ("Sở Đầu 2", 2),
        ("Sở Giữa", 1),
        ("Sở Này", 0),
        ("Sở Sau", 1),
    ]
    ends = []
    for one in page.lives:
        left, width = map(int, re.search(r'x="(\d+)" y="5" width="(\d+)"', one.drawn).groups())
        assert 0 <= left < left + width <= 1000
        ends.append((left, left + width))
    assert ends[2][1] == ends[3][0], "one ends where the next begins"
    assert page.years[1] == 2026


def test_the_page_says_part_and_whole_in_words_and_names_the_basis_of_each_event(
    client, generations
):
    client.force_login(PersonFactory())
    shown = client.get(reverse("orgs:show", args=[generations.pk])).content.decode()

    chart = shown[shown.index('class="fam fam-long"') : shown.index("fam-key")]
    order = ["Sở Đầu 1", "Hợp nhất đầu", "1/NQ", "Sở Giữa", "2/NQ", "fam-own", "3/NQ", "Sở Sau"]
    assert sorted(order, key=chart.index) == order
    assert chart.count("Toàn bộ") == 3
    assert chart.count("Một phần") == chart.count("fam-part") == 1


def test_more_than_eight_in_a_row_are_counted_and_lead_to_the_event():
    body = OrganisationFactory(district=True, valid_to=SECOND)
    event = ChangeEventFactory(effective_on=SECOND)
    for _ in range(11):
        SuccessionLinkFactory(
            event=event,
            predecessor=body,
            successor=OrganisationFactory(commune=True, valid_from=SECOND),
            share=Share.PARTIAL,
        )

    [joint] = page_of(body).after

    assert (len(joint.kin), joint.hidden, joint.url) == (
        8,
        3,
        reverse("orgs:event", args=[event.pk]),
    )


def test_a_body_without_relatives_has_no_map():
    assert page_of(OrganisationFactory()) is None
