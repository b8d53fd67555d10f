"""What a recall concerns: every identifier, where it is, who has it, what became of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from chuan.modules.traceability.engine.fates import fate_of
from chuan.modules.traceability.engine.keys import Key, canonical, read
from chuan.modules.traceability.engine.patterns import BadPattern, read_pattern
from chuan.modules.traceability.engine.vocabulary import Vocabulary, web_uri
from chuan.modules.traceability.engine.walk import Caps, Direction, Mode, walk
from chuan.modules.traceability.enums import Fate, MasterKind
from chuan.modules.traceability.models import AccessKey, Recall
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.archive import here_since
from chuan.modules.traceability.queries.master import Known
from chuan.modules.traceability.store import affected, tracing
from chuan.modules.traceability.store.affected import Amount, LastSeen, Packed

# A recall of more than this is told as cut short: it must begin with something narrower.
CAPS = Caps(depth=50, things=100_000, events=200_000, fanout=100_000, links=0)
# Shipments whose destinations are read out of their events.
_MOST_SHIPMENTS = 5_000
# Less than this share of a lot left over is measuring, not goods.
_NOTHING_LEFT = 0.001


@dataclass(frozen=True, slots=True)
class Affected:
    """One identifier as a search found it. What is not known is empty."""

    ident: int
    uri: str
    product: str
    product_name: str
    is_lot: bool
    is_source: bool
    place: str
    place_name: str
    holder: str
    holder_name: str
    inside: str
    fate: Fate
    seen_at: datetime
    quantity: float | None
    uom: str
    # Its last event is in an archive, or all that was made of the lot: what became of it is guessed.
    is_away: bool


@dataclass(frozen=True, slots=True)
class Search:
    """What was found. Where it is not `complete` there may be more: it was `truncated`, or months
    are in an archive."""

    items: list[Affected]
    truncated: bool
    complete: bool


def search(recall: Recall) -> Search:
    """Everything that was made of, packed with or is of the lot of what a recall begins with.

    Things that only carried it are no part of it, except pallets and boxes with some of a lot that
    went several ways: by their numbers it is found. Time bounds where a recall begins, not where
    the goods went afterwards.
    """
    start, cut = _start(recall)
    found = walk(
        start,
        tracing.StoredChain(),
        direction=Direction.DOWNSTREAM,
        mode=Mode(recall.mode),
        caps=CAPS,
        goods_only=True,
    )
    is_all_here = here_since() is None
    described = _Described(list(found.followed), set(start), is_all_here=is_all_here)
    items = described.items()
    truncated = cut or found.truncated or described.parcels.truncated
    return Search(items, truncated, complete=not truncated and is_all_here)


def _start(recall: Recall) -> tuple[dict[int, datetime | None], bool]:
    """Where a recall begins, each with the instant from which it counts, and whether not all fit."""
    wanted = affected.matching(_patterns(recall.identifiers)) if recall.identifiers else None
    if wanted is not None and not recall.place:
        if recall.since is None and recall.until is None:
            return dict.fromkeys(wanted[: CAPS.things]), len(wanted) > CAPS.things
        return {**affected.seen_between(wanted, recall.since, recall.until)}, False
    places = tracing.idents_of(master.within([recall.place])).values()
    seen = affected.seen_at(list(places), recall.since, recall.until, most=CAPS.things)
    is_cut = len(seen) > CAPS.things
    if wanted is not None:
        also = set(wanted)
        seen = {ident: at for ident, at in seen.items() if ident in also}
    return {**seen}, is_cut


def _patterns(identifiers: Collection[str]) -> list[Any]:
    patterns = []
    for one in identifiers:
        try:
            patterns.append(read_pattern(one))
        except BadPattern:  # kept from before; nothing matches it
            continue
    return patterns


@dataclass(frozen=True, slots=True)
class _Whereabouts:
    """Where goods are whose last event, place and state are the same."""

    place: str
    place_name: str
    holder: str
    holder_name: str
    fate: Fate
    used_up: Fate


class _Described:
    """Found identifiers with all that is known of each, read for all together."""

    def __init__(self, idents: list[int], sources: set[int], *, is_all_here: bool) -> None:
        self.sources = sources
        self.is_all_here = is_all_here
        self.parcels = _Parcels(idents)
        self.lots, self.amounts = self.parcels.lots, self.parcels.amounts
        everybody = [*idents, *self.parcels.inside]
        self.seen = affected.last_seen(everybody, apart=self.parcels.apart)
        self.idents = [ident for ident in everybody if ident in self.seen]
        # A case of goods moves as one: what is the same for all of them is worked out once.
        self.states = {_situation(state): state for state in self.seen.values()}
        named = {ident for state in self.states.values() for ident in _idents_in(state)}
        inside = {state.inside for state in self.seen.values() if state.inside}
        known = self.parcels.uris
        self.uris = known | tracing.uris_of((named | inside | set(self.idents)) - known.keys())
        self.keys = self.parcels.keys | {
            ident: read(self.uris[ident]) for ident in self.parcels.inside
        }
        self.used = affected.used_up([ident for ident in self.idents if ident not in self.lots])
        self.bound_for = self._destinations()
        self.products = master.known(
            {self._kind(ident) for ident in self.idents} - {""}, MasterKind.PRODUCT
        )
        self.places = master.known(self._place_uris(), MasterKind.PLACE)
        self.owners = master.owners_of(self._place_uris())
        tellers = {state.captured_by for state in self.states.values() if state.captured_by}
        machines = AccessKey.objects.filter(pk__in=tellers).select_related("party")
        self.machines = {key.pk: key for key in machines}
        parties = {self._holder(state) for state in self.states.values()} - {""}
        self.parties = master.known(parties, MasterKind.PARTY)
        self.whereabouts = {
            situation: self._whereabouts(state) for situation, state in self.states.items()
        }

    def items(self) -> list[Affected]:
        return [self._item(ident) for ident in self.idents]

    def _place_uris(self) -> set[str]:
        places = {self.uris[state.place] for state in self.states.values() if state.place}
        return places | {place for place, _party in self.bound_for.values() if place}

    def _destinations(self) -> dict[int, tuple[str, str]]:
        """Place and party that goods are on the way to, by event."""
        on_the_way = {
            state.event_id
            for state in self.states.values()
            if self._fate_by_words(state) is Fate.IN_TRANSIT
        }
        bodies = affected.bodies_of(sorted(on_the_way)[:_MOST_SHIPMENTS])
        return {event_id: _destination(json.loads(body)) for event_id, body in bodies.items()}

    def _fate_by_words(
        self, state: LastSeen, *, is_used_up: bool = False, country: str = ""
    ) -> Fate:
        return fate_of(
            step=self.uris.get(state.step or 0),
            disposition=self.uris.get(state.disposition or 0),
            is_used_up=is_used_up,
            country=country,
        )

    def _place(self, state: LastSeen) -> str:
        """Where it is; on the way, where it goes."""
        place, _party = self.bound_for.get(state.event_id, ("", ""))
        return place or (self.uris[state.place] if state.place else "")

    def _holder(self, state: LastSeen) -> str:
        """Who answers for it: whom it was sent to, else whose place it is at, else who told of it."""
        _place, party = self.bound_for.get(state.event_id, ("", ""))
        place = self._place(state)
        known = self.places.get(place)
        teller = self.machines.get(state.captured_by or 0)
        return (
            party
            or (known.owner if known else "")
            or self.owners.get(place, "")
            or (teller.party.uri if teller and teller.party else "")
        )

    def _whereabouts(self, state: LastSeen) -> _Whereabouts:
        place, told = self._place(state), self._holder(state)
        holder = self.parties.get(told, Known(told)).uri
        known = self.places.get(place, Known(place))
        teller = self.machines.get(state.captured_by or 0)
        return _Whereabouts(
            place=place,
            place_name=known.name or master.shown(place),
            holder=holder,
            holder_name=_named(told, self.parties)
            or (teller.name if teller and not holder else ""),
            fate=self._fate_by_words(state, country=known.country),
            used_up=self._fate_by_words(state, is_used_up=True, country=known.country),
        )

    def _item(self, ident: int) -> Affected:
        state = self.seen[ident]
        where = self.whereabouts[_situation(state)]
        product = self._kind(ident)
        used_up, quantity, uom = self._left(ident)
        fate = where.used_up if used_up else where.fate
        if ident in self.parcels.apart and quantity == 0.0:
            fate = Fate.PACKED
        return Affected(
            ident=ident,
            uri=self.uris[ident],
            product=product,
            product_name=self.products.get(product, Known(product)).name,
            is_lot=ident in self.lots,
            is_source=ident in self.sources,
            place=where.place,
            place_name=where.place_name,
            holder=where.holder,
            holder_name=where.holder_name,
            inside=self.uris[state.inside] if state.inside else "",
            fate=fate,
            seen_at=state.at,
            quantity=quantity,
            uom=uom,
            is_away=state.is_away or self._is_made_away(ident),
        )

    def _is_made_away(self, ident: int) -> bool:
        """Whether events use a lot, and those that made it may be in an archive."""
        amount = self.amounts.get(ident)
        return (
            not self.is_all_here
            and amount is not None
            and amount.made is None
            and amount.used is not None
        )

    def _kind(self, ident: int) -> str:
        """The link of its kind of goods; of a parcel, that of what is inside."""
        inside = self.parcels.inside.get(ident)
        key = self.keys[inside[0].lot if inside else ident]
        return _product(key) if key else ""

    def _left(self, ident: int) -> tuple[bool, float | None, str]:
        """Whether nothing is left of it, and how much is."""
        if ident in self.parcels.inside:
            return False, *_together(self.parcels.inside[ident])
        if ident in self.parcels.apart:
            amount = self.amounts.get(ident)
            return False, self.parcels.rest_of(ident), (amount.uom if amount else None) or ""
        if ident not in self.lots:
            return ident in self.used, None, ""
        amount = self.amounts.get(ident)
        if amount is None or self._is_made_away(ident):
            return False, None, ""
        if amount.made is None or amount.used is None:
            # Without knowing how much there was, what was used of a lot may be all of it.
            return amount.used is not None and amount.made is None, amount.made, amount.uom or ""
        left = amount.made - amount.used
        if left <= amount.made * _NOTHING_LEFT:
            return True, 0.0, amount.uom or ""
        return False, left, amount.uom or ""


class _Parcels:
    """Lots of which several pallets and boxes hold some, and how much of each is in which.

    A lot that is inside one thing whole goes wherever that goes, and has no parcels.
    """

    def __init__(self, idents: list[int]) -> None:
        self.uris = tracing.uris_of(set(idents))
        self.keys = {ident: read(self.uris[ident]) for ident in idents}
        self.lots = {ident for ident, key in self.keys.items() if key and key.is_class}
        self.amounts = affected.amounts(self.lots)
        packed = affected.packed(self.lots, most=CAPS.things) if self.lots else []
        self.truncated = len(packed) > CAPS.things
        self.of_lot: dict[int, list[Packed]] = {}
        for one in packed[: CAPS.things]:
            self.of_lot.setdefault(one.lot, []).append(one)
        self.apart = {lot for lot, parts in self.of_lot.items() if self._is_apart(lot, parts)}
        told = set(idents)
        self.inside: dict[int, list[Packed]] = {}
        for lot in sorted(self.apart):
            for one in self.of_lot[lot]:
                if one.parent not in told:
                    self.inside.setdefault(one.parent, []).append(one)

    def _is_apart(self, lot: int, parts: list[Packed]) -> bool:
        """In several things, or in one that may hold less than there is."""
        if len(parts) > 1:
            return True
        if lot not in self.amounts or parts[0].quantity is None:
            return False
        return self.rest_of(lot, parts) != 0.0

    def rest_of(self, lot: int, parts: list[Packed] | None = None) -> float | None:
        """How much is in none of its parcels; None where it cannot be known, never below zero."""
        amount = self.amounts.get(lot, Amount(None, None, None))
        if amount.made is None:
            return None
        left = amount.made - (amount.used or 0.0)
        for one in self.of_lot[lot] if parts is None else parts:
            if one.quantity is None or one.uom != amount.uom:
                return None
            left -= one.quantity
        return left if left > amount.made * _NOTHING_LEFT else 0.0


def _together(parts: list[Packed]) -> tuple[float | None, str]:
    """How much is in one parcel; of several lots, what they make up where one unit is told."""
    quantities = [one.quantity for one in parts if one.quantity is not None]
    units = {one.uom or "" for one in parts}
    if len(quantities) < len(parts) or len(units) > 1:
        return None, ""
    return sum(quantities), units.pop()


def _situation(state: LastSeen) -> tuple[int | None, ...]:
    return state.event_id, state.place, state.step, state.disposition, state.captured_by


def _idents_in(state: LastSeen) -> set[int]:
    return {ident for ident in (state.place, state.step, state.disposition) if ident is not None}


def _product(key: Key) -> str:
    return _link_of_product(key.gtin) if key.gtin and key.ai == "01" else ""


@lru_cache(maxsize=1024)
def _link_of_product(gtin: str) -> str:
    return Key("01", gtin).link


def _named(party: str, parties: Mapping[str, Known]) -> str:
    if not party:
        return ""
    known = parties.get(party)
    return (known.name if known else "") or master.shown(party)


def _destination(event: Mapping[str, Any]) -> tuple[str, str]:
    place = party = ""
    for one in event.get("destinationList") or ():
        kind = web_uri(str(one.get("type", "")), Vocabulary.SOURCE_DESTINATION).rpartition("-")[2]
        if kind == "location":
            place = canonical(str(one["destination"]))
        elif kind == "possessing_party" or (kind == "owning_party" and not party):
            party = canonical(str(one["destination"]))
    return place, party
