"""Is it being recalled: whoever asks gets one answer."""

import pytest

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.engine.keys import ROOT
from chuan.modules.traceability.engine.scanned import read_path
from chuan.modules.traceability.operations import recalls
from chuan.modules.traceability.operations.links import NewLink, set_links
from chuan.modules.traceability.queries.links import targets_of
from chuan.modules.traceability.queries.recall_warnings import warnings_of
from chuan.modules.traceability.queries.recalled import is_recalled, recalls_of
from chuan.modules.traceability.testing import (
    A_MONTH_LATER,
    ProductFactory,
    capture,
    event,
    lot_of,
    making,
    opened,
    ordered,
    told,
)

pytestmark = pytest.mark.django_db

# Beside the product itself: a lot and an item that events tell of, another lot, an item nobody told of.
ASKED = {"all": "", "S1": "/10/S1", "S2": "/10/S2", "7": "/21/7", "8": "/21/8"}
# What a recall begins with: what is recalled, and whether the bare product is warned of in part.
TABLE = {
    "/10/S1": ({"S1"}, True),
    "/10/S2": ({"S2"}, True),
    "/21/7": ({"7"}, True),
    "": ({*ASKED}, False),
    "/*": ({*ASKED}, False),
    "/21/*": ({"7", "8"}, True),
    "/10/*": ({"S1", "S2"}, True),
}


@pytest.fixture
def product():
    found = ProductFactory(party__organisation=OrganisationFactory())
    member = PersonFactory(organisation=found.party.organisation)
    told(lot_of(found, "S1"))
    capture(event(1, action="ADD", epcList=[f"{found.uri}/21/7"]))
    page = NewLink(found.uri, "pip", "https://example.vn/trang", "Trang", is_default=True)
    set_links(actor=member, party=found.party, links=[page])
    return found


def answers(product):
    """What each place that asks says of each thing: recalled as a whole, to be warned of."""
    found = {}
    uris = {name: f"{product.uri}{rest}" for name, rest in ASKED.items()}
    together = recalls_of(list(uris.values()))
    for name, uri in uris.items():
        scanned = read_path(uri.removeprefix(ROOT))
        warnings = warnings_of(scanned.levels)
        whole = {uri in together, uri in recalls_of([uri]), any(not one.scope for one in warnings)}
        warned = {
            bool(warnings),
            is_recalled(scanned.levels),
            not any(one.is_default for one in targets_of(scanned)),
        }
        assert (len(whole), len(warned)) == (1, 1), (name, whole, warned)
        found[name] = (whole.pop(), warned.pop())
    return found


@pytest.mark.parametrize("begins", TABLE)
def test_forms_warnings_and_redirects_agree_on_what_is_recalled(product, inspector, leader, begins):
    whole, in_part = TABLE[begins]
    other = ProductFactory()
    ordered(inspector, leader, f"{other.uri}/*")

    assert set(answers(product).values()) == {(False, False)}
    recall = ordered(inspector, leader, f"{product.uri}{begins}")
    assert answers(product) == {
        name: (name in whole, name in whole or (name == "all" and in_part)) for name in ASKED
    }
    recalls.end_recall(actor=leader, recall=recall, conclusion="Xong.", version=2, at=A_MONTH_LATER)
    assert set(answers(product).values()) == {(False, False)}


def test_what_is_only_being_looked_for_is_not_recalled(product, inspector):
    opened(inspector, f"{product.uri}/*")

    assert set(answers(product).values()) == {(False, False)}


def test_what_a_search_found_is_recalled_until_a_later_one_finds_it_no_more(
    product, inspector, leader
):
    raw = ProductFactory()
    made = making(
        48,
        {lot_of(raw, "V1"): 10},
        {lot_of(product, "S1"): 10},
        eventID="urn:uuid:11111111-1111-4111-8111-111111111111",
    )
    capture(made)
    recall = ordered(inspector, leader, lot_of(raw, "V1"))
    assert answers(product)["S1"] == (True, True)
    assert answers(product)["all"] == (False, True)

    wrong = {"declarationTime": "2026-03-05T00:00:00Z", "reason": "incorrect_data"}
    capture({**made, "errorDeclaration": wrong})
    recalls.run_recall(actor=inspector, recall=recall, at=A_MONTH_LATER)

    assert set(answers(product).values()) == {(False, False)}


def test_of_several_recalls_the_newest_is_named_in_two_questions(
    product, inspector, leader, django_assert_num_queries
):
    ordered(inspector, leader, f"{product.uri}/*")
    newest = ordered(inspector, leader, lot_of(product, "S1"), at=A_MONTH_LATER.replace(hour=5))
    uris = [lot_of(product, number) for number in ("S1", "S2", "S3")]

    with django_assert_num_queries(2):
        found = recalls_of(uris)

    assert found[uris[0]] == newest
    assert {found[one] for one in uris[1:]} != {newest}


def test_what_is_no_key_of_gs1_is_recalled_when_a_recall_names_it(inspector, leader):
    ordered(inspector, leader, "urn:example:boat:7")

    assert list(recalls_of(["urn:example:boat:7", "urn:example:boat:77"])) == ["urn:example:boat:7"]
    assert recalls_of([]) == {}
