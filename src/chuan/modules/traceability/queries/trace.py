"""Tracing: what a thing came from, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chuan.modules.traceability.engine.balance import Balance
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.walk import Caps, Direction, Mode, walk
from chuan.modules.traceability.queries.balance import balance_of
from chuan.modules.traceability.store import tracing
from chuan.modules.traceability.store.reading import Row
from chuan.modules.traceability.store.sight import Sight


@dataclass(frozen=True, slots=True)
class Traced:
    """The found things and their links as canonical URIs, and the events in the order they
    happened. `truncated`: there is more than was asked for."""

    things: list[str]
    links: list[tuple[str, str, str]]
    events: list[Row]
    depth: int
    truncated: bool
    # Where it was asked for: how much of each followed thing went where.
    quantities: list[Balance] | None = None


def trace(
    uri: str,
    *,
    direction: Direction,
    mode: Mode,
    since: datetime | None,
    caps: Caps | None = None,
    sight: Sight | None = None,
    quantities: bool = False,
) -> Traced | None:
    """Follow one thing or lot; None when it was in no event.

    :param sight: through whose eyes; what is not seen is not there. None sees everything.
    :param since: upstream the last instant that counts, downstream the first.
    """
    caps = caps or Caps()
    known = tracing.idents_of([canonical(uri)])
    if not known:
        return None
    chain = tracing.StoredChain(sight)
    found = walk(
        dict.fromkeys(known.values(), since),
        chain,
        direction=direction,
        mode=mode,
        caps=caps,
    )
    if not found.events:
        return None
    uris = tracing.uris_of(found.things | {end for link in found.links for end in link[:2]})
    reckoned, is_cut = None, False
    if quantities:
        reckoned, is_cut = balance_of(
            canonical(uri),
            {ident: uris[ident] for ident in found.followed},
            direction=direction,
            sight=sight,
            most=caps.events,
        )
    events = tracing.events_of(sorted(found.events)[: caps.events], recorded=chain.recorded)
    return Traced(
        things=sorted(uris[thing] for thing in found.things),
        links=sorted((uris[link.source], uris[link.target], link.how) for link in found.links),
        events=events,
        depth=found.depth,
        truncated=(
            found.truncated or found.links_truncated or is_cut or len(found.events) > caps.events
        ),
        quantities=reckoned,
    )
