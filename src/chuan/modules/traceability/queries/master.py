"""Names and addresses of places, parties and products, as somebody told them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.db.models import Q, QuerySet

from chuan.modules.traceability.engine.keys import canonical, read
from chuan.modules.traceability.enums import MasterKind
from chuan.modules.traceability.models import MasterRecord, Party, Place, Product

_DEEPEST = 20
# Places that one question asks about at once.
MOST_WITHIN = 10_000
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one place, party or product; `uri` is how it is called now."""

    uri: str
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        for attribute in ("name", "descriptionShort", "additionalPartyName"):
            told = self.attributes.get(attribute)
            if isinstance(told, str) and told:
                return told
        return ""

    @property
    def country(self) -> str:
        return str(self.attributes.get("countryCode") or self.attributes.get("country") or "")

    @property
    def owner(self) -> str:
        for attribute in ("possessing_party", "owning_party", "party"):
            told = self.attributes.get(attribute)
            if isinstance(told, str) and told:
                return canonical(told)
        return ""

    @property
    def coordinates(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees."""
        try:
            found = float(self.attributes["latitude"]), float(self.attributes["longitude"])
        except (KeyError, TypeError, ValueError):
            return None
        return found if abs(found[0]) <= 90 and abs(found[1]) <= 180 else None


def known(uris: Collection[str], kind: MasterKind) -> dict[str, Known]:
    """What the register of the department says of each, else what was told first; of whom nobody
    told anything is left out."""
    rows = (
        MasterRecord.objects.filter(uri__in=set(uris), kind=kind)
        .order_by("uri", "first_told_at", "pk")
        .distinct("uri")
    )
    told = {row.uri: Known(row.uri, row.attributes) for row in rows}
    return {**told, **_registered(set(uris), kind)}


def _registered(uris: set[str], kind: MasterKind) -> dict[str, Known]:
    """What stands in the register of parties, places and products."""
    if kind is MasterKind.PRODUCT:
        products = Product.objects.filter(gtin__in=_numbers(uris, "01"), is_confirmed=True)
        return {row.uri: Known(row.uri, {"name": row.name}) for row in products}
    if kind is MasterKind.PARTY:
        parties = Party.objects.filter(_by_uri(uris, "417"))
        # A party that has a GLN by now is known by it, whatever it was called when goods came to it.
        return {
            uri: Known(row.uri, {"name": row.name}) for row in parties for uri in row.uris & uris
        }
    places = Place.objects.filter(_by_uri(uris, "414")).select_related("party")
    return {
        uri: Known(
            uri,
            {
                "name": row.name,
                "owning_party": row.party.uri,
                "latitude": row.latitude,
                "longitude": row.longitude,
            },
        )
        for row in places
        for uri in row.uris & uris
    }


def _by_uri(uris: set[str], ai: str) -> Q:
    codes = [uri.removeprefix("urn:uuid:") for uri in uris if _UUID.fullmatch(uri)]
    return Q(gln__in=_numbers(uris, ai)) | Q(code__in=codes)


def _numbers(uris: set[str], ai: str) -> list[str]:
    keys = [read(uri) for uri in uris]
    return [key.value for key in keys if key and key.ai == ai and not key.qualifier_ai]


def owners_of(places: Collection[str]) -> dict[str, str]:
    """The party that named each place among its own."""
    wanted = list(set(places))
    rows = MasterRecord.objects.filter(kind=MasterKind.PARTY, children__overlap=wanted).order_by(
        "-first_told_at", "-pk"
    )
    owners: dict[str, str] = {}
    for row in rows:
        owners.update({child: row.uri for child in row.children if child in wanted})
    return owners


def names_of(uris: Collection[str]) -> dict[str, str]:
    """What places, parties and products are called, whatever each is."""
    rows = (
        MasterRecord.objects.filter(uri__in=set(uris))
        .order_by("uri", "first_told_at", "pk")
        .values_list("uri", "attributes")
    )
    names: dict[str, str] = {}
    for kind in MasterKind:
        names.update({uri: told.name for uri, told in _registered(set(uris), kind).items()})
    for uri, attributes in rows:
        name = Known(uri, attributes).name
        if name:
            names.setdefault(uri, name)
    return names


def organisations_of(parties: Collection[str]) -> dict[str, set[int]]:
    """Bodies whose people have accounts here and act for each of the parties."""
    found: dict[str, set[int]] = {party: set() for party in parties}
    for row in parties_called(parties):
        if row.organisation_id is not None:
            for uri in row.uris & found.keys():
                found[uri].add(row.organisation_id)
    return found


def parties_called(uris: Collection[str]) -> QuerySet[Party]:
    """Registered parties, by their canonical links."""
    return Party.objects.filter(_by_uri(set(uris), "417"))


def within(places: Collection[str]) -> set[str]:
    """The places, and all that is said to be inside them (`WD_` of EPCIS 2.0, section 8.2.7.1)."""
    found = {canonical(place) for place in places}
    frontier = set(found)
    for _level in range(_DEEPEST):
        rows = MasterRecord.objects.filter(kind=MasterKind.PLACE, uri__in=frontier)
        frontier = {child for row in rows for child in row.children} - found
        if not frontier:
            break
        found |= set(sorted(frontier)[: MOST_WITHIN - len(found)])
        if len(found) >= MOST_WITHIN:
            break
    return found


def shown(uri: str) -> str:
    """An identifier as people read it on a label: (01)08934567123457 (10)L1."""
    if uri.endswith("/*"):
        return f"{shown(uri[:-2])} *"
    key = read(uri)
    if key is None:
        return uri
    text = f"({key.ai}) {key.value}"
    return f"{text} ({key.qualifier_ai}) {key.qualifier}" if key.qualifier_ai else text


def quoted(uri: str) -> str:
    """An identifier as part of a query."""
    return quote(uri, safe="")
