"""What is kept of an event beside its text: who is in it, in which role, where, when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple

from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.hashing import event_hash
from chuan.modules.traceability.engine.keys import canonical, lot_of, lot_of_item
from chuan.modules.traceability.engine.model import BUILT_IN, EVENT_TYPES, Event
from chuan.modules.traceability.engine.values import instant
from chuan.modules.traceability.engine.vocabulary import Vocabulary, web_uri


class Role(IntEnum):
    """How an identifier takes part in an event; kept in rows, so the numbers never change."""

    THING = 1
    THING_CLASS = 2
    PARENT = 3
    CHILD = 4
    CHILD_CLASS = 5
    INPUT = 6
    INPUT_CLASS = 7
    OUTPUT = 8
    OUTPUT_CLASS = 9


ACTION_CODES = {"OBSERVE": 1, "ADD": 2, "DELETE": 3}
KIND_CODES = {name: code for code, name in enumerate(EVENT_TYPES, start=1)}
OTHER_KIND = 0
PACKING = ("AggregationEvent", "AssociationEvent")
_SINGLE = (Role.THING, Role.PARENT, Role.CHILD)
_LEAVES = frozenset(web_uri(word, Vocabulary.BIZ_STEP) for word in ("shipping", "departing"))
_COMES = frozenset(
    web_uri(word, Vocabulary.BIZ_STEP) for word in ("receiving", "arriving", "accepting")
)
_LISTS = {
    "epcList": Role.THING,
    "quantityList": Role.THING_CLASS,
    "childEPCs": Role.CHILD,
    "childQuantityList": Role.CHILD_CLASS,
    "inputEPCList": Role.INPUT,
    "inputQuantityList": Role.INPUT_CLASS,
    "outputEPCList": Role.OUTPUT,
    "outputQuantityList": Role.OUTPUT_CLASS,
}


class Part(NamedTuple):
    """One identifier in one role; quantity in `uom`, or in pieces when that is None."""

    uri: str
    role: Role
    quantity: float | None = None
    uom: str | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """One side of a handover of single things: who let them go (`leaves`) or took them, and whether
    it is said who is on the other side."""

    things: tuple[str, ...]
    leaves: bool
    is_addressed: bool
    actors: frozenset[str]


# A tuple, as `Part` is: made in a third of the time of a frozen data class.
class Facts(NamedTuple):
    """One valid event, ready to be stored.

    `eid` stands for its event id; an error declaration has one of its own, and `declares` is that
    of the event it takes back. `content` stands for what it says, so that two events under one id
    can be told apart.
    """

    eid: bytes
    content: bytes
    event_uri: str
    happened: datetime
    kind: int
    action: int | None
    declares: bytes | None
    declared_at: datetime | None
    words: tuple[str | None, str | None]
    places: tuple[str | None, str | None]
    transformation: str | None
    parent: str | None
    parts: tuple[Part, ...]
    moves: bool
    namespaces: str | None
    body: str
    # Lots and items that are said to be of them.
    members: tuple[tuple[str, str], ...] = ()
    # Whom and what places it names as where goods come from, and as where they go.
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()

    def uris(self) -> list[str]:
        named = (*self.words, *self.places, self.transformation, self.parent)
        lots = {lot for lot, _item in self.members}
        sides = (*self.sources, *self.destinations)
        return [uri for uri in (*named, *lots, *sides) if uri] + [part.uri for part in self.parts]

    @property
    def names(self) -> frozenset[str]:
        """Parties and places it names: whom it concerns."""
        named = (*self.places, *self.sources, *self.destinations)
        return frozenset(uri for uri in named if uri)

    @property
    def handover(self) -> Handover | None:
        """Which side of a handover this is; None for what is neither, and for declarations."""
        step = self.words[0]
        if self.declares or step not in _LEAVES | _COMES:
            return None
        leaves = step in _LEAVES
        own, other = self.sources, self.destinations
        if not leaves:
            own, other = other, own
        place = self.places[0] or self.places[1]
        return Handover(
            things=tuple({part.uri for part in self.parts if part.role in _SINGLE}),
            leaves=leaves,
            is_addressed=bool(other),
            actors=frozenset((*own, *([place] if place else ()))),
        )


def facts_of(document: Document, event: Event) -> Facts:
    """The facts of one valid event of a document; its id is its hash where it has none."""
    namespaces = document.namespaces_of(event)
    hashed = event_hash(event, namespaces)
    uri = event.get("eventID", hashed)
    own = {
        prefix: meaning for prefix, meaning in namespaces.items() if BUILT_IN.get(prefix) != meaning
    }
    kept = {name: value for name, value in event.items() if name not in ("@context", "recordTime")}
    happened = instant(event["eventTime"])
    assert happened is not None  # noqa: S101 - the validator saw it
    declaration = event.get("errorDeclaration")
    declared_at = instant(declaration["declarationTime"]) if declaration else None
    parts = tuple(parts_of(event))
    action = event.get("action")
    return Facts(
        eid=_short(f"{uri}\0{declared_at.isoformat()}" if declared_at else uri),
        content=_short(hashed),
        event_uri=uri,
        happened=happened,
        kind=KIND_CODES.get(event["type"], OTHER_KIND),
        action=ACTION_CODES.get(action) if isinstance(action, str) else None,
        declares=_short(uri) if declared_at else None,
        declared_at=declared_at,
        words=(
            _word(event.get("bizStep"), Vocabulary.BIZ_STEP),
            _word(event.get("disposition"), Vocabulary.DISPOSITION),
        ),
        places=(_place(event.get("readPoint")), _place(event.get("bizLocation"))),
        transformation=_link(event.get("transformationID")),
        parent=_link(event.get("parentID")),
        parts=parts,
        moves=event["type"] in PACKING and action in ("ADD", "DELETE") and not declared_at,
        namespaces=json.dumps(own, ensure_ascii=False) if own else None,
        body=_written({**kept, "eventID": uri}),
        members=() if declared_at else tuple(members_of(event, namespaces)),
        sources=_sides(event, "source"),
        destinations=_sides(event, "destination"),
    )


# Made once: `json.dumps` makes one for each text that is not in its own form.
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def eid_of(uri: str) -> bytes:
    """What stands for an event id in indexes."""
    return _short(uri)


def parts_of(event: Event) -> list[Part]:
    """Everybody in an event, with canonical links."""
    if event["type"] not in KIND_CODES:
        return []
    found = []
    parent = _link(event.get("parentID"))
    if parent:
        found.append(Part(parent, Role.PARENT))
    for name, role in _LISTS.items():
        for one in event.get(name) or ():
            if isinstance(one, dict):
                quantity = one.get("quantity")
                found.append(
                    Part(
                        canonical(one["epcClass"]),
                        role,
                        None if quantity is None else float(quantity),
                        one.get("uom"),
                    )
                )
            else:
                found.append(Part(canonical(one), role))
    return found


_LISTS_OF_ITEMS = tuple(name for name, role in _LISTS.items() if not role.name.endswith("_CLASS"))
_BORN = {"ObjectEvent": "epcList", "TransformationEvent": "outputEPCList"}


def members_of(event: Event, namespaces: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Items that are told with their lot: in their link, or in master data of where they began."""
    for name in _LISTS_OF_ITEMS:
        for uri in event.get(name) or ():
            lot = lot_of(uri)
            if lot:
                yield lot, canonical(uri)
    number = _lot_number(event.get("ilmd") or {}, namespaces)
    begins = event.get("action") != "DELETE" and event["type"] in _BORN
    if number is None or not begins:
        return
    for uri in event.get(_BORN[event["type"]]) or ():
        item = canonical(uri)
        lot = lot_of_item(item, number)
        if lot:
            yield lot, item


def _lot_number(ilmd: Mapping[str, Any], namespaces: Mapping[str, str]) -> str | None:
    for name, value in ilmd.items():
        prefix, _, rest = name.partition(":")
        meaning = namespaces.get(prefix)
        if rest == "lotNumber" and meaning and meaning.rstrip(":#") == BUILT_IN["cbvmda"]:
            return value if isinstance(value, str) else None
    return None


def _word(value: str | None, vocabulary: Vocabulary) -> str | None:
    return web_uri(value, vocabulary) if value else None


def _place(value: Mapping[str, Any] | None) -> str | None:
    return canonical(value["id"]) if value else None


def _sides(event: Event, side: str) -> tuple[str, ...]:
    return tuple(canonical(one[side]) for one in event.get(f"{side}List") or ())


def _link(uri: str | None) -> str | None:
    return canonical(uri) if uri else None


def _short(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]
