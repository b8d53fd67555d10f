"""Chains of goods as machines tell of them: farm, plant, packing, distributor, shops.

One chain is 148 events with some 750 identifiers in them: two lots of raw fruit become a lot of goods,
150 items of it are packed into ten cases on one pallet, shipped three times, unpacked, and half of
them sold. The same seed tells the same chains.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chuan.modules.traceability.engine.digits import with_check_digit
from chuan.modules.traceability.engine.model import CONTEXT
from chuan.modules.traceability.engine.reading_json import read_json
from chuan.modules.traceability.engine.writing_xml import write_xml

Event = dict[str, Any]
PREFIX = "8934567"
CASES, PER_CASE, SHOPS, SOLD = 10, 15, 5, 75
FARMS, PLANTS, DISTRIBUTORS, ALL_SHOPS = 400, 20, 40, 900
BIG_CASE = 50
FIRST = datetime(2026, 1, 5, 6, tzinfo=UTC)
# Farms pick all year: a chain begins so long after the one before it.
BETWEEN = timedelta(minutes=9)
EVENTS_OF_A_CHAIN = 148


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain: what to ask about it, and its events in the order they happened."""

    raw: str
    lot: str
    items: list[str]
    events: list[Event]


def chain(number: int, *, seed: int = 1, began: datetime = FIRST) -> Chain:
    """The chain of this number; chains of other numbers share its places and none of its goods."""
    return _Told(number, random.Random(f"{seed}:{number}"), began + BETWEEN * number).chain()


def chains(first: int = 0, *, seed: int = 1, began: datetime = FIRST) -> Iterator[Chain]:
    for number in itertools.count(first):
        yield chain(number, seed=seed, began=began)


def events(first: int = 0, *, seed: int = 1, began: datetime = FIRST) -> Iterator[Event]:
    for one in chains(first, seed=seed, began=began):
        yield from one.events


def big_lot(items: int, *, began: datetime = FIRST) -> Chain:
    """One lot with very many items in cases, at many shops, a fifth of them sold: for a recall."""
    return _Told(0, random.Random(items), began).big_lot(items)


