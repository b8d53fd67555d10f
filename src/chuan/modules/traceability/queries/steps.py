"""The chain as citizens read it: what happened, where, on which day, and nothing else.

Of events only the step, the day and places that are public are shown: who sold to whom, how much and
under which papers stays with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuan.modules.traceability.engine.facts import PACKING
from chuan.modules.traceability.engine.keys import ROOT, canonical, read
from chuan.modules.traceability.engine.values import instant
from chuan.modules.traceability.engine.vocabulary import Vocabulary, web_uri
from chuan.modules.traceability.engine.walk import Caps, Direction, Mode
from chuan.modules.traceability.models import Place
from chuan.modules.traceability.queries.trace import Traced, trace
from chuan.modules.traceability.titles import icon_of_step, title_of_step

# How far a page looks: deeper chains end with a word that there is more.
_CAPS = Caps(depth=12, things=400)
MOST_STEPS = 40

_OF_ORIGIN: dict[str, tuple[Promise, str]] = {
    Place.Kind.FARM: (_("Thu hoạch"), "leaf"),
    Place.Kind.BOAT: (_("Đánh bắt"), "leaf"),
}
_MADE = (_("Chế biến, đóng gói"), "building-factory-2")
_PILED = (_("Xếp kiện"), "package")
_UNIT = f"{ROOT}00/"
_BIRTH = ("commissioning", "creating_class_instance")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain; `count` events of one kind, place and day are one step."""

    title: Promise
    icon: str
    day: date
    place: str
    address: str
    party: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Story:
    """The steps, the newest first; `is_cut`: there are more; when the thing was made and until
    when it is good, as events tell."""

    steps: list[Step]
    is_cut: bool
    made_on: date | None
    expires_on: date | None
    lot: str


def story_of(levels: Iterable[str]) -> Story:
    """What events tell of a thing and of what it came from, from the finest level that is in any."""
    wanted = list(levels)
    level, found = _finest(wanted)
    events = [json.loads(row.body) for row in found.events] if found else []
    if found and level.startswith(_UNIT):
        units = _units_of(level, found)
        events = [event for event in events if not _is_of_others(event, units)]
    is_cut = found is not None and found.truncated
    # What is told of a kind as a whole says nothing of the day one lot of it was made.
    is_of_all = len(wanted) > 1 and level == wanted[-1]
    made_on, expires_on, lot = (None, None, "") if is_of_all else _dates(events, level)
    places = places_of(events)
    counts: dict[tuple[Any, ...], int] = {}
    kept: dict[tuple[Any, ...], Step] = {}
    for event in sorted(events, key=lambda one: _moment(one), reverse=True):
        step = _step(event, places)
        key = (step.title, step.day, step.place)
        counts[key] = counts.get(key, 0) + 1
        kept.setdefault(key, step)
    shown = [replace(step, count=counts[key]) for key, step in kept.items()]
    return Story(shown[:MOST_STEPS], is_cut or len(shown) > MOST_STEPS, made_on, expires_on, lot)


def _finest(levels: list[str]) -> tuple[str, Traced | None]:
    """The first level that is in events, with what it came from: coarser ones tell of other goods."""
    for level in levels:
        found = trace(level, direction=Direction.UPSTREAM, mode=Mode.STRICT, since=None, caps=_CAPS)
        if found is not None:
            return level, found
    return "", None


def _units_of(unit: str, found: Traced) -> set[str]:
    """The pallets and boxes that carried something that is in this one, it among them: of a lot told by
    quantity the rest went elsewhere, and where is not its story."""
    units = {unit}
    reached = 0
    while reached < len(units):
        reached = len(units)
        for source, target, how in found.links:
            if (how == "inside" and (source in units or _is_single(source))) or (
                how == "contains" and source in units and target.startswith(_UNIT)
            ):
                units.add(target)
    return units


def _is_single(uri: str) -> bool:
    key = read(uri)
    return key is not None and not key.is_class and key.ai != "00"


def _is_of_others(event: dict[str, Any], units: set[str]) -> bool:
    """Whether it tells of pallets and boxes, and of none of these."""
    told = [event.get("parentID") or "", *event.get("epcList", ()), *event.get("childEPCs", ())]
    named = {uri for one in told if (uri := canonical(one)).startswith(_UNIT)}
    return bool(named) and named.isdisjoint(units)


def _moment(event: dict[str, Any]) -> datetime:
    happened = instant(event["eventTime"])
    assert happened is not None  # noqa: S101 - the validator saw it
    return happened


def _step(event: dict[str, Any], places: dict[str, Place]) -> Step:
    place = places.get(where_told(event))
    title, icon = _kind(event, place)
    day = timezone.localdate(_moment(event))
    if place is None or not place.is_public:
        return Step(title, icon, day, "", "", "")
    return Step(title, icon, day, place.name, place.address, place.party.name)


def _kind(event: dict[str, Any], place: Place | None) -> tuple[Promise, str]:
    step = _bare(event.get("bizStep"))
    if event["type"] == "TransformationEvent":
        return _MADE
    if step in _BIRTH and place is not None and place.kind in _OF_ORIGIN:
        return _OF_ORIGIN[place.kind]
    if event["type"] in PACKING and step in ("", "packing", "unpacking"):
        if event.get("action") != "DELETE":
            return _PILED
        step = "unpacking"
    return title_of_step(step), icon_of_step(step)


def _bare(word: str | None) -> str:
    if not word:
        return ""
    return web_uri(word, Vocabulary.BIZ_STEP).rpartition("-")[2]


def where_told(event: dict[str, Any]) -> str:
    told = event.get("bizLocation") or event.get("readPoint") or {}
    return canonical(told.get("id", ""))


def places_of(events: list[dict[str, Any]]) -> dict[str, Place]:
    """The registered places of these events, by what they say, in one question."""
    wanted = {where_told(event) for event in events} - {""}
    glns, codes = set(), set()
    for uri in wanted:
        if uri.startswith(f"{ROOT}414/"):
            glns.add(uri.removeprefix(f"{ROOT}414/").partition("/")[0])
        elif uri.startswith("urn:uuid:"):
            codes.add(uri.removeprefix("urn:uuid:"))
    rows = Place.objects.filter(Q(gln__in=glns) | Q(code__in=codes)).select_related("party")
    by_uri = {uri: row for row in rows for uri in row.uris}
    # An extension names a door of the same place.
    return {uri: row for uri in wanted if (row := by_uri.get(uri.partition("/254/")[0]))}


def _dates(events: list[dict[str, Any]], level: str) -> tuple[date | None, date | None, str]:
    """When the thing was made, until when it is good, its lot: from the event it began in."""
    made_on = expires_on = None
    lot = ""
    for event in events:
        if not _begins_in(event, level):
            continue
        made_on = timezone.localdate(_moment(event))
        for name, value in (event.get("ilmd") or {}).items():
            bare = name.rpartition(":")[2]
            if bare in ("itemExpirationDate", "bestBeforeDate") and isinstance(value, str):
                expires_on = _day(value) or expires_on
            elif bare == "lotNumber" and isinstance(value, str):
                lot = value
    return made_on, expires_on, lot


def _begins_in(event: dict[str, Any], level: str) -> bool:
    if event["type"] == "TransformationEvent":
        names = ("outputEPCList", "outputQuantityList")
    elif event["type"] == "ObjectEvent" and event.get("action") == "ADD":
        names = ("epcList", "quantityList")
    else:
        return False
    for name in names:
        for one in event.get(name) or ():
            uri = one["epcClass"] if isinstance(one, dict) else one
            if canonical(uri) == level:
                return True
    return False


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
