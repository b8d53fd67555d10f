"""What a key sees: the one thing every answer to a machine begins with."""

from __future__ import annotations

from chuan.modules.traceability.models import AccessKey, Place
from chuan.modules.traceability.queries.keys import parties_of
from chuan.modules.traceability.queries.telling import teller_of
from chuan.modules.traceability.store.sight import Sight, names_in


def sight_of(key: AccessKey) -> Sight | None:
    """What the holder of a key sees (`rules/sight.py` says why); None sees everything.

    Whoever reads events for a machine hands this on: `queries.events.page`, `queries.trace.trace`,
    `store.reading`.
    """
    parties = parties_of(key)
    if parties is None:
        return None
    places = list(Place.objects.filter(party__in=parties))
    names = {uri for one in parties for uri in one.uris} | {
        uri for place in places for uri in place.uris
    }
    if key.is_nobodys:
        names.add(teller_of(key) or "")
    glns = {row.gln for row in parties} | {row.gln for row in places if row.is_confirmed}
    prefixes = {row.company_prefix for row in parties}
    return names_in(names, glns - {""}, prefixes - {""})
