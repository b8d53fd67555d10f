"""A chain of three parties, told step by step, and what somebody sees of it."""

import json

from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.query import Query
from chuan.modules.traceability.queries.events import page
from chuan.modules.traceability.queries.sight import sight_of
from chuan.modules.traceability.testing import (
    PartyFactory,
    PlaceFactory,
    capture,
    case,
    event,
    make_key,
)

THING = canonical(case(1))


def step(hour, word, where=None, *, things=None, source=None, destination=None, **more):
    """An event of a business step at a place."""
    found = event(hour, epcList=list(things or [case(1)]), bizStep=word)
    if where is not None:
        found["readPoint"] = {"id": where.uri}
    if source is not None:
        found["sourceList"] = [{"type": "owning_party", "source": source.uri}]
    if destination is not None:
        found["destinationList"] = [{"type": "owning_party", "destination": destination.uri}]
    found["eventID"] = f"urn:uuid:00000000-0000-4000-8000-{hour:012}"
    return {**found, **more}


class Chain:
    """Farm → plant → shop, one case, nobody named on the other side of a handover.

    Hours: 1 farm packs, 2 farm ships, 3 plant receives, 4 plant keeps, 5 plant ships, 6 shop receives,
    7 shop sells.
    """

    def __init__(self):
        self.parties = {name: PartyFactory() for name in ("farm", "plant", "shop", "other")}
        self.places = {name: PlaceFactory(party=party) for name, party in self.parties.items()}
        self.keys = {name: make_key(party=party) for name, party in self.parties.items()}
        self.keys["watching the plant"] = make_key(remit=[self.parties["plant"]])
        self.keys["watching nobody"] = make_key(remit=[])
        self.keys["watching all"] = make_key(sees_everything=True)
        for who, hour, word in (
            ("farm", 1, "packing"),
            ("farm", 2, "shipping"),
            ("plant", 3, "receiving"),
            ("plant", 4, "storing"),
            ("plant", 5, "shipping"),
            ("shop", 6, "receiving"),
            ("shop", 7, "retail_selling"),
        ):
            capture(step(hour, word, self.places[who]), key=self.keys[who][0])


# who asks: the hours of the events they see
SEEN = {
    "farm": {1, 2, 3},
    "plant": {2, 3, 4, 5, 6},
    "shop": {5, 6, 7},
    "other": set(),
    "watching the plant": {2, 3, 4, 5, 6},
    "watching nobody": set(),
    "watching all": {1, 2, 3, 4, 5, 6, 7},
}
ALL = SEEN["watching all"]
WORDS = {1: "packing", 2: "shipping", 3: "receiving", 4: "storing", 5: "shipping"}
WORDS |= {6: "receiving", 7: "retail_selling"}
AT = {1: "farm", 2: "farm", 3: "plant", 4: "plant", 5: "plant", 6: "shop", 7: "shop"}


def hours(told):
    return {int(found["eventID"][-12:]) for found in told}


def events_seen(party):
    rows = page(Query(), sight=sight_of(make_key(party=party)[0]), after=None, size=500).rows
    return hours(json.loads(row.body) for row in rows)
