"""What is not a party's to tell, found before it is stored (`rules/sight.py` says what that is)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chuan.lib.rules import Denied
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.documents import Fault
from chuan.modules.traceability.engine.facts import Facts
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.queries.archive import here_since
from chuan.modules.traceability.queries.keys import parties_of
from chuan.modules.traceability.queries.numbers import Owned
from chuan.modules.traceability.store.sight import tellers_of


def teller_of(key: AccessKey) -> str | None:
    """Who is noted to have told an event of this key: the party, by what it is called whatever
    numbers it gets later; the key itself, where it is nobody's; no one for authorities."""
    if key.party is not None:
        return f"urn:uuid:{key.party.code}"
    return f"urn:chuan:key:{key.pk}" if key.is_nobodys else None


def objections(
    key: AccessKey, events: Sequence[Facts], *, together: bool = True
) -> dict[int, Fault]:
    """What speaks against events from this key, by their place in the list.

    :param together: one document tells them: it may declare wrong what it tells itself.
    """
    parties = parties_of(key)
    if parties is None:
        return {}
    owned = Owned(parties, {name for one in events for name in one.names})
    others = owned.of_others({uri for one in events for uri in one.places if uri})
    faults = {}
    for at, one in enumerate(events):
        here = others.intersection(uri for uri in one.places if uri)
        try:
            rules.tell_of_places.require(key, here, any(map(owned.has, one.names)))
        except Denied as denied:
            faults[at] = Fault(None, "$.readPoint, $.bizLocation", min(here), str(denied))
    new = {one.eid for one in events if together and not one.declares}
    return faults | declared_of_others(key, events, here=new)


def declared_of_others(
    key: AccessKey, events: Sequence[Facts], *, here: Collection[bytes]
) -> dict[int, Fault]:
    """Declarations about events that are not this key's to take back.

    :param here: events that come with them and are new.
    """
    declared = {one.declares for one in events if one.declares}
    if not declared or key.sees_everything:
        return {}
    told = tellers_of(declared)
    keys = AccessKey.objects.in_bulk({pk for pk in told.values() if pk is not None})
    since = here_since()
    faults = {}
    for at, one in enumerate(events):
        if not one.declares:
            continue
        is_new = one.declares in here and one.declares not in told
        teller = key if is_new else keys.get(told.get(one.declares) or 0)
        try:
            rules.declare_wrong.require(key, teller, here_since=since)
        except Denied as denied:
            faults[at] = Fault(None, "$.errorDeclaration", one.event_uri, str(denied))
    return faults
