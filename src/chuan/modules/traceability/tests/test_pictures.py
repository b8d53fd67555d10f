"""The drawing of a chain stays readable however many things are in it."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine import picture
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.picture import How, Kind, Thing, picture_of
from chuan.modules.traceability.testing import (
    capture,
    case,
    event,
    item,
    lot,
    making,
    opened,
    packing,
    place,
)
from chuan.modules.traceability.web.pictures import Drawn, svg

MOST_ELEMENTS = 400
SHOP = place(1)


def link(thing):
    return canonical(thing)


def a_chain(count, *, places=1):
    """A lot made into so many items, which stand in so many places."""
    things = [Thing(link(lot("R1")), "farm")]
    things += [Thing(link(item(number)), f"shop {number % places}") for number in range(count)]
    links = [(things[0].uri, thing.uri, "made into") for thing in things[1:]]
    return things, links


def test_things_of_a_kind_at_one_place_are_one_box():
    things, links = a_chain(50, places=3)

    drawn = picture_of(things, links, focus=things[0].uri)

    assert [[box.count for box in column] for column in drawn.columns] == [[1], [17, 17, 16]]
    assert sorted(line.count for line in drawn.lines) == [16, 17, 17]
    assert {line.how for line in drawn.lines} == {How.MADE}
    assert drawn.columns[0][0].is_focus


def test_a_full_column_ends_in_one_box_for_the_rest():
    things, links = a_chain(200, places=100)

    first, second = picture_of(things, links, focus=things[0].uri).columns

    assert len(first) == 1
    assert len(second) == picture.MOST_IN_COLUMN
    assert second[-1].kind is Kind.REST
    assert sum(box.count for box in second) == 200


def test_an_opened_box_shows_its_things():
    things, links = a_chain(30)
    closed = picture_of(things, links, focus=things[0].uri).columns[1]

    opened = picture_of(things, links, focus=things[0].uri, opened=[closed[0].key])

    assert [box.count for box in closed] == [30]
    assert len([box for box in opened.boxes if box.count == 1]) == 1 + picture.MOST_OPENED
    assert sum(box.count for box in opened.columns[1]) == 30


def test_links_run_in_time_whichever_way_the_walk_went():
    uris = [link(lot("R1")), link(item(1)), link(case(1))]
    things = [Thing(uri) for uri in uris]
    forward = [(uris[0], uris[1], "has item"), (uris[1], uris[2], "inside")]
    back = [(uris[1], uris[0], "of lot"), (uris[2], uris[1], "contains")]

    def columns(links):
        return [
            [box.uris for box in column]
            for column in picture_of(things, links, focus=uris[1]).columns
        ]

    assert columns(forward) == columns(back) == [[(uri,)] for uri in uris]


def test_goods_that_lead_in_a_round_are_drawn_all_the_same():
    one, other = link(item(1)), link(item(2))
    links = [(one, other, "made into"), (other, one, "made into")]

    drawn = picture_of([Thing(one), Thing(other)], links, focus=one)

    assert [len(column) for column in drawn.columns] == [1, 1]


def page_of(client, thing, **query):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get(reverse("chains:chain", query={"ma": canonical(thing), **query}))
    return page, len(asked)


@pytest.mark.django_db
def test_five_thousand_things_are_drawn_with_as_few_strokes_and_questions_as_five(client):
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    for raw, first, count in (("R1", 1, 5), ("R2", 10_000, 4_900)):
        tins = [item(number) for number in range(first, first + count)]
        capture(making(1, {lot(raw): 10}, tins, bizLocation={"id": SHOP}))
        capture(
            *(
                packing(2, "ADD", case(first + start), *tins[start : start + 100])
                for start in range(0, count, 100)
            ),
            event(3, epcList=tins[:1], bizStep="storing", bizLocation={"id": SHOP}),
        )
    client.get(reverse("chains:chain"))

    few, asked_for_few = page_of(client, lot("R1"))
    many, asked_for_many = page_of(client, lot("R2"))

    def elements(page):
        drawn = re.search(r'<svg class="gr".*?</svg>', page.text, re.DOTALL)
        return len(re.findall(r"<[a-z]", drawn[0]))

    assert many.context["thing_count"] == 4_900 + 49 + 1
    assert elements(few) < elements(many) + 20
    assert elements(many) < MOST_ELEMENTS
    assert asked_for_many == asked_for_few
    assert len(many.content) < 100_000


@pytest.mark.django_db
def test_a_box_opens_by_its_link_and_leads_to_the_chain_of_one_thing(client):
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    tins = [item(number) for number in range(1, 6)]
    capture(making(1, {lot("R1"): 10}, tins, bizLocation={"id": SHOP}))
    page, _asked = page_of(client, lot("R1"))
    (box,) = [row for row in page.context["boxes"] if not row.is_focus]

    opened = client.get(box.url.partition("#")[0])

    assert box.title == "5 mã hàng"
    assert [row.title for row in opened.context["boxes"][1:]] == [f"Số {n}" for n in range(1, 6)]
    assert client.get(opened.context["boxes"][1].url).context["chain"].uri == canonical(item(1))


def test_a_heading_is_underlined_whole_and_no_further():
    box = Drawn("a", "Xoài cát sấy dẻo loại-một của hợp tác xã", ["Kho Nhơn Bình"], "/x/")

    drawn = svg([[box]], [], label="Sơ đồ")

    lines = re.findall(r"<tspan[^>]*>([^<]*)</tspan>", drawn)
    assert drawn.count('class="gr-t"') == len(lines) - 1 == 2
    assert lines == [line.strip() for line in lines]
    assert "</tspan> <tspan" in drawn


@pytest.mark.django_db
def test_a_recall_is_drawn_by_product_and_holder_each_box_leading_to_its_goods(client, inspector):
    tins = [item(number) for number in range(1, 41)]
    capture(
        making(1, {lot("R1"): 10}, tins),
        *(
            event(2, epcList=[tin], bizStep="receiving", bizLocation={"id": place(number)})
            for number, tin in enumerate(tins, start=1)
        ),
    )
    recall = opened(inspector, lot("R1"))
    client.force_login(inspector)

    page = client.get(reverse("chains:recall", args=[recall.pk])).text

    drawn = re.search(r'<svg class="gr".*?</svg>', page, re.DOTALL)[0]
    links = re.findall(r'href="([^"]*)"', drawn)
    assert drawn.count("<rect") == 1 + 1 + picture.MOST_IN_COLUMN
    assert links[-1] == "#o-dau"
    goods = client.get(unescape(links[0]))
    assert goods.context["table"].count == 1