class _Told:
    def __init__(self, number: int, chance: random.Random, began: datetime) -> None:
        self.number, self.chance, self.now = number, chance, began
        self.product = f"{number % 900:05}"
        self.events: list[Event] = []

    def chain(self) -> Chain:
        farm, plant = _place("1", self.number % FARMS), plant_of(self.number)
        distributor = _place("3", self.chance.randrange(DISTRIBUTORS))
        shops = [_place("4", at) for at in self.chance.sample(range(ALL_SHOPS), SHOPS)]
        raw = [
            f"urn:epc:class:lgtin:{PREFIX}.0{self.product}.R{self.number}{side}" for side in "AB"
        ]
        lot = f"urn:epc:class:lgtin:{PREFIX}.1{self.product}.L{self.number}"
        items = [
            f"urn:epc:id:sgtin:{PREFIX}.1{self.product}.{self.number:07}{at:03}"
            for at in range(CASES * PER_CASE)
        ]
        of_case = [items[at * PER_CASE : (at + 1) * PER_CASE] for at in range(CASES)]
        cases = [_sscc(1, self.number * CASES + at) for at in range(CASES)]
        pallet = _sscc(2, self.number)
        self._farm(raw, farm, plant)
        self._plant(raw, lot, of_case, cases, pallet, plant)
        for sender, receiver in ((plant, distributor), (distributor, _next(distributor))):
            self._moved([pallet], sender, receiver)
        last = _next(distributor)
        self._moved([pallet], last, _next(last))
        self._tell(
            "AggregationEvent", last, "unpacking", action="DELETE", parentID=pallet, childEPCs=cases
        )
        for at, one in enumerate(cases):
            shop = shops[at % SHOPS]
            self._moved([one], last, shop)
            self._tell(
                "AggregationEvent",
                shop,
                "unpacking",
                action="DELETE",
                parentID=one,
                childEPCs=of_case[at],
            )
            self._tell(
                "ObjectEvent",
                shop,
                "stocking",
                "sellable_accessible",
                action="OBSERVE",
                epcList=of_case[at],
            )
        for at, one in enumerate(items[:SOLD]):
            shop = shops[at // PER_CASE % SHOPS]
            self._tell(
                "ObjectEvent",
                shop,
                "retail_selling",
                "retail_sold",
                action="OBSERVE",
                epcList=[one],
            )
        return Chain(raw[0], lot, items, self.events)

    def big_lot(self, count: int) -> Chain:
        self.product = "99999"
        farm, plant, distributor = _place("1", 0), _place("2", 0), _place("3", 0)
        raw = [f"urn:epc:class:lgtin:{PREFIX}.0{self.product}.B{count}{side}" for side in "AB"]
        lot = f"urn:epc:class:lgtin:{PREFIX}.1{self.product}.B{count}"
        items = [
            f"urn:epc:id:sgtin:{PREFIX}.1{self.product}.{count:06}{at:06}" for at in range(count)
        ]
        of_case = [items[at : at + BIG_CASE] for at in range(0, count, BIG_CASE)]
        cases = [_sscc(3, count * 1000 + at) for at in range(len(of_case))]
        self._farm(raw, farm, plant)
        self._plant(raw, lot, of_case, cases, _sscc(4, count), plant)
        for at, (one, inside) in enumerate(zip(cases, of_case, strict=True)):
            shop = _place("4", at % ALL_SHOPS)
            self._moved([one], plant, distributor)
            self._moved([one], distributor, shop)
            if at % 2:
                unpacked = {"action": "DELETE", "parentID": one, "childEPCs": inside}
                self._tell("AggregationEvent", shop, "unpacking", **unpacked)
            if at % 5 == 1:
                sold = {"action": "OBSERVE", "epcList": inside}
                self._tell("ObjectEvent", shop, "retail_selling", "retail_sold", **sold)
        return Chain(raw[0], lot, items, self.events)

    def _farm(self, raw: list[str], farm: str, plant: str) -> None:
        for lot in raw:
            self._tell(
                *("ObjectEvent", farm, "commissioning", "active"),
                action="ADD",
                quantityList=[_kilos(lot, 600)],
                ilmd={"cbvmda:lotNumber": lot.rpartition(".")[2]},
            )
        things = [_kilos(lot, 600) for lot in raw]
        self._tell(
            "ObjectEvent", farm, "shipping", "in_transit", action="OBSERVE", quantityList=things
        )
        self._tell(
            "ObjectEvent", plant, "receiving", "in_progress", action="OBSERVE", quantityList=things
        )

    def _plant(
        self,
        raw: list[str],
        lot: str,
        of_case: list[list[str]],
        cases: list[str],
        pallet: str,
        plant: str,
    ) -> None:
        made = {
            "cbvmda:lotNumber": lot.rpartition(".")[2],
            "cbvmda:itemExpirationDate": "2027-01-05",
        }
        self._tell(
            *("TransformationEvent", plant, "creating_class_instance", "active"),
            inputQuantityList=[_kilos(one, 600) for one in raw],
            outputQuantityList=[_kilos(lot, 1000)],
            ilmd=made,
        )
        for items in of_case:
            self._tell(
                *("ObjectEvent", plant, "commissioning", "active"),
                action="ADD",
                epcList=items,
                ilmd=made,
                sensorElementList=[
                    {"sensorReport": [{"type": "Temperature", "value": 3.5, "uom": "CEL"}]}
                ],
            )
        for one, items in zip(cases, of_case, strict=True):
            self._tell(
                "AggregationEvent", plant, "packing", action="ADD", parentID=one, childEPCs=items
            )
        self._tell(
            "AggregationEvent", plant, "packing", action="ADD", parentID=pallet, childEPCs=cases
        )

    def _moved(self, things: list[str], sender: str, receiver: str) -> None:
        paper = [
            {
                "type": "desadv",
                "bizTransaction": f"urn:epcglobal:cbv:bt:{PREFIX}000015:{self.number}",
            }
        ]
        way: dict[str, Any] = {
            "action": "OBSERVE",
            "epcList": things,
            "bizTransactionList": paper,
            "sourceList": [{"type": "location", "source": sender}],
            "destinationList": [{"type": "location", "destination": receiver}],
        }
        self._tell("ObjectEvent", sender, "shipping", "in_transit", **way)
        self._tell("ObjectEvent", receiver, "receiving", "in_progress", **way)

    def _tell(self, kind: str, where: str, step: str, disposition: str = "", **more: Any) -> None:
        self.now += timedelta(seconds=self.chance.randrange(120, 900))
        event = {
            "type": kind,
            "eventTime": self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "eventTimeZoneOffset": "+07:00",
            "bizStep": step,
            "readPoint": {"id": where},
            "bizLocation": {"id": where},
            **more,
        }
        if disposition:
            event["disposition"] = disposition
        if kind == "ObjectEvent":
            event.setdefault("epcList", [])
        self.events.append(event)


def plant_of(number: int) -> str:
    """Where the goods of the chain of this number are made."""
    return _place("2", number % PLANTS)


def _kilos(lot: str, amount: int) -> dict[str, Any]:
    return {"epcClass": lot, "quantity": amount, "uom": "KGM"}


def _place(kind: str, number: int) -> str:
    return f"urn:epc:id:sgln:{PREFIX}.{kind}{number:04}.0"


def _next(place: str) -> str:
    """Another distributor."""
    number = int(place.split(".")[1][1:])
    return _place("3", (number + 7) % DISTRIBUTORS)


def _sscc(first: int, number: int) -> str:
    return f"urn:epc:id:sscc:{PREFIX}.{first}{number:09}"


def gtin(number: int) -> str:
    return with_check_digit(f"1{PREFIX}{number % 900:05}")


# ---------------------------------------------------------------- as documents
_CREATED = "2026-06-01T00:00:00Z"


def in_json(told: list[Event]) -> bytes:
    found = {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _CREATED,
        "epcisBody": {"eventList": told},
    }
    return json.dumps(found).encode()


def in_xml(told: list[Event]) -> bytes:
    return write_xml(read_json(in_json(told)))
