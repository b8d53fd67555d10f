"""Identifiers of an event in the writing a client asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from chuan.modules.traceability.engine.keys import as_urn, canonical
from chuan.modules.traceability.engine.model import FIELDS, TYPED_LISTS, Event, Kind

_LINKS = ("parentID", "transformationID")
# What a client may ask for: GS1-EPC-Format.
EPC_WRITERS: Final[Mapping[str, Callable[[str], str] | None]] = {
    "No_Preference": None,
    "Always_GS1_Digital_Link": canonical,
    "Always_EPC_URN": as_urn,
    "Never_Translates": None,
}


def in_form(event: Event, form: str) -> Event:
    """The event with its identifiers as a client asked for them."""
    write = EPC_WRITERS[form]
    return rewritten(event, write) if write else event


def rewritten(event: Event, write: Callable[[str], str]) -> Event:
    """The event with every identifier of a thing, place, party or document rewritten."""
    fields = FIELDS.get(event["type"], {})
    return {name: _field(name, fields.get(name), value, write) for name, value in event.items()}


def _field(name: str, kind: Kind | None, value: Any, write: Callable[[str], str]) -> Any:
    if name in _LINKS:
        return write(value)
    if kind is Kind.EPCS:
        return [write(epc) for epc in value]
    if kind is Kind.QUANTITIES:
        return [{**one, "epcClass": write(one["epcClass"])} for one in value]
    if kind is Kind.POINT:
        return {**value, "id": write(value["id"])}
    if kind is Kind.TYPED:
        element = TYPED_LISTS[name][0]
        return [{**one, element: write(one[element])} for one in value]
    return value
