"""How much of what is traced went where."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from chuan.modules.traceability.engine.balance import Balance, Making, Told, balances
from chuan.modules.traceability.engine.facts import Part, Role, parts_of
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.walk import Direction
from chuan.modules.traceability.store import tracing
from chuan.modules.traceability.store.reading import Row
from chuan.modules.traceability.store.sight import Sight

_MADE = (Role.OUTPUT, Role.OUTPUT_CLASS, Role.INPUT, Role.INPUT_CLASS)
_THINGS = (Role.THING, Role.THING_CLASS)


def balance_of(
    start: str,
    followed: Mapping[int, str],
    *,
    direction: Direction,
    sight: Sight | None,
    most: int,
) -> tuple[list[Balance], bool]:
    """What the events that are seen say of quantities, and whether they are more than `most`: then
    nothing is known of any."""
    chain = tracing.StoredChain(sight)
    rows = chain.appearances(followed, roles=(*_MADE, *_THINGS), most=most, fanout=1)
    if len(rows) > most:
        return [Balance(uri, None, None, None, None) for uri in sorted(followed.values())], True
    told = _told(
        tracing.events_of({row.event for row in rows}, recorded=chain.recorded),
        set(followed.values()),
    )
    members = chain.lots_of(followed, most=most)
    for member in members:
        if member.lot in followed:
            told.lots.setdefault(followed[member.item], set()).add(followed[member.lot])
    reckoned = balances(start, followed.values(), told, direction=direction)
    return list(reckoned), len(members) > most


def _told(rows: Collection[Row], followed: set[str]) -> Told:
    told = Told()
    together: dict[str, Making] = {}
    for row in rows:
        event: dict[str, Any] = json.loads(row.body)
        parts = parts_of(event)
        for part in parts:
            if part.uri in followed and part.quantity is not None:
                told.units.setdefault(part.uri, part.uom)
        if event["type"] == "TransformationEvent":
            _made(event, parts, told, together)
        elif event["type"] == "ObjectEvent" and event.get("action") == "ADD":
            for part in parts:
                if part.role in _THINGS:
                    told.begin(part)
    return told


def _made(
    event: Mapping[str, Any], parts: list[Part], told: Told, together: dict[str, Making]
) -> None:
    """A transformation that is told in several events is one."""
    name = event.get("transformationID")
    making = together.get(canonical(name)) if name else None
    if making is None:
        making = Making()
        told.makings.append(making)
        if name:
            together[canonical(name)] = making
    making.take(parts)
