"""Chains whose quantities were reckoned by hand."""

from itertools import pairwise
from urllib.parse import quote

import pytest

from chuan.modules.traceability.engine import balance
from chuan.modules.traceability.engine.balance import Making, Told, balances
from chuan.modules.traceability.engine.facts import Part, Role
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.walk import Direction
from chuan.modules.traceability.testing import capture, event, item, lot, make_key, making

pytestmark = pytest.mark.django_db


def born(hour, number, amount=None, uom="KGM"):
    some = {"epcClass": lot(number)}
    if amount is not None:
        some |= {"quantity": amount, **({"uom": uom} if uom else {})}
    return event(hour, action="ADD", epcList=[], bizStep="commissioning", quantityList=[some])


def mixed(hour, inputs, outputs, **more):
    """`{lot: (amount, unit)}`, or None for what nobody measured."""
    found = making(hour, {}, {}, **more)
    for side, told in (("input", inputs), ("output", outputs)):
        found[f"{side}QuantityList"] = [
            {"epcClass": lot(number)}
            | ({"quantity": some[0], "uom": some[1]} if some is not None else {})
            for number, some in told.items()
        ]
    return found


@pytest.fixture
def reckoned(client):
    headers = {"authorization": f"Bearer {make_key()[1]}"}

    def told(thing, direction, mode="strict"):
        answer = client.get(
            f"/epcis/v2/trace/{quote(thing, safe='')}",
            {"direction": direction, "mode": mode, "quantities": "true"},
            headers=headers,
        )
        assert answer.status_code == 200, answer.content
        return {
            one["epc"].rpartition("/")[2]: (one["amount"], one["of"], one["uom"], one["share"])
            for one in answer.json()["quantities"]
        }

    return told


def test_what_was_mixed_is_shared_by_weight_across_units(reckoned):
    # 300 kg of A and 0.1 t of B become 380 kg of M: 3/4 from A. Half of M and 10 kg of C become N.
    capture(
        born(1, "A", 400),
        born(1, "B", 100),
        born(1, "C", 10),
        mixed(2, {"A": (300, "KGM"), "B": (0.1, "TNE")}, {"M": (380, "KGM")}),
        mixed(3, {"M": (190, "KGM"), "C": (10, "KGM")}, {"N": (150, "KGM")}),
    )
    assert reckoned(lot("A"), "downstream") == {
        "A": (400, 400, "KGM", 1),
        "M": (285, 380, "KGM", 0.75),
        # 190 × 0.75 of 200 that went in
        "N": (106.875, 150, "KGM", 0.7125),
    }
    assert reckoned(lot("N"), "upstream") == {
        "N": (150, 150, "KGM", 1),
        "C": (10, 10, "KGM", 1),
        "M": (190, 380, "KGM", 0.5),
        "A": (150, 400, "KGM", 0.375),
        "B": (50, 100, "KGM", 0.5),
    }


def test_what_came_out_beside_has_its_part_of_what_went_in(reckoned):
    capture(
        born(1, "A", 100),
        mixed(2, {"A": (100, "KGM")}, {"M": (30, "KGM"), "N": (20000, "GRM")}),
    )
    assert reckoned(lot("M"), "upstream") == {
        "A": (60, 100, "KGM", 0.6),
        "M": (30, 30, "KGM", 1),
    }
    assert reckoned(lot("A"), "downstream") == {
        "A": (100, 100, "KGM", 1),
        "M": (30, 30, "KGM", 1),
        "N": (20000, 20000, "GRM", 1),
    }


def test_what_nobody_measured_is_unknown_and_so_is_what_depends_on_it(reckoned):
    capture(
        born(1, "A", 100),
        born(1, "B"),
        mixed(2, {"A": (50, "KGM"), "B": None}, {"M": (80, "KGM")}),
        mixed(3, {"M": (80, "KGM")}, {"N": (70, "KGM")}),
    )
    assert reckoned(lot("A"), "downstream") == {
        "A": (100, 100, "KGM", 1),
        "M": (None, 80, "KGM", None),
        "N": (None, 70, "KGM", None),
    }
    # All of it went into what is asked for, however much it was.
    assert reckoned(lot("N"), "upstream") == {
        "A": (50, 100, "KGM", 0.5),
        "B": (None, None, None, None),
        "M": (80, 80, "KGM", 1),
        "N": (70, 70, "KGM", 1),
    }


