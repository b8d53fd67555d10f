"""Names and addresses of places, parties and products, as somebody told them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from chuan.modules.traceability.engine.keys import canonical, read
from chuan.modules.traceability.enums import MasterKind
from chuan.modules.traceability.models import MasterRecord

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one place, party or product."""

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
    """What was told first of each; of whom nobody told anything is left out."""
    rows = (
        MasterRecord.objects.filter(uri__in=set(uris), kind=kind)
        .order_by("uri", "first_told_at", "pk")
        .distinct("uri")
    )
    return {row.uri: Known(row.uri, row.attributes) for row in rows}


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
    for uri, attributes in rows:
        name = Known(uri, attributes).name
        if name:
            names.setdefault(uri, name)
    return names


def within(places: Collection[str]) -> set[str]:
    """The places, and all that is said to be inside them (`WD_` of EPCIS 2.0, section 8.2.7.1)."""
    found = {canonical(place) for place in places}
    frontier = set(found)
    for _level in range(_DEEPEST):
        rows = MasterRecord.objects.filter(kind=MasterKind.PLACE, uri__in=frontier)
        frontier = {child for row in rows for child in row.children} - found
        if not frontier:
            break
        found |= frontier
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
