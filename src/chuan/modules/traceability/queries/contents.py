"""What is inside a logistic unit now, as whoever stands before it may read.

Names and lots are told; how much only where it was packed at a place that wants to be shown: numbers of
pallets follow each other, and whoever tries them all must not learn what a business ships. Whose it was and
where it goes is never told. Names are those of the register, not what strangers wrote in documents.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chuan.modules.traceability.engine.keys import ROOT, Key, read
from chuan.modules.traceability.models import Product
from chuan.modules.traceability.queries.recalled import recalls_of
from chuan.modules.traceability.queries.steps import places_of, where_told
from chuan.modules.traceability.queries.warnings import SafetyWarning, warnings_for
from chuan.modules.traceability.store import tracing

# Boxes on a pallet, packs in a box: deeper ones, and more things, are told as cut short.
_DEEPEST = 5
MOST_THINGS = 2_000
# Of a product without lot, each is asked by itself.
_MOST_BARE = 20


@dataclass(frozen=True, slots=True)
class Goods:
    """Goods of one lot, or of a product whose lot is not told, inside something.

    `quantity` in `uom`, or in pieces where that is empty; None where it was not said or is not for
    everybody.
    """

    path: str
    name: str
    gtin: str
    lot: str
    quantity: float | None
    uom: str
    is_recalled: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """`links` are canonical, of all that is inside: lots, single things, boxes, products."""

    goods: Sequence[Goods] = ()
    links: Sequence[str] = ()
    is_cut: bool = False


def contents_of(link: str) -> Contents:
    """All that is inside now, whatever it is packed in."""
    start = tracing.idents_of([link])
    found: list[tracing.Content] = []
    frontier, seen = set(start.values()), set(start.values())
    is_cut = False
    for _level in range(_DEEPEST):
        rows = tracing.contents(frontier, most=MOST_THINGS - len(found)) if frontier else []
        is_cut = len(rows) > MOST_THINGS - len(found)
        found += rows[: MOST_THINGS - len(found)]
        frontier = {row.child for row in rows} - seen
        seen |= frontier
        if is_cut:
            break
    else:
        is_cut = bool(frontier and tracing.contents(frontier, most=0))
    return _told(found, is_cut=is_cut) if found else Contents()


def holds_recalled(link: str) -> bool:
    """Whether anything inside is being recalled."""
    return bool(recalls_of(contents_of(link).links))


def warnings_about(levels: Sequence[str], inside: Contents) -> list[SafetyWarning]:
    """What is wrong with something, or with anything inside it.

    :param levels: canonical links, the finest first, as of whoever scans it.
    """
    found = warnings_for([*levels, *inside.links])
    bare = [one for one in inside.links if (key := read(one)) and _is_bare(key)]
    for product in bare[:_MOST_BARE]:
        found += [one for one in warnings_for([product]) if one not in found]
    return found


def _told(rows: Collection[tracing.Content], *, is_cut: bool) -> Contents:
    children = {row.child for row in rows}
    members = tracing.StoredChain().lots_of(children, most=MOST_THINGS)
    lots = {one.item: one.lot for one in members}
    uris = tracing.uris_of(children | set(lots.values()))
    shown = _packed_in_public({row.event for row in rows})
    amounts: dict[tuple[str, str], float | None] = {}
    among: dict[str, set[str]] = {}
    for row in rows:
        key = read(uris[row.child])
        if key is None or key.ai != "01":
            continue
        uri = uris[lots.get(row.child, row.child)]
        kind = uri if key.is_class or row.child in lots else Key("01", key.value).link
        amount = row.quantity if key.is_class else 1.0
        if row.event not in shown:
            amount = None
        among.setdefault(kind, set()).add(uris[row.child])
        at = kind, row.uom or ""
        before = amounts.get(at, 0.0)
        amounts[at] = None if amount is None or before is None else before + amount
    recalled = recalls_of([*uris.values(), *among])
    names = _names(among)
    goods = []
    for (uri, uom), quantity in amounts.items():
        key = read(uri)
        assert key is not None  # noqa: S101 - read above
        goods.append(
            Goods(
                path=uri.removeprefix(ROOT),
                name=names.get(key.value, ""),
                gtin=key.value,
                lot=key.qualifier if key.qualifier_ai == "10" else "",
                quantity=quantity,
                uom=uom,
                is_recalled=not recalled.keys().isdisjoint({uri, *among[uri]}),
            )
        )
    goods.sort(key=lambda one: (not one.is_recalled, one.name, one.lot, one.uom))
    return Contents(goods, sorted({*uris.values(), *among}), is_cut)


def _packed_in_public(event_ids: Collection[int]) -> set[int]:
    """Packing events at places that want to be shown."""
    told = {row.event_id: json.loads(row.body) for row in tracing.events_of(event_ids)}
    places = places_of(list(told.values()))
    return {
        event_id
        for event_id, event in told.items()
        if (place := places.get(where_told(event))) and place.is_public
    }


def _is_bare(key: Key) -> bool:
    return key.ai == "01" and not key.qualifier_ai


def _names(uris: Collection[str]) -> dict[str, str]:
    gtins = {key.value for uri in uris if (key := read(uri))}
    rows = Product.objects.filter(gtin__in=gtins, is_confirmed=True)
    return dict(rows.values_list("gtin", "name"))