def test_litres_and_kilograms_are_not_added(reckoned):
    capture(
        born(1, "A", 100),
        born(1, "B", 10, "LTR"),
        mixed(2, {"A": (100, "KGM"), "B": (10, "LTR")}, {"M": (105, "KGM")}),
    )
    assert reckoned(lot("A"), "downstream")["M"] == (None, 105, "KGM", None)
    assert reckoned(lot("M"), "upstream")["B"] == (10, 10, "LTR", 1)


def test_one_input_alone_is_all_of_it_without_any_quantity(reckoned):
    capture(born(1, "A"), mixed(2, {"A": None}, {"M": (9, "KGM")}))
    assert reckoned(lot("A"), "downstream") == {
        "A": (None, None, None, 1),
        "M": (9, 9, "KGM", 1),
    }


def test_a_lot_made_in_two_goes_is_mixed_from_both_also_from_what_is_not_traced(reckoned):
    capture(
        born(1, "A", 100),
        born(1, "B", 100),
        mixed(2, {"B": (100, "KGM")}, {"M": (90, "KGM")}),
        mixed(3, {"A": (100, "KGM")}, {"M": (10, "KGM")}),
    )
    assert reckoned(lot("A"), "downstream")["M"] == (10, 100, "KGM", 0.1)


def test_what_is_made_of_itself_is_unknown(reckoned):
    capture(
        born(1, "A", 10),
        mixed(2, {"A": (5, "KGM"), "Y": (2, "KGM")}, {"X": (7, "KGM")}),
        mixed(3, {"X": (3, "KGM")}, {"Y": (3, "KGM")}),
    )
    assert reckoned(lot("A"), "downstream", "gdst")["X"] == (None, 7, "KGM", None)


def test_items_have_the_share_of_their_lot_and_count_where_it_is_counted(reckoned):
    capture(
        born(1, "A", 75),
        born(1, "B", 25),
        mixed(2, {"A": (75, "KGM"), "B": (25, "KGM")}, {"L": (80, "KGM")}),
        event(
            3,
            action="ADD",
            epcList=[item(1)],
            bizStep="commissioning",
            ilmd={"cbvmda:lotNumber": "L"},
        ),
    )
    found = reckoned(lot("A"), "downstream")
    assert found["L"] == (60, 80, "KGM", 0.75)
    assert found["1"] == (0.75, 1, None, 0.75)
    # How many kilograms one piece is, nobody said.
    assert reckoned(item(1), "upstream")["L"] == (None, 80, "KGM", None)
    capture(
        born(5, "P", 10, None),
        event(6, action="ADD", epcList=[item(2)], ilmd={"cbvmda:lotNumber": "P"}),
    )
    assert reckoned(item(2), "upstream")["P"] == (1, 10, None, 0.1)


def test_quantities_are_told_to_whoever_asks_for_them(client):
    capture(born(1, "A", 100))
    headers = {"authorization": f"Bearer {make_key()[1]}"}
    path = f"/epcis/v2/trace/{quote(canonical(lot('A')), safe='')}"
    assert "quantities" not in client.get(path, headers=headers).json()
    answer = client.get(path, {"quantities": "maybe"}, headers=headers)
    assert answer.status_code == 400


# ---------------------------------------------------------------- long and wide
def made(inputs, outputs):
    making = Making()
    making.take(
        [Part(uri, Role.INPUT_CLASS, 1.0, "KGM") for uri in inputs]
        + [Part(uri, Role.OUTPUT_CLASS, float(len(inputs)), "KGM") for uri in outputs]
    )
    return making


@pytest.mark.parametrize("direction", Direction)
def test_chains_longer_than_functions_call_each_other_are_reckoned(direction):
    # Sorted, the last comes first: it asks for all before it.
    names = [f"X{5000 - number}" for number in range(2000)]
    told = Told([made([before], [after]) for before, after in pairwise(names)])
    told.begin(Part(names[0], Role.INPUT_CLASS, 1.0, "KGM"))
    start = names[0] if direction is Direction.DOWNSTREAM else names[-1]
    found = balances(start, names, told, direction=direction)
    assert {one.share for one in found} == {1.0}


@pytest.mark.parametrize("direction", Direction)
def test_of_a_wide_making_what_was_mixed_is_reckoned_once(direction, monkeypatch):
    weighed = []
    real = balance._weighed
    monkeypatch.setattr(
        balance, "_weighed", lambda mixed: weighed.append(len(mixed)) or real(mixed)
    )
    inputs, outputs = ([f"{side}{number}" for number in range(400)] for side in "IO")
    told = Told([made(inputs, outputs)])
    followed = [*inputs, *outputs]
    balances(
        inputs[0] if direction is Direction.DOWNSTREAM else outputs[0],
        followed,
        told,
        direction=direction,
    )
    assert sum(weighed) < 3 * len(followed)
